"""What the history's reverts teach: where changes tend to be taken back."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from loopwright.core.expression import expression
from loopwright.scaffold.history import Commit
from loopwright.scaffold.proposal import OFTEN, Proposal

_REVERTED = expression(r"^This reverts commit ([0-9a-f]{7,40})", re.MULTILINE)
_SUBJECT = expression(r"^Revert \"(.+)\"$")
_ADDED = expression(
    r"\b(?:add|introduce|switch to|adopt|use)\b.{0,20}?`?([\w@./-]+)`? (?:as a |as )?(?:dependency|package|library)\b",
    re.I,
)
_LAYS_BARE = frozenset({"", ".", "src", "lib", "app", "tests", "test", "docs"})


def learn_from_reverts(commits: Sequence[Commit]) -> Iterator[Proposal]:
    """Yield a rule for each place, and each dependency, whose changes were taken back. `commits`: the latest first."""
    reverts = [c for c in commits if _SUBJECT.match(c.subject) or _REVERTED.search(c.body)]
    places: dict[str, list[str]] = {}
    for commit in reverts:
        said = f"{commit.short} {commit.subject[:80]}"
        for place in {_place(path) for path in commit.paths}:
            places.setdefault(place, []).append(said)
        named = _SUBJECT.match(commit.subject)
        if named and (added := _ADDED.search(named[1])):
            yield Proposal(f"Do not add `{added[1]}` as a dependency.", "it was added and taken back", (said,))
    for place, events in places.items():
        if len(events) >= OFTEN and not re.search(r"[`\s]", place):
            why = f"{len(events)} changes there were taken back"
            yield Proposal(f"Do not change `{place}` without asking.", why, tuple(events))


def _place(path: str) -> str:
    """The directory's files, or the file itself where the directory is too wide to be meant."""
    directory = posixpath.dirname(path)
    return path if directory in _LAYS_BARE else f"{directory}/**"
