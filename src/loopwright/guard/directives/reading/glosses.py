"""Rules in other languages, put into the English words that the recognisers know: a table of turns of phrase.

No translation: only what says that something must, must not, or when, and what is to be done, is put into English; all
else stays as it is, and so do back-ticked words.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from pathlib import Path

import msgspec

from loopwright.core.expression import expression
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement

#: What stands for a part of many turns of phrase in `glosses.txt`.
_PARTS = {
    "{names}": r"(`[^`]+`(?:(?:\s*(?:,|、|，|和|与|と|や|及び|および|und|oder|sowie|y|e|o|et|ou|and)\s*)`[^`]+`)*)",
    "{no}": r"(?:禁止|严禁|不要|不得|请勿|切勿|不允许|不可以?|不能|不许|不应该?|勿)\s*"
    r"(?:直接|手动|手工|随意|擅自|自行|再|去)?\s*",
    "{not}": r"(?:しないで|しない|してはいけ|してはなら|するな|は?禁止|を?禁止|不可)[^\s。、]*",
}


class _Language:
    """The turns of phrase of one language, and words that tell it."""

    def __init__(self, marks: str) -> None:
        self.marks = frozenset(marks.split())
        self.turns: list[tuple[Pattern, str]] = []

    @cached_property
    def words(self) -> frozenset[str]:
        """Of which one is in every text that a turn of this language fits; none where that cannot be told."""
        sets = [turn.words for turn, _ in self.turns]
        return frozenset(word for found in sets for word in found[0]) if all(sets) else frozenset()


def _languages() -> dict[str, _Language]:
    found: dict[str, _Language] = {}
    current = _Language("")
    for line in Path(__file__).with_name("glosses.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name, _, marks = line[1:].partition("]")
            current = found[name] = _Language(marks)
        elif " => " in line:
            turn, _, english = line.partition(" => ")
            for part, meaning in _PARTS.items():
                turn = turn.replace(part, meaning)
            current.turns.append((Pattern(turn, re.IGNORECASE), f" {english} "))
    return found


_LANGUAGES = _languages()
_KANA = expression("[\u3041-\u30ff]")
_HAN = expression("[\u4e00-\u9fff]")
_WORD = expression(r"[a-zäöüßàâçéèêëîïôûùñáíóú]+")


def languages_of(text: str) -> tuple[str, ...]:
    """Return the languages other than English, Chinese and Japanese that a whole text is written in, or parts of it."""
    words = set(_WORD.findall(text.lower()))
    return tuple(name for name, language in _LANGUAGES.items() if len(words & language.marks) > 1)


def glossed(statement: Statement, languages: tuple[str, ...]) -> Statement:
    """Return the statement with its turns of phrase in English where it, or the text it stands in, is in another."""
    told = f"{statement.plain}{statement.lead}{''.join(statement.headings)}"
    if not told.isascii():
        if _KANA.search(told):
            languages = ("japanese", *languages)
        elif _HAN.search(told):
            languages = ("chinese", *languages)
    if not languages:
        return statement
    plain = _gloss(statement.plain, languages)
    lead, headings = _gloss(statement.lead, languages), tuple(_gloss(h, languages) for h in statement.headings)
    if (plain, lead, headings) == (statement.plain, statement.lead, statement.headings):
        return statement
    return msgspec.structs.replace(statement, plain=plain, lead=lead, headings=headings)


@lru_cache(maxsize=1024)
def _gloss(text: str, languages: tuple[str, ...]) -> str:
    """The text in English: headings and leads come again with each of their statements."""
    for name in languages:
        language, lower = _LANGUAGES[name], text.lower()
        if language.words and not any(word in lower for word in language.words):
            continue
        for turn, english in language.turns:
            text = turn.sub(english, text)
    return " ".join(text.split())
