"""Variables that change what programs load and from where packages come."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.names import words
from loopwright.guard.checks.safety.shell.seen import Scripted
from loopwright.guard.checks.safety.shell.words import expand
from loopwright.guard.checks.safety.variables import judge_variable
from loopwright.guard.grammar import shell_text_of

if TYPE_CHECKING:
    from tree_sitter import Node

#: Variables that hold a command which other programs run.
_COMMANDS = words(
    "PAGER GIT_PAGER MANPAGER EDITOR VISUAL GIT_EDITOR GIT_SEQUENCE_EDITOR GIT_SSH_COMMAND GIT_EXTERNAL_DIFF LESSOPEN ",
    "PROMPT_COMMAND GIT_PROXY_COMMAND RSYNC_RSH BROWSER GIT_ASKPASS SSH_ASKPASS",
)
#: A text that doubles so often is held in memory.
_MOST_DOUBLED = 28


def judge_preload(shell: Scripted, name: str, value: Value, line: int) -> None:
    """Judge a variable that changes what programs load and from where packages come."""
    judge_variable(shell.report, name, value.text, line)
    if name in _COMMANDS and " " in value.text:
        shell.judge("shell", value.text, line)
    if (
        name in ("LD_PRELOAD", "LD_AUDIT", "DYLD_INSERT_LIBRARIES")
        and value.text.replace(places.HOLE, "").strip(": ")
        and not re.search(r"jemalloc|tcmalloc|mimalloc|[atlu]b?san|faketime|fakeroot|eatmydata", value.text)
    ):
        shell.report(
            "privilege",
            "block",
            line,
            f"{name} puts foreign code into another program; LD_LIBRARY_PATH or linking it is fine",
        )


def set_variable(shell: Scripted, node: Node) -> None:
    """`name=value`: remember the value, and judge one that doubles again and again."""
    name, line = shell_text_of(node.child_by_field_name("name")), node.start_point[0] + 1
    target = node.child_by_field_name("value")
    value = expand(shell, target) if target is not None else Value("")
    held = shell_text_of(target)
    if shell.endless and held.count(f"${name}") >= 2:
        why = f"`{name}` doubles in a loop that never ends; a loop with a count is fine"
        shell.report("resources", "block", line, why)
    if shell.turns >= _MOST_DOUBLED and len(re.findall(rf"\$\{{?{re.escape(name)}\b", held)) >= 2:
        why = f"`{name}` doubles {shell.turns:,} times, to more than memory holds; fewer turns are fine"
        shell.report("resources", "block", line, why)
    judge_preload(shell, name, value, line)
    value.attrs = None
    shell.names[name] = value
