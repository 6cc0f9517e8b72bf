"""What a rule may be written in: one sentence, table row or code line, with its exact line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

import msgspec

Form = Literal["bullet", "paragraph", "cell", "code", "tree"]


class Statement(msgspec.Struct, frozen=True):
    """One sentence, table row or code line that may hold a rule.

    `text` is as written; `plain` has emphasis removed and Unicode hyphens and quotes folded, back-ticks kept.
    """

    line: int
    text: str
    plain: str
    form: Form
    headings: tuple[str, ...] = ()  # outermost first, folded
    lead: str = ""  # the bullet or line ending in a colon that this one stands under, folded
    block: str = ""  # the whole bullet or paragraph, folded
    label: str = ""  # the bold or colon label that begins the bullet, folded
    cells: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    first: bool = True  # the first sentence of its block
    comment: str = ""  # of a code line
    above: str = ""  # the comment above a code line
    lang: str = ""
    directory: str = ""  # that `cd` on a line of its own has led to, of a code line
    shows: tuple[str, ...] = ()  # the commands of the fence that a line ending in a colon stands above
    below: str = ""  # folded text of the bullets under a line that ends in a colon


Value = TypeVar("Value")


def once(function: Callable[[Statement], Value]) -> Callable[[Statement], Value]:
    """Wrap a function of a statement so that asking again of the same one in a row costs nothing."""
    last: tuple[Statement, Value] | None = None

    def ask(statement: Statement) -> Value:
        nonlocal last
        kept = last
        if kept is None or kept[0] is not statement:
            kept = (statement, function(statement))
            last = kept
        return kept[1]

    return ask
