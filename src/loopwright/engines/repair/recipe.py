"""What a command that only starts others would run: the recipe of a make target, the lines of a shell script."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import PurePosixPath

from loopwright.core.errors import ToolFailure
from loopwright.core.ports import Workspace
from loopwright.core.running import Limits, run
from loopwright.engines.repair.command import Command, parse

_SECONDS = 20.0
_SHELLS = ("sh", "bash", "dash", "zsh")
_TESTS = ("pytest", "unittest")


async def spelled_out(command: Command, workspace: Workspace) -> Command:
    """The Python test program that an opaque command starts, to be looked into; the command itself where none is found.

    What confirms a cure stays the whole command as it was given: only the search looks at the part.
    """
    try:
        words = shlex.split(command.shell)
    except ValueError:
        return command
    parts = [parse(line) for line in _lines(await _text(words, workspace))]
    known = [part for part in parts if part.kind != "opaque"]
    best = next((part for part in known if part.kind in _TESTS), known[-1] if known else None)
    return replace(best, shell=command.shell) if best else command


async def _text(words: list[str], workspace: Workspace) -> str:
    program = PurePosixPath(words[0]).name if words else ""
    if program in ("make", "gmake"):  # -n prints the recipe, its variables filled in, and runs nothing of it
        ran = await run(workspace.executor, [*words, "-n", "--no-print-directory"], Limits(timeout=_SECONDS))
        return ran.text() if ran.ok else ""
    script = words[0] if len(words) == 1 else next((w for w in words[1:] if not w.startswith("-")), "")
    if (program in _SHELLS or script.startswith("./")) and "-c" not in words:
        try:
            return workspace.files.read(script).decode("utf-8", "replace")
        except (ToolFailure, OSError):
            return ""
    return ""


def _lines(text: str) -> list[str]:
    joined = re.sub(r"\\\n\s*", " ", text)
    return [re.sub(r"^\s*(?:[@+-]\s*)?(?:exec\s+)?", "", line).strip() for line in joined.splitlines()]
