"""Judges a claim of being done: all checks on the exact tree as it stands."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from loopwright.core import events as e
from loopwright.core.calls import Tokens
from loopwright.core.checks import Change, Ref, Verdict, Verification
from loopwright.core.ports import Check, CheckContext
from loopwright.core.running import Exit, Ran
from loopwright.core.state import State
from loopwright.loop.finish import finish
from loopwright.loop.journal import Journal
from loopwright.loop.learn import record_failure
from loopwright.loop.ports import Ports
from loopwright.loop.weigh import weigh

#: Share of the budget, and seconds at least, that the checks of a tree may take which nobody has changed yet: a test
#: that never ends would leave nothing for mending it.
UNCHANGED_SHARE, UNCHANGED_LEAST = 0.2, 10.0


async def judge(ports: Ports, journal: Journal) -> None:
    """Verify the tree as it stands, then end the task, send the findings back, or give up."""
    state = journal.state
    spent = state.proposal is not None and state.proposal.spent
    ref = await ports.workspace.checkpoint()
    change = await ports.workspace.change(ref)
    found, tokens = state.verification, Tokens()
    cut = found is not None and any(v.red and v.reason == "timeout" for v in found.verdicts)
    if found is None or found.ref != ref or (cut and not spent):
        found, tokens = await verify(ports, state, ref, change)
    if found is not state.verification or not (found.green or spent):
        key = f"{state.turn}/verified/{state.seq}"
        await journal.record(key, e.Verified(found, change, state.task.id if state.task else "", tokens), "verify")
        await _diagnose(found, ports, journal)
    if found.green and state.task is not None and (not spent or found.proven or change.files):
        await journal.record(f"{state.turn}/{state.task.id}/ended", e.TaskEnded(state.task.id, done=True))
    elif spent:
        await finish(ports, journal, "unsolved", _why(state, found))


async def verify(ports: Ports, state: State, ref: Ref, change: Change) -> tuple[Verification, Tokens]:
    """Return the verdicts of every check on `ref`, cheap checks first, and what a model's opinions of them cost.

    Raises SandboxError.
    """
    requirement, task = state.requirement, state.task
    if requirement is None:
        raise AssertionError("only an analysed request is verified")
    if task is not None and task.acceptance:
        requirement = msgspec.structs.replace(requirement, acceptance=task.acceptance)
    requirement = msgspec.structs.replace(requirement, instructions_may_change=state.consented)
    limits = ports.limits
    if state.turn <= 1 and not change.files and ports.budget.seconds is not None:
        most = max(UNCHANGED_LEAST, UNCHANGED_SHARE * ports.budget.seconds)
        limits = msgspec.structs.replace(limits, timeout=min(limits.timeout or most, most))
    judging = CheckContext(
        requirement, state.directives or (), ports.workspace, ref, state.base, ports.blobs, limits, ports.emit
    )
    verdicts: list[Verdict] = []
    for check in _ordered(ports.checks):
        verdicts.extend(await check.run(change, judging))
    touched = {f.file for v in verdicts for f in v.findings if v.check == "tests"} & set(change.paths)
    weighed, tokens = await weigh(ports, state, change, verdicts)
    return Verification(ref, weighed, tuple(sorted(touched)), await ports.workspace.inputs()), tokens


def _ordered(checks: Sequence[Check]) -> list[Check]:
    return sorted(checks, key=lambda check: check.cost)


async def _diagnose(found: Verification, ports: Ports, journal: Journal) -> None:
    at = journal.state.seq
    for number, verdict in enumerate(found.verdicts):
        if verdict.red and verdict.exit is not None:
            ran = Ran((verdict.name,), Exit(verdict.exit, verdict.reason), merged=verdict.evidence.encode())
            if diagnosis := ports.analyser.diagnose(ran, verdict.check):
                await record_failure(ports, journal, f"{journal.state.turn}/diagnosed/{number}/{at}", diagnosis)


def _why(state: State, found: Verification) -> str:
    red = [v.name for v in found.verdicts if v.red]
    said = state.proposal.text.strip().splitlines()[0] if state.proposal and state.proposal.text.strip() else ""
    return "; ".join(filter(None, [said, f"red: {', '.join(red[:5])}" if red else ""])) or "nothing more to try"
