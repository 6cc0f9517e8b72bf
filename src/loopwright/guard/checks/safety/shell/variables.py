"""Variables that change what programs load and from where packages come."""

from __future__ import annotations

import re

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.calls.transport import judge_variable
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.shell.seen import Scripted

#: Variables that say where interpreters look for modules, and commands for programs.
_SEARCHED = frozenset({"PYTHONPATH", "NODE_PATH", "PERL5LIB", "RUBYLIB", "PATH"})
#: Variables that name a file which runs with everything that is started.
_STARTED = frozenset({"PYTHONSTARTUP", "BASH_ENV", "ENV", "PERL5DB", "PYTHONHOME"})


def _judge_search_path(shell: Scripted, name: str, text: str, line: int) -> None:
    """Judge a place that is looked through before the usual ones."""
    first = text.split(":")[0]
    if (name in _SEARCHED or name in _STARTED) and places.is_shared(first):
        why = f"{name} takes code from {first[:60]}, where anybody may write; a directory of the project is fine"
        shell.report("imports", "block", line, why)


def judge_preload(shell: Scripted, name: str, value: Value, line: int) -> None:
    """Judge a variable that changes what programs load and from where packages come."""
    judge_variable(shell.report, name, value.text, line)
    _judge_search_path(shell, name, value.text, line)
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
