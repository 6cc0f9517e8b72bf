"""One search in one scratch view: baseline, candidates, search, choice, confirmation, and a second round on top."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import anyio
import anyio.to_thread

from loopwright.core.calls import Delta, Proposal, ToolCall
from loopwright.core.errors import ToolFailure
from loopwright.core.fact import JsonValue
from loopwright.core.ports import EngineContext, Workspace
from loopwright.engines.repair import driver as drivers
from loopwright.engines.repair import report
from loopwright.engines.repair.baseline import Baseline, measure
from loopwright.engines.repair.behaviour import Behaviours, observe, stand
from loopwright.engines.repair.candidates import Candidate, generate
from loopwright.engines.repair.choose import covers, ordered, rank
from loopwright.engines.repair.command import Command
from loopwright.engines.repair.confirm import interpreter, whole_run
from loopwright.engines.repair.driver import Driver, DriverDied
from loopwright.engines.repair.elsewhere import look_elsewhere
from loopwright.engines.repair.experience import Priors, by_experience
from loopwright.engines.repair.files import editable, syntax
from loopwright.engines.repair.forced import Forcing
from loopwright.engines.repair.found import Found
from loopwright.engines.repair.hints import hints
from loopwright.engines.repair.history import Past, past, raise_suspicion
from loopwright.engines.repair.localise import Suspicion, spread, suspicion
from loopwright.engines.repair.patch import call, edits
from loopwright.engines.repair.pool import gather
from loopwright.engines.repair.search import Ask, Search
from loopwright.engines.repair.seen import see
from loopwright.engines.repair.source import Source, Splice, Unreadable
from loopwright.engines.repair.trail import Contents, Trail
from loopwright.engines.repair.trial import Content, Layout, Route, Trial
from loopwright.engines.repair.typed import Typed
from loopwright.engines.repair.unreached import unreached

NAME = "repair"
SECONDS = 240.0  # where the budget names none
_RESERVE = 0.12  # share of the time kept for confirming the cure
_MEASURE = 0.35  # share of the time the baseline may take at most
_PER_SECOND, _FEWEST = 200, 8000  # candidates worked out for each second left
_CONFIRMED = 5  # cures confirmed by a whole run at most
RIVALS = 10.0  # seconds spent looking for rivals of a cure at most
_RIVALS, _RIVALS_LEAST = 0.2, 2.0  # share of the time spent so, and seconds that are always
_LOOK, _LOOK_LEAST = 0.03, 2.0  # share of the time for a look at types, which begins with that at candidates
_FORCED, _FORCED_MOST = 0.03, 5.0  # share of the time for forcing conditions, and seconds at most, each time
_COMPARE = 0.08  # share of the time for telling rivals apart, at most
_FIRST_ROUND = 0.7  # share of the time after which half a cure is built upon
_PROOF = 5  # times what it takes to load the tests: what whole runs of the command at the end take together
_ROUNDS = 3  # edits that may have to be found one upon the other
_WORTH = 5.0  # seconds that must be left for another round

Texts = dict[str, str]


@dataclass(frozen=True)
class How:
    """How a search is made. `refused` are edits that were proposed before and did not do; `known` are contents that
    failed in an earlier search on the same tree, to which this one adds. `trail` is what was proposed for this tree
    before, and `now` what the files hold that it edited: the search goes back behind it."""

    workers: int
    rivals: float = RIVALS
    priors: Priors = lambda shares: {}
    refused: frozenset[tuple[tuple[str, str, str], ...]] = frozenset()
    known: set[Content] = field(default_factory=set)
    trail: Trail = field(default_factory=Trail)
    now: Contents = field(default_factory=dict)


@dataclass(frozen=True)
class Ready:
    """What a search begins with."""

    warm: Driver
    loading: float  # seconds that loading the tests took
    layout: Layout
    spectra: Suspicion
    unreadable: list[str]
    candidates: list[Candidate]
    typed: Typed


@dataclass
class Round:
    """What one round of the search ended with."""

    baseline: Baseline
    sources: dict[str, Source]
    found: Found
    cure: list[Trial]
    facts: dict[str, JsonValue]
    why: str
    seen: Behaviours = field(default_factory=Behaviours)


class Session:
    """A search for one command within the budget of the engine's context."""

    def __init__(self, command: Command, ctx: EngineContext, how: How) -> None:
        self._command, self._ctx, self._how = command, ctx, how
        budget = ctx.seconds if ctx.seconds is not None else SECONDS
        self._seconds = max(2.0, budget * (1 - _RESERVE))
        self._until = time.monotonic() + self._seconds
        self._drivers: list[Driver] = []
        self._original = {path: Source(path, data) for path, data in how.trail.base.items()}
        self._now = {path: Source(path, data) for path, data in how.now.items()}
        self._kept: list[Trial] = []  # half cures that later rounds build upon

    async def run(self, workspace: Workspace) -> Proposal:
        """Search, then propose the cure or say why there is none."""
        first: Round | None = None
        try:
            self._command = await interpreter(self._command, workspace.executor)
            for number in range(_ROUNDS):
                made = await self._round(workspace, last=number == _ROUNDS - 1)
                first = first or made
                if made.cure:
                    return self._proposal(made)
                if not self._build_upon(workspace, made):
                    break
        except DriverDied as died:
            if first is None:
                return nothing(f"the tests cannot be loaded: {died}")
        finally:
            await self._close()
            for path in {trial.candidate.edit.file for trial in self._kept}:
                workspace.files.write(path, self._original[path].data)
        assert first is not None
        return nothing(first.why, first.facts, report.likeliest(first.facts))

    async def _close(self) -> None:
        with anyio.CancelScope(shield=True):
            for one in self._drivers:
                await one.close()
        self._drivers = []

    async def _start(self, workspace: Workspace, role: Route, outside: Sequence[str] = ()) -> Driver:
        started = await drivers.start(
            workspace.executor,
            self._command,
            role,
            seconds=self._until - time.monotonic() + 30,
            patience=max(5.0, self._seconds * _MEASURE),
            workers=self._how.workers,
            more={"outside": list(outside)},
        )
        self._drivers.append(started)
        return started

    async def _round(self, workspace: Workspace, last: bool) -> Round:
        began = time.monotonic()
        warm = await self._start(workspace, "warm")
        loading = time.monotonic() - began
        left = self._until - time.monotonic()
        baseline = await measure(warm, left, _MEASURE, self._count)
        if not baseline.failing:
            facts = report.baseline(baseline)
            return Round(baseline, {}, Found(), [], facts, report.why_nothing_fails(baseline))
        spectra = suspicion(baseline, baseline.failing)
        sources, unreadable = self._sources(workspace, baseline, spectra)
        spread(spectra, sources, baseline, baseline.failing)
        changes = await past(workspace, sources)
        raise_suspicion(spectra, changes)
        most = max(_FEWEST, int(_PER_SECOND * (self._until - time.monotonic())))
        typed = Typed({}, sources, baseline.root)
        async with anyio.create_task_group() as group:
            group.start_soon(see, warm, baseline, typed.seen, max(_LOOK_LEAST, _LOOK * self._seconds))
            candidates = await anyio.to_thread.run_sync(
                _candidates, workspace, baseline, sources, spectra, most, changes
            )
        candidates = by_experience(candidates, self._how.priors)
        ready = Ready(warm, loading, Layout(baseline, sources), spectra, unreadable, candidates, typed)
        return await self._searched(workspace, last, ready)

    async def _searched(self, workspace: Workspace, last: bool, ready: Ready) -> Round:
        warm, layout, candidates = ready.warm, ready.layout, ready.candidates
        baseline, sources, never = layout.baseline, layout.sources, ready.typed.never

        async def lane(route: Route) -> Driver:
            return warm if route == "warm" else await self._start(workspace, "fresh", warm.ready["outside"])

        goal = frozenset(baseline.failing)
        failed = None if self._kept else self._how.known  # upon half a cure the tree is another one
        seconds = min(_FORCED_MOST, _FORCED * self._seconds)
        forcing, tell = Forcing(layout, bool(warm.ready.get("light")), never, seconds), self._progress(ready.spectra)
        search = Search(layout, candidates, goal, lane, self._how.workers, tell, failed, never, forcing.order)
        now = time.monotonic()
        half = self._until if last else now + (self._until - now) * _FIRST_ROUND
        rivals = min(self._how.rivals, max(_RIVALS_LEAST, _RIVALS * self._seconds))
        seen = Behaviours()

        async def behind(ask: Ask, found: Found) -> None:
            nonlocal seen
            if not found.complete:
                await forcing.force(ask, candidates)
            with anyio.move_on_after(_COMPARE * self._seconds):
                seen = await observe(ask, found, layout)
                stand(seen)
                seen.unreached = await unreached(ask, [trial for trial, _ in seen.of], layout)
                stand(seen)

        def facts_of(found: Found, cure: list[Trial]) -> dict[str, JsonValue]:
            made = report.search(baseline, ready.spectra, found, candidates, sources, ready.unreadable, cure, seen)
            return made | report.forced(baseline, sources, forcing.helps)

        try:
            found = await search.run(self._until, half, rivals, behind, proof=_PROOF * ready.loading)
            cure = await self._cure(workspace, found, goal, sources)
        except anyio.get_cancelled_exc_class():
            self._ctx.keep(self._stopped(search.found, facts_of(search.found, [])))
            raise
        facts = facts_of(found, cure)
        why = report.why_not(baseline, found, len(candidates), ready.unreadable) + report.helped(facts)
        return Round(baseline, sources, found, cure, report.stored(facts, self._ctx.blobs), why, seen)

    def _stopped(self, found: Found, facts: dict[str, JsonValue]) -> Proposal:
        """What was learned until the search was cut short."""
        text = report.stopped(found, facts)
        return Proposal(text=text, engine=NAME, report={"why": text, **report.stored(facts, self._ctx.blobs)})

    def _sources(
        self, workspace: Workspace, baseline: Baseline, spectra: Suspicion
    ) -> tuple[dict[str, Source], list[str]]:
        imported = (os.path.relpath(file, baseline.root) for file in baseline.imports)
        framed = (os.path.relpath(file, baseline.root) for file in baseline.framed())
        sources: dict[str, Source] = {}
        unreadable: list[str] = []
        for path in dict.fromkeys([*spectra.lines, *imported, *framed]):
            if not editable(path, baseline):
                spectra.lines.pop(path, None)
                continue
            try:
                sources[path] = Source(path, workspace.files.read(path))
            except (Unreadable, ToolFailure) as error:
                unreadable.append(str(error))
        for path, source in sources.items():
            self._original.setdefault(path, source)
        return sources, unreadable

    async def _cure(
        self, workspace: Workspace, found: Found, goal: frozenset[int], sources: dict[str, Source]
    ) -> list[Trial]:
        """The best cover of the failing tests that a whole run of the command confirms; [] where none does."""
        pool = ordered(found.complete)
        for _ in range(_CONFIRMED):
            chosen = covers(pool, goal)
            if not chosen:
                return []
            known = edits(self._calls(sources, chosen)) in self._how.refused
            if not known and not self._how.trail.knows(self._made(sources, chosen)):
                ran = await whole_run(self._command, workspace, _encoded(sources, chosen))
                if ran.ok:
                    return chosen
                found.unconfirmed = found.unconfirmed or ran.exit.said
            pool.remove(chosen[0])
        return []

    def _build_upon(self, workspace: Workspace, made: Round) -> bool:
        """Keep the best half cure in the view for another round; False where there is none or no time."""
        halves = [*made.found.complete, *made.found.partial]
        if not halves or self._until - time.monotonic() < _WORTH:
            return False
        best = max(halves, key=lambda t: (len(t.green), rank(t)))
        for path, data in _encoded(made.sources, [best]).items():
            workspace.files.write(path, data)
        self._kept.append(best)
        return True

    def _calls(self, sources: Mapping[str, Source], cure: Sequence[Trial]) -> tuple[ToolCall, ...]:
        final = {path: source.text for path, source in self._original.items()} | _final(sources, cure)
        now = self._original | self._now
        changed = [path for path, text in final.items() if text != now[path].text]
        return tuple(
            call(f"repair-{number}-{place}", path, old, new)
            for number, path in enumerate(changed, start=1)
            for place, (old, new) in enumerate(now[path].changes(final[path]), start=1)
        )

    def _made(self, sources: Mapping[str, Source], cure: Sequence[Trial]) -> dict[str, bytes]:
        """What the cure makes of the files that it changes."""
        final = _final(sources, cure).items()
        return {path: sources[path].encode(text) for path, text in final if text != self._original[path].text}

    def _proposal(self, made: Round) -> Proposal:
        final = _final(made.sources, made.cure)
        calls = self._calls(made.sources, made.cure)
        contents = self._made(made.sources, made.cure)
        self._how.trail.add({path: self._original[path].data for path in contents}, contents)
        text = report.text([*self._kept, *made.cure], self._original, final, made.found, made.seen)
        return Proposal(text=text, calls=calls, done=True, engine=NAME, report=made.facts)

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
    workspace: Workspace,
    baseline: Baseline,
    sources: Mapping[str, Source],
    spectra: Suspicion,
    most: int,
    changes: Sequence[Past],
) -> list[Candidate]:
    tests = syntax(workspace, baseline)
    suspicious = [s for s in sources.values() if any(spectra.lines.get(s.path, {}).values())]
    elsewhere = look_elsewhere(sources.values())
    files = [(source, gather(source, tests, elsewhere)) for source in suspicious]
    return generate(files, spectra, hints(baseline, baseline.failing), most, changes)


def _final(sources: Mapping[str, Source], cure: Sequence[Trial]) -> Texts:
    """The texts of all files once the cure is made."""
    final = {path: source.text for path, source in sources.items()}
    return final | {path: sources[path].edited(splices) for path, splices in by_file(cure).items()}


def by_file(trials: Sequence[Trial]) -> dict[str, tuple[Splice, ...]]:
    """The splices of all the trials for each file."""
    files: dict[str, tuple[Splice, ...]] = {}
    for trial in trials:
        edit = trial.candidate.edit
        files[edit.file] = (*files.get(edit.file, ()), *edit.splices)
    return files


def _encoded(sources: Mapping[str, Source], trials: Sequence[Trial]) -> dict[str, bytes]:
    return {path: sources[path].encode(sources[path].edited(splices)) for path, splices in by_file(trials).items()}


def nothing(why: str, facts: dict[str, JsonValue] | None = None, shown: str = "") -> Proposal:
    """The proposal of an engine that has nothing to propose; `shown` is what a person may want to see of it."""
    return Proposal(text=f"No repair: {why}.{shown}", engine=NAME, spent=True, report={"why": why, **(facts or {})})
