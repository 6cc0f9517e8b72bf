"""Ends a run whose tasks are all done: what was proven lands, what was not stays in the session."""

from __future__ import annotations

from loopwright.core import events as e
from loopwright.core.checks import Promotion, Verification
from loopwright.core.errors import WorkspaceError
from loopwright.loop.finish import finish
from loopwright.loop.journal import Journal
from loopwright.loop.learn import learn
from loopwright.loop.ports import Ports


async def conclude(ports: Ports, journal: Journal) -> None:
    """Finish as answered, unproven or solved, by the verification of the very tree that stands."""
    state = journal.state
    found = state.verification
    if found is None:
        raise AssertionError("a task ends only with a verification")
    change = await ports.workspace.change(state.ref)
    if not change.files:
        await finish(ports, journal, "answered")
    elif not found.proven:
        await finish(ports, journal, "unproven", "something was changed, but no check was given or found")
    else:
        await _land(ports, journal, found)


async def _land(ports: Ports, journal: Journal, found: Verification) -> None:
    state = journal.state
    landed: Promotion | None = None
    if state.landed != found.ref:  # an earlier landing may have met a conflict, or been taken back since
        try:
            landed = await ports.land("proof", found.ref)
        except WorkspaceError as error:
            await finish(ports, journal, "unsolved", f"proven, but your files could not be written: {error}")
            return
        if landed is not None:
            await journal.record(f"{state.turn}/landed/{state.seq}", e.Promoted(landed))
    if landed is not None and landed.conflicts:
        names = ", ".join(landed.conflicts[:5])
        reason = f"proven, but you changed the same files meanwhile, so yours were left alone: {names}"
        await finish(ports, journal, "unsolved", reason)
        return
    await learn(ports, journal)
    await finish(ports, journal, "solved")
