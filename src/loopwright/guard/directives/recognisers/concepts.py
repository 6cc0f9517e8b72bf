"""Rules that name no tool ("Rate-limit APIs"): a table from the idea to the check that shows it.

What only a running application can show is `partly`: the part that can be read from the sources is judged.
"""

from __future__ import annotations

import re

from loopwright.guard.directives.reading import language, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.concept_table import CONCEPTS
from loopwright.guard.directives.rule import Rule

_COMPILED = tuple((Pattern(c.words, re.IGNORECASE), c) for c in CONCEPTS)


def concept(statement: Statement) -> Rule | None:
    """Return the rule of the first idea the sentence speaks of."""
    if statement.form not in ("bullet", "paragraph"):
        return None
    plain = statement.plain
    if _WEIGHED.match(plain):
        return None
    for pattern, each in _COMPILED:
        if len(plain) <= each.longest and pattern.search(plain):
            if each.kind == "runtime_probe" and _OF_OTHERS.search(plain):
                return None
            against = (
                language.forbids(statement)
                or language.asking_lead(statement)
                or bool(regex.match(r"^ask before\b", plain, re.IGNORECASE))
            )
            if each.forbidding and not against:
                continue
            if not each.forbidding and not _short_wish(statement):
                continue
            return Rule(
                each.kind,
                each.params,
                each.status,
                each.why,
                level="ask" if each.forbidding and language.asks(statement) else each.level,
            )
    return None


#: "Consider adding load tests": a thought, no rule.
_WEIGHED = Pattern(r"^\W*(?:[\w /-]{2,30}: )?(?:consider|think about|keep in mind|be mindful)\b", re.IGNORECASE)
#: What others' services do, and what tests are about: nothing that this application does.
_OF_OTHERS = Pattern(
    r"\b(?:tests?|mock\w*|third[- ]party|upstream|providers?|external|respect(?:s|ing)?|handl(?:e|es|ing))\b",
    re.IGNORECASE,
)


#: "Backend follows an MVC-like pattern": told of what is there.
_TELLS = Pattern(
    r"^\W*(?:[\w /-]{2,40}: )?(?:the |our |all )?[A-Za-z]\w+(?: \w+)? (?:follows|uses|implements|provides|handles|"
    r"has|supports) ",
    re.IGNORECASE,
)


def _short_wish(statement: Statement) -> bool:
    """True where the sentence asks for the idea rather than telling of it."""
    plain = statement.plain
    if _TELLS.search(plain) and not language.direction(statement):
        return False
    if regex.match(r"^[\w /]{2,25}: `?[\w./*-]+`?$|^`", plain):
        return False
    if (
        regex.search(r"\b(?:see|refer|if|because|which|e\.g|example)\b|`[^`]*/[^`]*`\s*$", plain, re.IGNORECASE)
        and len(plain) > 60
    ):
        return False
    return statement.form == "bullet" or bool(language.direction(statement))
