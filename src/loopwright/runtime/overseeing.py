"""What a sandbox sees, brought into the log: before the next event, in the order it was seen."""

from __future__ import annotations

from collections.abc import AsyncIterator

from loopwright.core.events import Body, Event, NetworkRequested, SystemCallsSeen
from loopwright.core.oversight import NetworkRequest, Observation, SystemCall
from loopwright.core.ports import EventLog

#: System calls written down between two events, and requests; the rest is counted.
_MOST_CALLS, _MOST_REQUESTS = 200, 500


class Recorder:
    """Takes observations from wherever they are made; `take` gives them as bodies of events, once."""

    def __init__(self) -> None:
        self._requests: list[NetworkRequest] = []
        self._calls: list[SystemCall] = []
        self._more = 0

    def observe(self, seen: Observation) -> None:
        """Keep what belongs into the log. Called from any thread."""
        if isinstance(seen, NetworkRequest) and len(self._requests) < _MOST_REQUESTS:
            self._requests.append(seen)
        elif isinstance(seen, SystemCall):
            if len(self._calls) < _MOST_CALLS:
                self._calls.append(seen)
            else:
                self._more += 1

    def take(self) -> list[Body]:
        """What was seen since the last time."""
        requests, calls, more = self._requests, self._calls, self._more
        self._requests, self._calls, self._more = [], [], 0
        bodies: list[Body] = [NetworkRequested(request) for request in requests]
        return [*bodies, SystemCallsSeen(tuple(calls), more)] if calls else bodies


class OverseenLog:
    """Wraps an EventLog: what was seen before an event stands before it."""

    def __init__(self, log: EventLog, recorder: Recorder) -> None:
        self._log, self._recorder = log, recorder
        self.session = log.session
        self._count = max((event.seq for event in log.read()), default=0)

    async def append(self, key: str, actor: str, body: Body) -> Event:
        for seen in self._recorder.take():
            self._count += 1
            await self._log.append(f"seen/{self._count}", "sandbox", seen)
        event = await self._log.append(key, actor, body)
        self._count = max(self._count, event.seq)
        return event

    def find(self, key: str) -> Event | None:
        return self._log.find(key)

    def read(self, after: int = 0) -> list[Event]:
        return self._log.read(after)

    def follow(self, after: int = 0) -> AsyncIterator[Event]:
        return self._log.follow(after)
