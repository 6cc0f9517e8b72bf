"""AGENTS.md and its kin, read into directives: found, accounted for, and compiled without a model."""

from loopwright.guard.directives.compiler import compile_text, rule_record
from loopwright.guard.directives.discovery import is_instruction
from loopwright.guard.directives.reader import InstructionReader

__all__ = ["InstructionReader", "compile_text", "is_instruction", "rule_record"]
