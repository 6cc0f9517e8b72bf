"""Commands of git and GitHub that a person must agree to first, and branches that nobody may remove."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import literals
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.git_bans import GIT_VERBS
from loopwright.guard.directives.rule import Rule

#: "Before running `git push`, get explicit approval".
_APPROVED = Pattern(
    r"^\W*before (?:you )?(?:run(?:ning)?|execut(?:e|ing)|us(?:e|ing)) `([^`]+)`[^.;]{0,60}"
    r"\b(?:approval|ask|confirm\w*|permission|consent)\b",
    re.IGNORECASE,
)


#: "Commits, pushes and the creation of branches require the user's authorization".
_AUTHORISED = Pattern(
    r"^\W*((?![^.;:`]{0,60}\b(?:that|which|to an?|with|for)\b)[^.;:`]{3,80}?)\b(?:requires?|"
    r"needs?) (?:[\w']+ ){0,3}(?:authori[sz]ation|approval|permission|consent|"
    r"confirmation)\b",
    re.IGNORECASE,
)
#: Acts as such a sentence names them.
_NAMED_ACTS = (
    (Pattern(r"\bcommit(?:s|ting)?\b", re.IGNORECASE), "git commit"),
    (Pattern(r"\bpush(?:es|ing)?\b", re.IGNORECASE), "git push"),
    (Pattern(r"\bstaging\b(?! \w+(?<!and)(?<!or) )", re.IGNORECASE), "git add"),
    (Pattern(r"\bmerg(?:es|ing)\b", re.IGNORECASE), "gh pr merge"),
    (Pattern(r"\bopening (?:\w+ )?(?:pull requests?|prs?)\b|\bpull request creation\b", re.IGNORECASE), "gh pr create"),
    (
        Pattern(r"\bbranch creation\b|\b(?:creating|creation of) (?:\w+ )?branch(?:es)?\b", re.IGNORECASE),
        "git switch -c",
    ),
)
#: "Never merge without confirmation".
_MERGED = Pattern(
    r"\b(?:never|not|don'?t) (?:ever )?merge(?: (?:(?:a|any|the|your|own) )*(?:prs?|pull requests?|anything|"
    r"it))?(?: (?:in)?to (?:the )?`?(?:main|master|develop|trunk)`?(?: branch)?)? without "
    r"(?!(?:review|running|passing|tests?|a passing|green|ci)\b)(?:[\w']+ ){0,3}(?:confirmation|approval|consent|"
    r"permission|"
    r"authori[sz]ation|go-ahead|sign-?off)\b",
    re.IGNORECASE,
)
#: "Only amend if the user says so".
_ONLY_ASKED = Pattern(
    r"^\W*only (commit|push|amend|rebase|tag|merge)(?: \w+)? (?:if|when|after) (?:explicitly )?(?:asked|told|"
    r"requested|instructed|"
    r"(?:the user|i|a maintainer|someone|you are|you're)\b[^.;]{0,25}\b(?:says?|asks?|asked|tells?|told|requests?|"
    r"approves?|agrees?|"
    r"instructed|requested))\b",
    re.IGNORECASE,
)
#: "Never delete a branch or a worktree".
_REMOVED = Pattern(
    r"\b(?:never|not|don'?t) (?:ever )?(?:delete|remove|overwrite|drop|prune)(?:(?:,| or|, or) (?:delete|remove|"
    r"overwrite|"
    r"move|prune|reset))* "
    r"(?:(?:an?|any|the|existing|other|remote|local|git|someone else's|people's) )*(branch(?:es)?|worktrees?)"
    r"(?:(?:,| or|, or| and) (?:an? |the )?(branch(?:es)?|worktrees?))?(?! (?:protection|names?|prefix))\b",
    re.IGNORECASE,
)


#: "Never push to upstream".
_REMOTE = Pattern(
    r"\b(?:never|not|don'?t) (?:ever )?push (?:directly |commits |anything )?to (?:the )?`?(upstream|origin)`?\b",
    re.IGNORECASE,
)
#: "Get approval before pushing commits, opening PRs or posting comments".
_AGREED = Pattern(
    r"\b(?:get|ask for|obtain|require|request|wait for)\b[^.;]{0,25}\b(?:approval|permission|confirmation|"
    r"consent)\b[^.;]{0,15}"
    r"\bbefore\b([^.;]*)",
    re.IGNORECASE,
)
_ACTS = (
    (Pattern(r"\bcommitting\b|\b(?:a|any|each|every) commit\b", re.IGNORECASE), "git commit"),
    (Pattern(r"\bpush(?:ing)?\b", re.IGNORECASE), "git push"),
    (Pattern(r"\b(?:creat|open|submit)\w* (?:a |any |new )*(?:prs?|pull requests?)\b", re.IGNORECASE), "gh pr create"),
    (Pattern(r"\bpost\w* (?:\w+ )?comments?\b", re.IGNORECASE), "gh pr comment"),
    (Pattern(r"\bmerging\b", re.IGNORECASE), "gh pr merge"),
)


#: Words of which one is in every such sentence.
_SPOKEN_OF = (
    "push", "commit", "merg", "branch", "worktree", "amend", "rebas", "stag", "tag", "approv", "consent", "permission",
    "confirm", "authori", "ask",
)  # fmt: skip


def _kept(named: str) -> Rule:
    """Branches or worktrees that nobody may remove."""
    commands: list[JsonValue] = []
    if "branch" in named.lower():
        commands += ["git branch -d", "git branch -D", "git push --delete"]
    if "worktree" in named.lower():
        commands += ["git worktree remove", "git worktree prune"]
    return Rule("forbid_command", {"commands": commands}, "enforced", "a call that runs it is refused before it runs")


def needs_approval(statement: Statement) -> Rule | None:
    """A command that a person must agree to first."""
    lower = statement.plain.lower()
    if not any(word in lower for word in _SPOKEN_OF):
        return None
    if remote := _REMOTE.search(statement.plain):
        why = "a call that runs it is refused before it runs"
        return Rule("forbid_command", {"commands": [f"git push {remote[1].lower()}"]}, "enforced", why)
    if agreed := _AGREED.search(statement.plain):
        asked: list[JsonValue] = [act for pattern, act in _ACTS if pattern.search(agreed[1])]
        if asked:
            why = "a call that runs it is asked about"
            return Rule("forbid_command", {"commands": asked}, "enforced", why, level="ask")
    if _MERGED.search(statement.plain):
        why = "a call that runs it is asked about"
        return Rule("forbid_command", {"commands": ["gh pr merge"]}, "enforced", why, level="ask")
    if only := _ONLY_ASKED.match(statement.plain):
        act = "gh pr merge" if only[1].lower() == "merge" else GIT_VERBS[only[1].lower()]
        return Rule(
            "forbid_command", {"commands": [act]}, "enforced", "a call that runs it is asked about", level="ask"
        )
    if wanted := _AUTHORISED.match(statement.plain):
        acts: list[JsonValue] = [act for pattern, act in _NAMED_ACTS if pattern.search(wanted[1])]
        if acts:
            why = "a call that runs it is asked about"
            return Rule("forbid_command", {"commands": acts}, "enforced", why, level="ask")
    if removed := _REMOVED.search(statement.plain):
        return _kept(" ".join(g for g in removed.groups() if g))
    found = _APPROVED.match(statement.plain)
    if not found or literals.sort(found[1]) != "command":
        return None
    return Rule(
        "forbid_command", {"commands": [found[1]]}, "enforced", "a call that runs it is asked about", level="ask"
    )
