"""The log and the state folded from it, kept in step."""

from __future__ import annotations

from loopwright.core.events import Body, Event
from loopwright.core.ports import EventLog
from loopwright.core.project import apply, fold
from loopwright.core.state import State


class Journal:
    """Appends to one session's log; `state` is always the fold of everything in it that this run has seen."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.state = fold(State(), log.read())

    async def record(self, key: str, body: Body, actor: str = "loop") -> Event:
        """Append once under key and fold it in. Raises StoreError where the log cannot be written."""
        event = await self.log.append(key, actor, body)
        if event.seq == self.state.seq + 1:
            self.state = apply(self.state, event)
        else:  # others appended before it, or it was there already
            self.catch_up()
        return event

    def catch_up(self) -> State:
        """Fold in what others appended meanwhile (a steer, an answer) and return the state."""
        self.state = fold(self.state, self.log.read(self.state.seq))
        return self.state
