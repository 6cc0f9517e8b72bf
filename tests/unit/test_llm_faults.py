"""What the model engine does when the provider misbehaves: asks again, says so, or stops, and never for long."""

from __future__ import annotations

import time
from collections.abc import Sequence

import anyio
import pytest

from loopwright.core.calls import ToolSpec
from loopwright.core.errors import BadProposal, ContextOverflow, EngineError, ProviderUnavailable
from loopwright.engines.llm import LlmEngine
from loopwright.engines.llm.retry import Retries
from loopwright.testing.model_server import ModelServer
from loopwright.testing.model_server_script import Answer, Failure, Reply, ScriptedCall
from loopwright.testing.talk import Talk

pytestmark = pytest.mark.anyio
MODELS = {
    "chat": "openai-chat:gpt-5.2",
    "responses": "openai:gpt-5.2",
    "anthropic": "anthropic:claude-sonnet-5-5",
    "google": "google:gemini-3.8-flash",
    "mistral": "mistral:mistral-large-4",
}
DIALECTS = pytest.mark.parametrize("dialect", MODELS)
READ = ToolSpec("read", "Read a file.", {"type": "object", "properties": {"path": {"type": "string"}}})
OK = Reply(text="ok")
#: Events of a stream behind which LONG breaks off. Gemini's and Mistral's have fewer until they are whole.
BREAKS = [(d, n) for d in MODELS for n in (0, 2, 5, {"google": 6, "mistral": 7}.get(d, 8))]
LONG = Reply(text="a long answer", reasoning="hm", calls=(ScriptedCall("read", {"path": "a"}),), piece=4)


class Waits:
    """A clockless sleep that keeps what it was asked for."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def talk_with(server: ModelServer, dialect: str, waits: Waits, tries: int = 4, **given: object) -> Talk:
    env = server.addresses
    retries = Retries(tries=tries, sleep=waits, chance=lambda: 1.0)
    return Talk(LlmEngine(MODELS[dialect], env, retries=retries, **given), tools=[READ])  # type: ignore[arg-type]


async def ask(dialect: str, *answers: Answer) -> tuple[Talk, Waits, ModelServer]:
    """Ask once; the talk's last proposal is what came of it."""
    waits = Waits()
    async with ModelServer(answers) as server:
        talk = talk_with(server, dialect, waits)
        try:
            await talk.propose()
        finally:
            await talk.engine.aclose()
    return talk, waits, server


def text(talk: Talk) -> str:
    return str(talk.view.items[-1].proposal.text)  # type: ignore[union-attr]


@DIALECTS
@pytest.mark.parametrize("status", [429, 500, 502, 503, 529])
async def test_a_passing_fault_is_waited_out(dialect: str, status: int) -> None:
    talk, waits, server = await ask(dialect, Failure(status), Failure(status), OK)
    assert text(talk) == "ok"
    assert waits.seconds == [1.0, 2.0]
    assert server.count == 3, "the provider library must not ask again by itself"
    assert [d.kind for d in talk.deltas].count("progress") == 2


@DIALECTS
async def test_retry_after_is_honoured(dialect: str) -> None:
    _, waits, _ = await ask(dialect, Failure(429, retry_after="7"), Failure(503, retry_after="3"), OK)
    assert waits.seconds == [7.0, 3.0]


@DIALECTS
async def test_a_provider_that_stays_down_is_given_up(dialect: str) -> None:
    with pytest.raises(ProviderUnavailable, match=r"500 scripted failure \(4 tries\)") as caught:
        await ask(dialect, *[Failure(500)] * 9)
    assert MODELS[dialect] in str(caught.value)


async def test_a_longer_wait_than_anyone_has_patience_for_is_not_waited() -> None:
    with pytest.raises(ProviderUnavailable, match="too many requests"):
        await ask("chat", Failure(429, retry_after="3600"), OK)


async def test_no_wait_goes_beyond_the_budget() -> None:
    async with ModelServer([Failure(500), OK]) as server:
        talk = talk_with(server, "chat", Waits())
        talk.seconds = 0.5
        with pytest.raises(ProviderUnavailable):
            await talk.propose()
        await talk.engine.aclose()


@DIALECTS
async def test_a_dropped_connection_is_asked_again(dialect: str) -> None:
    talk, _, server = await ask(dialect, Failure(drop=True), OK)
    assert (text(talk), server.count) == ("ok", 2)


@pytest.mark.parametrize(("dialect", "events"), BREAKS)
async def test_a_cut_stream_is_asked_again_and_nothing_of_it_is_kept(dialect: str, events: int) -> None:
    cut = Reply(text=LONG.text, reasoning=LONG.reasoning, calls=LONG.calls, piece=4, cut=events)
    talk, _, server = await ask(dialect, cut, OK)
    assert (text(talk), server.count) == ("ok", 2)
    assert server.requests[0].raw == server.requests[1].raw


@pytest.mark.parametrize(("dialect", "events"), BREAKS)
async def test_a_stream_that_ends_in_good_order_but_too_early_is_no_answer(dialect: str, events: int) -> None:
    early = Reply(text=LONG.text, reasoning=LONG.reasoning, calls=LONG.calls, piece=4, fade=events)
    talk, _, server = await ask(dialect, early, OK)
    assert (text(talk), server.count) == ("ok", 2)


async def test_silence_is_not_waited_for_for_ever() -> None:
    async with ModelServer([Reply(text="late", delay=30), OK]) as server:
        talk = talk_with(server, "chat", Waits(), timeout=0.2)
        await talk.propose()
        await talk.engine.aclose()
    assert text(talk) == "ok"


async def test_no_server_at_all() -> None:
    env = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    waits = Waits()
    engine = LlmEngine("openai-chat:x", env, retries=Retries(tries=2, sleep=waits, chance=lambda: 0.5))
    with pytest.raises(ProviderUnavailable, match=r"no answer from openai-chat:x at http://127.0.0.1:9/v1"):
        await Talk(engine).propose()
    assert waits.seconds == [0.5]
    await engine.aclose()


@DIALECTS
@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(calls=(ScriptedCall("read", '{"path": '),)), "not valid JSON"),
        (Reply(calls=(ScriptedCall("read", "[1]"),)), "must be a JSON object"),
        (Reply(), "empty"),
        (Reply(reasoning="only a thought"), "empty"),
        (Reply(text="and then", stop="length"), "cut off"),
        (Reply(text="x" * 10_000_000), "longer than"),
    ],
)
async def test_an_answer_that_cannot_be_read_is_a_bad_proposal(dialect: str, reply: Reply, says: str) -> None:
    with pytest.raises(BadProposal, match=says):
        await ask(dialect, reply)


@DIALECTS
async def test_after_a_bad_proposal_the_talk_goes_on_without_it(dialect: str) -> None:
    """The fake server, as the real ones, refuses a history with a call that has no result."""
    bad = Reply(calls=(ScriptedCall("read", '{"path": '),))
    async with ModelServer([LONG, bad, OK]) as server:
        talk = talk_with(server, dialect, Waits())
        first = await talk.propose()
        talk.answer("one")
        with pytest.raises(BadProposal) as caught:
            await talk.propose()
        talk.say(str(caught.value), by="loopwright")
        last = await talk.propose()
        await talk.engine.aclose()
    assert first.calls and last.done
    assert "not valid JSON" in server.requests[-1].raw.decode()
    assert last.tokens.usd is not None and first.tokens.usd is not None


async def test_what_failed_answers_cost_is_counted_with_the_next() -> None:
    cut = Reply(text="x" * 400_000, piece=1000, cut=300)
    talk, _, _ = await ask("chat", cut, OK)
    costly = talk.view.items[-1].proposal.tokens  # type: ignore[union-attr]
    talk, _, _ = await ask("chat", OK)
    cheap = talk.view.items[-1].proposal.tokens  # type: ignore[union-attr]
    assert costly.input == cheap.input, "the size of the context is that of the request"
    assert costly.usd > 100 * cheap.usd


@DIALECTS
async def test_an_answer_that_cannot_be_used_says_what_it_cost(dialect: str) -> None:
    with pytest.raises(BadProposal) as caught:
        await ask(dialect, Reply(calls=(ScriptedCall("read", '{"path": '),)))
    tokens = caught.value.tokens
    assert tokens is not None and tokens.input > 0 and tokens.output > 0 and tokens.usd


async def test_the_last_attempt_that_broke_off_says_what_it_cost() -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        await ask("chat", *[Reply(text="x" * 40_000, piece=1000, cut=30)] * 4)
    tokens = caught.value.tokens
    assert tokens is not None and tokens.estimated and tokens.output > 4 * 5000 and tokens.usd


async def test_a_provider_that_never_answered_cost_nothing() -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        await ask("chat", *[Failure(500)] * 4)
    assert caught.value.tokens is None


@DIALECTS
async def test_an_unknown_tool_is_passed_on(dialect: str) -> None:
    """Dispatch answers it: the engine learns from a result like any other."""
    talk, _, _ = await ask(dialect, Reply(calls=(ScriptedCall("teleport", {"to": "x"}),)))
    (call,) = talk.view.items[-1].proposal.calls  # type: ignore[union-attr]
    assert (call.tool, call.args) == ("teleport", {"to": "x"})


@DIALECTS
@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
        "prompt is too long: 213311 tokens > 200000 maximum",
        "the request exceeds the available context size (4096 tokens), try increasing it",
    ],
)
async def test_a_request_that_is_too_long_is_an_overflow(dialect: str, message: str) -> None:
    with pytest.raises(ContextOverflow):
        await ask(dialect, Failure(400, message))


@DIALECTS
@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (Failure(401, "no"), "refused the key: check [A-Z]+_API_KEY"),
        (Failure(404, "no"), "was not found: check the model's name and the base URL"),
        (Failure(400, "the reason"), "400 the reason"),
    ],
)
async def test_what_asking_again_cannot_mend_is_said_at_once(dialect: str, failure: Failure, says: str) -> None:
    with pytest.raises(EngineError, match=says) as caught:
        await ask(dialect, failure, OK)
    assert not isinstance(caught.value, ProviderUnavailable)
    assert "\n" not in str(caught.value)


async def test_a_used_up_quota_is_not_asked_again() -> None:
    with pytest.raises(EngineError, match="quota is used up"):
        await ask("chat", Failure(429, "You exceeded your current quota", code="insufficient_quota"), OK)


async def test_a_withheld_answer_ends_the_run() -> None:
    with pytest.raises(EngineError, match="content filter"):
        await ask("chat", Reply(text="I", stop="content_filter"))


@DIALECTS
async def test_usage_that_is_not_reported_is_estimated(dialect: str) -> None:
    talk, _, _ = await ask(dialect, Reply(text="four by four by four", usage=False))
    tokens = talk.view.items[-1].proposal.tokens  # type: ignore[union-attr]
    assert tokens.estimated
    assert 500 < tokens.input < 1500
    assert tokens.output == 5


async def test_estimates_are_calibrated_by_the_last_true_count() -> None:
    counted = Reply(calls=LONG.calls, input_tokens=1500, output_tokens=5)
    async with ModelServer([counted, Reply(text="x", usage=False)]) as server:
        talk = talk_with(server, "chat", Waits())
        await talk.propose()
        talk.answer("short")
        second = await talk.propose()
        await talk.engine.aclose()
    assert second.tokens.estimated
    assert 1500 <= second.tokens.input < 1600


@pytest.mark.parametrize(("model", "usd"), [("openai-chat:somebody-s-own-model", None), ("ollama:qwen3", 0.0)])
async def test_an_unknown_price_is_not_made_up_and_a_local_model_costs_nothing(model: str, usd: float | None) -> None:
    async with ModelServer([OK]) as server:
        engine = LlmEngine(model, {"OPENAI_BASE_URL": server.url, "OLLAMA_BASE_URL": server.url})
        proposal = await Talk(engine).propose()
        await engine.aclose()
    assert proposal.tokens.input > 0
    assert proposal.tokens.usd == usd


async def test_counts_and_price_are_the_provider_s() -> None:
    counted = Reply(text="ok", input_tokens=1000, cached_tokens=800, output_tokens=100, reasoning_tokens=40)
    talk, _, _ = await ask("anthropic", counted)
    tokens = talk.view.items[-1].proposal.tokens  # type: ignore[union-attr]
    assert (tokens.input, tokens.cached, tokens.output, tokens.estimated) == (1000, 800, 100, False)
    assert tokens.usd == pytest.approx((200 * 2.0 + 800 * 0.1 + 100 * 10.0) / 1e6)  # dollars a million, as bundled
    talk, _, _ = await ask("responses", counted)
    assert talk.view.items[-1].proposal.tokens.reasoning == 40  # type: ignore[union-attr]


@DIALECTS
@pytest.mark.parametrize("slow", [Reply(text="x" * 1000, piece=1, pace=0.01), Reply(text="x", delay=20)])
async def test_cancelling_takes_less_than_100_ms_and_the_server_sees_it(dialect: str, slow: Reply) -> None:
    async with ModelServer([slow]) as server:
        talk = talk_with(server, dialect, Waits())
        async with anyio.create_task_group() as group:
            group.start_soon(talk.propose)
            with anyio.fail_after(20):
                await server.asked.wait()
            await anyio.sleep(0.1)
            before = time.perf_counter()
            group.cancel_scope.cancel()
        took = time.perf_counter() - before
        with anyio.fail_after(1):
            await server.gone.wait()
        await talk.engine.aclose()
    assert took < 0.1
    assert server.disconnects == 1


@pytest.mark.parametrize(
    ("says", "text"),
    [
        ("", '{"n": 1}'),
        ("", '```json\n{"n": 1}\n```'),
        ("one JSON value", "n is 1"),
        ("must be of type integer", '{"n": "1"}'),
    ],
)
async def test_the_last_message_fits_the_schema_or_the_model_is_told(says: str, text: str) -> None:
    schema = '{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}'
    async with ModelServer([Reply(text="Not yet.", calls=LONG.calls), Reply(text=text)]) as server:
        talk = talk_with(server, "chat", Waits(), schema=schema)
        assert (await talk.propose()).text == "Not yet."
        talk.answer("one")
        if says:
            with pytest.raises(BadProposal, match=says):
                await talk.propose()
        else:
            assert (await talk.propose()).text == '{"n": 1}'
        await talk.engine.aclose()
    assert '\\"required\\":[\\"n\\"]' in server.requests[0].raw.decode()


def all_waits(retries: Retries, wait: float | None = None, left: float | None = None) -> Sequence[float | None]:
    from loopwright.engines.llm.retry import Trouble

    return [retries.delay(n, Trouble("x", True, wait), left) for n in range(1, 8)]


def test_back_off_doubles_up_to_a_bound_with_full_jitter_and_ends() -> None:
    assert all_waits(Retries(chance=lambda: 1.0)) == [1, 2, 4, 8, 16, None, None]
    assert all_waits(Retries(tries=9, chance=lambda: 0.5, most=6.0)) == [0.5, 1, 2, 3, 3, 3, 3]
    assert all_waits(Retries(), wait=5.0) == [5, 5, 5, 5, 5, None, None]
    assert all_waits(Retries(chance=lambda: 1.0), left=3.0) == [1, 2, None, None, None, None, None]
