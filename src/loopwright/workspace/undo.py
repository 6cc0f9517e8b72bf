"""Taking a promotion back, with nothing but the directory and the address that the promotion left."""

from __future__ import annotations

from collections.abc import Sequence

import anyio.to_thread

from loopwright.core.checks import Promotion
from loopwright.core.ports import Blobs
from loopwright.workspace.landing import land
from loopwright.workspace.promotion import load_undo, record


async def undo(root: str, address: str, blobs: Blobs) -> Promotion:
    """Restore what a promotion replaced, byte for byte; the result's own `undo` does it again.

    All or nothing: where a file was changed since, it is named in `conflicts` and nothing is restored.
    Raises WorkspaceError, with the tree as it was, where it cannot be restored.
    """
    return await anyio.to_thread.run_sync(undo_now, root, address, blobs)


async def undo_all(root: str, addresses: Sequence[str], blobs: Blobs) -> list[Promotion]:
    """Undo several promotions, the latest first: all or none.

    Where a file of one was changed since, the others are done again, and the result is that one with its `conflicts`.
    """
    done: list[Promotion] = []
    for address in addresses:
        back = await undo(root, address, blobs)
        if back.conflicts:
            for again in reversed(done):
                await undo(root, again.undo, blobs)
            return [back]
        done.append(back)
    return done


def undo_now(root: str, address: str, blobs: Blobs) -> Promotion:
    """As undo, without an event loop."""
    kept = load_undo(address, blobs)
    landed = land(root, kept.steps, blobs, kept.prune, kept.make)
    return record(landed, kept.after, kept.before, blobs)
