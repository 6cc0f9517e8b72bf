"""The search: candidates in order of promise through forked workers, until the failing tests are cured or time ends."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import anyio
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from loopwright.engines.repair.agenda import Agenda
from loopwright.engines.repair.candidates import Candidate
from loopwright.engines.repair.driver import Driver, DriverDied, jobs
from loopwright.engines.repair.found import Found
from loopwright.engines.repair.trial import Content, Layout, Route, Trial, job

_FIRST = 100  # candidates tried before the rest is put into another order
_AHEAD = 3  # jobs sent beyond those being worked on, so that no worker waits
_STARVED = 3.0  # seconds of wall clock more for small tests on a busy machine
_WARMING, _WARMING_ENDLESS = 0.6, 0.15  # CPU time more for the first test of a worker: it imports what all need
_LIGHT = 64  # jobs sent ahead where a worker takes many
_TOGETHER = 0.05  # seconds: failing tests that take less are all run, so that half a cure is seen
_RIVALS_LEAST = 2.0  # seconds spent looking for rivals once a cure is found
_RIVALS_OF_SEVERAL = 2  # times as long, while only several edits together cure what one might
_RIVALS_SHARE = 0.5  # of the time the first cure took
_RIVALS_TRIED = 1500  # candidates tried behind the first cure, where time allows


Lanes = dict[Route, Driver]
Ask = Callable[[Route, list[dict[str, Any]]], Awaitable[dict[int, dict[str, Any]]]]
Behind = Callable[[Ask, Found], Awaitable[None]]
Order = Callable[[Ask, Sequence[Candidate]], Awaitable[list[Candidate]]]


class Search:
    """One pass over the candidates. `lane` opens the driver of a route when it is first needed.

    `known` are contents that failed before on the same tree: they are not tried again, and what fails now is added.
    Candidates of which `never` says that they cannot fit are tried when all others have been. `order` is asked once,
    where a cure is not among the first: it may look at the program and put what is left into another order.
    """

    def __init__(
        self,
        layout: Layout,
        candidates: list[Candidate],
        goal: frozenset[int],
        lane: Callable[[Route], Any],
        workers: int,
        tell: Callable[[Found], None],
        known: set[Content] | None = None,
        never: Callable[[Candidate], bool] | None = None,
        order: Order | None = None,
    ) -> None:
        self.layout, self._goal, self._lane, self._tell = layout, goal, lane, tell
        self._agenda = Agenda(layout, candidates, goal, known, never)
        self._workers = workers
        self._lanes: Lanes = {}
        self._flying: dict[int, Trial] = {}
        self._waiting: dict[Route, list[Trial]] = {"warm": [], "fresh": []}
        self._order = order
        self._number = 0
        self._send: MemoryObjectSendStream[tuple[Route, dict[str, Any] | None]]
        self._receive: MemoryObjectReceiveStream[tuple[Route, dict[str, Any] | None]]
        self._group: TaskGroup
        self._best: float | None = None
        self._first_tried = 0
        self._most_rivals, self._proof = _RIVALS_LEAST, 0.0
        self.found = Found()

    async def run(
        self, until: float, half: float, rivals: float, behind: Behind | None = None, proof: float = 0.0
    ) -> Found:
        """Search until `until` (monotonic clock) and return what was found.

        From `half` on, half a cure ends the search: another round is to build upon it. At most `rivals` seconds are
        spent on rivals of the first cure, and none of the last `proof` seconds before `until`: a cure is worth nothing
        that cannot be shown to be one any more. `behind` is called at the end, while the drivers still listen.
        """
        self._most_rivals, self._proof = rivals, proof
        began = time.monotonic()
        found = self.found
        self._send, self._receive = anyio.create_memory_object_stream(1 << 16)
        async with self._send, self._receive, anyio.create_task_group() as group:
            self._group = group
            try:
                while True:
                    now = time.monotonic()
                    found.seconds, found.left, found.unfit = now - began, self._agenda.left, self._agenda.unfit
                    if now >= until or (now >= half and self._halved()):
                        break
                    if now >= self._deadline(until, began) and not self._whole_cure_pending():
                        break
                    if not self._due():
                        await self._fill()
                    elif not self._flying:
                        await self._ordered()
                        continue
                    if not self._flying:
                        break
                    with anyio.move_on_after(max(0.05, until - now)):
                        self._take(*await self._receive.receive())
                if behind is not None:
                    await behind(self.ask, found)
            except DriverDied as died:
                found.problem = str(died)
            group.cancel_scope.cancel()
        found.left, found.unfit = self._agenda.left, self._agenda.unfit
        return found

    async def ask(self, route: Route, messages: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
        """Have the driver of this route do other jobs; their answers by the place of the job in `messages`.

        What a detailed job says test by test is in the `results` of its answer.
        """
        await self._drop()
        driver = await self._open(route)
        numbers = {}
        for place, message in enumerate(messages):
            self._number += 1
            numbers[self._number] = place
            await driver.send(jobs([message | {"id": self._number}]))
        try:
            return await self._answers(numbers)
        finally:
            if numbers:
                with anyio.CancelScope(shield=True):
                    await driver.send({"op": "drop", "ids": list(numbers)})

    async def _answers(self, numbers: dict[int, int]) -> dict[int, dict[str, Any]]:
        answers: dict[int, dict[str, Any]] = {}
        rows: dict[int, list[Any]] = defaultdict(list)
        while numbers:
            _, answer = await self._receive.receive()
            if answer is None or answer["ev"] == "died":
                raise DriverDied((answer or {}).get("text", ""))
            if answer["ev"] == "test":
                rows[answer["id"]].append(answer["row"])
                continue
            answer["results"] += rows.pop(answer.get("id", 0), [])
            place_of = numbers.pop(answer.get("id", 0), None)
            if place_of is not None:
                answers[place_of] = answer
        return answers

    def _due(self) -> bool:
        """True where enough was tried in vain to have the rest put into another order."""
        vain = self.found.tried >= _FIRST and not self.found.complete
        return self._order is not None and vain and not self._whole_cure_pending()

    async def _ordered(self) -> None:
        assert self._order is not None
        order, self._order = self._order, None
        await self._agenda.reorder(partial(order, self.ask))

    async def _drop(self) -> None:
        """Have the drivers forget the candidates that wait for a worker."""
        for driver in self._lanes.values():
            await driver.send({"op": "drop", "ids": list(self._flying)})
        self._flying.clear()

    def _whole_cure_pending(self) -> bool:
        """True while one edit that turned all failing tests green has yet to pass the others, and none has before."""
        under_way = (*self._flying.values(), *self._waiting["warm"], *self._waiting["fresh"])
        return self._best is None and any(t.stage == "green" and t.green >= self._goal for t in under_way)

    def _halved(self) -> bool:
        return self.found.first_at is None and bool(self.found.partial or self.found.complete)

    def _deadline(self, until: float, began: float) -> float:
        first = self.found.first_at
        if first is None:
            return until
        spare = min(self._most_rivals, max(_RIVALS_LEAST, _RIVALS_SHARE * (first - began)))
        if self._best is None:
            spare = _RIVALS_OF_SEVERAL * self._most_rivals
        elif self.found.tried < self._first_tried + _RIVALS_TRIED:
            spare = self._most_rivals
        return min(until - self._proof, first + spare)

    async def _fill(self) -> None:
        for route in ("warm", "fresh"):
            while self._room(route) and self._waiting[route]:
                await self._launch(route, self._waiting[route].pop(0))
        while self._room("warm") and self._room("fresh"):
            trial = self._agenda.next(self._best)
            if trial is None:
                return
            await self._launch(trial.route, trial)
        while self._room("warm") and len(self._waiting["fresh"]) < 2000:
            trial = self._agenda.next(self._best)
            if trial is None:
                return
            if trial.route == "warm":
                await self._launch("warm", trial)
            else:
                self._waiting["fresh"].append(trial)

    def _room(self, route: Route) -> bool:
        flying = sum(trial.route == route for trial in self._flying.values())
        if route == "fresh":
            return flying < max(1, self._workers)
        return flying < (_LIGHT if self._light else self._workers + _AHEAD)

    @property
    def _light(self) -> bool:
        """True where one worker can try several candidates, one after the other."""
        warm = self._lanes.get("warm")
        return warm is not None and bool(warm.ready.get("light"))

    async def _launch(self, route: Route, trial: Trial) -> None:
        driver = await self._open(route)
        self._number += 1
        quick = self.layout.baseline.total(trial.tests) < _TOGETHER
        stop = 1 if trial.stage == "green" or not quick else 0
        self._flying[self._number] = trial
        message = job(self.layout, trial, self._number, patience=1.0, stop=stop)
        if self._light and route == "warm":
            trial.light = trial.stage == "red" and not stop and not trial.late
            endless = any(test in self.layout.baseline.late for test in trial.tests)
            message |= {"light": trial.light, "first": trial.stage == "green"}
            if trial.late or not endless:  # a test that only waits is not waited for as well: it has a second turn
                message["wall"] += _STARVED
            message["warming"] = _WARMING_ENDLESS if endless else _WARMING
        await driver.send(jobs([message]))

    async def _open(self, route: Route) -> Driver:
        if route not in self._lanes:
            driver = await self._lane(route)
            self._lanes[route] = driver
            limits = [self.layout.baseline.limit(t) for t in range(len(self.layout.baseline.tests))]
            await driver.send({"op": "limits", "cpu": limits})
            self._group.start_soon(self._pump, route, driver)
        return self._lanes[route]

    async def _pump(self, route: Route, driver: Driver) -> None:
        try:
            while True:
                await self._send.send((route, await driver.receive()))
        except DriverDied as died:
            await self._send.send((route, {"ev": "died", "text": str(died)}))

    def _take(self, route: Route, message: dict[str, Any] | None) -> None:
        if message is None or message["ev"] == "died":
            raise DriverDied((message or {}).get("text", ""))
        trial = self._flying.pop(message.get("id", 0), None)
        if message["ev"] != "done" or trial is None:
            return
        if message["end"] == "fresh":
            trial.route = "fresh"
            self._waiting["fresh"].append(trial)
            return
        results = {row[0]: row[1] for row in message["results"]}
        if trial.stage == "red":
            self._after_red(trial, results, message)
        else:
            self._after_green(trial, results, message)

    def _after_red(self, trial: Trial, results: dict[int, str], message: dict[str, Any]) -> None:
        found = self.found
        if message["end"] == "late" and not trial.late:
            self._agenda.later(trial)
        if not trial.late:
            found.tried += 1
            found.by_operator[trial.candidate.edit.operator] += 1
        trial.green = frozenset(t for t, outcome in results.items() if outcome == "p")
        red = [t for t in trial.tests if t not in trial.green]
        trial.end = message["end"]
        if red and not trial.green and not trial.end:
            self._agenda.failed(trial)
        if trial.end.startswith("died"):
            found.deaths[trial.end[-160:]] += 1
        found.ends[trial.end.split(":")[0] or ("green" if not red else "red")] += 1
        if trial.green and not (red and trial.end):
            trial.end = ""
            trial.stage = "green"
            again = sorted(trial.green) if trial.light else []  # what others left behind may have turned them green
            trial.tests = [*again, *self._watchers(trial.candidate)]
            if trial.tests:
                waiting = self._waiting[trial.route]  # ahead of what is not yet tried
                waiting.insert(sum(t.stage == "green" for t in waiting), trial)
            else:
                self._keep(trial)
        if found.tried % 50 == 0:
            self._tell(found)

    def _after_green(self, trial: Trial, results: dict[int, str], message: dict[str, Any]) -> None:
        base = self.layout.baseline
        trial.passed = sum(outcome != "f" for test, outcome in results.items() if test not in trial.green)
        red = [t for t, outcome in results.items() if outcome == "f" and t in base.outcomes]
        if message["end"] and not red:
            red = [message.get("at", -1)]
        if red:
            trial.killer = red[0]
            self.found.killers[red[0]] += 1
        trial.end = message["end"]
        self._keep(trial)

    def _watchers(self, candidate: Candidate) -> list[int]:
        """Passing tests that execute what the edit may change: those that killed most first, then the quick ones."""
        base = self.layout.baseline
        file = self.layout.absolute(candidate.edit.file)
        source = self.layout.sources[candidate.edit.file]
        if candidate.unit is None or self.layout.imported(candidate):
            chosen = list(base.passing)
        else:
            node = candidate.unit.node
            mask = ((1 << ((node.end_lineno or node.lineno) + 1)) - 1) >> node.body[0].lineno << node.body[0].lineno
            chosen = [
                t for t in base.passing if base.outcomes[t].lines.get(file, 0) & mask or not base.outcomes[t].lines
            ]
        lines = [source.line_at(splice.start) for splice in candidate.edit.splices]

        def order(test: int) -> tuple[int, bool, float]:
            hit = any(base.outcomes[test].lines.get(file, 0) >> line & 1 for line in lines)
            return -self.found.killers[test], not hit, base.outcomes[test].seconds

        return sorted(chosen, key=order)

    def _keep(self, trial: Trial) -> None:
        found = self.found
        if trial.complete and trial.green:
            found.complete.append(trial)
            if found.first_at is None and found.cured() >= self._goal:
                found.first_at = time.monotonic()
                self._first_tried = found.tried
            if self._best is None and trial.green >= self._goal:
                self._best = trial.candidate.score
            self._tell(found)
        elif trial.killer < 0 and trial.green:
            found.partial.append(trial)
