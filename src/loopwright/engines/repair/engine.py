"""The repair engine: a failing Python test command in, the likeliest small edit that cures it out."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

import anyio
import anyio.to_thread

from loopwright.core.calls import Delta, Proposal
from loopwright.core.errors import ToolFailure
from loopwright.core.fact import JsonValue
from loopwright.core.ports import EngineContext, Workspace
from loopwright.core.project import View
from loopwright.engines.repair import driver as drivers
from loopwright.engines.repair import report
from loopwright.engines.repair.baseline import Baseline, measure
from loopwright.engines.repair.candidates import Candidate, generate
from loopwright.engines.repair.choose import covers, ordered
from loopwright.engines.repair.command import Command, parse
from loopwright.engines.repair.confirm import confirmed, interpreter
from loopwright.engines.repair.driver import Driver, DriverDied
from loopwright.engines.repair.files import editable, syntax
from loopwright.engines.repair.localise import Suspicion, spread, suspicion
from loopwright.engines.repair.patch import call
from loopwright.engines.repair.pool import gather
from loopwright.engines.repair.search import Found, Search
from loopwright.engines.repair.source import Source, Splice, Unreadable
from loopwright.engines.repair.trial import Layout, Route, Trial

NAME = "repair"
SECONDS = 240.0  # where the budget names none
_RESERVE = 0.12  # share of the time kept for confirming the cure
_MEASURE = 0.35  # share of the time the baseline may take at most
_PER_SECOND, _FEWEST = 150, 5000  # candidates worked out for each second left
_CONFIRMED = 5  # cures confirmed by a whole run at most


class RepairEngine:
    """Proposes one edit per cured fault, or nothing and what it learned. `workers` defaults to the processors."""

    name = NAME

    def __init__(self, workers: int = 0) -> None:
        self._workers = workers or len(os.sched_getaffinity(0))

    async def propose(self, view: View, ctx: EngineContext) -> Proposal:
        """Search within the budget. Raises SandboxError where the sandbox cannot be started or fails."""
        commands = [parse(text) for text in view.requirement.acceptance]
        chosen = next((c for c in commands if c.kind != "opaque"), None)
        if chosen is None:
            return _nothing("no test command that the repair engine can look into: pytest, unittest or a Python script")
        session = _Session(chosen, ctx, self._workers)
        async with ctx.scratch() as workspace:
            return await session.run(workspace)

    async def aclose(self) -> None:
        """Nothing outlives a proposal."""


class _Session:
    """One search in one scratch view."""

    def __init__(self, command: Command, ctx: EngineContext, workers: int) -> None:
        self._command, self._ctx, self._workers = command, ctx, workers
        budget = ctx.seconds if ctx.seconds is not None else SECONDS
        self._began = time.monotonic()
        self._seconds = max(2.0, budget * (1 - _RESERVE))
        self._until = self._began + self._seconds
        self._drivers: list[Driver] = []

    async def run(self, workspace: Workspace) -> Proposal:
        try:
            self._command = await interpreter(self._command, workspace.executor)
            warm = await self._start(workspace, "warm")
            baseline = await measure(warm, self._seconds * _MEASURE, self._count)
            return await self._repair(workspace, warm, baseline)
        except DriverDied as died:
            return _nothing(f"the tests cannot be loaded: {died}")
        finally:
            with anyio.CancelScope(shield=True):
                for one in self._drivers:
                    await one.close()

    async def _start(self, workspace: Workspace, role: Route, outside: Sequence[str] = ()) -> Driver:
        left = self._until - time.monotonic() + 30
        more = {"outside": list(outside)}
        started = await drivers.start(
            workspace.executor,
            self._command,
            role,
            seconds=left,
            patience=max(5.0, self._seconds * _MEASURE),
            workers=self._workers,
            more=more,
        )
        self._drivers.append(started)
        return started

    async def _repair(self, workspace: Workspace, warm: Driver, baseline: Baseline) -> Proposal:
        if not baseline.failing:
            return _nothing(_why_nothing_fails(baseline), report.baseline(baseline))
        spectra = suspicion(baseline, baseline.failing)
        sources, unreadable = self._sources(workspace, baseline, spectra)
        spread(spectra, sources, baseline, baseline.failing)
        most = max(_FEWEST, int(_PER_SECOND * (self._until - time.monotonic())))
        candidates = await anyio.to_thread.run_sync(
            _candidates, workspace, baseline, sources, spectra, most
        )
        layout = Layout(baseline, sources)

        async def lane(route: Route) -> Driver:
            return warm if route == "warm" else await self._start(workspace, "fresh", warm.ready["outside"])

        goal = frozenset(baseline.failing)
        search = Search(layout, candidates, goal, lane, self._workers, self._progress(spectra))
        found = await search.run(self._until)
        cure = await self._cure(workspace, found, goal, sources)
        facts = report.search(baseline, spectra, found, candidates, sources, unreadable, cure)
        facts = report.stored(facts, self._ctx.blobs)
        if not cure:
            return _nothing(report.why_not(baseline, found, len(candidates)), facts)
        calls = tuple(
            call(sources[path], splices, number)
            for number, (path, splices) in enumerate(_by_file(cure).items(), start=1)
        )
        return Proposal(text=report.text(cure, sources, found), calls=calls, done=True, engine=NAME, report=facts)

    def _sources(
        self, workspace: Workspace, baseline: Baseline, spectra: Suspicion
    ) -> tuple[dict[str, Source], list[str]]:
        imported = (os.path.relpath(file, baseline.root) for file in baseline.imports)
        sources: dict[str, Source] = {}
        unreadable: list[str] = []
        for path in dict.fromkeys([*spectra.lines, *imported]):
            if not editable(path, baseline):
                spectra.lines.pop(path, None)
                continue
            try:
                sources[path] = Source(path, workspace.files.read(path))
            except (Unreadable, ToolFailure) as error:
                unreadable.append(str(error))
        return sources, unreadable

    async def _cure(
        self, workspace: Workspace, found: Found, goal: frozenset[int], sources: dict[str, Source]
    ) -> list[Trial]:
        """The best cover of the failing tests that a whole run of the command confirms; [] where none does."""
        pool = ordered(found.complete)
        for _ in range(_CONFIRMED):
            chosen = covers(pool, goal, sources)
            if not chosen:
                return []
            edited = {path: sources[path].encode(sources[path].edited(s)) for path, s in _by_file(chosen).items()}
            if await confirmed(self._command, workspace, edited):
                return chosen
            pool.remove(chosen[0])
        return []

    def _count(self, done: int) -> None:
        if done % 50 == 0:
            self._ctx.emit(Delta("progress", f"{done} tests measured", data={"measured": done}))

    def _progress(self, spectra: Suspicion) -> report.Tell:
        top: list[JsonValue] = [f"{file}:{line}" for file, line, _ in spectra.top(5)]

        def tell(found: Found) -> None:
            data: dict[str, JsonValue] = {
                "tried": found.tried,
                "plausible": len(found.complete),
                "suspicious": top,
                "seconds": round(found.seconds, 1),
            }
            self._ctx.emit(Delta("progress", f"{found.tried} candidates tried", data=data))

        return tell


def _candidates(
    workspace: Workspace, baseline: Baseline, sources: dict[str, Source], spectra: Suspicion, most: int
) -> list[Candidate]:
    tests = syntax(workspace, baseline)
    suspicious = [s for s in sources.values() if any(spectra.lines.get(s.path, {}).values())]
    return generate([(source, gather(source, tests)) for source in suspicious], spectra, most)


def _by_file(trials: Sequence[Trial]) -> dict[str, tuple[Splice, ...]]:
    files: dict[str, tuple[Splice, ...]] = {}
    for trial in trials:
        edit = trial.candidate.edit
        files[edit.file] = (*files.get(edit.file, ()), *edit.splices)
    return files


def _why_nothing_fails(baseline: Baseline) -> str:
    if baseline.flaky:
        names = ", ".join(baseline.tests[t] for t in baseline.flaky[:3])
        return f"only flaky tests fail ({names}): they pass or fail without any change, and are not repaired"
    if not baseline.tests:
        return "no tests were collected"
    return "no test fails when run one by one"


def _nothing(why: str, facts: dict[str, JsonValue] | None = None) -> Proposal:
    return Proposal(text=f"No repair: {why}.", engine=NAME, spent=True, report=facts or {"why": why})
