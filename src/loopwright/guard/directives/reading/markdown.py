"""Markdown read line by line into statements: what a rule may be written in, each with its exact line.

A scanner of our own, since a rule must keep the line it was written on through soft wraps, tables and fences, and since
an instruction file is untrusted: every step is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.guard.directives.reading.sentences import fold, split
from loopwright.guard.directives.reading.statement import Form, Statement
from loopwright.guard.directives.reading.working_directories import changed_to

_FENCE = expression(r"^\s*(?:[-*+]\s+|\d+[.)]\s+)?(`{3,}|~{3,})\s*([\w+-]*)")
_HEADING = expression(r"^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_BULLET = expression(r"^(\s*)(?:[-*+•]|\d{1,3}[.)]|\d{1,2}\.\d{1,2}[.)]?(?=\s+[A-Z`*\"']))\s+(?:\[[ xX]\]\s+)?(.*)$")
_BOLD_LINE = expression(r"^\s{0,3}(?:\*\*|__)([^*]{1,120})(?:\*\*:?|__:?)\s*:?\s*$")
#: A line of a list that is marked by a sign alone: "❌ Magic numbers".
_SIGNED = expression(r"^\s{0,3}[❌✅🚫⛔✔✓✗✘]\uFE0F?\s+\S")
_NOT_SHOWN = ("", "bash", "sh", "shell", "zsh", "console", "text", "txt")
#: The first line of a coloured box: `> [!IMPORTANT]`.
_ALERT = expression(r"^>\s*\[!\w+\]\s*$")
_LABELLED = expression(r"^\s{0,3}\*\*[^*`]{1,40}(?::\*\*|\*\*:)\s+\S")
_RULE_LINE = expression(r"^\s*(?:[-*_=]\s*){3,}$")
_TABLE_LINE = expression(r"^\s*\|?[\s:|-]*-{2,}[\s:|-]*\|?\s*$")
_TREE = expression(r"[│├└]|^\s*[\w./-]+/\s*(?:#|$)")
_SHELL = expression(
    r"(?:bash|sh|shell|console|zsh|terminal|shell-?session|sh-session|text|txt|plaintext|powershell|pwsh|ps1|fish|cmd|bat|"
    r"batch|dos|cli)?$"
)

#: A line longer than this is not a rule a person wrote; only its head is read, and the compiler says so.
LONGEST = 10_000
#: Lines of a paragraph that are read as one block; sentences of a longer one may be cut here.
LONGEST_BLOCK = 100


class _Block:
    """Lines being gathered into one bullet or paragraph."""

    def __init__(self, form: Form, indent: int, lead: str) -> None:
        self.form: Form = form
        self.indent = indent
        self.lead = lead
        self.pieces: list[tuple[int, str]] = []


class _Reader:
    """The state of one pass over a text."""

    def __init__(self) -> None:
        self.headings: list[tuple[int, str]] = []
        self.block: _Block | None = None
        self.parents: list[tuple[int, str]] = []  # open bullets: indent and text
        self.lead = ""  # the last paragraph ending in a colon
        self.header: tuple[str, ...] = ()
        self.fence = ""
        self.lang = ""
        self.above = ""
        self.directory = ""
        self.tree: list[tuple[int, str]] = []
        self.prose_lead = ""

    def titles(self) -> tuple[str, ...]:
        return tuple(title for _, title in self.headings)


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a Markdown text in the order of their lines. Front matter and comments are left out."""
    reader = _Reader()
    lines = text.split("\n")
    number = _front_matter(lines)
    commented = False
    while number < len(lines):
        raw = lines[number].rstrip("\r")[:LONGEST]
        number += 1
        line = number
        if not reader.fence:
            raw, commented = _uncomment(raw, commented)
        elif raw.endswith("\\"):
            raw, number = _continued(reader, lines, raw, number)
        following = lines[number] if number < len(lines) else ""
        yield from _line(reader, line, raw, following)
    yield from _flush(reader)


def _continued(reader: _Reader, lines: list[str], raw: str, number: int) -> tuple[str, int]:
    """Join a command of a fence with the lines it goes on in; return it and the index of the line after it."""
    if not _SHELL.match(reader.lang):
        return raw, number
    while raw.endswith("\\") and number < len(lines) and not _FENCE.match(lines[number]) and len(raw) < LONGEST:
        raw = f"{raw[:-1].rstrip()} {lines[number].strip()}"[:LONGEST]
        number += 1
    return raw.removesuffix("\\").rstrip(), number


def _front_matter(lines: list[str]) -> int:
    """Return the index of the first line after YAML front matter, 0 where there is none."""
    if lines and lines[0].strip() == "---":
        for index in range(1, min(len(lines), 60)):
            if lines[index].strip() == "---":
                return index + 1
    return 0


def _uncomment(raw: str, inside: bool) -> tuple[str, bool]:
    if inside:
        head, found, tail = raw.partition("-->")
        return (tail, False) if found else ("", True)
    head, found, tail = raw.partition("<!--")
    if not found:
        return raw, False
    _rest, closed, after = tail.partition("-->")
    return (head + after, False) if closed else (head, True)


def _line(reader: _Reader, number: int, raw: str, following: str) -> Iterator[Statement]:
    if raw[:1].isalpha() and "|" not in raw and not reader.fence:  # most lines, and no other form begins so
        yield from _prose(reader, number, raw)
    elif fence := _FENCE.match(raw):
        yield from _fence(reader, fence, number)
    elif reader.fence:
        yield from _code(reader, number, raw)
    elif raw.startswith(("    ", "\t")) and reader.block is None and not reader.parents and not _BULLET.match(raw):
        reader.lang = ""
        yield from _code(reader, number, raw)
    elif not raw.strip():
        yield from _flush(reader)
        reader.header = ()
    elif raw[0] == ">" and _ALERT.match(raw):
        yield from _flush(reader)
    elif heading := _HEADING.match(raw):
        yield from _flush(reader)
        _open_heading(reader, len(heading[1]), heading[2])
    elif _RULE_LINE.match(raw):
        yield from _flush(reader)
        reader.lead = ""
    elif "|" in raw and (raw.lstrip().startswith("|") or reader.header or _TABLE_LINE.match(following)):
        yield from _row(reader, number, raw, following)
    elif bullet := _BULLET.match(raw):
        yield from _bullet(reader, number, len(bullet[1].expandtabs(4)), bullet[2])
    elif _SIGNED.match(raw):
        yield from _bullet(reader, number, 0, raw.strip())
    elif (bold := _BOLD_LINE.match(raw)) and reader.block is None:
        _open_heading(reader, 7, bold[1])
        if len(bold[1].split()) > 3 or (":" in raw[-4:] and _shows_code(following)):
            yield Statement(
                number, raw.strip(), fold(bold[1]) + (":" if ":" in raw[-4:] else ""), "paragraph", reader.titles()[:-1]
            )
    else:
        yield from _prose(reader, number, raw)


def _shows_code(following: str) -> bool:
    """True where a block of a programming language begins: what it shows is how its label is to be done."""
    fence = _FENCE.match(following)
    return fence is not None and following.strip("`~ ").lower() not in _NOT_SHOWN


def _open_heading(reader: _Reader, level: int, title: str) -> None:
    while reader.headings and reader.headings[-1][0] >= level:
        reader.headings.pop()
    reader.headings.append((level, fold(title)))
    reader.parents.clear()
    reader.lead = reader.prose_lead = ""
    reader.above = ""


def _fence(reader: _Reader, fence: re.Match[str], number: int) -> Iterator[Statement]:
    if reader.fence:
        if fence[1].startswith(reader.fence) and not fence[2]:
            reader.fence = ""
        return
    yield from _flush(reader)
    reader.fence, reader.lang = fence[1], fence[2].lower()
    reader.above = reader.directory = ""
    reader.tree = []


def _code(reader: _Reader, number: int, raw: str) -> Iterator[Statement]:
    if not _SHELL.match(reader.lang) or not raw.strip():
        reader.above = "" if not raw.strip() else reader.above
        return
    if _TREE.search(raw) and not raw.lstrip().startswith(("#", "$", "./")):
        yield from _tree(reader, number, raw)
        return
    code = raw.strip().removeprefix("$ ").removeprefix("> ")
    if code.startswith(("# ", "#\t")) or code == "#":
        reader.above = fold(code.lstrip("# "))
        return
    body, _, comment = code.partition(" #")
    if body.startswith("cd "):
        reader.directory = changed_to(body.strip(), reader.directory)
    yield Statement(
        line=number,
        text=code,
        plain=body.strip(),
        form="code",
        headings=reader.titles(),
        lead=reader.lead,
        comment=fold(comment.strip("# ")),
        above=reader.above,
        lang=reader.lang,
        directory=reader.directory,
        block=body.strip(),
    )


def _tree(reader: _Reader, number: int, raw: str) -> Iterator[Statement]:
    """A line of a directory tree: its whole path, and the comment beside it."""
    entry, _, comment = raw.partition("#")
    if not comment:
        entry, _, comment = raw.partition(" - ")
    name = entry.replace("│", " ").replace("├", " ").replace("└", " ").replace("─", " ").replace("|", " ")
    depth, name = len(name) - len(name.lstrip()), name.strip()
    while reader.tree and reader.tree[-1][0] >= depth:
        reader.tree.pop()
    path = "/".join([part.rstrip("/") for _, part in reader.tree] + [name])
    reader.tree.append((depth, name))
    if comment.strip() and name:
        yield Statement(
            number,
            raw.strip(),
            path,
            "tree",
            reader.titles(),
            comment=fold(comment.strip()),
            block=fold(comment.strip()),
        )


def _row(reader: _Reader, number: int, raw: str, following: str) -> Iterator[Statement]:
    yield from _flush(reader)
    if _TABLE_LINE.match(raw):
        return
    cells = tuple(cell.strip() for cell in _cells(raw))
    if _TABLE_LINE.match(following):
        reader.header = tuple(fold(cell) for cell in cells)
        return
    plain = tuple(fold(cell) for cell in cells)
    joined = " | ".join(plain)
    yield Statement(
        number, raw.strip(), joined, "cell", reader.titles(), reader.lead, joined, cells=plain, header=reader.header
    )


def _cells(raw: str) -> list[str]:
    """Split a row at bars outside back-ticks."""
    cells: list[str] = []
    current: list[str] = []
    ticked = False
    body = raw.strip().removeprefix("|").removesuffix("|")
    for index, char in enumerate(body):
        if char == "`":
            ticked = not ticked
        if char == "|" and not ticked and body[index - 1 : index] != "\\":
            cells.append("".join(current))
            current = []
        else:
            current.append(char)
    cells.append("".join(current))
    return cells


def _bullet(reader: _Reader, number: int, indent: int, body: str) -> Iterator[Statement]:
    yield from _flush(reader, keep_lead=True)
    while reader.parents and reader.parents[-1][0] >= indent:
        reader.parents.pop()
    lead = reader.parents[-1][1] if reader.parents else reader.prose_lead
    block = _Block("bullet", indent, lead)
    block.pieces.append((number, body))
    reader.block = block
    reader.parents.append((indent, fold(body)))


def _prose(reader: _Reader, number: int, raw: str) -> Iterator[Statement]:
    if reader.block and (len(reader.block.pieces) >= LONGEST_BLOCK or _LABELLED.match(raw)):
        yield from _flush(reader)
    if reader.block is None:
        indent = len(raw) - len(raw.lstrip())
        lead = reader.parents[-1][1] if reader.parents and indent > 0 else ""
        if not indent:
            reader.parents.clear()
            reader.prose_lead = ""
        reader.block = _Block("paragraph", indent, lead)
    reader.block.pieces.append((number, raw.strip().removeprefix("> ")))


def _flush(reader: _Reader, keep_lead: bool = False) -> Iterator[Statement]:
    """Close the open block and yield its sentences."""
    block, reader.block = reader.block, None
    if block is None:
        return
    text = " ".join(piece for _, piece in block.pieces)
    folded = fold(text)
    lead = folded if folded.endswith(":") else folded[:-1] + ":" if folded.endswith("：") else ""
    if block.form == "paragraph":
        reader.prose_lead = lead
    reader.lead = lead or (reader.lead if keep_lead else "")
    titles = reader.titles()
    label = label_of(text)
    for order, (offset, sentence) in enumerate(split(text)):
        yield Statement(
            line=_line_at(block.pieces, offset),
            text=sentence,
            plain=fold(sentence),
            form=block.form,
            headings=titles,
            lead=block.lead,
            block=folded,
            label=label,
            first=order == 0,
        )


def _line_at(pieces: list[tuple[int, str]], offset: int) -> int:
    """Return the line that the character at offset of the joined pieces stands on."""
    for number, piece in pieces:
        if offset <= len(piece):
            return number
        offset -= len(piece) + 1
    return pieces[-1][0]


_LABEL = expression(r"^(?:\*\*|__)([^*_]{1,60}?):?(?:\*\*|__):?\s*(?:[-–—:]|\()?|^([A-Z][\w /&-]{1,40}):\s")


def label_of(text: str) -> str:
    """Return the label a bullet begins with ("**Testing**: ..."), folded; "" where it has none."""
    found = _LABEL.match(text)
    return fold(found[1] or found[2]) if found else ""
