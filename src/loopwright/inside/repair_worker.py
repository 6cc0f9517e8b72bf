"""A forked worker: one edit, the tests asked for, one line for each of them."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from loopwright.inside import repair_swap, repair_trace
else:
    import repair_swap
    import repair_trace

HEADROOM = 1 << 30  # bytes of memory a worker may take beyond what it was forked with
BUSY = 0.3  # share of the wall clock that a test spends on the processor at least, if it does not only wait
LARGEST_FILE = 256 << 20  # bytes
Result = tuple[int, str, float, dict[str, Any]]
Job = dict[str, Any]


class Suite(Protocol):
    """Tests by index; `run` yields (test, outcome, cpu seconds, failure) in the order asked for."""

    ids: list[str]
    files: list[str]
    broken: set[int]  # tests that stand for a file which cannot be loaded

    def place(self, test: str) -> int | None: ...

    def run(self, order: list[int], before: Callable[[int], None], terse: bool = False) -> Iterator[Result]: ...


class Sink(Protocol):
    """Where results go."""

    def at(self, index: int) -> None: ...
    def result(self, result: Result, lines: dict[str, set[int]]) -> None: ...


class Line:
    """Where a worker writes its results, and where it marks the test it is at."""

    def __init__(self, pipe: int, mark: Any, detail: bool) -> None:
        self._pipe, self._mark, self._detail = pipe, mark, detail
        self._turn = 0

    def turn(self, number: int) -> None:
        """Marks made from here on are those of another candidate."""
        self._turn = number << 32

    def at(self, index: int) -> None:
        self._mark[0:8] = (self._turn | (index + 1)).to_bytes(8, "little")

    def result(self, result: Result, lines: dict[str, set[int]]) -> None:
        index, outcome, seconds, failure = result
        row: list[Any] = [index, outcome, round(seconds, 5)]
        if self._detail:
            row += [failure, {file: repair_trace.mask(found) for file, found in lines.items()}]
        self.write(json.dumps(row))

    def end(self, how: str) -> None:
        self.write(json.dumps(how))

    def write(self, text: str) -> None:
        data = text.encode() + b"\n"
        while data:
            data = data[os.write(self._pipe, data) :]


def limit_memory() -> None:
    with open("/proc/self/statm") as file:  # no pathlib: a project may replace it
        size = int(file.read().split()[0]) * resource.getpagesize()
    for what, value in ((resource.RLIMIT_AS, size + HEADROOM), (resource.RLIMIT_FSIZE, LARGEST_FILE)):
        _, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(what, (value, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def own_directory(path: str) -> None:
    """Temporary files of one worker do not meet those of another."""
    Path(path).mkdir(0o700)
    os.environ["TMPDIR"] = path
    tempfile.tempdir = path


def watch(job: Job, line: Sink) -> Callable[[int], None]:
    """What runs ahead of each test: mark it, and let the kernel end the worker at the test's limit of CPU time."""
    limits: list[float] = job["limits"] if job.get("known") else []

    def before(index: int) -> None:
        line.at(index)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, limits[index] if index < len(limits) else job["cpu"])

    return before


def work(suite: Suite, job: Job, line: Sink, wanted: Callable[[str], bool]) -> None:
    """Run the job's tests; stop after `stop` red ones where that is given."""
    red, stop = 0, job.get("stop") or 0
    tracer = repair_trace.tracer(wanted) if job.get("trace") else None
    before = watch(job, line)
    at, begun = [-1], [0.0]

    def late(number: int, frame: Any) -> None:
        """A traced test that runs over its time still says which lines it executed."""
        line.result((at[0], "late", float(job["cpu"]), {}), tracer.stop() if tracer else {})
        os._exit(0)

    def waits(number: int, frame: Any) -> None:
        """One that only waits, for a thread that never ends, says so as well before it is ended from outside."""
        if process_time() - begun[0] < BUSY * job["wall"]:
            late(number, frame)
        signal.setitimer(signal.ITIMER_REAL, job["wall"])

    def ahead(index: int) -> None:
        before(index)
        if tracer:
            at[0], begun[0] = index, process_time()
            signal.signal(signal.SIGPROF, late)
            signal.signal(signal.SIGALRM, waits)
            signal.setitimer(signal.ITIMER_REAL, job["wall"])
            tracer.start()

    for result in suite.run(job["tests"], ahead, not job.get("detail")):
        line.result(result, tracer.stop() if tracer else {})
        red += result[1] == "f"
        if stop and red >= stop:
            break
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)


def guarded(body: Callable[[], None], line: Line) -> None:
    """Run the worker's body and say how it ended; never returns."""
    how = ""
    try:
        body()
    except repair_swap.CannotSwap:
        how = "fresh"
    except SyntaxError:
        how = "invalid"
    except MemoryError:
        how = "memory"
    except BaseException:
        how = "died: " + traceback.format_exc(limit=-3)[-600:]
    try:
        line.end(how)
    finally:
        os._exit(0)


def leave() -> None:
    """End this process at once, whatever the project has registered for its end."""
    os._exit(0)


def quiet() -> None:
    """Whatever the project prints goes nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    os.close(null)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
