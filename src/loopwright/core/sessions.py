"""What a list of sessions shows of each."""

from __future__ import annotations

from datetime import datetime

from loopwright.core.fact import Fact


class SessionSummary(Fact, frozen=True):
    """One line of the list: a cache of folds, never read back by the loop. `outcome` is "" while it is open."""

    id: str
    workspace: str
    prompt: str  # the first one, its first 200 characters
    outcome: str
    created: datetime
    updated: datetime
    events: int
    forked_from: str = ""
