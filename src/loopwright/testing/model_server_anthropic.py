"""Anthropic Messages.

Source: the Anthropic API reference, "Messages" and "Streaming messages".
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

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
NOTHING = Counted(input=0, cached=0, output=0, reasoning=0)
_ID = re.compile(r"[a-zA-Z0-9_-]+")
SIGNATURE = "c2lnbmVkLWJ5LXRoZS1mYWtl"  # what must come back with the thinking it signs


def events(reply: Reply, request: Received, counted: Counted) -> list[tuple[str, Body | str]]:
    """Return the stream as (event name, data)."""
    start = {**_message(request, counted), "content": [], "stop_reason": None}
    start["usage"] = {**_usage(counted if reply.usage else NOTHING), "output_tokens": int(reply.usage)}
    stream: list[Body] = [{"type": "message_start", "message": start}, {"type": "ping"}]
    for index, (opening, deltas) in enumerate(_blocks(reply, request)):
        stream.append({"type": "content_block_start", "index": index, "content_block": opening})
        stream += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        stream.append({"type": "content_block_stop", "index": index})
    ending = {"stop_reason": _stop(reply), "stop_sequence": None}
    usage = {"output_tokens": counted.output if reply.usage else 0}
    stream += [{"type": "message_delta", "delta": ending, "usage": usage}, {"type": "message_stop"}]
    return [(event["type"], event) for event in stream]


def body(reply: Reply, request: Received, counted: Counted) -> Body:
    """Return the answer to a request that does not stream."""
    content: list[Body] = []
    if reply.reasoning:
        content.append({"type": "thinking", "thinking": reply.reasoning, "signature": SIGNATURE})
    if reply.text:
        content.append({"type": "text", "text": reply.text})
    for index, call in enumerate(reply.calls):
        given = msgspec.json.decode(arguments(call))
        content.append({"type": "tool_use", "id": call_id(call, request, index), "name": call.tool, "input": given})
    return {**_message(request, counted), "content": content, "stop_reason": _stop(reply)}


def error(failure: Failure) -> Body:
    """Return the body of an error."""
    kinds = {400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error"}
    kinds |= {429: "rate_limit_error", 529: "overloaded_error"}
    kind = kinds.get(failure.status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": failure.message}, "request_id": "req_fake"}


def complaint(request: Received) -> str:
    """Return why Anthropic would refuse the request with a 400, "" where it would not."""
    if not isinstance(request.body.get("max_tokens"), int):
        return "max_tokens: Field required"
    owed: set[str] = set()
    for message in request.body.get("messages", []):
        blocks = message["content"] if isinstance(message["content"], list) else []
        answered = {b["tool_use_id"] for b in blocks if b["type"] == "tool_result"}
        if owed - answered:
            return "`tool_use` ids were found without `tool_result` blocks immediately after"
        if answered - owed:
            return "unexpected `tool_use_id` found in `tool_result` blocks"
        if any(b["type"] == "thinking" and b.get("signature") != SIGNATURE for b in blocks):
            return "Invalid `signature` in `thinking` block"
        owed = {b["id"] for b in blocks if b["type"] == "tool_use"}
        if any(not _ID.fullmatch(identity) for identity in owed):
            return "tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"
    return "`tool_use` ids were found without `tool_result` blocks immediately after" if owed else ""


def segments(request: Received) -> list[Any]:
    """Return the parts of a request in the order in which a provider's prompt cache reads them."""
    return [request.body.get("tools"), request.body.get("system"), *map(_uncached, request.body.get("messages", []))]


def _uncached(message: Body) -> Body:
    """A message without its cache marks: they move, and are no part of what is cached."""
    if not isinstance(message["content"], list):
        return {**message, "content": [{"type": "text", "text": message["content"]}]}
    bare = [{k: v for k, v in block.items() if k != "cache_control"} for block in message["content"]]
    return {**message, "content": bare}


def _blocks(reply: Reply, request: Received) -> list[tuple[Body, list[Body]]]:
    blocks: list[tuple[Body, list[Body]]] = []
    if reply.reasoning:
        thought = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(reply.reasoning, reply.piece)]
        signed = {"type": "signature_delta", "signature": SIGNATURE}
        blocks.append(({"type": "thinking", "thinking": "", "signature": ""}, [*thought, signed]))
    if reply.text:
        said = [{"type": "text_delta", "text": piece} for piece in pieces(reply.text, reply.piece)]
        blocks.append(({"type": "text", "text": ""}, said))
    for index, call in enumerate(reply.calls):
        opening = {"type": "tool_use", "id": call_id(call, request, index), "name": call.tool, "input": {}}
        given = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces(arguments(call), reply.piece)]
        blocks.append((opening, [{"type": "input_json_delta", "partial_json": ""}, *given]))
    return blocks


def _message(request: Received, counted: Counted) -> Body:
    return {
        "id": f"msg_{request.number}",
        "type": "message",
        "role": "assistant",
        "model": request.body.get("model", ""),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": _usage(counted),
    }


def _stop(reply: Reply) -> str:
    if reply.stop:
        return "max_tokens"
    return "tool_use" if reply.calls else "end_turn"


def _usage(counted: Counted) -> Body:
    return {
        "input_tokens": counted.input - counted.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": counted.cached,
        "output_tokens": counted.output,
    }
