"""What every engine promises, whatever stands behind it: a model, a script, or two engines in a row."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import anyio
import msgspec
import pytest

from loopwright.core.calls import Proposal
from loopwright.core.ports import Engine
from loopwright.core.specs import spec
from loopwright.engines.auto import AutoEngine
from loopwright.engines.llm import LlmEngine
from loopwright.engines.scripted import load
from loopwright.testing.model_server import ModelServer, last_text
from loopwright.testing.model_server_script import Reply, ScriptedCall
from loopwright.testing.talk import Talk
from loopwright.tools import all_tools

pytestmark = pytest.mark.anyio
TOOLS = tuple(spec(tool) for tool in all_tools())
SCRIPT = (
    '{"when":{"contains":"begin"},"text":"reading","calls":[{"tool":"read","args":{"path":"a"}},'
    '{"tool":"read","args":{"path":"b"}}]}\n'
    '{"when":{"contains":"two"},"text":"finished","done":true}\n'
)
REPLIES = (
    Reply(text="reading", calls=(ScriptedCall("read", {"path": "a"}), ScriptedCall("read", {"path": "b"}))),
    Reply(text="finished"),
)
EMPTY = '{"when":{"task":"no such task"},"text":"never"}\n'


@pytest.fixture(params=["scripted", "chat", "responses", "anthropic", "auto"])
async def make(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Callable[[], Engine]]:
    """A maker of engines that read two files and are done; each is like one of a new process."""
    script, empty = tmp_path / "script.jsonl", tmp_path / "empty.jsonl"
    script.write_text(SCRIPT)
    empty.write_text(EMPTY)
    models = {"chat": "openai-chat:m", "responses": "openai:m", "anthropic": "anthropic:m"}
    async with ModelServer(lambda seen: REPLIES["two" in last_text(seen)]) as server:
        env = {"OPENAI_BASE_URL": server.url, "ANTHROPIC_BASE_URL": server.root}

        def engine() -> Engine:
            if request.param == "scripted":
                return load(script)
            if request.param == "auto":
                return AutoEngine(load(empty), LlmEngine("openai-chat:m", env))
            return LlmEngine(models[request.param], env)

        yield engine


async def test_a_proposal_can_be_written_to_the_log_and_read_back(make: Callable[[], Engine]) -> None:
    talk = Talk(make(), "begin", TOOLS)
    proposal = await talk.propose()
    assert msgspec.json.decode(msgspec.json.encode(proposal), type=Proposal) == proposal
    assert proposal.engine
    await talk.engine.aclose()


async def test_work_then_a_claim_of_being_done(make: Callable[[], Engine]) -> None:
    talk = Talk(make(), "begin", TOOLS)
    first = await talk.propose()
    assert [(c.tool, c.args) for c in first.calls] == [("read", {"path": "a"}), ("read", {"path": "b"})]
    assert (first.text, first.done, first.spent) == ("reading", False, False)
    talk.answer("one", "two")
    second = await talk.propose()
    assert (second.text, second.done, second.calls) == ("finished", True, ())
    await talk.engine.aclose()


async def test_a_new_engine_goes_on_from_the_view_alone(make: Callable[[], Engine]) -> None:
    talk = Talk(make(), "begin", TOOLS)
    await talk.propose()
    talk.answer("one", "two")
    await talk.engine.aclose()
    other = talk.resume(make())
    assert (await other.propose()).text == "finished"
    await other.engine.aclose()


async def test_the_same_view_gives_the_same_proposal(make: Callable[[], Engine]) -> None:
    proposals = []
    for _ in range(2):
        talk = Talk(make(), "begin", TOOLS)
        proposals.append(msgspec.structs.replace(await talk.propose(), calls=(), opaque=None, tokens=Proposal().tokens))
        await talk.engine.aclose()
    assert proposals[0] == proposals[1]


async def test_what_is_emitted_is_what_is_said(make: Callable[[], Engine]) -> None:
    talk = Talk(make(), "begin", TOOLS)
    proposal = await talk.propose()
    assert "".join(d.text for d in talk.deltas if d.kind == "text") == proposal.text
    await talk.engine.aclose()


async def test_one_engine_serves_many_sessions_one_after_another(make: Callable[[], Engine]) -> None:
    engine = make()
    for _ in range(3):
        talk = Talk(engine, "begin", TOOLS)
        assert (await talk.propose()).text == "reading"
        talk.answer("one", "two")
        assert (await talk.propose()).done
    await engine.aclose()


async def test_cancelled_before_it_began_it_can_be_asked_again(make: Callable[[], Engine]) -> None:
    talk = Talk(make(), "begin", TOOLS)
    with anyio.CancelScope() as scope:
        scope.cancel()
        await anyio.lowlevel.checkpoint()
        await talk.propose()
    assert scope.cancelled_caught and talk.turn == 0
    assert (await talk.propose()).text == "reading"
    await talk.engine.aclose()


async def test_cancelled_in_the_middle_it_can_be_asked_again(make: Callable[[], Engine]) -> None:
    talk = Talk(make(), "begin", TOOLS)
    with anyio.move_on_after(0.02) as scope:
        await talk.propose()
    again = await talk.propose() if scope.cancelled_caught else None
    assert again is None or again.text == "reading"
    await talk.engine.aclose()


async def test_it_can_be_closed_twice_and_before_use(make: Callable[[], Engine]) -> None:
    engine = make()
    await engine.aclose()
    await engine.aclose()
