"""Search in Python, for a sandbox without ripgrep."""

from __future__ import annotations

import re

from loopwright.core.errors import ToolFailure
from loopwright.core.ports import Files
from loopwright.tools.document import binary, decode
from loopwright.tools.matches import MAX_MATCHES, MAX_PER_FILE, Match, Matches, shorten

_LARGEST = 16 << 20  # bytes of a file that is searched


def scan(files: Files, pattern: str, path: str, glob: str) -> Matches:
    """Return the matches in unignored, visible files below path. Raises ToolFailure where pattern is no expression."""
    try:
        expression = re.compile(pattern, re.MULTILINE)
    except re.error as error:
        raise ToolFailure(f"pattern {pattern!r} is no regular expression: {error}") from None
    entry = files.stat(path) if path else None
    paths = [path] if entry is not None and entry.kind == "file" else _visible(files, path, glob)
    found: list[Match] = []
    for name in paths:
        found += _in_file(files, name, expression)
        if len(found) > MAX_MATCHES:
            return Matches(tuple(found), stopped="matches")
    return Matches(tuple(found))


def _visible(files: Files, path: str, glob: str) -> list[str]:
    names = []
    for entry in files.walk(path):
        below = entry.path[len(path) :].lstrip("/")
        hidden = any(part.startswith(".") for part in below.split("/"))
        if entry.kind == "file" and entry.size <= _LARGEST and not hidden and _fits(entry.path, glob):
            names.append(entry.path)
    return names


def _fits(path: str, glob: str) -> bool:
    """Match as ripgrep does: a glob without a slash is for the file's name, `!` in front turns it round."""
    if not glob:
        return True
    if glob.startswith("!"):
        return not _fits(path, glob[1:])
    name = path if "/" in glob else path.rsplit("/", 1)[-1]
    return re.fullmatch(_expression(glob.removeprefix("/")), name) is not None


_WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")"}


def _expression(glob: str) -> str:
    """A glob as a regular expression: `**` crosses directories, `*` and `?` do not, `{a,b}` are alternatives."""
    made, depth = "", 0
    for part in re.findall(r"\*\*/|\*\*|\[[^\]]+\]|.", glob, re.DOTALL):
        depth += (part == "{") - (part == "}" and depth > 0)
        if part == "," and depth:
            made += "|"
        elif part in _WILD and (part != "}" or made.count("(?:") > made.count(")")):
            made += _WILD[part]
        elif part.startswith("[") and len(part) > 1:
            made += part.replace("[!", "[^", 1)
        else:
            made += re.escape(part)
    return made + ")" * depth


def _in_file(files: Files, path: str, expression: re.Pattern[str]) -> list[Match]:
    try:
        data = files.read(path)
    except ToolFailure:
        return []
    if binary(data):
        return []
    text = decode(data).shown()
    lines = text.split("\n")
    numbers: dict[int, None] = {}
    at = line = 0
    for match in expression.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        if line < len(lines) - (lines[-1] == ""):
            numbers[line] = None
        if len(numbers) >= MAX_PER_FILE:
            break
    return [Match(path, n + 1, shorten(lines[n])) for n in numbers]
