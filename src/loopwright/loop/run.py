"""THE loop: propose, act, observe, judge, until proven done or stopped."""

from __future__ import annotations

from loopwright.core.budget import circles, exceeded
from loopwright.core.checks import Proof
from loopwright.loop.conclude import conclude
from loopwright.loop.dispatch import dispatch
from loopwright.loop.finish import finish
from loopwright.loop.journal import Journal
from loopwright.loop.ports import Ports
from loopwright.loop.prepare import prepare
from loopwright.loop.propose import propose
from loopwright.loop.verify import judge


async def run(ports: Ports, journal: Journal) -> Proof:
    """Run until the session is finished and return its proof.

    Every step is decided by the state alone, which is a fold of the log: to resume after a crash is to call
    this again. Raises SandboxError and StoreError; everything else that goes wrong is in the log.
    """
    started = ports.clock()
    in_flight = frozenset(journal.state.decisions)  # decided before this run began: a crash cut them off
    await prepare(ports, journal)
    while (state := journal.catch_up()).open:
        seconds = ports.clock() - started
        if state.asked:
            await finish(ports, journal, "waiting", state.decisions[state.asked].reason)
        elif state.pending:
            await dispatch(ports, journal, in_flight)
        elif state.task is None:
            await conclude(ports, journal)
        elif state.proposal is not None and (state.proposal.done or state.proposal.spent):
            await judge(ports, journal)
        elif reason := exceeded(ports.budget, state, seconds) or circles(state):
            await finish(ports, journal, "unsolved", reason)
        else:
            await propose(ports, journal, seconds)
    if state.proof is None:
        raise AssertionError("a closed session has a proof")
    return state.proof
