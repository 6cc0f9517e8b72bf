"""Rules about text that must not appear: emojis, unfinished marks, names to be let be, silenced warnings."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.places import place
from loopwright.guard.directives.rule import Rule

_EMOJI = Pattern(r"\b(?:no|not|don'?t|avoid|never|without)\b[^.;]{0,30}\bemojis?\b", re.IGNORECASE)


_TODO = Pattern(
    r"\b(?:[Nn]o|not|[Nn]ever|[Dd]o not|[Aa]void|don'?t|avoid|never|"
    r"without)\b[^.;]{0,30}\b(?:`?TODO`?s?|`?FIXME`?s?)\b"
)


#: What is done to marks that are there, rather than writing new ones.
_TODO_KEPT = Pattern(
    r"\b(?:chang|edit|remov|delet|reassign|renam|modif|preserv|keep)\w*\b[^.;]{0,20}\b(?:TODO|FIXME)", re.IGNORECASE
)


#: "Never add or modify any code related to `X`".
_RELATED = Pattern(
    r"\b(?:never|not|don'?t) (?:ever )?(?:add|modify|touch|change|edit)\b[^.;`]{0,30}\b(?:code|logic|anything|"
    r"lines?)\b"
    r"[^.;`]{0,25}((?:`[\w.:-]{4,}`(?:,? (?:or|and) |, )?)+)",
    re.IGNORECASE,
)


#: "Don't disable ESLint rules inline": by the comments that do it.
_DISABLED = Pattern(
    r"\b(?:never|not|don't|avoid|no) (?:disabl|silenc|suppress|ignor|turn(?:ing)? off)\w* (?:any |the )?"
    r"(eslint|pylint|ruff|flake8|mypy|pyright|rubocop|cops|clippy|biome|swiftlint|phpstan|detekt)(?:'s)?"
    r"(?:(?<=cops)| (?:rules?|warnings?|checks?|errors?|lints?|findings?)(?: (?:inline|with (?:a )?comments?|"
    r"in (?:the )?code))?|"
    r" (?:inline|with (?:a )?comments?|in (?:the )?code))( without (?:an? |the )?(?:\w+ )?(?:comment|reason|"
    r"explanation|justification)"
    r"\b[^.;]{0,40})?\W*$",
    re.IGNORECASE,
)
_DIRECTIVES: dict[str, tuple[str, ...]] = {
    "eslint": ("eslint-disable",),
    "pylint": ("pylint: disable",),
    "ruff": ("noqa",),
    "flake8": ("noqa",),
    "mypy": ("type: ignore",),
    "pyright": ("type: ignore", "pyright: ignore"),
    **dict.fromkeys(("rubocop", "cops"), ("rubocop:disable",)),
    "clippy": ("allow(clippy",),
    "biome": ("biome-ignore",),
    "swiftlint": ("swiftlint:disable",),
    "phpstan": ("@phpstan-ignore",),
    "detekt": ("@Suppress(",),
}
#: "TODO comments need a ticket number".
_TRACKED = Pattern(
    r"\b`?TODOs?`?(?: comments?)? (?:needs?|(?:must|MUST|should) (?:always )?(?:have|include|reference|carry)|"
    r"requires?|carry|carries) (?:an? |"
    r"the )?"
    r"(?:\w+ )?(?:tickets?|issues?|owners?|links?|numbers?)\b|\b(?:[Bb]are|[Nn]aked|[Pp]lain|"
    r"[Uu]ntracked) `?TODOs?`?(?: comments?)? (?:are|is) "
    r"(?:not (?:allowed|accepted)|rejected|forbidden|banned)\b"
)
#: "`@Disabled` without a reason is not allowed", "no `skip` without a ticket".
_UNEXPLAINED = Pattern(
    r"^\W*(?:no |never (?:use |add )?|don't (?:use |add )?)?((?:`@?[\w.]+(?:\(\))?`(?:, | or | and |"
    r"/)?)+) without (?:an? |the )?(?:\w+ )?"
    r"(reason|comment|explanation|justification|message|ticket|issue(?: (?:link|number))?|link)\b"
    r"(?:\W*$| (?:is|are) (?:not (?:allowed|ok|okay|accepted)|forbidden|rejected|banned))",
    re.IGNORECASE,
)
#: Words of texts: 'never write "simply" or "just"'.
_QUOTED = r'("[^"]{2,40}"(?:(?:,? or |, |,? and |/)"[^"]{2,40}")*)'
_SAID = Pattern(
    r"\b(?:never|not|don\'t|avoid) (?:use|write|say|using|writing)(?: the (?:words?|phrases?|terms?|verbs?|names?))? "
    rf"{_QUOTED}\W*$|^\W*avoid (?:the )?(?:words?|phrases?|terms?|verbs?|names?) {_QUOTED}(?: (?:for|"
    rf"in) [\w ]{{3,40}})?\W*$|"
    rf'^\W*(?:use|write|say) (?:the (?:words?|names?|terms?) )?"[^"]{{2,40}}"[^"]{{0,20}}?,? (?:and |but )?not '
    rf"{_QUOTED}\W*$|"
    rf'"[^"]{{2,40}}" instead of {_QUOTED}\W*$',
    re.IGNORECASE,
)
#: "Security groups never open `0.0.0.0/0`".
_OPENED = Pattern(
    r"\b(?:never|not|no|don't|avoid)\b[^.;]{0,40}`?(0\.0\.0\.0/0)`?|(?=`?0\.0\.0\.0/0`? (?:is|are) (?:not allowed|"
    r"forbidden|banned|never))"
    r"`?(0\.0\.0\.0/0)",
    re.IGNORECASE,
)
#: "No abbreviations in names (`cfg`, `mgr`)".
_ABBREVIATED = Pattern(
    r"^\W*(?:no|avoid|never use|don't use) (?:abbreviations?|abbreviated names|"
    r"short forms)(?: in (?:\w+ )?names)? \(((?:`\w+`(?:, | or | and )?)+)\)\W*$",
    re.IGNORECASE,
)
#: Headings of how the agent is to talk.
_OF_TALK = Pattern(
    r"\b(?:tone|voice|communicat\w+|talking|answers?|responses?|persona\w*|behaviou?r)\b",
    re.IGNORECASE,
)


#: "ASCII only in sources", "do not use Unicode characters in comments", "no smart quotes".
_NO_OTHER_LETTERS = Pattern(
    r"^\W*(?:[\w ]{2,30}: |in particular, )?(?:use )?(?:only )?ascii(?:-| )?(?:only|characters?)?(?: only)? (?:in|"
    r"for) (?:all |the )*(?:source\w*|code|"
    r"comments?|identifiers?)\b|\b(?:no|not|never|avoid|don't) (?:use )?(?:any )?(?:unicode|"
    r"non-ascii) (?:characters?|letters|symbols|text)"
    r"(?: \([^)]*\))? in (?:the )?(?:source\w*|code|comments?|identifiers?)\b|^\W*(?:no|avoid|never use|"
    r"don't use) (?:em[- ]dashes|smart quotes|"
    r"curly quotes)\b",
    re.IGNORECASE,
)
_MARKS = Pattern(r"^\W*(?:no|avoid|never use|don't use) (?:em[- ]dashes|smart quotes|curly quotes)\b", re.IGNORECASE)
_OF_OUTPUT = Pattern(r"\b(?:output|logs?|responses?|terminal|console|file ?names?)\b", re.IGNORECASE)


def text_rules(statement: Statement) -> Rule | None:
    """Text that must not appear: emojis, unfinished marks, names that must be let be."""
    plain = statement.plain
    if "`" in plain and (related := _RELATED.search(plain)):
        kept: list[JsonValue] = [*regex.findall(r"`([^`]+)`", related[1])]
        return Rule("forbid_text", {"texts": kept, **place(statement)}, "enforced", "searched for in the added lines")
    if _EMOJI.search(plain) or (
        language.negative_lead(statement) and regex.search(r"\bemojis?\b", plain, re.IGNORECASE)
    ):
        if statement.headings and _OF_TALK.search(statement.headings[-1]):
            return None
        if regex.search(r"\b(?:commit|pr\b|pull request|communicat|respon|chat|conversation)", plain, re.IGNORECASE):
            return None
        return Rule("forbid_text", {"what": "emoji", **place(statement)}, "enforced", "searched for in the added lines")
    if _NO_OTHER_LETTERS.search(plain) and not _OF_OUTPUT.search(plain):
        only: dict[str, JsonValue] = {
            "what": "typographic" if _MARKS.search(plain) else "non_ascii",
            **place(statement),
        }
        return Rule("forbid_text", only, "enforced", "letters of the added lines of code are looked at")
    if rule := _unexplained(statement):
        return rule
    if (asked := _TRACKED.search(plain)) and asked:
        tracked: dict[str, JsonValue] = {
            "texts": ["TODO", "FIXME"],
            "unless": r"#\d+|[A-Z]+-\d+|https?://|TODO\(\S",
            **place(statement),
        }
        return Rule("forbid_text", tracked, "enforced", "searched for in the added lines")
    if (
        (said := _SAID.search(plain))
        and "`" not in plain
        and not (statement.headings and _OF_TALK.search(statement.headings[-1]))
    ):
        words: list[JsonValue] = regex.findall(r'"([^"]+)"', next(g for g in said.groups() if g))
        return Rule(
            "forbid_text",
            {"texts": words, "within": ["*.md", "*.mdx", "*.rst", "*.txt", "*.html"]},
            "enforced",
            "searched for in the added lines",
        )
    if rule := _short_or_open(statement):
        return rule
    if _TODO.search(plain) and not _TODO_KEPT.search(plain):
        params: dict[str, JsonValue] = {"texts": ["TODO", "FIXME"], **place(statement)}
        if "without" in plain:
            params["unless"] = r"#\d+|[A-Z]+-\d+|https?://"
        return Rule("forbid_text", params, "enforced", "searched for in the added lines")
    return None


def _unexplained(statement: Statement) -> Rule | None:
    """What silences a tool, and what needs a reason beside it."""
    plain = statement.plain
    if disabled := _DISABLED.search(plain):
        marks: list[JsonValue] = [*_DIRECTIVES[disabled[1].lower()]]
        if disabled[2]:
            why = "searched for in the added lines; whether a reason stands beside it is not judged"
            return Rule("forbid_text", {"texts": marks, **place(statement)}, "partly", why, level="warn")
        return Rule("forbid_text", {"texts": marks, **place(statement)}, "enforced", "searched for in the added lines")
    if (bare := _UNEXPLAINED.match(plain)) and language.forbids(statement):
        names: list[JsonValue] = [*regex.findall(r"`([^`]+)`", bare[1])]
        ticket = regex.search(r"ticket|issue|link|number", bare[2], re.IGNORECASE)
        spared = r"#\d+|[A-Z]+-\d+|https?://" if ticket else r"[\"'][^\"']{3,}[\"']|//|#(?!\[)"
        given: dict[str, JsonValue] = {"texts": names, "unless": spared, **place(statement)}
        return Rule(
            "forbid_text", given, "enforced", "searched for in the added lines, with what explains it beside it"
        )
    return None


def _short_or_open(statement: Statement) -> Rule | None:
    """Short forms within names, and addresses that are open to everybody."""
    plain = statement.plain
    if short := _ABBREVIATED.match(plain):
        forms: dict[str, JsonValue] = {
            "names": [*regex.findall(r"`(\w+)`", short[1])],
            "part": True,
            **place(statement),
        }
        return Rule("forbid_call", forms, "enforced", "words of new names are compared")
    if opened := _OPENED.search(plain):
        excepted = regex.search(r"\bexcept\b|\bunless\b", plain)
        why = "searched for in the added lines" + ("; what is excepted is not told apart" if excepted else "")
        ranges: dict[str, JsonValue] = {"texts": [opened[1] or opened[2]], **place(statement)}
        return Rule(
            "forbid_text", ranges, "partly" if excepted else "enforced", why, level="warn" if excepted else None
        )
    return None


SUPPRESSED = Pattern(
    r"@ts-ignore|@ts-nocheck|@ts-expect-error|eslint-disable[\w-]*|type: ?ignore|noqa|nolint|"
    r"@SuppressWarnings|#\[allow\b|rubocop:disable|pragma: no cover|biome-ignore|pylint: ?disable"
)


#: What makes one right: "no `type: ignore` without an error code", "without a comment that says why".
_UNLESS = Pattern(
    r"\bwithout (?:an? |the |its )?(?:(?:explicit |specific |error |rule )*(codes?|rules?)|(?:\w+ )?(?:reason|"
    r"comment|explanation|"
    r"justification))\b",
    re.IGNORECASE,
)


def suppression(statement: Statement) -> Rule | None:
    found: list[JsonValue] = list(dict.fromkeys(m[0] for m in SUPPRESSED.finditer(statement.plain)))
    if found and (spared := _UNLESS.search(statement.plain)):
        params: dict[str, JsonValue] = {"texts": found, **place(statement)}
        if spared[1]:
            params["unless"] = r"ignore\[|(?:noqa|nolint): ?[A-Za-z]|disable[\w-]*[ :=]+[@\w]|allow\("
            return Rule("forbid_text", params, "enforced", "searched for in the added lines")
        why = "searched for in the added lines; whether a reason stands beside it is not judged"
        return Rule("forbid_text", params, "partly", why, level="warn")
    return (
        Rule("forbid_text", {"texts": found, **place(statement)}, "enforced", "searched for in the added lines")
        if found
        else None
    )
