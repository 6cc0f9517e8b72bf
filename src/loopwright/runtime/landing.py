"""When a change reaches the user's tree: once it is proven, or live after each turn."""

from __future__ import annotations

from loopwright.core.checks import Promotion, Ref
from loopwright.core.ports import Workspace
from loopwright.loop.ports import Land


def land_when_proven(workspace: Workspace) -> Land:
    """Return a landing that touches the user's tree only with a proof."""

    async def land(moment: str, ref: Ref) -> Promotion | None:
        return await workspace.promote(ref) if moment == "proof" else None

    return land


def land_live(workspace: Workspace) -> Land:
    """Return a landing that promotes each turn's change as it happens."""
    landed = ""

    async def land(moment: str, ref: Ref) -> Promotion | None:
        nonlocal landed
        if ref.id == landed:
            return None
        promotion = await workspace.promote(ref)
        landed = landed if promotion.conflicts else ref.id
        return promotion

    return land


async def keep_back(moment: str, ref: Ref) -> Promotion | None:
    """A landing for dry runs: nothing reaches the user's tree."""
    return None
