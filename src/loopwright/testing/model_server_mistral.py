"""Chat completions as Mistral speaks them: like OpenAI's, but calls come whole and their ids have a form of their own.

Source: the Mistral API reference, "Chat completion" and "Reasoning"; the checks of ids and roles are those of its
`mistral-common` library.
"""

from __future__ import annotations

import re
from typing import Any

from loopwright.testing.model_server_script import (
    Counted,
    Failure,
    Received,
    Reply,
    ScriptedCall,
    arguments,
    pieces,
)

Body = dict[str, Any]
CREATED = 1_760_000_000
_ID = re.compile(r"[a-zA-Z0-9]{9}")


def events(reply: Reply, request: Received, counted: Counted) -> list[tuple[str, Body | str]]:
    """Return the stream as (event name, data): no names, the count of tokens in the last chunk, then [DONE]."""
    deltas: list[Body] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": [_thought(piece)]} for piece in pieces(reply.reasoning, reply.piece)]
    deltas += [{"content": piece} for piece in pieces(reply.text, reply.piece)]
    if reply.calls:
        deltas.append({"content": "", "tool_calls": _calls(reply, request)})
    chunks = [_chunk(request, _choice("delta", delta, None)) for delta in deltas]
    ending = _chunk(request, _choice("delta", {"content": ""}, _finish(reply)))
    chunks.append({**ending, "usage": _usage(counted)} if reply.usage else ending)
    return [("", chunk) for chunk in chunks] + [("", "[DONE]")]


def body(reply: Reply, request: Received, counted: Counted) -> Body:
    """Return the answer to a request that does not stream."""
    text: Any = reply.text
    if reply.reasoning:
        text = [_thought(reply.reasoning), {"type": "text", "text": reply.text}]
    message = {"role": "assistant", "content": text, "tool_calls": _calls(reply, request) or None}
    answer = {**_chunk(request, _choice("message", message, _finish(reply))), "object": "chat.completion"}
    return {**answer, "usage": _usage(counted)}


def error(failure: Failure) -> Body:
    """Return the body of an error."""
    kind = "rate_limited" if failure.status == 429 else "invalid_request_error"
    return {"object": "error", "message": failure.message, "type": kind, "param": None, "code": failure.code or "1300"}


def complaint(request: Received) -> str:
    """Return why Mistral would refuse the request with a 400, "" where it would not."""
    owed: list[str] = []
    role = ""
    for message in request.body.get("messages", []):
        if message["role"] == "tool":
            if message.get("tool_call_id") not in owed:
                return "Unexpected tool call id in tool results"
            owed.remove(message["tool_call_id"])
        elif owed:
            return "Not the same number of function calls and responses"
        elif message["role"] == "user" and role == "tool":
            return "Unexpected role 'user' after role 'tool'"
        elif message["role"] == "assistant":
            owed = [call["id"] for call in message.get("tool_calls") or ()]
            if wrong := [each for each in owed if not _ID.fullmatch(each)]:
                return f"Tool call id was {wrong[0]} but must be a-z, A-Z, 0-9, with a length of 9."
        role = message["role"]
    if owed:
        return "Not the same number of function calls and responses"
    return "Expected last role User or Tool for serving but got assistant" if role == "assistant" else ""


def segments(request: Received) -> list[Any]:
    """Return the parts of a request in the order in which a provider's prompt cache reads them."""
    return [request.body.get("tools"), *request.body.get("messages", [])]


def _calls(reply: Reply, request: Received) -> list[Body]:
    return [
        {
            "id": _call_id(call, request, index),
            "index": index,
            "function": {"name": call.tool, "arguments": arguments(call)},
        }
        for index, call in enumerate(reply.calls)
    ]


def _call_id(call: ScriptedCall, request: Received, index: int) -> str:
    return call.id or f"c{request.number:05d}{index:03d}"


def _thought(text: str) -> Body:
    return {"type": "thinking", "thinking": [{"type": "text", "text": text}]}


def _chunk(request: Received, choice: Body) -> Body:
    return {
        "id": f"cmpl-{request.number}",
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": request.body.get("model", ""),
        "choices": [choice],
    }


def _choice(name: str, content: Body, finish: str | None) -> Body:
    return {"index": 0, name: content, "finish_reason": finish}


def _finish(reply: Reply) -> str:
    return reply.stop or ("tool_calls" if reply.calls else "stop")


def _usage(counted: Counted) -> Body:
    return {
        "prompt_tokens": counted.input,
        "completion_tokens": counted.output,
        "total_tokens": counted.input + counted.output,
        "prompt_tokens_details": {"cached_tokens": counted.cached},
    }
