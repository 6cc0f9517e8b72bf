"""Rules about the versions of dependencies: exact ones only."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.rule import Rule

_NAMED = r"\b(?:dependenc(?:y|ies)|packages|requirements)\b"
_PINNED = Pattern(
    rf"^\W*(?:always |please )?pin (?:all |every |each |your |our |the )*(?:\w+ )?{_NAMED}|"
    rf"{_NAMED}[^.;]{{0,20}}\b(?:must|should|are|is|have to|always|keep)\b[^.;]{{0,15}}"
    r"\b(?:pinned|exact versions?|fixed versions?)\b|"
    rf"\bkeep\b[^.;]{{0,20}}{_NAMED}[^.;]{{0,10}}\bpinned\b|"
    rf"\b(?:use|only)\b[^.;]{{0,10}}\bexact versions?\b[^.;]{{0,20}}{_NAMED}",
    re.IGNORECASE,
)
_RANGES = Pattern(
    r"\b(?:no|never|avoid|not use|don'?t use|without)\b[^.;]{0,20}"
    r"(?:\bversion ranges?\b|`\^`|`~`|\bcarets?\b|\bloose versions?\b)",
    re.IGNORECASE,
)
_OTHERWISE = Pattern(
    r"\b(?:if|when|unless|because|already|actions?|images?|node|python|java|toolchain|rust|are pinned in|"
    r"is pinned in|"
    r"see|lock ?files?|minimum|upper bound|compatible|unpin\w*|bump|updat\w+|upgrad\w+|bug|fix(?:es)? (?:the|a))\b",
    re.IGNORECASE,
)


#: "Pin third-party actions to a commit SHA".
_ACTIONS = Pattern(
    r"\bactions?\b[^.;]{0,30}\b(?:pin(?:ned)?|by|to|at|use)\b[^.;]{0,20}\b(?:sha|commit hash|commit sha|full commit|"
    r"digest)|"
    r"\bpin\b[^.;]{0,30}\bactions?\b[^.;]{0,20}\b(?:sha|hash|commit|digest)",
    re.IGNORECASE,
)


def pinned(statement: Statement) -> Rule | None:
    """Dependencies are declared by exact versions."""
    plain = statement.plain
    if _ACTIONS.search(plain) and not language.forbids(statement):
        others: dict[str, JsonValue] = {"third_party": True} if "third" in plain.lower() else {}
        why = "`uses:` lines that a change adds to workflows must name a commit"
        return Rule("require_syntax", {"what": "pinned_actions", **others}, "enforced", why)
    against = language.forbids(statement)
    prose = language.without_code(plain)
    if len(plain) > 140 or _OTHERWISE.search(prose):
        return None
    if not (_RANGES.search(plain) or (_PINNED.search(prose) and not against)):
        return None
    named: list[JsonValue] = [w.text for w in literals.words(statement) if w.sort == "path" and "/" not in w.text]
    params: dict[str, JsonValue] = {"manifests": named} if named else {}
    why = "what a change adds to package.json, requirements, pyproject.toml and Pipfile must have one exact version"
    return Rule("pinned_versions", params, "enforced", why)
