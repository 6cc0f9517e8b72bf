"""Modules that must not be imported."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, regex
from loopwright.guard.directives.reading.literals import Word
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers import code_cases
from loopwright.guard.directives.recognisers.guards import glob_of
from loopwright.guard.directives.recognisers.places import place
from loopwright.guard.directives.rule import Rule

_IMPORT = Pattern(
    r"\b(?:imports?|importing|imported|depend(?:s|encies)? on|depend|requires?|pull in|coupling|"
    r"reference)\b|导入|引入|依赖",
    re.IGNORECASE,
)


_USED_PATH = Pattern(r"\b(?:not|never|don't|avoid)\b[^.;`]{0,12}\b(?:use|using|import|importing)\b", re.IGNORECASE)


#: "Don't import SwiftData anywhere else", "no Combine in new code".
_BARE_IMPORT = Pattern(
    r"\b(?:never|not|don'?t) import ((?-i:[A-Z])\w+(?:(?:, (?:or |nor )?| or | nor |/)(?-i:[A-Z])\w+)*)\b(?! (?:from|"
    r"if|when|unless|to)|[- ](?-i:[A-Z])|-)"
    r"( anywhere else| elsewhere)?|"
    r"\bno ((?-i:[A-Z])\w+) in (?:new|production|shared) code\b",
    re.IGNORECASE,
)


def of_prose(statement: Statement) -> Rule | None:
    """A module named without back-ticks that must not be imported, or by one part alone that was named before."""
    found = _BARE_IMPORT.search(statement.plain)
    if not found:
        return None
    where = place(statement)
    if found[2]:
        before = regex.findall(
            r"`([A-Z]\w+)`", statement.block.split(statement.plain)[0] + statement.plain[: found.start()]
        )
        if not before:
            return None
        where = {"outside": [f"**/{before[-1]}*"]}
    why = "imports of the changed files are compared"
    modules: list[JsonValue] = [*regex.findall(r"[A-Z]\w+", found[1] or found[3])]
    return Rule("forbid_import", {"modules": modules, **where}, "enforced", why)


def forbidden_import(statement: Statement, words: tuple[Word, ...]) -> Rule | None:
    plain = statement.plain
    modules = _modules(statement, words) if _IMPORT.search(language.without_code(plain)) else []
    where = place(statement)
    if not modules and regex.search(r"\bdo not import directly\b", plain, re.IGNORECASE):
        modules = [*regex.findall(r"`([@\w./-]+)`", plain.split(" into ")[0])]
        within = regex.search(r"\binto `([\w./-]+)`", plain)
        where = {"within": [within[1] + "/**"]} if within else {}
    if not modules:
        modules = [
            f"{taken[2]}.{name.strip().split(' as ')[0]}"
            for w in words
            if (taken := _TAKEN.match(w.text))
            for name in taken[1].split(",")
        ]
    if not modules and (other := _FROM_OTHER.match(plain)):
        modules = [f"{other[2]}.{name}" for name in regex.findall(r"`(\w+)`", other[1])]
    if not modules and (said := _IMPORTED_IN.search(plain)):
        modules = [name.lower() for name in regex.findall(r"[\w.]+", said[1]) if name not in ("or", "and")]
        where = {"within": [glob_of(said[2])]}
    if not modules and _USED_PATH.search(plain):
        modules = [
            w.text
            for w in words
            if w.sort == "path" and "/" in w.text and w.text[0] not in "/~" and not w.text.endswith(".md")
        ]
    if not modules:
        return None
    if words and _ELSEWHERE.search(plain[words[-1].end :]):
        if not (home := code_cases.homes(statement, words[0])):
            return None
        where = {"outside": home}
    if not where and words and (part := _FROM_PART.match(plain[words[-1].end :])):
        where = {"within": [f"{part[1]}/**", f"**/{part[1]}/**"]}
    why = "imports of the changed files are compared"
    return Rule("forbid_import", {"modules": modules, **where}, "enforced", why)


#: "Never import `x` from staging": a part of the tree by the name of its folder.
_FROM_PART = Pattern(
    r"^ (?:from|in|inside|within) (?:the )?(?!(?:new|production|application|app|source|this|our|any|your|"
    r"user|code|other|the|tests?|"
    r"here|directly)\b)([a-z][\w-]{2,20})(?: (?:package|folder|directory|module|layer|crate))?\W*$"
)
#: A whole import in back-ticks: `import { expect } from "vitest"`.
_TAKEN = Pattern(r"^import \{ ?([\w, ]+?) ?\} from ['\"]([\w@./-]+)['\"];?$")


_ELSEWHERE = Pattern(
    r"\b(?:elsewhere|anywhere else|in (?:any )?other (?:packages?|modules?|files?|places?))\b", re.IGNORECASE
)
#: "`Text` from our `ui` package, not from `react-native`".
_FROM_OTHER = Pattern(
    r"^\W*(?:import )?(`\w+`(?:(?:, | and )`\w+`){0,4}) (?:comes? |is imported |"
    r"are imported )?from [^.;]{3,40}, (?:not|never) (?:from )?`([@\w./-]+)`",
    re.IGNORECASE,
)
#: "Import FastAPI, Starlette, or uvicorn in `engine/`".
_IMPORTED_IN = Pattern(
    r"\bimport(?:ing)? ((?-i:[A-Z])[\w.]*(?:(?:, (?:or |and )?| or | and )[\w.]+)*) (?:in|inside|within|"
    r"into) `([^`]+)`",
    re.IGNORECASE,
)


#: Words of a language, which no module is called by.
_CONSTRUCTS = frozenset((
    "class", "struct", "interface", "enum", "trait", "type", "var", "let", "const", "any", "object", "function",
    "def", "fn", "func", "union",
))  # fmt: skip


def _modules(statement: Statement, words: tuple[Word, ...]) -> list[JsonValue]:
    return [
        regex.sub(r"/(?:\.{3}|…)$", "", w.text.strip("'\""))
        for w in words
        if w.sort in ("name", "path", "code", "command")
        and regex.match(r"^[@\w./*'\"-]+…?$", w.text)
        and not w.text.endswith((".md", ".txt", ".json", ".yaml", ".yml", ".toml"))
        and w.text not in _CONSTRUCTS
    ]
