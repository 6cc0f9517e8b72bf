"""Put a question to the person."""

from __future__ import annotations

import msgspec

from loopwright.core.calls import Effect, ToolResult
from loopwright.core.errors import ToolFailure
from loopwright.core.ports import ToolContext
from loopwright.tools.description import description


class AskArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    question: str


class Ask:
    """`ask {question}`: the policy asks the person before the call runs; the answer is the result."""

    name = "ask"
    effect = Effect.NONE
    args = AskArgs

    def __init__(self) -> None:
        self.description = description("ask")

    async def run(self, args: AskArgs, ctx: ToolContext) -> ToolResult:
        """Raises ToolFailure where the question is empty or there is no answer."""
        if not args.question.strip():
            raise ToolFailure("question is empty")
        if not ctx.answer.strip():
            raise ToolFailure("nobody answered: go on with the safest assumption and say what it was")
        return ToolResult(ctx.call, True, ctx.answer, {"question": args.question})
