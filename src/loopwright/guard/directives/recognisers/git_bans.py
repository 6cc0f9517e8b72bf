"""Commits, pushes, pull requests and issues that a rule speaks against, or wants agreed to first."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.rule import Rule

_COMMIT = Pattern(
    r"\b(?:do not|don'?t|never|no|must not|should not|avoid|without)\b[^.;:`]{0,60}?"
    r"\b(commit|push|stage|amend|rebase|force[- ]push|create (?:a |new )?branch(?:es)?)(?:s|e?d|t?ing|"
    r"es)?\b(?! [Mm]essages?)",
    re.IGNORECASE,
)


#: What may follow the act for the act itself to be meant, and not one object of it ("never commit notebooks").
_ITSELF = Pattern(
    r"^(?:[\s,/]*(?:(?:or|and|nor|/) ?)?(?:commit|push|amend|squash|rebase|merge|tag|stage|stash|checkout|reset|"
    r"open|create)\w*"
    r"(?: (?:pull requests?|prs?|tags?|branch(?:es)?))?)*"
    r"(?:\s+(?:any |the |your |these |all |own )*(?:changes?|code|commits?|work|anything|things|results?|"
    r"branch(?:es)?|"
    r"published commits?|commits that|shared branches|history|it|them))?"
    r"(?:\s+to (?:an? |the |any )?(?:active |open |existing )?(?:prs?|pull[- ]requests?)\b)?"
    r"(?:\s+(?:directly|automatically|autonomously|yourself|on your own|silently|for (?:me|the user|us)|on "
    r"behalf|at all|ever|"
    r"to (?:git|the (?:remote|repo\w*)|origin|remote)|in this repo\w*|as (?:part|an agent)))*"
    r"[\s*_\"')]*(?:$|[;!?)(,—–。！、-]|\.(?!\w)|:\W*(?:$|(?:ask|always|the user|wait|leave)\b)|"
    r"\bthat have (?:already )?been\b|\b(?:unless|until|if|without|before|when|except|"
    r"because|since|as|only|explicitly|"
    r"and|or|but|the user|users?)\b)",
    re.IGNORECASE,
)


#: What must come before the act, so that the act as such is not meant: "never commit without changesets".
_UNDONE = Pattern(
    r"^[^.;]{0,20}\bwithout (?!(?:(?:an? |any |the |my |your |our |explicit(?:ly)? |prior |user |human |written |"
    r"being |first |"
    r"user'?s? )*(?:requesting|approval|permission|consent|confirmation|asking|review|request|instruction|"
    r"authori[sz]ation|"
    r"asked|told|"
    r"go-ahead|sign-?off)))",
    re.IGNORECASE,
)


#: What was named before, and not the act as such: "`dist/` is built; never commit it".
_OF_IT = Pattern(
    r"^ (?:it|them|these|those)\b(?! (?:yourself|directly|automatically|unless|until|without|before|on your))"
)


#: What stands before "commit" or "push" where it is a thing and no act: "as co-author in the commits".
_NOUN = Pattern(
    r"(?<!make )(?<!making )(?<!create )(?<!creating )(?<!perform )"
    r"(?:\b(?:in|into|of|from|within)\b[^.;]*,(?: or| and)?|"
    r"(?:\b(?:other|others|existing|their|people|someone|anyone|somebody|nobody)(?:'s)?|'s|"
    r"\b(?:in|the|a|an|each|every|this|that|single|one|same|your|per|of|from|with|previous|first|between|for|into|"
    r"on)))"
    r"\s+$",
    re.IGNORECASE,
)


_GIT_VERBS = {
    "commit": "git commit",
    "push": "git push",
    "stage": "git add",
    "amend": "git commit --amend",
    "rebase": "git rebase",
    "force": "git push --force",
    "merge": "git merge",
    "tag": "git tag",
}


_GITHUB = (
    (
        Pattern(
            r"\b(?:creat|open|submit|fil|post|rais|mak)(?:e|es|ing|s|ting)? (?:an? |new |any |draft |issues? (?:or|"
            r"and|nor) )*"
            r"(?:prs?|pull[- ]requests?|merge[- ]requests?)\b",
            re.IGNORECASE,
        ),
        "gh pr create",
    ),
    (
        Pattern(
            r"\b(?:creat|open|fil|submit|rais)(?:e|es|ing|s|ting)? (?:an? |new |any |(?:prs?|"
            r"pull[- ]requests?) (?:or|and|nor) )*"
            r"issues?\b",
            re.IGNORECASE,
        ),
        "gh issue create",
    ),
    (Pattern(r"\bmerge your own\W*$", re.IGNORECASE), "gh pr merge"),
    (Pattern(r"\bpost\w* (?:any )?comments?\b", re.IGNORECASE), "gh issue comment"),
    (Pattern(r"\bmerge (?:an? |any |the |your |own )*(?:prs?|pull[- ]requests?)\b", re.IGNORECASE), "gh pr merge"),
)


#: What follows a pull request or an issue that is one of a kind: "with an empty body", "that break the build".
_OF_A_KIND = Pattern(
    r"^\W*(?:with|without|that|which|whose|having|containing|larger|over|bigger|until|before|"
    r"while)\b"
)


def _acted(pattern: Pattern, source: str) -> bool:
    """True where the sentence speaks of the act itself, not of one done in some way."""
    found = pattern.search(source)
    return bool(found) and not (found and _OF_A_KIND.match(source[found.end() :]))


#: "Before running `git push`, get explicit approval".
_APPROVED = Pattern(
    r"^\W*before (?:you )?(?:run(?:ning)?|execut(?:e|ing)|us(?:e|ing)) `([^`]+)`[^.;]{0,60}"
    r"\b(?:approval|ask|confirm\w*|permission|consent)\b",
    re.IGNORECASE,
)


#: "Commits, pushes and the creation of branches require the user's authorization".
_AUTHORISED = Pattern(
    r"^\W*(?:(?:any|all|local|remote|new|every) )*((?:[\w-]+(?: (?:or|and|of))? ?[,/]? ?){1,10}?)\b(?:requires?|"
    r"needs?) "
    r"(?:[\w']+ ){0,3}(?:authori[sz]ation|approval|permission|consent|confirmation)\b",
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
        act = "gh pr merge" if only[1].lower() == "merge" else _GIT_VERBS[only[1].lower()]
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


#: What is to be done in its place: "do not paste patches into issues; open a pull request".
_INSTEAD = Pattern(r"; (?:instead,? |rather,? )?(?:open|create|file|submit|make|push|commit)\b", re.IGNORECASE)
_MERGES = Pattern(r"^\W*(?:no|avoid|never make|don't (?:make|create)) merge commits\b", re.IGNORECASE)
#: Commits of one kind, and not the act: "no fixup commits", "no merge commits".
_OF_SOME_KIND = Pattern(r"^(?:no|avoid|without) (?:[\w/-]+ ){1,3}commits$", re.IGNORECASE)
_TAGS_AFTER = Pattern(r"^ (?:any |the |new |release |version |git )*tags?\b", re.IGNORECASE)
_TAGS = Pattern(
    r"\b(?:never|not|don'?t) (?:(?:create|push|make|add) )?(?:git |release |version )?tags?\b(?! (?:in|with|on|to|"
    r"the|names?))",
    re.IGNORECASE,
)


#: What must come first, and no ban: "do not push before these checks are complete".
_BEFORE_CHECKS = Pattern(
    r"\b(?:before|until) (?:[\w-]+ ){0,4}(?:checks?|tests?|lint\w*|ci|builds?|verification|validation|suite|"
    r"type-?check\w*) (?:is|are|has|have|"
    r"pass\w*|complete\w*|succeed\w*|finish\w*|run)\b",
    re.IGNORECASE,
)


def forbid_git(statement: Statement) -> Rule | None:
    """No commits, no pushes, no pull requests."""
    plain = statement.plain
    if _MERGES.match(plain):
        why = "a merge that is told to make a commit is refused; one that makes it unasked is not told apart"
        return Rule("forbid_command", {"commands": ["git merge --no-ff"]}, "partly", why)
    if (
        not language.forbids(statement)
        or regex.search(
            r"\bwithout (?:an? |running|passing|first(?! (?:asking|requesting|getting|obtaining))|updating|tests?)",
            plain,
        )
        or regex.match(r"^if\b", plain, re.IGNORECASE)
        or _BEFORE_CHECKS.search(plain)
    ):
        return None
    if regex.search(
        r"\b(?:push|commit)\w*\b[^.;]{0,20}\b(?:to|on)\b[^.;]{0,8}`?(?:main|master|develop|trunk)\b",
        plain,
        re.IGNORECASE,
    ):
        return None
    commands: list[JsonValue] = ["git tag"] if _TAGS.search(plain) else []
    source = plain if not language.negative_lead(statement) else f"never {plain}"
    for found in _COMMIT.finditer(source):
        verb = found[1].lower()
        if _OF_SOME_KIND.match(found[0]):
            continue
        if verb == "stage" and not regex.search(r"\b(?:not|never|n't|avoid) $", source[: found.start(1)]):
            continue
        if _UNDONE.match(source[found.end() :]) or _OF_IT.match(source[found.end() :]):
            continue
        if not _ITSELF.match(source[found.end() :]) or _NOUN.search(source[found.start() : found.start(1)]):
            continue
        if regex.search(r"\b(?:before|until|after|when) (?:\w+ )?$", source[: found.start(1)]):
            continue
        if verb == "push" and _TAGS_AFTER.match(source[found.end() :]):
            commands += ["git push --tags", "git push --follow-tags", "git tag"]
            continue
        commands.append(_GIT_VERBS.get(verb.split()[0].split("-")[0], "git switch -c"))
        commands.extend(
            _GIT_VERBS[also]
            for also in regex.findall(
                r"(?:\bor|/|,) (commit|push|amend|rebase|merge|force(?=[- ]push))(?:e?s)?\b",
                source[found.end() : found.end() + 40],
            )
        )
    negation = next(language.NEGATION.finditer(source), None)
    forbidden = source[negation.start() :] if negation and not language.negative_lead(statement) else source
    if negation and source[: negation.start()].endswith("("):
        forbidden = forbidden.split(")")[0]
    if _INSTEAD.search(forbidden):
        forbidden = forbidden.split(";")[0]
    commands.extend(command for pattern, command in _GITHUB if _acted(pattern, forbidden))
    if not commands or regex.search(
        r"\b(?:secrets?|credentials?|api keys?|passwords?|\.env|tokens?)\b", plain, re.IGNORECASE
    ):
        return None
    return Rule(
        "forbid_command",
        {"commands": list(dict.fromkeys(commands))},
        "enforced",
        "a call that runs it is refused before it runs",
    )
