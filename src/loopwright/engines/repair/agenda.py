"""What a search has still to try: the candidates in their order, each content once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from loopwright.engines.repair.candidates import Candidate
from loopwright.engines.repair.trial import Content, Layout, Trial, content

#: One that was late is tried again behind a cure where its score is this near.
_CLOSE = 1.0
#: A candidate whose score is this much below the best cure's is no rival.
_HOPELESS = 4.5


class Agenda:
    """Candidates of which no result is known. `goal` are the tests to be cured.

    `known` are contents that failed before on the same tree: they are not tried again, and what fails now is added.
    Candidates of which `never` says that they cannot fit come when all others have been.
    """

    def __init__(
        self,
        layout: Layout,
        candidates: list[Candidate],
        goal: frozenset[int],
        known: set[Content] | None = None,
        never: Callable[[Candidate], bool] | None = None,
    ) -> None:
        self._layout, self._candidates, self._at, self._goal = layout, candidates, 0, goal
        self._known: set[Content] = set() if known is None else known
        self._seen: set[Content] = set(self._known)
        self._late: list[Trial] = []
        self._never, self._unfit = never, list[Candidate]()
        self.unfit = 0  # candidates put behind all others so far

    @property
    def left(self) -> int:
        """Candidates that nobody has asked for."""
        return len(self._candidates) - self._at + len(self._unfit)

    def next(self, best: float | None) -> Trial | None:
        """The next candidate whose result no earlier one had, then those that were late; None where none is left.

        `best` is the score of the best cure so far: what lies far below it is passed over.
        """
        trial = self._untried(best)
        if trial is None and self._late:
            trial = self._late.pop(0)
            if best is not None and trial.candidate.score < best - _CLOSE:
                return None
            trial.late = True
        if trial is None and self._unfit and best is None:
            self._candidates, self._at, self._unfit, self._never = self._unfit, 0, [], None
            trial = self._untried(best)
        return trial

    def failed(self, trial: Trial) -> None:
        """Remember that a content cures nothing."""
        self._known.add(trial.content)

    def later(self, trial: Trial) -> None:
        """Have a candidate tried again, with more time, when the others have been."""
        self._late.append(trial)

    async def reorder(self, order: Callable[[Sequence[Candidate]], Awaitable[list[Candidate]]]) -> None:
        """Put what is left into another order."""
        self._candidates, self._at = await order(self._candidates[self._at :]), 0

    def _untried(self, best: float | None) -> Trial | None:
        while self._at < len(self._candidates):
            candidate = self._candidates[self._at]
            self._at += 1
            if best is not None and candidate.score < best - _HOPELESS:
                continue
            source = self._layout.sources[candidate.edit.file]
            edited = source.edited(candidate.edit.splices)
            key = content(candidate.edit.file, edited)
            if key in self._seen or edited == source.text:
                continue
            if self._never is not None and self._never(candidate):
                self._unfit.append(candidate)
                self.unfit += 1
                continue
            self._seen.add(key)
            if not candidate.tests & self._goal:
                continue
            trial = Trial(candidate, self._layout.route(candidate), key)
            base = self._layout.baseline
            trial.tests = sorted(candidate.tests, key=lambda t: base.outcomes[t].seconds)
            return trial
        return None
