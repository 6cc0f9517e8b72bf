"""From checkpoints to steps on the user's tree and back: what may land, and the record that undoes it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from loopwright.core.checks import Promotion, Ref
from loopwright.core.errors import WorkspaceError
from loopwright.core.ports import Blobs
from loopwright.workspace.content import pieces_of
from loopwright.workspace.journal import Directory, Step
from loopwright.workspace.landing import Landed
from loopwright.workspace.layer import Layer
from loopwright.workspace.names import is_cache, is_git, to_text
from loopwright.workspace.tree import Item, same

_BARE = frozenset({b"HEAD", b"objects", b"refs"})


class Undo(msgspec.Struct, frozen=True, tag="undo"):
    """What takes a landing back: `before` and `after` name the checkpoints that the tree stood at."""

    before: Ref
    after: Ref
    steps: tuple[Step, ...]
    prune: tuple[bytes, ...]
    make: tuple[Directory, ...]


def refuse(root: str, path: bytes, target: Item | None, blobs: Blobs) -> None:
    """Raises WorkspaceError for what must never land: repository metadata, set-id bits, links that leave."""
    name = to_text(path)
    if is_git(path):
        raise WorkspaceError(f"{name} is repository metadata: nothing was applied")
    if target is not None and target.mode & 0o6000:
        raise WorkspaceError(f"{name} has a set-user-id or set-group-id bit: nothing was applied")
    if target is not None and target.kind == "l":
        text = os.fsdecode(b"".join(pieces_of(target, blobs)))
        where = os.path.normpath(Path(root, os.fsdecode(path)).parent / text)
        if where != root and not where.startswith(root.rstrip("/") + "/"):
            raise WorkspaceError(f"{name} is a link that leaves the workspace: nothing was applied")


def refuse_repositories(steps: Iterable[Step], base: Mapping[bytes, Item]) -> None:
    """Raises WorkspaceError for a directory that git would take for a repository and that was none before.

    Git runs what its configuration names wherever it finds HEAD, objects and refs together (is_git_directory in git's
    setup.c).
    """
    written = {step.path: step.target for step in steps}
    for path, target in written.items():
        above, _, name = path.rpartition(b"/")
        if target is None or name not in (b"HEAD", b"config"):
            continue
        head = above + b"/" if above else b""
        there = {p[len(head) :].split(b"/", 1)[0] for p in (*base, *written) if p.startswith(head)}
        if there >= _BARE:
            raise WorkspaceError(f"{to_text(path)} would be git's in a repository: nothing was applied")


def plan(
    before: Mapping[bytes, Item | None],
    after: Mapping[bytes, Item | None],
    base_before: Mapping[bytes, Item],
    base_after: Mapping[bytes, Item],
    kept: Mapping[bytes, Item],
) -> list[Step]:
    """The steps from what was landed last to a checkpoint; both given as changes over their base.

    `kept` are items of the base that say where their content is.
    """
    steps: list[Step] = []
    for path in sorted({*before, *after}):
        expect = before[path] if path in before else base_before.get(path)
        target = after[path] if path in after else base_after.get(path)
        if not same(expect, target):
            known = kept.get(path)
            steps.append(Step(path, known if known and same(known, expect) else expect, target))
    return steps


def prunable(steps: list[Step], layer: Layer) -> tuple[bytes, ...]:
    """The directories that a view no longer has, above the files it removed."""
    gone = {path for path, entry in layer.items() if entry.kind != "d"}
    found: set[bytes] = set()
    for step in steps:
        parts = step.path.split(b"/") if step.target is None else []
        above = [b"/".join(parts[:depth]) for depth in range(1, len(parts))]
        for depth, directory in enumerate(above):
            if directory in gone or (directory not in layer and any(a in found for a in above[:depth])):
                found.add(directory)
    return tuple(sorted(found))


def record(landed: Landed, before: Ref, after: Ref, blobs: Blobs) -> Promotion:
    """Keep what takes the landing back and return what is shown of it."""
    undo = ""
    if landed.applied:
        kept = Undo(before, after, landed.back, landed.made, landed.removed)
        undo = blobs.put(msgspec.msgpack.encode(kept))
    return Promotion(
        ref=after,
        applied=tuple(to_text(path) for path in landed.applied if not is_cache(path)),
        conflicts=tuple(to_text(path) for path in landed.conflicts),
        undo=undo,
    )


def load_undo(address: str, blobs: Blobs) -> Undo:
    """Raises StoreError where it is not kept, WorkspaceError where it is no record of a promotion."""
    try:
        return msgspec.msgpack.decode(blobs.get(address), type=Undo)
    except msgspec.MsgspecError:
        raise WorkspaceError(f"{address[:12]} is not what undoes a promotion") from None
