"""Choosing among candidates that pass the tests: the likeliest cure, not the first one found.

Anti-patterns after Tan, Yoshida, Prasad, Roychoudhury, "Anti-patterns in search-based program repair" (2016):
deletions, early exits and conditions made constant pass tests more often than they cure.
"""

from __future__ import annotations

import math

from loopwright.engines.repair.trial import Trial

_BELIEF = 0.4  # power of suspicion among cures: all of them explain the failing tests
_PER_CHARACTER = 0.01
#: Kinds that what stands beside the place calls for, a sibling, a name nobody reads, a step that is missing: they
#: have few edits each, and fit the tests by chance less often than edits that any place allows.
_CALLED_FOR = 0.5
CALLED_FOR = frozenset((
    "fill-part", "sibling-tail", "like-sibling", "same-target", "mirror", "mirror-condition", "pair", "other-way",
    "unread-name", "use-unread", "ask-unread", "not-itself", "remaining", "begin-again", "begin-outer", "first-best",
    "clear", "take-out", "use-up", "undo", "flush", "nested", "as-heap", "count", "turn", "carry-along", "tell",
    "hand-less", "round-up", "augmented", "add-key", "factor", "min-max", "as-long-as",
))  # fmt: skip
_UNREAD = 0.8  # what it costs to leave a local without a reader
ANTI_PATTERNS: dict[str, float] = {
    "delete": 3.0,
    "idle": 3.0,
    "wraps": 1.0,
    "overwrite": 0.7,
    "copy": 1.0,
    "copy-elsewhere": 1.0,
    "flip": 0.5,
    "add-comparison": 0.7,
    "add-bound": 1.0,
    "guard": 2.0,
    "settled": 1.5,
    "only-if": 1.0,
    "add-entry": 0.5,
    "fitted": 0.8,
    "copy-renamed": 0.5,
    "scaled": 0.7,
    "constant-condition": 3.0,
    "return-constant": 2.0,
    "raise-to-return": 2.0,
    "to-none": 1.5,
    "drop-condition": 1.0,
    "other-condition": 0.7,
    "condition-to-name": 0.5,
    "add-condition": 0.5,
    "drop-clause": 1.0,
    "drop-argument": 0.7,
    "exception": 0.3,
    "none-to-string": 1.0,
    "string-other": 0.5,
    "return-value": 0.3,
    "unwrap": 0.3,
    "swap-statements": 0.5,
    "wrap": 1.0,
    "prepare": 0.5,
    "add-subscript": 0.5,
    "off-by-one": 0.5,
}


def rank(trial: Trial) -> float:
    """How likely the candidate is the cure, as a logarithm; larger is better."""
    candidate = trial.candidate
    penalty = ANTI_PATTERNS.get(candidate.edit.operator, 0.0) + _PER_CHARACTER * min(candidate.size, 100)
    penalty += _UNREAD * candidate.unread - _CALLED_FOR * (candidate.edit.operator in CALLED_FOR)
    return math.log(candidate.prior) + _BELIEF * math.log(candidate.suspicion) - penalty


def standing(trial: Trial) -> float:
    """The candidate's standing among rivals where their behaviour was compared, else its rank."""
    return rank(trial) if trial.standing is None else trial.standing


def ordered(trials: list[Trial]) -> list[Trial]:
    """The candidates, the likeliest first."""
    return sorted(trials, key=lambda t: (-standing(t), -rank(t), len(t.candidate.edit.splices), t.candidate.edit.line))


def covers(trials: list[Trial], goal: frozenset[int]) -> list[Trial]:
    """The fewest compatible candidates whose cures cover the goal: one where one does, else greedily; [] if none do."""
    chosen: list[Trial] = []
    left = set(goal)
    pool = ordered(trials)
    while left:
        fitting = [t for t in pool if t.green & left and all(apart(t, other) for other in chosen)]
        if not fitting:
            return []
        best = max(fitting, key=lambda t: (len(t.green & left), standing(t)))
        chosen.append(best)
        left -= best.green
    return chosen


def apart(one: Trial, two: Trial) -> bool:
    """True where both edits can be made."""
    if one.candidate.edit.file != two.candidate.edit.file:
        return True
    for a in one.candidate.edit.splices:
        for b in two.candidate.edit.splices:
            if (a.start < b.end and b.start < a.end) or a.start == b.start:
                return False
    return True
