"""A pytest plugin that tells what was collected, what ran and how it ended. PYTEST_DONT_REWRITE

Modes: `run` only watches; `collect` runs nothing; `plant` makes up to three of the selected tests fail, runs only
these, and so shows whether a failure can turn this run red.
"""

from __future__ import annotations

import contextlib
import os
import random
import types
from collections.abc import Callable, Generator
from typing import Any

import pytest

from . import clock, guarded
from .records import Records, give_back, relative, take

_told: dict[str, Any] = take() or {}
_records: Records | None = None
_grouped = False
_QUALIFIED = hasattr(types.CodeType, "co_qualname")  # from Python 3.11 on
_guarded = guarded.snapshot() if _told else {}
_codes: list[tuple[str, Any, Any]] = []
clock.shift(_told.get("clock", 0))


def _watching(config: pytest.Config) -> bool:
    return bool(_told) and not hasattr(config, "workerinput")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Collecting and planting need the items in this process, so pytest-xdist is asked to stay out."""
    alone = _told.get("mode") != "run" or _told.get("hide")
    if _watching(config) and alone and hasattr(config.option, "numprocesses"):
        config.option.numprocesses = 0
        config.option.dist = "no"
        config.option.tx = []


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Open the record of this session."""
    global _records, _grouped
    _grouped = getattr(session.config.option, "dist", "no") == "loadgroup"
    if _watching(session.config) and _records is None:
        take()
        with contextlib.suppress(OSError):
            _records = Records(_told["folder"], "pytest")


@pytest.hookimpl(tryfirst=True)
def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A module that cannot be collected is a failure."""
    if _records and report.failed:
        _records.write(event="test", id=report.nodeid, outcome="error")


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, None, None]:
    """Tell what is about to run, then let the loop run all of it, some of it or none."""
    if _records:
        if session.items:
            _records.write(event="collected", tests=[_describe(item) for item in session.items])
            _codes[:] = [(item.nodeid, made, _code(made)) for item in session.items if (made := _function(item))]
        only = _told.get("only")
        if only is not None:
            session.items[:] = [item for item in session.items if item.nodeid in only]
        if _told["mode"] == "collect" or (_told["mode"] == "plant" and _told.get("session", 0) != _records.session):
            session.items[:] = []
        elif _told["mode"] == "plant":
            session.items[:] = _plant(session.items)
            _records.write(event="planted", ids=[item.nodeid for item in session.items])
        if _told.get("hide"):
            for item in session.items:
                item.runtest = _unseen(item.runtest)  # type: ignore[method-assign]  # one item, not the class
                if _told.get("unnamed"):
                    item.runtest = _unnamed(item)  # type: ignore[method-assign]  # as above
    yield


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Tell how each test ended; the worst of its phases counts."""
    outcome = _outcome(report) if _records else ""
    if _records and outcome:
        # pytest-xdist appends the group of a test to its id where it distributes by group
        test = report.nodeid.rpartition("@")[0] if _grouped and "@" in report.nodeid else report.nodeid
        _records.write(event="test", id=test, outcome=outcome)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A session without this record was cut off."""
    if _records:
        rewritten = [f"the code of {test}" for test, made, code in _codes if _code(made) is not code]
        _records.write(event="altered", ids=guarded.altered(_guarded) + rewritten)
        _records.write(event="end", exit=int(exitstatus))


def pytest_unconfigure(config: pytest.Config) -> None:
    """A program may run pytest several times: the next run is a session of its own."""
    global _records
    if _records:
        _records = None
        give_back()


def _outcome(report: pytest.TestReport) -> str:
    expected = hasattr(report, "wasxfail")
    if report.outcome == "failed":
        return "failed" if report.when == "call" else "error"
    if report.outcome == "skipped":
        return "xfailed" if expected else "skipped"
    if report.outcome == "passed" and report.when == "call":
        return "xpassed" if expected else "passed"
    return ""


def _describe(item: pytest.Item) -> list[str]:
    """[id, mark, origin]: mark is skip, xfail or nothing; origin is the file the test's code is from."""
    return [item.nodeid, _mark(item), _origin(item)]


def _mark(item: pytest.Item) -> str:
    try:
        from _pytest.skipping import evaluate_skip_marks

        if evaluate_skip_marks(item) is not None:
            return "skip"
    except Exception:  # an invalid condition, or a pytest without this function: the run itself will tell
        if item.get_closest_marker("skip"):
            return "skip"
    return "xfail" if item.get_closest_marker("xfail") else ""


def _origin(item: pytest.Item) -> str:
    code = _code(_function(item))
    return relative(code.co_filename) if code is not None else ""


def _function(item: pytest.Item) -> Any:
    return getattr(getattr(item, "function", None), "__wrapped__", None) or getattr(item, "function", None)


def _code(function: Any) -> Any:
    return getattr(function, "__code__", None)


def _plant(items: list[pytest.Item]) -> list[pytest.Item]:
    able = [item for item in items if not _mark(item)]
    functions = [item for item in able if isinstance(item, pytest.Function)] or able
    wanted = set(_told.get("prefer", ()))
    chosen = [item for item in functions if item.nodeid in wanted] or functions
    chosen = random.sample(chosen, min(3, len(chosen)))
    for item in chosen:
        item.runtest = _failing(item)  # type: ignore[method-assign]  # one item, not the class
    return chosen


def _failing(item: pytest.Item) -> Callable[[], None]:
    """Let a test fail where its own code would run, after its set-up: some pytest versions set `obj` only there."""
    runtest = item.runtest

    def run() -> None:
        if isinstance(item, pytest.Function):
            item.obj = _planted
            runtest()
        else:
            _planted()

    return run


def _unseen(runtest: Callable[[], None]) -> Callable[[], None]:
    """Run a test without the variable by which code can see that it is being tested."""

    def run() -> None:
        os.environ.pop("PYTEST_CURRENT_TEST", None)
        runtest()

    return run


def _unnamed(item: pytest.Item) -> Callable[[], None]:
    """Run a test under none of the names by which code that looks at its callers can tell it from others."""
    runtest, function = item.runtest, _function(item)

    def run() -> None:
        code = _code(function)
        if not isinstance(code, types.CodeType):
            runtest()
            return
        names, name = function.__globals__, function.__globals__.get("__name__", "")
        other = {"co_name": "run", "co_filename": "run", **({"co_qualname": "run"} if _QUALIFIED else {})}
        function.__code__ = code.replace(**other)  # type: ignore[arg-type]  # each is a name of a code object's own
        names["__name__"] = "run"
        try:
            runtest()
        finally:
            function.__code__, names["__name__"] = code, name

    return run


def _planted(*args: object, **kwargs: object) -> None:
    raise AssertionError("planted by Loopwright: this failure must turn the run red")
