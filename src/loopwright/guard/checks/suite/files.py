"""Says of a path whether it belongs to the tests, configures them, or could stand in for them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Literal

from loopwright.core.expression import expression

Belonging = Literal["test", "configuration", "shared configuration", "bytecode", ""]

_TEST_DIRECTORIES = frozenset({"test", "tests", "__tests__", "spec", "specs", "e2e", "__snapshots__"})
#: Directories, and parts of a file's name, that hold what tests expect; a module there is still source.
_EXPECTED = expression(
    r"^(?:golden|goldens|expected|testdata|test[_-]data|test[_-]?cases|__fixtures__|snapshots?|approved|cassettes)$"
    r"|^.*[._-](?:golden|expected|approved|snapshot)\.\w+$|^(?:golden|expected)[._-].*$"
)
_TEST_NAME = expression(
    r"^(?:test_.*\.py|.*_test\.(?:py|go|rb|exs|dart|cc|cpp)|tests?\.py|.*[.-](?:test|spec|cy)\.[cm]?[jt]sx?|.*\.snap"
    r"|.*(?:Test|Tests|IT|Spec)\.(?:java|kt|kts|groovy|scala|cs|php|swift)|.*_spec\.rb|test_.*\.(?:sh|js|ts|rb|c|cc|cpp))$"
)
_CONFIGURATION = expression(
    r"^(?:\.npmrc|\.yarnrc(?:\.yml)?|bunfig\.toml|CTestCustom\.cmake|karma\.conf\.[cm]?[jt]s|\.taprc|conftest\.py|\.?pytest\.(?:ini|toml)|\.coveragerc|noxfile\.py|sitecustomize\.py|usercustomize\.py|.*\.pth"
    r"|(?:jest|vitest|playwright|cypress|karma|ava)\.config\.[cm]?[jt]s(?:on)?|jest\.setup\..*|vitest\.setup\..*|\.mocharc.*"
    r"|vitest\.workspace\..*|phpunit\.xml(?:\.dist)?|\.rspec|\.gitlab-ci\.yml|codecov\.yml|pytest_plugins?\.py)$"
)
_SHARED = frozenset(
    {"pyproject.toml", "setup.cfg", "tox.ini", "package.json", "Makefile", "makefile", "GNUmakefile", "justfile"}
    | {"entry_points.txt"}
)
_CODE = (".py", ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".go", ".rs", ".java", ".kt", ".rb", ".php", ".c", ".cc")
#: Modules that a test run itself stands on: a file of this name earlier on the path takes their place.
_RUNNERS = frozenset(
    {"pytest", "_pytest", "pluggy", "iniconfig", "xdist", "hypothesis", "nose", "nose2", "coverage", "pytest_cov"}
    | {"pytest_mock", "pytest_asyncio", "freezegun", "mock", "assertpy", "py"}
)


def belongs(path: str, run: frozenset[str] = frozenset()) -> Belonging:
    """Return how a path relative to the root bears on the tests; what commands `run` configures them."""
    parts = PurePosixPath(path).parts
    name = parts[-1]
    if "__pycache__" in parts or name.endswith((".pyc", ".pyo")):
        return "bytecode"
    if _CONFIGURATION.match(name) or path.startswith((".github/workflows/", ".circleci/")):
        return "configuration"
    if name in _SHARED:
        return "shared configuration"
    if _TEST_DIRECTORIES.intersection(parts[:-1]) or _TEST_NAME.match(name):
        return "test"
    if path in run or path.startswith((".cargo/config", ".mvn/")):
        return "configuration"
    if not name.endswith(_CODE) and any(_EXPECTED.match(part) for part in parts):
        return "test"
    return ""


def shadows(path: str, tree: Iterable[str]) -> str:
    """Return what a new file would stand in for, "" where it stands in for nothing.

    `tree` are the paths of the base. Only a place that test runners put on the module path counts: the root, `src`
    and the directories of tests; a module inside a package shadows nothing.
    """
    module = _top_level_module(path)
    if not module or module == "test":
        return ""
    if module in _RUNNERS or module in sys.stdlib_module_names:
        return f"the module {module} that the test run imports"
    for other in tree:
        if other != path and _top_level_module(other) == module and not _same_package(path, other):
            return other
    return ""


def is_importable(path: str) -> bool:
    """True where a test run could import the file by its bare name."""
    return bool(_top_level_module(path))


def _top_level_module(path: str) -> str:
    """The name by which a file can be imported without any package around it, "" where there is none."""
    parts = PurePosixPath(path).parts
    if parts[-1].endswith((".py", ".so", ".pyi")) is False or parts[-1] in ("conftest.py", "setup.py", "__main__.py"):
        return ""
    folders, name = parts[:-1], parts[-1].split(".")[0]
    if name == "__init__":
        if not folders:
            return ""
        folders, name = folders[:-1], folders[-1]
    on_path = all(folder in _TEST_DIRECTORIES or folder in ("src", "lib") for folder in folders)
    return name if on_path and name not in _TEST_DIRECTORIES else ""


def _same_package(path: str, other: str) -> bool:
    """Files of one package, or one a test and the other not a sibling but both only found by their own directory."""
    one, two = PurePosixPath(path), PurePosixPath(other)
    if one.parts[:-1] == two.parts[:-1] and one.stem == two.stem:
        return False  # a.py beside a.so
    return one.parent == two.parent and "__init__.py" in (one.name, two.name)
