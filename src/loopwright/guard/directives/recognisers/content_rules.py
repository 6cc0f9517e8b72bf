"""Rules about what files hold beside code: licence headers, ordered lists, no secrets."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.guards import glob_of
from loopwright.guard.directives.recognisers.places import PARTS, globs_of_part
from loopwright.guard.directives.rule import Rule

_HEADER = Pattern(
    r"\b(?:licen[cs]e|copyright|spdx)[- ]?(?:identifier )?(?:headers?|notices?|comments?|blocks?)?\b", re.IGNORECASE
)


def headers(statement: Statement) -> Rule | None:
    """A licence header that new files begin with."""
    plain = statement.plain
    if not _HEADER.search(plain) or not regex.search(
        r"\b(?:headers?|spdx|copyright notice|boilerplate)\b", plain, re.IGNORECASE
    ):
        return None
    if language.forbids(statement) or not regex.search(
        r"\b(?:every|all|each|new|must|include|add|need|require)\w*\b", plain, re.IGNORECASE
    ):
        return None
    words = literals.words(statement)
    globs: list[JsonValue] = [
        ("*" + w.text if w.text.startswith(".") and w.text.count(".") == 1 else w.text)
        for w in words
        if regex.match(r"^\*?\.[a-z]{1,5}$", w.text)
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
        or regex.search(r"\bimports?\b", plain, re.IGNORECASE)
        or not regex.search(
            r"\b(?:must|mandatory|keep|sort|always|maintain|insert|required|should)\b", plain, re.IGNORECASE
        )
    ):
        return None
    path = next((w.text for w in literals.words(statement) if w.sort == "path"), "")
    if not (path or regex.search(r"\b(?:entries|lists?|items?|categor\w+|keys|dependencies)\b", plain, re.IGNORECASE)):
        return None
    return Rule(
        "sorted_list", {"file": path} if path else {}, "partly", "added list lines are compared with their neighbours"
    )


_SECRET = Pattern(
    r"\b(?:secrets?|api[- ]?keys?|credentials?|"
    r"(?<!design )(?<!semantic )(?<!color )(?<!theme )(?<!css )(?<!style )tokens?|passwords?|private keys?|"
    r"env files?)\b|\.env\b",
    re.IGNORECASE,
)


_SECRET_ACT = Pattern(
    r"\b(?:commit\w*|hard-?cod\w*|check(?:ed)? in|in(?:to)? (?:the )?(?:repo\w*|code|source|git|version control)|"
    r"push|include|store|put|expose|leak|embed|add)\b",
    re.IGNORECASE,
)


_KEPT = Pattern(
    r"\bin (?:the )?code\b|\bcommit|\bhard-?cod|\brepo|\b(?:source|version) control\b|\bgit\b", re.IGNORECASE
)


def _near_act(statement: Statement) -> bool:
    """True where one clause forbids, acts and names the secret: not "takes an API key; no hard-coded names"."""
    if language.negative_lead(statement):
        return True
    if regex.search(r"\b(?:never|not|don'?t) (?:hard-?code|commit)\b", statement.plain, re.IGNORECASE):
        return True
    clauses = regex.split(r"[;.:]\s|\s[-–—]\s", statement.plain)
    return any(_SECRET.search(c) and _SECRET_ACT.search(c) for c in clauses)


#: What somebody must not get to see, wherever it is kept: "never expose secrets to forks".
_SHOWN_TO = Pattern(r"\b(?:expose|pass|hand|give|leak|send|print)s?\b[^.;]{0,60}\bto\b", re.IGNORECASE)
#: A file that is called after tokens or passwords: `assets/css/tokens.css`.
_FILE_NAMED = Pattern(r"`[^`]*\.(?:css|scss|less|ts|js|json|md|py|go)`")


#: Nothing but that: "No secrets."
_NO_SECRETS = Pattern(
    r"^(?:\W|\[[ x]\])*(?:no|never any) (?:hard-?coded )?(?:secrets?|credentials|passwords|api keys|tokens)(?:(?:,|"
    r" or|, or| and) "
    r"(?:secrets?|credentials|passwords|api keys|tokens))*(?: (?:in|inside) (?:the )?(?:code|repo\w*|git|source|"
    r"sources|diff))?"
    r"(?:\W*$|, no )",
    re.IGNORECASE,
)


def secrets(statement: Statement) -> Rule | None:
    """No secrets in the repository."""
    plain = statement.plain
    if _NO_SECRETS.match(plain):
        return Rule("no_secrets", {}, "enforced", "added lines are searched for keys, tokens and passwords")
    if (
        not _SECRET.search(_FILE_NAMED.sub("", plain))
        or not _SECRET_ACT.search(plain)
        or not language.forbids(statement)
    ):
        return None
    elsewhere = r"\blog(?:s|ged|ging)?\b|\bprint\b|\bresponse\b|\bquer(?:y|ies)\b|\bclient-?side\b"
    if re.search(elsewhere, plain, re.IGNORECASE) and not _KEPT.search(plain):
        return None
    if language.direction(statement) != "forbid" or not _near_act(statement):
        return None
    if _SHOWN_TO.search(plain) and not _KEPT.search(plain):
        return None
    return Rule(
        "no_secrets",
        {"also": [".env"]} if ".env" in plain else {},
        "enforced",
        "added lines are searched for keys, tokens and passwords",
    )


#: "Every page must contain the text `x`", "all `*.server.ts` files must start with `y`".
_HOLDS = Pattern(
    r"\b(?:every|each|all|any new|new)\s+(?:new |changed )?(?:`([^`]+)` )?([\w-]+(?: [\w-]+)?)\s+"
    r"(?:(?:must|should|needs? to|ha(?:s|ve) to|shall)\s+(?:always )?)?((?:contain|include|have|start with|"
    r"begin with|"
    r"declare|carry|set|define)|starts with|begins with|contains|declares|carries|sets|defines|has)\b"
    r"[^`.;]{0,30}`([^`]{3,80})`",
    re.IGNORECASE,
)
#: "`declare(strict_types=1)` in every file", under a heading of one language or with its name.
_ON_ALL = Pattern(
    r"^\W*(?:use |put |start with |add )?`([^`]{3,80}?);?` (?:(?:must|should|has to|needs to) be (?:set|present|"
    r"declared|defined|"
    r"there|added|used) )?(?:on|in|at the top of|atop) (?:every|each|all) (?:new )?"
    r"(?:([\w#+]+) )?(?:source )?(?:files?|(?P<header>headers?)|(?P<component>components?)|"
    r"(?P<workflow>workflows?))\b",
    re.IGNORECASE,
)
#: "Start each file with `defined( 'ABSPATH' ) || exit;`".
_STARTS = Pattern(
    r"^\W*(?:always )?(?:start|begin) (?:each|every|all|"
    r"any)(?: new)? (?:([\w#+]+) )?(?:source )?files? with `([^`]{3,80})`",
    re.IGNORECASE,
)
#: "Headers start with `#pragma once`", "Shell scripts begin with `set -e`".
_BEGIN = Pattern(
    r"^\W*(?:[\w -]{3,30}: )?(?:(?:all|every|each|new) )*(?:(\w+) )?(headers?|files?|scripts?|"
    r"workflows?)(?: files?)? (?:must |should |"
    r"always )*"
    r"(?:starts?|begins?) with `([^`]{3,80})`",
    re.IGNORECASE,
)
#: "`#pragma once` for header guards", "`#pragma once`, no include guards".
_ONCE = Pattern(
    r"^\W*(?:headers?:? )?(?:use |prefer )?`#pragma once`"
    r"(?:,| for| over| instead| not| \(no(?:t|n-)?\b| rather| in |\W*$)",
    re.IGNORECASE,
)
_LANGUAGE_FILES = {
    "php": ("*.php",),
    "python": ("*.py",),
    "typescript": ("*.ts", "*.tsx"),
    "javascript": ("*.js", "*.jsx", "*.mjs"),
    "go": ("*.go",),
    "rust": ("*.rs",),
    "java": ("*.java",),
    "kotlin": ("*.kt",),
    "ruby": ("*.rb",),
    "swift": ("*.swift",),
    "shell": ("*.sh",),
    "bash": ("*.sh",),
    "c#": ("*.cs",),
    "sql": ("*.sql",),
    "html": ("*.html",),
    "css": ("*.css",),
    "markdown": ("*.md",),
    **dict.fromkeys(("header", "headers"), ("*.h", "*.hpp", "*.hh", "*.hxx")),
    **dict.fromkeys(("workflow", "workflows"), (".github/workflows/*.yml", ".github/workflows/*.yaml")),
}


def required_text(statement: Statement) -> Rule | None:
    """Text that files of a kind must hold, at their top where the rule says so."""
    if (stated := _ON_ALL.match(statement.plain)) and (
        stated["workflow"] or literals.sort(stated[1]) not in ("path", "command", "name")
    ):
        titles = " ".join((stated[2] or "", *statement.headings[-1:])).lower()
        kind = next((name for name in ("header", "component", "workflow") if stated[name]), "")
        within = _files_of("", titles, f"{kind} {stated[1]}" if kind else stated[1])
        why = "new files without it, and changes that take it out, are named"
        return Rule("require_text", {"text": stated[1], "within": within}, "enforced", why) if within else None
    if (first := _STARTS.match(statement.plain)) and not language.forbids(statement):
        within = _files_of("", " ".join((first[1] or "", *statement.headings[-1:])).lower(), first[2])
        why = "new files without it, and changes that take it out, are named"
        return (
            Rule("require_text", {"text": first[2], "within": within, "top": True}, "enforced", why) if within else None
        )
    if (begin := _BEGIN.match(statement.plain)) and (
        within := _files_of("", f"{begin[1]} {begin[2]}".lower(), begin[3])
    ):
        why = "new files without it, and changes that take it out, are named"
        return Rule("require_text", {"text": begin[3], "within": within, "top": True}, "enforced", why)
    if _ONCE.match(statement.plain):
        why = "new headers without it, and changes that take it out, are named"
        within = [*_LANGUAGE_FILES["headers"]]
        return Rule("require_text", {"text": "#pragma once", "within": within}, "enforced", why)
    found = _HOLDS.search(statement.plain)
    if not found or language.forbids(statement) or literals.sort(found[4]) in ("path", "command"):
        return None
    if found[3].endswith("s") and not regex.search(
        r"\b(?:files?|pages?|headers?|scripts?|modules?|templates?|workflows?)$", found[2]
    ):
        return None  # told of a thing in the code
    globs = _files_of(found[1] or "", found[2].lower(), found[4])
    if not globs:
        return None
    top = bool(
        regex.search(
            r"\b(?:start|begin)\b|\bat the (?:very )?top\b|\bfirst "
            r"line\b",
            statement.plain,
            re.IGNORECASE,
        )
    )
    params: dict[str, JsonValue] = {"text": found[4], "within": globs, **({"top": True} if top else {})}
    return Rule("require_text", params, "enforced", "new files without it, and changes that take it out, are named")


def _files_of(path: str, words: str, text: str = "") -> list[JsonValue]:
    """Globs of what a rule calls "`x` files", "Python files", "pages", "handler modules"."""
    if path:
        return [f"*{path}" if regex.fullmatch(r"\.\w+", path) else glob_of(path)]
    if text.startswith(("declare(strict_types", "<?php")):
        return ["*.php"]
    if "frozen_string_literal" in text:
        return ["*.rb"]
    if text.startswith("from __future__"):
        return ["*.py"]
    if text.startswith("header "):
        return ["*.h", "*.hpp", "*.hh", "*.hxx"]
    if text.startswith("workflow "):
        return [".github/workflows/*.yml", ".github/workflows/*.yaml"]
    if text.startswith("component "):
        return ["*.vue"] if "<script" in text else ["*.tsx", "*.jsx", "*.vue", "*.svelte"]
    for word in words.split():
        if word in _LANGUAGE_FILES:
            return [*_LANGUAGE_FILES[word]]
        if re.fullmatch(PARTS, word):
            return [*globs_of_part(word)]
    return []
