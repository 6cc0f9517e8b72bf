"""Asks first whether there is anything to do: wraps an engine for requests that name what must pass."""

from __future__ import annotations

import msgspec

from loopwright.core.calls import Proposal
from loopwright.core.ports import Engine, EngineContext
from loopwright.core.state import View


class BaselineFirst:
    """Claims at its first turn that all is well, so that the checks run on the tree as it was given.

    Where they pass, the session ends with nothing changed; where not, the wrapped engine begins with the findings.
    """

    def __init__(self, engine: Engine) -> None:
        self.name = engine.name
        self._engine = engine

    async def propose(self, view: View, ctx: EngineContext) -> Proposal:
        """Return the claim at turn 1, the wrapped engine's proposal (its turns counted from 1) afterwards."""
        if view.turn <= 1:
            return Proposal(text="Running the checks on the tree as it is.", done=True, engine="baseline")
        return await self._engine.propose(msgspec.structs.replace(view, turn=view.turn - 1), ctx)

    async def aclose(self) -> None:
        await self._engine.aclose()
