"""Commands left running in the background of a session, and the tool that lists, reads and ends them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from loopwright.core.calls import Effect, ToolResult
from loopwright.core.errors import SandboxError, ToolFailure
from loopwright.core.fact import JsonValue
from loopwright.core.ports import ToolContext
from loopwright.core.running import Executor, Exit, Limits, Process
from loopwright.tools.command import Shells, collect, ending
from loopwright.tools.description import description
from loopwright.tools.output import plain

MOST = 8  # running at once in a session
KEPT = 64 << 10  # bytes of each job's latest output
SHOWN = 8000  # characters of them in a result
FIRST_LOOK = 0.3  # seconds waited at the start, so that a command that fails at once is seen to fail
LIFETIME = 24 * 3600.0  # seconds; a job ends with its session long before


@dataclass
class Job:
    """One background command."""

    id: str
    command: str
    executor: Executor
    process: Process
    kept: bytearray = field(default_factory=bytearray)
    printed: int = 0
    ended: Exit | None = None
    ending: asyncio.Task[None] | None = None

    def take(self, data: bytes) -> None:
        """Keep the latest output."""
        self.printed += len(data)
        self.kept += data
        del self.kept[:-KEPT]

    async def watch(self) -> None:
        """Collect output until the command ends; a sandbox that closes under it ends it too."""
        try:
            self.ended = await collect(self.process, self.take)
        except (SandboxError, OSError) as error:
            self.ended = Exit(status=137, reason="stopped", detail=str(error))

    def state(self) -> str:
        return "running" if self.ended is None else ending(self.ended, LIFETIME).strip("[]")

    def output(self) -> str:
        text = plain(bytes(self.kept))[-SHOWN:]
        earlier = self.printed - len(text.encode())
        return (f"[{earlier} earlier bytes left out]\n" if earlier > 0 and len(text) >= SHOWN else "") + text

    def facts(self) -> dict[str, JsonValue]:
        status = None if self.ended is None else self.ended.status
        return {
            "id": self.id,
            "command": self.command,
            "running": self.ended is None,
            "exit": status,
            "bytes": self.printed,
        }


class Jobs:
    """The background commands of every session these tools serve; each session sees those of its own sandbox."""

    def __init__(self, shells: Shells) -> None:
        self._shells = shells
        self._jobs: list[Job] = []
        self._started = 0

    def of(self, executor: Executor) -> Sequence[Job]:
        """The jobs of one sandbox, oldest first."""
        return [job for job in self._jobs if job.executor is executor]

    async def start(self, command: str, ctx: ToolContext) -> ToolResult:
        """Start a command and return at once. Raises ToolFailure where too many are running."""
        executor = ctx.workspace.executor
        running = [job for job in self.of(executor) if job.ended is None]
        if len(running) >= MOST:
            raise ToolFailure(f"{MOST} background commands are running: end one with jobs first")
        process = await executor.start(await self._shells.argv(executor, command), Limits(timeout=LIFETIME))
        self._started += 1
        job = Job(f"job{self._started}", command, executor, process)
        job.ending = asyncio.create_task(job.watch(), name=job.id)
        self._jobs = [*(j for j in self._jobs if j.ended is None or j.executor is executor), job]
        await asyncio.wait({job.ending}, timeout=FIRST_LOOK)
        ok = job.ended is None or job.ended.status == 0
        return ToolResult(ctx.call, ok, f"{job.id} {job.state()}: {command}\n{job.output()}".rstrip(), job.facts())

    def get(self, executor: Executor, id: str) -> Job:
        """Raises ToolFailure naming the jobs there are."""
        jobs = self.of(executor)
        for job in jobs:
            if job.id == id:
                return job
        named = ", ".join(job.id for job in jobs) or "none was started"
        raise ToolFailure(f"no background command {id or '(no id given)'}; there are: {named}")


class JobsArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    action: Literal["list", "read", "end"] = "list"
    id: str = ""


class JobsTool:
    """`jobs {action, id?}`."""

    name = "jobs"
    effect = Effect.EXECUTE
    args = JobsArgs

    def __init__(self, jobs: Jobs) -> None:
        self.description = description("jobs")
        self._jobs = jobs

    async def run(self, args: JobsArgs, ctx: ToolContext) -> ToolResult:
        """Raises ToolFailure where id names no job."""
        executor = ctx.workspace.executor
        if args.action == "list":
            jobs = self._jobs.of(executor)
            lines = [f"{job.id} {job.state()}: {job.command}" for job in jobs]
            return ToolResult(
                ctx.call, True, "\n".join(lines) or "No background commands.", {"jobs": [j.facts() for j in jobs]}
            )
        job = self._jobs.get(executor, args.id)
        if args.action == "end" and job.ending is not None and job.ended is None:
            await job.process.kill()
            await asyncio.wait({job.ending}, timeout=10)
        return ToolResult(ctx.call, True, f"{job.id} {job.state()}\n{job.output()}".rstrip(), job.facts())
