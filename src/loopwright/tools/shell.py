"""Run a shell command in the sandbox, in front or in the background."""

from __future__ import annotations

from typing import Annotated

import msgspec

from loopwright.core.calls import Effect, ToolResult
from loopwright.core.errors import ToolFailure
from loopwright.core.ports import ToolContext
from loopwright.core.running import Limits
from loopwright.tools.command import Shells, bounded, collect, ending, facts, streaming
from loopwright.tools.description import description
from loopwright.tools.jobs import Jobs
from loopwright.tools.output import shown


class ShellArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    command: str
    timeout: Annotated[float, msgspec.Meta(gt=0)] | msgspec.UnsetType = msgspec.UNSET
    background: bool = False


class Shell:
    """`shell {command, timeout?, background?}`."""

    name = "shell"
    effect = Effect.EXECUTE
    args = ShellArgs

    def __init__(self, shells: Shells, jobs: Jobs) -> None:
        self.description = description("shell")
        self._shells, self._jobs = shells, jobs

    async def run(self, args: ShellArgs, ctx: ToolContext) -> ToolResult:
        """A command that fails is a result with ok=False. Raises ToolFailure where there is nothing to run."""
        if not args.command.strip() or "\0" in args.command:
            raise ToolFailure("command is empty" if not args.command.strip() else "command holds a NUL character")
        if args.background:
            return await self._jobs.start(args.command, ctx)
        asked = args.timeout if isinstance(args.timeout, float | int) else None
        timeout = bounded(asked, ctx.limits)
        executor = ctx.workspace.executor
        process = await executor.start(await self._shells.argv(executor, args.command), Limits(timeout=timeout))
        kept = bytearray()
        ended = await collect(process, streaming(ctx.call, ctx.emit, kept))
        text, blob = shown(bytes(kept), ctx.blobs)
        data = facts(args.command, ended, len(kept)) | ({"blob": blob} if blob else {})
        remarks = [ending(ended, timeout)]
        if asked is not None and asked > timeout:
            remarks.append(f"[timeout {asked:g} s is more than the session allows; {timeout:g} s was used]")
        body = text if not text or text.endswith("\n") else text + "\n"
        return ToolResult(ctx.call, ended.status == 0 and not ended.reason, body + "\n".join(remarks), data)
