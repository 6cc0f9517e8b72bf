"""Rules about pull requests and branches: template, base, draft, names of branches."""

from __future__ import annotations

import re

import msgspec

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.git_rules import AT_CALL, PR
from loopwright.guard.directives.rule import Rule


def among(rule: Rule, rules: list[Rule]) -> Rule:
    """Where a file names several branches that pull requests go to, each is as good as the others."""
    if rule.kind != "branch_rule" or "base" not in rule.params:
        return rule
    others = {str(r.params["base"]) for r in rules if r.kind == "branch_rule" and "base" in r.params}
    others.discard(str(rule.params["base"]))
    if not others:
        return rule
    why = "any of the branches named will do; which one a change belongs on is not judged"
    return msgspec.structs.replace(rule, params={**rule.params, "also": [*sorted(others)]}, status="partly", why=why)


_TARGET = Pattern(
    r"\b(?:target(?:s|ing)?|against|base(?:d)?(?: branch)?(?: is)?|into|merge(?:d)? (?:in)?to|"
    r"open(?:ed)? (?:against|to)|go(?:es)? (?:in)?to)\b[^.;`]{0,20}`([\w./-]+)`",
    re.IGNORECASE,
)
_MAIN = Pattern(
    r"\b(?:main|default|integration|development|primary) branch\b[^.;`]{0,40}\bis `([\w./-]+)`", re.IGNORECASE
)
_TEMPLATE = Pattern(r"pull_request_template|merge_request_template", re.IGNORECASE)
_TEMPLATE_SAID = Pattern(r"\b(?:pr|pull[- ]request) template\b", re.IGNORECASE)
_THE_TEMPLATE = Pattern(
    r"^\W*(?:fill|complete)\b[^.;]{3,40} of the (?:\w+ )?template\W*$|^\W*(?:use|follow|fill (?:in|out)|"
    r"complete) (?:in )?the (?:\w+ )?template\W*$",
    re.IGNORECASE,
)
_FILLED = Pattern(r"\b(?:use|follow|fill|filled|complete|must)\b", re.IGNORECASE)
_ASKED_OF_THE_USER = Pattern(r"\b(?:prompt|ask) the (?:user|human|author)\b", re.IGNORECASE)
_DRAFTED = Pattern(r"\b(?:create|open|mark|draft mode|as drafts?|default|always|must)\w*\b", re.IGNORECASE)


def pull_requests(statement: Statement) -> Rule | None:
    """Template, base branch and draft mode of pull requests; names of branches."""
    if regex.match(r"^if\b", statement.plain, re.IGNORECASE):
        return None
    return (
        _body(statement)
        or _template(statement)
        or _draft(statement)
        or _base(statement)
        or _branches(statement, statement.plain)
    )


#: "The PR description must contain a line starting with `Issue Number:`".
_BODY = Pattern(
    r"\b(?:pr|pull[- ]request)(?:'s)? (?:descriptions?|body|bodies|text)\b[^.;`]{0,20}\b(?:must|should|needs? to|"
    r"has to)\b"
    r"[^.;`]{0,60}`([^`]{3,60})`|"
    r"\b(?:each|every|all) (?:prs?|pull[- ]requests?) (?:must|should|needs? to|has to|have to) (?:include|contain|"
    r"have)\b[^.;`]{0,20}"
    r"`([^`]{3,60})`[^.;]{0,40}\b(?:description|body)\b",
    re.IGNORECASE,
)


def _body(statement: Statement) -> Rule | None:
    found = _BODY.search(statement.plain)
    if not found or language.forbids(statement) or _TEMPLATE.search(found[0]):
        return None
    why = "the body given to `gh pr create` is searched for it"
    return Rule("pr_template", {"contains": found[1] or found[2]}, "enforced", why)


def _template(statement: Statement) -> Rule | None:
    named = next((w.text for w in literals.words(statement) if _TEMPLATE.search(w.text)), "")
    if not named and (
        bare := regex.search(
            r"(?<![\w`(])[\w./-]*(?:pull|merge)_request_template(?:\.md)?", statement.plain, re.IGNORECASE
        )
    ):
        named = (
            regex.sub(r"^.*/blob/[^/]+/", "", bare[0])
            if _FILLED.search(statement.plain) or "include" in statement.plain.lower()
            else ""
        )
    said = _TEMPLATE_SAID.search(statement.plain) or (
        _THE_TEMPLATE.match(statement.plain) and PR.search(" ".join((*statement.headings[-1:], statement.lead)))
    )
    said = said or (
        regex.search(r"\b(?:template sections|sections (?:of|from|in) the template)\b", statement.plain, re.IGNORECASE)
        and PR.search(" ".join(statement.headings[-1:]))
    )
    if not named and not (said and _FILLED.search(statement.plain) and not _ASKED_OF_THE_USER.search(statement.plain)):
        return None
    path = named or ".github/PULL_REQUEST_TEMPLATE.md"
    return Rule("pr_template", {"path": path}, "partly", "the body given to `gh pr create` must have headings")


def _draft(statement: Statement) -> Rule | None:
    plain = statement.plain
    about = PR.search(" ".join((plain, *statement.headings[-1:], statement.lead)))
    if not about or not regex.search(r"\bdrafts?\b", plain, re.IGNORECASE) or not _DRAFTED.search(plain):
        return None
    if language.forbids(statement) or regex.search(
        r"\baccompanied by\b|\b(?:parallel|separate|second|follow-up) draft\b|\bif\b|\b[Ww]hen (?:you(?:'re| are)|in|"
        r"unsure)\b|\bunsure\b|\bdrafts? included\b|\bincluding drafts?\b",
        plain,
    ):
        return None
    return Rule("branch_rule", {"draft": True}, "enforced", AT_CALL)


#: "Branch from `main`".
_CUT_FROM = Pattern(
    r"^\W*(?:always )?(?:create |cut |start )?(?:(?:new|feature|your|all|topic|work) )*branch(?:es)? (?:are (?:cut|"
    r"created) )?(?:off|from|"
    r"off of) (?:the )?`?(main|master|develop(?:ment)?|trunk|next|dev)`?\W*$",
    re.IGNORECASE,
)


def _base(statement: Statement) -> Rule | None:
    plain = statement.plain
    found = _TARGET.search(plain)
    if found and not (PR.search(plain) or regex.search(r"\bbranch", plain, re.IGNORECASE)):
        found = None
    if found and language.forbids(statement):
        found = None
    if not found and (cut := _CUT_FROM.match(plain)) and not language.forbids(statement):
        why = "a pull request that goes elsewhere is told of; where its branch began is not looked up"
        return Rule("branch_rule", {"base": cut[1]}, "partly", why, level="warn")
    found = found or _MAIN.search(plain)
    return Rule("branch_rule", {"base": found[1]}, "enforced", AT_CALL) if found else None


#: "Never push directly to `main` or `develop`".
_DIRECT = Pattern(
    r"\b(?:commit|push|work)\w*\b[^.;`]{0,25}\b(?:directly )?(?:to|on|into)\b[^.;`]{0,10}?"
    r"((?:(?:the )?`?(?:main|master|develop(?:ment)?|trunk|production|staging|"
    r"release)(?:/\*)?`?(?: branch(?:es)?)?(?:\s*(?:,|/|or|and|nor)\s*)*)+)",
    re.IGNORECASE,
)
_BRANCH_FIRST = Pattern(
    r"^\W*(?:create|use|work on|start) (?:an? )?(?:new )?(?:feature|topic)(?:/(?:bug)?fix)? branch\b|"
    r"^\W*(?:commit|push)(?: and push)? to (?:the |your |an? )?(?:own )?(?:feature|topic) branch(?:es)? only\b|"
    r"\b(?:always|"
    r"must)\b[^.;`]{0,20}\b(?:create|use|work (?:on|in))\b[^.;`]{0,12}\b(?:feature|topic|separate|"
    r"new|own)? ?branch(?:es)?\b",
    re.IGNORECASE,
)


#: "All work goes through pull requests".
_ALL_THROUGH = Pattern(
    r"^\W*(?:[\w -]{3,25}: )?(?:all|every) (?:work|changes?|code|contributions?|commits?|features?) (?:must |should |"
    r"always |has to |"
    r"have to )*(?:go(?:es)?|lands?|(?:is|are|be) (?:merged|made|submitted)|ships?) (?:in )?(?:through|via|by|"
    r"with) (?:an? )?(?:feature "
    r"branch(?:es)?|pull requests?|prs?)\b",
    re.IGNORECASE,
)
_CHARACTERS = Pattern(
    r"\bbranch(?:es| names?)\b[^.;`]{0,20}\b(?:only|just)\b(?: contain| use| include| consist of)?"
    r"(?= (?:contain |use )?(?:lowercase|letters|a-z|dash|hyphen|digits|numbers|alphanumeric))",
    re.IGNORECASE,
)


#: "Do not create a branch that isn't prefixed with `x/`": what is forbidden is to go without.
_PREFIXED = Pattern(r"(?:\bnot|n't|\bwithout|\bunless) (?:\w+ ){0,2}(?:prefix|begin|start)", re.IGNORECASE)
#: "Never create a top-level branch": one without a prefix.
_TOP_LEVEL = Pattern(
    r"\b(?:never|not|don'?t|no)\b[^.;]{0,20}\b(?:top-level|unprefixed|flat)\b[^.;]{0,8}\bbranch", re.IGNORECASE
)


#: Under a heading of branches: "Format: `<type>/<description>`".
_FORMAT = Pattern(r"^\W*(?:naming |name )?(?:format|pattern|convention)\W{1,4}`", re.IGNORECASE)


def _branches(statement: Statement, plain: str) -> Rule | None:
    direct = _DIRECT.search(plain)
    if direct and language.forbids(statement):
        named = regex.findall(r"[\w./-]+", direct[1])
        branches: list[JsonValue] = [
            n for n in named if n.lower() not in ("or", "and", "nor", "the", "branch", "branches")
        ]
        return Rule("branch_rule", {"protected": branches}, "enforced", AT_CALL)
    if _TOP_LEVEL.search(plain):
        return Rule("branch_rule", {"pattern": "<prefix>/<name>"}, "enforced", AT_CALL)
    if (_BRANCH_FIRST.search(plain) or _ALL_THROUGH.match(plain)) and not language.forbids(statement):
        return Rule("branch_rule", {"protected": ["main", "master"]}, "enforced", AT_CALL)
    if _FORMAT.match(plain) and statement.headings and regex.search(r"\bbranch", statement.headings[-1], re.IGNORECASE):
        plain = f"branch {plain}"
    if not regex.search(r"\bbranch(?:es)?\b", plain, re.IGNORECASE) or not regex.search(
        r"\bnam(?:es?|ed|ing)\b|\bcalled\b|\bformat\b|\bpattern\b|\bprefix(?:ed)?\b|\bwork on a\b|\bcreate\b|"
        r"\bstructure\b",
        plain,
        re.IGNORECASE,
    ):
        return None
    prefixes = regex.findall(r"`([\w-]+/)`", f"{plain}\n{statement.below}")
    wanted = _PREFIXED.search(plain) if prefixes and language.forbids(statement) else prefixes
    if wanted and (len(prefixes) > 1 or regex.search(r"\bprefix", plain)):
        return Rule("branch_rule", {"prefixes": [*dict.fromkeys(prefixes)]}, "enforced", AT_CALL)
    if characters := _CHARACTERS.search(plain):
        allowed = {"lowercase": "a-z", "letters": "a-zA-Z", "digits": "0-9", "numbers": "0-9", "dash": "-",
                   "hyphen": "-", "slash": "/", "underscore": "_", "dots": ".",
                   "alphanumeric": "a-zA-Z0-9"}  # fmt: skip
        said = plain[characters.end() : characters.end() + 90].lower()
        lowercase = "lowercase" in said
        chosen = [c for word, c in allowed.items() if word in said and not (word == "letters" and lowercase)]
        return Rule("branch_rule", {"characters": "".join(chosen)}, "enforced", AT_CALL)
    examples = [*dict.fromkeys(m[1] for m in regex.finditer(r"`([a-z]+/)[\w-]+`", plain))]
    if len(examples) > 1 and not language.forbids(statement):
        why = "one of the beginnings that are shown is asked for; others may be meant as well"
        return Rule("branch_rule", {"prefixes": [*examples]}, "partly", why, level="warn")
    shape = regex.search(
        r"`([\w<>{}\[\]*.-]+/[\w<>{}\[\]*./-]+|[a-z]+-<[\w-]+>[\w<>-]*)`|\b([a-z]+/[\w-]+-\d+-[\w-]+)\b", plain
    )
    if not shape or language.forbids(statement):
        return None
    return Rule(
        "branch_rule",
        {"pattern": shape[1] or shape[2]},
        "enforced" if regex.search(r"[<{\[*]", shape[1] or "") else "partly",
        AT_CALL,
    )
