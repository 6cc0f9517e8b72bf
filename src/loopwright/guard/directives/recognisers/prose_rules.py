"""Rules about the language that comments, documents and messages are written in."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.places import place
from loopwright.guard.directives.rule import Rule

_LANGUAGES = "english|chinese|japanese|korean|russian|ukrainian|spanish|portuguese|german|french|italian"
_WRITTEN_IN = Pattern(
    rf"\b(?:written|write|be|are|is|kept|keep|stay|use|all|must|should|only|"
    rf"provided)\b[^.;`]{{0,60}}\bin ({_LANGUAGES})\b|"
    rf"\buse ({_LANGUAGES})\b(?! (?:spelling|quotes?|locale))[^.;`]{{0,12}}\b(?:for|in) |"
    rf"^\W*({_LANGUAGES})(?: only)? (?:for|in) (?:all |the )?(?=code|comment|doc|commit|identifier|variable|log|"
    rf"message)|"
    rf"^\W*[\w /,&-]{{3,60}}: ({_LANGUAGES})(?: only)?\W*$|"
    rf"^\W*(?:all )?(?:code )?(?:comments?|names?|identifiers?|(?:commit )?messages?|docs|documentation)(?:(?:,|"
    rf",? and|/) ?[\w ]{{3,20}})* in ({_LANGUAGES})\W*$",
    re.IGNORECASE,
)
_CHINESE = Pattern(r"(?:注释|文档|提交信息|代码).{0,12}(?:使用|用|采用)\s*(中文|英文|英语)")
#: What is written, in the order of the parameter.
_WHAT = (
    ("comments", Pattern(r"\bcomments?\b|\bdocstrings?\b|\bcode\b|\beverything\b|\ball text\b|注释", re.IGNORECASE)),
    ("docs", Pattern(r"\bdoc(?:s|umentation|uments)\b|\breadmes?\b|\beverything\b|\.md\b|文档", re.IGNORECASE)),
    ("names", Pattern(r"\b(?:identifiers?|(?:variable|function|class) names?|naming|everything)\b", re.IGNORECASE)),
    (
        "messages",
        Pattern(
            r"\bcommits?\b|\bprs?\b|\bpull[- ]requests?\b|\bissues?\b|\bbranch\b|\beverything\b|提交", re.IGNORECASE
        ),
    ),
)
#: What is said to the user, and what a program says to its users, in whatever language.
_SPOKEN = Pattern(
    r"\b(?:respond|reply|answer|communicat|chat|speak|talk|conversation|explain to|translat|locali[sz]|ui text|"
    r"user-facing|clear\b)",
    re.IGNORECASE,
)
_SPELLING = Pattern(
    r"\b(american|u\.?s\.?|british|u\.?k\.?)(?: english)?(?:[- ](?:english|spellings?))\b|\b(american|"
    r"british) (?:english )?spelling\b",
    re.IGNORECASE,
)


def prose(statement: Statement) -> Rule | None:
    """The language, or the spelling, of what people read in the sources."""
    plain = statement.plain
    if len(plain) > 220:
        return None
    if (spelled := _SPELLING.search(plain)) and not language.forbids(statement):
        of = "american" if (spelled[1] or spelled[2]).lower().replace(".", "") in ("american", "us") else "british"
        why = "words of the other spelling are found in the added lines"
        return Rule("text_language", {"spelling": of, **place(statement)}, "enforced", why)
    found = _WRITTEN_IN.search(plain) or _CHINESE.search(statement.text)
    if not found or _SPOKEN.search(plain) or language.forbids(statement):
        return None
    named = next(g for g in found.groups() if g).lower()
    wanted = {"中文": "chinese", "英文": "english", "英语": "english"}.get(named, named)
    what: list[JsonValue] = [
        name for name, pattern in _WHAT if pattern.search(f"{statement.label} {plain} {statement.text}")
    ]
    if not what:
        return None
    tells = wanted in ("english", "chinese", "japanese", "korean", "russian", "ukrainian")
    why = (
        "letters of other scripts are found in what the change adds"
        if tells
        else "it is written in the same letters as other languages: told to the model"
    )
    return Rule("text_language", {"language": wanted, "what": what}, "enforced" if tells else "partly", why)
