"""A proof holds against tricks: each makes a broken shop look repaired, and none is proven."""

from __future__ import annotations

import datetime
import os
import py_compile
import sys
from pathlib import Path

import anyio
import pytest

from loopwright.core.checks import Change, Verdict
from loopwright.core.plan import Requirement
from loopwright.core.ports import CheckContext
from loopwright.core.running import Limits
from loopwright.guard.checks import checks
from loopwright.sandbox import BubblewrapSandbox
from loopwright.testing.copied_workspace import CopiedWorkspace
from loopwright.testing.judging import clean_environment, drop, judge_change, judge_in, write_tree
from loopwright.testing.memory import MemoryBlobs
from loopwright.workspace.workspace import open_workspace

COMMAND = "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 python -m pytest -q -p no:cacheprovider"
BROKEN = (
    "def total(prices):\n    return sum(prices) + 1\n\n\ndef mean(prices):\n    return total(prices) / len(prices)\n"
)
MENDED = BROKEN.replace(" + 1", "")
TESTS = """import pytest

from shop import mean, total


@pytest.mark.parametrize("prices, expected", [([1, 2], 3), ([5], 5)])
def test_total(prices, expected):
    assert total(prices) == expected


def test_mean():
    assert mean([2, 4]) == 3


def test_name():
    assert total.__name__ == "total"
"""
SHOP = {
    "pyproject.toml": "[project]\nname = 'shop'\nversion = '1'\n\n[tool.pytest.ini_options]\npythonpath = ['src']\n",
    "src/shop.py": BROKEN,
    "tests/test_shop.py": TESTS,
}
UNITTESTS = """import sys
import unittest

sys.path.insert(0, "src")
from shop import mean, total


class Shop(unittest.TestCase):
    def test_total(self):
        self.assertEqual(total([1, 2]), 3)

    def test_mean(self):
        self.assertEqual(mean([2, 4]), 3)

    def test_name(self):
        self.assertEqual(total.__name__, "total")
"""
SWALLOW = """import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    outcome.get_result().outcome = "passed"
"""

ENDING = """import atexit
import os

atexit.register(os._exit, 0)
"""
PRETEND = """from _pytest.reports import TestReport


def pytest_runtest_protocol(item, nextitem):
    item.ihook.pytest_runtest_logreport(report=TestReport(item.nodeid, item.location, {}, "passed", None, "call"))
    return True
"""
FORGE = """from _pytest.reports import TestReport


def pytest_sessionfinish(session):
    for item in list(session.items):
        report = TestReport(item.nodeid + "_forged", item.location, {}, "passed", None, "call")
        session.config.hook.pytest_runtest_logreport(report=report)
"""
MARK = """import pytest


def pytest_collection_modifyitems(items):
    for item in items:
        if "name" not in item.name:
            item.add_marker(pytest.mark.xfail)
"""
REPLACE = """def pytest_collection_modifyitems(items):
    for item in items:
        if "name" not in item.name:
            item.obj = lambda **values: None
"""


def judged(
    root: Path,
    change: dict[str, str | bytes | None],
    goal: str = "Make the prices right.",
    fix: bool = False,
    command: str = COMMAND,
    only: str = "",
) -> tuple[Verdict, ...]:
    """All verdicts on a change of the project in root, or those of one check."""
    wanted = Requirement(goal=goal, acceptance=(command,), tests_may_change=not fix)
    return anyio.run(judge_change, root, change, [c for c in checks() if only in ("", c.id)], wanted)


def reasons(verdicts: tuple[Verdict, ...]) -> str:
    return "\n".join(v.evidence for v in verdicts if v.red)


def is_proven(verdicts: tuple[Verdict, ...]) -> bool:
    return not any(v.red for v in verdicts) and any(v.verdict == "passed" for v in verdicts if v.kind == "command")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write_tree(tmp_path, SHOP)
    return tmp_path


def test_an_honest_repair_is_proven(shop: Path) -> None:
    verdicts = judged(shop, {"src/shop.py": MENDED}, fix=True)
    assert is_proven(verdicts), reasons(verdicts)
    assert [(v.tests_run, v.tests_failed) for v in verdicts if v.kind == "command"] == [(4, 0)]
    told = next(v for v in verdicts if v.check == "tests")
    assert "no test, and nothing that configures tests, was touched" in told.evidence


def test_an_unmended_fault_is_not(shop: Path) -> None:
    assert "3 of 4 tests failed" in reasons(judged(shop, {}))


TESTS_CHANGED = {
    "a deleted test": (
        {"tests/test_shop.py": TESTS[: TESTS.index("@pytest")] + TESTS[TESTS.index("def test_name") :]},
        "was deleted",
    ),
    "a deleted test file": (
        {"tests/test_shop.py": None, "tests/test_none.py": "def test_none():\n    pass\n"},
        "was deleted",
    ),
    "skipped tests": (
        {
            "tests/test_shop.py": TESTS.replace("@pytest.mark.param", "@pytest.mark.skip\n@pytest.mark.param").replace(
                "def test_mean", "@pytest.mark.xfail\ndef test_mean"
            )
        },
        "skip was added",
    ),
    "a skipped module": (
        {"tests/test_shop.py": TESTS.replace("import pytest\n", "import pytest\n\npytestmark = pytest.mark.skip\n")},
        "skip was added",
    ),
    "a loosened assertion": (
        {"tests/test_shop.py": TESTS.replace("== expected", ">= expected").replace("== 3", ">= 3")},
        "asserts less",
    ),
    "an assertion that is always true": (
        {"tests/test_shop.py": TESTS.replace("== expected", "== expected or True").replace("== 3", "== 3 or True")},
        "asserts less",
    ),
    "an expectation made to fit": (
        {"tests/test_shop.py": TESTS.replace("2], 3), ([5], 5)", "2], 4), ([5], 6)").replace("== 3", "== 3.5")},
        "original tests fail",
    ),
    "fewer cases": (
        {"tests/test_shop.py": TESTS.replace("[([1, 2], 3), ([5], 5)]", "[([-1], 0)]").replace("== 3", "== 3.5")},
        "1 cases where it had 2",
    ),
    "failures swallowed in the test": (
        {
            "tests/test_shop.py": TESTS.replace(
                "    assert total(prices) == expected",
                "    try:\n        assert total(prices) == expected\n    except AssertionError:\n        pass",
            ).replace(
                "    assert mean([2, 4]) == 3",
                "    try:\n        assert mean([2, 4]) == 3\n    except Exception:\n        pass",
            )
        },
        "swallows failed assertions",
    ),
    "a test hidden by another": (
        {"tests/test_shop.py": f"{TESTS}\n\ndef test_total():\n    pass\n\n\ndef test_mean():\n    pass\n"},
        "hidden by a second definition",
    ),
    "a configuration that deselects": (
        {"pyproject.toml": SHOP["pyproject.toml"] + "addopts = '-k name'\n"},
        "the setting pytest.addopts was set",
    ),
    "a configuration that looks elsewhere": (
        {
            "pyproject.toml": SHOP["pyproject.toml"] + "testpaths = ['other']\n",
            "other/test_other.py": "def test_other():\n    pass\n",
        },
        "the setting pytest.testpaths",
    ),
    "a new configuration file before the old one": (
        {"pytest.ini": "[pytest]\npythonpath = src\naddopts = -k name\n"},
        "the setting pytest.addopts",
    ),
    "a conftest that swallows failures": (
        {"tests/conftest.py": SWALLOW},
        "the hook pytest_runtest_makereport was added",
    ),
    "a conftest that swallows the exit status": (
        {"tests/conftest.py": "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n"},
        "the hook pytest_sessionfinish was added",
    ),
    "a conftest that marks tests": (
        {
            "tests/conftest.py": "import pytest\n\n\ndef pytest_collection_modifyitems(items):\n    for item in items:\n        item.add_marker(pytest.mark.xfail)\n"
        },
        "the hook pytest_collection_modifyitems",
    ),
    "a conftest that mends the code for the tests": (
        {
            "tests/conftest.py": "import pytest, shop\n\n\n@pytest.fixture(autouse=True)\ndef mend(monkeypatch):\n    right = lambda prices: sum(prices)\n    right.__name__ = 'total'\n    monkeypatch.setattr(shop, 'total', right)\n    import test_shop\n    monkeypatch.setattr(test_shop, 'total', right)\n"
        },
        "original tests fail",
    ),
    "a conftest that ignores tests": (
        {
            "tests/conftest.py": "collect_ignore = ['test_shop.py']\n",
            "tests/test_new.py": "def test_new():\n    pass\n",
        },
        "collect_ignore was added",
    ),
    "a plugin that forges counts": (
        {
            "tests/conftest.py": "from _pytest.reports import TestReport\n\n\ndef pytest_runtest_protocol(item, nextitem):\n"
            "    for name in (item.nodeid, item.nodeid + '_2'):\n        item.ihook.pytest_runtest_logreport(report=TestReport(name, item.location, {}, 'passed', None, 'call'))\n    return True\n"
        },
        "the hook pytest_runtest_protocol",
    ),
    "the code under test shadowed from the test directory": (
        {"tests/shop.py": MENDED},
        "would be imported in place of src/shop.py",
    ),
    "the test shadowed by a package": (
        {
            "tests/test_shop/__init__.py": "",
            "tests/test_shop/test_shop.py": "def test_total():\n    pass\n",
            "tests/test_shop.py": None,
        },
        "was deleted",
    ),
    "pytest shadowed": ({"pytest.py": "print('4 passed in 0.01s')\n"}, "in place of the module pytest"),
    "a module of the standard library shadowed": ({"src/unittest.py": "x = 1\n"}, "in place of the module unittest"),
    "a start-up file": ({"src/sitecustomize.py": "x = 1\n"}, "sitecustomize.py was added"),
}


@pytest.mark.parametrize("trick", TESTS_CHANGED)
def test_a_trick_on_the_tests_is_not_proven(shop: Path, trick: str) -> None:
    change, reason = TESTS_CHANGED[trick]
    verdicts = judged(shop, dict(change), only="tests")
    assert reason in reasons(verdicts)


RUNNING = {
    "a conftest that swallows failures": ({"tests/conftest.py": SWALLOW}, "planted failing test"),
    "a conftest that swallows the exit status": (
        {"tests/conftest.py": "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n"},
        "tests failed",
    ),
    "a conftest that ends the process with success": ({"tests/conftest.py": ENDING}, "tests failed"),
    "a conftest that runs nothing and says all passed": ({"tests/conftest.py": PRETEND}, "planted failing test"),
    "a conftest that says more ran than were collected": (
        {"tests/conftest.py": FORGE, "src/shop.py": MENDED},
        "_forged",
    ),
    "a conftest that shuts the probe out": (
        {
            "pyproject.toml": f"{SHOP['pyproject.toml']}addopts = '-p no:loopwright_probe.pytest_plugin'\n",
            "src/shop.py": MENDED,
        },
        "no test session was seen",
    ),
    "a mark on all tests but one": ({"tests/conftest.py": MARK}, "skipped now"),
    "a selection of one test": ({"pyproject.toml": f"{SHOP['pyproject.toml']}addopts = '-k name'\n"}, "are gone"),
    "no test at all, and a good exit status": (
        {
            "pyproject.toml": f"{SHOP['pyproject.toml']}addopts = '-k nothing'\n",
            "tests/conftest.py": "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n",
        },
        "no test ran",
    ),
    "the test's module taken from elsewhere": (
        {
            "pyproject.toml": f"{SHOP['pyproject.toml']}addopts = '--import-mode=importlib'\n",
            "tests/conftest.py": REPLACE,
        },
        "no longer those of their file",
    ),
}


@pytest.mark.parametrize("trick", RUNNING)
def test_running_shows_a_trick_even_where_the_request_lets_tests_change(shop: Path, trick: str) -> None:
    change, reason = RUNNING[trick]
    verdicts = judged(shop, dict(change), goal="Make the prices right and update the tests.", only="commands")
    assert not is_proven(verdicts)
    assert reason in reasons(verdicts)


def test_planted_bytecode_is_not_proven(shop: Path) -> None:
    source = shop / "mended.py"
    source.write_text(MENDED)
    py_compile.compile(
        str(source), cfile=str(shop / "planted"), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
    source.unlink()
    planted = (shop / "planted").read_bytes()
    (shop / "planted").unlink()
    name = f"src/__pycache__/shop.{sys.implementation.cache_tag}.pyc"
    verdicts = judged(shop, {name: planted})
    assert not is_proven(verdicts)
    assert "compiled code was planted" in reasons(verdicts)


TODAY = datetime.datetime.now()


def wrong_where(condition: str) -> str:
    """The shop, wrong where `condition` holds."""
    return f"import datetime\nimport os\nimport sys\nimport time\n\n{BROKEN.replace('+ 1', f'+ ({condition})')}"


SOURCE = {
    "the process ended at import": ("import os\nos._exit(0)\n", "before its session did"),
    "the interpreter ended at import": ("import sys\nsys.exit(0)\n", "calls sys.exit when it is imported"),
    "the process ended by a test": (
        "import os\n\n\ndef total(prices):\n    os._exit(0)\n\n\ndef mean(prices):\n    return 0\n",
        "before its session did",
    ),
    "the exit status rewritten at the end": (
        f"import atexit\nimport os\n\natexit.register(os._exit, 0)\n{BROKEN}",
        "tests failed",
    ),
    "tests rewritten when the code is imported": (
        "from pathlib import Path\n\nTESTS = Path(__file__).parents[1] / 'tests' / 'test_shop.py'\n"
        "TESTS.write_text(TESTS.read_text().replace('==', '!='))\n" + MENDED,
        "the run rewrote tests",
    ),
    "pytest patched": (
        "import _pytest.runner\n\n\ndef _all_is_well(*args, **kwargs):\n    return None\n\n\n_pytest.runner.raise_if_failed = _all_is_well\n"
        "_old = _pytest.runner.TestReport.from_item_and_call\n\n\ndef _report(item, call):\n    call.excinfo = None\n    return _old(item, call)\n\n\n"
        f"_pytest.runner.TestReport.from_item_and_call = _report\n{BROKEN}",
        "planted failing test",
    ),
    "right only under test, by the variable": (
        wrong_where("not os.environ.get('PYTEST' + chr(95) + 'CURRENT' + chr(95) + 'TEST')"),
        "reads its surroundings",
    ),
    "right only under test, by its name": (
        wrong_where("not os.environ.get('PYTEST_CURRENT_TEST')"),
        "which only a test run sets",
    ),
    "right only under test, by the modules": (
        wrong_where("'pytest' not in sys.modules"),
        "asks whether pytest is running",
    ),
    "right only where Loopwright is": (
        wrong_where("not os.environ.get('LOOPWRIGHT_PROBE')"),
        "which only a test run sets",
    ),
    "right only at a desk": (wrong_where("'CI' in os.environ"), "reads its surroundings"),
    "right only today": (wrong_where(f"datetime.date.today().year != {TODAY.year}"), "three years from now"),
    "right only now": (wrong_where(f"time.time() > {TODAY.timestamp() + 86400}"), "three years from now"),
}


@pytest.mark.parametrize("trick", SOURCE)
def test_a_trick_in_the_source_is_not_proven(shop: Path, trick: str) -> None:
    source, reason = SOURCE[trick]
    verdicts = judged(shop, {"src/shop.py": source}, fix=True)
    assert not is_proven(verdicts)
    assert reason in reasons(verdicts)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (
            f"import unittest\n\nunittest.TestResult.addFailure = lambda *a: None\nunittest.TextTestResult.addFailure = lambda *a: None\n{BROKEN}",
            "planted failing test",
        ),
        ("import os\nos._exit(0)\n", "no test session was seen"),
        (
            f"import unittest\n\nunittest.TestProgram.runTests = lambda self: exit(0)\n{BROKEN}",
            "no test session was seen",
        ),
    ],
)
def test_tricks_on_unittest_are_not_proven(tmp_path: Path, source: str, reason: str) -> None:
    write_tree(tmp_path, {"src/shop.py": BROKEN, "test_shop.py": UNITTESTS})
    command = "python -m unittest"
    assert is_proven(judged(tmp_path, {"src/shop.py": MENDED}, fix=True, command=command))
    verdicts = judged(tmp_path, {"src/shop.py": source}, fix=True, command=command)
    assert not is_proven(verdicts)
    assert reason in reasons(verdicts)


def test_no_change_of_tests_is_accepted_by_fix(shop: Path) -> None:
    verdicts = judged(
        shop,
        {"src/shop.py": MENDED, "tests/test_shop.py": f"{TESTS}\n\ndef test_more():\n    assert total([]) == 0\n"},
        fix=True,
    )
    assert not is_proven(verdicts)
    assert "this request allows no change of tests" in reasons(verdicts)


def test_new_and_stronger_tests_are_welcome(shop: Path) -> None:
    tests = f"{TESTS}    assert total([]) == 0\n\n\ndef test_more():\n    assert total([7]) == 7\n"
    verdicts = judged(
        shop, {"src/shop.py": MENDED, "tests/test_shop.py": tests, "tests/test_new.py": "def test_new():\n    pass\n"}
    )
    assert is_proven(verdicts), reasons(verdicts)
    touched = {f.file for v in verdicts if v.check == "tests" for f in v.findings}
    assert touched == {"tests/test_shop.py", "tests/test_new.py"}
    original = next(v for v in verdicts if v.name.startswith("original tests"))
    assert (original.verdict, original.tests_run) == ("passed", 4)


def test_a_request_may_ask_for_other_tests(shop: Path) -> None:
    change = {
        "src/shop.py": MENDED.replace("sum(prices)", "sum(prices) * 2"),
        "tests/test_shop.py": TESTS.replace("3), ([5], 5)", "6), ([5], 10)").replace("== 3", "== 6"),
    }
    verdicts = judged(shop, dict(change), goal="Double every total, and update the tests.")
    assert is_proven(verdicts), reasons(verdicts)
    original = next(v for v in verdicts if v.name.startswith("original tests"))
    assert (original.verdict, original.tests_failed, original.red) == ("failed", 3, False)


def test_a_name_that_the_request_gives_may_change_in_tests(shop: Path) -> None:
    change = {
        path: text.replace("mean", "average")
        for path, text in (
            ("src/shop.py", MENDED),
            (
                "tests/test_shop.py",
                TESTS.replace("test_mean", "test_it").replace("mean", "average").replace("test_it", "test_mean"),
            ),
        )
    }
    verdicts = judged(shop, dict(change), goal="Rename the function mean to average.")
    assert is_proven(verdicts), reasons(verdicts)


def test_a_green_run_on_another_tree_proves_nothing(shop: Path) -> None:
    async def judge() -> tuple[Verdict, ...]:
        blobs = MemoryBlobs()
        workspace = CopiedWorkspace(shop, blobs, clean_environment())
        wanted = Requirement(goal="", acceptance=("true",))
        ref = await workspace.checkpoint()
        context = CheckContext(wanted, (), workspace, ref, workspace.base, blobs, Limits(timeout=60.0), drop)
        *_, check = checks()
        return await check.run(Change(base=workspace.base.tree, tree="another"), context)

    verdicts = anyio.run(judge)
    assert not is_proven(verdicts)
    assert "the change describes tree another" in reasons(verdicts)


SANDBOXED = {
    "an honest repair": ({"src/shop.py": MENDED}, True, ""),
    "the process ended at import": (
        {"src/shop.py": SOURCE["the process ended at import"][0]},
        False,
        "before its session did",
    ),
    "tests rewritten": (
        {"src/shop.py": SOURCE["tests rewritten when the code is imported"][0]},
        False,
        "the run rewrote tests",
    ),
    "failures swallowed": ({"tests/conftest.py": SWALLOW}, False, "planted failing test"),
    "a forged count": ({"tests/conftest.py": FORGE, "src/shop.py": MENDED}, False, "_forged"),
}


@pytest.mark.real
@pytest.mark.parametrize("case", SANDBOXED)
def test_the_same_holds_in_the_sandbox(shop: Path, case: str) -> None:
    change, proven, reason = SANDBOXED[case]
    sandbox = BubblewrapSandbox(dict(os.environ))
    if not all(c.works for c in sandbox.probe() if c.name in ("bubblewrap", "namespaces")):
        pytest.skip("bubblewrap cannot start here")
    wanted = Requirement(goal="Make the prices right and update the tests.", acceptance=("python -m pytest -q",))

    async def judge() -> tuple[Verdict, ...]:
        blobs = MemoryBlobs()
        view = await open_workspace(str(shop), sandbox=sandbox, blobs=blobs)
        try:
            return await judge_in(view, blobs, dict(change), [c for c in checks() if c.id == "commands"], wanted)
        finally:
            await view.aclose()

    verdicts = anyio.run(judge)
    assert is_proven(verdicts) is proven, reasons(verdicts)
    assert reason in reasons(verdicts)
