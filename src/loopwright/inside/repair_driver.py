"""The repair engine's hand inside the sandbox: `python repair_driver.py`, configuration as the first line of stdin.

Two roles. `warm` collects the tests once and forks workers whose functions get new code. `fresh` imports only what
lies outside the project; its workers import the edited project from the start.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loopwright.inside import (
        repair_pytest,
        repair_script,
        repair_serve,
        repair_swap,
        repair_trace,
        repair_unittest,
        repair_worker,
    )
else:
    import repair_pytest
    import repair_script
    import repair_serve
    import repair_swap
    import repair_trace
    import repair_unittest
    import repair_worker

Config = dict[str, Any]
ELSEWHERE = ("site-packages", "dist-packages", ".venv", "venv", ".tox", ".nox", "node_modules", "__pycache__")


class Project:
    """Which files are the project's own."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self._known: dict[str, bool] = {}

    def owns(self, path: str) -> bool:
        if path not in self._known:
            full = repair_swap.real(path)
            inside = full.startswith(self.root + os.sep) and full.endswith(".py")
            parts = full[len(self.root) :].split(os.sep)
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
        link.send(ready(suite, lines, project))

        def body(job: repair_worker.Job, line: repair_worker.Line) -> None:
            repair_worker.own_directory(job["home"])
            repair_worker.limit_memory()
            edits = job.get("edits") or []
            if edits:
                repair_swap.override(edits)
                for edit in edits:
                    repair_swap.swap(edit, functions)
            repair_worker.work(suite, job, line, project.owns)

        repair_serve.Server(link, config["workers"], body, repair_worker.guarded).serve()

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
            chosen(suite, named, job, line, project)

        only = {repair_swap.real(path) for path in job["only"]} if job.get("only") else None
        problem = collect(config, run, only)
        if problem:
            raise RuntimeError(problem)

    repair_serve.Server(link, config["workers"], body, repair_worker.guarded).serve()
    return ""


def chosen(
    suite: repair_worker.Suite,
    named: dict[int, str],
    job: repair_worker.Job,
    line: repair_worker.Line,
    project: Project,
) -> None:
    """Run the named tests of a suite that was just collected; one that is not there counts as failed."""
    at = {suite.place(name): number for number, name in named.items()}
    here = [place for place in at if place is not None]
    outer = [number for number, name in named.items() if suite.place(name) is None]
    broken = [place for place in range(len(suite.ids)) if not suite.files[place]] if job.get("whole") else []

    class Renamed:
        def result(self, result: repair_worker.Result, lines: dict[str, set[int]]) -> None:
            line.result((at.get(result[0], -1), *result[1:]), lines)

        def at(self, index: int) -> None:
            line.at(at.get(index, -1))

    for number in outer:
        files = [f for f in suite.files if f.endswith(named[number])]
        alive = bool(files) and "::" not in named[number] and not broken
        line.result((number, "p" if alive else "f", 0.0, {}), {})
    inner = {**job, "known": False, "tests": sorted(here, key=lambda place: job["tests"].index(at[place]))}
    repair_worker.work(suite, inner, Renamed(), project.owns)  # type: ignore[arg-type]  # a line under other numbers


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
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [
        *map(os.path.abspath, config["path"]),
        *(entry for entry in sys.path if os.path.abspath(entry or ".") != here),
    ]
    project = Project(os.getcwd())
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
