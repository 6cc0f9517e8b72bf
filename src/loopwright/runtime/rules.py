"""The rules of a directory or of a lone file, as `loopwright rules` shows them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from loopwright.core.errors import UsageError
from loopwright.core.fact import JsonValue
from loopwright.core.rules import Directive, InstructionFile
from loopwright.guard.directives.compiler import compile_text, decode, rule_record

if TYPE_CHECKING:
    from loopwright.core.events import DirectivesLoaded
    from loopwright.runtime.config import Config
    from loopwright.runtime.home import Home


def read_rules(root: Path, config: Config, home: Home) -> DirectivesLoaded:
    """Return the rules of every instruction file that holds in a directory, the user's own first."""
    from loopwright.guard.directives import InstructionReader

    reader = InstructionReader(home=home.config.parent, fallbacks=config.instruction_files)
    return reader.load(str(root.resolve()), None)


def unread(root: Path, loaded: DirectivesLoaded) -> tuple[str, ...]:
    """Say why an instruction file at the root that was to be taken was not: its rules are missed."""
    from loopwright.guard.directives.discovery import FALLBACKS, NAMES

    read = {file.path for file in loaded.files}
    said = []
    for name in (*NAMES, *FALLBACKS):
        if name in read:
            break  # what comes behind it was not to be taken
        if os.path.lexists(root / name):
            said.append(f"{name} is not read: {_hindrance(root, root / name)}")
    return tuple(said)


def _hindrance(root: Path, path: Path) -> str:
    try:
        place = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return "it is a link that leads nowhere"
    if not place.is_relative_to(root.resolve()):
        return "it is a link that leads out of the project; put a copy here"
    if not place.is_file():
        return "it is no regular file"
    if not os.access(place, os.R_OK):
        return "permission denied"
    return "it is empty"


def read_file(path: Path) -> tuple[InstructionFile, tuple[Directive, ...]]:
    """Return one lone file's account and its rules. Raises UsageError."""
    if not path.is_file():
        raise UsageError(f"{path} is not a file: name an AGENTS.md or the directory of one")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    text = decode(data)
    file = InstructionFile(path.name, len(data), len(data), hashlib.sha256(data).hexdigest())
    return file, compile_text(text, file=path.name)


def record(rule: Directive) -> dict[str, JsonValue]:
    """Return one rule as `rules --json` prints it."""
    return rule_record(rule)
