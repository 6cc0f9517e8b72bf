"""Rules in rows of tables: what is ruled in one column, and how in the next."""

from __future__ import annotations

import re

import msgspec

from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers import naming_rules, style_rules
from loopwright.guard.directives.rule import Rule

#: Headers of a column of what is ruled, and of how.
_WHAT = Pattern(
    r"^(?:rules?|settings?|options?|items?|elements?|types?|kinds?|things?|aspects?|what|categor(?:y|ies)|entit(?:y|ies)|"
    r"constructs?|identifiers?|names?|artifacts?|style|code|scope|file types?|target|symbols?|context)$",
    re.IGNORECASE,
)
_HOW = Pattern(
    r"^(?:values?|conventions?|styles?|cases?|casing|formats?|patterns?|settings?|rules?|standards?|"
    r"naming(?: convention)?|"
    r"requirements?|names?)$",
    re.IGNORECASE,
)
_RECOGNISERS = (style_rules.limits, style_rules.indentation, style_rules.quotes, naming_rules.naming)


def ruled_row(statement: Statement) -> Rule | None:
    """A row of a table of settings or names: "Max line length | 140 characters", "Classes | PascalCase"."""
    cells, header = statement.cells, statement.header
    if (
        len(cells) < 2
        or len(header) < 2
        or not (_WHAT.match(header[0].strip("* ")) and _HOW.match(header[1].strip("* ")))
    ):
        return None
    said = f"{cells[0].strip('* ')}: {cells[1].strip('* ')}"
    read = msgspec.structs.replace(statement, plain=said, form="bullet", label=cells[0], cells=(), header=())
    return next((rule for recogniser in _RECOGNISERS if (rule := recogniser(read))), None)
