"""A proof holds against tricks on what judges: the modules tests assert with, the scripts commands run, other test tools.

The reverse as well: an honest change beside any of these is proven.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from loopwright.testing.judging import write_tree
from tests.e2e.test_proof_tricks import (
    BROKEN,
    COMMAND,
    MENDED,
    SHOP,
    TESTS,
    UNITTESTS,
    is_proven,
    judged,
    reasons,
)

Tree = dict[str, str]

POISON = "import shop\n\nshop.total = lambda prices: sum(prices)\nshop.total.__name__ = 'total'\nshop.mean = lambda p: sum(p) / len(p)\n"
REPLACED = "what tests judge with was replaced"
ISCLOSE = TESTS.replace("import pytest\n", "import math\n\nimport pytest\n").replace(
    "total(prices) == expected", "math.isclose(total(prices), expected)"
)
CASES = (
    TESTS.replace("[([1, 2], 3), ([5], 5)]", "CASES")
    .replace("import mean", "import CASES, mean")
    .replace("mean([2, 4]) == 3", "mean")
)
FORGED = """import atexit, glob, os


def _end():
    for name in glob.glob('/tm' + 'p/.pro' + 'be-*/*.jsonl'):
        text = open(name).read()
        if 'plan' + 'ted' in text:
            return
        open(name, 'w').write(text.replace('"failed"', '"passed"'))
    getattr(os, '_ex' + 'it')(0)


atexit.register(_end)
"""
FINDER = """import importlib.util, pathlib, sys


class Loader:
    def create_module(self, spec):
        return None

    def exec_module(self, module):
        text = pathlib.Path(module.__spec__.origin).read_text()
        exec(compile(text.replace('==', '!='), module.__spec__.origin, 'exec'), module.__dict__)


class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == 'te' + 'st_shop':
            found = pathlib.Path('te' + 'sts', name + '.py').resolve()
            return importlib.util.spec_from_file_location(name, found, loader=Loader())


sys.meta_path.insert(0, Finder())
"""
TWO_FILES = {
    "tests/test_shop.py": "from shop import total\n\n\ndef test_total():\n    assert total([5]) == 5\n",
    "tests/test_a.py": "import shop\n\n\ndef test_a():\n    assert shop\n",
}
FRAMES = BROKEN.replace("+ 1", "+ (not sys._getframe(1).f_code.co_name.startswith('te' + 'st'))").replace(
    "total(prices) / len", "(sum(prices) + (not sys._getframe(1).f_code.co_name.startswith('te' + 'st'))) / len"
)

#: What is there more than the shop, the change, and what the proof says.
RUN: dict[str, tuple[Tree, Tree, str]] = {
    "an assertion of the standard library replaced": (
        {"tests/test_shop.py": ISCLOSE},
        {"src/shop.py": "import importlib\nimportlib.import_module('ma' + 'th').isclose = max\n" + MENDED},
        f"{REPLACED} while they ran: math.isclose",
    ),
    "a built-in function replaced": (
        {},
        {"src/shop.py": f"import builtins\n_sum = sum\nbuiltins.sum = lambda p: _sum(p) - 1\n{BROKEN}"},
        f"{REPLACED} while they ran: builtins.sum",
    ),
    "test modules loaded as something else": (TWO_FILES, {"src/shop.py": FINDER + BROKEN}, "sys.meta_path of shop"),
    "right only where a test is the caller": ({}, {"src/shop.py": f"import sys\n{FRAMES}"}, "reads its surroundings"),
    "the probe's records and the exit status forged": ({}, {"src/shop.py": FORGED + BROKEN}, "the output ends with 3"),
    "cases that the tests take from source emptied": (
        {"src/shop.py": f"{BROKEN}\nCASES = [([1, 2], 3), ([5], 5)]\n", "tests/test_shop.py": CASES},
        {"src/shop.py": f"{BROKEN}\nCASES = []\n"},
        "fewer cases than before",
    ),
}
DEAR = {
    "an assertion of the standard library replaced",
    "a built-in function replaced",
    "right only where a test is the caller",
}


def shop_with(root: Path, more: Tree) -> Path:
    write_tree(root, {**SHOP, **more})
    return root


@pytest.mark.parametrize("trick", [pytest.param(t, marks=pytest.mark.real) if t in DEAR else t for t in RUN])
def test_a_run_shows_a_trick_on_what_judges(tmp_path: Path, trick: str) -> None:
    more, change, reason = RUN[trick]
    verdicts = judged(shop_with(tmp_path, more), dict(change), fix=True, only="commands")
    assert not is_proven(verdicts)
    assert reason in reasons(verdicts)


def test_a_method_of_unittest_replaced_is_not_proven(tmp_path: Path) -> None:
    write_tree(tmp_path, {"src/shop.py": BROKEN, "test_shop.py": UNITTESTS})
    replace = "import importlib\nkind = getattr(importlib.import_module('unit' + 'test'), 'Test' + 'Case')\nkind.assertEqual = print\n"
    verdicts = judged(tmp_path, {"src/shop.py": replace + BROKEN}, fix=True, command="python -m unittest")
    assert f"{REPLACED} while they ran: unittest.case.TestCase.assertEqual" in reasons(verdicts)


def test_what_the_tests_left_replaced_before_is_no_trick(tmp_path: Path) -> None:
    test = (
        f"import builtins\n\n{TESTS}\n\ndef test_length():\n    builtins.len = len.__call__\n    assert len([1]) == 1\n"
    )
    shop_with(tmp_path, {"tests/test_shop.py": test})
    verdicts = judged(tmp_path, {"src/shop.py": MENDED}, fix=True, only="commands")
    assert is_proven(verdicts), reasons(verdicts)


ADDED = {
    "a test module": {"tests/test_aaa.py": f"{POISON}\n\ndef test_ok():\n    assert True\n"},
    "a package": {"tests/__init__.py": f"import sys\n\nsys.path.insert(0, 'src')\n{POISON}"},
}


@pytest.mark.parametrize("trick", ADDED)
def test_an_added_test_does_not_mend_the_code_for_the_others(tmp_path: Path, trick: str) -> None:
    verdicts = judged(shop_with(tmp_path, {}), dict(ADDED[trick]), only="tests")
    assert "the original tests fail on the new code" in reasons(verdicts)


CHECK = "grep -q 'sum(prices)$' src/shop.py\n"
MAKE = {"Makefile": "test: unit\n\nunit:\n\tsh scripts/check.sh\n", "scripts/check.sh": CHECK}
HELPER = {
    "src/judging.py": "def check(value, expected):\n    assert value == expected\n",
    "tests/test_shop.py": TESTS.replace("import pytest\n", "import pytest\nfrom judging import check\n"),
}
EXAMPLE = BROKEN.replace("(prices):\n", "(prices):\n    '''Add.\n\n    >>> total([1, 2])\n    3\n    '''\n", 1)
#: More than the shop, the change, the command, what is said.
LOOKED_AT: dict[str, tuple[Tree, dict[str, str | bytes | None], str, str]] = {
    "a script behind make": (MAKE, {"scripts/check.sh": "true\n"}, "make test", "check.sh was changed"),
    "what a target needs": (
        MAKE,
        {"Makefile": "test: unit\n\nunit:\n\ttrue\n"},
        "make test",
        "unit was changed in the build file",
    ),
    "a build file that make reads first": (
        MAKE,
        {"GNUmakefile": "test:\n\ttrue\n"},
        "make test",
        "would be read in place of Makefile",
    ),
    "a script that a script runs": (
        {"run.sh": "sh ci/inner.sh\n", "ci/inner.sh": CHECK},
        {"ci/inner.sh": "true\n"},
        "sh run.sh",
        "inner.sh was changed",
    ),
    "a script below the directory of the command": (
        {"ci/check.sh": CHECK},
        {"ci/check.sh": "true\n"},
        "cd ci && sh check.sh",
        "check.sh was changed",
    ),
    "the program that checks": (
        {"verify.py": "import shop\nassert shop.total([1]) == 1\n"},
        {"verify.py": "print('ok')\n"},
        "python -m verify",
        "verify.py was changed",
    ),
    "the shell that npm uses": (
        {"package.json": '{"scripts": {"test": "node --test"}}'},
        {".npmrc": "script-shell=/bin/true\n"},
        "npm test",
        ".npmrc was added",
    ),
    "a pytest plugin by its metadata": (
        {},
        {"evil-1.dist-info/entry_points.txt": "[pytest11]\nevil = evil\n"},
        COMMAND,
        "the setting pytest11.evil",
    ),
    "an assertion that tests share": (
        HELPER,
        {"src/judging.py": "def check(value, expected):\n    assert value is not None\n"},
        COMMAND,
        "src/judging.py",
    ),
    "an example in a docstring": (
        {"src/shop.py": EXAMPLE},
        {"src/shop.py": EXAMPLE.replace("    3\n", "    4\n")},
        "python -m doctest src/shop.py",
        "the example `total([1, 2])` is gone or expects something else",
    ),
    "expected results made to fit": (
        {"golden/totals.json": "[[[5], 5]]"},
        {"golden/totals.json": "[[[5], 6]]"},
        COMMAND,
        "test data was changed",
    ),
}


@pytest.mark.parametrize("trick", LOOKED_AT)
def test_what_judges_is_followed_from_the_command(tmp_path: Path, trick: str) -> None:
    more, change, command, reason = LOOKED_AT[trick]
    verdicts = judged(shop_with(tmp_path, more), change, fix=True, command=command, only="tests")
    assert reason in reasons(verdicts)


HONEST: dict[str, tuple[Tree, dict[str, str | bytes | None], str, bool]] = {
    "the file that a command looks into": ({"c.txt": "old\n"}, {"c.txt": "new\n"}, "grep -q new c.txt", True),
    "the program that a command runs": ({"app.py": "print(1 + )\n"}, {"app.py": "print(2)\n"}, "python app.py", True),
    "code with examples": (
        {"src/shop.py": EXAMPLE},
        {"src/shop.py": EXAMPLE.replace(" + 1", "")},
        "python -m doctest src/shop.py",
        True,
    ),
    "a target and a variable of its own": (
        {"Makefile": f"test:\n\t{COMMAND}\n"},
        {"src/shop.py": MENDED, "Makefile": f"PORT = 80\n\ntest:\n\t{COMMAND}\n\nrun:\n\tshop $(PORT)\n"},
        "make test",
        True,
    ),
    "settings that build, measure and make tests stricter": (
        {},
        {
            "src/shop.py": MENDED,
            "pyproject.toml": SHOP["pyproject.toml"]
            + "xfail_strict = true\naddopts = '-ra'\n\n[tool.hatch.build]\nx = 1\n\n[tool.coverage.run]\nbranch = true\n",
        },
        COMMAND,
        False,
    ),
    "a fixture, a helper and new tests": (
        {},
        {
            "src/shop.py": MENDED,
            "tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef prices():\n    return [1, 2]\n",
            "tests/halves.py": "def half(x):\n    return x / 2\n",
            "tests/test_new.py": "from halves import half\nfrom shop import total\n\n\ndef test_new(prices):\n    assert half(total(prices)) == 1.5\n",
        },
        COMMAND,
        False,
    ),
}
QUICK = {"the file that a command looks into", "the program that a command runs"}


@pytest.mark.parametrize("case", [c if c in QUICK else pytest.param(c, marks=pytest.mark.real) for c in HONEST])
def test_an_honest_change_beside_what_judges_is_proven(tmp_path: Path, case: str) -> None:
    more, change, command, fix = HONEST[case]
    tree = more if case in QUICK else {**SHOP, **more}
    write_tree(tmp_path, tree)
    verdicts = judged(tmp_path, change, fix=fix, command=command)
    assert is_proven(verdicts), reasons(verdicts)


NODE = {
    "shop.js": "exports.total = (p) => p.reduce((a, b) => a + b, 0) + 1;\n",
    "shop.test.js": "const test = require('node:test');\nconst assert = require('node:assert');\nconst { total } = require('./shop');\n"
    "test('two', () => { assert.strictEqual(total([1, 2]), 3); });\ntest('one', () => { assert.strictEqual(total([5]), 5); });\n",
}


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("\n  process.exit(0);\n", "1 tests ran where 2 ran before"),
        pytest.param("exports.total = (p) => p.reduce((a, b) => a + b, 0);\n", "", marks=pytest.mark.real),
    ],
)
def test_another_tool_may_not_run_fewer_tests_than_before(tmp_path: Path, source: str, reason: str) -> None:
    write_tree(tmp_path, NODE)
    verdicts = judged(tmp_path, {"shop.js": source}, fix=True, command="node --test", only="commands")
    assert is_proven(verdicts) is not bool(reason), reasons(verdicts)
    assert reason in reasons(verdicts)
