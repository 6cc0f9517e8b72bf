"""Ends a run: every open call gets its result, and the proof is bound to the head of the log."""

from __future__ import annotations

from loopwright.core import events as e
from loopwright.core.calls import ToolResult
from loopwright.core.checks import Outcome, Proof
from loopwright.loop.journal import Journal
from loopwright.loop.learn import weigh
from loopwright.loop.ports import Ports


async def finish(ports: Ports, journal: Journal, outcome: Outcome, reason: str = "") -> None:
    """Record the end. Calls left open stay open only where a person is awaited."""
    if outcome != "waiting":
        await close_calls(journal, "not run: the run ended")
    if outcome in ("solved", "unsolved"):
        await weigh(ports, journal, helped=outcome == "solved")
    state = journal.state
    proof = prove(journal, outcome)
    await journal.record(f"finished/{state.seq}", e.Finished(proof, reason))


async def close_calls(journal: Journal, why: str) -> None:
    """Give each pending call the one result it must have."""
    for call in journal.state.pending:
        result = ToolResult(call=call.id, ok=False, text=why, data={"interrupted": True})
        await journal.record(f"{call.id}/returned", e.Returned(result))


def prove(journal: Journal, outcome: Outcome) -> Proof:
    """Return the proof of the state as it stands: verdicts only where they are of the very tree that stands."""
    state = journal.state
    found = state.verification
    fits = found is not None and found.ref.tree == state.ref.tree
    return Proof(
        outcome=outcome,
        solved={"solved": True, "answered": None}.get(outcome, False),
        tree=state.ref.tree,
        checks=found.verdicts if found is not None and fits else (),
        tests_changed=found.tests_changed if found is not None and fits else (),
        inputs=found.inputs if found is not None and fits else {},
        log_head=state.head,
        cost=state.cost,
    )
