"""Summaries of test tools are counted as the tools print them."""

from __future__ import annotations

import pytest

from loopwright.guard.checks.suite.reports import Counts, count
from loopwright.guard.checks.suite.reports_junit import count_junit

PRINTED = {
    "jest": (
        "Test Suites: 1 failed, 1 total\nTests:       1 failed, 1 skipped, 2 passed, 4 total\nSnapshots:   0 total\n",
        ("jest", 3, 1),
    ),
    "jest in colour": (
        "\x1b[1mTests:       \x1b[22m\x1b[1m\x1b[32m3 passed\x1b[39m\x1b[22m, 3 total\n",
        ("jest", 3, 0),
    ),
    "vitest": (
        " Test Files  1 passed (1)\n      Tests  1 failed | 2 passed (3)\n   Duration  210ms\n",
        ("vitest", 3, 1),
    ),
    "node, TAP": (
        "TAP version 13\nok 1 - a\n1..1\n# tests 4\n# suites 0\n# pass 2\n# fail 1\n# cancelled 0\n# skipped 1\n",
        ("node --test", 3, 1),
    ),
    "node, spec": ("✔ a (0.5ms)\nℹ tests 1\nℹ pass 1\nℹ fail 0\nℹ cancelled 0\n", ("node --test", 1, 0)),
    "mocha": ("\n  shop\n    ✔ adds\n\n  2 passing (5ms)\n  1 failing\n", ("mocha", 3, 1)),
    "cargo": (
        "running 2 tests\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n"
        "test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n",
        ("cargo test", 3, 1),
    ),
    "go, verbose": (
        "=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestB\n--- FAIL: TestB (0.00s)\nFAIL\n",
        ("go test", 2, 1),
    ),
    "go without tests": ("?   \texample.com/shop\t[no test files]\n", ("go test", 0, 0)),
    "pytest": ("....F [100%]\n1 failed, 4 passed, 2 skipped, 1 warning in 0.10s\n", ("pytest", 5, 1)),
    "pytest, loud": ("===== 3 passed, 1 error in 1.02s (0:00:01) =====\n", ("pytest", 4, 1)),
    "pytest, empty": ("no tests ran in 0.01s\n", ("pytest", 0, 0)),
    "unittest": ("Ran 5 tests in 0.002s\n\nFAILED (failures=1, errors=1, skipped=1)\n", ("unittest", 4, 2)),
    "surefire": (
        "[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s\n[INFO] Tests run: 4, Failures: 1, Errors: 0, Skipped: 1\n",
        ("surefire", 3, 1),
    ),
    "phpunit": ("OK (3 tests, 5 assertions)\n", ("phpunit", 3, 0)),
    "phpunit, red": ("FAILURES!\nTests: 3, Assertions: 5, Failures: 1, Errors: 1.\n", ("phpunit", 3, 2)),
    "rspec": ("5 examples, 1 failure, 1 pending\n", ("rspec", 4, 1)),
    "TAP": ("1..3\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP\n", ("TAP", 2, 1)),
}


@pytest.mark.parametrize("tool", PRINTED)
def test_a_summary_is_counted(tool: str) -> None:
    printed, expected = PRINTED[tool]
    assert count(printed) == Counts(*expected)


@pytest.mark.parametrize(
    "printed", ["", "all good\n", "ok  \texample.com/shop\t0.01s\n", "I ran 5 tests and liked them\n"]
)
def test_what_is_no_summary_is_not_counted(printed: str) -> None:
    assert count(printed) is None


def test_a_junit_report_is_counted() -> None:
    report = b"<testsuites><testsuite><testcase/><testcase><failure/></testcase><testcase><skipped/></testcase></testsuite></testsuites>"
    assert count_junit(report) == Counts("JUnit XML", 2, 1)


@pytest.mark.parametrize("report", [b"", b"<html/>", b"<testsuite>", b"\xff\xfe"])
def test_what_is_no_junit_report_is_not_counted(report: bytes) -> None:
    assert count_junit(report) is None
