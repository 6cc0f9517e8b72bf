"""What an engine found out before it was stopped is in the log."""

from pathlib import Path

import anyio
import pytest
from tests.unit.test_loop import Run

from loopwright.core import events as e
from loopwright.core.calls import Proposal
from loopwright.core.ports import EngineContext
from loopwright.core.state import View

pytestmark = pytest.mark.anyio


class Stopped:
    """An engine that searches for ever and says what it has when it is stopped."""

    name = "search"

    async def propose(self, view: View, ctx: EngineContext) -> Proposal:
        try:
            await anyio.sleep_forever()
        finally:
            ctx.keep(Proposal(text="two near misses", report={"suspicious": ["a.py:3"]}))

    async def aclose(self) -> None: ...


async def test_what_a_stopped_engine_knows_is_kept_and_asks_for_nothing(tmp_path: Path) -> None:
    ran = Run(tmp_path, Stopped())
    with anyio.move_on_after(0.3):
        await ran.go()
    kept = [event.body for event in ran.log.read() if isinstance(event.body, e.Proposed)]
    assert [(p.proposal.text, p.proposal.report) for p in kept] == [("two near misses", {"suspicious": ["a.py:3"]})]
    assert not kept[0].proposal.calls and not kept[0].proposal.done and not kept[0].proposal.spent
