"""Rules about what files hold beside code: licence headers, ordered lists, no secrets."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives import language, literals
from loopwright.guard.directives.markdown import Statement
from loopwright.guard.directives.patterns import Pattern
from loopwright.guard.directives.rule import Rule

_HEADER = Pattern(
    r"\b(?:licen[cs]e|copyright|spdx)[- ]?(?:identifier )?(?:headers?|notices?|comments?|blocks?)?\b", re.IGNORECASE
)


def headers(statement: Statement) -> Rule | None:
    """A licence header that new files begin with."""
    plain = statement.plain
    if not _HEADER.search(plain) or not re.search(
        r"\b(?:header|spdx|copyright notice|boilerplate)\b", plain, re.IGNORECASE
    ):
        return None
    if language.forbids(statement) or not re.search(
        r"\b(?:every|all|each|new|must|include|add|need|require)\w*\b", plain, re.IGNORECASE
    ):
        return None
    words = literals.words(statement)
    globs: list[JsonValue] = [
        ("*" + w.text if w.text.startswith(".") and w.text.count(".") == 1 else w.text)
        for w in words
        if re.match(r"^\*?\.[a-z]{1,5}$", w.text)
    ]
    template = next((w.text for w in words if w.sort == "path" and "/" in w.text), "")
    literal = next((w.text for w in words if "SPDX" in w.text or "opyright" in w.text), "")
    params: dict[str, JsonValue] = {"globs": globs, "template": template, "text": literal}
    return Rule(
        "license_header", {k: v for k, v in params.items() if v}, "enforced", "the first lines of new files are read"
    )


_ORDER = Pattern(r"\b(?:alphabetical(?:ly)?|sorted|in alphabetical order|lexicographic\w*)\b", re.IGNORECASE)


def sorted_lists(statement: Statement) -> Rule | None:
    """A list that is kept in order."""
    plain = statement.plain
    if (
        not _ORDER.search(plain)
        or re.search(r"\bimports?\b", plain, re.IGNORECASE)
        or not re.search(
            r"\b(?:must|mandatory|keep|sort|always|maintain|insert|required|should)\b", plain, re.IGNORECASE
        )
    ):
        return None
    path = next((w.text for w in literals.words(statement) if w.sort == "path"), "")
    if not (path or re.search(r"\b(?:entries|lists?|items?|categor\w+|keys|dependencies)\b", plain, re.IGNORECASE)):
        return None
    return Rule(
        "sorted_list", {"file": path} if path else {}, "partly", "added list lines are compared with their neighbours"
    )


_SECRET = Pattern(
    r"\b(?:secrets?|api[- ]?keys?|credentials?|tokens?|passwords?|private keys?|env files?)\b|\.env\b", re.IGNORECASE
)


_SECRET_ACT = Pattern(
    r"\b(?:commit\w*|hard-?cod\w*|check(?:ed)? in|in (?:the )?(?:repo\w*|code|source|git|version control)|"
    r"push|include|store|put|expose|leak|embed|add)\b",
    re.IGNORECASE,
)


_KEPT = Pattern(r"\bcommit|\bhard-?cod|\brepo|\b(?:source|version) control\b|\bgit\b", re.IGNORECASE)


def _near_act(statement: Statement) -> bool:
    """True where one clause forbids, acts and names the secret: not "takes an API key; no hard-coded names"."""
    if language.negative_lead(statement):
        return True
    clauses = re.split(r"[;.:]\s|\s[-–—]\s", statement.plain)
    return any(_SECRET.search(c) and _SECRET_ACT.search(c) for c in clauses)


def secrets(statement: Statement) -> Rule | None:
    """No secrets in the repository."""
    plain = statement.plain
    if not _SECRET.search(plain) or not _SECRET_ACT.search(plain) or not language.forbids(statement):
        return None
    elsewhere = r"\blog(?:s|ged|ging)?\b|\bprint\b|\bresponse\b|\bquer(?:y|ies)\b|\bclient-?side\b"
    if re.search(elsewhere, plain, re.IGNORECASE) and not _KEPT.search(plain):
        return None
    if language.direction(statement) != "forbid" or not _near_act(statement):
        return None
    return Rule(
        "no_secrets",
        {"also": [".env"]} if ".env" in plain else {},
        "enforced",
        "added lines are searched for keys, tokens and passwords",
    )
