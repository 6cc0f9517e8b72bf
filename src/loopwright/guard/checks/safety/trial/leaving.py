"""How control leaves the place that a trial is at."""

from __future__ import annotations

from typing import Any


class Spent(Exception):
    """The steps that a trial may take are taken."""


class Left(Exception):
    """Control leaves: `kind` is break, continue, return, raise or exit."""

    def __init__(self, kind: str, value: Any = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.value = value


class Doubt(Exception):
    """What is unknown decides whether the loop around ends."""
