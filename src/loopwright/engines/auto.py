"""The auto engine: one engine first, then, told what the first has learned, another, while the first goes on."""

from __future__ import annotations

import os
from dataclasses import replace

import msgspec

from loopwright.core.calls import Proposal
from loopwright.core.errors import ConfigError
from loopwright.core.ports import Engine, EngineContext
from loopwright.core.state import Acted, Said, View
from loopwright.engines.beside import sooner

SHARE, MOST = 0.3, 90.0  # of the time left, and seconds: what the first engine has before the other's first call


class AutoEngine:
    """Puts `first` (repair: no key, no cost) before `then` (a model). Each request of a person begins with `first`.

    It keeps no state: whose turn it is, is read from the View. `then` is None where no model is configured, and
    `missing` says what was looked for. Where there is a model, `first` gets SHARE of the time that is left, and
    MOST seconds at most, before the model's first call. Where it left something untried and there is more than one
    of `cores` (0 = those of this process), it goes on during that call, and is heard if it has a cure before the
    model has an answer.
    """

    name = "auto"

    def __init__(self, first: Engine, then: Engine | None, missing: str = "", cores: int = 0) -> None:
        self._first = first
        self._then = then
        self._missing = missing
        self._cores = cores or len(os.sched_getaffinity(0))
        self._names = {first.name, then.name if then else ""}  # a wrapper may have spoken for itself as well

    async def propose(self, view: View, ctx: EngineContext) -> Proposal:
        """Return the proposal of the engine whose turn it is.

        When the first has learned something but can go no further, that is a turn of its own, so that the log and
        the other engine have it. Raises what the engines raise, and ConfigError where there was nothing for the
        first to do and there is no other.
        """
        if self._then is not None and self._handed_over(view):
            if self._cores > 1 and self._unfinished(view):
                return await self._both(self._then, view, ctx)
            return await self._then.propose(view, ctx)
        proposal = await self._first.propose(view, self._shared(ctx))
        proposal = msgspec.structs.replace(proposal, engine=proposal.engine or self._first.name)
        if not proposal.spent:
            return proposal
        if self._then is None:
            return self._end(view, proposal)
        if not _learned(proposal):
            return await self._then.propose(view, ctx)
        text = proposal.text or "Nothing more to try here; the model goes on with what was learned."
        return msgspec.structs.replace(proposal, text=text, calls=(), done=False, spent=False)

    async def aclose(self) -> None:
        """Close both engines."""
        try:
            await self._first.aclose()
        finally:
            if self._then is not None:
                await self._then.aclose()

    def _shared(self, ctx: EngineContext) -> EngineContext:
        """The context of the first engine: its share of the time where the other is to have the rest."""
        if self._then is None:
            return ctx
        return replace(ctx, seconds=MOST if ctx.seconds is None else min(MOST, SHARE * ctx.seconds))

    async def _both(self, then: Engine, view: View, ctx: EngineContext) -> Proposal:
        """The other engine's first answer, or a cure that the first one finds meanwhile."""
        silent = replace(ctx, emit=lambda delta: None)  # the screen is the model's
        made = await sooner(lambda: then.propose(view, ctx), lambda: self._first.propose(view, silent))
        if (made.engine or then.name) != self._first.name:
            return made
        said = (
            f"{made.text}\nFound while {then.name} was being asked; its answer was not waited for, and may be billed."
        )
        return msgspec.structs.replace(made, text=said, report=made.report | {"asked": then.name})

    def _unfinished(self, view: View) -> bool:
        """True where the last word is the first engine's own, and its time ended before what it had to try."""
        last = view.items[-1] if view.items else None
        mine = isinstance(last, Acted) and last.proposal.engine == self._first.name and not last.proposal.calls
        return isinstance(last, Acted) and mine and bool(last.proposal.report.get("untried"))

    def _handed_over(self, view: View) -> bool:
        """True where, since the person's last request, the other engine spoke or the first one ended its part."""
        for item in reversed(view.items):
            if isinstance(item, Said) and item.by == "user":
                return False
            if isinstance(item, Acted) and item.proposal.engine in self._names:
                mine = item.proposal.engine == self._first.name
                if not mine or not (item.proposal.calls or item.proposal.done):
                    return True
        return False

    def _end(self, view: View, proposal: Proposal) -> Proposal:
        worked = any(isinstance(i, Acted) and i.proposal.engine == self._first.name for i in view.items)
        missing = self._missing or "no language model is configured"
        if not worked and not _learned(proposal):
            raise ConfigError(f"{proposal.text.rstrip('.')}; {missing}" if proposal.text else missing)
        return msgspec.structs.replace(proposal, text=f"{proposal.text}\n{missing}".strip())


def _learned(proposal: Proposal) -> bool:
    """True where the report holds more than the reason why there is nothing to propose."""
    return bool(proposal.report.keys() - {"why"})
