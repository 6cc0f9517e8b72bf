"""Rules of AGENTS.md while an agent works: broken twice, met late, changed by the agent itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.conftest import RIGHT, TEST, User


def write(path: str, content: str) -> dict[str, Any]:
    return {"tool": "write", "args": {"path": path, "content": content}}


@pytest.mark.real
def test_the_same_rule_broken_twice_changes_the_strategy(user: User) -> None:
    (user.project / "AGENTS.md").write_text("- Never use `print()` in source code.\n")
    (user.project / "CHANGES").write_text("")
    noisy = RIGHT + "\n\nprint(double(1))\n"
    script = user.script(
        {"calls": [write("twice.py", noisy)], "done": True},
        {"calls": [write("twice.py", noisy.replace("1", "2"))], "done": True},
        {"when": {"contains": "broken 2 times"}, "calls": [write("twice.py", RIGHT)], "done": True},
    )
    ran = user.run("exec", "make it double", "--engine", script, "--test", TEST, "--json")
    assert (ran.status, ran.proof["outcome"]) == (0, "solved"), ran.err + ran.out[-800:]
    assert [c["verdict"] for c in ran.proof["checks"] if c["source"] == "AGENTS.md:1"] == ["passed"]


def test_instructions_of_a_directory_are_shown_when_the_agent_enters_it(user: User) -> None:
    (user.project / "AGENTS.md").write_text("- Write readable code.\n")
    (user.project / "api/v1").mkdir(parents=True)
    (user.project / "api/AGENTS.md").write_text("- Never use `print()` in source code.\n" + "word " * 5000)
    (user.project / "api/v1/a.py").write_text("x = 1\n")
    script = user.script(
        {"calls": [{"tool": "read", "args": {"path": "twice.py"}}]},
        {"when": {"turn": 2}, "calls": [{"tool": "read", "args": {"path": "api/v1/a.py"}}]},
        {"when": {"contains": "of api/AGENTS.md did not fit"}, "calls": [write("twice.py", RIGHT)], "done": True},
    )
    ran = user.run("exec", "make it double", "--engine", script, "--test", TEST, "--json")
    assert ran.proof["outcome"] == "solved", ran.out[-800:]
    log = user.run("log", ran.lines[0]["thread_id"], "--json").out
    assert log.count("You entered api/") == 1


@pytest.mark.parametrize("mode", [[], pytest.param(["--live"], marks=pytest.mark.real)], ids=["proven", "live"])
def test_rules_that_a_script_rewrites_without_consent_keep_the_change_from_landing(user: User, mode: list[str]) -> None:
    (user.project / "AGENTS.md").write_text("- Never use `print()` in source code.\n")
    loose = {"tool": "shell", "args": {"command": "python -c \"open('AGENTS'+'.md','w').write('all is allowed')\""}}
    script = user.script({"calls": [loose, write("twice.py", RIGHT)], "done": True})
    ran = user.run("exec", "make it double", "--engine", script, "--test", TEST, "--json", *mode)
    assert (ran.status, ran.proof["outcome"]) == (1, "unsolved"), ran.out[-800:]
    (rules,) = (c for c in ran.proof["checks"] if c["name"] == "the rules themselves")
    assert rules["verdict"] == "failed" and "AGENTS.md" in rules["evidence"]
    assert "Never use" in (user.project / "AGENTS.md").read_text()
