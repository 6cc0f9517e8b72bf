"""What a recogniser makes of a statement, before it has a file and an id."""

from __future__ import annotations

import msgspec

from loopwright.core.fact import JsonValue
from loopwright.core.rules import Level, Status


class Rule(msgspec.Struct, frozen=True):
    """A compiled rule. `level` None leaves it to the sentence's modality."""

    kind: str
    params: dict[str, JsonValue] = {}
    status: Status = "enforced"
    why: str = ""
    level: Level | None = None
    text: str = ""  # the part of the sentence it came from, where that is not the whole


def judged(why: str = "its fulfilment is a matter of judgement: told to the model, not checked") -> Rule:
    """Return the rule for what only a reader can judge."""
    return Rule("judge", {}, "advised", why, level="warn")


def advice(why: str = "advice or information, no rule to check: told to the model") -> Rule:
    """Return the rule for what prescribes nothing that could be checked."""
    return Rule("advice", {}, "advised", why, level="warn")
