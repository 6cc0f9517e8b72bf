"""What names and attributes stand for: aliases, sources of data, what is known of a module's values."""

from __future__ import annotations

import string
from functools import lru_cache

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.loop_body import base_name
from loopwright.guard.checks.safety.flow.tree import Attr, Name
from loopwright.guard.checks.safety.flow.values import Value

_RENAMED = {
    "__builtins__.": "",
    "builtins.": "",
    "__builtin__.": "",
    "six.moves.": "",
    "posix.": "os.",
    "nt.": "os.",
    "posixpath.": "os.path.",
    "ntpath.": "os.path.",
    "cPickle.": "pickle.",
    "_pickle.": "pickle.",
    "urllib2.": "urllib.request.",
    "httplib.": "http.client.",
    "commands.": "subprocess.",
    "urllib.urlopen": "urllib.request.urlopen",
    "os.path.os.": "os.",
    "multiprocess.": "multiprocessing.",
    "_thread.": "threading.",
    "Cryptodome.": "Crypto.",
    "socket.create_connection().": "socket.socket().",
    "urllib.urlretrieve": "urllib.request.urlretrieve",
    "pathlib.PosixPath": "pathlib.Path",
    "pathlib.PurePath": "pathlib.Path",
    "io.open": "open",
    "codecs.open": "open",
    "numpy.": "np.",
    "curl_cffi.requests": "requests",
    "cloudscraper.": "requests.",
    "ruamel.yaml.": "yaml.",
}


@lru_cache(maxsize=8192)
def canonical(ref: str) -> str:
    """Return the one name of a thing that has several."""
    for old, new in _RENAMED.items():
        if ref.startswith(old):
            return canonical(new + ref[len(old) :]) if len(ref) < 200 else ref
    return ref


_REQUEST = expression(r"(?:^|\.)(?:request|%request|%req|bottle\.request|flask\.request)$")


_REQUEST_PARTS = frozenset(
    {
        "args",
        "form",
        "values",
        "json",
        "data",
        "GET",
        "POST",
        "body",
        "params",
        "query_params",
        "query",
        "cookies",
        "files",
        "query_string",
        "match_info",
        "get_json",
        "get_data",
        "FILES",
        "forms",
        "headers",
        "path",
        "view_args",
        "path_params",
        "raw_args",
        "stream",
        "media",
        "bounded_stream",
        "get_param",
    }
)


#: What asks a model for a text, whatever the client was made by.
_MODELS = ("chat.completions", ".messages", ".responses", ".completions", "ChatCompletion", "openai.Completion")


#: What a handler of requests holds of the request.
_HANDLED = frozenset(
    {
        "path",
        "headers",
        "requestline",
        "request",
        "query_string",
        "get_argument",
        "get_query_argument",
        "get_arguments",
        "get_body_argument",
        "get_cookie",
        "get_json_body",
    }
)


def _handles_requests(base: Value) -> bool:
    """True for `self` in a class that handles requests: of `http.server`, `socketserver`, tornado."""
    bases = base.kind.bases if base.kind is not None else []
    return any(isinstance(b, (Name, Attr)) and base_name(b).endswith("RequestHandler") for b in bases)


def attributes(base: Value, name: str) -> Value | None:
    """Return what is known of `base.name` apart from its dotted name; None where nothing is."""
    ref = base.ref
    full = f"{ref}.{name}" if ref else name
    if full == "os.environ":
        return Value(None, "os.environ", v.ENVIRON)
    if ref.endswith(_MODELS) and name == "create":
        return Value(None, "%model")
    if name == "rfile" or (name in _HANDLED and _handles_requests(base)):
        return Value(None, "", v.ASKED)
    if ref in ("os.environ", "%environ") and _OF_A_REQUEST.match(name):
        return Value(None, "", v.ASKED)
    if ref == "os.environ" and name not in _ENVIRON_METHODS:
        from loopwright.guard.checks.safety.calls.sending import variable

        return variable(Value(name))
    if full in _ALPHABETS:
        return Value(_ALPHABETS[full])
    if full in ("sys.maxsize", "sys.maxint"):
        return Value(2**63 - 1, full)
    if full == "sys.executable":
        return Value("python3", full)
    if full in ("sys.argv", "sys.stdin"):
        return Value(None, full, v.ARGUMENT if full == "sys.argv" else 0)
    if (known := _of_a_class(ref, name)) is not None:
        return known
    if name in _REQUEST_PARTS and _REQUEST.search(ref):
        return Value(None, f"{ref}.{name}", v.ASKED)
    if ref in ("%request", "%req") and name in ("post", "text", "read", "rel_url"):
        return Value(None, f"{ref}.{name}", v.ASKED)
    if full in ("stat.S_ISUID", "stat.S_ISGID"):
        return Value(None, full, v.SETS_ID)
    if ref == "%globals" and name not in ("get", "items", "update", "copy", "keys", "values", "pop", "setdefault"):
        return Value(None, canonical(name))
    if ref.startswith("pathlib.Path()") and name == "parent":
        return Value(None, "pathlib.Path()", base.labels)
    return None


def _of_a_class(ref: str, name: str) -> Value | None:
    """What leads from an object to its class, and from there to all others."""
    if name == "__dict__" and ref:
        return Value(None, ref, 0)
    if name == "__class__":
        return Value(None, "%class")
    if ref.startswith("%class") and name in ("__base__", "__bases__", "__mro__"):
        return Value(None, "%class")
    if ref.startswith("%class") and name in ("__subclasses__", "mro"):
        return Value(None, f"%class.{name}")
    return None


#: What a web server puts into the environment of a program of what a client sent (CGI, WSGI).
_OF_A_REQUEST = expression(r"(?:HTTP_(?!PROXY$)[A-Z_]+|QUERY_STRING|PATH_INFO|REQUEST_URI|wsgi\.input)$")

_ALPHABETS = {
    f"string.{name}": getattr(string, name)
    for name in ("printable", "ascii_letters", "ascii_lowercase", "digits", "punctuation", "ascii_uppercase")
}


_ENVIRON_METHODS = frozenset(
    {"get", "items", "copy", "keys", "values", "pop", "setdefault", "update", "__contains__", "__getitem__"}
)
