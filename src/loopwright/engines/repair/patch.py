"""From edited texts to the smallest `edit` calls."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from loopwright.core.calls import ToolCall
from loopwright.engines.repair.source import Source


def call(name: str, path: str, old: str, new: str) -> ToolCall:
    """One `edit` call."""
    return ToolCall(id=name, tool="edit", args={"path": path, "old": old, "new": new})


def diff(source: Source, edited: str) -> str:
    """A unified diff without context, for people."""
    made = difflib.unified_diff(
        source.text.splitlines(), edited.splitlines(), source.path, source.path, n=0, lineterm=""
    )
    return "\n".join(list(made)[2:])


def edits(calls: Sequence[ToolCall]) -> tuple[tuple[str, str, str], ...]:
    """What the calls change: path, old and new text of each."""
    return tuple((str(c.args.get("path")), str(c.args.get("old")), str(c.args.get("new"))) for c in calls)
