"""Search file contents with ripgrep in the sandbox, or in Python where it is not there."""

from __future__ import annotations

import msgspec

from loopwright.core.calls import Effect, ToolResult
from loopwright.core.errors import ToolFailure
from loopwright.core.ports import ToolContext
from loopwright.core.running import Limits, Ran, run
from loopwright.tools.description import description
from loopwright.tools.matches import MAX_LINE, MAX_PER_FILE, Match, Matches, shorten
from loopwright.tools.place import existing, relative
from loopwright.tools.scan import scan

TIMEOUT = 30.0  # seconds
OUTPUT = 1 << 20  # bytes; more than this is cut before it is read
_NOT_THERE = (126, 127)


class SearchArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pattern: str
    path: str = "."
    glob: str = ""


class Search:
    """`search {pattern, path?, glob?}`."""

    name = "search"
    effect = Effect.READ
    args = SearchArgs

    def __init__(self) -> None:
        self.description = description("search")

    async def run(self, args: SearchArgs, ctx: ToolContext) -> ToolResult:
        """Raises ToolFailure for a bad expression or a path that is not there."""
        if not args.pattern:
            raise ToolFailure("pattern is empty")
        path = relative(ctx.workspace, args.path or ".")
        existing(ctx.workspace.files, path)
        limits = Limits(timeout=min(TIMEOUT, ctx.limits.timeout or TIMEOUT), output=OUTPUT)
        ran = await run(ctx.workspace.executor, _argv(args, path), limits)
        if ran.exit.status in _NOT_THERE and not ran.out:
            found = scan(ctx.workspace.files, args.pattern, path, args.glob)
        else:
            found = _read(ran, args.pattern)
        return ToolResult(ctx.call, True, found.text(args.pattern, path), found.facts())


def _argv(args: SearchArgs, path: str) -> list[str]:
    """Ripgrep with nothing left to the user's configuration; `.gitignore` holds without a repository too."""
    flags = [
        "--no-config",
        "--color=never",
        "--no-heading",
        "--with-filename",
        "--line-number",
        "--null",
        "--sort=path",
    ]
    flags += ["--no-require-git", "--no-ignore-global", f"--max-count={MAX_PER_FILE}", "--max-filesize=16M"]
    flags += [f"--max-columns={MAX_LINE * 8}", "--max-columns-preview"]
    if "\n" in args.pattern or r"\n" in args.pattern:
        flags.append("--multiline")
    if args.glob:
        flags.append(f"--glob={args.glob}")
    return ["rg", *flags, "-e", args.pattern, "--", path or "."]


def _read(ran: Ran, pattern: str) -> Matches:
    if ran.exit.status not in (0, 1, 2) and not ran.exit.reason:
        raise ToolFailure(f"search failed with status {ran.exit.status}: {ran.text()[:500]}")
    matches: list[Match] = []
    for line in ran.out.decode("utf-8", "replace").split("\n"):
        path, nul, rest = line.partition("\0")
        number, colon, text = rest.partition(":")
        if nul and colon and number.isdigit():
            matches.append(Match(path.removeprefix("./"), int(number), shorten(text)))
    if ran.exit.status == 2 and not matches:
        raise ToolFailure(_complaint(ran, pattern))
    return Matches(tuple(matches), stopped=ran.exit.reason)


def _complaint(ran: Ran, pattern: str) -> str:
    lines = [line for line in ran.text().splitlines() if line.strip()]
    if any("regex parse error" in line for line in lines):
        return f"pattern {pattern!r} is no regular expression: {lines[-1].removeprefix('error: ')}"
    return f"search failed: {'; '.join(lines)[:500]}"
