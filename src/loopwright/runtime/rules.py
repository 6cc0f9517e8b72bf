"""The rules of a directory or of a lone file, as `loopwright rules` shows them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from loopwright.core.errors import UsageError
from loopwright.core.fact import JsonValue
from loopwright.core.rules import Directive, InstructionFile
from loopwright.guard.directives.compiler import compile_text, rule_record

if TYPE_CHECKING:
    from loopwright.core.events import DirectivesLoaded
    from loopwright.runtime.config import Config
    from loopwright.runtime.home import Home


def read_rules(root: Path, config: Config, home: Home) -> DirectivesLoaded:
    """Return the rules of every instruction file that holds in a directory, the user's own first."""
    from loopwright.guard.directives import InstructionReader

    reader = InstructionReader(home=home.config.parent, fallbacks=config.instruction_files)
    return reader.load(str(root.resolve()), None)


def read_file(path: Path) -> tuple[InstructionFile, tuple[Directive, ...]]:
    """Return one lone file's account and its rules. Raises UsageError."""
    if not path.is_file():
        raise UsageError(f"{path} is not a file: name an AGENTS.md or the directory of one")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    text = data.decode("utf-8", "replace")
    file = InstructionFile(path.name, len(data), len(data), hashlib.sha256(data).hexdigest())
    return file, compile_text(text, file=path.name)


def record(rule: Directive) -> dict[str, JsonValue]:
    """Return one rule as `rules --json` prints it."""
    return rule_record(rule)
