"""Source text with comments and string contents blanked out, so that names are found in code and nowhere else."""

from __future__ import annotations

import re
from functools import lru_cache

from loopwright.core.expression import expression

_HASH = frozenset((
    "python", "ruby", "shell", "elixir", "yaml", "toml", "gdscript", "hcl", "r", "julia", "nix", "perl",
))  # fmt: skip
_C = expression(r"""/\*.*?(?:\*/|\Z)|//[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`""", re.DOTALL)
_PY = expression(
    r'''"""(?:[^\\]|\\.)*?(?:"""|\Z)|\'\'\'(?:[^\\]|\\.)*?(?:\'\'\'|\Z)|\#[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*\'''',
    re.DOTALL,
)
_RUST = expression(r"""/\*.*?(?:\*/|\Z)|//[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\\n]|\\.)'""", re.DOTALL)


@lru_cache(maxsize=64)
def mask(text: str, language: str) -> str:
    """Return text with every comment and string blanked, line for line. Quotes stay, so that calls keep their shape."""
    pattern = _PY if language in _HASH else _RUST if language == "rust" else _C
    return pattern.sub(lambda found: _blank(found[0]), text)


def _blank(piece: str) -> str:
    kept = re.sub(r"[^\n]", " ", piece)
    if piece[:1] in "\"'`" and len(piece) > 1 and "\n" not in piece:
        return piece[0] + kept[1:-1] + piece[-1]
    return kept


@lru_cache(maxsize=64)
def comments(text: str, language: str) -> tuple[tuple[int, str], ...]:
    """Return (line, text) of each line of comment."""
    pattern = _PY if language in _HASH else _RUST if language == "rust" else _C
    found: list[tuple[int, str]] = []
    number, seen = 1, 0
    for match in pattern.finditer(text):
        piece = match[0]
        number += text.count("\n", seen, match.start())
        seen = match.start()
        if piece.startswith(("#", "//", "/*")):
            start = text.rfind("\n", 0, match.start()) + 1
            indent = text[start : match.start()]
            for offset, line in enumerate(piece.split("\n")):
                found.append((number + offset, (indent + line) if not offset and not indent.strip() else line))
    return tuple(found)


_TEST_MODULE = expression(r"^\s*#\[cfg\((?:all\()?test\b")


@lru_cache(maxsize=64)
def test_lines(masked: str) -> frozenset[int]:
    """The lines of a Rust source that are compiled for tests alone: what stands below `#[cfg(test)]`, to its end."""
    found: set[int] = set()
    lines = masked.split("\n")
    for start, line in enumerate(lines):
        if not _TEST_MODULE.match(line):
            continue
        depth = opened = 0
        for offset, each in enumerate(lines[start:]):
            found.add(start + offset + 1)
            depth += each.count("{") - each.count("}")
            opened += each.count("{")
            if (opened and depth <= 0) or (not opened and each.rstrip().endswith(";")):
                break
    return frozenset(found)
