"""Loopwright keeps its own AGENTS.md by its own means."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import anyio
import pytest

from loopwright.core.checks import Verdict
from loopwright.core.plan import Requirement
from loopwright.guard.checks.rules.check import RuleCheck
from loopwright.guard.directives import compile_text
from loopwright.testing.judging import judge_change

ROOT = Path(__file__).parents[2]
RULES = compile_text((ROOT / "AGENTS.md").read_text(encoding="utf-8"))
_MUST = re.compile(r"\b(?:must|never|always|do not|don't)\b", re.IGNORECASE)


def test_no_must_is_left_unenforced() -> None:
    musts = [rule for rule in RULES if _MUST.search(rule.text)]
    assert len(musts) >= 20
    assert [f"{r.source}: {r.text}" for r in musts if r.status != "enforced" or not r.check] == []


def test_layers_names_size_and_style_are_all_there() -> None:
    kinds = {rule.kind for rule in RULES if rule.status == "enforced"}
    assert {"forbid_import", "forbid_path", "max_file_lines", "max_line_length", "naming", "formatter"} <= kinds
    assert {"command", "no_secrets", "path_protected", "type_annotations", "companion_change"} <= kinds


CORE = "src/loopwright/core/calls.py"
LOOP = "src/loopwright/loop/run.py"


@pytest.mark.parametrize(
    ("path", "added", "line"),
    [
        (CORE, "import subprocess\n", "Never import `asyncio`"),
        (CORE, "from loopwright.loop.run import run\n", "Never import `loopwright.loop`"),
        (LOOP, "from loopwright.engines.auto import AutoEngine\n", "Never import `loopwright.engines`"),
        (LOOP, "import sqlite3\n", "Never import `sqlite3`"),
        (LOOP, "print(1)\n", "Never use `print` in `src/loopwright/loop/`"),
        ("src/loopwright/core/utils.py", "x = 1\n", "Never create files named"),
        ("src/loopwright/core/BadName.py", "x = 1\n", "must be named in `snake_case`"),
        (CORE, "class bad_name:\n    pass\n", "Classes must be named"),
        (CORE, "x = '" + "a" * 160 + "'\n", "Lines must be at most"),
        (CORE, "x = 1\n" * 900, "must not exceed"),
        (CORE, "def f(a):\n    return a\n", "must have type annotations"),
        (CORE, "x   =   1\n", "formatted with `ruff format`"),
        (CORE, "try:\n    x = 1\nexcept:\n    x = 2\n", "bare `except:`"),
        ("pyproject.toml", "# a new word\n", "without approval"),
    ],
)
def test_a_change_that_breaks_a_house_rule_is_stopped(tmp_path: Path, path: str, added: str, line: str) -> None:
    for name in (CORE, LOOP, "pyproject.toml", "requirements.lock"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    there = (tmp_path / path).read_text() if (tmp_path / path).exists() else ""
    change: dict[str, str | bytes | None] = {path: there + added}
    if path == "pyproject.toml":
        change = {"requirements.lock": (tmp_path / "requirements.lock").read_text() + "# by hand\n"}

    async def run() -> tuple[Verdict, ...]:
        return await judge_change(tmp_path, change, [RuleCheck()], Requirement(goal="x"), RULES)

    broken = [v for v in anyio.run(run) if v.verdict == "failed"]
    assert any(line in v.name for v in broken), [v.name for v in broken]


def test_ci_runs_the_rules() -> None:
    assert "\nmake rules\n" in (ROOT / ".ci/run").read_text()
    (recipe,) = re.findall(r"^rules: .*\n\t@(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe.startswith("$(VENV)/bin/loopwright check ") and "rule" not in re.findall(r"--skip (\w+)", recipe)
