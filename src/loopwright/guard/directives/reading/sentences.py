"""Folding of typography, and the splitting of a block into sentences with their offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwright.core.expression import expression

_FOLD = str.maketrans(
    {
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2212": "-",
        "\u00ad": "",
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u00a0": " ",
        "\ufeff": "",
        "\u202f": " ",
        "\u2264": "<=",
        "\u2265": ">=",
    }
    # Characters that show nothing: they must not keep a word from being read.
    | {
        chr(code): ""
        for code in (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xE0000, 0xE0080))
    }
)
#: Characters that make a text read otherwise than it stands: reordering marks, and tags, which are letters unseen.
_DISGUISED = expression("[\u202a-\u202e\u2066-\u2069\U000e0020-\U000e007f]")
_EMPHASIS = expression(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|(?<![\w`])_{1,2}(?=\w)|(?<=[\w.!?:])_{1,2}(?![\w`])|~~")
_TICKED = expression(r"(`+[^`]*`+)")
_TAG = expression(r"</?[A-Z][A-Z_-]{2,40}>")
_LINK = expression(r"\[([^\][]{1,200})\]\([^()\s]{1,300}\)")
_END = expression(r"(?:[.!?;](?:\*\*|__|[\"')])*\s+(?=[\"'(*_`\[]*(?:[A-Z0-9`@\[]|\*\*))|[。！？；]\s*)")
_CLAUSE = expression(r"(`[^`]*`)|;(?:\*\*|__|[\"')])*\s+(?=\S)")
_ABBREVIATED = expression(r"(?:^|[\s(])(?:e\.g|i\.e|etc|vs|cf|approx|incl|resp|Dr|Mr|No|v\d+)\.$", re.IGNORECASE)


def fold(text: str) -> str:
    """Return text without emphasis marks, link targets and shouting tags, with hyphens, quotes and spaces in ASCII."""
    text = _TAG.sub("", text.translate(_FOLD))
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if "*" in text or "_" in text or "~" in text:
        parts = _TICKED.split(text)
        parts[::2] = [_EMPHASIS.sub("", part) for part in parts[::2]]
        text = "".join(parts)
    return " ".join(text.split())


def disguised(text: str) -> Iterator[int]:
    """Yield the offsets of characters that make a text read otherwise than it stands."""
    return (found.start() for found in _DISGUISED.finditer(text))


def split(text: str) -> Iterator[tuple[int, str]]:
    """Yield (offset, sentence). Back-ticked spans and brackets are never cut in two."""
    start, ticks, depth, seen = 0, 0, 0, 0
    for end in _END.finditer(text):
        between = text[seen : end.start() + 1]
        ticks += between.count("`")
        depth += between.count("(") - between.count(")")
        seen = end.start() + 1
        if ticks % 2 or depth > 0 or _ABBREVIATED.search(text[max(start, end.start() - 12) : end.start() + 1]):
            continue
        yield start, text[start : end.end()].strip()
        start = end.end()
    if text[start:].strip():
        yield start, text[start:].strip()


_COMMA = expression(r"`[^`]*`|\([^()]*\)|(,? (?:and|or) |, (?:and |or )?)")


def listed(text: str) -> list[str]:
    """Return the items of a list by commas; those in back-ticks and brackets part nothing."""
    ends = [found for found in _COMMA.finditer(text) if found[1]]
    if not any("," in found[1] for found in ends):
        return [text.strip(" .")]
    ends = [found for found in ends if "," in found[1]]
    starts = [0, *(found.end() for found in ends)]
    return [
        item
        for start, end in zip(starts, [*(found.start() for found in ends), len(text)], strict=True)
        if (item := text[start:end].strip(" ."))
    ]


def clauses(text: str) -> list[str]:
    """Return the parts of a sentence between semicolons; those in back-ticks part nothing."""
    ends = [found for found in _CLAUSE.finditer(text) if not found[1]]
    starts = [0, *(found.end() for found in ends)]
    return [text[start:end].strip() for start, end in zip(starts, [*(f.end() for f in ends), len(text)], strict=True)]
