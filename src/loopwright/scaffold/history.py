"""What a repository's history says of how its commits are written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from loopwright.core.expression import expression
from loopwright.core.fact import Fact

#: What `git log` is asked to print: fields between unit separators, commits after record separators, then the paths.
LOG_FORMAT = "%x1e%H%x1f%an <%ae>%x1f%s%x1f%b%x1f"
#: The share of commits that makes a habit a convention, and how many commits must have been seen at least.
_HABIT, _LEAST = 0.8, 5

_CONVENTIONAL = expression(r"^(feat|fix|docs|style|refactor|perf|test|build|ci|chore|revert)(\([^)]+\))?!?: \S")
_TICKET = expression(r"^([A-Z][A-Z0-9]{1,9})-\d+: \S")
_AREA = expression(r"^[\w./-]+(?:, ?[\w./-]+)*: \S")
_SIGNED = expression(r"^signed-off-by: ", re.IGNORECASE | re.MULTILINE)


class Commit(Fact, frozen=True):
    """One commit: who wrote it, its message, the paths it touched."""

    sha: str
    author: str
    subject: str
    body: str = ""
    paths: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        return self.sha[:9]


class Style(Fact, frozen=True):
    """How commit messages are written. "" and 0 = no habit was seen."""

    form: str = ""  # conventional, or a form such as `SHOP-<number>: <subject>`
    longest: int = 0  # characters that subjects keep to
    signed: bool = False
    seen: int = 0  # commits that were read
    follow: int = 0  # those of them that have the form


def parse_log(text: str) -> tuple[Commit, ...]:
    """Return the commits of `git log --name-only --format=LOG_FORMAT`, in its order: the latest first."""
    found = []
    for record in text.split("\x1e")[1:]:
        parts = record.split("\x1f")
        if len(parts) == 5:
            sha, author, subject, body, paths = parts
            found.append(Commit(sha.strip(), author, subject, body, tuple(p for p in paths.split("\n") if p)))
    return tuple(found)


def read_style(commits: Sequence[Commit]) -> Style:
    """Return the habits that at least four of five commits share; none where fewer than five are known."""
    subjects = [c.subject for c in commits if not c.subject.startswith(("Merge ", "Revert ", "fixup!", "squash!"))]
    seen = len(subjects)
    if seen < _LEAST:
        return Style(seen=seen)
    form, follow = _form(subjects)
    lengths = sorted(map(len, subjects))
    longest = next((limit for limit in (50, 72) if lengths[int(seen * 0.98) - 1] <= limit and lengths[-1] <= limit), 0)
    signed = sum(bool(_SIGNED.search(c.body)) for c in commits) >= _HABIT * len(commits)
    return Style(form, longest, signed, seen, follow)


def _form(subjects: Sequence[str]) -> tuple[str, int]:
    least = _HABIT * len(subjects)
    conventional = sum(bool(_CONVENTIONAL.match(s)) for s in subjects)
    if conventional >= least:
        return "conventional", conventional
    tickets = Counter(found[1] for s in subjects if (found := _TICKET.match(s)))
    if tickets and (most := tickets.most_common(1)[0])[1] >= least:
        return f"{most[0]}-<number>: <subject>", most[1]
    areas = sum(bool(_AREA.match(s)) for s in subjects)
    return ("<area>: <subject>", areas) if areas >= least else ("", 0)
