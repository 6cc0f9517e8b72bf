"""Sentences that no recogniser knows: orders that only a reader can judge, advice, and what merely describes."""

from __future__ import annotations

import re
from pathlib import Path

from loopwright.core.expression import expression
from loopwright.guard.directives.reading import language, literals
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.rule import Rule, advice, judged

#: What may stand before the verb of an order: "please", "when adding a route, ".
_BEFORE_VERB = expression(
    r"(?:\W|\[[ x]\])*(?:please |then |first,? |also |and |finally,? |when \w+[^,]{0,60}, |if \w+[^,]{0,60}, |"
    r"for \w+[^,]{0,60}, |in \w+[^,]{0,40}, )?([a-z][a-z'-]*)",
    re.IGNORECASE,
)
#: Verbs and words that a sentence which tells one what to do begins with.
_ORDERS = frozenset(Path(__file__).with_name("orders.txt").read_text(encoding="utf-8").split())
#: How a sentence begins that only tells what there is.
_TELLS = Pattern(
    r"^\W*(?:this|the|it|an?|these|there|its|our|here) (?:\w+ )*?(?:is|are|was|contains?|provides?|has|have|"
    r"holds?)\b",
    re.IGNORECASE,
)

#: What makes advice of a sentence that tells what there is: an aim, or a rule that something falls under.
_AIMS = Pattern(r"\b(?:subject to|(?:not )?(?:a|the|our|its) (?:aim|goal)\b|the point is)", re.IGNORECASE)
_POINTS = Pattern(
    r"^\W*(?:see|refer|read|consult|look (?:at|for|in)|check out|understanding|learning|"
    r"examples?[\s*]*[:(,](?![\s*]*(?:add|place|put|use|run|`(?:make|npm|pnpm|yarn|just|cargo)) )|"
    r"for (?:more|details|full|further|complete|additional)\b[^,]*,? (?:see|refer|read)|"
    r"\[[^\]]*\]\([^)]*\)\W*$)",
    re.IGNORECASE,
)
#: What a rule leaves out, why there is one, and what a part of a form stands for ("`<scope>` - the package"): no rule.
_ASIDE = Pattern(
    r"^\W*(?:(?:exceptions?|rationale|reasons?|why|background):\s|`<[^`<>]+>`\s*(?:[-–—:]|is\b|are\b))", re.IGNORECASE
)
#: Headings of what may go wrong: the commands below are cures, no gates.
_TROUBLES = Pattern(
    r"^\W*(?:\w+ )?(?:troubleshooting|(?:common|known|frequent) (?:errors?|issues?|problems?|failures?)|faq)\b",
    re.IGNORECASE,
)
#: A line above that tells what something is made of: "The codebase is split into:".
_CONSISTS = Pattern(
    r"\b(?:(?:split|divided|broken|organi[sz]ed|structured) (?:in)?to|consists of|comprises|composed of|"
    r"made (?:up )?of|"
    r"written in \w+ containing|includes the following)\b[^.;]{0,40}:$",
    re.IGNORECASE,
)
#: What to do where something is missing: "If `x` is not available, use `y`".
_FALLBACK = Pattern(
    r"^\W*if `[^`]+` (?:is|are)(?: not|n't) (?:available|installed|found|present)[^`,]{0,16}, (?:try|use|install) `",
    re.IGNORECASE,
)
#: What a thing does, told of: "`sqlc`: Generates code from queries".
_TELLS_OF_IT = Pattern(
    r"^\W*`[^`]+`\W{1,4}(?:[A-Z][a-z]+s (?!only\b)[a-z]|(?i:[a-z-]+) (?:framework|layer|library|abstraction|wrapper)\b)"
)
_MAP_LINE = Pattern(r"^\W*`[^`]+`\s*(?:[-–—:=]|\()")


def describes(statement: Statement) -> bool:
    """True for a line that points elsewhere or maps the repository: no rule, whatever words it holds."""
    if statement.form not in ("bullet", "paragraph"):
        return False
    if _POINTS.match(statement.text) or _ASIDE.match(statement.plain):
        return True
    if any(map(_TROUBLES.match, statement.headings[1:] or statement.headings)) and not language.direction(statement):
        return True
    if statement.form == "bullet" and _CONSISTS.search(statement.lead) and not language.direction(statement):
        return True
    if _FALLBACK.match(statement.plain):
        return True
    if not (statement.first and _MAP_LINE.match(statement.plain)):
        return False
    words = literals.words(statement)
    if words and words[0].sort in ("name", "call") and _TELLS_OF_IT.match(statement.plain):
        return not language.direction(statement)
    return (
        bool(words)
        and words[0].sort == "path"
        and not language.direction(statement)
        and not language.led_away(statement)
        and "generated" not in statement.plain
        and "leave " not in statement.plain
    )


def told(statement: Statement) -> Rule | None:
    """Account for a sentence that prescribes but compiles to no check; None where it prescribes nothing."""
    if statement.form == "tree":
        return None
    if statement.form == "code":
        return (
            advice()
            if literals.runs(statement.plain) or statement.lang in ("bash", "sh", "shell", "zsh", "console")
            else None
        )
    if statement.form == "cell":
        return advice()
    if language.direction(statement) or _orders(statement.plain):
        return judged()
    tells = statement.form == "paragraph" and _TELLS.match(statement.plain) and not _AIMS.search(statement.plain)
    return None if tells else advice()


def _orders(plain: str) -> bool:
    """True where a sentence begins as an order does."""
    found = _BEFORE_VERB.match(plain)
    return bool(found and found[1].lower() in _ORDERS)
