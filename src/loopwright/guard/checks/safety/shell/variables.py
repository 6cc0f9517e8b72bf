"""Variables that change what programs load and from where packages come."""

from __future__ import annotations

import re

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.calls.transport import judge_variable
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.shell.seen import Scripted


def judge_preload(shell: Scripted, name: str, value: Value, line: int) -> None:
    """Judge a variable that changes what programs load and from where packages come."""
    judge_variable(shell.report, name, value.text, line)
    if (
        name == "LD_PRELOAD"
        and value.text.replace(places.HOLE, "").strip(": ")
        and not re.search(r"jemalloc|tcmalloc|mimalloc|[atlu]b?san|faketime|fakeroot|eatmydata", value.text)
    ):
        shell.report(
            "privilege",
            "block",
            line,
            "LD_PRELOAD puts foreign code into another program; LD_LIBRARY_PATH or linking it is fine",
        )
