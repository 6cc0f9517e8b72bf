"""What a model thinks of rules that no check can hold: an opinion, which warns and proves nothing."""

from __future__ import annotations

from loopwright.core.calls import Tokens
from loopwright.core.fact import Fact


class Opinion(Fact, frozen=True):
    """One rule, by its place among those asked about, and whether the change keeps it."""

    rule: int
    kept: bool
    reason: str = ""
    file: str = ""
    line: int = 0


class Opinions(Fact, frozen=True):
    """All opinions on one change, the model that has them, and what they cost."""

    model: str
    opinions: tuple[Opinion, ...] = ()
    tokens: Tokens = Tokens()
