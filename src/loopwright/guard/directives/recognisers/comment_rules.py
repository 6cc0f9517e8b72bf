"""Rules about comments: those that must not be written, and those that must stand above a construct."""

from __future__ import annotations

import re

from loopwright.guard.directives.reading import language, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.places import place
from loopwright.guard.directives.rule import Rule

#: "Do not emit "Act" or "Assert" comments".
_COMMENTS = Pattern(
    r"\b(?:no|not|n't|never|avoid|without)\b[^.;\"]{0,25}((?:[\"`'][\w ]{2,20}[\"`'](?:, (?:or |and )?| or | and |"
    r"/)?)+)"
    r" (?:section |divider |style )?comments?\b",
    re.IGNORECASE,
)


_LINKS = Pattern(
    r"\b(?:no|never|not|n't|avoid)\b[^.;]{0,25}\b(?:links?|urls?)\b(?: \([^)]*\))? (?:in|inside|"
    r"within) (?:the )?(?:code |source |"
    r"inline )?comments?\b",
    re.IGNORECASE,
)


def comments(statement: Statement) -> Rule | None:
    """Comments of given words that must not be written."""
    if _LINKS.search(statement.plain):
        why = "comments with an address are found in the added lines"
        return Rule("forbid_comment", {"regex": r"https?://", **place(statement)}, "enforced", why)
    found = _COMMENTS.search(statement.plain)
    if not found or "without" in statement.plain[found.end() :]:
        return None
    named = regex.findall(r"[\"`']([\w ]{2,20})[\"`']", found[1])
    begins = rf"^\s*(?://+|#+|/?\*+|--)\s*(?:{'|'.join(map(re.escape, named))})\b"
    why = "comments that begin so are found in the added lines"
    return Rule("forbid_comment", {"regex": begins, **place(statement)}, "enforced", why)


#: "Put a comment above each `shellcheck disable`".
_EXPLAINED = Pattern(
    r"^\W*(?:always )?(?:put|add|write|include|leave) an? (?:explanatory |short |brief )?"
    r"comment\b[^.;`]{0,24}\b(?:above|before|next to|"
    r"beside|for|on) (?:each|every|any|all) `([^`]{3,40})`|"
    r"^\W*(?:every |each |any )?`([^`]{3,40})` (?:requires?|needs?|must have) an? (?:explanatory )?comment\b",
    re.IGNORECASE,
)
_BESIDE = Pattern(
    r"\b(?:write|add|include|needs?|requires?|must have|provide|"
    r"document)\b[^.;`]{0,25}`(?:// |# )?([A-Z][A-Za-z]{2,}:?)`(?: comments?)?[^.;]{0,60}`(\w{3,})`",
    re.IGNORECASE,
)


#: "No `unsafe` without a `// SAFETY:` comment", "every `unsafe` block needs a `// SAFETY:` comment".
_WITHOUT = Pattern(
    r"(?:\b(?:no|never|not|don'?t|avoid|every|each|all|any)\b[^.;`]{0,20}|^\W*)`(\w{3,})`(?: (?:blocks?|code|"
    r"functions?|calls?|usages?|uses?))?"
    r"[^.;`]{0,15}\b(?:without|needs?|requires?|must (?:have|carry|be (?:preceded|accompanied|"
    r"justified)(?: (?:by|with))?)|has|have)\b"
    r"[^.;`]{0,45}`(?:// ?|# ?)?([A-Z][A-Za-z]{2,}:?)[^`]*`",
    re.IGNORECASE,
)


#: "`// SAFETY:` before every `unsafe` block".
_BEFORE_EACH = Pattern(
    r"`(?:// ?|# ?)?([A-Z][A-Za-z]{2,}:?)[^`]*`(?: comments?)? (?:before|above|on|for|over) (?:every|each|all|"
    r"any) `(\w{3,})`",
    re.IGNORECASE,
)


#: "Loading with `torch.load` needs `weights_only=True`": an argument that every call must have.
_ARGUMENT = Pattern(
    r"^\W*(?:[\w -]{3,40} )?`([A-Za-z_][\w.]*)(?:\([^`]*\))?`(?: calls?)? (?:always )?(?:needs?|requires?|"
    r"must (?:have|be called with|get|pass|set)|"
    r"(?:is|are) (?:always )?called with|takes?|gets?) (?:an? |the )?(?:explicit )?`(\w+ ?[=:] ?[\w.'\"]+)`|"
    r"^\W*(?:always )?(?:pass|set|use|give) `(\w+ ?[=:] ?[\w.'\"]+)` (?:to|in|for|with|when (?:calling|"
    r"using)) (?:every |each |all )?`([A-Za-z_][\w.]*)"
    r"(?:\([^`]*\))?`(?: calls?)?\W*$",
    re.IGNORECASE,
)


def _argument(statement: Statement) -> Rule | None:
    found = _ARGUMENT.match(statement.plain)
    if not found or language.forbids(statement):
        return None
    call, wanted = (found[1], found[2]) if found[1] else (found[4], found[3])
    if not ("." in call or "_" in call or regex.search(r"[a-z][A-Z]", call)):
        return None
    why = "calls that the change adds are looked at, to the end of their brackets"
    return Rule("require_syntax", {"call": call, "text": wanted}, "enforced", why)


def beside(statement: Statement) -> Rule | None:
    """A comment that must stand above a construct: `SAFETY` above `unsafe`; an argument that calls must have."""
    if rule := _argument(statement):
        return rule
    if "comment" not in statement.plain.lower() and "//" not in statement.plain:
        return None
    if found := _EXPLAINED.match(statement.plain):
        why = "added lines with it are searched for a comment above them"
        return Rule("require_syntax", {"near": found[1] or found[2], "text": "comment", "any": True}, "enforced", why)
    if found := _WITHOUT.search(statement.plain):
        near, text = found[1], found[2]
    elif (found := _BEFORE_EACH.search(statement.plain)) or (
        (found := _BESIDE.search(statement.plain)) and not language.forbids(statement)
    ):
        near, text = found[2], found[1]
    else:
        return None
    return Rule(
        "require_syntax",
        {"near": near, "text": text},
        "enforced",
        "added lines with the one are searched for the other above them",
    )
