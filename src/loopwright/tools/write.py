"""Write a whole file."""

from __future__ import annotations

import msgspec

from loopwright.core.calls import Effect, ToolResult
from loopwright.core.ports import ToolContext
from loopwright.tools.changeset import Changeset
from loopwright.tools.description import description
from loopwright.tools.document import Document
from loopwright.tools.place import relative


class WriteArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    path: str
    content: str


class Write:
    """`write {path, content}`."""

    name = "write"
    effect = Effect.WRITE
    args = WriteArgs

    def __init__(self) -> None:
        self.description = description("write")

    async def run(self, args: WriteArgs, ctx: ToolContext) -> ToolResult:
        """Raises ToolFailure where path is a directory or outside."""
        changes = Changeset(ctx.workspace.files)
        changes.put(relative(ctx.workspace, args.path), Document(args.content).encode())
        return changes.apply(ctx.call)
