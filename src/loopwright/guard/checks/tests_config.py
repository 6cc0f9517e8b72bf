"""Compares two versions of a file that configures tests, reading only the part that does."""

from __future__ import annotations

import ast
import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from loopwright.guard.checks.tests_python import Weakening, functions

#: Settings that change neither which tests run nor how they end.
_HARMLESS = frozenset(
    {"markers", "minversion", "required_plugins", "asyncio_mode", "cache_dir", "console_output_style"}
)
_HARMLESS_PREFIXES = ("log_", "junit_", "faulthandler_", "asyncio_")
_HOOK = re.compile(
    r"^pytest_(?:runtest|collection|ignore|collect|session|pyfunc|pycollect|configure|unconfigure|report|make|itemcollected"
    r"|deselected|exception|load|plugin|cmdline|internalerror|terminal|fixture_setup|assertrepr|generate)\w*$"
)


def config_weakenings(
    path: str, before: bytes | None, after: bytes | None, acceptance: Iterable[str] = ()
) -> tuple[Weakening, ...] | None:
    """Return how the configuration of tests changed, None where the change does not touch tests at all."""
    name = PurePosixPath(path).name
    was, now = (_text(data) for data in (before, after))
    if name == "conftest.py":
        return _conftest(was, now)
    reader = _READERS.get(name)
    if reader is None:
        if before is None:
            return (Weakening(1, f"{name} was added", changed=not _stands_before_all(name)),)
        return (Weakening(1, f"{name} was {'deleted' if after is None else 'changed'}"),)
    if name.lower().endswith(("makefile", "justfile")):
        return _recipes(was, now, acceptance)
    try:
        old, new = reader(was), reader(now)
    except ValueError:
        return (Weakening(1, f"{name} cannot be read"),)
    return _compare(old, new, before is None)


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "replace")


def _stands_before_all(name: str) -> bool:
    """Files that Python runs in every process without being asked."""
    return name in ("sitecustomize.py", "usercustomize.py") or name.endswith(".pth")


def _compare(old: dict[str, object], new: dict[str, object], added: bool) -> tuple[Weakening, ...] | None:
    keys = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
    if not keys:
        return None
    found = []
    for key in keys:
        setting = key.rpartition(".")[2]
        harmless = setting in _HARMLESS or setting.startswith(_HARMLESS_PREFIXES) or (added and key.startswith("tool:"))
        found.append(Weakening(1, f"the setting {key} was {_became(old, new, key)}", changed=harmless))
    return tuple(found)


def _became(old: dict[str, object], new: dict[str, object], key: str) -> str:
    if key not in new:
        return "removed"
    return f"changed to {new[key]!r}" if key in old else f"set to {new[key]!r}"


def _toml(text: str) -> dict[str, object]:
    tool = tomllib.loads(text).get("tool", {})
    pytest = tool.get("pytest", {})
    found = {f"pytest.{k}": v for k, v in {**pytest, **pytest.get("ini_options", {})}.items() if k != "ini_options"}
    return found | {f"coverage.{k}": v for k, v in tool.get("coverage", {}).items()} | _tox(tool)


def _tox(tool: dict[str, object]) -> dict[str, object]:
    return {f"{name}": tool[name] for name in ("tox", "nox", "poe", "hatch", "taskipy") if name in tool}


def _ini(text: str) -> dict[str, object]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(str(error)) from None
    sections = [s for s in parser.sections() if re.match(r"(?:tool:)?pytest$|coverage:|testenv|tox$|unittest$", s)]
    return {f"{section}.{key}": value for section in sections for key, value in parser.items(section)}


def _package_json(text: str) -> dict[str, object]:
    found = json.loads(text or "{}")
    if not isinstance(found, dict):
        raise ValueError("not an object")
    scripts = {
        f"scripts.{k}": v for k, v in (found.get("scripts") or {}).items() if re.search(r"test|jest|vitest|spec", k)
    }
    tools = {k: found[k] for k in ("jest", "vitest", "mocha", "ava", "c8", "nyc") if k in found}
    return {**scripts, **tools}


def _recipes(was: str, now: str, acceptance: Iterable[str]) -> tuple[Weakening, ...] | None:
    """Targets that an acceptance command names, and those called test or check."""
    named = {word for command in acceptance for word in command.split()} | {"test", "tests", "check"}
    old, new = _targets(was), _targets(now)
    changed = [t for t in sorted(old.keys() & named) if old[t] != new.get(t)]
    changed += ["a variable"] if old.get("") != new.get("") and not changed and old else []
    found = [Weakening(1, f"{target} was changed in the build file") for target in changed]
    return tuple(found) or None


def _targets(text: str) -> dict[str, list[str]]:
    """Recipes by target; what stands outside every target is under the empty name."""
    found: dict[str, list[str]] = {"": []}
    target = ""
    for line in text.splitlines():
        head = re.match(r"^([A-Za-z0-9_.-]+)[^:=]*:(?!=)", line)
        if head:
            target = head[1]
        elif line.strip() and not line.startswith(("\t", " ", "#")):
            target = ""
        if line.strip() and not line.lstrip().startswith("#"):
            found.setdefault(target, []).append(line.strip())
    found.pop(".PHONY", None)
    return found


def _conftest(was: str, now: str) -> tuple[Weakening, ...]:
    try:
        old, new = functions(was), functions(now)
        tree = ast.parse(now)
    except (SyntaxError, ValueError):
        return (Weakening(1, "conftest.py does not parse"),)
    found: list[Weakening] = []
    for name, function in new.items():
        same = name in old and ast.dump(old[name]) == ast.dump(function)
        if not same and _HOOK.match(name):
            found.append(Weakening(function.lineno, f"the hook {name} was {'changed' if name in old else 'added'}"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found += [
        Weakening(1, f"{name} was added to conftest.py")
        for name in ("collect_ignore", "collect_ignore_glob", "pytest_plugins")
        if name in names and name not in was
    ]
    return tuple(found) or (Weakening(1, "conftest.py was changed", changed=True),)


_READERS: dict[str, Callable[[str], dict[str, object]]] = {
    "pyproject.toml": _toml,
    "pytest.toml": _toml,
    "pytest.ini": _ini,
    ".pytest.ini": _ini,
    "tox.ini": _ini,
    "setup.cfg": _ini,
    "package.json": _package_json,
    "Makefile": lambda text: {},
    "makefile": lambda text: {},
    "GNUmakefile": lambda text: {},
    "justfile": lambda text: {},
}
