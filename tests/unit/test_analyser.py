"""What the analyser makes of output that real tools printed (recorded with their versions in failure_outputs)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from loopwright.core.knowledge import Diagnosis, Frame
from loopwright.core.running import Exit, Ran
from loopwright.knowledge.analyser import Analyser

OUTPUTS = Path(__file__).parent / "failure_outputs"


def diagnose(output: str, status: int = 1) -> Diagnosis:
    found = Analyser().diagnose(Ran(("sh", "-c", "x"), Exit(status), merged=output.encode()), "c1")
    assert found is not None
    return found


def recorded(name: str) -> tuple[str, int]:
    """Return the output and the exit status of a recording."""
    head, _, output = (OUTPUTS / f"{name}.txt").read_text(encoding="utf-8").partition("\n\n")
    return output, int(head.partition("exit: ")[2].split()[0])


#: recording: tool, kind, file, line, message begins with
EXPECTED = {
    "cargo-build": ("rustc", "type", "src/lib.rs", 1, "E0308: mismatched types"),
    "cargo-test": ("cargo", "logic", "src/lib.rs", 3, "assertion `left == right` failed"),
    "dash-not-found": ("shell", "environment", "", 0, "command not found: frobnicate"),
    "gcc-errors": ("cc", "type", "bad.c", 2, "invalid operands to binary *"),
    "gcc-include": ("cc", "import", "inc.c", 2, "nope.h: No such file"),
    "gcc-link": ("ld", "name", "link.c", 0, "undefined reference to g"),
    "java-npe": ("java", "runtime", "B.java", 1, "NullPointerException: Cannot invoke"),
    "javac": ("javac", "type", "A.java", 2, "incompatible types"),
    "jest-fail": ("jest", "logic", "sum.test.js", 2, "expect(received).toBe(expected)"),
    "jest-missing": ("jest", "import", "missing.test.js", 1, "Cannot find module './not-here'"),
    "jest-none": ("jest", "tool", "", 0, "No tests found"),
    "jest-syntax": ("jest", "syntax", "/home/user/js/syntax.test.js", 1, "SyntaxError: "),
    "make": ("cc", "type", "bad.c", 2, "invalid operands"),
    "make-target": ("make", "tool", "", 0, "No rule to make target 'nothing'"),
    "mocha": ("mocha", "logic", "", 0, "AssertionError: Expected values"),
    "mypy": ("mypy", "type", "bad.py", 3, "Incompatible return value type"),
    "node-esm": ("node", "import", "/home/user/js/esm.mjs", 0, "Cannot find module '/home/user/js/sum.mjs'"),
    "node-missing": ("node", "import", "", 0, "Cannot find module './gone'"),
    "node-reference": ("node", "name", "", 0, "ReferenceError: undefinedName is not defined"),
    "node-syntax": ("node", "syntax", "/home/user/js/syn.js", 1, "SyntaxError: Unexpected token ';'"),
    "node-test": ("node", "logic", "/home/user/js/nodetest.js", 1, "AssertionError: Expected values"),
    "node-test-tap": ("node", "logic", "/home/user/js/nodetest.js", 1, "Expected values to be strictly equal"),
    "node-type": ("node", "type", "/home/user/js/sum.js", 2, "TypeError: Cannot read properties of undefined"),
    "pytest-all": ("pytest", "logic", "tests/test_shop.py", 5, "assert -3 == 3"),
    "pytest-discount": ("pytest", "type", "shop.py", 12, "TypeError: unsupported operand"),
    "pytest-fixture": ("pytest", "environment", "bad/test_fix.py", 4, "ConnectionError: no database"),
    "pytest-line": ("pytest", "logic", "/home/user/py/tests/test_shop.py", 5, "assert -3 == 3"),
    "pytest-list": ("pytest", "logic", "tests/test_shop.py", 17, "assert [1, 2, 3] == [1, 2, 4]"),
    "pytest-lookup": ("pytest", "runtime", "shop.py", 16, "KeyError: 'b'"),
    "pytest-module-missing": ("pytest", "import", "bad/test_imp.py", 1, "ModuleNotFoundError: No module named"),
    "pytest-name": ("pytest", "name", "shop.py", 24, "NameError: name 'customr' is not defined"),
    "pytest-name-missing": ("pytest", "import", "bad/test_name.py", 1, "ImportError: cannot import name"),
    "pytest-native": ("pytest", "type", "/home/user/py/shop.py", 12, "TypeError: unsupported operand"),
    "pytest-no": ("pytest", "logic", "tests/test_shop.py", 0, "assert -3 == 3"),
    "pytest-no-file": ("pytest", "environment", "", 0, "file or directory not found: nothing_there.py"),
    "pytest-none": ("pytest", "tool", "", 0, "no tests ran"),
    "pytest-raises": ("pytest", "logic", "tests/test_shop.py", 20, "Failed: DID NOT RAISE ValueError"),
    "pytest-short": ("pytest", "logic", "tests/test_shop.py", 5, "assert -3 == 3"),
    "pytest-syntax": ("pytest", "syntax", "/home/user/py/bad/broken.py", 1, "SyntaxError: invalid syntax"),
    "pytest-total": ("pytest", "logic", "tests/test_shop.py", 5, "assert -3 == 3"),
    "pytest-usage": ("pytest", "tool", "", 0, "unrecognized arguments: --no-such-option"),
    "pytest-verbose": ("pytest", "logic", "tests/test_shop.py", 17, "assert [1, 2, 3] == [1, 2, 4]"),
    "python-chained": ("python", "runtime", "<string>", 5, "ValueError: bad input"),
    "python-file": ("python", "environment", "<string>", 1, "FileNotFoundError: "),
    "python-group": ("python", "runtime", "<string>", 1, "ExceptionGroup: several"),
    "python-import": ("python", "import", "/home/user/py/bad/test_imp.py", 1, "ModuleNotFoundError: "),
    "python-json": ("python", "runtime", "/home/user/py/shop.py", 20, "JSONDecodeError: "),
    "python-memory": ("python", "resource", "<string>", 1, "MemoryError"),
    "python-no-module-run": ("python", "import", "", 0, "No module named nothing_like_this"),
    "python-no-script": ("python", "environment", "/home/user/py/nothing.py", 0, "can't open file"),
    "python-recursion": ("python", "resource", "/home/user/py/shop.py", 32, "RecursionError: "),
    "python-syntax": ("python", "syntax", "/home/user/py/bad/broken.py", 1, "SyntaxError: invalid syntax"),
    "python-type": ("python", "type", "/home/user/py/shop.py", 12, "TypeError: unsupported operand"),
    "ruff": ("ruff", "tool", "bad.py", 1, "I001: Import block is un-sorted"),
    "ruff-concise": ("linter", "tool", "bad.py", 1, "I001: Import block is un-sorted"),
    "sh-not-executable": ("shell", "environment", "", 0, "not executable: ./shop.py"),
    "sh-not-found": ("shell", "environment", "", 0, "command not found: frobnicate"),
    "sh-syntax": ("shell", "syntax", "", 0, "syntax error near unexpected token `then'"),
    "tsc": ("tsc", "type", "t.ts", 1, "TS2322: Type 'string' is not assignable"),
    "tsc-pretty": ("tsc", "type", "t.ts", 1, "TS2322: Type 'string' is not assignable"),
    "unittest-all": ("unittest", "name", "/home/user/py/shop.py", 28, "AttributeError: 'list' object"),
    "unittest-equal": ("unittest", "logic", "/home/user/py/test_unit.py", 5, "AssertionError: -3 != 3"),
    "unittest-import": ("unittest", "import", "/home/user/py/bad/test_imp.py", 1, "ModuleNotFoundError: "),
    "vitest": ("vitest", "logic", "a.test.mjs", 2, "AssertionError: expected 3 to be 4"),
}


def test_every_recording_is_expected_to_say_something() -> None:
    assert set(EXPECTED) == {file.stem for file in OUTPUTS.glob("*.txt")}


@pytest.mark.parametrize("name", EXPECTED)
def test_real_output_is_understood(name: str) -> None:
    found = diagnose(*recorded(name))
    tool, kind, file, line, message = EXPECTED[name]
    assert (found.tool, found.kind, found.file, found.line) == (tool, kind, file, line)
    assert found.message.startswith(message)
    assert found.call == "c1"
    assert len(found.fingerprint) == 16


@pytest.mark.parametrize(
    ("name", "expected", "actual", "test", "count"),
    [
        ("pytest-all", "3", "-3", "tests/test_shop.py::test_total", 6),
        ("pytest-no", "3", "-3", "tests/test_shop.py::test_total", 6),
        ("pytest-list", "[1, 2, 4]", "[1, 2, 3]", "tests/test_shop.py::test_list", 1),
        ("unittest-equal", "3", "-3", "test_unit.Cart.test_total", 1),
        ("unittest-all", "", "", "test_unit.Cart.test_first", 3),
        ("jest-fail", "3", "-1", "adds", 3),
        ("vitest", "4", "3", "a.test.mjs > adds", 2),
        ("mocha", "3", "-1", "m adds", 2),
        ("node-test", "3", "-1", "adds", 1),
        ("node-test-tap", "3", "-1", "adds", 1),
        ("cargo-test", "3", "-1", "adds", 1),
    ],
)
def test_a_failed_test_is_named_with_what_was_expected(
    name: str, expected: str, actual: str, test: str, count: int
) -> None:
    found = diagnose(*recorded(name))
    assert (found.expected, found.actual, found.test, found.count) == (expected, actual, test, count)


def test_frames_lead_to_the_failure() -> None:
    assert diagnose(*recorded("unittest-all")).frames == (
        Frame("/home/user/py/test_unit.py", 7, "test_first"),
        Frame("/home/user/py/shop.py", 28, "first"),
    )


def test_the_end_of_cut_output_is_enough() -> None:
    output, status = recorded("pytest-all")
    for cut in (-700, -500):
        found = diagnose(output[cut:], status)
        assert (found.tool, found.kind, found.count) == ("pytest", "logic", 6)
        assert found.test.startswith("tests/test_shop.py::test_")


SAME = [
    ("in another place", [("/home/user", "/srv/build-7"), ("line 12", "line 99"), ("shop.py:12", "shop.py:99")]),
    ("slower", [("in 0.24s", "in 12.50s (0:00:12)"), ("0.001s", "3.2s"), ("5.985172ms", "1.2ms")]),
    ("in other colours", [("TypeError", "\x1b[31mTypeError\x1b[0m")]),
]


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize(("what", "changes"), SAME)
def test_the_same_fault_has_the_same_fingerprint(name: str, what: str, changes: list[tuple[str, str]]) -> None:
    output, status = recorded(name)
    changed = output
    for old, new in changes:
        changed = changed.replace(old, new)
    assert diagnose(changed, status).fingerprint == diagnose(output, status).fingerprint


BLOCK = "=== FAILURES ===\n___ test_it ___\n\n    def test_it():\n>       go()\nE   {said}\n\ntest_m.py:3: x\n"


@pytest.mark.parametrize(
    ("said", "kind", "message"),
    [
        ("socket.gaierror: [Errno -2] Name or service not known", "environment", "gaierror: [Errno -2] Name or service not known"),
        ("zlib.error: Error -3", "runtime", "error: Error -3"),
        ("AssertionError: assert (1, 2) == (1, 3)", "logic", "assert (1, 2) == (1, 3)"),
    ],
)  # fmt: skip
def test_exceptions_with_small_names_and_long_explanations_are_known(said: str, kind: str, message: str) -> None:
    found = diagnose(BLOCK.format(said=said), 1)
    assert (found.kind, found.message, found.line) == (kind, message, 3)
    assert (found.expected, found.actual) == (("(1, 3)", "(1, 2)") if kind == "logic" else ("", ""))
    trace = f'Traceback (most recent call last):\n  File "m.py", line 3, in <module>\n    go()\n{said}\n'
    assert diagnose(trace, 1).kind == kind


def test_addresses_and_numbers_do_not_count() -> None:
    def crash(address: str, size: int, at: str) -> str:
        trace = 'Traceback (most recent call last):\n  File "/a.py", line 3, in f\n    g()\n'
        return trace + f"ValueError: <Cart object at 0x{address}> of {size} items at {at} in /tmp/run-{size}/x.json"

    one = diagnose(crash("7f1bbbe78e10", 3, "2026-01-01T10:00:00Z"))
    two = diagnose(crash("55d0c0ffee00", 41, "2026-11-22 23:59:59.123+01:00"))
    assert one.fingerprint == two.fingerprint
    assert one.message != two.message


def test_different_faults_have_different_fingerprints() -> None:
    single = [n for n in EXPECTED if n.startswith("pytest-") and n.removeprefix("pytest-") in (
        "total", "discount", "lookup", "name", "list", "raises", "fixture", "syntax", "module-missing")]  # fmt: skip
    assert len({diagnose(*recorded(name)).fingerprint for name in single}) == len(single) == 9


@pytest.mark.parametrize("style", ["pytest-short", "pytest-no", "pytest-line", "pytest-total"])
def test_the_style_of_the_traceback_does_not_count(style: str) -> None:
    assert diagnose(*recorded(style)).fingerprint == diagnose(*recorded("pytest-all")).fingerprint


@pytest.mark.parametrize(
    ("reason", "kind"),
    [("timeout", "timeout"), ("cpu", "timeout"), ("memory", "resource"), ("disk", "resource"), ("output", "resource")],
)
def test_a_limit_is_the_cause_whatever_was_printed(reason: str, kind: str) -> None:
    output, _ = recorded("pytest-all")
    ended = Exit(137, reason, "60 s")  # type: ignore[arg-type]
    found = Analyser().diagnose(Ran(("x",), ended, merged=output.encode()))
    assert found is not None
    assert (found.kind, found.message) == (kind, f"ended by the {reason} limit: 60 s")


def test_there_is_nothing_to_say_of_success_or_of_a_stop() -> None:
    assert Analyser().diagnose(Ran(("x",), Exit(0), merged=b"Traceback (most recent call last):")) is None
    assert Analyser().diagnose(Ran(("x",), Exit(130, "stopped"), merged=b"error")) is None


def test_unknown_output_is_called_unknown() -> None:
    found = diagnose("something went\nwrong somehow\n\n")
    assert (found.kind, found.message) == ("unknown", "wrong somehow")
    assert diagnose("", 3).message == "exit status 3 and no output"


def test_output_need_not_be_text() -> None:
    assert diagnose("\x00\xff\x1b[0m\r\n" * 50).kind == "unknown"
    assert Analyser().diagnose(Ran(("x",), Exit(1), err=b"\xff\xfe sh: 1: error")) is not None


@pytest.mark.parametrize(
    "line", ["E   assert 1 == 2\n", "  File \"x.py\", line 1, in f\n", "a" * 5000 + "\n", " at f (x.js:1:1)\n", "_____ x _____\n", "x.c:1:1: error: y\n", ":" * 100 + "\n", "Error: x " * 10 + "\n"],
)  # fmt: skip
def test_a_flood_of_output_is_analysed_at_once(line: str) -> None:
    begin = time.process_time()
    diagnose(line * (2_000_000 // len(line)))
    assert time.process_time() - begin < 2.0
