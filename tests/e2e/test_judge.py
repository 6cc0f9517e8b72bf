"""Rules that no check can hold are weighed by a model where one is configured: a warning, marked, paid for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from loopwright.testing.model_server_script import Failure, Reply
from tests.e2e.conftest import RIGHT, TEST, Ran, User
from tests.e2e.test_model import EDIT, drive

RULES = "- Never use `print()` in source code.\n- Write readable code.\n- Prefer small functions.\n"
WORDS = ("exec", "make double double", "--test", TEST, "--engine", "llm", "-m", "openai-chat:local-model", "--json")


def opinions(*said: dict[str, Any]) -> Reply:
    return Reply(text=json.dumps({"opinions": list(said)}), input_tokens=1000, output_tokens=50)


def by_line(ran: Ran) -> dict[str, dict[str, Any]]:
    return {c["source"]: c for c in ran.proof["checks"] if c["source"].startswith("AGENTS.md")}


@pytest.mark.real
@pytest.mark.anyio
async def test_a_model_warns_of_what_no_check_sees_and_never_blocks(user: User) -> None:
    (user.project / "AGENTS.md").write_text(RULES)
    judged = opinions(
        {"rule": 1, "kept": False, "reason": "x says nothing", "file": "twice.py", "line": 2},
        {"rule": 2, "kept": True, "reason": "one line"},
    )
    ran, server = await drive(
        user, [Reply(calls=(EDIT,), input_tokens=10), Reply(text="Done.", input_tokens=10), judged], *WORDS
    )
    assert (ran.status, ran.proof["outcome"]) == (0, "solved"), ran.out[-800:] + ran.err
    assert (user.project / "twice.py").read_text() == RIGHT
    rules = by_line(ran)
    assert (rules["AGENTS.md:2"]["verdict"], rules["AGENTS.md:3"]["verdict"]) == ("failed", "advised")
    assert (
        "a model's opinion (" in rules["AGENTS.md:2"]["evidence"]
        and "x says nothing" in rules["AGENTS.md:2"]["evidence"]
    )
    assert "model's opinion" in rules["AGENTS.md:3"]["evidence"]
    assert "model" not in rules["AGENTS.md:1"]["evidence"], "what a check holds is not asked about"
    asked = server.requests[-1].raw
    assert (
        b"Write readable code" in asked
        and b"return x * 2" in asked
        and b"Never use" not in asked.split(b"The change:")[0].split(b"Rules:")[1]
    )
    assert ran.proof["cost"]["input_tokens"] == 1020 and ran.proof["cost"]["turns"] == 2


@pytest.mark.anyio
@pytest.mark.parametrize(
    "answer",
    [
        Reply(text="all is fine"),
        pytest.param(Failure(400), marks=pytest.mark.real),
        pytest.param(Reply(text='{"opinions": [{"rule": 99, "kept": false, "reason": "x"}]}'), marks=pytest.mark.real),
    ],
)
async def test_a_judge_that_gives_no_opinion_changes_nothing(user: User, answer: Reply | Failure) -> None:
    (user.project / "AGENTS.md").write_text(RULES)
    ran, _ = await drive(user, [Reply(calls=(EDIT,)), Reply(text="Done."), answer, answer], *WORDS)
    assert (ran.status, ran.proof["outcome"]) == (0, "solved"), ran.out[-800:] + ran.err
    assert {c["verdict"] for source, c in by_line(ran).items() if source != "AGENTS.md:1"} == {"advised"}


@pytest.mark.anyio
async def test_the_judge_can_be_turned_off_and_has_no_say_without_such_rules(user: User) -> None:
    (user.project / "AGENTS.md").write_text(RULES)
    ran, server = await drive(user, [Reply(calls=(EDIT,)), Reply(text="Done.")], *WORDS, "-c", "judge=false")
    assert ran.status == 0 and server.count == 2
