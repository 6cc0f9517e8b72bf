"""Commits, pushes, pull requests and issues that a rule speaks against."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, regex
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


#: What each act is run as.
GIT_VERBS = {
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
        commands.append(GIT_VERBS.get(verb.split()[0].split("-")[0], "git switch -c"))
        commands.extend(
            GIT_VERBS[also]
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
