"""Which lessons are worth the engine's attention, and which are worth keeping."""

from __future__ import annotations

import re

import msgspec

from loopwright.core.knowledge import Diagnosis, Lesson
from loopwright.core.plan import Requirement
from loopwright.core.ports import LessonTable

#: Lessons put before an engine at once.
SHOWN = 3
#: Share of its trials a lesson must have helped in, by Laplace's rule of succession: (helped + 1) / (tried + 2).
#: One that failed in its first two trials falls below it.
WORTH = 0.34
#: Words a lesson must share with a text that has not its fingerprint.
SHARED_WORDS = 2
LONGEST = 600

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{3,}")
_COMMON_WORDS = """
this that with from have must should make when then there than test tests tested failing failed failure error fails fail
file files line pass passed passes because into only also does other code command python assert expected value
logic type name runtime syntax import resource environment
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Lessons:
    """Implements Recall for one scope, normally the workspace."""

    def __init__(self, table: LessonTable, scope: str = "") -> None:
        self._table = table
        self._scope = scope

    async def recall(self, about: Diagnosis | Requirement) -> tuple[Lesson, ...]:
        """Return the lessons of the same failure first, then those that speak of the same things. Raises StoreError."""
        found: list[Lesson] = []
        if isinstance(about, Diagnosis):
            found += self._table.with_fingerprint(about.fingerprint, self._scope, SHOWN * 2)
            text = about.message
        else:
            text = about.goal
        words = _words(text)
        near = self._table.about(sorted(words), self._scope, SHOWN * 4)
        found += [lesson for lesson in near if len(words & _words(lesson.text)) >= SHARED_WORDS]
        worth = {lesson.id: lesson for lesson in found if weight(lesson) >= WORTH}
        return tuple(worth.values())[:SHOWN]

    async def keep(self, lesson: Lesson) -> None:
        """Keep what cured a failure; a lesson without a cure or a fingerprint is not one. Raises StoreError."""
        text = _CONTROL.sub(" ", lesson.text).strip()[:LONGEST]
        if text and lesson.fingerprint:
            self._table.put(msgspec.structs.replace(lesson, text=text))


def weight(lesson: Lesson) -> float:
    """Return how likely a lesson is to help, between 0 and 1."""
    return (lesson.helped + 1) / (lesson.tried + 2)


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text)) - _COMMON
