"""A command's output as an engine is shown it: its head and its tail, the whole in a blob."""

from __future__ import annotations

from loopwright.core.expression import expression
from loopwright.core.ports import Blobs

HEAD, TAIL = 3000, 5000  # bytes kept of each end: the tail of a test run says most

_ESCAPES = expression(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


def plain(data: bytes) -> str:
    """Return data as text without terminal colours and without what progress bars overwrote."""
    text = _ESCAPES.sub("", data.decode("utf-8", "replace"))
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n"))
    return text.replace("\0", "\\0")


def shown(data: bytes, blobs: Blobs) -> tuple[str, str]:
    """Return the text to show and the address of the whole, empty where nothing was cut."""
    text = plain(data)
    if len(text.encode()) <= HEAD + TAIL:
        return text, ""
    address = blobs.put(data)
    whole = text.encode()
    head = _whole_lines(whole[:HEAD].decode("utf-8", "ignore"))
    tail = _from_line(whole[-TAIL:].decode("utf-8", "ignore"))
    left_out = len(whole) - len(head.encode()) - len(tail.encode())
    note = f'[{left_out} bytes left out; all of it: read {{"path": "blob:{address}"}}]'
    gap = "" if head.endswith("\n") else "\n"
    return f"{head}{gap}{note}\n{tail}", address


def _whole_lines(text: str) -> str:
    end = text.rfind("\n") + 1
    return text[:end] if end > len(text) // 2 else text


def _from_line(text: str) -> str:
    start = text.find("\n") + 1
    return text[start:] if start < len(text) // 2 else text
