"""OpenAI Responses.

Source: the OpenAI API reference, "Responses" and "Streaming events".
"""

from __future__ import annotations

from typing import Any

from loopwright.testing.model_server_chat import CREATED
from loopwright.testing.model_server_chat import error as error
from loopwright.testing.model_server_script import Counted, Received, Reply, ScriptedCall, arguments, call_id, pieces

Body = dict[str, Any]
ENCRYPTED = "ZW5jcnlwdGVkLWJ5LXRoZS1mYWtl"  # the reasoning itself, which only OpenAI can read: it must come back


def events(reply: Reply, request: Received, counted: Counted) -> list[tuple[str, Body | str]]:
    """Return the stream as (event name, data), numbered."""
    opened = _response(request, counted, "in_progress", [])
    stream: list[Body] = [
        {"type": "response.created", "response": opened},
        {"type": "response.in_progress", "response": opened},
    ]
    items: list[Body] = []
    if reply.reasoning:
        stream += _reasoning(reply, request, items)
    if reply.text:
        stream += _text(reply, request, items)
    for index, call in enumerate(reply.calls):
        stream += _call(reply, request, items, call, index)
    status = "incomplete" if reply.stop else "completed"
    closed = _response(request, counted if reply.usage else None, status, items)
    stream.append({"type": f"response.{status}", "response": closed})
    return [(event["type"], {**event, "sequence_number": n}) for n, event in enumerate(stream)]


def body(reply: Reply, request: Received, counted: Counted) -> Body:
    """Return the answer to a request that does not stream."""
    streamed = events(reply, request, counted)[-1][1]
    assert isinstance(streamed, dict)
    return dict(streamed["response"])


def complaint(request: Received) -> str:
    """Return why OpenAI would refuse the request with a 400, "" where it would not."""
    items = request.body.get("input", [])
    if isinstance(items, str):
        return ""
    asked = [i["call_id"] for i in items if i.get("type") == "function_call"]
    answered = [i["call_id"] for i in items if i.get("type") == "function_call_output"]
    for call in answered:
        if call not in asked:
            return f"No tool call found for function call output with call_id {call}."
    for call in asked:
        if call not in answered:
            return f"No tool output found for function call {call}."
    return ""


def segments(request: Received) -> list[Any]:
    """Return the parts of a request in the order in which a provider's prompt cache reads them."""
    items = request.body.get("input", [])
    listed = [items] if isinstance(items, str) else items
    return [request.body.get("tools"), request.body.get("instructions"), *listed]


def _reasoning(reply: Reply, request: Received, items: list[Body]) -> list[Body]:
    at = {"item_id": f"rs_{request.number}", "output_index": len(items), "summary_index": 0}
    bare = {"id": at["item_id"], "type": "reasoning", "summary": []}
    part = {"type": "summary_text", "text": reply.reasoning}
    whole = {**bare, "summary": [part]}
    if "reasoning.encrypted_content" in (request.body.get("include") or ()):
        whole["encrypted_content"] = ENCRYPTED
    items.append(whole)
    name = "response.reasoning_summary"
    return [
        {"type": "response.output_item.added", "output_index": at["output_index"], "item": bare},
        {"type": f"{name}_part.added", **at, "part": {"type": "summary_text", "text": ""}},
        *({"type": f"{name}_text.delta", **at, "delta": p} for p in pieces(reply.reasoning, reply.piece)),
        {"type": f"{name}_text.done", **at, "text": reply.reasoning},
        {"type": f"{name}_part.done", **at, "part": part},
        {"type": "response.output_item.done", "output_index": at["output_index"], "item": whole},
    ]


def _text(reply: Reply, request: Received, items: list[Body]) -> list[Body]:
    at = {"item_id": f"msg_{request.number}", "output_index": len(items), "content_index": 0}
    bare = {"id": at["item_id"], "type": "message", "status": "in_progress", "role": "assistant", "content": []}
    empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    part = {**empty, "text": reply.text}
    items.append({**bare, "status": "completed", "content": [part]})
    name = "response.output_text"
    return [
        {"type": "response.output_item.added", "output_index": at["output_index"], "item": bare},
        {"type": "response.content_part.added", **at, "part": empty},
        *({"type": f"{name}.delta", **at, "delta": p, "logprobs": []} for p in pieces(reply.text, reply.piece)),
        {"type": f"{name}.done", **at, "text": reply.text, "logprobs": []},
        {"type": "response.content_part.done", **at, "part": part},
        {"type": "response.output_item.done", "output_index": at["output_index"], "item": items[-1]},
    ]


def _call(reply: Reply, request: Received, items: list[Body], call: ScriptedCall, index: int) -> list[Body]:
    at = {"item_id": f"fc_{request.number}_{index}", "output_index": len(items)}
    bare = {
        "id": at["item_id"],
        "type": "function_call",
        "status": "in_progress",
        "call_id": call_id(call, request, index),
        "name": call.tool,
        "arguments": "",
    }
    items.append({**bare, "status": "completed", "arguments": arguments(call)})
    name = "response.function_call_arguments"
    done = {"arguments": arguments(call), "name": call.tool}
    return [
        {"type": "response.output_item.added", "output_index": at["output_index"], "item": bare},
        *({"type": f"{name}.delta", **at, "delta": p} for p in pieces(arguments(call), reply.piece)),
        {"type": f"{name}.done", **at, **done},
        {"type": "response.output_item.done", "output_index": at["output_index"], "item": items[-1]},
    ]


def _response(request: Received, counted: Counted | None, status: str, items: list[Body]) -> Body:
    return {
        "id": f"resp_{request.number}",
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
        "instructions": request.body.get("instructions"),
        "metadata": {},
        "model": request.body.get("model", ""),
        "output": items,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": request.body.get("tools") or [],
        "top_p": 1.0,
        "usage": None if status == "in_progress" or counted is None else _usage(counted),
    }


def _usage(counted: Counted) -> Body:
    return {
        "input_tokens": counted.input,
        "input_tokens_details": {"cached_tokens": counted.cached},
        "output_tokens": counted.output,
        "output_tokens_details": {"reasoning_tokens": counted.reasoning},
        "total_tokens": counted.input + counted.output,
    }
