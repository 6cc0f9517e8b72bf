"""Turns of phrase that say in a roundabout way what the recognisers know by plain words: put into those."""

from __future__ import annotations

import re

import msgspec

from loopwright.guard.directives.patterns import Pattern
from loopwright.guard.directives.statement import Statement

_NAMES = r"(`[^`]+`(?:(?:,? (?:and|or|nor) |, |/)`[^`]+`){0,6})"
_BAD = (
    r"(?:not ok(?:ay)?|not fine|not allowed|not accepted|forbidden|banned|taboo|rejected|refused|an error|a bug|"
    r"wrong|"
    r"a mistake|a no-go|off the table|frowned upon)"
)
#: What is said, and how it is said plainly.
_TURNS: tuple[tuple[Pattern, str], ...] = tuple(
    (Pattern(said, re.IGNORECASE), plainly)
    for said, plainly in (
        (
            rf"^(\W*(?:[\w -]{{3,40}}[;:] )?)(?:the )?{_NAMES}(?: (?:style|syntax|calls?|macros?))? (?:is|"
            rf"are) (?:all |both |considered )?"
            r"(?:legacy|not ok(?:ay)?|not fine|not accepted|a no-go|taboo|off the table|frowned upon|forbidden|"
            r"banned)"
            r"(?:,(?= )|(?= *(?:$|[;.(]|-|–|—| here| in this)))",
            r"\1never use \2;",
        ),
        (rf"{_NAMES} ha(?:s|ve) no (?:place|business) in\b", r"never use \1 in"),
        (
            rf"{_NAMES} in (?:an? |the )?tests? (?:fails?|breaks?|will fail|(?:is|are|will be)) (?:the )?(?:review|"
            rf"{_BAD})\b",
            r"never use \1 in tests",
        ),
        (
            rf"\b(?:calling|reading|using|importing|accessing|touching) {_NAMES}(?: directly)? (?:elsewhere|"
            rf"anywhere else) "
            rf"(?:is|are) {_BAD}",
            r"never use \1 elsewhere",
        ),
        (rf"\b(raw|direct|bare|plain|naked) {_NAMES} (?:is|are) not used\b", r"never use \1 \2"),
        (
            r"^(\W*)(`(?:print(?:ln)?|console\.log|fmt\.Println|System\.out\.println|var_dump|puts)(?:\(\))?`) (?:→|"
            r"->|=>) "
            r"(`[^`]+`)",
            r"\1use \3, never \2",
        ),
        (rf"^(\W*)(?:there (?:is|are|must be|should be)|we have|we want) no {_NAMES}", r"\1no \2"),
        (
            rf"^(\W*)(?:nobody|nothing|no one|no code) (?:may |should |must |ever )*(?:uses?|calls?) {_NAMES}",
            r"\1never use \2",
        ),
        (
            rf"\b(?:steer clear of|stay away from|do without|keep away from|say no to) (?:the )?{_NAMES}",
            r"avoid using \1",
        ),
        (
            rf"^(\W*){_NAMES} (?:is|are) (?:allowed|fine|ok|okay|permitted|"
            rf"acceptable)(?: \w+ \w+)?[,;:](?: but)? {_NAMES} (?:is|are) not\b",
            r"\1never use \3",
        ),
        (
            rf"{_NAMES} (?:will be (?:rejected|refused|sent back)|does not pass review|won't pass review|"
            rf"fails review)\b",
            r"never use \1",
        ),
    )
)


def plainly(statement: Statement) -> Statement:
    """Return the statement with such turns of phrase said plainly."""
    if statement.form not in ("bullet", "paragraph") or "`" not in statement.plain:
        return statement
    plain = statement.plain
    for said, words in _TURNS:
        plain = said.sub(words, plain)
    if plain == statement.plain:
        return statement
    return msgspec.structs.replace(statement, plain=plain, block=statement.block.replace(statement.plain, plain))
