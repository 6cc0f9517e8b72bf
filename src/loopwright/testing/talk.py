"""A talk with an engine as the loop holds it, without loop, log or tools: for tests of engines and plugins."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import msgspec

from loopwright.core.calls import Delta, Proposal, ToolResult, ToolSpec
from loopwright.core.plan import Requirement, Task
from loopwright.core.ports import Engine, EngineContext, Workspace
from loopwright.core.state import Acted, Item, Observed, Said, View
from loopwright.testing.memory import MemoryBlobs


class Talk:
    """Keeps the View of one session and puts it before an engine: `say`, `propose`, `answer`, and so on.

    `given` sets further fields of the View (instructions, directives, lessons, ...).
    """

    def __init__(
        self, engine: Engine, prompt: str = "make it pass", tools: Sequence[ToolSpec] = (), **given: Any
    ) -> None:
        self.engine = engine
        self.deltas: list[Delta] = []
        self.seconds: float | None = None
        self.turn = 0
        self.view = View(
            session="talk",
            workspace="/work",
            role="engineer",
            turn=1,
            task=Task(id="task", goal=prompt),
            requirement=Requirement(goal=prompt),
            tools=tuple(tools),
        )
        self.set(**given)
        self.say(prompt)

    def set(self, **given: Any) -> None:
        """Change fields of the View."""
        self.view = msgspec.structs.replace(self.view, **given)

    def say(self, text: str, by: str = "user") -> None:
        """Put words before the engine."""
        self._add(Said(by, text))

    async def propose(self) -> Proposal:
        """Ask the engine, give its calls the loop's ids, and keep the turn as the log would."""
        context = EngineContext(self.deltas.append, MemoryBlobs(), self.seconds, _no_scratch)
        proposal = await self.engine.propose(self.view, context)
        self.turn += 1
        calls = tuple(
            msgspec.structs.replace(call, id=f"{self.turn}.{n}", provider_id=call.provider_id or call.id)
            for n, call in enumerate(proposal.calls, 1)
        )
        logged = msgspec.json.encode(msgspec.structs.replace(proposal, calls=calls))
        kept = msgspec.json.decode(logged, type=Proposal)
        self._add(Acted(self.turn, kept))
        self.set(turn=self.turn + 1, last_failed=False)
        return kept

    def answer(self, *texts: str, ok: bool = True) -> None:
        """Give the calls of the last proposal their results, one text a call."""
        acted = next(item for item in reversed(self.view.items) if isinstance(item, Acted))
        for call, text in zip(acted.proposal.calls, texts, strict=True):
            self._add(Observed(ToolResult(call.id, ok, text)))
        self.set(last_failed=not ok)

    def resume(self, engine: Engine) -> Talk:
        """Return the same talk read back from a log, before another engine."""
        other = Talk(engine)
        other.turn = self.turn
        other.view = msgspec.json.decode(msgspec.json.encode(self.view), type=View)
        return other

    def _add(self, item: Item) -> None:
        self.set(items=(*self.view.items, item))


def _no_scratch() -> AbstractAsyncContextManager[Workspace]:
    raise AssertionError("this engine was not expected to run anything")
