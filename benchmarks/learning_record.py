"""Records the verdicts of candidate edits, so that orders of search can be replayed without running a test again.

`python -m benchmarks.learning_record CASES ORIGINALS CACHE`: CASES holds a repository a fault, named LIBRARY-ID;
ORIGINALS holds LIBRARY with the files as they were before the fault; CACHE gets one JSON file a fault. The code under
test runs without a sandbox, so give it only what may run as you.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.to_thread

from loopwright import inside
from loopwright.core.calls import Delta
from loopwright.core.ports import EngineContext
from loopwright.engines.repair.baseline import measure
from loopwright.engines.repair.candidates import Candidate, generate
from loopwright.engines.repair.command import parse
from loopwright.engines.repair.confirm import interpreter
from loopwright.engines.repair.driver import Driver
from loopwright.engines.repair.files import syntax
from loopwright.engines.repair.hints import hints
from loopwright.engines.repair.localise import spread, suspicion
from loopwright.engines.repair.pool import gather
from loopwright.engines.repair.search import Search
from loopwright.engines.repair.session import How, Session
from loopwright.engines.repair.source import Source
from loopwright.engines.repair.trial import Layout, Route, Trial
from loopwright.testing.copied_workspace import CopiedFiles
from loopwright.testing.host_executor import HostExecutor
from loopwright.testing.memory import MemoryBlobs

COMMAND = "python -m pytest -q -p no:cacheprovider"


class Everything(Search):
    """A search that stops at no cure: each candidate is tried, and whether it cures is kept."""

    cures: set[int]

    def _deadline(self, until: float, began: float) -> float:
        return until

    def _keep(self, trial: Trial) -> None:
        if trial.complete and trial.green >= self._goal:
            self.cures.add(id(trial.candidate))


class Recording(Session):
    """One fault's baseline, its candidates, and their verdicts."""

    async def record(self, workspace: Any, originals: Path, most: int) -> dict[str, Any]:
        """Return what is written to the cache. Raises DriverDied where the tests cannot be loaded."""
        try:
            self._command = await interpreter(self._command, workspace.executor)
            return await self._record(workspace, originals, most)
        finally:
            await self._close()

    async def _record(self, workspace: Any, originals: Path, most: int) -> dict[str, Any]:
        warm = await self._start(workspace, "warm")
        base = await measure(warm, self._until - time.monotonic(), 0.35, lambda done: None)
        spectra = suspicion(base, base.failing)
        sources, _ = self._sources(workspace, base, spectra)
        spread(spectra, sources, base, base.failing)
        tests = syntax(workspace, base)
        files = [(s, gather(s, tests)) for s in sources.values() if any(spectra.lines.get(s.path, {}).values())]
        made = generate(files, spectra, hints(base, base.failing), 40_000)
        candidates = _distinct(made, sources)

        async def lane(route: Route) -> Driver:
            return warm if route == "warm" else await self._start(workspace, "fresh", warm.ready["outside"])

        goal = frozenset(base.failing)
        search = Everything(Layout(base, sources), candidates[:most], goal, lane, self._how.workers, lambda found: None)
        search.cures = set()
        found = await search.run(self._until, self._until, 0.0)
        right = _right(candidates, sources, originals)
        return {
            "tests": len(base.tests),
            "failing": [base.tests[t] for t in base.failing],
            "tried": found.tried,
            "seconds": round(found.seconds, 1),
            "candidates": [
                [c.edit.operator, round(c.score, 4), _key(c, sources), int(id(c) in search.cures), int(n in right)]
                for n, c in enumerate(candidates)
            ],
        }


def _distinct(candidates: Sequence[Candidate], sources: dict[str, Source]) -> list[Candidate]:
    """The candidates without those whose text an earlier one has: the search tries each text once."""
    seen: dict[tuple[str, str], Candidate] = {}
    for one in candidates:
        text = sources[one.edit.file].edited(one.edit.splices)
        if text != sources[one.edit.file].text:
            seen.setdefault((one.edit.file, text), one)
    return list(seen.values())


def _key(candidate: Candidate, sources: dict[str, Source]) -> str:
    text = candidate.edit.file + "\n" + sources[candidate.edit.file].edited(candidate.edit.splices)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _right(candidates: Sequence[Candidate], sources: dict[str, Source], originals: Path) -> set[int]:
    """Places of the candidates that give the original's syntax tree."""
    right: set[int] = set()
    for path, source in sources.items():
        before = (originals / path).read_text(encoding="utf-8")
        wanted = ast.dump(ast.parse(before))
        if wanted == ast.dump(source.tree):
            continue
        differs = {
            n for n, (a, b) in enumerate(zip(source.text.split("\n"), before.split("\n"), strict=False), 1) if a != b
        }
        near = {n + d for n in differs for d in (-3, -2, -1, 0, 1, 2, 3)}
        for number, one in enumerate(candidates):
            if one.edit.file == path and {source.line_at(s.start) for s in one.edit.splices} & near:
                try:
                    if ast.dump(ast.parse(source.edited(one.edit.splices))) == wanted:
                        right.add(number)
                except (SyntaxError, ValueError):
                    continue
    return right


def _ignore(delta: Delta) -> None:
    """Nobody listens."""


@asynccontextmanager
async def _scratch(root: Path) -> AsyncIterator[Any]:
    executor = HostExecutor(str(root), f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    executor.inside = str(Path(str(inside.__file__)).parent)
    yield SimpleNamespace(root=str(root), files=CopiedFiles(root), executor=executor)
    await anyio.sleep(0.1)


async def record(case: Path, originals: Path, seconds: float, most: int, workers: int) -> dict[str, Any]:
    """Return the recording of one fault, made within `seconds`."""
    ctx = EngineContext(_ignore, MemoryBlobs(), seconds, lambda: _scratch(case))
    async with _scratch(case) as workspace:
        return await Recording(parse(COMMAND), ctx, How(workers)).record(workspace, originals, most)


def main() -> None:
    """Record each fault that has no recording of the same content yet; progress on stderr."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning_record", description=__doc__)
    for name in ("cases", "originals", "cache"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--seconds", type=float, default=240.0, help="for one fault")
    parser.add_argument("--most", type=int, default=1500, help="candidates tried of one fault")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    for case in sorted(options.cases.iterdir()):
        place = options.cache / f"{case.name}.json"
        if place.exists():
            continue
        library = case.name.rpartition("-")[0]
        arguments = (case, options.originals / library, options.seconds, options.most, options.workers)
        try:
            made = anyio.run(record, *arguments)
        except Exception as error:
            print(f"{case.name}: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        place.write_text(json.dumps({"library": library, **made}), encoding="utf-8")
        cures = [n for n, c in enumerate(made["candidates"]) if c[3]]
        right = [n for n, c in enumerate(made["candidates"]) if c[4]]
        print(
            f"{case.name}: {made['tried']} of {len(made['candidates'])} in {made['seconds']} s, "
            f"first cure {cures[:1]}, right {right[:1]}",
            file=sys.stderr,
            flush=True,
        )


if __name__ == "__main__":
    main()
