"""What a condition gives is decided from outside: always, never, the other way round, at one turn or from one on.

The edited source asks `__forced__(condition)`; the condition itself is evaluated as ever.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loopwright.inside import repair_worker
else:
    import repair_worker

NAME = "__forced__"
_turn = [0]


def begin(plan: list[Any]) -> None:
    """From here on conditions give what the plan says: how, and at which turn of a test."""
    how, at = plan
    ways: dict[str, Callable[[Any, int], Any]] = {
        "true": lambda value, turn: True,
        "false": lambda value, turn: False,
        "not": lambda value, turn: not value,
        "at": lambda value, turn: not value if turn == at else value,
        "from": lambda value, turn: not value if turn >= at else value,
        "until": lambda value, turn: not value if turn < at else value,
    }
    give = ways[how]
    _turn[0] = 0

    def forced(value: Any) -> Any:
        turn, _turn[0] = _turn[0], _turn[0] + 1
        return give(value, turn)

    setattr(builtins, NAME, forced)


def tell(line: repair_worker.Line) -> None:
    """Say how often the condition was evaluated."""
    line.write(f"[-1, {_turn[0]}]")
