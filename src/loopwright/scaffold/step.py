"""One step of a plan: a file to be written, one that is there already, or a word to a person."""

from __future__ import annotations

from collections.abc import Sequence

from loopwright.core.fact import Fact
from loopwright.scaffold.needs import Reason

_OPEN = {"#": "# ", "//": "// ", "<!--": "<!-- "}
_CLOSE = {"<!--": " -->"}


class File(Fact, frozen=True):
    """A file that is lacking, whole, and the rules that ask for it."""

    path: str
    text: str
    reasons: tuple[Reason, ...]


class Kept(Fact, frozen=True):
    """What was asked for and is there already, so that nothing is written."""

    what: str
    because: str


class Advice(Fact, frozen=True):
    """What only a person can do, or should know."""

    text: str


Step = File | Kept | Advice


def header(reasons: Sequence[Reason], comment: str = "#") -> str:
    """The comment lines that say which rules ask for a file, at most four of them."""
    lines = [f"{reason.source} asks for this: {reason.text}" for reason in reasons[:4]]
    if len(reasons) > 4:
        lines.append(f"... and {len(reasons) - 4} more rules")
    lines.append("Written once by `loopwright scaffold`, never overwritten: it is yours to change.")
    return "\n".join(f"{_OPEN[comment]}{line}{_CLOSE.get(comment, '')}" for line in lines)
