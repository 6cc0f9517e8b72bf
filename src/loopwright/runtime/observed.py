"""A log that tells observers of each event once it is durable."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from loopwright.core.calls import Delta
from loopwright.core.events import Body, Event
from loopwright.core.ports import EventLog

#: Called with each event and each passing delta; must not block and must not raise.
Observer = Callable[[Event | Delta], None]


class ObservedLog:
    """Wraps an EventLog; observers hear of an event after it is written, and of each only once."""

    def __init__(self, log: EventLog, observer: Observer) -> None:
        self._log = log
        self._observer = observer
        self.session = log.session
        self._told: int | None = None  # what stands in the log when it is first read is nothing new

    async def append(self, key: str, actor: str, body: Body) -> Event:
        if self._told is None:
            self.read()
        event = await self._log.append(key, actor, body)
        if self._told is None or event.seq > self._told:
            self._told = event.seq
            self._observer(event)
        return event

    def find(self, key: str) -> Event | None:
        return self._log.find(key)

    def read(self, after: int = 0) -> list[Event]:
        events = self._log.read(after)
        if self._told is None:
            self._told = events[-1].seq if events else after
        return events

    def follow(self, after: int = 0) -> AsyncIterator[Event]:
        return self._log.follow(after)
