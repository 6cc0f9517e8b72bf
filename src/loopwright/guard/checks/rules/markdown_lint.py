"""Rules of Markdown that are judged on the text of changed documents: headings, lists, fences, HTML, tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, finding, fresh

_FENCE = expression(r"^\s*(?:[-*+]\s+|\d+[.)]\s+|>\s*)*(`{3,}|~{3,})\s*(\S*)")
_HEADING = expression(r"^\s{0,3}(#{1,6})\s+\S")
_UNDERLINE = expression(r"^\s{0,3}(?:=+|-{2,})\s*$")
_BULLET = expression(r"^(\s*)([-*+])\s+\S")
_ITEM = expression(r"^\s*(?:[-*+]|\d+[.)])\s+\S")
_TAG = expression(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>")
_SPAN = expression(r"(`+).+?\1")
_TABLE = expression(r"^\s*\|?\s*:?-{3,}:?\s*\|[\s:|-]*$")

Found = Iterator[tuple[int, str]]


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield number, line and the line before it, without front matter and the insides of fences."""
    lines = text.splitlines()
    start = 0
    if lines[:1] == ["---"]:
        start = next((i + 1 for i, line in enumerate(lines[1:], 1) if line.strip() == "---"), 0)
    open_fence, before = "", ""
    for number, line in enumerate(lines[start:], start + 1):
        fence = _FENCE.match(line)
        if open_fence:
            if fence and fence[1].startswith(open_fence) and not fence[2]:
                open_fence = ""
            continue
        if fence:
            open_fence = fence[1]
        yield number, line, before
        before = line


def _increments(text: str) -> Found:
    level = 0
    for number, line, _ in _lines(text):
        if heading := _HEADING.match(line):
            if level and len(heading[1]) > level + 1:
                yield number, f"the heading goes from level {level} to level {len(heading[1])}"
            level = len(heading[1])


def _underlined(text: str) -> Found:
    for number, line, before in _lines(text):
        if _UNDERLINE.match(line) and before.strip() and not before.lstrip().startswith(("#", "|", ">", "-", "*")):
            yield number, "the heading is underlined, not marked with `#`"


def _surrounded(text: str) -> Found:
    inside = False
    for number, line, before in _lines(text):
        item = bool(_ITEM.match(line))
        if item and not inside and before.strip() and not before.lstrip().startswith(("#", "<!--", "|")):
            yield number, "no blank line stands before the list"
        inside = item or (inside and bool(line.strip()) and line[:1].isspace())


def _told(text: str) -> Found:
    for number, line, _ in _lines(text):
        if (fence := _FENCE.match(line)) and not fence[2]:
            yield number, "the fence names no language"


def _tagged(text: str) -> Found:
    for number, line, _ in _lines(text):
        if not line.startswith("    ") and (tag := _TAG.search(_SPAN.sub("", line))):
            yield number, f"`{tag[0][:40]}` is HTML"


def _tables(text: str) -> Found:
    for number, line, before in _lines(text):
        if "|" in before and _TABLE.match(line):
            yield number, "a table"


def _bullets(text: str, wanted: str) -> Found:
    for number, line, _ in _lines(text):
        if (bullet := _BULLET.match(line)) and bullet[2] != wanted:
            yield number, f"the item begins with `{bullet[2]}`, not with `{wanted}`"


_JUDGES: dict[str, Callable[[str], Found]] = {
    "MD001": _increments,
    "MD003": _underlined,
    "MD032": _surrounded,
    "MD033": _tagged,
    "MD040": _told,
    "tables": _tables,
}


def marked(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Violations of one rule that the change brings into documents."""
    name = str(rule.params["rule"])
    wanted = str(rule.params.get("marker", "-"))
    judge = _JUDGES.get(name) or (lambda text: _bullets(text, wanted))
    for file in delta.written(rule):
        if not file.path.lower().endswith((".md", ".mdx", ".markdown")):
            continue
        for number, reason in fresh(judge(file.before), judge(file.after), file.before, file.after):
            yield finding(rule, file.path, number, reason)
