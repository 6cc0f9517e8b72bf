"""One run of a tool that the project, or the machine, has: in the sandbox, from the directory a rule holds for."""

from __future__ import annotations

from collections.abc import Iterable

from loopwright.core.ports import CheckContext, Workspace
from loopwright.core.rules import Directive
from loopwright.core.running import Limits, Ran, run


async def run_tool(
    rule: Directive, argv: Iterable[str], view: Workspace, ctx: CheckContext, seconds: float, stdin: bytes = b""
) -> Ran:
    """Run a tool of the project, or one of the machine, where the rule holds: see `absent`."""
    depth = rule.scope.count("/") + 1 if rule.scope else 0
    bins = ":".join(f"$PWD/{'../' * up}node_modules/.bin" for up in range(depth + 1))
    script = f'PATH="{bins}:$PATH"; export PATH; command -v "$1" >/dev/null || exit 127; exec "$@"'
    limits = Limits(timeout=min(ctx.limits.timeout or seconds, seconds), memory=ctx.limits.memory, output=32 << 20)
    return await run(view.executor, ("sh", "-c", script, "sh", *argv), limits, cwd=rule.scope, stdin=stdin)


def absent(ran: Ran) -> bool:
    """True where the tool is not there, or is only a launcher with nothing to launch."""
    return ran.exit.status == 127 or (not ran.ok and b"rustup could not choose a version" in ran.merged)


def first_line(ran: Ran) -> str:
    """Return the first line that a tool said, for the evidence."""
    lines = [line.strip() for line in ran.text().splitlines() if line.strip()]
    return lines[0][:200] if lines else ran.exit.reason
