"""Analyses a request without a model: what is stated is taken, nothing is invented."""

from __future__ import annotations

import re
from collections.abc import Mapping

from loopwright.core.expression import expression
from loopwright.core.fact import JsonValue
from loopwright.core.plan import Requirement

_SENTENCE = expression(r"[^.!?\n]+[.!?]?")
_CONSTRAINT = expression(r"\b(must|never|do not|don't|only|without|keep|at most|at least|no more than)\b", re.I)
_MUST_PASS = expression(r"`([^`\n]+)`\s+(?:must|should|has to|have to)\s+(?:pass|succeed|be green|exit 0)", re.I)


def analyse(prompt: str, settings: Mapping[str, JsonValue]) -> Requirement:
    """Return the requirement stated by the prompt and by the session's settings (`tests`, `fix`)."""
    given = settings.get("tests")
    acceptance = [str(c) for c in given] if isinstance(given, list) else []
    acceptance += [c for c in _MUST_PASS.findall(prompt) if c not in acceptance]
    constraints = tuple(s.strip() for s in _SENTENCE.findall(prompt) if _CONSTRAINT.search(s) and len(s) < 400)
    return Requirement(
        goal=prompt.strip(),
        constraints=constraints[:20],
        acceptance=tuple(acceptance),
        tests_may_change=not settings.get("fix"),
    )
