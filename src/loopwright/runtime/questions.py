"""First requests to hosts, put as questions into a session's log, where whoever watches it may answer."""

from __future__ import annotations

import anyio

from loopwright.core.calls import Approval, Delta
from loopwright.core.events import Answered, Asked, Event
from loopwright.core.oversight import NetworkRequest
from loopwright.core.ports import EventLog
from loopwright.runtime.asking import Person, ask_nobody, question
from loopwright.runtime.observed import Observer

_NOBODY = Approval(False, "nobody is there to be asked", by="nobody")


class NetworkQuestions:
    """Asks a person once for each host and port. A yes holds for the session, also when it is taken up again.

    An answer comes from `person`, or as an Approve command of a front end: the first one in the log counts.
    """

    def __init__(self, person: Person = ask_nobody) -> None:
        self._person = person
        self._answers: dict[str, Approval] = {}
        self._heard: dict[str, anyio.Event] = {}
        self._one_at_a_time = anyio.Lock()

    def listening(self, observer: Observer) -> Observer:
        """The observer, with every answer that it is told of heard here as well."""

        def told(seen: Event | Delta) -> None:
            if isinstance(seen, Event) and isinstance(seen.body, Answered):
                self._hear(seen.body)
            observer(seen)

        return told

    def recall(self, log: EventLog) -> None:
        """Take up what was granted earlier in the session."""
        for event in log.read():
            if isinstance(event.body, Answered) and event.body.approval.granted:
                self._hear(event.body)

    async def ask(self, log: EventLog, request: NetworkRequest) -> Approval:
        """The answer to a request. Raises StoreError where the question cannot be written down."""
        call = f"network:{request.host}:{request.port}"
        known = self._answers.get(call)
        if known is None or known.by == "nobody":
            known = await self._answer(log, call, question(request))
        return known

    async def _answer(self, log: EventLog, call: str, asked: str) -> Approval:
        async with self._one_at_a_time:
            self._answers.pop(call, None)
            heard = self._heard[call] = anyio.Event()
            key = f"{call}/{max((event.seq for event in log.read()), default=0)}"
            await log.append(f"{key}/asked", "sandbox", Asked(call, asked))
            async with anyio.create_task_group() as group:
                group.start_soon(self._ask_person, log, key, call, asked)
                await heard.wait()
                group.cancel_scope.cancel()
            return self._answers[call]

    async def _ask_person(self, log: EventLog, key: str, call: str, asked: str) -> None:
        granted = await self._person(asked)
        answer = _NOBODY if granted is None else Approval(granted)
        with anyio.CancelScope(shield=True):
            await log.append(f"{key}/answered", answer.by, Answered(call, answer))

    def _hear(self, answered: Answered) -> None:
        if answered.call.startswith("network:"):
            self._answers[answered.call] = answered.approval
            if heard := self._heard.get(answered.call):
                heard.set()
