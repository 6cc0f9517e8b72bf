"""AGENTS.md and its kin, read into directives: found, accounted for, and compiled without a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loopwright.guard.directives.compiler import compile_text, rule_record

if TYPE_CHECKING:
    from loopwright.guard.directives.discovery import is_instruction
    from loopwright.guard.directives.reader import InstructionReader

__all__ = ["InstructionReader", "compile_text", "is_instruction", "rule_record"]

#: Loaded when asked for: the rules of one file need neither discovery nor the ports.
_LATE = {"is_instruction": "discovery", "InstructionReader": "reader"}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
