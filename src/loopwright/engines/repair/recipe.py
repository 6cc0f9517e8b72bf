"""What a command that only starts others would run: a recipe of make, a script's lines, a pipeline's parts."""

from __future__ import annotations

import posixpath
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
    lines = _lines(await _text(words, workspace)) or [command.shell]
    parts = [parse(part) for line in lines for part in (line, *_parts(line))]
    known = [part for part in parts if part.kind != "opaque"]
    best = next((part for part in known if part.kind in _TESTS), known[-1] if known else None)
    return replace(best, shell=command.shell) if best else command


async def _text(words: list[str], workspace: Workspace) -> str:
    program = PurePosixPath(words[0]).name if words else ""
    if program in ("make", "gmake"):  # -n prints the recipe, its variables filled in, and runs nothing of it
        ran = await run(workspace.executor, [*words, "-n", "--no-print-directory"], Limits(timeout=_SECONDS))
        return ran.text() if ran.ok else ""
    if program in _SHELLS and "-c" in words[:-1]:
        return words[words.index("-c") + 1]
    script = words[0] if len(words) == 1 else next((w for w in words[1:] if not w.startswith("-")), "")
    if program in _SHELLS or script.startswith("./"):
        try:
            return workspace.files.read(script).decode("utf-8", "replace")
        except (ToolFailure, OSError):
            return ""
    return ""


def _parts(line: str) -> list[str]:
    """The commands that a line joins by pipes and the like, without what redirects them, each where a `cd` has led."""
    reader = shlex.shlex(line, posix=True, punctuation_chars=True)
    reader.whitespace_split = True
    parts: list[list[str]] = [[]]
    redirected = False
    try:
        for word in reader:
            if set(word) <= set("<>&") and set(word) & set("<>"):
                redirected = True
                if parts[-1] and parts[-1][-1] in ("1", "2"):  # the stream that is redirected
                    parts[-1].pop()
            elif set(word) <= set("();|&"):
                parts.append([])
            elif redirected:
                redirected = False
            else:
                parts[-1].append(word)
    except ValueError:
        return []
    found, place = [], ""
    for words in parts:
        if words[:1] == ["cd"] and len(words) == 2:
            place = posixpath.join(place, words[1])
        elif words:
            found.append((f"cd {place} && " if place else "") + shlex.join(words))
    return found


def _lines(text: str) -> list[str]:
    joined = re.sub(r"\\\n\s*", " ", text)
    return [re.sub(r"^\s*(?:[@+-]\s*)?(?:exec\s+)?", "", line).strip() for line in joined.splitlines()]
