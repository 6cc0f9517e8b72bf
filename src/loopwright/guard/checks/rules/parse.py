"""Python source as a syntax tree, once for all rules that look at it."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache


@lru_cache(maxsize=64)
def parse(text: str) -> ast.Module | None:
    """Return the tree, None for a text that does not parse. What the parser would warn of is not ours to print."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
