"""Counts tests in what test tools print. Each pattern is that of the tool's own summary."""

from __future__ import annotations

import re
from collections.abc import Callable

from loopwright.core.expression import expression
from loopwright.core.fact import Fact

_ESCAPES = expression(r"\x1b\[[0-9;?]*[A-Za-z]")


class Counts(Fact, frozen=True):
    """Tests run (skipped ones are not) and failed, as the tool named says."""

    tool: str
    run: int
    failed: int


def count(output: str) -> Counts | None:
    """Return what the output says of tests run and failed, None where no summary of a known tool is in it."""
    text = _ESCAPES.sub("", output)
    for reader in _READERS:
        found = reader(text)
        if found is not None:
            return found
    return None


def _number(pattern: str, text: str) -> int:
    """The sum of the first groups of all matches."""
    return sum(int(n) for n in re.findall(pattern, text, re.MULTILINE))


def _jest(text: str) -> Counts | None:
    lines = re.findall(r"^\s*Tests:?\s+((?:\d+ \w+[,| ]+)*\d+ (?:total|passed|failed|skipped).*)$", text, re.MULTILINE)
    lines = [line for line in lines if re.search(r"\d+ total|\(\d+\)", line)]
    if not lines:
        return None
    failed = sum(_number(r"(\d+) failed", line) for line in lines)
    passed = sum(_number(r"(\d+) passed", line) for line in lines)
    return Counts("vitest" if "(" in lines[0] else "jest", passed + failed, failed)


def _node(text: str) -> Counts | None:
    if not re.search(r"^(?:#|ℹ) tests \d+$", text, re.MULTILINE):
        return None
    failed = _number(r"^(?:#|ℹ) fail (\d+)$", text) + _number(r"^(?:#|ℹ) cancelled (\d+)$", text)
    return Counts("node --test", _number(r"^(?:#|ℹ) pass (\d+)$", text) + failed, failed)


def _mocha(text: str) -> Counts | None:
    if not re.search(r"^\s+\d+ passing \(", text, re.MULTILINE):
        return None
    failed = _number(r"^\s+(\d+) failing$", text)
    return Counts("mocha", _number(r"^\s+(\d+) passing \(", text) + failed, failed)


def _cargo(text: str) -> Counts | None:
    lines = re.findall(r"^test result: \w+\. (\d+) passed; (\d+) failed;", text, re.MULTILINE)
    if not lines:
        return None
    failed = sum(int(f) for _, f in lines)
    return Counts("cargo test", sum(int(p) for p, _ in lines) + failed, failed)


def _go(text: str) -> Counts | None:
    ended = re.findall(r"^\s*--- (PASS|FAIL): ", text, re.MULTILINE)
    ended += [a.upper() for a in re.findall(r'"Action":"(pass|fail)"[^\n}]*"Test":', text)]
    if ended:
        failed = sum(1 for word in ended if word == "FAIL")
        return Counts("go test", len(ended), failed)
    packages = re.findall(r"^(?:ok|\?|FAIL)\s+\t?\S+\s.*$", text, re.MULTILINE)
    if packages and all("no test files" in p or "no tests to run" in p for p in packages):
        return Counts("go test", 0, 0)
    return None


def _pytest(text: str) -> Counts | None:
    words = r"passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?|rerun|subtests passed"
    lines = re.findall(rf"^=*\s?((?:\d+ (?:{words}),? ?)+|no tests ran) ?in [\d.]+s.*$", text, re.MULTILINE)
    if not lines:
        return None
    failed = sum(_number(r"(\d+) (?:failed|errors?)\b", line) for line in lines)
    passed = sum(_number(r"\b(\d+) x?passed", line) for line in lines)
    return Counts("pytest", passed + failed, failed)


def _unittest(text: str) -> Counts | None:
    ran = re.findall(r"^Ran (\d+) tests? in [\d.]+s$", text, re.MULTILINE)
    if not ran:
        return None
    failed = _number(r"^FAILED \(.*?failures=(\d+)", text) + _number(r"^FAILED \(.*?errors=(\d+)", text)
    failed += _number(r"^FAILED \(.*?unexpected successes=(\d+)", text)
    skipped = _number(r"^(?:OK|FAILED) \(.*?skipped=(\d+)", text)
    return Counts("unittest", sum(int(n) for n in ran) - skipped, failed)


def _maven(text: str) -> Counts | None:
    lines = re.findall(r"Tests run: (\d+), Failures: (\d+), Errors: (\d+), Skipped: (\d+)\s*$", text, re.MULTILINE)
    if not lines:
        return None
    run, failures, errors, skipped = (int(n) for n in lines[-1])  # the last line is the sum of those before
    return Counts("surefire", run - skipped, failures + errors)


def _phpunit(text: str) -> Counts | None:
    if good := re.search(r"^OK \((\d+) tests?, \d+ assertions?\)", text, re.MULTILINE):
        return Counts("phpunit", int(good[1]), 0)
    bad = re.search(r"^Tests: (\d+), Assertions: \d+(.*)$", text, re.MULTILINE)
    return Counts("phpunit", int(bad[1]), _number(r"(?:Failures|Errors): (\d+)", bad[2])) if bad else None


def _rspec(text: str) -> Counts | None:
    found = re.search(r"^(\d+) examples?, (\d+) failures?(?:, (\d+) pending)?", text, re.MULTILINE)
    return Counts("rspec", int(found[1]) - int(found[3] or 0), int(found[2])) if found else None


def _tap(text: str) -> Counts | None:
    if not re.search(r"^1\.\.\d+", text, re.MULTILINE):
        return None
    results = re.findall(r"^(ok|not ok)\b(?!.*# (?:skip|todo))", text, re.MULTILINE | re.IGNORECASE)
    return Counts("TAP", len(results), sum(1 for r in results if r.lower() == "not ok"))


_READERS: tuple[Callable[[str], Counts | None], ...] = (
    _node,  # before TAP, whose lines it prints as well
    _jest,
    _mocha,
    _cargo,
    _go,
    _pytest,
    _unittest,
    _maven,
    _phpunit,
    _rspec,
    _tap,
)
