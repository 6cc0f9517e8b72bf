"""Findings of linters and formatters whose form is their own: eslint, ruff's other forms, mypy's JSON."""

from __future__ import annotations

import json
import re
from typing import Any

from loopwright.core.expression import expression
from loopwright.core.knowledge import Diagnosis
from loopwright.knowledge.compiler_failures import kind_of_message, lint_kind

_FILE = expression(r"^(?P<file>(?:/|\w:\\|\.{0,2}[\w@-])[^\n:]*\.\w+)$", re.MULTILINE)
_STYLISH = expression(
    r"^ +(?P<line>\d+):\d+ +(?P<level>error|warning) +(?P<message>.+?)(?:  +(?P<rule>[\w@/-]+))?$", re.MULTILINE
)
_COMPACT = expression(
    r"^(?P<file>[^\s:][^\n:]*): line (?P<line>\d+), col \d+, (?P<level>Error|Warning) - (?P<message>.+?)"
    r"(?: \((?P<rule>[\w@/-]+)\))?$",
    re.MULTILINE,
)
_UNIX = expression(
    r"^(?P<file>[^\s:][^\n:]*):(?P<line>\d+):\d+: (?P<message>.+) "
    r"\[(?P<level>Error|Warning)(?:/(?P<rule>[\w@/-]+))?\]$",
    re.MULTILINE,
)
_ESLINT_SIGNS = expression(r"^✖ \d+ problems?|ESLint|eslint", re.MULTILINE)
_NO_CONFIG = expression(
    r"^.*(?:ESLint couldn't find|No ESLint configuration|Could not find config file|Cannot find config).*$",
    re.MULTILINE,
)
_OOPS = expression(
    r"^Oops! Something went wrong!.*?\n\n(?:ESLint: [\d.]+\n\n)?(?P<message>.+?)$", re.MULTILINE | re.DOTALL
)
_UNFORMATTED = expression(
    r"^Would reformat: (?P<file>.+)$|^unformatted: (?P<message>.+)\n +--> (?P<file2>[^\n:]+):(?P<line>\d+)|"
    r"^would reformat (?P<file3>.+)$|^\[warn\] (?P<file4>\S+\.\w+)$",
    re.MULTILINE,
)
_GITHUB = expression(
    r"^::error title=[^:]*?(?:\((?P<rule>[\w-]+)\))?,file=(?P<file>[^,]+),line=(?P<line>\d+)[^:]*::(?:[^:]+:\d+:\d+: )?"
    r"(?P<message>.+)$",
    re.MULTILINE,
)
_GROUPED = expression(
    r"^(?P<file>\S+\.pyi?):\n +(?P<line>\d+):\d+ (?P<rule>[A-Z]{1,4}\d{3,4}|invalid-syntax:?) (?P<message>.+)$",
    re.MULTILINE,
)


def read_eslint(text: str) -> Diagnosis | None:
    """Return the first error that eslint reports, or the first warning where there is no error."""
    if found := _read_json(text):
        return found
    if not _ESLINT_SIGNS.search(text) and not _COMPACT.search(text) and not _UNIX.search(text):
        return None
    if trouble := _NO_CONFIG.search(text):
        return Diagnosis("environment", trouble[0].strip(), "", "eslint")
    places = [m for pattern in (_STYLISH, _COMPACT, _UNIX) for m in pattern.finditer(text)]
    if not places:
        oops = _OOPS.search(text)
        return Diagnosis("tool", oops["message"].strip(), "", "eslint") if oops else None
    errors = [m for m in places if m["level"].lower() == "error"]
    first = (errors or places)[0]
    file = first.groupdict().get("file") or _header(text[: first.start()])
    message = f"{first['rule']}: {first['message']}" if first["rule"] else first["message"]
    kind = lint_kind(first["rule"] or "", first["message"])
    return Diagnosis(kind, message, "", "eslint", file, int(first["line"]), count=len(errors or places))


def _header(before: str) -> str:
    files = _FILE.findall(before)
    return files[-1] if files else ""


def _read_json(text: str) -> Diagnosis | None:
    """eslint --format json: a list of files, each with its messages."""
    start = text.find('[{"filePath"')
    if start < 0:
        return None
    try:
        files: list[dict[str, Any]] = json.JSONDecoder().raw_decode(text[start:])[0]
        found = [(str(f["filePath"]), m) for f in files for m in f["messages"]]
        found.sort(key=lambda pair: -int(pair[1]["severity"]))
        file, first = found[0]
        rule, message, line = str(first["ruleId"] or ""), str(first["message"]), int(first["line"])
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None
    said = f"{rule}: {message}" if rule else message
    return Diagnosis(lint_kind(rule, message), said, "", "eslint", file, line, count=len(found))


def read_ruff(text: str) -> Diagnosis | None:
    """Return the first finding in the forms of ruff (and black, prettier) that name no place in one line."""
    for pattern in (_GITHUB, _GROUPED):
        if found := list(pattern.finditer(text)):
            rule, message = (found[0]["rule"] or "").rstrip(":"), found[0]["message"]
            said = message if not rule or message.startswith(rule) else f"{rule}: {message}"
            kind = lint_kind(rule, message.removeprefix(f"{rule} "))
            return Diagnosis(kind, said, "", "ruff", found[0]["file"], int(found[0]["line"]), count=len(found))
    if found := list(_UNFORMATTED.finditer(text)):
        first = found[0]
        file = first["file"] or first["file2"] or first["file3"] or first["file4"]
        line = int(first["line"]) if first["line"] else 0
        return Diagnosis("tool", f"not formatted: {file}", "", "formatter", file, line, count=len(found))
    return None


def read_mypy_json(text: str) -> Diagnosis | None:
    """Return the first error of mypy --output json: one object a line."""
    errors: list[dict[str, Any]] = []
    for line in text.splitlines():
        if line.startswith('{"file": ') and '"severity": "error"' in line:
            try:
                errors.append(json.loads(line))
            except ValueError:
                continue
    if not errors:
        return None
    first = errors[0]
    message = str(first.get("message", ""))
    return Diagnosis(
        kind_of_message(message), message, "", "mypy", str(first.get("file", "")), int(first.get("line") or 0),
        count=len(errors),
    )  # fmt: skip
