"""What a Ref addresses: the base tree, or what a view held over it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from loopwright.core.errors import WorkspaceError
from loopwright.core.ports import Blobs
from loopwright.workspace.layer import Entry, Layer
from loopwright.workspace.tree import Changes, Item, Tree


class Base(msgspec.Struct, frozen=True, tag="base"):
    """The user's tree when the session took it as its base; contents are not kept, only digests."""

    items: tuple[tuple[bytes, Item], ...]


class Delta(msgspec.Struct, frozen=True, tag="delta"):
    """The upper layer, and what it means for the tracked and unignored files: path, before, after."""

    base: str
    layer: tuple[tuple[bytes, Entry], ...]
    changes: tuple[tuple[bytes, Item | None, Item | None], ...]

    @property
    def after(self) -> Changes:
        return {path: after for path, _, after in self.changes}


_decoder = msgspec.msgpack.Decoder(Base | Delta)


def save_base(tree: Tree, blobs: Blobs) -> str:
    """Return the address of a base tree."""
    return blobs.put(msgspec.msgpack.encode(Base(tuple((path, tree.items[path]) for path in tree.paths))))


def save_delta(base: str, layer: Layer, before: Mapping[bytes, Item | None], after: Changes, blobs: Blobs) -> str:
    """Return the address of what a view holds over a base."""
    changes = tuple((path, before.get(path), after[path]) for path in sorted(after))
    delta = Delta(base, tuple(sorted(layer.items(), key=lambda pair: pair[0])), changes)
    return blobs.put(msgspec.msgpack.encode(delta))


def load(address: str, blobs: Blobs) -> Base | Delta:
    """Raises StoreError where it is not kept, WorkspaceError where it is no checkpoint."""
    try:
        record: Base | Delta = _decoder.decode(blobs.get(address))
        return record
    except msgspec.MsgspecError:
        raise WorkspaceError(f"{address[:12]} is no checkpoint of this session: name one of `loopwright log`") from None
