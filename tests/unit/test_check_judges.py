"""What a command leads to, which settings and build files bear on tests, and source that only a test would notice."""

from __future__ import annotations

import pytest

from loopwright.guard.checks.suite.aware import reads_callers, tricks
from loopwright.guard.checks.suite.commands import entrances, npm_scripts
from loopwright.guard.checks.suite.config import config_weakenings
from loopwright.guard.checks.suite.files import belongs
from loopwright.guard.checks.suite.support import examples_lost

TREE = {
    "Makefile": "include rules.mk\n\nPORT = 80\n\ntest: lint unit\n\nlint:\n\truff check src\n\nunit:\n\t@sh ci/unit.sh\n",
    "rules.mk": "more:\n\tsh ci/more.sh\n",
    "ci/unit.sh": "cd sub && python check.py\n",
    "ci/more.sh": "true\n",
    "sub/check.py": "import app\nassert app.x\n",
    "package.json": '{"scripts": {"test": "npm run verify", "preverify": "sh ci/more.sh", "verify": "node t.js", "x": "sh x.sh"}}',
    "t.js": "require('assert')(true)\n",
    "x.sh": "true\n",
    "app.py": "print(1)\n",
    "shop.py": "def f(:\n",
    "verify.py": "import app\nif app.x:\n    raise SystemExit(1)\n",
    "data.txt": "new\n",
}


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("sh ./ci/unit.sh", {"ci/unit.sh", "sub/check.py"}),
        ("cd ci && sh more.sh || true", {"ci/more.sh"}),
        ("make unit", {"rules.mk", "ci/unit.sh", "sub/check.py"}),
        ("make", {"rules.mk", "ci/unit.sh", "sub/check.py"}),
        ("make more", {"rules.mk", "ci/more.sh"}),
        ("npm test", {"ci/more.sh", "t.js"}),
        ("npm run x", {"x.sh"}),
        ("X=1 python verify.py --all", {"verify.py"}),
        ("python -m verify", {"verify.py"}),
        ("cd sub && python check.py", {"sub/check.py"}),
        # What is merely looked at, or run to see whether it works, is what is tested.
        ("grep -q new data.txt", set()),
        ('test "$(cat data.txt)" = new', set()),
        ("python app.py", set()),
        ("python -m doctest shop.py", set()),
        ("python -m py_compile shop.py", set()),
        ("mypy shop.py && python -m pytest -q", set()),
    ],
)
def test_what_a_command_runs_and_what_it_looks_at(command: str, files: set[str]) -> None:
    assert entrances((command,), TREE.get) == files


def test_a_script_runs_what_its_makefile_and_its_scripts_run() -> None:
    tree = {**TREE, "Makefile": "test:\n\t$(MAKE) -C sub all\n\tsh a.sh\n", "a.sh": "sh b.sh\n", "b.sh": "sh a.sh\n"}
    assert entrances(("make test",), tree.get) == {"a.sh", "b.sh"}
    assert npm_scripts(("npm t",), {"test": "npm run verify", "verify": "x"}) >= {"test", "pretest", "verify"}


@pytest.mark.parametrize(
    ("path", "before", "after", "commands"),
    [
        ("Makefile", "test: unit\n\nunit:\n\tpytest\n", "test: unit\n\nunit:\n\ttrue\n", "make test"),
        ("Makefile", "test:\n\tpytest\n", ".IGNORE:\ntest:\n\tpytest\n", "make test"),
        ("Makefile", "test:\n\tpytest\n", "SHELL = /bin/true\ntest:\n\tpytest\n", "make test"),
        ("Makefile", "test:\n\tpytest $(A)\n", "A = -k x\ntest:\n\tpytest $(A)\n", "make test"),
        ("Makefile", "A = 1\ntest:\n\tpytest $(A)\n", "A = 2\ntest:\n\tpytest $(A)\n", "make test"),
        ("package.json", '{"scripts": {"verify": "a"}}', '{"scripts": {"verify": "true"}}', "npm run verify"),
        ("package.json", "{}", '{"scripts": {"preverify": "x"}}', "npm run verify"),
        ("a.dist-info/entry_points.txt", "", "[pytest11]\na = b\n", "pytest"),
        (".npmrc", "", "script-shell=/bin/true\n", "npm test"),
        ("pyproject.toml", "", "[tool.hatch.envs.default.scripts]\ntest = 'true'\n", "hatch run test"),
        ("pyproject.toml", "", "[tool.pytest.ini_options]\naddopts = '-q -k name'\n", "pytest"),
        ("pyproject.toml", "", "[tool.pytest.ini_options]\nfilterwarnings = ['ignore']\n", "pytest"),
        ("pyproject.toml", "[tool.pytest]\nxfail_strict = true\n", "[tool.pytest]\nxfail_strict = false\n", "pytest"),
        ("pyproject.toml", "", "[tool.coverage.report]\nfail_under = 0\n", "pytest --cov"),
    ],
)
def test_a_setting_that_bears_on_the_tests_is_seen(path: str, before: str, after: str, commands: str) -> None:
    assert belongs(path) in ("configuration", "shared configuration")
    found = config_weakenings(path, before.encode() or None, after.encode(), (commands,))
    assert (found and not all(w.changed for w in found)) or path == ".npmrc"


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("Makefile", "test:\n\tpytest\n", "PORT = 80\n\ntest:\n\tpytest\n\nrun:\n\tapp $(PORT)\n"),
        ("pyproject.toml", "", "[tool.hatch.build.targets.wheel]\npackages = ['src/shop']\n"),
        ("pyproject.toml", "", "[tool.coverage.run]\nbranch = true\n"),
        ("pyproject.toml", "", "[tool.ruff]\nline-length = 100\n"),
        ("a.egg-info/entry_points.txt", "", "[console_scripts]\na = b\n"),
    ],
)
def test_a_setting_that_does_not_bear_on_the_tests_is_left_alone(path: str, before: str, after: str) -> None:
    assert config_weakenings(path, before.encode(), after.encode(), ("make test",)) is None


@pytest.mark.parametrize(
    "setting",
    ["addopts = '-ra --strict-markers --tb=short'", "xfail_strict = true", "filterwarnings = ['error']"],
)
def test_settings_that_make_tests_stricter_are_harmless(setting: str) -> None:
    after = f"[tool.pytest.ini_options]\n{setting}\n"
    found = config_weakenings("pyproject.toml", b"", after.encode(), ("pytest",))
    assert found and all(w.changed for w in found)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("class A:\n    def __eq__(self, other):\n        return True\n", "compares as equal to anything"),
        ("class A:\n    __eq__ = lambda self, other: 1\n", "compares as equal to anything"),
        (
            "import sys\nif sys._getframe(1).f_code.co_name.startswith('test'):\n    x = 1\n",
            "whether a test is calling",
        ),
        ("import unittest\nunittest.TestCase.assertEqual = print\n", "replaces unittest.TestCase.assertEqual"),
        ("import math as m\nm.isclose = lambda *a: True\n", "replaces m.isclose"),
        ("X = open('tests/test_shop.py').read()\n", "names 'tests/test_shop.py'"),
    ],
)
def test_source_that_only_a_test_would_notice(source: str, reason: str) -> None:
    assert any(t.sure and reason in t.reason for t in tricks("", source))
    assert not any(t.sure for t in tricks(source, f"{source}Y = 1\n"))


@pytest.mark.parametrize(
    "source",
    [
        "class A:\n    def __eq__(self, other):\n        return isinstance(other, A) and self.x == other.x\n",
        "class A:\n    def __eq__(self, other):\n        return NotImplemented\n",
        "import math\nx = math.isclose(1, 1)\n",
        "def run():\n    '''Runs tests/test_shop.py.'''\n    return open('data/tests.csv').read()\n",
        "import sys\nlog = sys._getframe(1).f_code.co_name\n",
    ],
)
def test_source_that_resembles_it_is_honest(source: str) -> None:
    assert not any(t.sure for t in tricks("", source))


def test_source_that_looks_at_its_callers_is_run_where_they_have_other_names() -> None:
    assert reads_callers("", "import sys\nname = sys._getframe(1).f_code.co_name\n")
    assert not reads_callers("", "import sys\nname = sys.argv[0]\n")


@pytest.mark.parametrize(
    "source",
    [
        "require('node:assert').strictEqual = () => {};\n",
        "assert['strict' + 'Equal'] = () => {};\n",
        "process.exit(0);\n",
        "process.on('exit', () => { process.exitCode = 0; });\n",
        "const n = process.env.NODE_TEST_CONTEXT;\n",
    ],
)
def test_a_script_that_only_a_test_would_notice(source: str) -> None:
    assert any(t.sure for t in tricks("", source, python=False))


@pytest.mark.parametrize(
    "source",
    [
        "#!/usr/bin/env node\nprocess.exit(main());\n",
        "function f() {\n  process.exit(1);\n}\n",
        "if (assert.ok == x) {}\n",
    ],
)
def test_a_script_that_resembles_it_is_honest(source: str) -> None:
    assert not any(t.sure for t in tricks("", source, python=False))


@pytest.mark.parametrize(
    "path", ["golden/totals.json", "src/a/testdata/x.txt", "docs/page.expected.html", "cassettes/a.yml"]
)
def test_what_tests_expect_belongs_to_them(path: str) -> None:
    assert belongs(path) == "test"
    assert belongs("src/golden/ratio.py") == ""


def test_examples_in_docstrings_and_texts_are_demands() -> None:
    before = 'def f():\n    """F.\n\n    >>> f()\n    3\n    """\n    return 4\n'
    assert list(examples_lost("a.py", before, before.replace("return 4", "return 3"))) == []
    for after in (
        before.replace("    3\n", "    4\n"),
        "",
        before.replace("f()\n    3", "f()  # doctest: +SKIP\n    3"),
    ):
        assert [w.reason for w in examples_lost("a.py", before, after)] == [
            "the example `f()` is gone or expects something else"
        ]
    assert list(examples_lost("a.md", ">>> 1\n1\n\nText.\n", ">>> 1\n1\n\nOther text.\n")) == []
