"""How strongly and in which direction a sentence speaks: the grammar of modality words, all glossed into English."""

from __future__ import annotations

import re
from typing import Literal

from loopwright.core.expression import expression
from loopwright.core.rules import Level
from loopwright.guard.directives.reading import regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement, once

Direction = Literal["require", "forbid", ""]

_FORBID = Pattern(
    r"\b(?:never|do not|don'?t|does not|must not|mustn'?t|should not|shouldn'?t|shall not|cannot|can'?t|"
    r"may not|avoid(?:ing)?|"
    r"refrain|forbid(?:den|s)?|prohibit(?:ed|s)?|disallow(?:ed|s)?|ban(?:ned|s)?|not allowed|not permitted|"
    r"blocked by|"
    r"stop using|stay away|discouraged|unacceptable|not acceptable|not accepted|rejected|not to be|off[- ]limits|"
    r"ha(?:s|ve) no place|"
    r"imports? nothing|knows? nothing|doesn'?t belong)\b|"
    r"❌|🚫|⛔",
    re.IGNORECASE,
)
_NO = Pattern(
    r"^(?:[\w /&-]{1,40}:\s+)?(?:(?:strictly|absolutely|please|but|and) )?(?:no|zero) (?!longer|matter|one|need|"
    r"more than|"
    r"op\b)|(?:^|"
    r"[-–—,;(:] |\()(?:and )?no (?=`|[\w-]+(?: [\w-]+)?(?:\)|\W*$)|[\w-]+ (?:or|in|outside|for|except)|(?:new|more|"
    r"inline|bare|hardcoded|"
    r"hard-coded|raw|direct|default|any) \w)",
    re.IGNORECASE,
)
_REQUIRE = Pattern(
    r"\b(?:always|must|shall|should|ensure|make sure|required?|mandatory|needs? to|has to|have to|only|"
    r"strictly|be sure)\b",
    re.IGNORECASE,
)
_WEAK = Pattern(
    r"\b(?:prefer(?:red|s|ably|ably)?|favou?r|avoid|should|shouldn't|try to|when possible|where possible|"
    r"ideally|generally|"
    r"consider|recommended|usually|typically|if possible|when practical|where practical|discouraged|"
    r"minimi[sz]e|mostly)\b",
    re.IGNORECASE,
)
_STRONG = Pattern(
    r"\b(?:NEVER|MUST|ALWAYS|never|must|always|required|mandatory|strictly|do not|don't|DO NOT|forbidden)\b"
)
_ASK = Pattern(
    r"\b(?:ask (?:first|before|the user|for|permission)|unless (?:explicitly |specifically |you(?: are|"
    r"'re) |the user )*(?:\w+ )?(?:ask|told|request|instruct|approv)\w*|"
    r"without (?:(?:\w+ ){0,3})?(?:approval|permission|asking|requesting|consent|confirmation|discussion|discussing)|"
    r"(?:requires?|needs?) (?:\w+ )?(?:approval|permission)|"
    r"(?:if|when|only if|only when) (?:\w+ )?(?:explicitly )?(?:asked|told|requested|instructed)|"
    r"explicit(?:ly)? (?:request|ask|instruct|approv|permi)\w*|"
    r"confirm with|get approval|check with)\b|征得|经.{0,6}同意|除非.{0,8}要求|询问",
    re.IGNORECASE,
)
_NEGATIVE_TITLE = Pattern(
    r"^\W*(?:\d+(?:\.\d+)*[.)]? )?(?:(?:this|the|an?|ai|models?|assistants?|critical|absolute|hard|strict|important|"
    r"things?|what|common|code|"
    r"agents?|you|we|to|should|must|"
    r"anti)\W+)*"
    r"(?:never|don'?t(?:s|'s)?|do not|must not|not|avoid|anti\W?patterns?|forbidden|prohibited|not allowed|"
    r"prohibitions|off[ -]limits|no-?go|restrictions|banned|pitfalls|bad)\b"
    r"(?:\W+(?:do|use|ever|commit|touch|modify|edit|to|patterns?|list|things?|these|this|the|following|want|see|"
    r"accept|from|you|"
    r"actions?|practices?|mistakes|without|asking|in|code|any|of|rules?)\b)*\W*$|^\W*(?:❌|🚫|⛔)",
    re.IGNORECASE,
)
_ASK_TITLE = Pattern(
    r"\bask (?:first|before|about)\b|requires? (?:approval|permission|confirmation)|⚠️ ?ask|approval (?:required|"
    r"needed)|"
    r"\bneeds? (?:an? )?(?:approval|permission|confirmation|go-ahead|sign-?off|human)\b|\bonly (?:with|"
    r"after) (?:approval|permission|asking)\b",
    re.IGNORECASE,
)
_WITHOUT_NEGATION = Pattern(
    r"\b(?:don'?t|do not|never) (?:forget|hesitate|worry|assume|guess)\b|\b(?:don'?t|do not|"
    r"never) skip (?:running|the tests?|tests?|lint\w*|type|checks?)\b|"
    r"\b(?:do|does|is|are|need)(?: not|n't) (?:need|have to|require|necessar|only|all(?!ow)|available|yet|affect|"
    r"support)\w*|"
    r"\bno [\w-]+(?: [\w-]+)? (?:is |are )?(?:needed|required|necessary)\b|"
    r"^\W*if\b[^.;]*?\byou (?:cannot|can'?t)\b[^.;]*",
    re.IGNORECASE,
)
_BREAK = Pattern(r"(?:;|\s[-–—]+\s|—|,\s*(?:but|and always|instead|use|prefer|always)\b|\.\s|:\s|\s\()")
_AGAINST = Pattern(
    r"\b(?:instead of|rather than|never|not|don'?t|avoid(?:ing)?|no|over|without|replaces?|in place of|"
    r"nor|cannot|can'?t|mustn'?t|shouldn'?t|"
    r"forbidden|disallow|ban|drop|away from|as opposed to)\b|而不是|而非",
    re.IGNORECASE,
)
_FOR = Pattern(r"\b(?:use|prefer|always|instead,?|only|except|allowed|but|through|via)\b", re.IGNORECASE)


#: Words that speak against what follows them.
NEGATION = Pattern(
    r"\b(?:never|not|don'?t|avoid(?:ing)?|no|zero(?!-)|instead of|rather than|over|cannot|can'?t|mustn'?t|"
    r"shouldn'?t|forbidden|banned?|ban|prohibited|drop)\b",
    re.IGNORECASE,
)


#: "The following are strictly forbidden across the repository:".
_ARE_BANNED = Pattern(
    r"^\W*(?:never|do not|don'?t) \w+ (?:either|any|one|anything|all) (?:of|among) (?:the following|these)\b|"
    r"^\W*(?:these|the following|all of (?:these|the following))\b[^.;]{0,30}\b(?:are|is) (?:\w+ )?(?:forbidden|"
    r"prohibited|banned|"
    r"not allowed|off[ -]limits)\b",
    re.IGNORECASE,
)


#: A fact, whatever stands above it: "`core` is independent of frameworks", "A bare `npx x` can resolve to another".
_STATES = Pattern(
    r"^\W*(?:(?:the|an?|this|our|its|these|all) (?:[\w-]+ ){0,2})?(?:`[^`]+`|"
    r"[A-Z]?[\w-]+(?: [\w-]+){0,3}?)(?: \([^)]*\))?"
    r" (?:is|are|has|have|was|were|can|will|does)\b(?! (?:not|n't|never))(?! (?:strictly )?(?:forbidden|banned|used|"
    r"prohibited))"
)


#: A bullet that says by itself what must be, though its heading tells of pitfalls.
_CLAUSE_ENDS = Pattern(r"\s[-–—]+\s|—|;\s|\.\s|\s\(|, (?:but|instead|use|always)\b")
_OWN_WORD = Pattern(r"\b(?:must(?! not)|MUST(?! NOT)|requires?|always|ALWAYS|has to|have to|needs? to)\b(?!n't)")


def _first_clause(plain: str) -> str:
    bare = without_code(plain)
    end = _CLAUSE_ENDS.search(bare)
    return bare[: end.start()] if end else bare


_CROSSES = frozenset("❌🚫⛔✗✘")
#: A sign that speaks against what follows it, where no word does.
_CROSSED = Pattern(
    r"^[❌🚫⛔✗✘]\uFE0F? (?!\W*(?:never|no|not|don't|do not|avoid|wrong|bad|before|incorrect)\b)"
    r"(?!`[^`]* [^`]*`\W*$)",  # a piece of code alone is shown, beside the better one
    re.IGNORECASE,
)


@once
def negative_lead(statement: Statement) -> bool:
    """True where the heading or the line above ("NEVER:") turns its bullets into prohibitions."""
    lead, title = statement.lead, statement.headings[-1] if statement.headings else ""
    led = lead.endswith(":") and len(lead) < 80 and bool(_NEGATIVE_TITLE.search(lead) or _ARE_BANNED.search(lead))
    listed = statement.form in ("bullet", "cell")
    signed = statement.plain[:1] in _CROSSES and listed and statement.first and bool(_CROSSED.match(statement.plain))
    if not led and not signed and not (listed and len(title) < 60 and _NEGATIVE_TITLE.search(title)):
        return False
    if (not statement.first and statement.form == "bullet") or _STATES.match(statement.plain):
        return False
    return led or not _OWN_WORD.search(_first_clause(statement.plain))


def led_against(statement: Statement) -> bool:
    """True where the heading or the line above speaks against what is listed below it, in bullets or in sentences."""
    title = statement.headings[-1] if statement.headings else ""
    above = statement.lead.endswith(":") and len(statement.lead) < 80 and _NEGATIVE_TITLE.search(statement.lead)
    return bool(above) or (len(title) < 60 and bool(_NEGATIVE_TITLE.search(title)))


#: A line above a list of files that must be left alone: "Do NOT edit these directly - modify the sources instead:".
_EDIT_LEAD = Pattern(
    r"^\W*(?:\w+ ){0,3}?(?:never|do not|don'?t|must not) (?:\w+ ){0,2}?(?:hand-?)?(?:edit|modify|touch|change)\b"
    r"(?! \w+ (?:in|under|without)\b).*:$|"
    r"^\W*(?:these|the following) (?:files|paths) (?:are|is) (?:auto-?)?generated\b.*:$",
    re.IGNORECASE,
)


#: A heading of a list of what must be let be.
_PROTECTED = Pattern(
    r"^\W*(?:\d+\.? )?(?:protected|off[- ]limits|read-only|untouchable) (?:files?|paths?|assets?|director(?:y|ies)"
    r"|folders?|areas?)\b|"
    r"^\W*(?:files?|paths?|director(?:y|ies)|folders?|things) (?:\w+ ){0,3}?(?:to )?leave alone\b|"
    r"^\W*(?:files?|paths?|director(?:y|ies)|folders?)(?: (?:and|or) \w+)? (?:\w+ ){0,3}?(?:must not|must never|"
    r"should not|"
    r"should never|cannot|may not|never|not(?: allowed)? to|not) (?:be )?(?:hand-?)?(?:edit|modif|touch|chang|alter)|"
    r"^\W*(?:never|do not|don't) (?:hand-?)?(?:edit|modify|touch|change|alter)(?: (?:these|the|any|following|these))*"
    r"(?: (?:files?|paths?|director(?:y|ies)|folders?))?(?: (?:and|or) \w+)?\W*$|"
    r"^\W*(?:\d+\.? )?受保护(?:的)?(?:资产|文件|路径|目录)",
    re.IGNORECASE,
)


def led_away(statement: Statement) -> bool:
    """True where the line above says that what is listed must not be edited."""
    title = statement.headings[-1] if statement.headings else ""
    return bool(_EDIT_LEAD.match(statement.lead)) or bool(_PROTECTED.match(title))


def asking_lead(statement: Statement) -> bool:
    """True where the heading or the line above makes its bullets things to ask about first."""
    title = statement.headings[-1] if statement.headings else ""
    return bool(_ASK_TITLE.search(title) or (statement.lead.endswith(":") and _ASK_TITLE.search(statement.lead)))


@once
def direction(statement: Statement) -> Direction:
    """Return whether the sentence forbids, requires, or neither."""
    plain = _WITHOUT_NEGATION.sub("", statement.plain)
    if _FORBID.search(plain) or _NO.search(plain):
        return "forbid"
    if negative_lead(statement):
        return "forbid"
    return "require" if _REQUIRE.search(plain) else ""


def forbids(statement: Statement) -> bool:
    return direction(statement) == "forbid"


def asks(statement: Statement) -> bool:
    """True where the rule leaves an exception to a person's word."""
    return bool(_ASK.search(statement.plain)) or asking_lead(statement)


def level(statement: Statement) -> Level:
    """MUST blocks, prefer and avoid warn, "unless asked" asks."""
    if asks(statement):
        return "ask"
    if _WEAK.search(statement.plain) and not _STRONG.search(statement.plain):
        return "warn"
    return "block"


#: A place that limits what was named before it: "from service layers", "in route signatures", "for secrets".
_BOUND = Pattern(
    r"^\W*in (?:any|every|all) \w+ (?:under|of|below|within|inside) |"
    r"^\W*(?:\w+ ){0,2}?(?:from|in|inside|within|on|into|to|outside|when|if|where|during|around|between) "
    r"(?!(?:general|any|all|our|this|new|production|source|app\w*|code|your|favou?r|place|every|"
    r"(?:the |this |your |our )?(?:code\w*|project|repo\w*|source\w*|tests?|files?|typescript|javascript|python|"
    r"go|rust|java|kotlin|ruby|php))\b)",
    re.IGNORECASE,
)


def bounded(statement: Statement, offset: int) -> bool:
    """True where what is named before offset is forbidden in some place or case only, not everywhere."""
    return bool(_BOUND.match(statement.plain[offset:]))


_TICKED = expression(r"`[^`]*`")
#: "Never block on async code (`.Result`, `.Wait()`)": what is not to be done, and nothing but what does it.
_THAT_DO_IT = Pattern(
    r"\b(?:[Nn]ever|[Nn]o|[Nn]ot|[Dd]on't|[Aa]void|NEVER|NO|NOT) (?!.{0,40}\b(?:without|unless|except|commit|edit|"
    r"see|add)\b)(?:[\w-]+ ){1,5}"
    r"\(((?:`[^`]+`(?:, | and | or |, and |, or |/)?)+)\)"
)


def does_it(statement: Statement, start: int) -> bool:
    """True where a word stands alone or with others in brackets behind what must not be done."""
    found = _THAT_DO_IT.search(statement.plain)
    return bool(found and found.start(1) <= start < found.end(1))


def without_code(plain: str) -> str:
    """The text with what stands in back-ticks blanked, every character at its place."""
    return _TICKED.sub(_blank, plain) if "`" in plain else plain


def _blank(found: re.Match[str]) -> str:
    """The same length without words: what stands in code speaks for or against nothing."""
    return "`" + "_" * (len(found[0]) - 2) + "`"


#: The first words of a bullet under "Never": what they ask for is what must not be.
_LED_USE = expression(r"^\W*(?:use|using|call|calling)\b(?!.*\b(?:only|not|never|instead)\b)", re.IGNORECASE)


def against(statement: Statement, offset: int) -> bool:
    """True where the sentence speaks against what stands at offset of its plain text."""
    head = without_code(statement.plain[:offset])
    last = 0
    for found in _BREAK.finditer(head):
        last = found.start()
    clause = head[last:]
    if last == 0 and _LED_USE.match(clause) and negative_lead(statement) and "instead" not in statement.plain:
        return True
    verdict = _last_word(clause)
    if verdict is not None:
        return verdict
    if negative_lead(statement) and last == 0:
        return True
    return (last == 0 or not clause.strip(" (:;-–—")) and refused_after(statement, offset)


#: What is said after a thing that must not be used: "`x` must never be used", "`x` is forbidden".
_REFUSED = Pattern(
    r"(?:[^.;(`]{0,15}`[^`]*`){0,4}[^.;(]{0,70}\b(?:must|should|may|can|shall)(?: never| not|not|n't)"
    r" (?:be (?:used|called|imported|added|"
    r"introduced|written|committed|merged|checked in|left)|appear(?! in (?!production|committed|the code|code|"
    r"(?:this|the) (?:repo\w*|project|codebase)))|"
    r"reach|get into)"
    r"\b(?! (?:with|without|by|as|when|if|to|from|on|together|before|after|until|while|unless))|"
    r"(?:[^.;(`]{0,15}`[^`]*`){0,4}[^.;(]{0,50}\b(?:is|are) (?:\w+ and |strictly |therefore |also |all |both )?"
    r"(?:not allowed|forbidden|banned|prohibited|not permitted|blocked|disallowed|"
    r"not acceptable|not accepted|rejected|refused|never (?:acceptable|allowed|used|ok|okay)|unacceptable|"
    r"not to be used|off[- ]limits)|"
    r"(?:`[^`]*`)? (?:(?:does|do)(?: not|n't) belong|ha(?:s|ve) no place) in (?:\w+ )?code\b",
    re.IGNORECASE,
)


def refused_after(statement: Statement, offset: int) -> bool:
    """True where the sentence goes on to say that what stands at offset must not be used."""
    return bool(_REFUSED.match(statement.plain[offset : offset + 100]))


def _last_word(clause: str) -> bool | None:
    verdict: bool | None = None
    place = -1
    for found in _AGAINST.finditer(clause):
        word = found[0].lower()
        if word == "over" and not regex.search(
            r"\b(?:prefer|use|favou?r|choose)\b", clause[: found.start()], re.IGNORECASE
        ):
            continue
        if word == "without" and len(clause[found.end() :].split()) > 3:
            continue
        if word == "not" and clause[found.end() : found.end() + 5] == " only":
            continue
        if word == "no" and regex.search(
            r"\b(?:needs?|there (?:is|are|was)|"
            r"with)\s+$",
            clause[: found.start()],
            re.IGNORECASE,
        ):
            continue
        verdict, place = True, found.start()
    for found in _FOR.finditer(clause):
        word = found[0].lower()
        if (found.start() > place and word not in ("use", "prefer")) or (place < 0):
            verdict, place = (False, found.start())
        elif found.start() > place and word in ("use", "prefer"):
            before = clause[: found.start()].rstrip().lower()
            if not regex.search(r"(?:never|not|n't|to|avoid|no)$", before):
                verdict, place = False, found.start()
    return verdict
