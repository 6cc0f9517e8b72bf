"""Environment variables that turn a protection off, or change what programs load and from where packages come."""

from __future__ import annotations

import re

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.finding import Name, Reporter

CERTIFICATE = (
    "the server's certificate is not checked, so that anybody may answer; give the certificate authority's file"
)
_SOURCE = "packages are taken without a check of where they come from; leave the check on"
_OFF = r"^(?:0|false|no|off|none)$"
_ON = r"^(?:1|true|yes|on|\*|.*\*.*)$"

#: Environment variables that turn a protection off: the value that does, what is reported.
_VARIABLES: dict[str, tuple[str, Name, str]] = {
    "NODE_TLS_REJECT_UNAUTHORIZED": (_OFF, "syntax", CERTIFICATE),
    "GIT_SSL_NO_VERIFY": (_ON, "syntax", CERTIFICATE),
    "PYTHONHTTPSVERIFY": (_OFF, "syntax", CERTIFICATE),
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
_SEARCHED = frozenset({"LD_LIBRARY_PATH", "PYTHONPATH", "NODE_PATH", "PERL5LIB", "RUBYLIB", "PATH"})
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


#: Environment variables that programs set from within.
SET_FROM_WITHIN = (
    *_VARIABLES,
    *(x for n in sorted(_INDEXES | _TRUSTED) for x in (n, n.upper())),
    *sorted(_SEARCHED | _STARTED),
)
