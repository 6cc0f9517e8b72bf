"""The engine's own todo list."""

from __future__ import annotations

import msgspec

from loopwright.core.calls import Effect, TodoItem, ToolResult
from loopwright.core.errors import ToolFailure
from loopwright.core.ports import ToolContext
from loopwright.tools.description import description


class PlanArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: tuple[TodoItem, ...]


class Plan:
    """`plan {items: [{text, status}]}`."""

    name = "plan"
    effect = Effect.NONE
    args = PlanArgs

    def __init__(self) -> None:
        self.description = description("plan")

    async def run(self, args: PlanArgs, ctx: ToolContext) -> ToolResult:
        """Raises ToolFailure where an item is empty or more than one is in progress."""
        active = [item.text for item in args.items if item.status == "in_progress"]
        if len(active) > 1:
            raise ToolFailure(f"{len(active)} items are in_progress: keep one, the others pending or completed")
        if any(not item.text.strip() for item in args.items):
            raise ToolFailure("an item has no text")
        done = sum(item.status == "completed" for item in args.items)
        now = f"; now: {active[0]}" if active else ""
        return ToolResult(ctx.call, True, f"{done} of {len(args.items)} done{now}", todo=args.items)
