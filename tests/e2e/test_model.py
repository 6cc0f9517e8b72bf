"""A whole run with a model behind a server on the loopback interface, in each dialect; and keys that never leave."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import anyio
import pytest

from loopwright.testing.model_server import ModelServer
from loopwright.testing.model_server_script import Answer, Answers, Failure, Received, Reply, ScriptedCall
from tests.e2e.conftest import RIGHT, TEST, Ran, User

EDIT = ScriptedCall("edit", {"path": "twice.py", "old": "x * 3", "new": "x * 2"})
LOOK = ScriptedCall("read", {"path": "twice.py"})
KEY = "sk-test-0123456789abcdefghijklmnop"


async def drive(user: User, answers: Sequence[Answer] | Answers, *words: str) -> tuple[Ran, ModelServer]:
    async with ModelServer(answers) as server:
        user.env |= server.addresses
        user.env |= {f"{name}_API_KEY": KEY for name in ("OPENAI", "ANTHROPIC", "GEMINI", "MISTRAL")}
        ran = await anyio.to_thread.run_sync(partial(user.run, *words))
        return ran, server


@pytest.mark.anyio
@pytest.mark.parametrize(
    "model",
    [
        "openai-chat:local-model",
        pytest.param("openai:gpt-5", marks=pytest.mark.real),
        pytest.param("anthropic:claude-sonnet-4-5", marks=pytest.mark.real),
        pytest.param("google:gemini-3.8-flash", marks=pytest.mark.real),
        pytest.param("mistral:mistral-large-4", marks=pytest.mark.real),
    ],
)
async def test_a_model_reads_edits_and_claims_and_the_claim_is_proven(user: User, model: str) -> None:
    answers = [Reply(calls=(LOOK,)), Failure(429, retry_after="0"), Reply(calls=(EDIT,)), Reply(text="Doubled.")]
    words = ["exec", "make double double", "--test", TEST, "--engine", "llm", "-m", model, "--json"]
    ran, server = await drive(user, answers, *words)
    assert ran.status == 0, ran.out + ran.err
    assert (user.project / "twice.py").read_text() == RIGHT
    assert server.count == 4
    assert ran.proof["cost"]["input_tokens"] > 0 and ran.proof["cost"]["turns"] == 3
    assert any(line.get("item", {}).get("text") == "Doubled." for line in ran.lines)


@pytest.mark.anyio
async def test_a_false_claim_of_the_model_is_sent_back_with_what_failed(user: User) -> None:
    answers = [Reply(text="All tests pass."), Reply(calls=(EDIT,)), Reply(text="Now they do.")]
    words = ["exec", "make double double", "--test", TEST, "-m", "openai-chat:local-model", "--engine", "llm", "--json"]
    ran, server = await drive(user, answers, *words)
    assert ran.status == 0, ran.out + ran.err
    assert b"Not proven yet" in server.requests[1].raw and TEST.encode() in server.requests[1].raw


@pytest.mark.real
@pytest.mark.anyio
async def test_auto_lets_repair_go_first_and_needs_no_model_where_it_suffices(user: User) -> None:
    words = ["fix", ".", "--test", TEST, "-m", "openai-chat:local-model", "--budget-seconds", "60", "--json"]
    ran, server = await drive(user, [], *words)
    assert ran.status == 0, ran.out + ran.err
    assert server.count == 0


@pytest.mark.anyio
async def test_a_key_is_in_no_file_and_not_in_the_sandbox(user: User) -> None:
    shows = ScriptedCall("shell", {"command": "env; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; echo end"})
    says = Reply(text=f"the key is {KEY}")
    words = ["exec", "look around", "-m", "openai-chat:local-model", "--engine", "llm", "--json"]
    ran, server = await drive(user, [Reply(calls=(shows,)), says], *words)
    assert ran.status == 0, ran.out + ran.err
    assert KEY not in ran.out and KEY.encode() not in server.requests[1].raw
    for path in user.home.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


@pytest.mark.anyio
async def test_a_budget_of_tokens_stops_a_model_that_never_ends(user: User) -> None:
    answers = [Reply(calls=(ScriptedCall("shell", {"command": f"echo {n}"}),)) for n in range(50)]
    words = ["exec", "count", "-m", "openai-chat:local-model", "--engine", "llm", "--budget-tokens", "9000", "--json"]
    ran, server = await drive(user, answers, *words)
    assert (ran.status, ran.proof["outcome"]) == (1, "unsolved")
    assert "9000 tokens" in ran.proof["reason"] and server.count < 20


@pytest.mark.real
@pytest.mark.anyio
async def test_a_model_gets_the_diagnosis_of_a_long_failure_and_the_log_stays_one_call_away(user: User) -> None:
    noise = "for i in $(seq 1 250); do echo noise $i of the log; done"
    failing = ScriptedCall("shell", {"command": f"{noise}; {TEST}; code=$?; {noise}; exit $code"})

    def answer(request: Received) -> Reply:
        said = {1: Reply(calls=(failing,)), 3: Reply(calls=(EDIT,)), 4: Reply(text="Doubled.")}
        asked.append(request)
        if len(asked) in said:
            return said[len(asked)]
        (log,) = set(re.findall(r"blob:[0-9a-f]{64}", request.raw.decode()))
        return Reply(calls=(ScriptedCall("read", {"path": log, "start": 240, "end": 330}),))

    asked: list[Received] = []
    words = ["exec", "make double double", "--test", TEST, "-m", "openai-chat:local-model", "--engine", "llm", "--json"]
    ran, server = await drive(user, answer, *words)
    assert ran.status == 0, ran.out + ran.err
    told = server.requests[1].raw.decode()[len(server.requests[0].raw.decode()) :]
    assert "Diagnosis of the failure (logic at test_twice.py:" in told and "Expected: " in told
    assert told.count("noise") < 50 and len(told) < 5000
    looked = server.requests[2].raw.decode()[len(server.requests[1].raw.decode()) :]
    assert "noise 250 of the log" in looked and "assert" in looked
