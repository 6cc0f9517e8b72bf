"""Attributes that each block of a configuration must have: "every variable has a `description` and a `type`"."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.rule import Rule

_BLOCKS = Pattern(
    r"^\W*(?:(?:all|every|each|new|terraform|input) )*(variables?|outputs?)(?: (?:and|or|&) (variables?|outputs?))?"
    r"(?: (?:too|also|blocks?|declarations?))? (?:(?:must|should|always|needs? to) )*(?:have|has|needs?|declares?|"
    r"carry|carries|gets?|"
    r"sets?|includes?) (?:an? |their |its |the )?([^.;]{3,80})\W*$",
    re.IGNORECASE,
)
_ATTRIBUTES = ("description", "type", "default", "validation", "sensitive")
#: Where the words mean blocks of Terraform.
_OF_TERRAFORM = Pattern(r"\b(?:terraform|opentofu|hcl|modules?|tf)\b", re.IGNORECASE)


def blocks(statement: Statement) -> Rule | None:
    """Attributes of the variables and outputs of Terraform."""
    found = _BLOCKS.match(statement.plain)
    if not found or language.forbids(statement):
        return None
    if not _OF_TERRAFORM.search(" ".join((statement.plain, statement.lead, *statement.headings))):
        return None
    named: list[JsonValue] = [a for a in _ATTRIBUTES if regex.search(rf"\b{a}s?\b", found[3], re.IGNORECASE)]
    if not named:
        return None
    kinds: list[JsonValue] = [k.lower().rstrip("s") for k in (found[1], found[2]) if k]
    why = "the blocks that a change touches are read"
    return Rule("require_syntax", {"block": kinds, "attributes": named}, "enforced", why)
