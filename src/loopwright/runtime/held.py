"""What a stored session holds, without running it: shown as a change, promoted by hand, or taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path

from loopwright.core import events as e
from loopwright.core.checks import Change, Promotion
from loopwright.core.errors import UsageError
from loopwright.core.ports import Blobs, Workspace
from loopwright.core.project import fold
from loopwright.core.state import State
from loopwright.loop.journal import Journal
from loopwright.runtime.host import Host, project_root
from loopwright.runtime.settings import recall_settings
from loopwright.runtime.standing import before_last_request, standing_promotions
from loopwright.runtime.wire import open_view


async def change(host: Host, session: str) -> tuple[Change, Mapping[str, bytes]]:
    """Return what the session's view changes, and the contents its digests name."""
    with closing(host.store.log(session)) as log:
        state = fold(State(), log.read())
        async with _view(host, state, log.blobs) as view:
            change = await view.change(state.ref)
        names = {name for f in change.files for name in (f.before, f.after) if name}
        return change, {name: log.blobs.get(name) for name in names}


async def apply(host: Host, session: str) -> Promotion:
    """Promote what the session holds, proven or not, and record it. Raises UsageError on a conflict."""
    with closing(host.store.log(session)) as log:
        journal = Journal(log)
        async with _view(host, journal.state, log.blobs) as view:
            landed = await view.promote(journal.state.ref)
        if landed.conflicts:
            names = ", ".join(landed.conflicts[:5])
            raise UsageError(f"you changed the same files meanwhile, nothing was applied: {names}")
        await journal.record(f"applied/{journal.state.seq}", e.Promoted(landed), "user")
        return landed


async def undo(host: Host, session: str, to: int | None = None) -> Promotion:
    """Take back what the session promoted after event `to` (default: after its latest request).

    Files and conversation go back together. Raises UsageError where there is nothing to take back or where
    the user has changed the same files since.
    """
    from loopwright.workspace.undo import undo_all

    with closing(host.store.log(session)) as log:
        journal = Journal(log)
        events = log.read()
        asked, to = to, before_last_request(events) if to is None else to
        standing = standing_promotions(events, to)
        if not standing and (asked is None or to >= journal.state.seq):
            raise UsageError(f"session {session} has nothing in your tree that could be taken back")
        restored: list[str] = []
        root, landed = journal.state.workspace, journal.state.landed or journal.state.base
        for back in await undo_all(root, [promotion.undo for promotion in reversed(standing)], log.blobs):
            if back.conflicts:
                names = ", ".join(back.conflicts[:5])
                raise UsageError(f"you changed these files since, nothing was taken back: {names}")
            restored += back.applied
            landed = back.ref
        ref = fold(State(), (x for x in events if x.seq <= to)).ref
        promotion = Promotion(landed, applied=tuple(dict.fromkeys(restored)))
        await journal.record(f"restored/{journal.state.seq}", e.Restored(to, ref, promotion), "user")
        return promotion


@asynccontextmanager
async def _view(host: Host, state: State, blobs: Blobs) -> AsyncIterator[Workspace]:
    settings = recall_settings(state.settings)
    view = await open_view(
        project_root(Path(state.workspace)), settings, host.hub, blobs, host.env, state.base, state.landed
    )
    try:
        await view.restore(state.ref)
        yield view
    finally:
        await view.aclose()
