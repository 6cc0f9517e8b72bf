"""Tree-sitter parses of text that nobody vouches for: they always end, and never end the process."""

from loopwright.guard.grammar.parsers import Grammar
from loopwright.guard.grammar.tree import parse, shell_text, shell_text_of, text_of, walk

__all__ = ["Grammar", "parse", "shell_text", "shell_text_of", "text_of", "walk"]
