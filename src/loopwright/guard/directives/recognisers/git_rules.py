"""Rules about commit messages, branches and pull requests: judged at the call that makes them."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.rule import Rule

_CONVENTIONAL = Pattern(
    r"\bconventional[- ]commits?\b|\bsemantic (?:commits?|prs?|pull requests?)\b|"
    r"\bconventional commit (?:messages?|titles?|style|format)\b|约定式提交",
    re.IGNORECASE,
)
_TYPES = Pattern(
    r"\b(feat|fix|docs?|style|refactor|perf|tests?|build|ci|chore|revert|enh|dev|ref|dx|wip|release|deps|"
    r"security|improvement)\b(?=[(:,`!|/\s]|$)"
)
_COMMIT = Pattern(r"\bcommits?(?: messages?| titles?| subjects?)?\b|\bsubject line\b|提交(?:信息|消息)", re.IGNORECASE)
PR = Pattern(r"\b(?:prs?|pull[- ]requests?|merge requests?|mrs?)\b", re.IGNORECASE)
_TITLE = Pattern(r"\btitles?\b|标题", re.IGNORECASE)
AT_CALL = "judged on `git commit` and `gh pr create` before they run"


#: "Every commit message must be prepended with an emoji".
_EMOJI_FIRST = Pattern(
    r"\bcommit(?:s| messages?| titles?| subjects?)?\b[^.;]{0,40}\b(?:start|begin|prefix|prepend|preced)\w*\b"
    r"[^.;]{0,12}\bemojis?\b",
    re.IGNORECASE,
)


_OF_BRANCHES = Pattern(r"^\W*(?:[\d.]+ )?(?:git )?branch(?:es|ing)?(?! (?:and|&|,))", re.IGNORECASE)
#: Under a heading of commits: "Format: `type: description`".
_FORMAT = Pattern(r"^\W*(?:the )?(?:message )?format\W{1,6}`<?type>?(?:\([^`)]*\))?!?: ", re.IGNORECASE)


def messages(statement: Statement) -> Rule | None:
    """Format of commit messages and of pull request titles."""
    plain = statement.plain
    context = " ".join((plain, statement.label, *statement.headings[-1:], statement.lead))
    about_pr = (
        bool(PR.search(plain) and _TITLE.search(plain))
        or bool(_TITLE.match(plain) and PR.search(context))
        or "in titles" in plain
        or bool(PR.search(statement.lead) and _TITLE.search(statement.lead))
    )
    if (statement.headings and _OF_BRANCHES.match(statement.headings[-1])) or _OF_CHANGESET.search(plain):
        return None
    if _FORMAT.match(plain) and _COMMIT.search(context):
        return Rule("pr_title_format" if about_pr else "commit_format", {"style": "conventional"}, "enforced", AT_CALL)
    if _CONVENTIONAL.search(plain) and language.forbids(statement) and not _WITHOUT.search(plain):
        types = "|".join(regex.findall(r"`(\w+):?`", plain)) or r"[a-z]+"
        return Rule("commit_forbid", {"patterns": [rf"(?i)^(?:{types})(?:\([^)]*\))?!?: "]}, "enforced", AT_CALL)
    if _CONVENTIONAL.search(plain):
        params = _conventional(plain)
        return Rule("pr_title_format" if about_pr else "commit_format", params, "enforced", AT_CALL)
    if statement.headings and _TYPE_LIST.match(plain) and _OF_GIT.search(statement.headings[-1]):
        kind = "pr_title_format" if _FORM_ABOVE.search(statement.headings[-1]) else "commit_format"
        return Rule(kind, _conventional(f"{plain} types"), "enforced", AT_CALL)
    if (about_pr or _COMMIT.search(context)) and (small := _CASE.search(plain)):
        kind = "pr_title_format" if about_pr else "commit_format"
        return Rule(kind, {"starts": f"{small[1].lower()}case"}, "enforced", AT_CALL)
    if (
        statement.headings
        and not _SHOWN.match(statement.lead)
        and _FORM_ABOVE.search(statement.headings[-1])
        and regex.fullmatch(r"\W*`[^`]{6,80}`\W*", plain)
    ):
        return Rule("pr_title_format", {"shapes": [plain.strip("` .")]}, "enforced", AT_CALL)
    if (shown := _TITLE_SHOWN.match(plain)) and PR.search(" ".join((*statement.headings[-1:], statement.lead))):
        return Rule("pr_title_format", {"shapes": [shown[1]]}, "enforced", AT_CALL)
    if forbidden := _forbidden(statement):
        return forbidden
    if about_pr and not _MAY.search(plain) and (rule := _title(f"{plain}\n{statement.below}")):
        return rule
    if _SIGNED.search(plain) and not language.forbids(statement) and not _CAN.search(plain):
        return Rule("commit_format", {"contains": "Signed-off-by:"}, "enforced", AT_CALL)
    if (mention := _mentioned(statement)) is not None:
        return mention
    if not _COMMIT.search(plain) and not (
        _COMMIT.search(statement.lead) or _COMMIT.search(" ".join(statement.headings[-1:]))
    ):
        return None
    return _format(statement, plain)


#: Under a heading of pull requests: "Title: `[package] what changed`".
_TITLE_SHOWN = Pattern(r"^\W*titles?(?: format)?: `([^`]*(?:[<\[]\w[^`]*[>\]]|[a-z]+: )[^`]*)`", re.IGNORECASE)
#: "Jira key first: `ABC-12: what`", "start with the ticket: `ABC-12 what`".
_KEY_FIRST = Pattern(
    r"^\W*(?:the )?(?:(?:jira|issue|ticket) )?(?:keys?|ids?|numbers?|tickets?|issues?) (?:comes? |"
    r"goes? )?first\W{1,3}`",
    re.IGNORECASE,
)


def _mentioned(statement: Statement) -> Rule | None:
    """The key of a ticket that every message names."""
    found = _MENTIONED.search(statement.plain)
    if not found or _SOMETIMES.search(statement.plain) or language.forbids(statement):
        return None
    if not (_COMMIT.search(statement.plain) or _OF_GIT.search(" ".join((statement.lead, *statement.headings[-1:])))):
        return None
    form = regex.sub(r"(?<=[A-Z]-)(?:\d+|[NnXx#]+)|(?<=#)(?:\d+|[NnXx]+)", "<n>", next(g for g in found.groups() if g))
    params: dict[str, JsonValue] = {"mentions": form}
    if most := _LONGEST.search(statement.plain):
        params["subject_max"] = int(most[1] or most[2])
    return Rule("commit_format", params, "enforced", AT_CALL)


#: A message that is none of a commit: "write the changeset summary as a conventional commit would be".
_OF_CHANGESET = Pattern(
    r"\b(?:changeset|changelog|release note)s? (?:summar\w+|entr\w+|messages?|lines?)\b",
    re.IGNORECASE,
)
_WITHOUT = Pattern(
    r"\b(?:without|unless|must not (?:deviate|violate|break)|other than|that (?:do|are) not)\b", re.IGNORECASE
)
#: What is let, in some cases: "for trivial fixes you may prefix the title with `MINOR:` instead".
_MAY = Pattern(r"\byou (?:may|can)\b|^\W*(?:for|on) (?:trivial|minor|small|some)\b", re.IGNORECASE)
#: A heading of nothing but the form of titles.
_FORM_ABOVE = Pattern(r"\b(?:pr|pull[- ]request) titles?\b", re.IGNORECASE)
_OF_GIT = Pattern(r"\b(?:git|commits?|pr titles?|pull request titles?)\b", re.IGNORECASE)
_CASE = Pattern(
    r"^\W*(?:the )?(?:titles?|subjects?|descriptions?|messages?|summar(?:y|ies))(?: line)? (?:must|should)"
    r" (?:start|begin) with (?:an? )?"
    r"(lower|upper)-?case\b",
    re.IGNORECASE,
)
_SHOWN = Pattern(r"^\W*(?:good |bad )?examples?\b", re.IGNORECASE)
#: Nothing but types of commits: "`feat:`, `fix:`, `docs:`".
_TYPE_LIST = Pattern(
    r"^\W*(?:(?i:types?|labels?|prefix(?:es)?|kinds?): )?(?:`[a-z]+:?`(?:, | or | and |/|\W*$)){3,}",
)
_CAN = Pattern(r"\b(?:can|may)\b(?![^.;]*\bmust\b)", re.IGNORECASE)
_SIGNED = Pattern(
    r"\bDCO\b[^.;]{0,30}\bsign|\bsigned-off-by\b|\b(?:must|should) (?:be )?sign(?:ed)?[- ]off\b|"
    r"`git commit -s`"
)


def _conventional(plain: str) -> dict[str, JsonValue]:
    types: list[JsonValue] = list(
        dict.fromkeys(m[1].lower() for m in _TYPES.finditer(" ".join(regex.findall(r"`([^`]+)`", plain))))
    )
    params: dict[str, JsonValue] = {"style": "conventional"}
    if len(types) > 2 and regex.search(r"\b(?:types?|one of|allowed|only|prefix(?:es)?)\b", plain, re.IGNORECASE):
        params["types"] = types
    own: list[JsonValue] = [
        w for w in regex.findall(r"`([a-z]{2,12})(?:\([^)]*\))?!?:`", plain) if not _TYPES.match(f"{w}:")
    ]
    return {**params, "also": own} if own else params


def _title(plain: str) -> Rule | None:
    prefixes: list[JsonValue] = list(dict.fromkeys(regex.findall(r"\b([A-Z]{2,6}):", plain)))
    if len(prefixes) > 1:
        return Rule("pr_title_format", {"prefixes": prefixes}, "enforced", AT_CALL)
    if regex.search(
        r"\b(?:format|form|looks like|reads|prefix|must|should|follow|start|pattern|include|use|"
        r"semantic)\w*\b",
        plain,
        re.IGNORECASE,
    ) and (regex.search(r"`[^`]*(?:<|\[|\w+\(|type|:)[^`]*`", plain) or regex.search(r"\bone of\b|\bformats?:", plain)):
        shapes: list[JsonValue] = list(regex.findall(r"`([^`]+)`", _FOR_INSTANCE.sub("", plain)))[:6]
        types: list[JsonValue] = list(dict.fromkeys(m[1].lower() for m in _TYPES.finditer(plain)))
        return Rule(
            "pr_title_format",
            {"shapes": shapes, **({"types": types} if len(types) > 2 else {})},
            "enforced" if shapes or types else "partly",
            AT_CALL,
        )
    return None


_FOR_INSTANCE = Pattern(r"\((?:e\.g\.?|for example|such as|like)[^)]*\)", re.IGNORECASE)
_TRAILER = Pattern(
    r"\bco-?author|\btrailers?\b|\bsigned-off-by\b|\bgenerated (?:with|by)\b|\battribution\b|"
    r"\bai (?:co-?author|attribution)\b|@mentions?|`?fixes #",
    re.IGNORECASE,
)


#: "Never mention Claude or Copilot in commit messages".
_MENTION = Pattern(r"\b(?:mention|credit|name|reference)(?:ing|s)?\b", re.IGNORECASE)
_ASSISTANTS = expression(
    r"\b(?:claude|cursor|copilot|cody|aider|gemini|codex|chatgpt|gpt-\d|openai|anthropic|opencode|windsurf)\b",
    re.IGNORECASE,
)


#: "Commits carry no `Co-authored-by` trailer".
_NO_TRAILER = Pattern(r"\b(?:no|without|never an?) [`\w: -]{3,40}\b(?:trailers?|lines?|footers?)\b", re.IGNORECASE)
_EMOJIS = Pattern(r"\bemojis?\b", re.IGNORECASE)
#: "No `WIP` commits".
_UNFINISHED = Pattern(
    r"^\W*(?:no|never (?:push|leave|make)|avoid|don't (?:push|leave|make)) `?(?:wip|fixup)`?(?:/\w+|"
    r" or \w+)? commits?\b",
    re.IGNORECASE,
)
_TOOLS = Pattern(r"\b(?:AI|LLMs?)\b|\b(?:coding )?(?:assistants?|agents?)\b")


def _forbidden(statement: Statement) -> Rule | None:
    plain = statement.plain
    if language.forbids(statement) and _EMOJIS.search(plain) and _COMMIT.search(plain):
        return Rule("commit_forbid", {"patterns": ["[\u2600-\u27bf\U0001f000-\U0001faff]"]}, "enforced", AT_CALL)
    if _UNFINISHED.match(plain):
        return Rule("commit_forbid", {"patterns": [r"(?i)^\W*(?:wip\b|fixup!|squash!)"]}, "enforced", AT_CALL)
    if (
        not (language.forbids(statement) or _NO_TRAILER.search(plain))
        or not (_TRAILER.search(plain) or _MENTION.search(plain))
        or not (_COMMIT.search(plain) or regex.search(r"co-?author", plain, re.IGNORECASE))
    ):
        return None
    patterns: list[JsonValue] = []
    if (mention := _MENTION.search(plain)) and "author" not in plain.lower():
        names = dict.fromkeys(name.lower() for name in _ASSISTANTS.findall(plain[mention.end() :]))
        if not names and _TOOLS.search(plain):
            names = dict.fromkeys(
                ["claude", "copilot", "codex", "chatgpt", "gemini", "cursor", "an? ai", "ai[- ]generated"]
            )
            patterns.append(rf"(?i)\b(?:{'|'.join(names)})\b")
            names = {}
        patterns += [rf"(?i)\b(?:{'|'.join(map(re.escape, names))})\b(?!\.md)"] if names else []
    if regex.search(r"co-?author", plain, re.IGNORECASE):
        patterns.append("(?i)co-authored-by:")
    if regex.search(r"generated (?:with|by)|attribution", plain, re.IGNORECASE):
        patterns.append("(?i)generated (?:with|by)")
    if "@mention" in plain:
        patterns.append(r"(?<![\w.])@\w+")
    if regex.search(r"fixes #", plain):
        patterns.append(r"(?i)\b(?:fix(?:es|ed)?|clos(?:e|es|ed)|resolv(?:e|es|ed)) #")
    if regex.search(r"signed-off-by", plain, re.IGNORECASE):
        patterns.append("(?i)signed-off-by:")
    return Rule("commit_forbid", {"patterns": patterns}, "enforced", AT_CALL) if patterns else None


_LONGEST = Pattern(
    r"\b(?:subjects?|titles?|first lines?|summary|header|messages?)\b[^.;\d]{0,60}?\b(\d{2,3})[- ]char|"
    r"\b(\d{2,3})[- ](?:char(?:acter)?s?|columns?)(?: or (?:less|fewer))? "
    r"(?:(?:for|in) the )?(?:commit )?(?:subject|title|summary|first line|header)",
    re.IGNORECASE,
)


_ONE_LINE = Pattern(
    r"\bcommits?(?: messages?)? (?:to|in|on|should be|must be|as) (?:one|a single)[- ]line\b", re.IGNORECASE
)
#: "Prefix commit messages with `[Fix #N]`", and what makes it a rule for some commits only.
_MARK = Pattern(r"\bprefix\b[^.;`]{0,20}\bcommits?\b[^.;`]{0,20}\bwith `(\[[^\]`]+\])`", re.IGNORECASE)
_SOMETIMES = Pattern(r"\b(?:when|if|for|where)\b", re.IGNORECASE)
#: "Add attribution using commit trailers such as `Co-authored-by:`".
_TRAILER_ASKED = Pattern(
    r"^\W*(?:always )?(?:add|include|use|append)\b[^.;`]{0,40}\btrailers?\b[^.;`]{0,12}`((?-i:[A-Z])[\w-]+:)|"
    r"^\W*(?:always )?(?:add|include|append) (?:an? )?`((?-i:[A-Z])[\w-]+:)[^`]*`[^.;`]{0,20}\btrailers?\b",
    re.IGNORECASE,
)


#: "`ABC-<n>` in the subject", "reference the issue (`#123`)".
_MENTIONED = Pattern(
    r"^\W*`([A-Z]{2,10}-(?:<\w+>|\d+|[NnXx#]+)|#(?:<\w+>|\d+|[NnXx]+))` (?:\w+ )?in (?:the |each |"
    r"every )?(?:commit )?(?:subject|message|title|first line)|"
    r"\b(?:reference|mention|include|cite|name)s? (?:the |an? )?(?:issue|ticket|jira|key)(?: (?:number|key|id))? "
    r"\(?(?:e\.g\.,? |like |as )?`([A-Z]{2,10}-(?:<\w+>|\d+|[NnXx#]+)|#(?:<\w+>|\d+|[NnXx]+))`",
    re.IGNORECASE,
)
#: Under a heading of commits: "Prefix with the module: `control: fix`".
_FIRST_WORDS = Pattern(
    r"^\W*(?:prefix(?:ed)?|starts?|begins?) (?:it |them |messages? )?with (?:the )?[\w ]{3,25}: `",
    re.IGNORECASE,
)
_LABELLED = Pattern(r"^\W*commits?(?: messages?| subjects?)?\W{1,4}`", re.IGNORECASE)


#: "Write commit subjects in the imperative mood", "Commit messages: imperative, present tense".
_IMPERATIVE = Pattern(r"\bimperative(?: mood| tense| voice| form)?\b(?! programming)", re.IGNORECASE)
_NO_COMMIT = Pattern(
    r"\b(?:docstrings?|comments?|changelogs?|release notes|test names?|headings?|pr titles?)\b",
    re.IGNORECASE,
)
#: "Append the co-author trailer".
_CO_AUTHOR = Pattern(
    r"^\W*(?:[\w -]{3,25}: )?(?:always )?(?:add|append|include|keep) (?:the |"
    r"an? )?(?:[\w-]+ ){0,2}?co-?author(?:ed-by)? (?:tag|trailer|line|"
    r"footer)\b",
    re.IGNORECASE,
)


def _format(statement: Statement, plain: str) -> Rule | None:
    mood: dict[str, JsonValue] = {"mood": "imperative"} if _IMPERATIVE.search(plain) else {}
    if found := _LONGEST.search(plain):
        return Rule("commit_format", {"subject_max": int(found[1] or found[2]), **mood}, "enforced", AT_CALL)
    if _CO_AUTHOR.match(plain) and not language.forbids(statement):
        return Rule("commit_format", {"contains": "Co-authored-by:"}, "enforced", AT_CALL)
    return _other_format(statement, plain) or _mood(statement, mood)


def _mood(statement: Statement, mood: dict[str, JsonValue]) -> Rule | None:
    if not mood or language.forbids(statement) or _NO_COMMIT.search(statement.plain):
        return None
    return Rule("commit_format", mood, "partly", "a first word in the past or with -ing is found as the commit is made")


def _other_format(statement: Statement, plain: str) -> Rule | None:
    if regex.search(r"\b[Ss]ign(?:ed|ing)?[- ]off\b|`-s`|\bDCO\b", plain) and not language.forbids(statement):
        return Rule("commit_format", {"contains": "Signed-off-by:"}, "enforced", AT_CALL)
    types = list(dict.fromkeys(m[1].lower() for m in _TYPES.finditer(f"{plain}\n{statement.below}")))
    shape = regex.search(
        r"`([^`]*(?:<[^>]+>|\[[^\]]+\]|\b(?:type|scope|package|component|description|subject|"
        r"area)\b)[^`]*:[^`]*|[\w*{}<>\[\]()/-]+: [^`]+|"
        r"\[?[A-Z]{2,10}-(?:<[^<>]*>|\{[^{}]*\}|\d+|[NnXx#]+)\]?[^`]*)`",
        plain,
    )
    said = regex.search(
        r"\b(?:format|prefix|style|pattern|follow|types?|form|must|should|use|start|looks?|read|subject|like)\w*\b|"
        r"格式",
        plain,
        re.IGNORECASE,
    )
    if (
        said
        and len(types) >= 3
        and {"feat", "fix"} & set(types)
        and regex.search(r"\b(?:common|e\.g|such as)\b", plain, re.IGNORECASE)
    ):
        return Rule("commit_format", {"style": "conventional"}, "enforced", AT_CALL)
    if said and len(types) >= 3 and {"feat", "fix"} & set(types):
        listed: list[JsonValue] = list(types)
        return Rule("commit_format", {"style": "conventional", "types": listed}, "enforced", AT_CALL)
    prefixes: list[JsonValue] = [*dict.fromkeys(regex.findall(r"`([\w./-]+):`", plain))]
    if len(prefixes) > 1 and _COMMIT.search(plain) and regex.search(r"\bprefix", plain):
        return Rule("commit_format", {"prefixes": prefixes}, "enforced", AT_CALL)
    if shape and (
        _KEY_FIRST.match(plain)
        or ((said or _LABELLED.match(plain)) and _COMMIT.search(plain))
        or (_FIRST_WORDS.match(plain) and _COMMIT.search(" ".join(statement.headings[-1:])))
    ):
        form = regex.sub(r"(?<=[A-Z]-)(?:\d+|[NnXx#]+)", "<n>", shape[1])
        form = regex.sub(r"^(\W*[A-Z]{2,10}-<\w+>\W{0,2}) \w+ \w[^:]*$", r"\1 <text>", form)
        return Rule("commit_format", {"shape": form}, "enforced", AT_CALL)
    if ("gitmoji" in plain.lower() or _EMOJI_FIRST.search(plain)) and not language.forbids(statement):
        return Rule("commit_format", {"starts": "emoji"}, "enforced", AT_CALL)
    if mark := _MARK.search(plain):
        if _SOMETIMES.search(plain):
            why = "the message is looked at; when the rule holds is not known here"
            return Rule("commit_format", {"shape": mark[1]}, "partly", why, level="warn")
        return Rule("commit_format", {"shape": regex.sub(r"#?\b[NX]\b|#\d+", "<n>", mark[1])}, "enforced", AT_CALL)
    if not language.forbids(statement) and (trailer := _TRAILER_ASKED.search(plain)):
        return Rule("commit_format", {"contains": trailer[1] or trailer[2]}, "enforced", AT_CALL)
    if found := regex.search(
        r"\b(?:add|include|append|contain|with|adding)\b[^.;`]{0,20}(?:an? )?`(\([\w -]+\)|\[[\w -]+\]|"
        r"[A-Z][\w-]+:[^`]*)`",
        plain,
    ):
        return Rule("commit_format", {"contains": found[1]}, "enforced", AT_CALL)
    if _ONE_LINE.search(plain):
        return Rule("commit_format", {"no_body": True}, "enforced", AT_CALL)
    if language.forbids(statement) and regex.search(
        r"\b(?:summar(?:y|ies)|body|bodies|additional comments|descriptions?)\b[^.;]{0,30}\bcommit messages?\b",
        plain,
        re.IGNORECASE,
    ):
        return Rule("commit_format", {"no_body": True}, "enforced", AT_CALL)
    return None
