"""unittest taken by the hand: load once in this process, then run chosen tests whenever asked."""

from __future__ import annotations

import sys
import unittest
from collections.abc import Callable, Iterator
from time import process_time  # kept: tests may patch the module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loopwright.inside.repair_pytest import Result, failure
else:
    from repair_pytest import Result, failure


class Record(unittest.TestResult):
    """What became of one test."""

    def __init__(self) -> None:
        super().__init__()
        self.outcome = "p"
        self.found: dict[str, Any] = {}

    def _red(self, info: Any) -> None:
        self.outcome, self.found = "f", failure(*info)

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802  # unittest's own name
        self._red(err)

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802  # unittest's own name
        self._red(err)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802  # unittest's own name
        if err is not None:
            self._red(err)

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802  # unittest's own name
        self.outcome = "s"

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802  # unittest's own name
        self.outcome, self.found = "f", {"type": "UnexpectedSuccess", "message": "", "frames": []}


class UnittestSuite:
    """The loaded test cases in unittest's order; `ids` are unittest's dotted names."""

    def __init__(self, tests: list[Any]) -> None:
        self._tests = tests
        self.ids = [str(test.id()) for test in tests]
        self.files = [str(getattr(sys.modules.get(type(test).__module__), "__file__", "") or "") for test in tests]
        self.broken: set[int] = set()
        self._at = {name: index for index, name in enumerate(self.ids)}

    def place(self, test: str) -> int | None:
        return self._at.get(test)

    def run(self, order: list[int], before: Callable[[int], None], terse: bool = False) -> Iterator[Result]:
        """Run the tests in this order; `before` is called ahead of each."""
        for index in order:
            before(index)
            record = Record()
            start = process_time()
            unittest.TestSuite([self._tests[index]]).run(record)
            yield index, record.outcome, process_time() - start, record.found


def flat(suite: Any) -> list[Any]:
    """Every test case of a suite, in order."""
    if not isinstance(suite, unittest.TestSuite):
        return [suite]
    return [case for part in suite for case in flat(part)]


def main(args: list[str], serve: Callable[[UnittestSuite], None], only: set[str] | None = None) -> str:
    """Load as `python -m unittest ARGS` would, then hand over to `serve`."""

    class Runner:
        def run(self, suite: Any) -> unittest.TestResult:
            serve(UnittestSuite(flat(suite)))
            return unittest.TestResult()

    unittest.main(module=None, argv=["python -m unittest", *args], testRunner=Runner(), exit=False)
    return ""
