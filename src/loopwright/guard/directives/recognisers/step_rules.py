"""Steps of a list that says what goes with something new."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers import brought_in
from loopwright.guard.directives.recognisers.guards import glob_of
from loopwright.guard.directives.rule import Rule

#: A heading or line above a list of what goes with something new: "Adding integrations", "To add a new tool:".
_ADDING = Pattern(
    r"^\W*(?:how to |steps (?:to|for) |when |to |for )?(?:(?:add|creat|introduc|implement|register|wir|build)(?:e|"
    r"ing)?|new) "
    r"(?:an? |new |the )*([\w -]{3,40})",
    re.IGNORECASE,
)


_STEP = Pattern(
    r"^\W*(?:(?:then|also|finally|and),? )?(?:add|register|export|include|append|list|declare|import|wire|hook|"
    r"update|mirror|extend)\b"
    r"[^.;]{0,90}?\b(?:to|in|into|from|inside) (?:\w+ ){0,2}`([^`]+)`",
    re.IGNORECASE,
)


def step(statement: Statement) -> Rule | None:
    """A step of what goes with something new: "add it to `REGISTRY` in `tools/registry.py`"."""
    if statement.form != "bullet" or language.forbids(statement):
        return None
    titles = (statement.lead, *statement.headings[-1:])
    adding = next((found for t in titles if len(t) < 80 and (found := _ADDING.match(t))), None)
    if not adding or not _STEP.match(statement.plain):
        return None
    need = [w for w in literals.words(statement) if w.sort == "path" and not w.text.endswith(("/", ".md"))]
    if not need:
        return None
    why = "new files of source without it are pointed out; whether they are what the list is about is not judged"
    params: dict[str, JsonValue] = {"when": [adding[1].strip()], "need": [glob_of(need[-1].text)]}
    known = brought_in.brought_in(f"new {adding[1].strip()}")
    params |= {"brings": known[0], "anywhere": True} if known and known[0] else {"any_source": True, "new": True}
    return Rule("companion_change", params, "partly", why, level="warn")
