"""Rules about text that must not appear: emojis, unfinished marks, names to be let be, silenced warnings."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives import language
from loopwright.guard.directives.patterns import Pattern
from loopwright.guard.directives.places import place
from loopwright.guard.directives.rule import Rule
from loopwright.guard.directives.statement import Statement

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
    r"\b(?:never|not|don'?t) (?:ever )?(?:add|modify|touch|change|edit)\b[^.;`]{0,30}\b(?:code|logic|anything|lines?)\b"
    r"[^.;`]{0,25}((?:`[\w.:-]{4,}`(?:,? (?:or|and) |, )?)+)",
    re.IGNORECASE,
)


def text_rules(statement: Statement) -> Rule | None:
    """Text that must not appear: emojis, unfinished marks, names that must be let be."""
    plain = statement.plain
    if "`" in plain and (related := _RELATED.search(plain)):
        kept: list[JsonValue] = [*re.findall(r"`([^`]+)`", related[1])]
        return Rule("forbid_text", {"texts": kept, **place(statement)}, "enforced", "searched for in the added lines")
    if _EMOJI.search(plain) or (language.negative_lead(statement) and re.search(r"\bemojis?\b", plain, re.IGNORECASE)):
        if re.search(r"\b(?:commit|pr\b|pull request|communicat|respon|chat|conversation)", plain, re.IGNORECASE):
            return None
        return Rule("forbid_text", {"what": "emoji", **place(statement)}, "enforced", "searched for in the added lines")
    if _TODO.search(plain) and not _TODO_KEPT.search(plain):
        params: dict[str, JsonValue] = {"texts": ["TODO", "FIXME"], **place(statement)}
        if "without" in plain:
            params["unless"] = r"#\d+|[A-Z]+-\d+|https?://"
        return Rule("forbid_text", params, "enforced", "searched for in the added lines")
    return None


SUPPRESSED = Pattern(
    r"@ts-ignore|@ts-nocheck|@ts-expect-error|eslint-disable[\w-]*|type: ?ignore|noqa|nolint|"
    r"@SuppressWarnings|#\[allow\b|rubocop:disable|pragma: no cover|biome-ignore|pylint: ?disable"
)


def suppression(statement: Statement) -> Rule | None:
    found: list[JsonValue] = list(dict.fromkeys(m[0] for m in SUPPRESSED.finditer(statement.plain)))
    return (
        Rule("forbid_text", {"texts": found, **place(statement)}, "enforced", "searched for in the added lines")
        if found
        else None
    )
