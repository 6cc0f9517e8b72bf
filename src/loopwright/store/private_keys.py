"""Takes private key blocks out of text: whole ones, beginnings and ends of ones that were cut. Linear in the text."""

from __future__ import annotations

from loopwright.core.expression import expression

LABEL = "[redacted:private-key]"

_NAME = r"(?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----"
_MARKER = expression(rf"-----(?P<side>BEGIN|END) {_NAME}")
# Base64 with line ends, also as written inside a string literal. Possessive: what it took it never gives back.
_RUN = expression(r"[A-Za-z0-9+/=\s\\\"',]*+")
_HEADERS = expression(r"(?:(?:\s|\\[nr])*+(?:Proc-Type|DEK-Info|Version|Comment|Charset):[^\n\\]{0,200})*+")
_LAST_LINE = expression(r"(?:\s|\\[nr])*[A-Za-z0-9+/=]*")
_LINE = expression(r"[A-Za-z0-9+/=]{16,}+")
#: Letters without a break that no prose has: a mere mention of a header in code or text is left alone.
_LONGEST_WORD = 32
#: Bytes before an end marker that are searched for the rest of its block: a 16,384-bit key has 12 KB.
_REACH = 16 << 10


def redact_private_keys(text: str) -> str:
    """Return text with the contents of private key blocks replaced."""
    if "PRIVATE KEY" not in text:
        return text
    parts: list[str] = []
    done = scanned = 0
    for marker in _MARKER.finditer(text):
        if marker.start() < done:
            continue
        if marker["side"] == "BEGIN":
            start, end = marker.start(), _block_end(text, marker.end())
        else:
            start, end = _block_start(text, max(scanned, marker.start() - _REACH), marker.start()), marker.end()
        scanned = marker.end()
        if start < marker.start() or end > marker.end():
            parts += [text[done:start], LABEL]
            done = scanned = end
    return "".join(parts) + text[done:] if parts else text


def _block_end(text: str, start: int) -> int:
    """Where the block that begins before `start` ends; `start` itself where no key follows."""
    headers = _HEADERS.match(text, start)
    begin = headers.end() if headers else start
    run = _RUN.match(text, begin)
    stop = run.end() if run else begin
    lines = [found for found in _LINE.finditer(text, begin, stop) if found.end() - found.start() >= _LONGEST_WORD]
    if not lines:
        return start
    if marker := _MARKER.match(text, stop):
        return marker.end() if marker["side"] == "END" else stop
    return stop if stop == len(text) else _last_line_end(text, lines[-1].end(), stop)


def _last_line_end(text: str, after: int, stop: int) -> int:
    """A key cut short ends with a shorter line, of which nothing is to be seen either."""
    last = _LAST_LINE.match(text, after, stop)
    return last.end() if last else after


def _block_start(text: str, start: int, end: int) -> int:
    """Where the rest of a block that ends at `end` starts; `end` itself where no key stands before it."""
    run = _RUN.match(text[start:end][::-1])
    begin = end - (run.end() if run else 0)
    lines = [found for found in _LINE.finditer(text, begin, end) if found.end() - found.start() >= _LONGEST_WORD]
    return (begin if begin == 0 else lines[0].start()) if lines else end
