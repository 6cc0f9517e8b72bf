"""What makes a test weaker, what configures tests, and what a request allows."""

from __future__ import annotations

import pytest

from loopwright.core.plan import Requirement
from loopwright.guard.checks.suite.aware import reads_clock, reads_environment, tricks
from loopwright.guard.checks.suite.config import config_weakenings
from loopwright.guard.checks.suite.files import belongs, shadows
from loopwright.guard.checks.suite.permission import explains, may_change_tests, names_file
from loopwright.guard.checks.suite.python import weakenings
from loopwright.guard.checks.suite.script import script_weakenings

BEFORE = """
import pytest

def test_a():
    value = 3
    assert value == 3
    assert value
"""


def body(text: str) -> str:
    return BEFORE[: BEFORE.index("    value")] + text


WEAKER = {
    "an assertion gone": (
        BEFORE,
        body("    value = 3\n    assert value == 3\n"),
        "asserts 1 things where it asserted 2",
    ),
    "equal became almost": (
        "def test_a():\n    assert f() == 3\n",
        "def test_a():\n    assert f() == pytest.approx(3)\n",
        "asserts less",
    ),
    "a wider tolerance": (
        "def test_a():\n    assert f() == approx(3, abs=0.01)\n",
        "def test_a():\n    assert f() == approx(3, abs=10)\n",
        "asserts less",
    ),
    "fewer places": (
        "class T:\n    def test_a(self):\n        self.assertAlmostEqual(f(), 3, places=7)\n",
        "class T:\n    def test_a(self):\n        self.assertAlmostEqual(f(), 3, places=1)\n",
        "asserts less",
    ),
    "equal became in": (
        "def test_a():\n    assert f() == 3\n",
        "def test_a():\n    assert f() in (3, 4)\n",
        "asserts less",
    ),
    "equal became truth": (
        "class T:\n    def test_a(self):\n        self.assertEqual(f(), 3)\n",
        "class T:\n    def test_a(self):\n        self.assertTrue(f())\n",
        "asserts less",
    ),
    "compared with itself": (
        "def test_a():\n    assert f() == 3\n",
        "def test_a():\n    assert f() == f()\n",
        "asserts less",
    ),
    "any error will do": (
        "def test_a():\n    with pytest.raises(ValueError):\n        f()\n",
        "def test_a():\n    with pytest.raises(Exception):\n        f()\n",
        "asserts less",
    ),
    "an early return": (
        BEFORE,
        body("    return\n    value = 3\n    assert value == 3\n    assert value\n"),
        "returns before",
    ),
    "a skip inside": (
        BEFORE,
        body("    pytest.skip('later')\n    value = 3\n    assert value == 3\n    assert value\n"),
        "skip was added",
    ),
    "suppressed": (
        BEFORE,
        body("    value = 3\n    with suppress(AssertionError):\n        assert value == 3\n    assert value\n"),
        "swallows",
    ),
    "no Python any more": (BEFORE, "def test_a(:\n", "no longer parses"),
    "a class without tests": (
        "class TestA:\n    def test_b(self):\n        assert 1\n",
        "class TestA:\n    __test__ = False\n    def test_b(self):\n        assert 1\n",
        "__test__ was added",
    ),
    "a helper that swallows": (
        "def check(x):\n    assert x\n\ndef test_a():\n    check(1)\n",
        "def check(x):\n    try:\n        assert x\n    except AssertionError:\n        pass\n\ndef test_a():\n    check(1)\n",
        "swallows",
    ),
}


@pytest.mark.parametrize("case", WEAKER)
def test_a_weaker_test_is_seen(case: str) -> None:
    before, after, reason = WEAKER[case]
    assert [w for w in weakenings(before, after) if reason in w.reason and not w.changed]


SOUND = {
    "more assertions": (BEFORE, f"{BEFORE}    assert value > 2\n"),
    "another test": (BEFORE, f"{BEFORE}\n\ndef test_b():\n    assert True\n"),
    "a comment and another layout": (
        BEFORE,
        BEFORE.replace("    assert value == 3", "    # three\n    assert (value ==\n        3)"),
    ),
    "a test renamed": (BEFORE, BEFORE.replace("test_a", "test_value_is_three")),
    "tests put into a class": (
        "def test_a():\n    assert f() == 3\n",
        "class TestF:\n    def test_a(self):\n        assert f() == 3\n",
    ),
    "a case more": (
        "@pytest.mark.parametrize('n', [1])\ndef test_a(n):\n    assert n\n",
        "@pytest.mark.parametrize('n', [1, 2])\ndef test_a(n):\n    assert n\n",
    ),
    "a skip taken away": ("@pytest.mark.skip\ndef test_a():\n    assert f()\n", "def test_a():\n    assert f()\n"),
}


@pytest.mark.parametrize("case", SOUND)
def test_a_sound_change_is_not_called_weaker(case: str) -> None:
    assert not [w for w in weakenings(*SOUND[case]) if not w.changed]


def test_a_stricter_assertion_is_only_another_one() -> None:
    (found,) = weakenings("def test_a():\n    assert f() > 2\n", "def test_a():\n    assert f() == 3\n")
    assert found.changed


JS = "test('adds', () => {\n  expect(add(1, 2)).toBe(3);\n});\ntest('none', () => {\n  expect(add()).toBe(0);\n});\n"


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (JS.replace("test('none'", "test.skip('none'"), "skip was added"),
        (JS.replace("test('adds'", "test.only('adds'"), "only was added"),
        (JS.replace("  expect(add()).toBe(0);\n", ""), "fewer assertions"),
        (JS[: JS.index("test('none'")], "'none' was deleted"),
        (JS.replace("  expect(add()).toBe(0);\n", "  // expect(add()).toBe(0);\n"), "fewer assertions"),
    ],
)
def test_a_weaker_script_is_seen(after: str, reason: str) -> None:
    assert reason in " ".join(w.reason for w in script_weakenings(JS, after))


def test_a_changed_expectation_in_a_script_is_another_one() -> None:
    (found,) = script_weakenings(JS, JS.replace("toBe(3)", "toBe(4)"))
    assert found.changed


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("tests/data/rows.csv", "test"),
        ("pkg/test_shop.py", "test"),
        ("src/shop.test.ts", "test"),
        ("pkg/shop_test.go", "test"),
        ("src/test/java/ShopTest.java", "test"),
        ("conftest.py", "configuration"),
        ("pkg/sitecustomize.py", "configuration"),
        (".github/workflows/ci.yml", "configuration"),
        ("scripts/check.sh", "configuration"),
        ("package.json", "shared configuration"),
        ("src/__pycache__/shop.cpython-311.pyc", "bytecode"),
        ("src/shop.py", ""),
        ("src/contest.py", ""),
        ("docs/testing.md", ""),
    ],
)
def test_what_a_path_is_to_the_tests(path: str, kind: str) -> None:
    assert belongs(path, frozenset({"scripts/check.sh"})) == kind


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("pyproject.toml", b"[project]\nname='a'\n", b"[project]\nname='b'\n"),
        ("setup.cfg", b"[metadata]\nname=a\n", b"[metadata]\nname=b\n"),
        ("package.json", b'{"scripts": {"test": "jest"}}', b'{"scripts": {"test": "jest", "start": "node ."}}'),
        ("Makefile", b"test:\n\tpytest\n\nrun:\n\tx\n", b"test:\n\tpytest\n\nrun:\n\ty\n"),
    ],
)
def test_a_change_that_leaves_the_tests_alone_is_none_of_their_configuration(
    path: str, before: bytes, after: bytes
) -> None:
    assert config_weakenings(path, before, after, ("make test",)) is None


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("pyproject.toml", b"", b"[tool.pytest.ini_options]\naddopts = '-k a'\n"),
        ("tox.ini", b"[pytest]\ntestpaths = tests\n", b"[pytest]\ntestpaths = none\n"),
        ("package.json", b'{"scripts": {"test": "jest"}}', b'{"scripts": {"test": "true"}}'),
        ("Makefile", b"test:\n\tpytest\n", b"test:\n\tpytest || true\n"),
        ("jest.config.js", b"a", b"b"),
        ("pyproject.toml", b"", b"[tool.pytest"),
    ],
)
def test_a_change_of_what_runs_is_seen(path: str, before: bytes, after: bytes) -> None:
    found = config_weakenings(path, before, after, ("make test",))
    assert found and not all(w.changed for w in found)


def test_a_mark_declared_is_harmless() -> None:
    found = config_weakenings("pytest.ini", b"[pytest]\n", b"[pytest]\nmarkers = slow\n")
    assert found and all(w.changed for w in found)


@pytest.mark.parametrize(
    ("path", "stands_for"),
    [
        ("pytest.py", "the module pytest that the test run imports"),
        ("tests/json.py", "the module json that the test run imports"),
        ("tests/shop.py", "src/shop.py"),
        ("src/shop/__init__.py", "src/shop.py"),
        ("src/pkg/json.py", ""),
        ("tests/helpers.py", ""),
        ("src/cart.py", ""),
    ],
)
def test_what_a_new_file_would_stand_in_for(path: str, stands_for: str) -> None:
    assert shadows(path, ("src/shop.py", "src/pkg/__init__.py", "tests/test_shop.py")) == stands_for


@pytest.mark.parametrize(
    ("goal", "allowed"),
    [
        ("Double every total, and update the tests.", True),
        ("Remove the legacy exporter and its tests", True),
        ("Rename test_a to test_b", True),
        ("Please adapt tests/test_shop.py to the new price", True),
        ("Fix the failing tests", False),
        ("Make the tests pass", False),
        ("Change the code so that the tests pass", False),
        ("Update the tests? No: do not change the tests.", False),
        ("Change the rounding without changing any tests.", False),
        ("Add a discount", False),
    ],
)
def test_whether_a_request_speaks_of_changing_tests(goal: str, allowed: bool) -> None:
    assert may_change_tests(Requirement(goal=goal)) is allowed


def test_fix_never_allows_it() -> None:
    assert not may_change_tests(Requirement(goal="Update the tests.", tests_may_change=False))


def test_a_request_explains_what_it_names() -> None:
    wanted = Requirement(goal="Greet with 'Good morning' instead of 'Hello'.")
    assert explains(wanted, "assert greet() == 'Hello'", "assert greet() == 'Good morning'")
    assert not explains(wanted, "assert greet() == 'Hello'", "assert greet() == 'Good evening'")
    assert not explains(wanted, "assert greet() == 'Hello'", "assert greet()")


def test_only_what_is_new_in_source_counts() -> None:
    source = "import os\nDEBUG = os.environ.get('PYTEST_CURRENT_TEST')\n"
    assert tricks(source, f"{source}X = 1\n") == ()
    assert [t.line for t in tricks("", source)] == [2]
    assert not reads_environment(source, f"{source}X = 1\n") and reads_environment("", source)
    assert reads_clock("", "import datetime\nD = datetime.date.today()\n")


def test_ending_the_program_from_its_main_is_honest() -> None:
    assert (
        tricks("", "import sys\n\ndef main():\n    sys.exit(1)\n\nif __name__ == '__main__':\n    sys.exit(main())\n")
        == ()
    )


def test_a_request_that_names_a_file_means_it() -> None:
    wanted = Requirement(goal="Run jobs in parallel in tox.ini, and use Python 3.13 in CI.")
    assert names_file(wanted, "tox.ini") and names_file(wanted, ".github/workflows/build.yml")
    assert not names_file(wanted, "setup.cfg") and not names_file(wanted, "ini")
