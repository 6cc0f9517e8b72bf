"""Rules about how Markdown is written: headings, lists, fences, HTML, tables."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.places import place
from loopwright.guard.directives.rule import Rule

#: Characters of a sentence at most.
_LONGEST = 200
#: Words of which one is in every such sentence.
_SAID = ("heading", "header", "list", "bullet", "fence", "code block", "codeblock", "html", "table")
#: A rule of markdownlint, and how sentences say it.
_IN_WORDS = tuple(
    (name, Pattern(words, re.IGNORECASE))
    for name, words in (
        (
            "MD001",
            r"\bhead(?:ing|er)s?\b[^.;]{0,50}\b(?:not|never|without|don't) skip\w*\b|"
            r"\bskip(?:ping)? (?:any )?head(?:ing|er) "
            r"levels?\b|\bhead(?:ing|er) levels? (?:must |should )?(?:increment|increase|go up) by one\b",
        ),
        ("MD003", r"\batx[- ](?:style )?head(?:ing|er)s?\b|\batx style\b|\b(?:no|not|never|avoid) setext\b"),
        (
            "MD032",
            r"\blists? (?:should|must|are|need to be)(?: always)?(?: be)? surrounded (?:by|with) blank lines\b|"
            r"\bblank lines? (?:around|before(?: and after)?) (?:all |every )?(?:bullet(?:ed)? )?lists?\b",
        ),
        (
            "MD040",
            r"\b(?:fenced (?:code )?blocks?|code ?(?:blocks?|fences?)|fences?)\b[^.;]{0,60}\b(?:specify|declare|have|"
            r"include|with|"
            r"state|name|carry|need|require)\w*\b[^.;]{0,12}\blanguage\b(?! servers?)(?: (?:tag|identifier|hint|"
            r"specifier)s?)?\b|"
            r"\b(?:specify|declare|add|set|give|include) (?:the |a )?language\b[^.;]{0,24}\b(?:code ?blocks?|"
            r"fences?)\b|"
            r"\blanguage (?:tag|identifier|hint|specifier)s? (?:on|for|to) (?:all |"
            r"every )?(?:fenced )?(?:code ?blocks?|fences?)\b",
        ),
    )
)
#: Said of documents alone.
_OF_DOCUMENTS = (
    (
        "MD033",
        Pattern(
            r"\b(?:no|avoid|never use|don't use|do not use) (?:inline |raw |"
            r"embedded )*html\b(?! where markdown)(?! (?:tags? )?in (?!markdown|docs?\b))",
            re.IGNORECASE,
        ),
    ),
    (
        "tables",
        Pattern(
            r"^\W*(?:[\w -]{2,20}: )?(?:use |prefer )?(?:bullet(?:ed)? )?lists? (?:instead of|over|rather than|"
            r"not) tables\b|"
            r"^\W*(?:no|avoid(?: using)?|never use|don't use|do not use) (?:markdown )?tables\b(?! (?:for|in|with|"
            r"that)\b)",
            re.IGNORECASE,
        ),
    ),
)
_DOCUMENTS = Pattern(r"\b(?:markdown|docs?|documentation|readmes?|writing|\.mdx?)\b", re.IGNORECASE)
#: "`-` for unordered lists", "bullets use `*`".
_MARKER = Pattern(
    r"`([-*+])` (?:as |for )?(?:the )?(?:markers?|makers?|characters?)? ?(?:for |in |as )?(?:all )?(?:unordered|"
    r"bullet(?:ed)?)(?: lists?|s| "
    r"points?| markers?)?|\b(?:unordered|bullet(?:ed)?) (?:lists?|points?|items?)? ?(?:must |should |always )?(?:use|"
    r"with|start with|"
    r"are marked with) `([-*+])`",
    re.IGNORECASE,
)
_WHY = "what the change adds to documents is looked at"


def markdown(statement: Statement) -> Rule | None:
    """How documents are marked up."""
    plain = statement.plain
    if len(plain) > _LONGEST or not any(word in plain.lower() for word in _SAID):
        return None
    where = place(statement)
    if marker := _MARKER.search(plain):
        params: dict[str, JsonValue] = {"rule": "MD004", "tool": "markdown", "marker": marker[1] or marker[2], **where}
        return Rule("lint_rule", params, "enforced", _WHY)
    name = next((name for name, words in _IN_WORDS if words.search(plain)), "")
    if not name and _DOCUMENTS.search(" ".join((plain, *statement.headings[-2:], statement.lead))):
        name = next((name for name, words in _OF_DOCUMENTS if words.search(plain)), "")
    if not name:
        return None
    return Rule("lint_rule", {"rule": name, "tool": "markdown", **where}, "enforced", _WHY)
