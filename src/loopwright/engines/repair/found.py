"""What a search found out, so far or at its end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from loopwright.engines.repair.trial import Trial


@dataclass
class Found:
    """What a search found out, so far or at its end."""

    complete: list[Trial] = field(default_factory=list)
    partial: list[Trial] = field(default_factory=list)
    tried: int = 0
    unfit: int = 0  # put last: Python refuses them for the types of what they use
    seconds: float = 0.0
    ends: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    killers: Counter[int] = field(default_factory=Counter)
    by_operator: Counter[str] = field(default_factory=Counter)
    left: int = 0
    first_at: float | None = None
    problem: str = ""
    unconfirmed: str = ""  # how the whole command ended with the likeliest candidate that passed its tests

    def cured(self) -> frozenset[int]:
        """Failing tests that some complete candidate turned green."""
        return frozenset().union(*(trial.green for trial in self.complete))
