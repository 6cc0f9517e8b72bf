"""An event log and blobs in memory, and golden logs: recorded sessions that later versions must still read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio

from loopwright.core.archive import read_archive, write_archive
from loopwright.core.audit import Link
from loopwright.core.events import TAKEN_UP, VERSION, Body, Event, Finished, chain, decode_body, encode_body, timestamp
from loopwright.testing.memory import MemoryBlobs


class Ticks:
    """A clock for logs: every look is one second later."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self.now = start

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class MemoryLog:
    """Implements EventLog with the same chain as the store; it redacts nothing and is gone with the process."""

    def __init__(self, session: str = "session", clock: Callable[[], datetime] | None = None) -> None:
        self.session = session
        self.blobs = MemoryBlobs()
        self.events: list[Event] = []
        self._keys: dict[str, Event] = {}
        self._clock = clock or Ticks()
        self._arrived = anyio.Event()

    async def append(self, key: str, actor: str, body: Body) -> Event:
        if key in self._keys:
            return self._keys[key]
        data = encode_body(body)
        seq, prev, at = len(self.events) + 1, self.events[-1].digest if self.events else "", timestamp(self._clock())
        digest = chain(VERSION, self.session, seq, at, actor, key, data, prev)
        moment = datetime.fromisoformat(at)
        event = Event(VERSION, self.session, seq, moment, actor, key, decode_body(data), prev, digest)
        self.events.append(event)
        self._keys[key] = event
        self._arrived.set()
        self._arrived = anyio.Event()
        return event

    def find(self, key: str) -> Event | None:
        return self._keys.get(key)

    def read(self, after: int = 0) -> list[Event]:
        return self.events[after:]

    async def follow(self, after: int = 0) -> AsyncIterator[Event]:
        finished = False
        while True:
            arrived = self._arrived
            for event in self.read(after):
                yield event
                after = event.seq
                finished = isinstance(event.body, Finished) or (finished and not isinstance(event.body, TAKEN_UP))
            if finished and after == len(self.events):
                return
            await arrived.wait()


def write_golden(log: MemoryLog, path: Path) -> None:
    """Write a log as an archive that `read_golden` and `loopwright audit verify FILE` read."""
    links = [
        Link(e.v, e.session, e.seq, timestamp(e.at), e.actor, e.key, encode_body(e.body), e.prev, e.digest)
        for e in log.events
    ]
    lines = write_archive(log.session, links, log.blobs.get)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def read_golden(path: Path) -> list[Event]:
    """Return the events of an archive. Raises StoreError where one cannot be read any more."""
    with path.open(encoding="utf-8") as lines:
        return read_archive(lines).events()
