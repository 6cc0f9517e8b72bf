"""The repair engine's hand inside the sandbox: `python repair_driver.py`, configuration as the first line of stdin.

Two roles. `warm` collects the tests once and forks workers whose functions get new code. `fresh` imports only what
lies outside the project; its workers import the edited project from the start.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loopwright.inside import (
        repair_batch,
        repair_force,
        repair_probe,
        repair_pytest,
        repair_script,
        repair_serve,
        repair_swap,
        repair_trace,
        repair_types,
        repair_unittest,
        repair_worker,
    )
else:
    import repair_batch
    import repair_force
    import repair_probe
    import repair_pytest
    import repair_script
    import repair_serve
    import repair_swap
    import repair_trace
    import repair_types
    import repair_unittest
    import repair_worker

Config = dict[str, Any]
ELSEWHERE = ("site-packages", "dist-packages", ".venv", "venv", ".tox", ".nox", "node_modules", "__pycache__")


def forced(suite: repair_worker.Suite, job: repair_worker.Job, line: repair_worker.Line, wanted: Any) -> None:
    """Run the job's tests with a condition forced."""
    repair_force.begin(job["force"])
    repair_worker.work(suite, job, line, wanted)
    repair_force.tell(line)


#: What is done with the tests, by what the job asks for; where it asks for nothing they are run.
WORK: dict[str, Callable[..., None]] = {"record": repair_probe.record, "types": repair_types.see, "force": forced}


class Project:
    """Which files are the project's own."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self._known: dict[str, bool] = {}

    def owns(self, path: str) -> bool:
        if path not in self._known:
            full = repair_swap.real(path)
            inside = full.startswith(self.root + os.sep) and full.endswith(".py")
            parts = Path(full[len(self.root) :]).parts
            self._known[path] = inside and not any(part in ELSEWHERE for part in parts)
        return self._known[path]


def collect(config: Config, serve: Callable[[Any], None], only: set[str] | None) -> str:
    """Load the tests as the command would, then call `serve` with the suite; returns what went wrong."""
    kind, args = config["kind"], config["args"]
    if kind == "pytest":
        sys.argv = ["pytest", *args]
        return repair_pytest.main(args, serve, only)
    if kind == "unittest":
        return repair_unittest.main(args, serve, only)
    serve(repair_script.ScriptSuite(config["script"], args, kind == "module"))
    return ""


def ready(suite: repair_worker.Suite, lines: dict[str, set[int]], project: Project) -> dict[str, Any]:
    return {
        "ev": "ready",
        "python": list(sys.version_info[:3]),
        "tests": suite.ids,
        "broken": sorted(suite.broken),
        "files": [os.path.realpath(file) if file else "" for file in suite.files],
        "root": project.root,
        "imports": {repair_swap.real(file): repair_trace.mask(found) for file, found in lines.items()},
        "outside": repair_swap.project_modules(project.root),
    }


def warm(config: Config, link: repair_serve.Link, project: Project) -> str:
    """Collect, say what was found, then serve."""
    tracer = repair_trace.tracer(project.owns)
    functions = repair_swap.Functions()

    def serve(suite: repair_worker.Suite) -> None:
        lines = tracer.stop()
        functions.index()
        traces = repair_batch.Traces(suite, project.owns) if isinstance(suite, repair_pytest.PytestSuite) else None
        cheap = traces is not None and traces.cheap
        link.send(ready(suite, lines, project) | {"light": cheap})

        def body(job: repair_worker.Job, line: repair_worker.Line) -> None:
            repair_worker.own_directory(job["home"])
            repair_worker.limit_memory()
            edits = job.get("edits") or []
            if edits:
                repair_swap.override(edits)
                for edit in edits:
                    repair_swap.swap(edit, functions)
            kind = next((name for name in WORK if name in job), "")
            if kind:
                WORK[kind](suite, job, line, project.owns)
            elif "inputs" in job:
                repair_probe.probe(job, line, functions)
            else:
                repair_worker.work(suite, job, line, project.owns)

        def several(jobs: list[repair_worker.Job], line: repair_worker.Line) -> None:
            repair_worker.own_directory(jobs[0]["home"])
            repair_worker.limit_memory()
            assert isinstance(suite, repair_pytest.PytestSuite)
            assert traces is not None
            repair_batch.work(jobs, suite, line, functions, traces)

        light = several if cheap else None
        repair_serve.Server(link, config["workers"], body, repair_worker.guarded, light).serve()

    tracer.start()
    return collect(config, serve, None)


def fresh(config: Config, link: repair_serve.Link, project: Project) -> str:
    """Import what the project leans on, then serve; each worker collects for itself."""
    for name in config.get("outside", []):
        with contextlib.suppress(BaseException):
            importlib.import_module(name)
    link.send({"ev": "ready", "python": list(sys.version_info[:3]), "tests": [], "files": [], "root": project.root})

    def body(job: repair_worker.Job, line: repair_worker.Line) -> None:
        repair_worker.own_directory(job["home"])
        repair_worker.limit_memory()
        line.at(-1)
        edits = job.get("edits") or []
        if edits:
            repair_swap.override(edits)
        named: dict[int, str] = {int(number): name for number, name in job["named"].items()}

        def run(suite: repair_worker.Suite) -> None:
            if "inputs" in job:
                functions = repair_swap.Functions()
                functions.index()
                repair_probe.probe(job, line, functions)
            else:
                chosen(suite, named, job, line, project)

        only = {repair_swap.real(path) for path in job["only"]} if job.get("only") else None
        problem = collect(config, run, only)
        if problem:
            raise RuntimeError(problem)

    with tempfile.TemporaryDirectory(prefix="repair-") as cache:
        sys.dont_write_bytecode, sys.pycache_prefix = False, cache  # what no edit touches is compiled once
        repair_serve.Server(link, config["workers"], body, repair_worker.guarded).serve()
    return ""


def chosen(
    suite: repair_worker.Suite,
    named: dict[int, str],
    job: repair_worker.Job,
    line: repair_worker.Line,
    project: Project,
) -> None:
    """Run the named tests of a suite that was just collected.

    A file that could not be loaded before counts as one test: it passes when all its tests do. What is not there fails.
    """
    numbers: dict[int, int] = {}
    whole: dict[int, list[int]] = {}
    for number in job["tests"]:
        place = suite.place(named[number])
        if place is not None and place not in suite.broken:
            numbers[place] = number
        elif place is None and "::" not in named[number]:
            whole[number] = [p for p, name in enumerate(suite.ids) if name.startswith(named[number] + "::")]
    for number in job["tests"]:
        if number not in numbers.values() and not whole.get(number):
            line.result((number, "f", 0.0, {}), {})
    inner = {**job, "known": False, "stop": 0 if whole else job.get("stop")}
    renamed = Renamed(line, numbers, whole)
    tests = [*numbers, *(place for places in whole.values() for place in places)]
    repair_worker.work(suite, {**inner, "tests": tests}, renamed, project.owns)
    for number, places in whole.items():
        if places:
            line.result((number, "f" if renamed.red & set(places) else "p", 0.0, {}), {})


class Renamed:
    """A worker's line under the engine's test numbers; results of tests that have none are only remembered."""

    def __init__(self, line: repair_worker.Line, numbers: dict[int, int], whole: dict[int, list[int]]) -> None:
        self._line, self._numbers = line, numbers
        self._files = {place: number for number, places in whole.items() for place in places}
        self.red: set[int] = set()

    def at(self, index: int) -> None:
        self._line.at(self._numbers.get(index, self._files.get(index, -1)))

    def result(self, result: repair_worker.Result, lines: dict[str, set[int]]) -> None:
        if result[0] in self._numbers:
            self._line.result((self._numbers[result[0]], *result[1:]), lines)
        elif result[1] == "f":
            self.red.add(result[0])


def main() -> None:
    source, sink = os.dup(0), os.dup(1)
    for number in (source, sink):
        os.set_inheritable(number, False)
    link = repair_serve.Link(source, sink)
    config: Config = {}
    while not config:
        messages = link.receive()
        if messages is None:
            return
        if messages:
            config = messages[0]
    if not config.get("loud"):
        repair_worker.quiet()
    here = str(Path(__file__).resolve().parent)
    ahead = [str(Path(entry).resolve()) for entry in config["path"]]
    sys.path[:] = ahead + [entry for entry in sys.path if str(Path(entry).resolve()) != here]
    project = Project(str(Path.cwd() / config.get("up", ".")))
    try:
        problem = (warm if config["role"] == "warm" else fresh)(config, link, project)
    except SystemExit as end:
        problem = f"the test program ended with {end.code} while loading"
    except BaseException as error:
        problem = f"{type(error).__name__}: {error}"
    if problem:
        link.send({"ev": "problem", "text": problem[:2000]})
    os._exit(0)


if __name__ == "__main__":
    main()
