"""What a sandbox sees, brought into the log: soon, and before the next event, in the order it was seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import anyio

from loopwright.core.calls import Approval
from loopwright.core.errors import StoreError
from loopwright.core.events import Body, Event, NetworkRequested, Noted, SystemCallsSeen
from loopwright.core.oversight import Anomaly, NetworkRequest, Observation, Oversight, SystemCall, Thresholds, deny
from loopwright.core.ports import EventLog
from loopwright.runtime.asking import Person
from loopwright.runtime.observed import ObservedLog, Observer
from loopwright.runtime.questions import NetworkQuestions

#: System calls written down between two events, and requests; the rest is counted.
_MOST_CALLS, _MOST_REQUESTS = 200, 10_000
#: Seconds until a request or an anomaly is in the log at the latest: what a `kill -9` can hide.
SOON = 0.2


class Recorder:
    """Takes observations from wherever they are made; `take` gives them as bodies of events, once."""

    def __init__(self) -> None:
        self._bodies: list[Body] = []
        self._calls: list[SystemCall] = []
        self._more = self._more_requests = self._requests = 0

    def observe(self, seen: Observation) -> None:
        """Keep what belongs into the log. Called from any thread."""
        match seen:
            case NetworkRequest():
                self._requests += 1
                if self._requests <= _MOST_REQUESTS:
                    self._bodies.append(NetworkRequested(seen))
                else:
                    self._more_requests += 1
            case Anomaly(kind=kind, detail=detail):
                text = f"a command was ended, since it behaved as no ordinary one does: {kind}: {detail}"
                self._bodies.append(Noted(text, "warning", {"anomaly": kind, "detail": detail}))
            case SystemCall():
                if len(self._calls) < _MOST_CALLS:
                    self._calls.append(seen)
                else:
                    self._more += 1
            case _:
                pass

    def urgent(self) -> list[Body]:
        """Requests and anomalies since the last time, to be written down at once."""
        bodies, self._bodies = self._bodies, []
        return bodies

    def give_back(self, bodies: list[Body]) -> None:
        """Have these told again, before all others: they could not be written."""
        self._bodies[:0] = bodies

    def take(self) -> list[Body]:
        """All that was seen since the last time."""
        bodies, calls, more, unwritten = self._bodies, self._calls, self._more, self._more_requests
        self._bodies, self._calls, self._more, self._more_requests, self._requests = [], [], 0, 0, 0
        if unwritten:
            bodies.append(Noted(f"{unwritten} more requests to the network were not written down", "warning"))
        return [*bodies, SystemCallsSeen(tuple(calls), more)] if calls else bodies


class OverseenLog:
    """Wraps an EventLog: what was seen before an event stands before it."""

    def __init__(self, log: EventLog, recorder: Recorder) -> None:
        self._log, self._recorder = log, recorder
        self.session = log.session
        self._count = max((event.seq for event in log.read()), default=0)

    async def append(self, key: str, actor: str, body: Body) -> Event:
        for seen in self._recorder.take():
            await self._append_seen(seen)
        event = await self._log.append(key, actor, body)
        self._count = max(self._count, event.seq)
        return event

    async def write_urgent(self) -> None:
        """Bring what does not wait for the next event into the log; what cannot be written waits all the same."""
        bodies = self._recorder.urgent()
        try:
            while bodies:
                await self._append_seen(bodies[0])
                del bodies[0]
        except StoreError:
            self._recorder.give_back(bodies)

    async def _append_seen(self, body: Body) -> None:
        self._count += 1
        event = await self._log.append(f"seen/{self._count}", "sandbox", body)
        self._count = max(self._count, event.seq)

    def find(self, key: str) -> Event | None:
        return self._log.find(key)

    def read(self, after: int = 0) -> list[Event]:
        return self._log.read(after)

    def follow(self, after: int = 0) -> AsyncIterator[Event]:
        return self._log.follow(after)


class Witness:
    """One session's log with all that is seen of its sandboxes in it, and with the questions they raise."""

    def __init__(self, log: EventLog, observer: Observer, person: Person) -> None:
        self._recorder = Recorder()
        self._questions = NetworkQuestions(person)
        self._questions.recall(log)
        self.log = OverseenLog(ObservedLog(log, self._questions.listening(observer)), self._recorder)
        self._loop = asyncio.get_running_loop()
        self._writing: asyncio.Task[None] | None = None

    def oversight(self, thresholds: Thresholds, *, asks: bool) -> Oversight:
        """What the session's sandboxes are given; `asks` False: nobody is asked, the answer is no."""
        return Oversight(self._observe, self._ask if asks else deny, thresholds, audit=True)

    def _observe(self, seen: Observation) -> None:
        self._recorder.observe(seen)
        if isinstance(seen, NetworkRequest | Anomaly):
            with suppress(RuntimeError):  # the run is over: nobody writes any more
                self._loop.call_soon_threadsafe(self._write_soon)

    def _write_soon(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = self._loop.create_task(self._write())

    async def _write(self) -> None:
        await anyio.sleep(SOON)
        await self.log.write_urgent()

    async def _ask(self, request: NetworkRequest) -> Approval:
        return await self._questions.ask(self.log, request)
