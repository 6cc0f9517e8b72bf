"""Commands that are left to others: people, servers, releases."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.rule import Rule

#: A command that was named in the sentence before: "`make x` needs 64 GB. Do not start it."
_NOT_IT = Pattern(
    r"^\W*(?:(?:(?:an|the|any) )?(?:ai )?(?:agents?|you) must (?:not|never)|never|do not|don'?t) (?:ever )?"
    r"(?:run|start|execute|invoke|call|launch|do) (?:it|this|them)"
    r"(?: (?:yourself|by hand|here|locally|manually|on your own|in this \w+|at all))*\W*$",
    re.IGNORECASE,
)
#: Left to others: "leave `make deploy` to CI", "`npm publish` is done by the release job, not by you".
_OF_OTHERS = Pattern(
    r"\bleave `([^`]+)` to (?:the |a |our )?(?:ci|humans?|people|maintainers?|release\w*|users?|reviewers?|"
    r"pipelines?|operators?|"
    r"ops|deploy\w*)\b|"
    r"^\W*`([^`]+)` is (?:(?:only )?for (?:the )?(?:ci|humans|maintainers|pipelines?)(?: only)?\W*$|"
    r"(?:only )?(?:run|done|executed|handled) by [^.;`]{2,30}, (?:not|never) by (?:you|hand|agents?|an agent)\b)",
    re.IGNORECASE,
)


#: "Flashing targets (`make flash`, `make erase`) are for humans".
_FOR_OTHERS = Pattern(
    r"^\W*(?:[\w -]{3,40} \()?(`[^`]+`(?:(?:, | and |, and |/)`[^`]+`){0,5})\)? (?:is|are) (?:only |"
    r"reserved )?for (?:the )?"
    r"(?:humans?|people|maintainers?|operators?|ops|ci|release managers?|pipelines?)(?: only)?\W*$",
    re.IGNORECASE,
)


def left_to_others(statement: Statement) -> Rule | None:
    """Commands that are for others to run, or that the sentence before named."""
    named = ""
    if row := _FOR_OTHERS.match(statement.plain):
        each: list[JsonValue] = [c for c in regex.findall(r"`([^`]+)`", row[1]) if literals.sort(c) == "command"]
        if each:
            return Rule(
                "forbid_command", {"commands": each}, "enforced", "a call that runs it is refused before it runs"
            )
    if found := _OF_OTHERS.search(statement.plain):
        named = found[1] or found[2]
    elif not statement.first and _NOT_IT.match(statement.plain):
        before = statement.block.split(statement.plain)[0]
        told = literals.words(Statement(statement.line, before, before, "paragraph"))
        named = told[-1].text if told and told[-1].sort == "command" else ""
        if regex.search(r"\b(?:them|these)\b", statement.plain) and len(told) > 1:
            each = [w.text for w in told[-4:] if w.sort == "command" and " " in w.text]
            why = "a call that runs it is refused before it runs"
            return Rule("forbid_command", {"commands": [*each]}, "enforced", why) if each else None
    if not named or literals.sort(named) != "command":
        return None
    return Rule("forbid_command", {"commands": [named]}, "enforced", "a call that runs it is refused before it runs")
