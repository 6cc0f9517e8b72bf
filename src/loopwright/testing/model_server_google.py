"""Gemini: generateContent and streamGenerateContent.

Source: the Gemini API reference, "Generating content", and its guides on function calling and thought signatures.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import msgspec

from loopwright.testing.model_server_script import (
    Counted,
    Failure,
    Received,
    Reply,
    call_id,
    pieces,
)

Body = dict[str, Any]
#: What must come back with the first call of a step, as it was given.
SIGNATURE = b64encode(b"signed by the fake").decode()
_CODES = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
_CODES |= {429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}


def events(reply: Reply, request: Received, counted: Counted) -> list[tuple[str, Body | str]]:
    """Return the stream as (event name, data): no names and no end mark; each part in a chunk of its own."""
    parts: list[Body] = [{"text": piece, "thought": True} for piece in pieces(reply.reasoning, reply.piece)]
    parts += [{"text": piece} for piece in pieces(reply.text, reply.piece)]
    parts += _calls(reply, request)
    chunks = [_chunk(request, [part], None) for part in parts]
    chunks.append(_ended(reply, request, counted, [] if _malformed(reply) else [{"text": ""}]))
    return [("", chunk) for chunk in chunks]


def body(reply: Reply, request: Received, counted: Counted) -> Body:
    """Return the answer to a request that does not stream."""
    parts: list[Body] = [{"text": reply.reasoning, "thought": True}] if reply.reasoning else []
    parts += [{"text": reply.text}] if reply.text else []
    return _ended(reply, request, counted, [*parts, *_calls(reply, request)])


def error(failure: Failure) -> Body:
    """Return the body of an error."""
    status = _CODES.get(failure.status, "UNKNOWN")
    details = []
    if failure.retry_after:
        details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{failure.retry_after}s"}]
    return {"error": {"code": failure.status, "message": failure.message, "status": status, "details": details}}


def complaint(request: Received) -> str:
    """Return why Gemini would refuse the request with a 400, "" where it would not."""
    owed: list[str] = []
    for number, content in enumerate(request.body.get("contents", []), 1):
        parts = content.get("parts") or []
        if not parts:
            return "contents.parts must not be empty"
        calls = [part["functionCall"]["name"] for part in parts if "functionCall" in part]
        answers = [part["functionResponse"]["name"] for part in parts if "functionResponse" in part]
        if sorted(answers) != sorted(owed):
            return (
                "Please ensure that the number of function response parts is equal to the number of function call "
                "parts of the function call turn."
            )
        owed = calls
        first = next((part for part in parts if "functionCall" in part), {"thoughtSignature": ""})
        if "thoughtSignature" not in first:
            return f"Function call is missing a thought_signature in functionCall parts, position {number}"
    return "Please ensure that function call turn comes before a function response turn." if owed else ""


def segments(request: Received) -> list[Any]:
    """Return the parts of a request in the order in which a provider's prompt cache reads them."""
    return [request.body.get("systemInstruction"), request.body.get("tools"), *request.body.get("contents", [])]


def _malformed(reply: Reply) -> bool:
    """Arguments are an object on this wire: what is none never leaves the service."""
    return any(isinstance(call.args, str) and not _is_object(call.args) for call in reply.calls)


def _is_object(text: str) -> bool:
    try:
        return isinstance(msgspec.json.decode(text), dict)
    except msgspec.DecodeError:
        return False


def _calls(reply: Reply, request: Received) -> list[Body]:
    if _malformed(reply):
        return []
    found: list[Body] = []
    for index, call in enumerate(reply.calls):
        given = msgspec.json.decode(call.args) if isinstance(call.args, str) else call.args
        part: Body = {"functionCall": {"id": call_id(call, request, index), "name": call.tool, "args": given}}
        found.append(part if index else {**part, "thoughtSignature": SIGNATURE})
    return found


def _ended(reply: Reply, request: Received, counted: Counted, parts: list[Body]) -> Body:
    finish = "MALFORMED_FUNCTION_CALL" if _malformed(reply) else "MAX_TOKENS" if reply.stop else "STOP"
    chunk = _chunk(request, parts, finish)
    return {**chunk, "usageMetadata": _usage(counted)} if reply.usage else chunk


def _chunk(request: Received, parts: list[Body], finish: str | None) -> Body:
    candidate: Body = {"content": {"role": "model", "parts": parts}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    model = request.path.rpartition("/")[2].partition(":")[0]
    return {"candidates": [candidate], "modelVersion": model, "responseId": f"fake-{request.number}"}


def _usage(counted: Counted) -> Body:
    said = counted.output - counted.reasoning
    return {
        "promptTokenCount": counted.input,
        "cachedContentTokenCount": counted.cached,
        "candidatesTokenCount": said,
        "thoughtsTokenCount": counted.reasoning,
        "totalTokenCount": counted.input + counted.output,
    }
