"""The repair engine: a failing Python test command in, the likeliest small edit that cures it out."""

from __future__ import annotations

import os

from loopwright.core.calls import Proposal
from loopwright.core.ports import EngineContext
from loopwright.core.state import View
from loopwright.engines.repair.command import parse
from loopwright.engines.repair.session import NAME, Session, nothing
from loopwright.engines.repair.whole import WholeRuns


class RepairEngine:
    """Proposes the edit that cures the failing tests, or nothing and what it learned.

    `workers` is how many candidates are tried at a time; 0 means one for each processor.
    """

    name = NAME

    def __init__(self, workers: int = 0) -> None:
        self._workers = workers or len(os.sched_getaffinity(0))

    async def propose(self, view: View, ctx: EngineContext) -> Proposal:
        """Search within the budget. Raises SandboxError where the sandbox cannot be started or fails."""
        commands = [parse(text) for text in view.requirement.acceptance]
        if not commands:
            return nothing("no test command was given")
        known = [command for command in commands if command.kind != "opaque"]
        proposal: Proposal | None = None
        async with ctx.scratch() as workspace:
            for command in known:
                proposal = await Session(command, ctx, self._workers).run(workspace)
                if proposal.calls:
                    return proposal
            opaque = [command for command in commands if command.kind == "opaque"]
            if proposal is None or (opaque and not proposal.report.get("failing")):
                return await WholeRuns(opaque[0], ctx).run(workspace)
        return proposal

    async def aclose(self) -> None:
        """Nothing outlives a proposal."""
