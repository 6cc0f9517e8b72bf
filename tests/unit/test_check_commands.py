"""A command passes only if its tests ran, all of them, and could have failed."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from loopwright.core.checks import Verdict
from loopwright.core.plan import Requirement
from loopwright.core.running import Limits
from loopwright.guard.checks.commands.check import CommandCheck
from loopwright.testing.judging import judge_change, write_tree

PYTEST = "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 python -m pytest -q -p no:cacheprovider"


def judged(root: Path, command: str, timeout: float = 60.0) -> Verdict:
    """The one verdict on an unchanged tree."""
    wanted = Requirement(goal="judge", acceptance=(command,))
    (verdict,) = anyio.run(judge_change, root, {}, (CommandCheck(),), wanted, (), Limits(timeout=timeout))
    return verdict


HONEST = {
    "a class, parameters and a skip": (
        {
            "test_a.py": "import pytest\n\nclass TestA:\n    @pytest.mark.parametrize('n', [1, 2, 3])\n    def test_n(self, n):\n        assert n\n\n"
            "@pytest.mark.skip\ndef test_later():\n    assert False\n\n@pytest.mark.xfail\ndef test_known():\n    assert False\n"
        },
        PYTEST,
        3,
    ),
    "a src layout with conftests in several directories": (
        {
            "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['src']\ntestpaths = ['tests']\n",
            "src/shop/__init__.py": "def add(a, b):\n    return a + b\n",
            "tests/conftest.py": "import pytest\n\n@pytest.fixture\ndef one():\n    return 1\n",
            "tests/deep/conftest.py": "import pytest\n\n@pytest.fixture\ndef two(one):\n    return one + 1\n",
            "tests/deep/test_add.py": "from shop import add\n\ndef test_add(one, two):\n    assert add(one, two) == 3\n",
            "tests/test_top.py": "def test_top(one):\n    assert one == 1\n",
        },
        PYTEST,
        2,
    ),
    "a path of its own in the command": (
        {"src/shop.py": "X = 1\n", "tests/test_x.py": "import shop\n\ndef test_x():\n    assert shop.X\n"},
        "PYTHONPATH=src pytest -q -p no:cacheprovider",
        1,
    ),
    "tests that write files": (
        {"test_w.py": "def test_w():\n    open('out.txt', 'w').write('x')\n    assert open('out.txt').read() == 'x'\n"},
        PYTEST,
        1,
    ),
    "unittest": (
        {
            "test_u.py": "import unittest\nfrom unittest import mock\n\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(1, 1)\n"
            "    def test_sub(self):\n        for n in range(3):\n            with self.subTest(n=n):\n                self.assertGreaterEqual(n, 0)\n"
            "    @unittest.skip('later')\n    def test_later(self):\n        self.fail()\n"
        },
        "python -m unittest",
        2,
    ),
    "unittest cases under pytest": (
        {
            "test_u.py": "import unittest\n\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(1, 1)\n"
        },
        PYTEST,
        1,
    ),
    "several workers": (
        {"test_x.py": "import pytest\n\n@pytest.mark.parametrize('n', range(8))\ndef test_n(n):\n    assert n >= 0\n"},
        "python -m pytest -q -n 2 -p no:cacheprovider",
        8,
    ),
    "no plugins loaded by themselves": (
        {"test_x.py": "def test_x():\n    pass\n"},
        PYTEST,
        1,
    ),
    "warnings are errors": (
        {
            "pytest.ini": "[pytest]\nfilterwarnings = error\naddopts = --strict-config\n",
            "test_x.py": "def test_x():\n    pass\n",
        },
        PYTEST,
        1,
    ),
    "two sessions in one make target": (
        {
            "Makefile": "test:\n\tpython -m pytest -q -p no:cacheprovider a\n\tpython -m pytest -q -p no:cacheprovider b\n",
            "a/test_a.py": "def test_a():\n    pass\n",
            "b/test_b.py": "def test_b():\n    pass\n\ndef test_c():\n    pass\n",
        },
        "make test",
        3,
    ),
    "a make target with a path of its own": (
        {
            "Makefile": "test:\n\tPYTHONPATH=src pytest -q -p no:cacheprovider\n",
            "src/m.py": "X = 1\n",
            "test_m.py": "import m\n\ndef test_m():\n    assert m.X\n",
        },
        "make test",
        1,
    ),
    "tests that run pytest themselves": (
        {
            "test_outer.py": "import subprocess, sys, os\n\ndef test_outer(tmp_path):\n    (tmp_path / 'test_in.py').write_text('def test_in():\\n    pass\\n')\n"
            "    done = subprocess.run([sys.executable, '-m', 'pytest', '-q', str(tmp_path)], capture_output=True, text=True)\n"
            "    assert '1 passed' in done.stdout\n    assert not [k for k in os.environ if 'LOOPWRIGHT' in k or k == 'PYTEST_PLUGINS']\n"
        },
        PYTEST,
        1,
    ),
    "a program that runs pytest twice": (
        {
            "run.py": "import sys, pytest\nsys.exit(pytest.main(['-q', 'test_a.py']) or pytest.main(['-q', 'test_b.py']))\n",
            "test_a.py": "def test_a():\n    pass\n",
            "test_b.py": "def test_b():\n    pass\n",
        },
        "python run.py",
        2,
    ),
    "a floor of coverage that the probe must not lower": (
        {"m.py": "X = 1\n", "test_m.py": "import m\n\ndef test_m():\n    assert m.X\n"},
        f"coverage run -m {PYTEST.partition('-m ')[2]} && coverage report --fail-under=100",
        1,
    ),
    "a sitecustomize of the user's": (
        {
            "site/sitecustomize.py": "import os\nos.environ['MINE'] = '1'\n",
            "test_s.py": "import os, unittest\n\nclass T(unittest.TestCase):\n    def test_s(self):\n        self.assertEqual(os.environ['MINE'], '1')\n",
        },
        "PYTHONPATH=site python -m unittest",
        1,
    ),
    "node's own runner": (
        {
            "a.test.js": "const test = require('node:test');\nconst assert = require('node:assert');\ntest('a', () => assert.equal(1, 1));\ntest('b', () => {});\n"
        },
        "node --test",
        2,
    ),
    "a script": ({"check.sh": "exit 0\n"}, "sh check.sh", None),
}


@pytest.mark.parametrize("case", HONEST)
def test_an_honest_suite_passes_and_is_counted(tmp_path: Path, case: str) -> None:
    files, command, tests = HONEST[case]
    write_tree(tmp_path, files)
    verdict = judged(tmp_path, command)
    assert (verdict.verdict, verdict.exit, verdict.tests_run) == ("passed", 0, tests), verdict.evidence
    assert verdict.kind == "command" and verdict.name == command and not verdict.red


def test_a_count_from_the_exit_status_alone_is_said_to_be_unknown(tmp_path: Path) -> None:
    assert "only the exit status is known" in judged(tmp_path, "true").evidence


def test_a_failing_test_is_counted(tmp_path: Path) -> None:
    write_tree(tmp_path, {"test_a.py": "def test_a():\n    assert 0\n\ndef test_b():\n    pass\n"})
    verdict = judged(tmp_path, PYTEST)
    assert (verdict.verdict, verdict.exit, verdict.tests_run, verdict.tests_failed) == ("failed", 1, 2, 1)
    assert "1 of 2 tests failed" in verdict.evidence


def test_no_test_is_no_pass(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "test_a.py": "import unittest\n\nclass T(unittest.TestCase):\n    pass\n",
            "run.sh": "python -m unittest; exit 0",
        },
    )
    verdict = judged(tmp_path, "sh run.sh")
    assert (verdict.verdict, verdict.tests_run) == ("failed", 0)
    assert "no test ran" in verdict.evidence


def test_a_command_that_cannot_go_red_proves_nothing(tmp_path: Path) -> None:
    write_tree(tmp_path, {"test_a.py": "def test_a():\n    pass\n"})
    verdict = judged(tmp_path, f"{PYTEST} || true")
    assert verdict.verdict == "failed" and "did not turn the command red" in verdict.evidence


def test_a_missing_tool_is_not_run_and_keeps_the_change_unproven(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "no-such-tool --now")
    assert (verdict.verdict, verdict.red) == ("not_run", True)
    assert "no-such-tool is not installed" in verdict.evidence


def test_a_hanging_command_ends_at_its_limit(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "sleep 30", timeout=0.3)
    assert verdict.verdict == "failed" and "timeout" in verdict.evidence and verdict.reason == "timeout"


def test_the_same_command_is_run_once(tmp_path: Path) -> None:
    wanted = Requirement(goal="judge", acceptance=("true", "true"))
    assert len(anyio.run(judge_change, tmp_path, {}, (CommandCheck(),), wanted)) == 1
