"""What the model engine sends: small at first, only ever longer, the same after a resume, reasoning included."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import pytest

from loopwright.core.calls import Proposal, TodoItem, ToolCall, ToolSpec
from loopwright.core.knowledge import Diagnosis, Frame, Lesson
from loopwright.core.plan import Requirement, Task
from loopwright.core.rules import Directive
from loopwright.core.specs import spec
from loopwright.core.state import Acted, Item, Said
from loopwright.engines.llm import LlmEngine
from loopwright.testing import model_server_google
from loopwright.testing.model_server import ModelServer
from loopwright.testing.model_server_anthropic import SIGNATURE
from loopwright.testing.model_server_responses import ENCRYPTED
from loopwright.testing.model_server_script import Received, Reply, ScriptedCall
from loopwright.testing.talk import Talk
from loopwright.tools import all_tools

pytestmark = pytest.mark.anyio
TOOLS = tuple(spec(tool) for tool in all_tools())
MODELS = {
    "chat": "openai-chat:gpt-5.2",
    "responses": "openai:gpt-5.2",
    "anthropic": "anthropic:claude-sonnet-5-5",
    "google": "google:gemini-3.8-flash",
    "mistral": "mistral:mistral-large-4",
}
#: What reasoning is sent back with, by provider.
MARKS = {
    "chat": "reasoning_content",
    "responses": ENCRYPTED,
    "anthropic": SIGNATURE,
    "google": model_server_google.SIGNATURE,
    "mistral": '"type":"thinking"',
}
DIALECTS = pytest.mark.parametrize("dialect", MODELS)
WORK = Reply(
    text="Looking.",
    reasoning="I should look first.",
    calls=(ScriptedCall("read", {"path": "a.py"}), ScriptedCall("search", {"pattern": "x"})),
    piece=5,
)
DONE = Reply(text="Done.")


def engine(server: ModelServer, dialect: str, model: str = "") -> LlmEngine:
    env = {**server.addresses, "OPENAI_API_KEY": "sk-test"}
    return LlmEngine(model or MODELS[dialect], env)


def inserted(before: Received, after: Received) -> bytes:
    """Return what `after` has that `before` has not; fails unless it is one insertion into the same bytes."""
    same = next(n for n, (a, b) in enumerate(zip(before.raw, after.raw, strict=False)) if a != b)
    rest = before.raw[same:]
    assert after.raw.endswith(rest), "the request before is not kept byte for byte"
    return after.raw[same : len(after.raw) - len(rest)]


def history(request: Received) -> list[dict[str, object]]:
    return next(list(request.body[name]) for name in ("messages", "input", "contents") if name in request.body)


def user_texts(request: Received) -> list[str]:
    texts = []
    for message in history(request):
        content = message.get("content")
        if message.get("role") != "user":
            continue
        parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
        texts += [part["text"] for part in parts if part["type"] in ("text", "input_text")]
    return texts


def anonymous(call: ToolCall) -> ToolCall:
    """A call as an engine makes it that has no ids of its own."""
    return msgspec.structs.replace(call, provider_id="")


async def work(talk: Talk, turns: int) -> None:
    for _ in range(turns):
        await talk.propose()
        talk.answer("contents of a.py", "a.py:3: x = 1")


@DIALECTS
async def test_the_first_request_is_at_most_8_kb(dialect: str) -> None:
    async with ModelServer([DONE]) as server:
        talk = Talk(engine(server, dialect), tools=TOOLS)
        await talk.propose()
        await talk.engine.aclose()
    assert len(server.requests[0].raw) <= 8192
    (tools,) = [t.get("functionDeclarations", [t]) for t in server.requests[0].body["tools"][:1]]
    names = {t.get("name") or t["function"]["name"] for t in [*tools, *server.requests[0].body["tools"][1:]]}
    assert names == {tool.name for tool in TOOLS}


@DIALECTS
async def test_over_20_turns_each_request_holds_the_one_before_byte_for_byte(dialect: str) -> None:
    async with ModelServer(lambda _: WORK) as server:
        talk = Talk(engine(server, dialect), tools=TOOLS, instructions="Use tabs.")
        await work(talk, 7)
        talk.say("faster please", by="steer")
        talk.set(todo=(TodoItem("mend it", "in_progress"),))
        await work(talk, 7)
        talk.set(diagnosis=Diagnosis(kind="logic", message="off by one", fingerprint="f"), last_failed=True)
        await work(talk, 7)
        await talk.engine.aclose()
    assert len(server.requests) == 21
    for before, after in zip(server.requests, server.requests[1:], strict=False):
        assert inserted(before, after)
        assert history(after)[: len(history(before))] == history(before)


@DIALECTS
async def test_a_resumed_session_sends_the_same_bytes_as_one_that_went_on(dialect: str) -> None:
    async with ModelServer(lambda _: WORK) as server:
        talk = Talk(engine(server, dialect), tools=TOOLS, instructions="Use tabs.")
        await work(talk, 3)
        talk.set(todo=(TodoItem("mend it", "in_progress"),))
        await work(talk, 2)
        other = talk.resume(engine(server, dialect))
        await talk.propose()
        await other.propose()
        await talk.engine.aclose()
        await other.engine.aclose()
    assert server.requests[-1].raw == server.requests[-2].raw


@DIALECTS
async def test_the_provider_s_cache_is_hit_and_counted(dialect: str) -> None:
    async with ModelServer(lambda _: WORK) as server:
        talk = Talk(engine(server, dialect), tools=TOOLS)
        await work(talk, 1)
        second = await talk.propose()
        await talk.engine.aclose()
    assert second.tokens.cached > 0.7 * second.tokens.input
    assert second.tokens.usd is not None and second.tokens.usd > 0


@DIALECTS
async def test_reasoning_is_shown_kept_and_sent_back(dialect: str) -> None:
    async with ModelServer([WORK, DONE]) as server:
        talk = Talk(engine(server, dialect), tools=TOOLS)
        first = await talk.propose()
        talk.answer("one", "two")
        await talk.propose()
        await talk.engine.aclose()
    assert first.thinking == "I should look first."
    assert "".join(d.text for d in talk.deltas if d.kind == "reasoning") == first.thinking
    sent = server.requests[1].raw.decode()
    assert "I should look first." in sent
    assert MARKS[dialect] in sent


@DIALECTS
async def test_text_is_streamed_as_it_comes(dialect: str) -> None:
    async with ModelServer([WORK]) as server:
        talk = Talk(engine(server, dialect), tools=TOOLS)
        proposal = await talk.propose()
        await talk.engine.aclose()
    said = [d.text for d in talk.deltas if d.kind == "text"]
    assert len(said) == 2 and "".join(said) == proposal.text == "Looking."


@DIALECTS
async def test_parallel_calls_are_answered_in_order_and_by_their_own_ids(dialect: str) -> None:
    async with ModelServer([WORK, DONE]) as server:
        talk = Talk(engine(server, dialect), tools=TOOLS)
        first = await talk.propose()
        talk.answer("result one", "result two", ok=False)
        last = await talk.propose()
        await talk.engine.aclose()
    assert [call.tool for call in first.calls] == ["read", "search"]
    assert [call.args for call in first.calls] == [{"path": "a.py"}, {"pattern": "x"}]
    assert not first.done
    sent = server.requests[1].raw.decode()
    assert sent.index("result one") < sent.index("result two")
    assert last.done and last.text == "Done."
    if dialect == "anthropic":
        assert '"is_error":true' in sent


@DIALECTS
async def test_a_call_without_a_result_is_answered_all_the_same(dialect: str) -> None:
    """The fake server, as the real ones, refuses a history in which a call has no result."""
    async with ModelServer([WORK, DONE]) as server:
        talk = Talk(engine(server, dialect), tools=TOOLS)
        await talk.propose()
        talk.say("go on", by="steer")
        assert (await talk.propose()).done
        await talk.engine.aclose()
    assert "interrupted: there is no result" in server.requests[1].raw.decode()


async def test_a_compacted_view_starts_anew_with_instructions_and_requirement_in_front() -> None:
    async with ModelServer(lambda _: WORK) as server:
        talk = Talk(
            engine(server, "chat"),
            tools=TOOLS,
            instructions="Use tabs.",
            requirement=Requirement("make it pass", acceptance=("pytest -q",)),
        )
        await work(talk, 4)
        kept = talk.view.items[-3:]
        assert isinstance(kept[0], Acted)
        talk.set(items=(Said("summary", "Earlier: looked around."), *kept))
        await talk.propose()
        talk.answer("again", "again")
        await talk.propose()
        await talk.engine.aclose()
    before, after, last = server.requests[-3:]
    assert len(after.raw) < len(before.raw)
    texts = user_texts(after)
    assert "Use tabs." in texts[0] and "pytest -q" in texts[1] and texts[2] == "Earlier: looked around."
    assert [m["role"] for m in history(after)] == ["system", "user", "user", "user", "assistant", "tool", "tool"]
    assert inserted(after, last)


async def test_a_rewound_view_forgets_what_came_after() -> None:
    async with ModelServer(lambda _: WORK) as server:
        talk = Talk(engine(server, "chat"), tools=TOOLS)
        await work(talk, 3)
        talk.set(items=talk.view.items[:4])
        talk.say("another way", by="steer")
        await talk.propose()
        await talk.engine.aclose()
    assert len(history(server.requests[-1])) == len(history(server.requests[1])) + 1
    assert user_texts(server.requests[-1])[-1] == "The user adds: another way"


async def test_standing_matters_come_first_and_each_is_a_message_of_its_own() -> None:
    directives = (
        Directive("AGENTS.md", 12, "Run pytest  before\ncommit", "enforced", "command"),
        Directive("AGENTS.md", 13, "Be kind", "advised", "advice"),
    )
    lesson = Lesson("l", "f", "freeze the clock", "s", 1)
    async with ModelServer([DONE]) as server:
        talk = Talk(
            engine(server, "chat"),
            tools=TOOLS,
            instructions="Use tabs.",
            directives=directives,
            lessons=(lesson,),
            requirement=Requirement("make it pass", acceptance=("pytest -q",), tests_may_change=False),
            task=Task("t2", "only the parser", acceptance=("pytest -q parser",)),
        )
        await talk.propose()
        await talk.engine.aclose()
    instructions, rules, requirement, task, lessons, prompt = user_texts(server.requests[0])
    assert "Use tabs." in instructions
    assert rules.endswith("- AGENTS.md:12: Run pytest before commit")
    assert "/work" in requirement and "- pytest -q" in requirement and "Tests must not be changed" in requirement
    assert "t2" in task and "only the parser" in task and "- pytest -q parser" in task
    assert "freeze the clock" in lessons
    assert prompt == "make it pass"


async def test_news_come_last_and_only_when_they_are_new() -> None:
    found = Diagnosis(
        kind="logic", message="off by one", fingerprint="f", file="a.py", line=3, frames=(Frame("a.py", 3, "go"),)
    )
    async with ModelServer(lambda _: WORK) as server:
        talk = Talk(engine(server, "chat"), tools=TOOLS)
        for _ in range(3):
            await talk.propose()
            talk.answer("E assert 1 == 2", "nothing", ok=False)
            talk.set(diagnosis=found)
        await talk.engine.aclose()
    last = user_texts(server.requests[-1])
    diagnoses = [text for text in last if "off by one" in text]
    assert len(diagnoses) == 1
    assert "a.py:3" in diagnoses[0]


async def test_many_rules_are_listed_up_to_a_bound_and_the_rest_counted() -> None:
    rules = tuple(Directive("AGENTS.md", n, "x" * 100, "enforced", "command") for n in range(200))
    async with ModelServer([DONE]) as server:
        talk = Talk(engine(server, "chat"), directives=rules)
        await talk.propose()
        await talk.engine.aclose()
    listed = user_texts(server.requests[0])[0]
    shown = listed.count("- AGENTS.md:")
    assert 0 < shown < 200
    assert listed.endswith(f"- and {200 - shown} more, named when they are broken")


async def test_what_another_engine_learned_is_told_as_news_not_as_the_model_s_own_words() -> None:
    repair = Proposal(text="nothing fits", engine="repair", report={"suspicious": ["a.py:3"]})
    items: Sequence[Item] = (Acted(1, repair),)
    async with ModelServer([DONE]) as server:
        talk = Talk(engine(server, "chat"))
        talk.set(items=(*talk.view.items, *items))
        await talk.propose()
        await talk.engine.aclose()
    told = user_texts(server.requests[0])[-1]
    assert told.startswith("The repair engine") and "a.py:3" in told
    assert all(m["role"] != "assistant" for m in history(server.requests[0]))


@pytest.mark.parametrize(
    ("before", "after"), [*pairwise([*MODELS, "chat"]), *((m, "mistral") for m in list(MODELS)[:3])]
)
async def test_another_model_can_take_a_session_up(before: str, after: str) -> None:
    async with ModelServer([WORK, DONE]) as server:
        talk = Talk(engine(server, before), tools=TOOLS)
        await talk.propose()
        talk.answer("one", "two")
        other = talk.resume(engine(server, after))
        assert (await other.propose()).done
        await talk.engine.aclose()
        await other.engine.aclose()
    sent = server.requests[1].raw.decode()
    assert "Looking." in sent and "one" in sent and "two" in sent
    assert all(mark not in sent for mark in (SIGNATURE, ENCRYPTED, model_server_google.SIGNATURE))


@DIALECTS
async def test_a_proposal_whose_own_form_was_lost_is_sent_from_what_it_says(dialect: str) -> None:
    async with ModelServer([WORK, DONE]) as server:
        talk = Talk(engine(server, "chat"), tools=TOOLS)
        await talk.propose()
        talk.answer("one", "two")
        stripped = tuple(
            Acted(
                i.turn, msgspec.structs.replace(i.proposal, opaque=None, calls=tuple(map(anonymous, i.proposal.calls)))
            )
            if isinstance(i, Acted)
            else i
            for i in talk.view.items
        )
        other = talk.resume(engine(server, dialect))
        other.set(items=stripped)
        assert (await other.propose()).done
        await talk.engine.aclose()
        await other.engine.aclose()


async def test_tools_can_change_in_the_middle() -> None:
    extra = ToolSpec("extra", "one more", {"type": "object", "properties": {}})
    async with ModelServer(lambda _: WORK) as server:
        talk = Talk(engine(server, "chat"), tools=TOOLS)
        await work(talk, 1)
        talk.set(tools=(*TOOLS, extra))
        await talk.propose()
        await talk.engine.aclose()
    assert [len(r.body["tools"]) for r in server.requests] == [len(TOOLS), len(TOOLS) + 1]
