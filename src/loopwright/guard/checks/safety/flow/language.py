"""What a language calls things."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.values import Value

#: Judges a call in the flow that it is given, and returns what the call gives where that is known.
Handler = Callable[[Any, Called], Value | None]
#: Judges a text that a program holds: language, text, line, depth.
Judge = Callable[[str, str, int, int], None]


class Language:
    """What a language calls things: effects of calls by dotted name and by method name, values of attributes."""

    def __init__(
        self,
        name: str,
        effects: Mapping[str, Handler],
        methods: Mapping[str, Handler],
        attributes: Callable[[Value, str], Value | None],
        canonical: Callable[[str], str],
        hoists: bool,
    ) -> None:
        self.name = name
        self.effects = effects
        self.methods = methods
        #: The names of effects, and of what they belong to.
        self.owners = {
            ref[:end] for ref in effects for end in (len(ref), *(m.start() for m in re.finditer(r"\.|\(", ref)))
        }
        self.attributes = attributes
        self.canonical = canonical
        self.hoists = hoists  # an assignment in a function may be to a name outside of it
