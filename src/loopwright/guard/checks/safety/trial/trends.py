"""Whether the comparisons that could end a loop or a recursion come nearer to doing so."""

from __future__ import annotations

#: So many turns tell the trend.
ENOUGH = 40
#: A loop that needs more turns than this does not come to its end in a person's time.
HOPELESS = 10**11


class Trend:
    """The differences of the two sides of each comparison, in the order in which they came up."""

    def __init__(self) -> None:
        self.compared: dict[int, list[float]] = {}
        self.blind = False  # something was asked for that is no comparison of numbers
        self.unsure = False  # something that is not known decided

    def note(self, place: int, left: object, right: object) -> None:
        if isinstance(left, (int, float)) and isinstance(right, (int, float)):
            try:
                self.compared.setdefault(place, []).append(float(left) - float(right))
            except OverflowError:
                self.blind = True
        else:
            self.blind = True

    def left(self) -> float:
        """Return how many turns there will still be by the comparison that comes up most, 0 where that is not known."""
        gaps = max(self.compared.values(), key=len, default=[])
        speed = abs(gaps[-2]) - abs(gaps[-1]) if len(gaps) > 1 else 0.0
        return abs(gaps[-1]) / speed if speed > 0 else 0.0

    def hopeless(self) -> bool:
        """True where none of the comparisons comes nearer to its turn, or one would only after ages."""
        known = [gaps for gaps in self.compared.values() if len(gaps) >= ENOUGH]
        if self.blind or not known or len(known) < len(self.compared):
            return False
        return all(_hopeless(gaps) for gaps in known)


def _hopeless(gaps: list[float]) -> bool:
    half = len(gaps) // 2
    early, late = [abs(g) for g in gaps[half // 2 : half]], [abs(g) for g in gaps[half:]]
    if min(late) >= max(early):
        return True
    speed = (early[0] - late[-1]) / max(1, len(gaps) - half // 2)
    return speed > 0 and late[-1] / speed > HOPELESS
