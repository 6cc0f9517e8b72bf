"""Chat Completions as OpenAI and the servers compatible with it speak it.

Source: the OpenAI API reference, "Create chat completion" and "The chat completion chunk object"; reasoning in
`reasoning_content`, as DeepSeek and vLLM send it.
"""

from __future__ import annotations

from typing import Any

from loopwright.testing.model_server_script import (
    Counted,
    Failure,
    Received,
    Reply,
    arguments,
    call_id,
    pieces,
)

Body = dict[str, Any]
CREATED = 1_760_000_000


def events(reply: Reply, request: Received, counted: Counted) -> list[tuple[str, Body | str]]:
    """Return the stream as (event name, data): Chat Completions names none, and ends with [DONE]."""
    deltas: list[Body] = [{"role": "assistant", "content": ""}]
    deltas += [{"reasoning_content": piece} for piece in pieces(reply.reasoning, reply.piece)]
    deltas += [{"content": piece} for piece in pieces(reply.text, reply.piece)]
    for index, call in enumerate(reply.calls):
        head = {"index": index, "id": call_id(call, request, index), "type": "function"}
        deltas.append({"tool_calls": [{**head, "function": {"name": call.tool, "arguments": ""}}]})
        for piece in pieces(arguments(call), reply.piece):
            deltas.append({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    chunks = [_chunk(request, [_choice(delta, None)]) for delta in deltas]
    chunks.append(_chunk(request, [_choice({}, _finish(reply))]))
    if reply.usage and (request.body.get("stream_options") or {}).get("include_usage"):
        chunks.append({**_chunk(request, []), "usage": _usage(counted)})
    return [("", chunk) for chunk in chunks] + [("", "[DONE]")]


def body(reply: Reply, request: Received, counted: Counted) -> Body:
    """Return the answer to a request that does not stream."""
    message: Body = {"role": "assistant", "content": reply.text or None, "refusal": None}
    if reply.reasoning:
        message["reasoning_content"] = reply.reasoning
    if reply.calls:
        message["tool_calls"] = [
            {
                "id": call_id(call, request, index),
                "type": "function",
                "function": {"name": call.tool, "arguments": arguments(call)},
            }
            for index, call in enumerate(reply.calls)
        ]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(reply)}
    answer = {**_chunk(request, [choice]), "object": "chat.completion"}
    return {**answer, "usage": _usage(counted)} if reply.usage else answer


def error(failure: Failure) -> Body:
    """Return the body of an error."""
    kind = (
        "rate_limit_error"
        if failure.status == 429
        else "server_error"
        if failure.status >= 500
        else "invalid_request_error"
    )
    return {"error": {"message": failure.message, "type": kind, "param": None, "code": failure.code or None}}


def complaint(request: Received) -> str:
    """Return why OpenAI would refuse the request with a 400, "" where it would not."""
    open_calls: list[str] = []
    for message in request.body.get("messages", []):
        if message["role"] == "tool":
            if message.get("tool_call_id") not in open_calls:
                return "messages with role 'tool' must be a response to a preceding message with 'tool_calls'"
            open_calls.remove(message["tool_call_id"])
            continue
        if open_calls:
            return "An assistant message with 'tool_calls' must be followed by tool messages responding to each"
        open_calls = [call["id"] for call in message.get("tool_calls") or ()]
    return "An assistant message with 'tool_calls' must be followed by tool messages" if open_calls else ""


def segments(request: Received) -> list[Any]:
    """Return the parts of a request in the order in which a provider's prompt cache reads them."""
    return [request.body.get("tools"), *request.body.get("messages", [])]


def _chunk(request: Received, choices: list[Body]) -> Body:
    return {
        "id": f"chatcmpl-{request.number}",
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": request.body.get("model", ""),
        "choices": choices,
    }


def _choice(delta: Body, finish: str | None) -> Body:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}


def _finish(reply: Reply) -> str:
    return reply.stop or ("tool_calls" if reply.calls else "stop")


def _usage(counted: Counted) -> Body:
    return {
        "prompt_tokens": counted.input,
        "completion_tokens": counted.output,
        "total_tokens": counted.input + counted.output,
        "prompt_tokens_details": {"cached_tokens": counted.cached},
        "completion_tokens_details": {"reasoning_tokens": counted.reasoning},
    }
