"""The rules of a directory or of a lone file, as `loopwright rules` shows them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from loopwright.core.errors import UsageError
from loopwright.core.events import DirectivesLoaded
from loopwright.core.fact import JsonValue
from loopwright.core.rules import Directive, InstructionFile
from loopwright.guard.directives import InstructionReader, compile_text, rule_record
from loopwright.runtime.config import Config


def read_rules(path: Path, config: Config) -> DirectivesLoaded:
    """Return the rules of every instruction file of a directory, or of one file. Raises UsageError."""
    if path.is_dir():
        return InstructionReader(fallbacks=config.instruction_files).load(str(path.resolve()), None)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    text = data.decode("utf-8", "replace")
    file = InstructionFile(str(path), len(data), len(data), hashlib.sha256(data).hexdigest())
    return DirectivesLoaded((file,), compile_text(text, file=path.name), text)


def record(rule: Directive) -> dict[str, JsonValue]:
    """Return one rule as `rules --json` prints it."""
    return rule_record(rule)
