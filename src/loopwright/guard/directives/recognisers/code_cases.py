"""What a ban of names is bounded by: a place, a purpose, a case, an exception; and whether a line could show it."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals
from loopwright.guard.directives.reading.literals import Word
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.guards import glob_of

#: A name that means one thing wherever it stands, unlike `dict` or `include`.
TELLING = Pattern(r"[.:(!@$_]|[a-z][A-Z]|^[A-Z]\w+[a-z]")


def excepted(statement: Statement, where: dict[str, JsonValue]) -> bool:
    """True where the sentence makes an exception that no place of the tree shows."""
    return bool(_EXCEPTED.search(statement.plain)) and not ({"except", "outside"} & where.keys())


#: "Values come from `app.config.ts`; never read `process.env` elsewhere".
ELSEWHERE = Pattern(
    r"^`?,? (?:elsewhere|anywhere else|in (?:any )?other (?:files?|places|modules?|"
    r"code))\b",
    re.IGNORECASE,
)


def homes(statement: Statement, name: Word) -> list[JsonValue]:
    """Globs of the paths that a block names before, as the place of what is used nowhere else."""
    before = statement.block.split(statement.plain)[0] + statement.plain[: name.start]
    told = literals.words(Statement(statement.line, before, before, "paragraph"))
    return [glob_of(w.text) for w in told if w.sort == "path"]


#: "`FlashList` rather than `FlatList` for long lists".
_FOR_SOME = Pattern(
    r"^`? for (?:long|large|big|small|short|complex|simple|heavy|most|some|deep|many|"
    r"very)\b",
    re.IGNORECASE,
)
SWAP = Pattern(r"\b(?:instead of|rather than|over|in place of)\b|, not |(?:—|–| -) ?(?:never|not) $")


def unseen_case(statement: Statement, names: list[Word], where: dict[str, JsonValue], wanted: list[Word] | None) -> str:
    """Return why names are forbidden in cases that no line shows, "" where they are forbidden as such.

    `wanted` are the names that stand for them, None where nothing does.
    """
    plain = statement.plain
    if _CHOSEN_FOR.search(plain[: names[0].start]) and not any(TELLING.search(w.text) for w in names):
        return "what they are used for is not judged"
    if _INSIDE.match(plain[names[-1].end :]) and not {"within", "where"} & where.keys():
        return "where in the code they stand is not judged"
    if not where and _OF_SUBJECT.match(plain[: names[0].start]):
        return "the part that the rule is about is not told apart"
    if INSTANCE.search(plain[: names[0].start]):
        return "what they are instances of is not known here"
    if _ROLE.match(plain[names[-1].end :]):
        return "what they are used for is not judged"
    if wanted is None and _AIM.match(plain[names[-1].end :]):
        return "whether they serve what the rule speaks of is not judged"
    if excepted(statement, where):
        return "what is excepted is not told apart"
    if wanted is not None and _FOR_SOME.match(plain[names[-1].end :]):
        return "what they are used for is not judged"
    longer = (f".{names[0].text}", f"::{names[0].text}")
    if wanted is not None and (any(w.text.endswith(longer) for w in wanted) or _GIVES.match(plain)):
        return "whether they are what the rule speaks of is not judged"
    return ""


#: "`BigDecimal` for premiums, never `double`".
_CHOSEN_FOR = Pattern(r"`[^`]+` for [\w /-]+, (?:never|not) $")
#: An exception that names no place, and waits for nobody's word.
_EXCEPTED = Pattern(
    r"\bexcept (?:for |when |where |if |as |to |in (?:files|places|cases|code) (?:where|that|which) )|"
    r"\bunless (?!(?:explicitly|specifically|asked|told|requested|"
    r"instructed|approved|"
    r"absolutely|strictly|necessary|needed|required|you (?:are|were)|you're|the (?:user|ticket|task|issue)|"
    r"there is)\b)",
    re.IGNORECASE,
)
IN_BRACKETS = Pattern(r"\([^()]*\b(?:not|never)\b[^()]*$")
CASED = Pattern(r"\b(?:snake_case|camelCase|PascalCase|kebab-case)\b")
#: What is given out in the place of another, which stays in use inside: "Expose `A`, not `B`".
_GIVES = Pattern(r"^\W*(?:always )?(?:expose|return|accept|export|pass|provide|inject|emit)s?\b", re.IGNORECASE)
#: A purpose that no place shows: "never use `float` for money".
_PURPOSE = Pattern(
    r"^\W*for (?:anything|everything|data|values|code|files?|objects|requests?) (?:that|which|from|in)\b|"
    r"^\W*for (?!(?:any|all|every\w*|tests?|testing|new|now|example|instance|this|these|that|production|types?|the|"
    r"styling|consistency|\w+ing)\b)[a-z]"
)


#: A place within the code that no path shows: "`time.After` in loops".
_INSIDE = Pattern(
    r"^`? (?:in|inside|within|from) (?:an? |the |tight |hot |any |nested )*(?:loops?|(?:hot )?paths?|render(?:ing|"
    r"s)?|callbacks?|constructors?|"
    r"(?:catch|finally|unsafe) blocks?|conditionals?|closures?|threads?|transactions?|async (?:code|functions|"
    r"contexts?)|"
    r"coroutines?|event handlers?|macros?|signatures?)\b",
    re.IGNORECASE,
)
#: What else would have to be there: "`cache()` without `unpersist()`", "`openExternal` with unvalidated input".
UNSEEN = Pattern(
    r"^`?(?:\(\))?(?: [\w-]+){0,4} without (?!(?:an? |the |its )?(?:\w+ )?(?:reason|comment|explanation|"
    r"justification|good reason|"
    r"approval|permission|asking|discussion)\b)(?:[a-z-]+ing\b|`|an? |the |explicit|proper)|"
    r"^`? with (?:un\w+ed|untrusted|user|raw|dynamic|arbitrary) |^`? (?:itself|themselves)\b",
    re.IGNORECASE,
)
#: What one part is told of itself: "Web modules call contexts, never `Shop.Repo`".
_OF_SUBJECT = Pattern(
    r"^\W*(?!(?:we|you|always|please|only|use|call|prefer|code|everything|tests?)\b)(?:the |"
    r"all )?[\w-]+(?: [\w-]+){0,2}(?: \(`[^`]*`\))? "
    r"(?:calls?|uses?|imports?|talks? to|depends? on|knows?|reads?|gets?|returns?)\b [^.;]{3,60}, (?:but )?(?:never|"
    r"not) (?:directly )?$",
    re.IGNORECASE,
)
#: "Helpers such as `x`": one of many.
INSTANCE = Pattern(
    r"\b(?:such as|e\.g\.,?|for example,?|for instance,?)\s+(?:`[^`]*`(?:, | or | and |/))*$",
    re.IGNORECASE,
)
#: Where in the code they stand, which no name shows: "`Optional` for fields or parameters".
_ROLE = Pattern(
    r"^`? (?:for|as|in) (?:an? |the |any |public |private )*(?:fields?|parameters?|params|arguments?|"
    r"return (?:types?|values?)|props|"
    r"signatures?|keys?|ids?|attributes?|columns?|propert(?:y|ies)|collections?)\b",
    re.IGNORECASE,
)
COMMAND_LINE = Pattern(r"^\W*when (?:running|executing|using) (?:\w+ )?commands?\b", re.IGNORECASE)
#: An aim or a case that the code does not show: "do not rely on `t.Skip` to isolate them", "on user input".
_AIM = Pattern(
    r"^`? on (?:(?:user|untrusted|external|unvalidated) )?(?:input|data)\b|"
    r"^`?(?: (?:just|only|solely|purely|merely)| \+ [\w ]{3,12})? to (?!be |the |a |an |`)[a-z-]{3,} "
)


def for_some(plain: str) -> bool:
    """True where what follows a name limits its ban to a purpose: "for constants"."""
    return bool(_PURPOSE.match(plain[:40].lstrip("`")))


def bounded(statement: Statement, offset: int) -> bool:
    """True where what follows limits the ban to a place or a purpose."""
    return language.bounded(statement, offset) or bool(_PURPOSE.match(statement.plain[offset : offset + 40]))


#: "Never call `x` before `y`": what comes first is not seen in one line.
IN_ORDER = Pattern(r"^`?(?:\(\))?,? (?:before|after|until|during|while)\b", re.IGNORECASE)
#: The rule is for a case that code does not show: "If the table is empty, never call `x`".
CONDITION = Pattern(r"^\W*if (?!you\b|possible\b|a test\b)[^,]{8,},", re.IGNORECASE)
INITIALS = Pattern(r"\b(?:initialisms?|acronyms?|abbreviations?)\b", re.IGNORECASE)
