"""Rules of AGENTS.md while an agent works: broken twice, met late, changed by the agent itself."""

from __future__ import annotations

from typing import Any

from tests.e2e.conftest import RIGHT, TEST, User


def write(path: str, content: str) -> dict[str, Any]:
    return {"tool": "write", "args": {"path": path, "content": content}}


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
