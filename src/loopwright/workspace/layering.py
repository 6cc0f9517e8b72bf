"""Between layers and trees: what an upper layer changes, and the layer that gives a certain tree."""

from __future__ import annotations

from collections.abc import Mapping

from loopwright.core.checks import Ref
from loopwright.core.errors import WorkspaceError
from loopwright.workspace.ground import Ground
from loopwright.workspace.layer import WHITEOUT, Entry, Layer
from loopwright.workspace.membership import Membership
from loopwright.workspace.names import parents, to_path, to_text
from loopwright.workspace.tree import Changes, Item, Tree, same


def hides(layer: Layer, tree: Tree) -> set[bytes]:
    """The tree's files that an upper layer covers or removes."""
    hidden: set[bytes] = set()
    for path, entry in layer.items():
        if path in tree.items:
            hidden.add(path)
        if entry.kind != "d" or entry.opaque:
            hidden.update(tree.below(path))
    return hidden


def changes_of(layer: Layer, below: Changes, ground: Ground, membership: Membership) -> Changes:
    """What a view changes in the tracked and unignored files of the base.

    `below` is what the tree under the view already changes: what was promoted before the view was made.
    """
    tree = ground.tree
    files = {path: entry.item for path, entry in layer.items() if entry.item is not None}
    rules_changed = membership.changed_rules(layer)
    hidden = hides(layer, tree)
    changes = {path: item for path, item in below.items() if path not in layer and not _hidden_by(layer, path)}
    changes |= dict.fromkeys(hidden)
    for path in membership.members(files, tree, rules_changed):
        changes[path] = files[path]
    if rules_changed:
        every = membership.unignored()
        changes |= dict.fromkeys(path for path in tree.paths if path not in every)
        new = [path for path in every if path not in tree.items and path not in files]
        covered = {path for path in new if any(_covers(layer.get(above)) for above in (path, *parents(path)))}
        changes |= ground.read(path for path in new if path not in covered)
    return {path: item for path, item in changes.items() if not same(item, tree.items.get(path))}


def _covers(entry: Entry | None) -> bool:
    return entry is not None and (entry.kind != "d" or entry.opaque)


def pins(layer: Layer, tree: Tree, now: dict[bytes, Item], ground: Ground) -> Layer:
    """What must be added to a layer because the user's tree below it is no longer the layer's base."""
    hidden = hides(layer, tree)
    added: Layer = {}
    for path in {*now, *tree.items}:
        want = tree.items.get(path)
        if path in layer or path in hidden or same(now.get(path), want) or _hidden_by(layer, path):
            continue
        if want is None:
            added[path] = WHITEOUT
        elif ground.has_content(want):
            added[path] = entry_of(want)
    return added


def _hidden_by(layer: Layer, path: bytes) -> bool:
    return any(_covers(layer.get(above)) for above in parents(path))


def entry_of(item: Item) -> Entry:
    """The entry that puts an item into a layer."""
    return Entry(item.kind, item.mode & 0o777, item)


def layer_for_fresh(ref: Ref, patch: Mapping[str, bytes | None], now: dict[bytes, Item], ground: Ground) -> Layer:
    """The layer that makes the user's tree exactly ref's, caches masked, `patch` laid over.

    Raises WorkspaceError where content that the tree needs is not kept.
    """
    tree, delta = ground.load(ref)
    want = tree.apply(delta.after)
    layer: Layer = dict.fromkeys(ground.caches(), WHITEOUT)
    for path, entry in delta.layer:
        if _covers(entry) and any(True for _ in tree.below(path)):
            layer[path] = Entry("d", entry.mode, None, True) if entry.kind == "d" else WHITEOUT
    for path in now.keys() - want.keys():
        layer[path] = WHITEOUT
    kept = {path: after for path, _, after in delta.changes if after is not None}
    for path, item in want.items():
        if not same(now.get(path), item) or path in layer or _hidden_by(layer, path):
            layer[path] = entry_of(kept.get(path, item))
    for name, data in patch.items():
        path = to_path(name, ground.root)
        layer[path] = WHITEOUT if data is None else _patched(data, want.get(path), ground)
    _check_kept(layer, kept, ground)
    return made_room(layer)


def _patched(data: bytes, old: Item | None, ground: Ground) -> Entry:
    mode = old.mode & 0o777 if old is not None and old.kind == "f" else 0o644
    item = Item("f", mode, bytes.fromhex(ground.blobs.put(data)), len(data))
    return entry_of(item)


def made_room(layer: Layer) -> Layer:
    """The same layer, with directories where files lie below a name that hides what was there."""
    room = dict(layer)
    for path, entry in layer.items():
        if entry.kind in ("f", "l"):
            for above in parents(path):
                if above in room and room[above].kind != "d":
                    room[above] = Entry("d", 0o755, None, True)
    return room


def _check_kept(layer: Layer, kept: Mapping[bytes, Item], ground: Ground) -> None:
    asked = [(path, entry.item) for path, entry in layer.items() if entry.item is not None and path not in kept]
    lost = [path for path, item in asked if not ground.has_content(item)]
    if lost:
        names = ", ".join(to_text(path) for path in sorted(lost)[:3])
        raise WorkspaceError(f"{names} changed in {ground.root} while the session ran: run `loopwright resume` again")
