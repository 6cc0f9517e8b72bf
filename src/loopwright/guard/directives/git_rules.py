"""Rules about commit messages, branches and pull requests: judged at the call that makes them."""

from __future__ import annotations

import re

import msgspec

from loopwright.core.fact import JsonValue
from loopwright.guard.directives import language, literals
from loopwright.guard.directives.patterns import Pattern
from loopwright.guard.directives.rule import Rule
from loopwright.guard.directives.statement import Statement

_CONVENTIONAL = Pattern(
    r"\bconventional[- ]commits?\b|\bconventional commit (?:messages?|titles?|style|format)\b|约定式提交", re.IGNORECASE
)
_TYPES = Pattern(
    r"\b(feat|fix|docs?|style|refactor|perf|tests?|build|ci|chore|revert|enh|dev|ref|dx|wip|release|deps|"
    r"security|improvement)\b(?=[(:,`!|/\s]|$)"
)
_COMMIT = Pattern(r"\bcommits?(?: messages?| titles?| subjects?)?\b|\bsubject line\b|提交(?:信息|消息)", re.IGNORECASE)
_PR = Pattern(r"\b(?:prs?|pull[- ]requests?|merge requests?|mrs?)\b", re.IGNORECASE)
_TITLE = Pattern(r"\btitles?\b|标题", re.IGNORECASE)
_AT_CALL = "judged on `git commit` and `gh pr create` before they run"


def messages(statement: Statement) -> Rule | None:
    """Format of commit messages and of pull request titles."""
    plain = statement.plain
    context = " ".join((plain, statement.label, *statement.headings[-1:], statement.lead))
    about_pr = (
        bool(_PR.search(plain) and _TITLE.search(plain))
        or bool(_TITLE.match(plain) and _PR.search(context))
        or "in titles" in plain
        or bool(_PR.search(statement.lead) and _TITLE.search(statement.lead))
    )
    if _CONVENTIONAL.search(plain):
        params = _conventional(plain)
        return Rule("pr_title_format" if about_pr else "commit_format", params, "enforced", _AT_CALL)
    if statement.headings and _CONVENTIONAL.search(statement.headings[-1]) and _TYPE_LIST.match(plain):
        return Rule("commit_format", _conventional(f"{plain} types"), "enforced", _AT_CALL)
    if forbidden := _forbidden(statement):
        return forbidden
    if about_pr and (rule := _title(f"{plain}\n{statement.below}")):
        return rule
    if _SIGNED.search(plain) and not language.forbids(statement):
        return Rule("commit_format", {"contains": "Signed-off-by:"}, "enforced", _AT_CALL)
    if not _COMMIT.search(plain) and not (
        _COMMIT.search(statement.lead) or _COMMIT.search(" ".join(statement.headings[-1:]))
    ):
        return None
    return _format(statement, plain)


#: Nothing but types of commits: "`feat:`, `fix:`, `docs:`".
_TYPE_LIST = Pattern(r"^\W*(?:types?: )?(?:`[a-z]+:?`(?:, | or | and |/|\W*$)){3,}")
_SIGNED = Pattern(
    r"\bDCO\b[^.;]{0,30}\bsign|\bsigned-off-by\b|\b(?:must|should) (?:be )?sign(?:ed)?[- ]off\b|"
    r"`git commit -s`"
)


def _conventional(plain: str) -> dict[str, JsonValue]:
    types: list[JsonValue] = list(
        dict.fromkeys(m[1].lower() for m in _TYPES.finditer(" ".join(re.findall(r"`([^`]+)`", plain))))
    )
    params: dict[str, JsonValue] = {"style": "conventional"}
    if len(types) > 2 and re.search(r"\b(?:types?|one of|allowed|only|prefix(?:es)?)\b", plain, re.IGNORECASE):
        params["types"] = types
    return params


def _title(plain: str) -> Rule | None:
    prefixes: list[JsonValue] = list(dict.fromkeys(re.findall(r"\b([A-Z]{2,6}):", plain)))
    if len(prefixes) > 1:
        return Rule("pr_title_format", {"prefixes": prefixes}, "enforced", _AT_CALL)
    if re.search(r"\b(?:format|prefix|must|should|follow|start|pattern|include|use|semantic)\w*\b", plain, re.IGNORECASE) and (
        re.search(r"`[^`]*(?:<|\[|\w+\(|type|:)[^`]*`", plain) or re.search(r"\bone of\b|\bformats?:", plain)
    ):
        shapes: list[JsonValue] = list(re.findall(r"`([^`]+)`", _FOR_INSTANCE.sub("", plain)))[:6]
        types: list[JsonValue] = list(dict.fromkeys(m[1].lower() for m in _TYPES.finditer(plain)))
        return Rule(
            "pr_title_format",
            {"shapes": shapes, **({"types": types} if len(types) > 2 else {})},
            "enforced" if shapes or types else "partly",
            _AT_CALL,
        )
    return None


_FOR_INSTANCE = Pattern(r"\((?:e\.g\.?|for example|such as|like)[^)]*\)", re.IGNORECASE)
_TRAILER = Pattern(
    r"\bco-?author|\btrailers?\b|\bsigned-off-by\b|\bgenerated (?:with|by)\b|\battribution\b|"
    r"\bai (?:co-?author|attribution)\b|@mentions?|`?fixes #",
    re.IGNORECASE,
)


def _forbidden(statement: Statement) -> Rule | None:
    plain = statement.plain
    if (
        not language.forbids(statement)
        or not _TRAILER.search(plain)
        or not (_COMMIT.search(plain) or re.search(r"co-?author", plain, re.IGNORECASE))
    ):
        return None
    patterns: list[JsonValue] = []
    if re.search(r"co-?author", plain, re.IGNORECASE):
        patterns.append("(?i)co-authored-by:")
    if re.search(r"generated (?:with|by)|attribution", plain, re.IGNORECASE):
        patterns.append("(?i)generated (?:with|by)")
    if "@mention" in plain:
        patterns.append(r"(?<![\w.])@\w+")
    if re.search(r"fixes #", plain):
        patterns.append(r"(?i)\b(?:fix(?:es|ed)?|clos(?:e|es|ed)|resolv(?:e|es|ed)) #")
    if re.search(r"signed-off-by", plain, re.IGNORECASE):
        patterns.append("(?i)signed-off-by:")
    return Rule("commit_forbid", {"patterns": patterns}, "enforced", _AT_CALL) if patterns else None


_LONGEST = Pattern(
    r"\b(?:subjects?|titles?|first lines?|summary|header|messages?)\b[^.;\d]{0,40}?\b(\d{2,3})[- ]char|"
    r"\b(\d{2,3})[- ](?:char(?:acter)?s?|columns?)(?: or (?:less|fewer))? "
    r"(?:(?:for|in) the )?(?:commit )?(?:subject|title|summary|first line|header)",
    re.IGNORECASE,
)


def _format(statement: Statement, plain: str) -> Rule | None:
    if found := _LONGEST.search(plain):
        return Rule("commit_format", {"subject_max": int(found[1] or found[2])}, "enforced", _AT_CALL)
    if re.search(r"\b[Ss]ign(?:ed|ing)?[- ]off\b|`-s`|\bDCO\b", plain) and not language.forbids(statement):
        return Rule("commit_format", {"contains": "Signed-off-by:"}, "enforced", _AT_CALL)
    types = list(dict.fromkeys(m[1].lower() for m in _TYPES.finditer(f"{plain}\n{statement.below}")))
    shape = re.search(
        r"`([^`]*(?:<[^>]+>|\[[^\]]+\]|\b(?:type|scope|package|component|description|subject|"
        r"area)\b)[^`]*:[^`]*|[\w*{}<>\[\]()/-]+: [^`]+|"
        r"\[?[A-Z]{2,10}-(?:<[^<>]*>|\{[^{}]*\}|\d+|[NnXx#]+)\]?[^`]*)`",
        plain,
    )
    said = re.search(
        r"\b(?:format|prefix|style|pattern|follow|types?|form|must|should|use|start)\w*\b|格式", plain, re.IGNORECASE
    )
    if said and len(types) >= 3 and {"feat", "fix"} & set(types):
        listed: list[JsonValue] = list(types)
        return Rule("commit_format", {"style": "conventional", "types": listed}, "enforced", _AT_CALL)
    prefixes: list[JsonValue] = [*dict.fromkeys(re.findall(r"`([\w./-]+):`", plain))]
    if len(prefixes) > 1 and _COMMIT.search(plain) and re.search(r"\bprefix", plain):
        return Rule("commit_format", {"prefixes": prefixes}, "enforced", _AT_CALL)
    if said and shape and _COMMIT.search(plain):
        form = re.sub(r"(?<=[A-Z]-)(?:\d+|[NnXx#]+)", "<n>", shape[1])
        return Rule("commit_format", {"shape": form}, "enforced", _AT_CALL)
    if found := re.search(
        r"\b(?:add|include|append|contain|with|adding)\b[^.;`]{0,20}(?:an? )?`(\([\w -]+\)|\[[\w -]+\]|"
        r"[A-Z][\w-]+:[^`]*)`",
        plain,
    ):
        return Rule("commit_format", {"contains": found[1]}, "enforced", _AT_CALL)
    if language.forbids(statement) and re.search(
        r"\b(?:summar(?:y|ies)|body|bodies|additional comments|descriptions?)\b[^.;]{0,30}\bcommit messages?\b",
        plain,
        re.IGNORECASE,
    ):
        return Rule("commit_format", {"no_body": True}, "enforced", _AT_CALL)
    return None


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
    r"open(?:ed)? (?:against|to))\b[^.;`]{0,20}`([\w./-]+)`",
    re.IGNORECASE,
)
_MAIN = Pattern(
    r"\b(?:main|default|integration|development|primary) branch\b[^.;`]{0,40}\bis `([\w./-]+)`", re.IGNORECASE
)
_TEMPLATE = Pattern(r"pull_request_template|merge_request_template", re.IGNORECASE)
_TEMPLATE_SAID = Pattern(r"\b(?:pr|pull[- ]request) template\b", re.IGNORECASE)
_FILLED = Pattern(r"\b(?:use|follow|fill|filled|complete|must)\b", re.IGNORECASE)
_ASKED_OF_THE_USER = Pattern(r"\b(?:prompt|ask) the (?:user|human|author)\b", re.IGNORECASE)
_DRAFTED = Pattern(r"\b(?:create|open|draft mode|as draft|default|always|must)\w*\b", re.IGNORECASE)


def pull_requests(statement: Statement) -> Rule | None:
    """Template, base branch and draft mode of pull requests; names of branches."""
    if re.match(r"^if\b", statement.plain, re.IGNORECASE):
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
    said = _TEMPLATE_SAID.search(statement.plain) or (
        re.search(r"\b(?:template sections|sections (?:of|from|in) the template)\b", statement.plain, re.IGNORECASE)
        and _PR.search(" ".join(statement.headings[-1:]))
    )
    if not named and not (said and _FILLED.search(statement.plain) and not _ASKED_OF_THE_USER.search(statement.plain)):
        return None
    path = named or ".github/PULL_REQUEST_TEMPLATE.md"
    return Rule("pr_template", {"path": path}, "partly", "the body given to `gh pr create` must have headings")


def _draft(statement: Statement) -> Rule | None:
    plain = statement.plain
    about = _PR.search(" ".join((plain, *statement.headings[-1:], statement.lead)))
    if not about or not re.search(r"\bdraft\b", plain, re.IGNORECASE) or not _DRAFTED.search(plain):
        return None
    if language.forbids(statement) or re.search(r"\bif\b", plain):
        return None
    return Rule("branch_rule", {"draft": True}, "enforced", _AT_CALL)


def _base(statement: Statement) -> Rule | None:
    plain = statement.plain
    found = _TARGET.search(plain)
    if found and not (_PR.search(plain) or re.search(r"\bbranch", plain, re.IGNORECASE)):
        found = None
    if found and language.forbids(statement):
        found = None
    found = found or _MAIN.search(plain)
    return Rule("branch_rule", {"base": found[1]}, "enforced", _AT_CALL) if found else None


#: "Never push directly to `main` or `develop`".
_DIRECT = Pattern(
    r"\b(?:commit|push|work)\w*\b[^.;`]{0,25}\b(?:directly )?(?:to|on|into)\b[^.;`]{0,10}?"
    r"((?:(?:the )?`?(?:main|master|develop(?:ment)?|trunk|production|staging|"
    r"release)(?:/\*)?`?(?: branch(?:es)?)?(?:\s*(?:,|/|or|and|nor)\s*)*)+)",
    re.IGNORECASE,
)
_BRANCH_FIRST = Pattern(
    r"^\W*(?:create|use|work on|start) (?:an? )?(?:new )?(?:feature|topic) branch\b|\b(?:always|"
    r"must)\b[^.;`]{0,20}\b(?:create|use|work (?:on|in))\b[^.;`]{0,12}\b(?:feature|topic|separate|"
    r"new|own)? ?branch(?:es)?\b",
    re.IGNORECASE,
)


_CHARACTERS = Pattern(
    r"\bbranch(?:es| names?)\b[^.;`]{0,20}\b(?:only|just)\b(?: contain| use| include| consist of)?"
    r"(?= (?:contain |use )?(?:lowercase|letters|a-z|dash|hyphen|digits|numbers|alphanumeric))",
    re.IGNORECASE,
)


def _branches(statement: Statement, plain: str) -> Rule | None:
    direct = _DIRECT.search(plain)
    if direct and language.forbids(statement):
        named = re.findall(r"[\w./-]+", direct[1])
        branches: list[JsonValue] = [
            n for n in named if n.lower() not in ("or", "and", "nor", "the", "branch", "branches")
        ]
        return Rule("branch_rule", {"protected": branches}, "enforced", _AT_CALL)
    if _BRANCH_FIRST.search(plain) and not language.forbids(statement):
        return Rule("branch_rule", {"protected": ["main", "master"]}, "enforced", _AT_CALL)
    if not re.search(r"\bbranch(?:es)?\b", plain, re.IGNORECASE) or not re.search(
        r"\bnam(?:es?|ed|ing)\b|\bformat\b|\bpattern\b|\bprefix(?:ed)?\b|\bcreate\b|\bstructure\b", plain, re.IGNORECASE
    ):
        return None
    prefixes = re.findall(r"`([\w-]+/)`", f"{plain}\n{statement.below}")
    if len(prefixes) > 1 and not language.forbids(statement):
        return Rule("branch_rule", {"prefixes": [*dict.fromkeys(prefixes)]}, "enforced", _AT_CALL)
    if characters := _CHARACTERS.search(plain):
        allowed = {"lowercase": "a-z", "letters": "a-zA-Z", "digits": "0-9", "numbers": "0-9", "dash": "-", "hyphen": "-",
                   "slash": "/", "underscore": "_", "dots": ".", "alphanumeric": "a-zA-Z0-9"}  # fmt: skip
        said = plain[characters.end() : characters.end() + 90].lower()
        chosen = [c for word, c in allowed.items() if word in said and not (word == "letters" and "lowercase" in said)]
        return Rule("branch_rule", {"characters": "".join(chosen)}, "enforced", _AT_CALL)
    examples = [*dict.fromkeys(m[1] for m in re.finditer(r"`([a-z]+/)[\w-]+`", plain))]
    if len(examples) > 1 and not language.forbids(statement):
        why = "one of the beginnings that are shown is asked for; others may be meant as well"
        return Rule("branch_rule", {"prefixes": [*examples]}, "partly", why, level="warn")
    shape = re.search(r"`([\w<>{}\[\]*.-]+/[\w<>{}\[\]*./-]+)`|\b([a-z]+/[\w-]+-\d+-[\w-]+)\b", plain)
    if not shape or language.forbids(statement):
        return None
    return Rule(
        "branch_rule",
        {"pattern": shape[1] or shape[2]},
        "enforced" if re.search(r"[<{\[*]", shape[1] or "") else "partly",
        _AT_CALL,
    )
