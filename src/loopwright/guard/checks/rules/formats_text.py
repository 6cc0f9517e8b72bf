"""What every formatter of a language mends and the text shows without it: trailing blanks, the wrong indentation.

A necessary part only, for where the formatter itself is not installed. Settings that turn a default round are not
known here, so indentation is judged only for those that have none (gofmt) or hardly ever use it (rustfmt).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.guard.checks.rules.delta import LANGUAGES
from loopwright.guard.checks.rules.mask import mask

_TABS = frozenset({"gofmt", "gofumpt", "goimports"})
_SPACES = frozenset({"rustfmt", "cargo fmt"})
_GAP = expression(r"[^\s,;:{(\[\"'`/]\s{2,}(?:=[^=]|=>)|[^=!<>]=\s{2,}\S")
_KEYWORD = expression(r"\b(?:if|for|while|switch|catch)\(|\)\{")


def untidy(tool: str, path: str, text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, reason) for what the tool would certainly write otherwise."""
    language = LANGUAGES.get(posixpath.splitext(path)[1].lower(), "")
    code = mask(text, language) if language else text
    for number, (line, bare) in enumerate(zip(text.split("\n"), code.split("\n"), strict=True), 1):
        line, bare = line.rstrip("\r"), bare.rstrip("\r")
        if line != line.rstrip() and language and bare.strip():
            yield number, f"{tool} removes blanks at the end of a line"
        elif tool in _TABS and re.match(r"^\t* +\S", bare):
            yield number, f"{tool} indents with tabs"
        elif tool in _SPACES and re.match(r"^ *\t", bare) and bare.strip():
            yield number, f"{tool} indents with spaces"
        elif language in ("javascript", "typescript", "rust") and _GAP.search(bare):
            yield number, f"{tool} leaves one space beside ="
        elif language in ("javascript", "typescript") and _KEYWORD.search(bare):
            yield number, f"{tool} puts a space beside the brackets of a condition"
