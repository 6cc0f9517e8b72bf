"""What of a session stands in the user's tree: the landings that nothing has taken back."""

from __future__ import annotations

from collections.abc import Sequence

from loopwright.core import events as e
from loopwright.core.checks import Promotion
from loopwright.core.events import Event


def before_last_request(events: Sequence[Event]) -> int:
    """The seq before the latest request after which something landed."""
    prompted = 0
    found = 0
    for event in events:
        if isinstance(event.body, e.Prompted):
            prompted = event.seq
        elif isinstance(event.body, e.Promoted) and event.body.promotion.undo:
            found = prompted
        elif isinstance(event.body, e.Restored):
            found = min(found, event.body.to)
    return max(0, found - 1)


def standing_promotions(events: Sequence[Event], to: int) -> list[Promotion]:
    """Promotions after event `to` that no later restore has taken back already."""
    standing: list[tuple[int, Promotion]] = []
    for event in events:
        if isinstance(event.body, e.Promoted) and event.body.promotion.undo:
            standing.append((event.seq, event.body.promotion))
        elif isinstance(event.body, e.Restored) and event.body.promotion is not None:
            back = event.body.to
            standing = [(seq, landed) for seq, landed in standing if seq <= back]
    return [landed for seq, landed in standing if seq > to]
