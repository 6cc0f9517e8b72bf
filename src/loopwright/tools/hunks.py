"""Put hunks into a text. Where lines do not match exactly, they are sought as Codex's apply_patch seeks them:

without trailing white space, then without leading white space, then with typographic dashes, quotes and spaces taken
for plain ones. The kept lines of the file stay as they are in the file, whatever the patch wrote for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from loopwright.core.errors import ToolFailure
from loopwright.core.patch import Hunk, Line
from loopwright.tools.document import Document
from loopwright.tools.replace import nearest, numbered

_PLAIN = str.maketrans(
    dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("‘’‚‛", "'")
    | dict.fromkeys("“”„‟", '"')
    | dict.fromkeys("\xa0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " ")
)
_LENIENCE: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("", str),
    ("trailing white space", str.rstrip),
    ("white space", str.strip),
    ("punctuation", lambda line: line.translate(_PLAIN).strip()),
)


def apply_hunks(document: Document, path: str, hunks: Sequence[Hunk]) -> tuple[str, list[str]]:
    """Return the text with every hunk put in, and remarks on what matched only roughly.

    Raises ToolFailure that names the hunk and shows the nearest lines where one does not fit.
    """
    lines, remarks = _split(document.text), []
    bodies = [_body(line) for line in lines]
    made: list[str] = []
    at = 0
    for number, hunk in enumerate(hunks, 1):
        label = f"{path}: hunk {number} of {len(hunks)} (patch line {hunk.line})"
        hunk = _without_blank_end(bodies, hunk, at)
        start, ignored = _locate(bodies, hunk, at, label)
        if ignored:
            remarks.append(f"{label} matched ignoring {ignored}; check line {start + 1}")
        made += lines[at:start]
        at = start
        for line in hunk.lines:
            if line.sign == "+":
                made.append(line.text + document.newline)
                continue
            if line.sign == " ":
                made.append(lines[at])
            at += 1
    return _join([*made, *lines[at:]], document.newline), remarks


def _split(text: str) -> list[str]:
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _body(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")


def _join(lines: list[str], newline: str) -> str:
    """Lines as one text; one that lost its place at the end gets the ending it lacked."""
    return "".join(line if line.endswith("\n") else line + newline for line in lines[:-1]) + "".join(lines[-1:])


def _locate(lines: list[str], hunk: Hunk, after: int, label: str) -> tuple[int, str]:
    """Return where the hunk's lines begin, at or after `after`, and what was ignored to find them."""
    start = after
    for header in hunk.headers:
        found = _seek(lines, (header,), start)[0]
        if found is None:
            found = next((n for n in range(start, len(lines)) if header in lines[n]), None)
        if found is None:
            raise ToolFailure(f"{label}: no line '{header}' (after @@) below line {start}{_near(lines, [header])}")
        start = found + 1
    wanted = hunk.before
    if not wanted:
        return (start if hunk.headers and not hunk.at_end else len(lines)), ""
    last = max(start, len(lines) - len(wanted))
    at_header = start - 1 if hunk.headers else start  # some repeat the line of the header as context
    for begin in (last, start, at_header) if hunk.at_end else (start, at_header):
        found, ignored = _seek(lines, wanted, begin)
        if found is not None:
            return found, ignored
    raise ToolFailure(f"{label}: {_unmatched(lines, hunk, start)}")


def _without_blank_end(lines: list[str], hunk: Hunk, after: int) -> Hunk:
    """Models take the newline at the end of a file for an empty line: leave such a line out where it is not there."""
    if hunk.at_end and hunk.lines[-1] == Line(" ", "") and _seek(lines, hunk.before, after)[0] is None:
        return msgspec.structs.replace(hunk, lines=hunk.lines[:-1])
    return hunk


def _seek(lines: list[str], wanted: Sequence[str], start: int) -> tuple[int | None, str]:
    for ignored, key in _LENIENCE:
        have, want = [key(line) for line in lines[start:]], [key(line) for line in wanted]
        for n in range(len(have) - len(want) + 1):
            if have[n : n + len(want)] == want:
                return start + n, ignored
    return None, ""


def _unmatched(lines: list[str], hunk: Hunk, start: int) -> str:
    above, _ = _seek(lines, hunk.before, 0)
    if above is not None:
        why = "in the order of the file" if not hunk.headers else "below the line named after @@"
        return f"its lines are at line {above + 1}, above the place searched: give hunks {why}"
    return "its lines are not in the file" + _near(lines, list(hunk.before))


def _near(lines: list[str], wanted: list[str]) -> str:
    at, _ = nearest(lines, wanted)
    if at is None:
        return "; read the file first"
    return f"; the nearest are\n{numbered(lines, at, min(len(wanted), 12))}"
