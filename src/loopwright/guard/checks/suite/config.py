"""Compares two versions of a file that configures tests, reading only the part that does."""

from __future__ import annotations

import ast
import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from loopwright.core.expression import expression
from loopwright.guard.checks.suite.commands import npm_scripts, reached, targets_of
from loopwright.guard.checks.suite.python import Weakening, functions

#: Settings that change neither which tests run nor how they end.
_HARMLESS = frozenset(
    {"markers", "minversion", "required_plugins", "asyncio_mode", "cache_dir", "console_output_style"}
)
_HARMLESS_PREFIXES = ("log_", "junit_", "faulthandler_", "asyncio_")
#: Settings that only make tests stricter where they are on, and options that change neither selection nor outcome.
_STRICTER = expression(r"(?:xfail_strict|strict\w*)$")
_SHOWING = expression(
    r"-[qvlx]+|-r\w*|--(?:strict-markers|strict-config|strict|showlocals|durations(?:-min)?=\S+|tb=\w+|color=\w+|no-header)"
)
_BUILD_FILE = expression(r"^(?:GNUmakefile|[Mm]akefile|justfile)$")
#: What make obeys wherever it stands.
_SPECIAL = expression(
    r"^(?:override\s+|export\s+)*(?:SHELL|\.SHELLFLAGS|MAKEFLAGS|GNUMAKEFLAGS|MAKE|VPATH|PATH|-?include\b|vpath\b)"
)
_HOOK = expression(
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
    if _BUILD_FILE.match(name):
        return _recipes(was, now, acceptance)
    try:
        old, new = reader(was), reader(now)
    except ValueError:
        return (Weakening(1, f"{name} cannot be read"),)
    return _compare(*_which_matter(old, new, tuple(acceptance)), before is None)


def _which_matter(
    old: dict[str, object], new: dict[str, object], acceptance: tuple[str, ...]
) -> tuple[dict[str, object], dict[str, object]]:
    """Without coverage's settings where no command measures it, and scripts that neither tests nor commands run."""
    coverage = "cov" in " ".join((*acceptance, str(old.get("pytest.addopts", ""))))
    scripts = {k.removeprefix("scripts."): v for k, v in (new | old).items() if k.startswith("scripts.")}
    run = npm_scripts(acceptance, scripts)

    def matters(key: str) -> bool:
        section, _, name = key.partition(".")
        if section == "scripts":
            return name in run or bool(re.search(r"test|jest|vitest|spec", name))
        return coverage or not section.startswith("coverage")

    return {k: v for k, v in old.items() if matters(k)}, {k: v for k, v in new.items() if matters(k)}


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
        harmless = harmless or _is_stricter(setting, old.get(key), new.get(key))
        found.append(Weakening(1, f"the setting {key} was {_became(old, new, key)}", changed=harmless))
    return tuple(found)


def _is_stricter(setting: str, was: object, now: object) -> bool:
    if _STRICTER.match(setting):
        return now is True or str(now).lower() in ("true", "1", "yes")
    if setting == "filterwarnings":
        lines = [v if isinstance(v, list) else str(v or "").splitlines() for v in (was, now)]
        kept = [[str(line).strip() for line in each] for each in lines]
        return all(line in kept[1] for line in kept[0]) and all(
            line.startswith("error") for line in kept[1] if line and line not in kept[0]
        )
    if setting == "addopts":
        old, new = (" ".join(v) if isinstance(v, list) else str(v or "") for v in (was, now))
        left = [word for word in new.split() if word not in old.split()]
        return set(old.split()) <= set(new.split()) and all(_SHOWING.fullmatch(word) for word in left)
    return False


def _became(old: dict[str, object], new: dict[str, object], key: str) -> str:
    if key not in new:
        return "removed"
    return f"changed to {new[key]!r}" if key in old else f"set to {new[key]!r}"


def _toml(text: str) -> dict[str, object]:
    tool = tomllib.loads(text).get("tool", {})
    pytest = tool.get("pytest", {})
    found = {f"pytest.{k}": v for k, v in {**pytest, **pytest.get("ini_options", {})}.items() if k != "ini_options"}
    return found | {f"coverage.{k}": v for k, v in tool.get("coverage", {}).items()} | _tasks(tool)


def _tasks(tool: dict[str, dict[str, object]]) -> dict[str, object]:
    """What runners of tasks do, apart from what builds and publishes."""
    found: dict[str, object] = {name: tool[name] for name in ("tox", "nox", "poe", "taskipy") if name in tool}
    for name, part in (
        ("hatch", "envs"),
        ("pdm", "scripts"),
        ("rye", "scripts"),
        ("pixi", "tasks"),
        ("just", "recipes"),
    ):
        if part in tool.get(name, {}):
            found[f"{name}.{part}"] = tool[name][part]
    return found


def _ini(text: str) -> dict[str, object]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(str(error)) from None
    sections = [
        s for s in parser.sections() if re.match(r"(?:tool:)?pytest(?:11)?$|coverage:|testenv|tox$|unittest$", s)
    ]
    return {f"{section}.{key}": value for section in sections for key, value in parser.items(section)}


def _package_json(text: str) -> dict[str, object]:
    found = json.loads(text or "{}")
    if not isinstance(found, dict):
        raise ValueError("not an object")
    scripts = {f"scripts.{k}": v for k, v in (found.get("scripts") or {}).items()}
    tools = {k: found[k] for k in ("jest", "vitest", "mocha", "ava", "c8", "nyc") if k in found}
    return {**scripts, **tools}


def _recipes(was: str, now: str, acceptance: Iterable[str]) -> tuple[Weakening, ...] | None:
    """Targets that an acceptance command names, and those called test or check, with all that they need."""
    named = {word for command in acceptance for word in command.split()} | {"test", "tests", "check"}
    old, new = targets_of(was), targets_of(now)
    needed = reached(old, sorted(named & old.keys())) if named & old.keys() else []
    specials = [t for t in new if t.startswith(".") and new[t] != old.get(t)] if old[""] or len(old) > 1 else []
    changed = [t for t in sorted(needed) if old[t] != new.get(t)] + specials
    if not changed and _variables_matter(old, new, needed):
        changed.append("a variable")
    found = [Weakening(1, f"{target} was changed in the build file") for target in changed]
    return tuple(found) or None


def _variables_matter(old: dict[str, list[str]], new: dict[str, list[str]], needed: list[str]) -> bool:
    """True where a line outside targets is gone, or a new one bears on what the targets needed do."""
    if len(old) == 1 and not old[""]:
        return False
    if any(line not in new[""] for line in old[""]):
        return True
    text = "\n".join(line for target in needed for line in (*old[target], *old[""]))
    come = [line for line in new[""] if line not in old[""]]
    names = [re.match(r"(?:(?:override|export)\s+)*([\w.]+)\s*[:+?!]*=", line) for line in come]
    return any(
        bool(_SPECIAL.match(line)) or name is None or bool(re.search(rf"\$[({{]?{re.escape(name[1])}\b", text))
        for line, name in zip(come, names, strict=True)
    )


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
    "entry_points.txt": _ini,
    "package.json": _package_json,
    "Makefile": lambda text: {},
    "makefile": lambda text: {},
    "GNUmakefile": lambda text: {},
    "justfile": lambda text: {},
}
