"""What secrets look like. Each shape says which words must be near before its pattern is tried."""

from __future__ import annotations

import re
from dataclasses import dataclass

from loopwright.core.expression import expression


@dataclass(frozen=True)
class Shape:
    """One kind of secret: `hints` are lower-case; none present means the pattern cannot match."""

    kind: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    group: int = 0  # what is replaced


def _shape(kind: str, hints: str, pattern: str, group: int = 0) -> Shape:
    return Shape(kind, tuple(hints.split()), expression(pattern), group)


_START = r"(?<![A-Za-z0-9_-])"

#: Published prefixes of tokens: each provider's documentation, and the public rule sets of gitleaks and detect-secrets.
TOKENS = (
    _shape("aws-key", "akia asia abia acca", r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _shape("google-key", "aiza", _START + r"AIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])"),
    _shape("google-token", "ya29. gocspx-", _START + r"(?:ya29\.[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,})"),
    _shape("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", _START + r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    _shape("github-token", "github_pat_", _START + r"github_pat_[A-Za-z0-9_]{22,255}"),
    _shape("gitlab-token", "glpat- gldt- glrt- glcbt-", _START + r"gl(?:pat|dt|rt|cbt)-[A-Za-z0-9_-]{20,}"),
    _shape("anthropic-key", "sk-ant-", _START + r"sk-ant-[A-Za-z0-9_-]{20,}"),
    _shape("openrouter-key", "sk-or-", _START + r"sk-or-[A-Za-z0-9_-]{20,}"),
    _shape("openai-key", "sk-", _START + r"sk-(?:(?:proj|svcacct|admin)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{20,})"),
    _shape("groq-key", "gsk_", _START + r"gsk_[A-Za-z0-9]{40,}"),
    _shape("xai-key", "xai-", _START + r"xai-[A-Za-z0-9]{40,}"),
    _shape("perplexity-key", "pplx-", _START + r"pplx-[A-Za-z0-9]{40,}"),
    _shape("replicate-key", "r8_", _START + r"r8_[A-Za-z0-9]{37,}"),
    _shape("huggingface-token", "hf_", _START + r"hf_[A-Za-z0-9]{30,}"),
    _shape("slack-token", "xox", _START + r"xox[abeoprs]-[A-Za-z0-9-]{10,}"),
    _shape("slack-webhook", "hooks.slack.com", r"hooks\.slack\.com/services/([A-Za-z0-9/_-]{20,})", 1),
    _shape("stripe-key", "k_live_ k_test_ whsec_", _START + r"(?:[srp]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,}"),
    _shape("sendgrid-key", "sg.", _START + r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    _shape("npm-token", "npm_", _START + r"npm_[A-Za-z0-9]{36,}"),
    _shape("pypi-token", "pypi-ag", _START + r"pypi-Ag[A-Za-z0-9_-]{50,}"),
    _shape("digitalocean-token", "_v1_", _START + r"do[opr]_v1_[a-f0-9]{64}"),
    _shape("databricks-token", "dapi", _START + r"dapi[a-f0-9]{32}(?:-\d)?"),
    _shape("shopify-token", "shp", _START + r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    _shape("telegram-token", ":aa", r"(?<![\w:])\d{8,10}:AA[A-Za-z0-9_-]{33}(?![\w-])"),
    _shape(
        "azure-key", "accountkey= sharedaccesskey=", r"(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{40,}={0,2})", 1
    ),
    _shape("vault-token", "hvs. hvb.", _START + r"hv[sb]\.[A-Za-z0-9_-]{24,}"),
    _shape("jwt", "eyj", r"(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
)

#: The password of scheme://user:password@host. Names of variables in braces, $ or angles are not one.
URL_PASSWORD = _shape(
    "password",
    "://",
    r"://[^\s:/@'\"<>]{0,128}:(?![$<{%*\[]|(?i:pass|passwd|password|pwd|secret)@)"
    r"([^\s/@'\"<>{}]{1,256})@(?=[A-Za-z0-9\[.$-])",
    1,
)

#: Authorization headers and bearer tokens.
HEADER = _shape(
    "authorization",
    "authorization bearer",
    r"(?i:\bauthorization[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?:basic|bearer|token|digest)\s+|\bbearer\s+(?=[^\s]{0,200}\d))"
    r"([A-Za-z0-9._~+/=-]{12,})",
    1,
)

_NAME_HINTS = """
password passwd passphrase pwd secret token api_key api-key apikey access_ access- accesskey private_key private-key
privatekey encryption_key encryption-key encryptionkey
"""
_NAMES = r"pass(?:word|wd|phrase)|pwd|secret(?:[_-]?key)?|token|(?:api|access|private|encryption)[_-]?key"

#: A name that is said to hold a secret, at the end of a longer one: `DB_PASSWORD`, `clientSecret`, `api-key`.
SECRET_NAME = expression(rf"(?:{_NAMES})\d{{0,3}}\Z", re.IGNORECASE)

#: name = value, name: value, --name value. What the value must look like is decided in `redact`.
ASSIGNMENT = Shape(
    "password",
    tuple(_NAME_HINTS.split()),
    expression(
        rf"(?P<word>{_NAMES})\d{{0,3}}"
        r"(?P<between>\\?[\"']?\s{0,8}(?:=>|:=|=|:(?!//))\s{0,8}|\s{1,4}(?=[^\s=:]))"
        r"(?P<quote>\\?[\"'`])?(?P<value>[^\s\"'`\\,;&)]{4,4096})",
        re.IGNORECASE,
    ),
)
