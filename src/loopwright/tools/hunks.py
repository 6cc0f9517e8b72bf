"""Put hunks into a text. Where lines do not match exactly, they are sought as Codex's apply_patch seeks them:

without trailing white space, then without leading white space, then with typographic dashes, quotes and spaces taken
for plain ones. The kept lines of the file stay as they are in the file, whatever the patch wrote for them. As there, a
text that was patched ends with a newline, and a line put in ends as the first line of the file does.
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
    appended: list[str] = []
    at = 0
    for number, hunk in enumerate(hunks, 1):
        label = f"{path}: hunk {number} of {len(hunks)} (patch line {hunk.line})"
        if _appends(hunk):  # at the end wherever it stands: the hunks that follow are still sought from here
            appended += [line.text + document.newline for line in hunk.lines]
            continue
        hunk, start, ignored = _placed(bodies, hunk, at, label)
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
    text = "".join(line if line.endswith("\n") else line + document.newline for line in made + lines[at:] + appended)
    if document.text and not document.text.endswith("\n"):
        remarks.append(f"{path}: it ended without a newline and now ends with one")
    return text, remarks


def _appends(hunk: Hunk) -> bool:
    return not hunk.before and (hunk.at_end or not hunk.headers)


def _split(text: str) -> list[str]:
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _body(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")


def _placed(lines: list[str], hunk: Hunk, after: int, label: str) -> tuple[Hunk, int, str]:
    """The hunk as it fits, where it begins, and what was ignored to find it."""
    try:
        return hunk, *_locate(lines, hunk, after, label)
    except ToolFailure:
        shorter = _without_blank_end(hunk)  # models take the newline at the end of their lines for an empty line
        if shorter is None:
            raise
        try:
            return shorter, *_locate(lines, shorter, after, label)
        except ToolFailure:
            pass
        raise


def _locate(lines: list[str], hunk: Hunk, after: int, label: str) -> tuple[int, str]:
    """Return where the hunk's lines begin, at or after `after`, and what was ignored to find them."""
    start = after
    for header in hunk.headers:
        found = _header(lines, header, start)
        if found is None:
            raise ToolFailure(f"{label}: no line '{header}' (after @@) below line {start}{_near(lines, [header])}")
        start = found + 1
    wanted = hunk.before
    if not wanted:
        return start, ""
    hinted = _header(lines, hunk.hint, start) if hunk.hint else None
    at_header = start - 1 if hunk.headers else start  # some repeat the line of the header as context
    for begin in (start if hinted is None else hinted, start, at_header):
        found, ignored = _seek(lines, wanted, begin, hunk.at_end)
        if found is not None:
            return found, ignored
    raise ToolFailure(f"{label}: {_unmatched(lines, hunk, start)}")


def _header(lines: list[str], header: str, start: int) -> int | None:
    found = _seek(lines, (header,), start)[0]
    return next((n for n in range(start, len(lines)) if header in lines[n]), None) if found is None else found


def _without_blank_end(hunk: Hunk) -> Hunk | None:
    """The hunk without the empty line that its old lines end with; None where they do not."""
    blank = next((n for n in reversed(range(len(hunk.lines))) if hunk.lines[n].sign != "+"), 0)
    if hunk.lines[blank].text or len(hunk.before) < 2:
        return None
    kept, put = list(hunk.lines[:blank]), list(hunk.lines[blank + 1 :])
    if hunk.lines[blank].sign == " " and put:
        put.insert(0, Line("+", ""))
    if put and not put[-1].text:
        put.pop()
    return msgspec.structs.replace(hunk, lines=(*kept, *put))


def _seek(lines: list[str], wanted: Sequence[str], start: int, at_end: bool = False) -> tuple[int | None, str]:
    """Return where the lines wanted first stand at or below `start`, or at the end, and what was ignored."""
    last = len(lines)
    if at_end:
        while last > start + len(wanted) and not lines[last - 1].strip() and wanted[-1].strip():
            last -= 1
        start = max(start, last - len(wanted))
    for ignored, key in _LENIENCE:
        have, want = [key(line) for line in lines[start:last]], [key(line) for line in wanted]
        for n in range(len(have) - len(want) + 1):
            if have[n : n + len(want)] == want:
                return start + n, ignored
    return None, ""


def _unmatched(lines: list[str], hunk: Hunk, start: int) -> str:
    below, _ = _seek(lines, hunk.before, start)
    if below is not None:
        return f"its lines are at line {below + 1}, not at the end of the file: leave out '*** End of File'"
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
