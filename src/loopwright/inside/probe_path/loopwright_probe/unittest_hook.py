"""Watches `unittest.TextTestRunner`: what was collected, what ran and how it ended. Modes as in `pytest_plugin`."""

from __future__ import annotations

import os
import random
import unittest
from collections.abc import Iterator
from typing import Any

from . import clock, guarded
from .records import VARIABLE, Records, give_back, relative, take


def install() -> None:
    """Let the standard text runner tell what it does. Only the outermost run is watched."""
    plain = unittest.TextTestRunner.run
    before = guarded.snapshot()

    def run(self: unittest.TextTestRunner, test: Any) -> Any:
        if VARIABLE not in os.environ:
            return plain(self, test)
        told = take() or {}
        clock.shift(told.get("clock", 0))
        try:
            records = Records(told["folder"], "unittest")
        except OSError:
            return plain(self, test)
        cases = list(_flatten(test))
        records.write(event="collected", tests=[_describe(case) for case in cases])
        result = plain(self, _choose(test, cases, told, records))
        if told["mode"] == "run" or told.get("session", 0) == records.session:
            _report(result, cases, records)
        records.write(event="altered", ids=guarded.altered(before))
        records.write(event="end", exit=0 if result.wasSuccessful() else 1)
        give_back()
        return result

    unittest.TextTestRunner.run = run  # type: ignore[method-assign]  # the hook is the point


def _flatten(test: Any) -> Iterator[unittest.TestCase]:
    if isinstance(test, unittest.TestCase):
        yield test
    else:
        for part in test:
            yield from _flatten(part)


def _describe(case: unittest.TestCase) -> list[str]:
    method = _method(case)
    code = getattr(getattr(method, "__wrapped__", method), "__code__", None)
    skip = getattr(type(case), "__unittest_skip__", False) or getattr(method, "__unittest_skip__", False)
    expecting = getattr(type(case), "__unittest_expecting_failure__", False)
    expecting = expecting or getattr(method, "__unittest_expecting_failure__", False)
    mark = "skip" if skip else "xfail" if expecting else ""
    return [case.id(), mark, relative(code.co_filename) if code is not None else ""]


def _method(case: unittest.TestCase) -> Any:
    return getattr(case, getattr(case, "_testMethodName", ""), None)


def _choose(test: Any, cases: list[unittest.TestCase], told: dict[str, Any], records: Records) -> Any:
    """Return what is to run: the whole test, some of its cases, none, or cases made to fail."""
    if told.get("only") is not None:
        return unittest.TestSuite(case for case in cases if case.id() in told["only"])
    if told["mode"] == "run":
        return test
    if told["mode"] == "collect" or told.get("session", 0) != records.session:
        return unittest.TestSuite()
    able = [case for case in cases if not _describe(case)[1] and type(case).__module__ != "unittest.loader"]
    chosen = random.sample(able, min(3, len(able)))
    for case in chosen:
        setattr(case, case._testMethodName, _planted)
    records.write(event="planted", ids=[case.id() for case in chosen])
    return unittest.TestSuite(chosen)


def _planted() -> None:
    raise AssertionError("planted by Loopwright: this failure must turn the run red")


def _report(result: Any, cases: list[unittest.TestCase], records: Records) -> None:
    outcomes: dict[str, str] = {}
    for entries, outcome in (
        (result.skipped, "skipped"),
        (result.expectedFailures, "xfailed"),
        ([(case, "") for case in result.unexpectedSuccesses], "failed"),
        (result.failures, "failed"),
        (result.errors, "error"),
    ):
        for case, _ in entries:
            outcomes[getattr(case, "test_case", case).id()] = outcome
    # A class whose set-up failed ran none of its tests: `testsRun` tells how many there were at all.
    quiet = [case.id() for case in cases if case.id() not in outcomes]
    ran = max(0, result.testsRun - sum(1 for o in outcomes.values() if o != "skipped"))
    for identifier in quiet[: max(ran, 0)]:
        outcomes[identifier] = "passed"
    for identifier, outcome in outcomes.items():
        records.write(event="test", id=identifier, outcome=outcome)
