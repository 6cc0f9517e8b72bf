"""The GitHub Action and the pre-commit hook: their shell is sound, and no input of a stranger reaches it as code."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from loopwright.core.errors import UsageError
from loopwright.runtime.hooks import write_hook
from loopwright.scaffold.templates import fill

PLACE = Path(__file__).parents[2] / "examples" / "github-action"


def action() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((PLACE / "action.yml").read_text())
    return found


def test_the_action_runs_the_check_and_no_agent() -> None:
    steps = action()["runs"]["steps"]
    assert action()["runs"]["using"] == "composite"
    scripts = [step["run"] for step in steps if "run" in step]
    assert 'loopwright" check --base "$BASE" --sarif "$SARIF"' in scripts[-1]
    assert not any(word in script for script in scripts for word in (" exec ", " fix ", "API_KEY"))


def test_results_of_other_scanners_are_handed_on_file_by_file(tmp_path: Path) -> None:
    script = [s["run"] for s in action()["runs"]["steps"] if "run" in s][-1]
    program = tmp_path / "loopwright/bin/loopwright"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    program.chmod(0o755)
    env = {"RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": "/dev/null", "SARIF": "out.sarif", "PATH": os.environ["PATH"]}
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    for given, wanted in (("", []), ("a b.sarif\n\nc.sarif", ["--results", "a b.sarif", "--results", "c.sarif"])):
        words = ["bash", "-eo", "pipefail", "-c", script]
        ran = subprocess.run(
            words, cwd=tmp_path, env=env | {"RESULTS": given, "BASE": ""}, capture_output=True, text=True, check=True
        )
        assert ran.stdout.splitlines()[5:] == wanted


def test_inputs_reach_the_shell_as_variables_only() -> None:
    for step in action()["runs"]["steps"]:
        if "run" in step:
            assert "${{" not in step["run"] and step["shell"] == "bash"
            subprocess.run(["bash", "-n"], input=step["run"], text=True, check=True)


def test_every_input_is_used_and_described() -> None:
    text = (PLACE / "action.yml").read_text()
    for name, said in action()["inputs"].items():
        assert f"inputs.{name}" in text and said["description"] and "default" in said


def test_the_workflow_uses_the_action_with_few_rights() -> None:
    found = yaml.safe_load((PLACE / "workflow.yml").read_text())
    assert found["permissions"] == {"contents": "read", "security-events": "write"}
    uses = [step["uses"] for step in found["jobs"]["check"]["steps"]]
    assert uses[0].startswith("actions/checkout@") and "./.github/actions/loopwright" in uses


def test_the_hook_is_plain_shell() -> None:
    text = fill("pre-commit", {})
    subprocess.run(["sh", "-n"], input=text, text=True, check=True)
    assert text.startswith("#!/bin/sh\n") and text.rstrip().endswith("exec loopwright check --quiet --base HEAD")


def test_the_hook_is_written_once_and_says_so_the_second_time(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "sub").mkdir()
    assert write_hook(tmp_path / "sub") == tmp_path / ".git/hooks/pre-commit"
    with pytest.raises(UsageError, match="runs the check already"):
        write_hook(tmp_path)
