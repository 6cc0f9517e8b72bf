"""The Directives port: finds instruction files, compiles all of each, and shows what fits the prompt's budget."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from loopwright.core.events import DirectivesLoaded
from loopwright.core.ports import Files
from loopwright.core.rules import Directive, InstructionFile
from loopwright.guard.directives.compiler import LARGEST, compile_text, decode
from loopwright.guard.directives.discovery import FALLBACKS, Found, discover
from loopwright.guard.directives.questions import PATH as ANSWERS
from loopwright.guard.directives.questions import answered, read_answers, what_is_open
from loopwright.guard.directives.sources import DiskSource, ViewSource

#: Bytes of instruction text that reach the prompt, all files together (32 KiB, as other agents have it).
BUDGET = 32 << 10
#: Rules that all files together are compiled to at most, within one file.
MOST_OF_ALL = 10_000


class InstructionReader:
    """Reads the instruction files that hold for a workspace.

    `home` is the directory of the user's own AGENTS.md, None for none. `budget` bounds the prompt's share in bytes and
    never what is compiled. Nothing in a file is run.
    """

    def __init__(self, home: Path | None = None, fallbacks: Sequence[str] = FALLBACKS, budget: int = BUDGET) -> None:
        self._home = home
        self._fallbacks = tuple(fallbacks)
        self._budget = budget

    def load(self, root: str, files: Files | None) -> DirectivesLoaded:
        """Return the files found, their directives and the prompt's share. Reads `files`, else the disk at root."""
        source = ViewSource(files) if files else DiskSource(Path(root))
        found = _unique(list(discover(source, self._above(Path(root)), self._fallbacks)))
        shown = _share(found, self._budget)
        answers = read_answers(source.read(ANSWERS))
        directives = answered(_compile(found), answers)
        return DirectivesLoaded(
            files=tuple(_account(f, count) for f, count in zip(found, shown, strict=True)),
            directives=directives,
            prompt=_prompt(found, shown),
            open=what_is_open(directives, answers),
        )

    def _above(self, root: Path) -> list[tuple[Path, str]]:
        """The user's own directory, then the directories from the repository's top down to the root's parent."""
        above = [(self._home, "~")] if self._home else []
        if (root / ".git").exists():
            return above
        parents = list(root.parents)
        for depth, parent in enumerate(parents):
            if (parent / ".git").exists():
                above += [(p, "/".join([".."] * (i + 1))) for i, p in reversed(list(enumerate(parents[: depth + 1])))]
                break
        return above


def _unique(found: list[Found]) -> list[Found]:
    """Leave out a file whose text another file of the same directory already gave (links, copies)."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for file in found:
        key = (file.scope, file.digest)
        if key not in seen or not file.data:
            kept.append(file)
        seen.add(key)
    return kept


def _compile(found: list[Found]) -> tuple[Directive, ...]:
    directives: list[Directive] = []
    for file in found:
        if not file.data:
            continue
        if len(directives) > MOST_OF_ALL:
            words = f"{file.path} was not compiled: {len(directives):,} rules are held already"
            directives.append(
                Directive(file.path, 1, words, "not_understood", "unknown", level="warn", scope=file.scope, why=words)
            )
            continue
        for directive in compile_text(file.text, file.path, file.scope):
            if file.only:
                directive = msgspec.structs.replace(directive, params={**directive.params, "only": list(file.only)})
            directives.append(directive)
    return tuple(directives)


def _share(found: list[Found], budget: int) -> list[int]:
    """Return how many bytes of each file the prompt gets: the nearest file is cut last, the farthest first."""
    shown = [0] * len(found)
    for index in range(len(found) - 1, -1, -1):
        if found[index].nested:
            continue
        shown[index] = min(len(found[index].data), budget)
        budget -= shown[index]
    return shown


def _account(file: Found, shown: int) -> InstructionFile:
    notes = [file.note] if file.note else []
    size = len(file.data)
    if file.nested:
        notes.append(f"holds below {file.scope}/: its rules are compiled, its text is not in the prompt")
    elif not size:
        notes.append("empty")
    elif shown < size:
        what = "left out" if not shown else f"cut after {shown} of {size} bytes"
        compiled = "from the whole file" if size <= LARGEST else f"from its first {LARGEST >> 10} KiB"
        notes.append(f"{what}: the prompt's budget for instructions is spent; its rules are compiled {compiled}")
    return InstructionFile(file.path, size, shown, file.digest, file.scope, "; ".join(notes))


def _prompt(found: list[Found], shown: list[int]) -> str:
    parts = []
    for file, count in zip(found, shown, strict=True):
        if file.nested:
            if file.data:
                parts.append(f"# {file.path}\n[read this file before you change anything below {file.scope}/]")
            continue
        if not file.data:
            continue
        text = decode(file.data[:count]).strip().rstrip("\ufffd")  # a letter that was cut in two
        if count < len(file.data):
            text += f"\n[cut here: {len(file.data) - count} of {len(file.data)} bytes of {file.path} did not fit]"
        parts.append(f"# {file.path}\n{text.strip()}")
    return "\n\n".join(parts)
