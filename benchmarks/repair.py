"""The search of the repair engine: candidates a second, against a pytest process for each, over cores, and memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.processes import cpu, peak_memory, tree
from benchmarks.turns import environment

SECONDS = 25  # budget of each search: it finds no cure and so uses it all
TESTS, EACH = 20, 0.01  # tests of the suite, and seconds of CPU each takes: 200 ms
RUNS = 5  # whole pytest processes timed
PER_SECOND, TIMES, MEMORY = 50, 50, 500  # the aims
TRIED = re.compile(r"tried (\d+) of \d+ edits in (\d+) s")

MODULE = """\
def spread(values, low, high):
    span = max(values) - min(values)
    if span == 0:
        return [low for _ in values]
    return [low + (value - min(values)) * (high - low) / span for value in values]


def middle(values):
    ordered = sorted(values)
    at = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[at]
    return (ordered[at - 1] + ordered[at]) / 2
"""
SUITE = """\
import time
import pytest
from numbers_of import middle, spread


def work():
    until = time.process_time() + {each}
    while time.process_time() < until:
        middle([3, 1, 2])


@pytest.mark.parametrize("n", range({tests}))
def test_passing(n):
    work()
    assert middle([n, n + 2]) == n + 1 and spread([n, n + 1], 0, 1) == [0, 1]


def test_that_no_edit_cures():
    work()
    assert (middle([1, 2, 3]), spread([1, 2], 0, 1)) == object()
"""


def search(home: Path) -> Iterator[Figure]:
    """Figures of one search on all cores and one on a single core. Raises RuntimeError where none was made."""
    repository = home / "repair"
    repository.mkdir(exist_ok=True)
    (repository / "numbers_of.py").write_text(MODULE)
    (repository / "test_numbers_of.py").write_text(SUITE.format(each=EACH, tests=TESTS - 1))
    process = _process(repository)
    rate, each, memory = _search(repository, home, [])
    yield Figure("repair: candidates a second", rate, "", aim=PER_SECOND, beside=1 / process, at_least=True)
    yield Figure("repair: CPU a candidate, whole tree", each * 1000, "ms")
    yield Figure("repair: times a pytest process for each", rate * process, "", aim=TIMES, at_least=True)
    yield Figure("repair: peak memory, whole tree", memory / 1e6, "MB", aim=MEMORY)
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        alone, _, _ = _search(repository, home, ["taskset", "-c", str(cores[0])])
        yield Figure(f"repair: candidates a second, {len(cores)} cores (bare: 1)", rate, "", beside=alone)


def _process(repository: Path) -> float:
    """Seconds of wall clock of one run of the suite in a process of its own, the least of several."""
    argv = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "test_numbers_of.py"]
    spent = []
    for _ in range(RUNS):
        began = time.perf_counter()
        subprocess.run(argv, cwd=repository, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        spent.append(time.perf_counter() - began)
    return min(spent)


def _search(repository: Path, home: Path, before: list[str]) -> tuple[float, float, int]:
    """Candidates tried a second, seconds of CPU for each of them, and the peak memory of the process tree in bytes."""
    clean = environment(home)
    env = clean | {"PATH": f"{Path(sys.executable).parent}:{clean.get('PATH', os.defpath)}"}
    test = "python -m pytest -q -p no:cacheprovider"
    argv = [*before, sys.executable, "-m", "loopwright", "fix", str(repository), "--engine", "repair", "--json"]
    argv += ["--test", test, "--budget-seconds", str(SECONDS)]
    output = home / "repair.jsonl"
    most, used = 0, 0.0
    with output.open("wb") as out:
        child = subprocess.Popen(argv, env=env, cwd=home, stdout=out, stderr=subprocess.STDOUT)
        while child.poll() is None:
            running = tree(child.pid)
            most, used = max(most, peak_memory(running)), max(used, cpu(running))
            time.sleep(0.5)
    told = TRIED.search(output.read_text(errors="replace"))
    if told:
        tried = max(1, int(told[1]))
        return tried / max(1, int(told[2])), used / tried, most
    raise RuntimeError(f"the search left no report: {output.read_text(errors='replace')[-500:]}")
