"""`python -m benchmarks [--json] [--turns N,N]`: measure, print, and say which aims are met."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from benchmarks import check, containers, repair, resume, rules, sandbox, start, turns
from benchmarks.figures import Figure, table
from loopwright.core.errors import LoopwrightError

BARE = """\
bare: a loop of the standard library without log, sandbox or checks; the provider's library imported alone.
Growth is what the last turns cost beyond the first. The bare loop sends the same growing conversation, whole, each
turn, by the cheapest client there is (http.client and json). Wall clock counts the model server's reading as well, for
both alike; CPU does not. Memory is each process's peak, pages that processes share counted once."""
#: Milliseconds a turn that the growth of a bare loop is taken for at least: less is not measured.
LEAST_GROWTH = 0.5


def main() -> None:
    """Measure everything asked for; figures come on stdout, progress on stderr."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--turns", default="100,1000", help="turns of each run, separated by commas")
    parser.add_argument("--starts", type=int, default=5, help="starts of which the least counts")
    options = parser.parse_args()
    try:
        lengths = [int(n) for n in options.turns.split(",") if n]
    except ValueError:
        parser.error(f"--turns takes numbers separated by commas, not {options.turns!r}")
    if any(length < 20 for length in lengths) or options.starts < 1:
        parser.error("a run has 20 turns or more, and there is one start or more")
    with tempfile.TemporaryDirectory(prefix="loopwright-bench-") as name:
        figures, failures = _collect(_measurements(Path(name), lengths, options.starts))
    if options.json:
        machine = {"processors": os.cpu_count(), "load": os.getloadavg()[0], "python": sys.version.split()[0]}
        print(json.dumps(machine | {"figures": [figure.to_json() for figure in figures]}))
    else:
        print(table(figures))
        print(f"\n{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
        print(BARE)
    if failures:
        sys.exit(1)


Measurement = Callable[[], Iterable[Figure]]


def _collect(measurements: Iterable[tuple[str, Measurement]]) -> tuple[list[Figure], int]:
    """Make every measurement; one that fails is told on stderr and the others go on."""
    figures: list[Figure] = []
    failures = 0
    for what, measure in measurements:
        print(f"measuring: {what}", file=sys.stderr)
        try:
            figures += measure()
        except (RuntimeError, LoopwrightError) as error:
            failures += 1
            print(f"not measured: {what}: {error}", file=sys.stderr)
    return figures, failures


def _measurements(home: Path, lengths: list[int], starts: int) -> Iterator[tuple[str, Measurement]]:
    repository = _repository(home / "repository")
    started = start.measure(home, starts)

    def version() -> Iterator[Figure]:
        yield Figure("--version, CPU", started["version"] * 1000, "ms", aim=60, beside=started["python"] * 1000)

    def compiled() -> Iterator[Figure]:
        for what, sample in (("", rules.SAMPLE), (" of rules only", "")):
            cpu = rules.measure(home, starts, sample) * 1000
            name = f"rules of a 10 KB AGENTS.md{what}, CPU (bare: start of Python)"
            yield Figure(name, cpu, "ms", 150, started["python"] * 1000)

    def run(length: int) -> Iterator[Figure]:
        ours, bare = asyncio.run(turns.measure(length, repository, home))
        return _turns(length, ours, bare, started["provider"])

    def taken_up() -> Iterator[Figure]:
        resumed = resume.measure(repository, home)
        name = f"resume of {resume.EVENTS:,} events"
        yield Figure(f"{name}, wall (bare: a new session)", resumed["wall"], "s", aim=1.0, beside=resumed["fresh_wall"])
        yield Figure(f"{name}, CPU (bare: a new session)", resumed["cpu"], "s", beside=resumed["fresh_cpu"])

    yield "starts", version
    yield "rules", compiled
    for measured in (sandbox.warm, sandbox.cold, sandbox.watching, sandbox.many):
        yield f"the sandbox: {measured.__name__}", partial(measured, home)
    yield "the search for repairs", partial(repair.search, home)
    yield "Docker", partial(containers.warm, home)
    yield "check", partial(check.measure, home)
    for length in lengths:
        yield f"{length:,} turns", partial(run, length)
    yield f"a session of {resume.EVENTS:,} events", taken_up


def _turns(length: int, ours: dict[str, float], bare: dict[str, float], provider: float) -> Iterator[Figure]:
    def figure(name: str, key: str, unit: str, aim: float | None = None) -> Figure:
        return Figure(f"{length:,} turns: {name}", ours[key], unit, aim, bare[key])

    yield figure("wall a turn, median", "wall_ms", "ms", 12)
    yield figure("CPU a turn, mean, whole tree", "cpu_ms", "ms", 8)
    yield figure("first 10 turns", "first_ms", "ms")
    yield figure("last 10 turns", "last_ms", "ms")
    for name, key in (("wall, last 10 less first 10", "growth_ms"), ("CPU, last 50 less first 50", "growth_cpu_ms")):
        allowed = 2 * max(bare[key], LEAST_GROWTH) if length >= 1000 else None
        yield figure(f"growth in {name}", key, "ms", allowed)
    yield figure("first request", "first_bytes", "B", 8192)
    yield figure("last request", "last_bytes", "B")
    yield Figure(f"{length:,} turns: requests with the prefix whole", ours["prefix"] * 100, "%", 100, at_least=True)
    yield Figure(f"{length:,} turns: peak memory, whole tree", ours["memory"] / 1e6, "MB", 120, bare["memory"] / 1e6)
    yield Figure(f"{length:,} turns: CPU to the first request", ours["start_cpu"], "s", provider + 0.4, provider)


def _repository(path: Path) -> Path:
    path.mkdir()
    (path / "main.py").write_text("print('hello')\n")
    author = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    for arguments in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "-m", "begin"]):
        subprocess.run(["git", "-C", str(path), *arguments], check=True)
    return path


if __name__ == "__main__":
    main()
