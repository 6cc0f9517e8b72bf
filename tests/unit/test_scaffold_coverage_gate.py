"""The coverage gate that is written, really run: `> 80 %` is red at 80 % exactly, `>= 80 %` is green there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from loopwright.guard.directives import compile_text
from loopwright.scaffold import Tree, make_plan, read_needs, read_project

# Ten statements. A call with 4 reaches seven of them, those with 1 and 2 one more each.
CODE = "def f(x):\n    if x == 1:\n        return 1\n    if x == 2:\n        return 2\n    if x == 3:\n        return 3\n    y = 4\n    z = y\n    return z\n"


def gate(root: Path, rule: str, calls: str) -> subprocess.CompletedProcess[str]:
    """Scaffold a project for the rule, run its tests, and return how `coverage report` ended."""
    files = {"pyproject.toml": "[project]\nname = 'ten'\n", "ten/__init__.py": CODE}
    files["tests/test_ten.py"] = f"import ten\n\n\ndef test_f():\n    for x in {calls}:\n        assert ten.f(x) == x\n"
    tree = Tree(tuple(sorted(files)), lambda path: files.get(path, ""))
    rules = compile_text(f"- Unit test coverage {rule}\n- Use pytest as the test framework\n", file="AGENTS.md")
    plan = make_plan(tree, read_project(tree, "ten"), read_needs(rules))
    files |= {file.path: file.text for file in plan.files}
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("COV", "PYTEST"))} | {
        "PYTHONDONTWRITEBYTECODE": "1"
    }
    command = [sys.executable, "-m", "coverage"]
    done = subprocess.run(
        [*command, "run", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=root,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return subprocess.run([*command, "report"], cwd=root, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("rule", "calls", "percent", "status"),
    [
        ("> 80%", "(1, 4)", "80.00", 2),
        (">= 80%", "(1, 4)", "80.00", 0),
        ("> 80%", "(1, 2, 4)", "90.00", 0),
        (">= 80%", "(1, 2)", "50.00", 2),
    ],
)
def test_the_gate_is_red_and_green_where_the_rule_says(
    tmp_path: Path, rule: str, calls: str, percent: str, status: int
) -> None:
    done = gate(tmp_path, rule, calls)
    assert f"{percent}%" in done.stdout and done.returncode == status, done.stdout + done.stderr
