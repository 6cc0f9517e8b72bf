"""What shells say of scripts, and small programs of files, places and machines."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.core.knowledge import Diagnosis, FailureKind

_SCRIPT = expression(
    r"^(?P<file>[^\s:]+): (?:line )?(?P<line>\d+): (?:(?P<name>[^\n:]*): )?(?P<said>command not found|not found"
    r"|unbound variable|parameter not set|[Ss]yntax error.*|No such file or directory|Permission denied)$",
    re.MULTILINE,
)
_SHELLS = expression(r"(?:^|/)(?:ba|da|z|k|a)?sh$")
_SAID: tuple[tuple[FailureKind, re.Pattern[str]], ...] = (
    ("resource", expression(r"No space left on device|Cannot allocate memory|Disk quota exceeded|Too many open files"
                            r"|out of memory", re.IGNORECASE)),
    ("environment", expression(r"No such file or directory|Permission denied|Not a directory|Is a directory|not found$"
                               r"|Connection refused|Could not resolve host|Name or service not known"
                               r"|Read-only file system"
                               r"|Network is unreachable|can't open|cannot open|Operation not permitted"
                               r"|Address already in use|does not exist")),
    ("timeout", expression(r"timed out|Timeout|deadline exceeded", re.IGNORECASE)),
)  # fmt: skip
#: Lines at the end of an output in which a small program's complaint is looked for.
LAST = 6


def read_script(text: str) -> Diagnosis | None:
    """Return what a shell has against a line of a script."""
    for found in _SCRIPT.finditer(text):
        if _SHELLS.search(found["file"]):
            continue  # `sh -c`: there is no file
        said, name = found["said"], found["name"] or ""
        kind: FailureKind = "environment"
        if said.lower().startswith("syntax error"):
            kind = "syntax"
        elif said in ("unbound variable", "parameter not set"):
            kind = "name"
        message = f"command not found: {name}" if said.endswith("not found") else f"{name}: {said}".removeprefix(": ")
        return Diagnosis(kind, message, "", "shell", found["file"], int(found["line"]))
    return None


def read_last_words(text: str) -> Diagnosis | None:
    """Return the complaint of a small program among the last lines: of a file, a place, a machine."""
    for line in [line.strip() for line in text.splitlines() if line.strip()][-LAST:]:
        for kind, words in _SAID:
            if words.search(line):
                return Diagnosis(kind, line, "", "shell")
    return None
