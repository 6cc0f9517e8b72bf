"""Read a file with line numbers, a directory's entries, or cut output kept in a blob."""

from __future__ import annotations

from typing import Annotated

import msgspec

from loopwright.core.calls import Effect, ToolResult
from loopwright.core.errors import StoreError, ToolFailure
from loopwright.core.fact import JsonValue
from loopwright.core.ports import Entry, ToolContext
from loopwright.tools.description import description
from loopwright.tools.document import decode
from loopwright.tools.place import existing, load, relative

MAX_LINES = 1000
MAX_CHARACTERS = 40_000
MAX_LINE = 2000  # characters of one line
MAX_ENTRIES = 500

Number = Annotated[int, msgspec.Meta(ge=1)]


class ReadArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    path: str
    start: Number = 1
    end: Number | msgspec.UnsetType = msgspec.UNSET


class Read:
    """`read {path, start?, end?}`."""

    name = "read"
    effect = Effect.READ
    args = ReadArgs

    def __init__(self) -> None:
        self.description = description("read")

    async def run(self, args: ReadArgs, ctx: ToolContext) -> ToolResult:
        """Raises ToolFailure where there is nothing to read at path or in the range."""
        if args.path.startswith("blob:"):
            document = decode(_blob(ctx, args.path.removeprefix("blob:")))
            text, data = _page(args.path, document.shown(), document.note, args)
            return ToolResult(ctx.call, True, text, data)
        path = relative(ctx.workspace, args.path)
        if existing(ctx.workspace.files, path).kind == "dir":
            entries = ctx.workspace.files.entries(path)
            return ToolResult(ctx.call, True, _listing(path, entries), {"path": path, "entries": len(entries)})
        document = load(ctx.workspace.files, path)
        text, data = _page(path, document.shown(), document.note, args)
        return ToolResult(ctx.call, True, text, data)


def _blob(ctx: ToolContext, address: str) -> bytes:
    try:
        return ctx.blobs.get(address)
    except StoreError as error:
        raise ToolFailure(f"no output is kept under {address}: {error}") from None


def _page(path: str, text: str, note: str, args: ReadArgs) -> tuple[str, dict[str, JsonValue]]:
    """The asked lines with their numbers, and a last line that says what is left out and how to get it."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    data: dict[str, JsonValue] = {"path": path, "lines": len(lines)}
    if not lines:
        return "(the file is empty)", data
    first, last = args.start, len(lines) if args.end is msgspec.UNSET else min(args.end, len(lines))
    if first > len(lines):
        raise ToolFailure(f"{path} has {len(lines)} lines; start is {first}")
    if last < first:
        raise ToolFailure(f"end {last} is before start {first}")
    shown, cut = _numbered(lines, first, last)
    end = first + len(shown) - 1
    data |= {"first": first, "last": end}
    remarks = [note] if note else []
    if cut:
        remarks.append(
            f"{cut} longer lines cut at {MAX_LINE} characters; `cut -c {MAX_LINE + 1}-` in the shell shows the rest"
        )
    if first > 1 or end < len(lines):
        rest = f"; go on with start {end + 1}" if end < last or (args.end is msgspec.UNSET and end < len(lines)) else ""
        remarks.append(f"lines {first}-{end} of {len(lines)}{rest}")
    return "\n".join([*shown, *(f"[{remark}]" for remark in remarks)]), data


def _numbered(lines: list[str], first: int, last: int) -> tuple[list[str], int]:
    """As many numbered lines as the limits allow, at least one, and how many of them were cut."""
    shown: list[str] = []
    size = cut = 0
    for number in range(first, min(last, first + MAX_LINES - 1) + 1):
        line = lines[number - 1].removesuffix("\r")
        if len(line) > MAX_LINE:
            line, cut = line[:MAX_LINE] + f"… (+{len(line) - MAX_LINE} characters)", cut + 1
        size += len(line) + 8
        if shown and size > MAX_CHARACTERS:
            break
        shown.append(f"{number}\t{line}")
    return shown, cut


def _listing(path: str, entries: list[Entry]) -> str:
    marks = {"dir": "/", "link": "@", "file": "", "other": "?"}
    names = [
        e.path.rsplit("/", 1)[-1] + marks[e.kind] + (f"  {e.size} bytes" if e.kind == "file" else "")
        for e in sorted(entries, key=lambda e: (e.kind != "dir", e.path))
    ]
    lines = [
        f"{path or '.'}/ is a directory with {len(names)} {'entry' if len(names) == 1 else 'entries'}:",
        *names[:MAX_ENTRIES],
    ]
    if len(names) > MAX_ENTRIES:
        lines.append(f"[{len(names) - MAX_ENTRIES} more not shown; `ls` in the shell shows all]")
    return "\n".join(lines)
