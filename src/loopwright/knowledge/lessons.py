"""Which lessons are worth the engine's attention, and which are worth keeping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import msgspec

from loopwright.core.expression import expression
from loopwright.core.knowledge import OPERATOR, PRIORS, Diagnosis, Lesson
from loopwright.core.plan import Requirement
from loopwright.core.ports import LessonTable
from loopwright.knowledge.priors import factors, judged

#: Lessons put before an engine at once.
SHOWN = 3
#: Weight a lesson must have to be recalled: its share of trials in which it helped, by Laplace's rule of succession,
#: (helped + 1) / (tried + 2), halved for every HALF_LIFE days since it was last tried. One that failed in its first
#: two trials falls below it, one that helped once and is never needed again does so after half a year.
WORTH, HALF_LIFE = 0.34, 180.0
#: Words a lesson must share with a text that has not its fingerprint.
SHARED_WORDS = 2
LONGEST = 600

_WORD = expression(r"[A-Za-z_][A-Za-z0-9_]{3,}")
_COMMON_WORDS = """
this that with from have must should make when then there than test tests tested failing failed failure error fails fail
file files line pass passed passes because into only also does other code command python assert expected value
logic type name runtime syntax import resource environment
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_CONTROL = expression(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def now_utc() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


class Lessons:
    """Implements Recall for one scope, normally the workspace.

    `families` gives the family that each kind of edit is of; `priors` weighs kinds by experience.
    """

    def __init__(
        self,
        table: LessonTable,
        scope: str = "",
        *,
        families: Callable[[], Mapping[str, str]] = dict,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._table = table
        self._scope = scope
        self._families = families
        self._shares: Mapping[str, float] = {}  # what each kind had of the chances in the last search
        self._clock = clock

    async def recall(self, about: Diagnosis | Requirement) -> tuple[Lesson, ...]:
        """Return the lessons of the same failure first, then those that speak of the same things. Raises StoreError."""
        found: list[Lesson] = []
        if isinstance(about, Diagnosis):
            found += self._table.with_fingerprint(about.fingerprint, self._scope, SHOWN * 4)
            text = about.message
        else:
            text = about.goal
        words = _words(text)
        near = self._table.about(sorted(words), self._scope, SHOWN * 4)
        found += [lesson for lesson in near if len(words & _words(lesson.text)) >= SHARED_WORDS]
        now = self._clock()
        worth = {x.id: x for x in found if weight(x, now) >= WORTH and not x.fingerprint.startswith((OPERATOR, PRIORS))}
        return tuple(worth.values())[:SHOWN]

    async def keep(self, lesson: Lesson) -> None:
        """Keep what cured a failure; a lesson without a cure or a fingerprint is not one. Raises StoreError."""
        text = _CONTROL.sub(" ", lesson.text).strip()[:LONGEST]
        if not (text and lesson.fingerprint):
            return
        if lesson.fingerprint.startswith(OPERATOR) and lesson.helped:
            known, opinions = self._table.beginning(OPERATOR), self._table.beginning(PRIORS)
            if opinion := judged(known, self._shares, self._families(), self._scope, lesson, opinions):
                self._table.put(opinion)
        self._table.put(msgspec.structs.replace(lesson, text=text))

    def priors(self, shares: Mapping[str, float]) -> Mapping[str, float]:
        """Return how much likelier than its share each kind of edit is to cure; {} while nothing speaks for that."""
        self._shares = shares
        now = self._clock()
        known = [x for x in self._table.beginning(OPERATOR) if weight(x, now) >= WORTH]
        opinions = self._table.beginning(PRIORS)
        return factors(known, shares, self._families(), self._scope, opinions)


def weight(lesson: Lesson, now: datetime | None = None) -> float:
    """Return how likely a lesson is to help, between 0 and 1; without `now` its age does not count."""
    share = (lesson.helped + 1) / (lesson.tried + 2)
    if now is None or not lesson.used:
        return share
    days = max(0.0, (now - datetime.fromisoformat(lesson.used)).total_seconds() / 86400)
    return float(share * 0.5 ** (days / HALF_LIFE))


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text)) - _COMMON
