"""Protections of connections that a program turns off: certificates of servers, checksums of packages."""

from __future__ import annotations

import re

from loopwright.core.rules import Level
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.finding import Name, Reporter
from loopwright.guard.checks.safety.flow.called import Called, option_of
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value

_CERTIFICATE = (
    "the server's certificate is not checked, so that anybody may answer; give the certificate authority's file"
)
_SOURCE = "packages are taken without a check of where they come from; leave the check on"
_OFF = r"^(?:0|false|no|off|none)$"
_ON = r"^(?:1|true|yes|on|\*|.*\*.*)$"

#: Environment variables that turn a protection off: the value that does, what is reported.
_VARIABLES: dict[str, tuple[str, Name, str]] = {
    "NODE_TLS_REJECT_UNAUTHORIZED": (_OFF, "syntax", _CERTIFICATE),
    "GIT_SSL_NO_VERIFY": (_ON, "syntax", _CERTIFICATE),
    "PYTHONHTTPSVERIFY": (_OFF, "syntax", _CERTIFICATE),
    "GOINSECURE": (_ON, "imports", _SOURCE),
    "GONOSUMDB": (r"^\*$", "imports", _SOURCE),
    "GONOSUMCHECK": (_ON, "imports", _SOURCE),
    "GOFLAGS": (r"-insecure", "imports", _SOURCE),
    "GOSUMDB": (_OFF, "imports", _SOURCE),
    "NPM_CONFIG_STRICT_SSL": (_OFF, "imports", _SOURCE),
    "npm_config_strict_ssl": (_OFF, "imports", _SOURCE),
    "YARN_ENABLE_STRICT_SSL": (_OFF, "imports", _SOURCE),
    "BUNDLE_SSL_VERIFY_MODE": (r"^0$", "imports", _SOURCE),
}


#: Variables that say where package managers look.
_INDEXES = frozenset(
    {"pip_index_url", "pip_extra_index_url", "goproxy", "npm_config_registry", "uv_index_url", "uv_default_index",
     "pip_find_links", "yarn_registry"}
)  # fmt: skip
#: Variables that name hosts of packages whose certificate is not asked for.
_TRUSTED = frozenset({"pip_trusted_host", "uv_insecure_host"})


def _judge_source(report: Reporter, name: str, value: str, line: int) -> None:
    """Report a variable that takes packages from where nobody vouches for them."""
    if name.lower() in _INDEXES and (places.is_bare(value) or places.is_drop(value)):
        report("imports", "block", line, f"{name} takes packages from {value[:60]}, which nobody vouches for")
    own = not value or places.is_local(value) or re.search(r"pypi|pythonhosted", value)
    if name.lower() in _TRUSTED and not own:
        why = f"packages from {value[:60]} are trusted without a certificate; an https index is fine"
        report("imports", "block", line, why)


#: Variables that say where interpreters look for modules, and commands for programs.
_SEARCHED = frozenset({"PYTHONPATH", "NODE_PATH", "PERL5LIB", "RUBYLIB", "PATH"})
#: Variables that hold options for everything that is started.
_OPTIONS = frozenset({"NODE_OPTIONS", "PERL5OPT", "RUBYOPT", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"})
#: Variables that name a file which runs with everything that is started.
_STARTED = frozenset({"PYTHONSTARTUP", "BASH_ENV", "ENV", "PERL5DB", "PYTHONHOME"})


def _judge_search_path(report: Reporter, name: str, text: str, line: int) -> None:
    """Judge a place that is looked through before the usual ones."""
    first = text.split(":")[0]
    asked = re.search(r"(?:^|\s)(?:--require|-r|--import|--loader|-javaagent:|-agentpath:|-M|-I)[ =]?(/\S+)", text)
    if name in _OPTIONS and asked and places.is_shared(asked[1]):
        why = f"{name} runs {asked[1][:60]} with everything that is started, where anybody may write"
        report("imports", "block", line, f"{why}; a file of the project is fine")
    if (name in _SEARCHED or name in _STARTED) and places.is_shared(first):
        why = f"{name} takes code from {first[:60]}, where anybody may write; a directory of the project is fine"
        report("imports", "block", line, why)


def judge_variable(report: Reporter, name: str, value: str, line: int) -> None:
    """Report an environment variable that turns a protection off, or changes where packages come from."""
    _judge_source(report, name, value, line)
    _judge_search_path(report, name, value, line)
    known = _VARIABLES.get(name)
    if known and re.search(known[0], value.strip(), re.IGNORECASE):
        report(known[1], "block", line, f"{name}={value[:30]}: {known[2]}")


def judge_request(flow: Flow, called: Called, target: str) -> None:
    """`requests.get(url, verify=False)`, `https.request({rejectUnauthorized: false})`."""
    given = called.named.get("verify")
    if given is None:
        given = next((x for a in called.args if a.attrs and (x := a.attrs.get("rejectUnauthorized"))), None)
    if given is not None and given.const is False and not places.is_local(target or "https://unknown.host"):
        flow.report("syntax", "block", called.line, _CERTIFICATE)


def unverified(flow: Flow, called: Called) -> Value | None:
    """`ssl._create_default_https_context = ssl._create_unverified_context`: for the whole program."""
    if "unverified" in called.arg(0).ref:
        flow.report("syntax", "block", called.line, _CERTIFICATE)
    return None


def set_variable(flow: Flow, called: Called) -> Value | None:
    """`process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0"`, `os.environ["GIT_SSL_NO_VERIFY"] = "1"`."""
    value = called.arg(0)
    shown = value.text or (str(value.number) if value.number is not None else "")
    judge_variable(flow.report, called.name.rstrip("="), shown, called.line)
    return None


def set_variables(flow: Flow, called: Called) -> Value | None:
    """`os.environ.update({…})`."""
    for name, value in {**(called.arg(0).attrs or {}), **called.named}.items():
        judge_variable(flow.report, name, value.text, called.line)
    return None


def put_variable(flow: Flow, called: Called) -> Value | None:
    """`os.putenv(name, value)`."""
    judge_variable(flow.report, called.arg(0).text, called.arg(1).text, called.line)
    return None


def agent(flow: Flow, called: Called) -> Value | None:
    """`new https.Agent({rejectUnauthorized: false})`."""
    given = option_of(called, "rejectUnauthorized")
    if given is not None and given.const is False:
        level: Level = "block"
        flow.report("syntax", level, called.line, _CERTIFICATE)
    return Value(None, f"{called.ref}()")


#: Environment variables that programs set from within.
SET_FROM_WITHIN = (
    *_VARIABLES,
    *(x for n in sorted(_INDEXES | _TRUSTED) for x in (n, n.upper())),
    *sorted(_SEARCHED | _STARTED),
)
