"""The repair engine: a failing Python test command in, the likeliest small edit that cures it out."""

from __future__ import annotations

import os
from dataclasses import replace

import msgspec

from loopwright.core.calls import Proposal
from loopwright.core.ports import EngineContext
from loopwright.core.state import Acted, View
from loopwright.engines.repair.command import Command, parse
from loopwright.engines.repair.experience import Priors
from loopwright.engines.repair.files import of_tests
from loopwright.engines.repair.patch import edits
from loopwright.engines.repair.recipe import spelled_out
from loopwright.engines.repair.session import NAME, RIVALS, How, Session, nothing
from loopwright.engines.repair.trail import Trail, last_word
from loopwright.engines.repair.trial import Content
from loopwright.engines.repair.whole import WholeRuns

REFUSALS = 4  # cures in a row that other checks refuse, after which others have their turn


class RepairEngine:
    """Proposes the edit that cures the failing tests, or nothing and what it learned.

    `workers` is how many candidates are tried at a time; 0 means one for each processor. `rivals` is how many seconds
    the search goes on behind its first cure at most. `priors` says how much likelier than its share a kind of edit
    is to be the cure here (1.0 = as usual); it is asked at the start of each search. Edits that failed
    are not tried again while the engine is asked about the same tree. A cure that some other check refuses is taken
    back with the next proposal.
    """

    name = NAME

    def __init__(self, workers: int = 0, rivals: float = RIVALS, priors: Priors | None = None) -> None:
        self._how = How(workers or len(os.sched_getaffinity(0)), rivals)
        if priors is not None:
            self._how = replace(self._how, priors=priors)
        self._trail = Trail()  # of its proposals in a row: what is refused is taken back, and the next rival proposed
        self._known: dict[Command, set[Content]] = {}  # what failed in the last search, by the command it failed under

    async def propose(self, view: View, ctx: EngineContext) -> Proposal:
        """Search within the budget. Raises SandboxError where the sandbox cannot be started or fails."""
        commands = [parse(text) for text in view.requirement.acceptance]
        if not commands:
            return nothing("no test command was given")
        proposal: Proposal | None = None
        async with ctx.scratch() as workspace:
            back = last_word(view, NAME) and not slow(view) and self._trail.leads_here(workspace.files)
            self._trail = self._trail if back else Trail()
            if len(self._trail.states) >= REFUSALS:
                return nothing(f"{REFUSALS} cures passed the tests, and other checks refused each of them")
            if not back and not goes_on(view):
                self._known = {}
            how = replace(self._how, refused=refused(view), trail=self._trail)
            given = [c for c in commands if c.kind == "opaque"]
            commands = [await spelled_out(c, workspace) if c.kind == "opaque" else c for c in commands]
            known = [command for command in commands if command.kind != "opaque"]
            for command in known:
                own = replace(how, known=self._known.setdefault(command, set()))
                with self._trail.gone_back(workspace.files) as now:
                    proposal = await Session(command, ctx, replace(own, now=now)).run(workspace)
                if proposal.calls:
                    return proposal
            if given and (proposal is None or not (proposal.report.get("failing") or green(proposal))):
                proposal = await WholeRuns(given[0], ctx).run(workspace)
        assert proposal is not None
        proposal = placed(proposal, view)
        return claimed(proposal) if slow(view) and green(proposal) else proposal

    async def aclose(self) -> None:
        """Nothing outlives a proposal."""


def slow(view: View) -> bool:
    """Whether the checks of the tree were only cut short, and no claim has had them made again."""
    red = [v for v in view.verification.verdicts if v.red] if view.verification else []
    again = any(isinstance(i, Acted) and i.proposal.engine == NAME and i.proposal.done for i in view.items)
    return bool(red) and all(v.reason == "timeout" for v in red) and not again


def green(proposal: Proposal) -> bool:
    """Whether every test passed, run one by one."""
    report = proposal.report
    return bool(report.get("tests")) and not any(report.get(name) for name in ("failing", "flaky", "late"))


def placed(proposal: Proposal, view: View) -> Proposal:
    """Where nothing could be searched, with the place at which the failure is told, and why it is left alone."""
    known = view.diagnosis
    if proposal.calls or proposal.report.get("suspicious") or known is None or not known.file:
        return proposal
    file = os.path.relpath(known.file, view.workspace) if known.file.startswith("/") else known.file
    alone = "; tests and what sets them up are not edited" if of_tests(file) else ""
    text = f"{proposal.text} The failure is told at {file}:{known.line}: {known.message[:200]}{alone}."
    return msgspec.structs.replace(proposal, text=text)


def claimed(proposal: Proposal) -> Proposal:
    """The claim that nothing is to be done, which has the checks made again in full."""
    text = "Every test passes when run one by one; the whole command needs more time."
    return msgspec.structs.replace(proposal, text=text, done=True, spent=False)


def goes_on(view: View) -> bool:
    """Whether the last word is a search of this engine that proposed nothing, so that the tree is still the same."""
    last = view.items[-1] if view.items else None
    return isinstance(last, Acted) and last.proposal.engine == NAME and not last.proposal.calls


def refused(view: View) -> frozenset[tuple[tuple[str, str, str], ...]]:
    """The edits (path, old, new) of each proposal this engine made before in the session: they were not enough."""
    mine = [i.proposal for i in view.items if isinstance(i, Acted) and i.proposal.engine == NAME]
    return frozenset(edits(proposal.calls) for proposal in mine if proposal.calls)
