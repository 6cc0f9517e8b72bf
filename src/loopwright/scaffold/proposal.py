"""A rule that experience suggests, with what it was learned from. A person decides on it."""

from __future__ import annotations

from collections.abc import Iterable

from loopwright.core.fact import Fact

#: How often a thing must have happened before it is a convention and no accident.
OFTEN = 2


class Proposal(Fact, frozen=True):
    """The rule as a line for AGENTS.md, why, and each event behind it: a commit or a session's event."""

    rule: str
    why: str
    evidence: tuple[str, ...]


def merge(proposals: Iterable[Proposal]) -> tuple[Proposal, ...]:
    """Return each rule once with all its evidence, the best founded first."""
    found: dict[str, Proposal] = {}
    for one in proposals:
        known = found.get(one.rule)
        evidence = (*(known.evidence if known else ()), *one.evidence)
        found[one.rule] = Proposal(one.rule, known.why if known else one.why, tuple(dict.fromkeys(evidence)))
    return tuple(sorted(found.values(), key=lambda p: (-len(p.evidence), p.rule)))
