"""One request to a model and its streamed answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ThinkingPart,
    ThinkingPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.tools import ToolDefinition

from loopwright.core.calls import Delta, ToolSpec
from loopwright.core.errors import BadProposal
from loopwright.core.ports import Emit
from loopwright.engines.llm.connect import Connection

#: Characters of one answer: ten times what any model writes in one go.
LONGEST = 2_000_000


class Incomplete(Exception):
    """The stream ended before the answer did."""


def parameters(tools: Sequence[ToolSpec]) -> ModelRequestParameters:
    """Return the tools as the provider is told of them."""
    definitions = [
        ToolDefinition(name=tool.name, description=tool.description, parameters_json_schema=dict(tool.schema))
        for tool in tools
    ]
    return ModelRequestParameters(function_tools=definitions)


async def ask(
    connection: Connection, messages: list[ModelMessage], wanted: ModelRequestParameters, emit: Emit
) -> ModelResponse:
    """Return the whole answer, its text and reasoning emitted as they come.

    Raises what the provider library raises (see `trouble.judge`), Incomplete for a stream that broke off without a
    word, and BadProposal for an endless answer.
    """
    received = 0
    opening = model_request_stream(
        connection.model,
        connection.wire.tail(messages) if connection.wire else messages,
        model_request_parameters=wanted,
        model_settings=connection.settings,
        instrument=False,
    )
    async with opening as stream:
        async for event in stream:
            received += _show(event, emit)
            if received > LONGEST:
                raise BadProposal(f"Your answer was longer than {LONGEST} characters and was stopped. Be brief.")
    response = stream.get()
    ended = "finish_reason" in (response.provider_details or {})  # the provider's own; the library makes one up
    if not ended and response.finish_reason != "content_filter":
        raise Incomplete("the stream ended before the answer did")
    if connection.wire:
        connection.wire.keep()
    return response


def _show(event: ModelResponseStreamEvent, emit: Emit) -> int:
    """Emit what an event adds to the answer, and return its characters."""
    new: Any = None
    if isinstance(event, PartStartEvent):
        new = event.part
    elif isinstance(event, PartDeltaEvent):
        new = event.delta
    match new:
        case TextPart(content=text) | TextPartDelta(content_delta=text) if text:
            emit(Delta("text", text))
        case ThinkingPart(content=text) | ThinkingPartDelta(content_delta=text) if text:
            emit(Delta("reasoning", text))
        case ToolCallPart(args=args) | ToolCallPartDelta(args_delta=args) if args:
            text = args if isinstance(args, str) else str(args)
        case _:
            return 0
    return len(text)
