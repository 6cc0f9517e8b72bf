"""Rules that a call is refused for before it runs: protected paths, package managers, new dependencies."""

from __future__ import annotations

import re
from itertools import pairwise

import msgspec

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.rule import Rule

_EDIT = Pattern(
    r"\b(?:edit|modif(?:y|ied|ying)|chang(?:e|ing)|touch|alter|hand-?(?:edit|write|modify)|overwrite|"
    r"delete|remove|rewrite|append|manually|update|bump|write|add|patch)\w*\b|修改|编辑|改动|删除",
    re.IGNORECASE,
)


_GENERATED = Pattern(
    r"\b(?:auto-?generated|generated (?:by|from|code|file|automatically)|machine-generated|is generated|"
    r"are generated|do not (?:hand-?)?(?:edit|modify|touch)|don'?t (?:hand-?)?(?:edit|modify|touch)|"
    r"read-only|vendored)\b|自动生成",
    re.IGNORECASE,
)


def path_protected(statement: Statement) -> Rule | None:
    """Paths that must not be changed: refused in dispatch, and judged again on the final change."""
    if statement.form == "tree":
        if _GENERATED.search(statement.comment) and regex.search(
            r"\b(?:do not|don'?t|never|auto-?generated)\b", statement.comment, re.IGNORECASE
        ):
            return Rule(
                "path_protected", {"globs": [glob_of(statement.plain)]}, "enforced", "a change to it is refused"
            )
        return None
    if statement.form == "code":
        return _mapped(statement)
    plain = statement.plain
    generated = bool(_GENERATED.search(plain))
    asked = language.asking_lead(statement) and bool(_EDIT.search(plain) or _ANYTHING_IN.match(plain))
    consent = bool(_WITH_CONSENT.match(plain))
    asked = asked or consent or bool(_ASK_BEFORE.match(plain))
    led = statement.first and statement.form == "bullet" and language.led_away(statement)
    held: dict[str, JsonValue] = {"existing": True} if _ONLY_OLD.search(plain) else {}
    if led and (listed := literals.words(statement)) and listed[0].sort == "path" and listed[0].start < 3:
        return Rule("path_protected", {"globs": [glob_of(listed[0].text)], **held}, "enforced", _AT_CALL_AND_AFTER)
    ordered = language.negative_lead(statement) and bool(_ORDERS_EDIT.match(plain))
    frozen = bool(_FROZEN.search(plain))
    forbidden = frozen or asked or ordered or (language.forbids(statement) and bool(_EDIT_VERB.search(plain)))
    if _PARTS_OF_IT.search(plain):
        return None
    if not (forbidden or generated) or ("generated" not in plain and _UNLESS_WITH.search(plain)):
        return None
    found = _paths(statement)
    at_all = generated or asked or frozen or _WRITTEN_TO.search(plain) or not _targeted(plain)
    chosen = [w for w in found if w.against] or (found[:1] if at_all else [])
    if frozen or generated:
        chosen = _with_the_listed(plain, found, chosen)
    chosen = [w for w in chosen if w.against or not _OTHERS.search(plain[w.end :])]
    if not chosen or (not forbidden and not _KEPT.search(plain)):
        return None
    globs: dict[str, JsonValue] = {"globs": [*dict.fromkeys(glob_of(w.text) for w in chosen)], **held}
    if _IN_SOME_CASES.search(plain) and not language.asks(statement):
        why = f"{_AT_CALL_AND_AFTER}; the case in which it may be is not judged"
        return Rule("path_protected", globs, "partly", why, level="ask")
    return Rule("path_protected", globs, "enforced", _AT_CALL_AND_AFTER, level="ask" if consent else None)


#: A line of a map of the repository: a path, and what is said of it.
_MAP_LINE = Pattern(
    r"^([\w.-]+(?:/[\w.*-]*)+|[\w-]+\.[\w.]+)\s{2,}\S|^([\w.-]+(?:/[\w.*-]*)+|[\w-]+\.[\w.]+)\s*(?:#|--?|–|—)"
)
_LET_BE = Pattern(r"\b(?:do not|don't|never) (?:hand-?)?(?:edit|touch|modify|change)\b|\bhands off\b", re.IGNORECASE)


def _mapped(statement: Statement) -> Rule | None:
    said = f"{statement.text} {statement.comment}"
    found = _MAP_LINE.match(statement.text.strip()) if _LET_BE.search(said) else None
    if not found or statement.lang in ("bash", "sh", "shell", "python", "ts", "go"):
        return None
    path = found[1] or found[2]
    if "/" not in path.strip("/"):
        path = f"**/{path}"  # perhaps below another line
    folder = "." not in path.rsplit("/", 1)[-1] and "*" not in path
    return Rule(
        "path_protected",
        {"globs": [glob_of(path.rstrip("/") + "/" if folder else path)]},
        "enforced",
        _AT_CALL_AND_AFTER,
    )


def _with_the_listed(plain: str, found: list[literals.Word], chosen: list[literals.Word]) -> list[literals.Word]:
    """What is chosen, and what the sentence lists after it: "`a`, `b` and `c` are generated; leave them alone"."""
    whole = [*chosen]
    for before, word in pairwise(found):
        if before in whole and word not in whole and _AND.fullmatch(plain[before.end : word.start]):
            whole.append(word)
    return whole


_AND = Pattern(r"`?(?:,| and|, and|,? or) `?")
#: All members of one thing, no path: `console.*`.
MEMBERS = Pattern(r"^(?:console|process|window|document|fmt|log|logger|os|sys|chrome|browser|jest|vi|[A-Z]\w+)\.\*$")


def _paths(statement: Statement) -> list[literals.Word]:
    """The paths that a sentence speaks of as what is changed or let be."""
    plain, words = statement.plain, literals.words(statement)
    found = [
        w
        for w in words
        if (w.sort == "path" or (w.sort == "command" and _BARE_FOLDERS.match(w.text)))
        and not MEMBERS.match(w.text)
        and not _is_address(plain, w)
        and not _CASE.search(plain[: w.start])
        and not _MADE_FROM.search(plain[: w.start])
        and not _GOES_TO.search(plain[: w.start])
    ]
    found = found or [
        msgspec.structs.replace(w, text=f"*{w.text}", sort="path")
        for w in words
        if regex.fullmatch(r"\.\w+\.\w+", w.text)
        or (
            regex.fullmatch(r"\.[a-z]\w*", w.text)
            and (plain.startswith(" file", w.end) or literals.sort(f"a{w.text}") == "path")
        )
    ]
    return found or _folders(statement) or _unticked(statement)


#: What may be changed in a case that no path shows: "unless a dependency changes".
_IN_SOME_CASES = Pattern(
    r"\bin the same (?:pr|pull request|commit|change) as\b|"
    r"\bunless (?!(?:explicitly|specifically|asked|told|requested|instructed|approved|you (?:are|were)|you're|"
    r"the (?:user|ticket|task|issue|request))\b)",
    re.IGNORECASE,
)
#: Under "ask first": "anything in `infra/`".
_ANYTHING_IN = Pattern(
    r"^\W*(?:anything|everything|all|files|code|changes|[\w ]{3,30}) (?:in|under|below|inside) `[^`]*/[^`]*`|"
    r"^\W*`[^`]*[./][^`]*`(?: \([^)]*\))?\W*$",
    re.IGNORECASE,
)
#: "`infra/prod/` is changed only after somebody has approved it".
_WITH_CONSENT = Pattern(
    r"^\W*(?:[\w -]{3,30} \()?`[^`]*[./][^`]*`\)?(?: [\w-]+){0,3} (?:is|are|may be|must be|"
    r"can be) (?:only )?(?:changed|edited|touched|"
    r"modified)"
    r"(?: only)? (?:after|with|when|if|once) [^.;`]{0,40}\b(?:said|says|approv\w+|agree\w*|ok(?:ay)?|consent|asked?|"
    r"permission|sign\w*|human|maintainers?|owners?|review\w*|engineers?|team|leads?|present)\b|"
    r"^\W*[\w ]{3,40} \(`[^`]*[./][^`]*`\) (?:change|may change|are changed) only (?:with|"
    r"after) [^.;`]{0,40}\b(?:agreement|approval|consent|permission|"
    r"review)\b|"
    r"^\W*changes? (?:in|to|under|of) `[^`]*[./][^`]*` (?:always )?(?:needs?|requires?) (?:[\w-]+ ){0,3}(?:humans?|"
    r"people|reviewers?|"
    r"approvals?|review|sign-?off|consent|owners?|permission)\b",
    re.IGNORECASE,
)
#: "Ask before you change it", where the sentence before names the path.
_ASK_BEFORE = Pattern(
    r"^[\w ]{0,40}`[^`]*[./][^`]*`[^.`]{0,60}[:;,—-] ?ask first\W*$|"
    r"^\W*(?:`[^`]*[./][^`]*`[^.`]{0,60}[:;,—-] ?)?ask (?:\w+ )?before (?:you )?(?:chang|edit|touch|modify)\w* (?:it|"
    r"them|"
    r"(?:any of )?these)\b",
    re.IGNORECASE,
)
#: What may be changed of a file, and what not: "outside the `USER CODE` markers".
_PARTS_OF_IT = Pattern(
    r"\b(?:outside|between|within|inside) (?:of )?(?:the |its )?(?:`[^`]*` |[\w-]+ ){0,2}(?:markers?|sections?|"
    r"blocks?|regions?|comments?)\b",
    re.IGNORECASE,
)
#: Said of a path: "treat `legacy/` as frozen", "hands off `infra/prod/`", "leave it alone".
_FROZEN = Pattern(
    r"^\W*treat (?:the |all |everything (?:in|under) |files (?:in|under) )?`[^`]+` as (?:an? |"
    r"the )?(?:\w+[- ])?(?:frozen|read-only|"
    r"immutable|off[- ]limits|(?:upstream|externally|vendor|generator)-(?:owned|managed)|vendored|generated)\b|"
    r"^\W*hands off (?:the |of )?`|^[^`;]{0,40}`[^`]*[./][^`]*`[^.`]{0,60}[;:,—-] hands off\b|"
    r"^\W*(?:[\w `/.*-]{2,90}[,;:] )?leave (?:the )?(?:`[^`]+`|it|them) (?:alone|"
    r"untouched|as (?:it|they) (?:is|are)|be\b)|"
    r"^\W*(?:[\w ]{3,30} )?`[^`]+/[^`]*`(?:[^.;`]|`[^`]*`){0,60}? (?:is|are) (?:all )?(?:sacred|frozen|off[- ]limits|"
    r"immutable|"
    r"untouchable)\b|"
    r"^\W*`[^`]+/`[^.`]{1,60}\b(?:do not|don't|never) (?:fix|change|edit|touch|modify|add|patch) (?:\w+ )?there\b|"
    r"^\W*`[^`]+/`[^.`]{1,60}\bleave (?:as (?:it )?is|alone|untouched)\b|"
    r"^\W*(?:[\w -]{2,30} in )?`(?:[^`]*[./][^`]*|__\w+__)`(?: [\w-]+){0,3} (?:is|are) (?:[^.;`]|"
    r"`[^`]*`){0,60}?,? (?:never|not) "
    r"(?:by hand|manually|edited|hand-edited|by you)\b|"
    r"^\W*(?:[\w -]{2,30}: )?`[^`]*[./][^`]*`(?: [\w-]+){0,3} (?:is|are) (?:changed|edited|written|updated|touched|"
    r"modified|bumped|set) "
    r"by [^.;`]{3,40} (?:only|alone)\b|"
    r"^\W*`[^`]*[./][^`]*`(?:(?:,| and|, and) `[^`]+`){0,4}[^.;`]{0,50}[:;,—-] ?read[- ]only\b|"
    r"^\W*`[^`]*[./][^`]*` (?:is|are) (?:auto-?)?(?:generated|produced|built|written|created|rendered|"
    r"derived) (?:from|by)"
    r" (?:[^.;`]|`[^`]*`){1,80}?[-–—;:,.] ?(?:to change it, )?(?:change|edit|modify) (?:the |that|only|those|"
    r"it there)|"
    r"^\W*[\w -]{2,30} (?:in|under) `[^`]*/[^`]*`[^;`]{0,80}\bnever (?:modified|edited|changed|touched)\b|"
    r"^\W*(?:[\w -]{2,30} in )?`[^`]+/[^`]*`[^;`]{0,60}\bnot ours to (?:change|edit)\b|"
    r"^\W*[\w -]{2,30} vendored (?:under|in|into) `[^`]+`[^.;]{0,20}\b(?:left as|not (?:edited|changed|touched)|"
    r"never (?:edited|changed|touched))\b|"
    r"^\W*`[^`]*[./][^`]*`(?: [\w-]+){0,3} (?:is|are) only (?:ever )?(?:changed|edited|written|updated|touched|"
    r"modified)"
    r" (?:by|through|via|with)\b|"
    r"^\W*(?:[\w -]{2,30} in )?`[^`]+/`[^.;`]{0,20}\bvendored\b[^.;]{0,30}[;,.] (?:\w+ )?(?:fix|change|patch|send)\b"
    r"[^.;]{0,30}\bupstream\b",
    re.IGNORECASE,
)
#: A change is allowed that brings something else: "do not change `x` without updating `y`".
_UNLESS_WITH = Pattern(
    r"\bwithout (?:also )?(?:updating|adding|changing|adjusting|regenerating|documenting|bumping)\b", re.IGNORECASE
)
#: New files may come: "existing migrations are immutable; only append new ones".
_ONLY_OLD = Pattern(
    r"\b(?:modified|edited|changed|touched) (?:after (?:release|merge|deployment|being)|once (?:merged|released|"
    r"deployed|applied))\b|"
    r"\b(?:only|always|instead,?) (?:append|add|create|write) (?:a )?new\b|\b(?:append|add|create|write) (?:a )?new"
    r" (?:ones?|migrations?)(?: instead)?\b",
    re.IGNORECASE,
)
#: Under "do not": "modify `package.json`", "make changes to `.github/`".
_ORDERS_EDIT = Pattern(
    r"^\W*(?:hand-?)?(?:edit|modify|change|touch|alter|make (?:any )?changes to|delete|remove|rewrite) (?:the |"
    r"files in )?`",
    re.IGNORECASE,
)


#: The path that follows tells when, not what: "where a `modular.py` exists".
_CASE = Pattern(r"\b(?:when|if|where|unless|once|while|except|without)\b[^.;,:]*$", re.IGNORECASE)


#: What something is made from or by: "generated from the schema in `api.yaml`".
_MADE_FROM = Pattern(r"\bgenerated (?:from|by|via|using|with)\b[^.;]*$", re.IGNORECASE)


#: Folders that a program might lie in: `build/generated`.
_BARE_FOLDERS = Pattern(r"^(?:build|dist|bin|tools?|hack|dev|ci|scripts?)/[\w./*-]+$")
#: Where something else goes: "don't modify code in there; patches go to `patches/`".
_GOES_TO = Pattern(r"\b(?:go(?:es)?|belongs?) (?:in|to|into|under)\W+(?:the )?$", re.IGNORECASE)


#: An address that is served, no path of the tree: `/swagger/v1`, `/api/users`.
_ADDRESS = Pattern(r"^/(?:(?:[a-z][\w{}:-]*|\*{1,2})/?)+$")
_SERVED = Pattern(r"^`? (?:routes?|endpoints?|requests?|responses?|urls?|calls)\b", re.IGNORECASE)


def _is_address(plain: str, word: literals.Word) -> bool:
    return bool(_ADDRESS.match(word.text)) and bool(
        _SERVED.match(plain[word.end - 1 :])
        or regex.search(r"\b(?:at|via|endpoint|route|GET|POST|url)\W*$", plain[: word.start])
    )


_AT_CALL_AND_AFTER = "a change to it is refused before it happens, and judged on the final change"
_KEPT = Pattern(
    r"\b(?:(?:edit|modif|touch|hand-?edit|regenerat|auto-?generated|read-only|immutable)\w*|hand\b)|自动生成|只读",
    re.IGNORECASE,
)


_EDIT_VERB = Pattern(
    r"\b(?:never|not|don'?t|avoid|no)\b[^.;`]{0,40}\b(?:hand-?)?(?:edit|modif|chang(?!eset|elog)|touch|alter|"
    r"overwrit|patch|"
    r"delet|remov|rewrit|manual|updat|bump|append|format|re-?generat|re-?record|weaken|add to|writ(?:e|"
    r"ing) (?:directly )?(?:to|into|in)\b)\w*|"
    r"`[^`]*/[^`]*` (?:must|should|may|can)(?: not|n't| never) be (?:edited|modified|changed|touched|altered)\b|"
    r"\b(?:edit|modif|chang|touch|alter|overwrit|delet|remov|rewrit)\w*\b[^.;]{0,60}\b(?:never|not|"
    r"forbidden|prohibited)\b|^\W*(?:hand-?)?(?:edit|modif|chang|touch|alter|overwrit|delet|remov)\w*|"
    r"(?:禁止|不要|不得|严禁|请勿).{0,6}(?:修改|编辑|改动|删除)",
    re.IGNORECASE,
)


_BARE_PATH = Pattern(
    r"(?<![\w`/.])((?:[\w-]+/)*[\w*-]+(?:\.[\w-]+)*\.(?:lock|mod|sum|work|json|ya?ml|toml|md|pb\.go|txt|config|"
    r"props|targets|xml|ini|cfg|gradle))(?![\w`])|"
    r"\b(README|CHANGELOG|LICENSE)\b(?! file)"
)


#: What is not to be done is another act: "Don't skip flaky tests, fix them or delete them".
_SOMETHING_ELSE = Pattern(
    r"\b(?:never|not|don't) (?!(?:\w+ly |ever |hand-?|manually )*(?:edit|modif|touch|chang|alter|delet|format|"
    r"overwrit|updat|patch|"
    r"remov|renam|mov|rewrit|invent|replac|fix|be|leave|commit|add|writ|reorder)\w*\b)[^,;.]{3,60}, (?:instead )?"
    r"(?:fix|rewrite|repair|mend|report|delete|update|change)\b",
    re.IGNORECASE,
)
#: What is let be is not what was named before: "other languages come from the service, do not edit them".
_OTHERS = Pattern(r"\b(?:other|remaining|rest)\b", re.IGNORECASE)


def _unticked(statement: Statement) -> list[literals.Word]:
    """Paths without back-ticks; for "do not edit it", those of the sentences before in the same block."""
    plain = statement.plain
    found = [m[1] or m[2] for m in _BARE_PATH.finditer(plain)] if len(plain) < 120 and "(" not in plain else []
    if (
        not found
        and not _OTHERS.search(plain)
        and not _SOMETHING_ELSE.search(plain)
        and regex.search(
            r"\bleave (?:it|them) (?:alone|untouched|as (?:it|they) (?:is|are)|be\b)|"
            r"\b(?:edit|modify|touch|change|alter|delete|format|overwrite|update|patch)\w* (?:it|them|its|this file|"
            r"these files|"
            r"that file|the file|directly|by hand|manually)\b|\b(?:edit|modify|touch|change|"
            r"alter) (?:\w+ ){0,2}(?:in )?there\b|\b(?:this|the|that|these) (?:file|folder|"
            r"director(?:y|ies)|files|folders)"
            r"(?: \w+)? (?:must|should|is|are)(?: not|n't| never)(?: to)? be (?:hand-?)?(?:edit|modif|chang|touch)",
            plain,
            re.IGNORECASE,
        )
        and statement.block != plain
    ):
        before = statement.block.split(plain)[0]
        found = [
            w.text for w in literals.words(Statement(statement.line, before, before, "paragraph")) if w.sort == "path"
        ][-2:]
    return [literals.Word(path, "path", 0, 0, True) for path in found]


#: "Avoid editing `generated` subdirectories": folders of one name, wherever they lie.
_FOLDER = Pattern(r"^`? (?:sub-?)?(?:director(?:y|ies)|folders?)\b", re.IGNORECASE)


def _folders(statement: Statement) -> list[literals.Word]:
    return [
        msgspec.structs.replace(w, text=f"**/{w.text}/**", sort="path")
        for w in literals.words(statement)
        if w.sort == "name" and w.against and _FOLDER.match(statement.plain[w.end - 1 :])
    ]


_WRITTEN_TO = Pattern(r"\bwrit(?:e|ing) (?:directly )?(?:to|into)\b", re.IGNORECASE)


def _targeted(plain: str) -> bool:
    return bool(regex.search(r"\b(?:to|in|into|from) `", plain))


#: Segments that stand for any name: `my-feature`, `ComponentName`, `feature-name`.
_EXAMPLE = Pattern(
    r"(?:(?<=/)|^)(?:[\w-]*(?:[nN]ame|NAME)|[Mm]y[-_]?[a-z][\w-]+|your[-_]\w[\w-]*|example(?!s?(?:/|$))[\w-]*|"
    r"some[-_]\w[\w-]*|xxx|(?:foo|bar)(?=[_.-]|$))(?=[/._-]|$)"
)


def glob_of(path: str) -> str:
    """Return the glob that a path as written stands for: a directory stands for all below it."""
    path = path.strip().removeprefix("./").removeprefix("@/")
    path = path.lstrip("/") if regex.match(r"/[\w.-]+(?:/|$)", path) else path
    path = regex.sub(r"<[^<>]*>|\{[a-zA-Z_]+\}|\[[a-zA-Z_]+\]|\.\.\.|…", "*", path)
    path = _EXAMPLE.sub("*", path)
    path = "README*" if path == "README" else path
    return path + "**" if path.endswith("/") else path
