"""A provider's answer as a Proposal."""

from __future__ import annotations

import msgspec
from pydantic_ai.messages import ModelResponse, TextPart, ThinkingPart, ToolCallPart

from loopwright.core.calls import Proposal, ToolCall
from loopwright.core.errors import BadProposal, EngineError
from loopwright.core.fact import JsonValue


def to_proposal(response: ModelResponse) -> Proposal:
    """Return what the answer proposes; no tool call is a claim of being done.

    Raises BadProposal where it is empty, cut off, unreadable, or calls a tool with arguments that are not a JSON
    object, and EngineError where the provider withheld it.
    """
    text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
    thinking = "\n\n".join(p.content for p in response.parts if isinstance(p, ThinkingPart) and p.content)
    if response.finish_reason == "content_filter":
        raise EngineError(f"the provider withheld the answer (content filter): {text[:200]}".rstrip(" :"))
    if response.finish_reason == "length":
        raise BadProposal("Your answer was cut off at the output limit. Take smaller steps: one call, shorter text.")
    calls = tuple(_call(part) for part in response.parts if isinstance(part, ToolCallPart))
    if not calls and response.finish_reason == "error":  # Gemini hands out no call that it cannot read itself
        why = (response.provider_details or {}).get("finish_reason", "error")
        raise BadProposal(
            f"Your answer could not be read ({why}): the arguments of a call must be a JSON object; yours were not "
            "valid JSON, or named no tool. Nothing was run. Call again."
        )
    if not calls and not text.strip():
        raise BadProposal("Your answer was empty. Call a tool, or say what you did if the request is met.")
    return Proposal(text=text, calls=calls, done=not calls, thinking=thinking)


def _call(part: ToolCallPart) -> ToolCall:
    return ToolCall(id="", tool=part.tool_name, args=_arguments(part), provider_id=part.tool_call_id)


def _arguments(part: ToolCallPart) -> dict[str, JsonValue]:
    if not part.args:
        return {}
    try:
        args = msgspec.json.decode(part.args) if isinstance(part.args, str) else part.args
    except msgspec.DecodeError as error:
        raise BadProposal(
            f"The arguments of your call to {part.tool_name} are not valid JSON ({error}). Nothing was run. Call again."
        ) from None
    if not isinstance(args, dict):
        raise BadProposal(f"The arguments of your call to {part.tool_name} must be a JSON object. Call again.")
    return args
