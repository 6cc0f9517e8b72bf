"""The `*** Begin Patch` format that models are trained on: its parts and its parser.

The grammar is the one published with OpenAI's Codex (`apply_patch`): Add File, Delete File and Update File, the last
with an optional `*** Move to:` and hunks that begin with `@@`, hold lines led by a space, `-` or `+`, and may end with
`*** End of File`. Read more widely than the grammar: several `@@` headers before one hunk, headers of unified diffs
(`@@ -1,3 +1,4 @@`), a here-document or a Markdown fence around the whole, padding around the markers. A patch without
its `*** End Patch` is refused: it was most likely cut off, and half a patch must not be applied.
"""

from __future__ import annotations

import re
from typing import Literal

from loopwright.core.errors import ToolFailure
from loopwright.core.expression import expression
from loopwright.core.fact import Fact

Sign = Literal[" ", "-", "+"]

_SIGNS: dict[str, Sign] = {" ": " ", "-": "-", "+": "+"}
_BEGIN, _END, _EOF = "*** Begin Patch", "*** End Patch", "*** End of File"
_MARKER = expression(r"\s*\*\*\* (Add File|Delete File|Update File|Move to): ?(.*?)\s*$")
_UNIFIED = expression(r"@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@(.*)")


class Line(Fact, frozen=True):
    """One line of a hunk, without its line ending: kept (space), taken out (`-`) or put in (`+`)."""

    sign: Sign
    text: str


class Hunk(Fact, frozen=True):
    """One place to change. `headers` are lines sought first, in order; `line` is where the hunk starts in the patch.

    `hint` is the line that a unified diff names after its numbers: sought first as well, but not insisted on.
    """

    lines: tuple[Line, ...]
    headers: tuple[str, ...] = ()
    hint: str = ""
    at_end: bool = False
    line: int = 0

    @property
    def before(self) -> tuple[str, ...]:
        """The lines the file must hold."""
        return tuple(line.text for line in self.lines if line.sign != "+")


class AddFile(Fact, frozen=True, tag="add"):
    """A new file with this content; a file that is there is replaced."""

    path: str
    content: str


class DeleteFile(Fact, frozen=True, tag="delete"):
    path: str


class UpdateFile(Fact, frozen=True, tag="update"):
    """Hunks in file order; `to` is the new path where the file moves, replacing what is there."""

    path: str
    hunks: tuple[Hunk, ...]
    to: str = ""


Section = AddFile | DeleteFile | UpdateFile


def touched(sections: tuple[Section, ...]) -> tuple[str, ...]:
    """Return every path a patch writes, moves or deletes, in the order first named."""
    paths: dict[str, None] = {}
    for section in sections:
        paths[section.path] = None
        if isinstance(section, UpdateFile) and section.to:
            paths[section.to] = None
    return tuple(paths)


def parse(text: str) -> tuple[Section, ...]:
    """Return the sections of a patch, in order. Raises ToolFailure, naming the line, where it is not one."""
    lines = _unwrap(text)
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if not lines or lines[first].strip() != _BEGIN:
        raise ToolFailure(f"patch: the first line must be '{_BEGIN}'")
    last = next(n for n in reversed(range(len(lines))) if lines[n].strip())
    if last == first or lines[last].strip() != _END:
        ended = any(line.strip() == _END for line in lines)
        why = "leave out what follows it" if ended else "without it the patch may be cut off"
        raise ToolFailure(f"patch: the last line must be '{_END}'; {why}, nothing was applied")
    reader = _Reader(lines, first + 1, last)
    sections: list[Section] = []
    while reader.more():
        sections.append(_section(reader))
    if not sections:
        raise ToolFailure("patch: it holds no '*** Add File:', '*** Update File:' or '*** Delete File:' section")
    return tuple(sections)


def _unwrap(text: str) -> list[str]:
    """The lines of the patch without a here-document or a fence around them."""
    lines = text.strip("\r\n").split("\n")
    if all(line.endswith("\r") for line in lines[:-1]) and len(lines) > 1:
        lines = [line.removesuffix("\r") for line in lines]
    head, tail = lines[0].strip(), lines[-1].strip()
    heredoc = re.search(r"<<-?\s*(['\"]?)(\w+)\1$", head)
    if len(lines) > 2 and ((heredoc and tail == heredoc[2]) or (head.startswith("```") and tail == "```")):
        return lines[1:-1]
    return lines


class _Reader:
    """A place in the lines of a patch."""

    def __init__(self, lines: list[str], at: int, end: int) -> None:
        self._lines, self.at, self._end = lines, at, end

    def more(self) -> bool:
        """Skip blank lines and say whether anything is left."""
        while self.at < self._end and not self._lines[self.at].strip():
            self.at += 1
        return self.at < self._end

    def peek(self) -> str | None:
        return self._lines[self.at] if self.at < self._end else None

    def take(self) -> str:
        self.at += 1
        return self._lines[self.at - 1]

    def give_back(self) -> bool:
        """Step back over the line just taken if it is empty, and say whether it was."""
        if self._lines[self.at - 1]:
            return False
        self.at -= 1
        return True

    def fail(self, reason: str) -> ToolFailure:
        return ToolFailure(f"patch line {self.at + 1}: {reason}; nothing was applied")


def _section(reader: _Reader) -> Section:
    marker = _MARKER.match(reader.peek() or "")
    if marker is None or marker[1] == "Move to":
        raise reader.fail(
            "expected '*** Add File: PATH', '*** Update File: PATH' or '*** Delete File: PATH', "
            f"not {reader.peek()!r:.80}"
        )
    if not marker[2]:
        raise reader.fail("a path is missing")
    reader.take()
    if marker[1] == "Add File":
        return AddFile(marker[2], _added(reader))
    if marker[1] == "Delete File":
        return DeleteFile(marker[2])
    return _update(reader, marker[2])


def _added(reader: _Reader) -> str:
    lines: list[str] = []
    while (line := reader.peek()) is not None and line.startswith("+"):
        lines.append(reader.take()[1:] + "\n")
    if reader.more() and not _MARKER.match(reader.peek() or ""):
        raise reader.fail("every line of an added file must start with '+'")
    return "".join(lines)


def _update(reader: _Reader, path: str) -> UpdateFile:
    to = ""
    if (moved := _MARKER.match(reader.peek() or "")) and moved[1] == "Move to":
        reader.take()
        to = moved[2]
        if not to:
            raise reader.fail("'*** Move to:' names no path")
    hunks: list[Hunk] = []
    while reader.more() and not _MARKER.match(reader.peek() or ""):
        hunks.append(_hunk(reader, first=not hunks))
    if not hunks and not to:
        raise reader.fail(f"the update of {path} holds no change")
    return UpdateFile(path, tuple(hunks), to)


def _hunk(reader: _Reader, first: bool) -> Hunk:
    start = reader.at + 1
    seen, headers, hint = _headers(reader)
    if not seen and not first:
        raise reader.fail(f"expected '@@' before the next change, not {reader.peek()!r:.80}")
    lines: list[Line] = []
    at_end = False
    while (line := reader.peek()) is not None and not at_end:
        if line.rstrip() == _EOF:
            at_end = True
        elif line == "":
            lines.append(Line(" ", ""))  # an empty context line whose leading space was lost
        elif line[0] in _SIGNS:
            lines.append(Line(_SIGNS[line[0]], line[1:]))
        elif not line.startswith("\\ No newline"):  # a unified diff's remark says nothing here
            break
        reader.take()
    while not at_end and lines and reader.give_back():
        lines.pop()  # blank lines before the next section or hunk separate; they are not part of the file
    if not lines:
        raise reader.fail(
            "a change needs lines that start with ' ' (kept), '-' (taken out) or '+' (put in), "
            f"not {reader.peek() or _END!r:.80}"
        )
    return Hunk(tuple(lines), headers, hint, at_end, start)


def _headers(reader: _Reader) -> tuple[bool, tuple[str, ...], str]:
    """Whether there is any `@@`, the texts after them, outermost first, and the hint of a unified diff's."""
    headers: list[str] = []
    seen, hint = False, ""
    while (line := reader.peek()) is not None and line.startswith("@@"):
        seen = True
        if unified := _UNIFIED.match(line):
            hint = unified[1].strip()
        elif text := line[2:].strip().removesuffix("@@").strip():
            headers.append(text)
        reader.take()
    return seen, tuple(headers), hint
