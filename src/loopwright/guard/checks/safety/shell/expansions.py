"""What `$name` and `${name…}` stand for, as far as it is known."""

from __future__ import annotations

import fnmatch
import re

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.shell.seen import Scripted

_REPLACED = expression(r"^\$\{\w+(//|/#|/%|/)([^/$`]+)(?:/([^$`]*))?\}$", re.DOTALL)
_CUT = expression(r"^\$\{\w+(##?|%%?)([^$`]+)\}$", re.DOTALL)
_CASE = expression(r"^\$\{\w+(\^\^?|,,?)\}$")


def _changed(shell: Scripted, text: str, raw: str) -> str | None:
    """Return what a text becomes by `${name/old/new}`, `${name##*/}`, `${name^^}` and `${!name}`."""
    if re.match(r"^\$\{!\w+\}$", raw):
        held = shell.names.get(text)
        return held.text if held is not None and places.HOLE not in held.text else None
    if replaced := _REPLACED.match(raw):
        pattern = _pattern(replaced[2].strip("\"'"))
        pattern = {"/#": f"^{pattern}", "/%": f"{pattern}$"}.get(replaced[1], pattern)
        new = (replaced[3] or "").strip("\"'")
        return re.sub(pattern, lambda _: new, text, count=0 if replaced[1] == "//" else 1)
    if cut := _CUT.match(raw):
        return _without(text, cut[1], cut[2].strip("\"'"))
    if cased := _CASE.match(raw):
        change = str.upper if cased[1][0] == "^" else str.lower
        return change(text) if len(cased[1]) == 2 else change(text[:1]) + text[1:]
    return None


def _pattern(glob: str) -> str:
    return fnmatch.translate(glob).removesuffix("\\Z").removesuffix("\\z")


def _without(text: str, operator: str, glob: str) -> str:
    """Leave out what fits a pattern at the beginning (`#`) or the end (`%`), as little or as much as there is."""
    places_in = range(len(text) + 1)
    if operator[0] == "#":
        ends = [n for n in places_in if fnmatch.fnmatchcase(text[:n], glob)]
        return text[(max(ends) if len(operator) == 2 else min(ends)) :] if ends else text
    starts = [n for n in places_in if fnmatch.fnmatchcase(text[n:], glob)]
    return text[: (min(starts) if len(operator) == 2 else max(starts))] if starts else text


def expansion(shell: Scripted, raw: str) -> Value:
    """Return what `$name` and `${name…}` stand for."""
    named = re.match(r"\$\{?[!#]?([A-Za-z_]\w*|[0-9@*#?$!-])", raw)
    name = named[1] if named else ""
    if name == "IFS":
        return Value(" ", "split")
    if name in ("@", "*") and name not in shell.names:
        return Value("", "arguments")
    if name == "0":
        return Value("$0")
    known = shell.names.get(name)
    if known is not None and re.match(r"^\$(?:[\w@*]+|\{[\w@*]+\})$", raw):
        return known
    if known is None and re.match(r"^\$\{\w+:?\?", raw):
        return Value(places.HOLE, "guarded")
    part = re.match(r"^\$\{\w+:(\d+)(?::(\d+))?\}$", raw)
    if part and known is not None and places.HOLE not in known.text:
        end = int(part[1]) + int(part[2]) if part[2] else None
        return Value(known.text[int(part[1]) : end], "", known.labels | v.DECODED)
    changed = _changed(shell, known.text, raw) if known is not None and places.HOLE not in known.text else None
    if known is not None and changed is not None:
        return Value(changed, "", known.labels)
    default = re.match(r"^\$\{\w+:?[-=](.*)\}$", raw, re.DOTALL)
    if default and known is not None and known.text:
        return known
    if default and known is None and default[1] and "$" not in default[1]:
        return Value(default[1].strip("\"'"))
    labels = known.labels if known else _labels(name)
    return Value(places.HOLE, f"unset:{name}" if known is None else "", labels)


#: Variables in which a web server hands on what a request sent (RFC 3875).
_REQUESTED = expression(r"^(?:QUERY_STRING|REQUEST_URI|PATH_INFO|HTTP_[A-Z_]+|CONTENT_TYPE|REMOTE_USER|SCRIPT_NAME)$")


def _labels(name: str) -> int:
    """Return what is known of a variable that the script does not set."""
    if _REQUESTED.match(name):
        return v.INPUT
    return v.TOKEN if re.search(r"(?:TOKEN|SECRET|PASSWORD|_KEY)$", name) else 0
