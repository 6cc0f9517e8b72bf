"""The fake model server is faithful: the providers' own client libraries read it, and it refuses what they refuse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anthropic
import openai
import pytest
from google import genai
from google.genai import errors as google_errors
from mistralai.client import Mistral
from mistralai.client.errors import MistralError

from loopwright.testing import model_server_google
from loopwright.testing.model_server import ModelServer
from loopwright.testing.model_server_anthropic import SIGNATURE
from loopwright.testing.model_server_responses import ENCRYPTED
from loopwright.testing.model_server_script import Answer, Failure, Reply, ScriptedCall

pytestmark = pytest.mark.anyio
FULL = Reply(
    text="Hello there.",
    reasoning="Think first.",
    calls=(ScriptedCall("add", {"a": 1, "b": 2}), ScriptedCall("add", {"a": 3})),
    input_tokens=1000,
    cached_tokens=600,
    output_tokens=50,
    reasoning_tokens=20,
    piece=4,
)
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "integer"}}}
USER: list[Any] = [{"role": "user", "content": "hi"}]
CHAT_TOOLS: list[Any] = [{"type": "function", "function": {"name": "add", "parameters": SCHEMA}}]
RESPONSE_TOOLS: list[Any] = [{"type": "function", "name": "add", "parameters": SCHEMA, "strict": False}]
CLAUDE_TOOLS: list[Any] = [{"name": "add", "input_schema": SCHEMA}]
STREAMS = pytest.mark.parametrize("stream", [False, True])


@asynccontextmanager
async def served(*answers: Answer) -> AsyncIterator[tuple[ModelServer, openai.AsyncOpenAI, anthropic.AsyncAnthropic]]:
    async with (
        ModelServer(answers) as server,
        openai.AsyncOpenAI(base_url=server.url, api_key="k", max_retries=0) as one,
        anthropic.AsyncAnthropic(base_url=server.root, api_key="k", max_retries=0) as other,
    ):
        yield server, one, other


@STREAMS
async def test_chat_completions(stream: bool) -> None:
    async with served(FULL) as (server, client, _):
        if stream:
            async with client.chat.completions.stream(
                model="m", messages=USER, tools=CHAT_TOOLS, stream_options={"include_usage": True}
            ) as events:
                answer: Any = await events.get_final_completion()
        else:
            answer = await client.chat.completions.create(model="m", messages=USER, tools=CHAT_TOOLS)
    message = answer.choices[0].message
    assert message.content == "Hello there."
    assert message.reasoning_content == "Think first."
    assert [c.function.arguments for c in message.tool_calls] == ['{"a":1,"b":2}', '{"a":3}']
    assert len({c.id for c in message.tool_calls}) == 2
    assert answer.choices[0].finish_reason == "tool_calls"
    assert (answer.usage.prompt_tokens, answer.usage.prompt_tokens_details.cached_tokens) == (1000, 600)
    assert (answer.usage.completion_tokens, answer.usage.completion_tokens_details.reasoning_tokens) == (50, 20)
    assert server.requests[0].dialect == "chat"


@STREAMS
async def test_responses(stream: bool) -> None:
    asked: dict[str, Any] = {
        "model": "m",
        "input": USER,
        "tools": RESPONSE_TOOLS,
        "include": ["reasoning.encrypted_content"],
    }
    async with served(FULL) as (_, client, _other):
        if stream:
            async with client.responses.stream(**asked) as events:
                kinds = [event.type async for event in events]
                answer: Any = await events.get_final_response()
            assert kinds[0] == "response.created" and kinds[-1] == "response.completed"
        else:
            answer = await client.responses.create(**asked)
    reasoning, message, first, second = answer.output
    assert (reasoning.summary[0].text, reasoning.encrypted_content) == ("Think first.", ENCRYPTED)
    assert message.content[0].text == answer.output_text == "Hello there."
    assert [first.arguments, second.arguments] == ['{"a":1,"b":2}', '{"a":3}']
    assert answer.status == "completed"
    assert (answer.usage.input_tokens, answer.usage.input_tokens_details.cached_tokens) == (1000, 600)
    assert (answer.usage.output_tokens, answer.usage.output_tokens_details.reasoning_tokens) == (50, 20)


@STREAMS
async def test_anthropic_messages(stream: bool) -> None:
    asked: dict[str, Any] = {"model": "m", "max_tokens": 100, "messages": USER, "tools": CLAUDE_TOOLS}
    async with served(FULL) as (_, _client, client):
        if stream:
            async with client.messages.stream(**asked) as events:
                said = [text async for text in events.text_stream]
                answer: Any = await events.get_final_message()
            assert said == ["Hell", "o th", "ere."]
        else:
            answer = await client.messages.create(**asked)
    thinking, text, first, second = answer.content
    assert (thinking.thinking, thinking.signature) == ("Think first.", SIGNATURE)
    assert text.text == "Hello there."
    assert [first.input, second.input] == [{"a": 1, "b": 2}, {"a": 3}]
    assert answer.stop_reason == "tool_use"
    assert (answer.usage.input_tokens, answer.usage.cache_read_input_tokens, answer.usage.output_tokens) == (
        400,
        600,
        50,
    )


GEMINI_TOOLS: Any = {"tools": [{"function_declarations": [{"name": "add", "parameters_json_schema": SCHEMA}]}]}


def gemini(server: ModelServer) -> Any:
    """What holds the client must be kept: it closes its connections when it is collected."""
    return genai.Client(api_key="k", http_options={"base_url": server.root})


@STREAMS
async def test_gemini(stream: bool) -> None:
    async with ModelServer([FULL]) as server:
        client = gemini(server)
        asked: dict[str, Any] = {"model": "m", "contents": "hi", "config": GEMINI_TOOLS}
        if stream:
            chunks = [c async for c in await client.aio.models.generate_content_stream(**asked)]
            parts = [p for c in chunks for p in c.candidates[0].content.parts]
            answer = chunks[-1]
        else:
            answer = await client.aio.models.generate_content(**asked)
            parts = answer.candidates[0].content.parts
        await client.aio.aclose()
    assert "".join(p.text for p in parts if p.thought) == "Think first."
    assert "".join(p.text for p in parts if p.text and not p.thought) == "Hello there."
    first, second = [p for p in parts if p.function_call]
    assert [first.function_call.args, second.function_call.args] == [{"a": 1, "b": 2}, {"a": 3}]
    assert first.thought_signature == b"signed by the fake" and second.thought_signature is None
    assert answer.candidates[0].finish_reason == "STOP"
    used = answer.usage_metadata
    assert (used.prompt_token_count, used.cached_content_token_count, used.thoughts_token_count) == (1000, 600, 20)
    assert (used.candidates_token_count, used.total_token_count) == (30, 1050)
    assert server.requests[0].dialect == "google"


@STREAMS
async def test_mistral(stream: bool) -> None:
    tool: Any = {"type": "function", "function": {"name": "add", "parameters": SCHEMA}}
    async with ModelServer([FULL]) as server, Mistral(api_key="k", server_url=server.mistral) as client:
        asked: dict[str, Any] = {"model": "m", "messages": USER, "tools": [tool]}
        if stream:
            chunks = [c.data async for c in await client.chat.stream_async(**asked)]
            said: list[Any] = [c.choices[0].delta for c in chunks]
            answer: Any = chunks[-1]
        else:
            answer = await client.chat.complete_async(**asked)
            said = [answer.choices[0].message]
    content = [part for each in said for part in (each.content if isinstance(each.content, list) else [each.content])]
    thoughts = [part.thinking[0].text for part in content if getattr(part, "type", "") == "thinking"]
    texts = [
        part if isinstance(part, str) else part.text for part in content if getattr(part, "type", "") != "thinking"
    ]
    calls = [call for each in said for call in each.tool_calls or ()]
    assert ("".join(thoughts), "".join(texts)) == ("Think first.", "Hello there.")
    assert [call.function.arguments for call in calls] == ['{"a":1,"b":2}', '{"a":3}']
    assert all(len(call.id) == 9 for call in calls) and calls[0].id != calls[1].id
    assert answer.choices[0].finish_reason == "tool_calls"
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (1000, 50)
    assert server.requests[0].dialect == "mistral"


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
async def test_their_errors_are_those_the_clients_know(status: int) -> None:
    async with (
        ModelServer([Failure(status, "the reason")] * 2) as server,
        Mistral(api_key="k", server_url=server.mistral) as mistral,
    ):
        with pytest.raises(MistralError, match="the reason") as refused:
            await mistral.chat.complete_async(model="m", messages=USER)
        assert refused.value.status_code == status
        client = gemini(server)
        with pytest.raises(google_errors.APIError, match="the reason") as caught:
            await client.aio.models.generate_content(model="m", contents="hi")
        await client.aio.aclose()
        assert caught.value.code == status


GEMINI_CALL: Any = {"function_call": {"name": "add", "args": {}}, "thought_signature": model_server_google.SIGNATURE}
GEMINI_ANSWER: Any = {"role": "user", "parts": [{"function_response": {"name": "add", "response": {"output": "3"}}}]}
GEMINI_USER: Any = {"role": "user", "parts": [{"text": "hi"}]}


def called(*parts: Any) -> Any:
    return {"role": "model", "parts": list(parts)}


@pytest.mark.parametrize(
    ("contents", "says"),
    [
        ([GEMINI_USER, called(GEMINI_CALL), GEMINI_ANSWER], ""),
        ([GEMINI_USER, called(GEMINI_CALL)], "function"),
        ([GEMINI_USER, called(GEMINI_CALL), GEMINI_USER], "number of function response parts"),
        ([GEMINI_USER, called(GEMINI_CALL, GEMINI_CALL), GEMINI_ANSWER], "number of function response parts"),
        ([GEMINI_USER, called({"function_call": {"name": "add", "args": {}}}), GEMINI_ANSWER], "thought_signature"),
        ([{"role": "user", "parts": []}], "must not be empty"),
    ],
)
async def test_gemini_wants_one_response_a_call_and_its_signature(contents: Any, says: str) -> None:
    async with ModelServer([Reply(text="ok")]) as server:
        client = gemini(server)
        if says:
            with pytest.raises(google_errors.ClientError, match=says):
                await client.aio.models.generate_content(model="m", contents=contents)
        else:
            await client.aio.models.generate_content(model="m", contents=contents)
        await client.aio.aclose()


async def test_gemini_hands_out_no_malformed_call() -> None:
    async with ModelServer([Reply(calls=(ScriptedCall("add", '{"a": '),))]) as server:
        client = gemini(server)
        answer = await client.aio.models.generate_content(model="m", contents="hi", config=GEMINI_TOOLS)
        await client.aio.aclose()
    assert answer.candidates[0].finish_reason == "MALFORMED_FUNCTION_CALL" and not answer.function_calls


NINE = {"id": "abcdef123", "function": {"name": "add", "arguments": "{}"}}
NINE_ASSISTANT = {"role": "assistant", "content": "", "tool_calls": [NINE]}
NINE_RESULT = {"role": "tool", "tool_call_id": "abcdef123", "content": "3"}


@pytest.mark.parametrize(
    ("messages", "says"),
    [
        ([*USER, NINE_ASSISTANT, NINE_RESULT], ""),
        ([*USER, NINE_ASSISTANT], "number of function calls and responses"),
        ([*USER, NINE_ASSISTANT, *USER], "number of function calls and responses"),
        ([*USER, NINE_RESULT], "Unexpected tool call id"),
        ([*USER, {**NINE_ASSISTANT, "tool_calls": [{**NINE, "id": "call_1"}]}], "length of 9"),
        ([*USER, NINE_ASSISTANT, NINE_RESULT, *USER], "Unexpected role 'user' after role 'tool'"),
        ([*USER, {"role": "assistant", "content": "ok"}], "last role"),
    ],
)
async def test_mistral_wants_its_ids_and_roles(messages: Any, says: str) -> None:
    async with ModelServer([Reply(text="ok")]) as server, Mistral(api_key="k", server_url=server.mistral) as client:
        if says:
            with pytest.raises(MistralError, match=says):
                await client.chat.complete_async(model="m", messages=messages)
        else:
            await client.chat.complete_async(model="m", messages=messages)


@pytest.mark.parametrize(
    ("status", "one", "other"),
    [
        (400, openai.BadRequestError, anthropic.BadRequestError),
        (401, openai.AuthenticationError, anthropic.AuthenticationError),
        (404, openai.NotFoundError, anthropic.NotFoundError),
        (429, openai.RateLimitError, anthropic.RateLimitError),
        (500, openai.InternalServerError, anthropic.InternalServerError),
        (529, openai.InternalServerError, anthropic.InternalServerError),
    ],
)
async def test_errors_are_those_the_clients_know(status: int, one: type[Exception], other: type[Exception]) -> None:
    async with served(*[Failure(status, "the reason", retry_after="3")] * 3) as (_, client, claude):
        with pytest.raises(one, match="the reason") as caught:
            await client.chat.completions.create(model="m", messages=USER)
        assert caught.value.response.headers["retry-after"] == "3"  # type: ignore[attr-defined]
        with pytest.raises(one, match="the reason"):
            await client.responses.create(model="m", input="hi")
        with pytest.raises(other, match="the reason"):
            await claude.messages.create(model="m", max_tokens=9, messages=USER)


async def test_a_dropped_connection_and_a_cut_stream() -> None:
    async with served(Failure(drop=True), Reply(text="hello", piece=1, cut=3)) as (_, client, _other):
        with pytest.raises(openai.APIConnectionError):
            await client.chat.completions.create(model="m", messages=USER)
        stream = await client.chat.completions.create(model="m", messages=USER, stream=True)
        with pytest.raises(openai.APIConnectionError):
            [chunk async for chunk in stream]


async def test_malformed_arguments_go_out_as_they_are() -> None:
    async with served(Reply(calls=(ScriptedCall("add", '{"a": '),))) as (_, client, _other):
        answer: Any = await client.chat.completions.create(model="m", messages=USER, tools=CHAT_TOOLS)
    assert answer.choices[0].message.tool_calls[0].function.arguments == '{"a": '


CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
ASSISTANT = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "3"}


@pytest.mark.parametrize(
    ("messages", "fits"),
    [
        ([*USER, ASSISTANT, RESULT], True),
        ([*USER, ASSISTANT], False),
        ([*USER, ASSISTANT, *USER], False),
        ([*USER, RESULT], False),
        ([*USER, ASSISTANT, {**RESULT, "tool_call_id": "c2"}], False),
    ],
)
async def test_chat_completions_wants_one_result_a_call(messages: list[Any], fits: bool) -> None:
    async with served(Reply(text="ok")) as (_, client, _other):
        if fits:
            await client.chat.completions.create(model="m", messages=messages)
        else:
            with pytest.raises(openai.BadRequestError, match="tool"):
                await client.chat.completions.create(model="m", messages=messages)


ITEM = {"type": "function_call", "call_id": "c1", "name": "add", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "c1", "output": "3"}


@pytest.mark.parametrize(
    ("items", "fits"), [([*USER, ITEM, OUTPUT], True), ([*USER, ITEM], False), ([*USER, OUTPUT], False)]
)
async def test_responses_wants_one_output_a_call(items: list[Any], fits: bool) -> None:
    async with served(Reply(text="ok")) as (_, client, _other):
        if fits:
            await client.responses.create(model="m", input=items)
        else:
            with pytest.raises(openai.BadRequestError, match="No tool"):
                await client.responses.create(model="m", input=items)


USE = {"type": "tool_use", "id": "c1", "name": "add", "input": {}}
TOOL_RESULT = {"type": "tool_result", "tool_use_id": "c1", "content": "3"}


def thought(signature: str) -> dict[str, Any]:
    return {"type": "thinking", "thinking": "x", "signature": signature}


@pytest.mark.parametrize(
    ("said", "answered", "fits"),
    [
        ([USE], [TOOL_RESULT], True),
        ([thought(SIGNATURE), USE], [TOOL_RESULT], True),
        ([thought("forged"), USE], [TOOL_RESULT], False),
        ([USE], [{"type": "text", "text": "no result"}], False),
        ([{"type": "text", "text": "no call"}], [TOOL_RESULT], False),
    ],
)
async def test_anthropic_wants_one_result_a_call_and_its_own_signature(said: Any, answered: Any, fits: bool) -> None:
    messages = [*USER, {"role": "assistant", "content": said}, {"role": "user", "content": answered}]
    async with served(Reply(text="ok")) as (_, _client, client):
        if fits:
            await client.messages.create(model="m", max_tokens=9, messages=messages)
        else:
            with pytest.raises(anthropic.BadRequestError):
                await client.messages.create(model="m", max_tokens=9, messages=messages)


async def test_cached_tokens_are_what_a_request_shares_with_one_before() -> None:
    long = [{"role": "user", "content": "x" * 4000}]
    async with served(*[Reply(text="ok")] * 3) as (_, client, _other):
        first = await client.chat.completions.create(model="m", messages=long)  # type: ignore[arg-type]
        second = await client.chat.completions.create(model="m", messages=[*long, *USER])
        third = await client.chat.completions.create(model="m", messages=[*USER, *long])
    cached = [a.usage.prompt_tokens_details.cached_tokens for a in (first, second, third)]  # type: ignore[union-attr]
    assert cached[0] < 10 and cached[1] >= 1000 and cached[2] < 10  # type: ignore[operator]


async def test_a_script_that_has_run_out_says_so() -> None:
    async with served() as (_, client, _other):
        with pytest.raises(openai.BadRequestError, match="has run out"):
            await client.chat.completions.create(model="m", messages=USER)


async def test_the_instant_mode_says_the_same() -> None:
    async with (
        ModelServer([FULL], instant=True, record=False) as server,
        openai.AsyncOpenAI(base_url=server.url, api_key="k") as client,
    ):
        stream = await client.chat.completions.create(model="m", messages=USER, stream=True)
        text = "".join([c.choices[0].delta.content or "" async for c in stream if c.choices])
    assert text == "Hello there."
    assert (server.count, server.requests) == (1, [])
