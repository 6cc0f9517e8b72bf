"""Change files: an exact replacement, or a patch over several files."""

from __future__ import annotations

import msgspec

from loopwright.core.calls import Effect, ToolResult
from loopwright.core.errors import ToolFailure
from loopwright.core.patch import AddFile, DeleteFile, Section, UpdateFile, parse
from loopwright.core.ports import ToolContext, Workspace
from loopwright.tools.changeset import Changeset
from loopwright.tools.description import description
from loopwright.tools.document import Document, binary, decode
from loopwright.tools.hunks import apply_hunks
from loopwright.tools.place import existing, load, relative
from loopwright.tools.replace import replace


class EditArgs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    path: str | msgspec.UnsetType = msgspec.UNSET
    old: str | msgspec.UnsetType = msgspec.UNSET
    new: str | msgspec.UnsetType = msgspec.UNSET
    all: bool = False
    patch: str | msgspec.UnsetType = msgspec.UNSET


class Edit:
    """`edit {path, old, new, all?}` or `edit {patch}`."""

    name = "edit"
    effect = Effect.WRITE
    args = EditArgs

    def __init__(self) -> None:
        self.description = description("edit")

    async def run(self, args: EditArgs, ctx: ToolContext) -> ToolResult:
        """Raises ToolFailure, with no file changed, where the edit does not fit."""
        if isinstance(args.patch, str):
            if isinstance(args.old, str) or isinstance(args.new, str):
                raise ToolFailure("give either path, old and new, or patch, not both")
            return _patch(args.patch, ctx)
        if not (isinstance(args.path, str) and isinstance(args.old, str) and isinstance(args.new, str)):
            raise ToolFailure("edit needs path, old and new, or patch")
        return _replace(args.path, args.old, args.new, args.all, ctx)


def _replace(given: str, old: str, new: str, everywhere: bool, ctx: ToolContext) -> ToolResult:
    path = relative(ctx.workspace, given)
    document = load(ctx.workspace.files, path)
    made = replace(document, path, old, new, everywhere)
    changes = Changeset(ctx.workspace.files)
    changes.put(path, document.having(made.text).encode())
    many = len(made.lines)
    changes.remarks.append(f"{many} places" if many > 1 else f"at line {made.lines[0]}")
    return changes.apply(ctx.call)


def _patch(text: str, ctx: ToolContext) -> ToolResult:
    changes = Changeset(ctx.workspace.files)
    for section in parse(text):
        _plan(section, changes, ctx.workspace)
    return changes.apply(ctx.call)


def _plan(section: Section, changes: Changeset, workspace: Workspace) -> None:
    path = relative(workspace, section.path)
    match section:
        case AddFile(content=content):
            changes.put(path, Document(content).encode())
        case DeleteFile():
            _planned(changes, workspace, path)
            changes.remove(path)
        case UpdateFile(hunks=hunks, to=to):
            data = _planned(changes, workspace, path)
            if hunks:
                if kind := binary(data):
                    raise ToolFailure(f"{path} is binary ({kind}): a patch changes text")
                document = decode(data)
                lines, remarks = apply_hunks(document, path, hunks)
                changes.remarks += remarks
                data = document.having(lines).encode()
            if to:
                changes.move(path, relative(workspace, to), data)
            else:
                changes.put(path, data)


def _planned(changes: Changeset, workspace: Workspace, path: str) -> bytes:
    data = changes.get(path)
    if data is None:
        existing(workspace.files, path)
        raise ToolFailure(f"no such file: {path} (deleted or moved earlier in this patch)")
    return data
