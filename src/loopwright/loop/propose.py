"""One turn's question to the engine, and its answer into the log."""

from __future__ import annotations

from functools import partial

import anyio
import msgspec

from loopwright.core import events as e
from loopwright.core.budget import BAD_PROPOSALS
from loopwright.core.calls import Proposal, Tokens
from loopwright.core.errors import BadProposal, ContextOverflow, EngineError
from loopwright.core.ports import EngineContext
from loopwright.core.project import view
from loopwright.core.state import State
from loopwright.loop.context import compact, keep_within
from loopwright.loop.finish import finish
from loopwright.loop.journal import Journal
from loopwright.loop.learn import record_flaky
from loopwright.loop.ports import Ports
from loopwright.loop.strategy import advise


async def propose(ports: Ports, journal: Journal, seconds: float) -> None:
    """Ask the engine for the next step and record it, or record why there is none."""
    await advise(journal)
    await keep_within(ports.window, journal)
    state = journal.state
    turn = state.turn + 1
    left = None if ports.budget.seconds is None else max(0.0, ports.budget.seconds - seconds)
    kept: list[Proposal] = []
    asking = EngineContext(ports.emit, ports.blobs, left, partial(ports.workspace.fresh, state.ref), kept.append)
    try:
        proposal = await ports.engine.propose(view(state, ports.specs), asking)
    except ContextOverflow as error:
        await _overflow(ports, journal, turn, error)
    except BadProposal as error:
        await _unreadable(ports, journal, turn, error)
    except EngineError as error:
        await journal.record(_key(state, turn), _failed(turn, error, retry=False))
        await finish(ports, journal, "unsolved", str(error))
    except anyio.get_cancelled_exc_class():
        with anyio.CancelScope(shield=True):
            for proposal in kept[-1:]:
                await journal.record(f"{turn}/stopped", e.Proposed(turn, _named(proposal, turn)), "engine")
        raise
    else:
        await journal.record(f"{turn}/proposed", e.Proposed(turn, _named(proposal, turn), task=_task(state)), "engine")
        await record_flaky(journal, turn, proposal)


def _named(proposal: Proposal, turn: int) -> Proposal:
    """Give every call an id of our own: providers repeat theirs."""
    calls = tuple(
        msgspec.structs.replace(call, id=f"{turn}.{n}", provider_id=call.provider_id or call.id)
        for n, call in enumerate(proposal.calls, 1)
    )
    return msgspec.structs.replace(proposal, calls=calls)


def _task(state: State) -> str:
    return state.task.id if state.task else ""


def _key(state: State, turn: int) -> str:
    return f"{turn}/failed/{state.seq}"


def _failed(turn: int, error: EngineError, *, retry: bool) -> e.EngineFailed:
    return e.EngineFailed(turn, type(error).__name__, str(error), retry, error.tokens or Tokens())


async def _unreadable(ports: Ports, journal: Journal, turn: int, error: BadProposal) -> None:
    again = journal.state.engine_failures + 1 < BAD_PROPOSALS
    await journal.record(_key(journal.state, turn), _failed(turn, error, retry=again))
    if not again:
        reason = f"the engine's answer could not be read {BAD_PROPOSALS} times in a row: {error}"
        await finish(ports, journal, "unsolved", reason)


async def _overflow(ports: Ports, journal: Journal, turn: int, error: ContextOverflow) -> None:
    first = journal.state.engine_failures == 0
    await journal.record(_key(journal.state, turn), _failed(turn, error, retry=False))
    if not (first and await compact(journal)):
        await finish(ports, journal, "unsolved", f"the request does not fit the model's context: {error}")
