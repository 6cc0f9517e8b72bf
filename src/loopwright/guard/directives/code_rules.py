"""Rules about what code may contain: calls, constructs, text, imports and what replaces them."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives import construct_words, language, literals
from loopwright.guard.directives.literals import Word
from loopwright.guard.directives.markdown import Statement
from loopwright.guard.directives.places import place
from loopwright.guard.directives.rule import Rule

_NEGATION = re.compile(
    r"\b(?:never|not|don'?t|avoid(?:ing)?|no|instead of|rather than|over|cannot|can'?t|mustn'?t|"
    r"shouldn'?t|forbidden|banned?|ban|prohibited|drop)\b|禁止|不要|不得|严禁|请勿|避免",
    re.IGNORECASE,
)
#: What may stand between the negation and the thing itself.
_USE = re.compile(
    r"^\W*(?:(?:ever|directly|manually|raw|plain|ad-?hoc|unnecessary|unnecessarily|excessive|direct|"
    r"explicit|the|a|an|any|new|both|either|to|be|of|separate|custom|bare|"
    r"use|uses|using|used|expose|exposing|leak|call|calls|calling|invoke|invoking|write|writing|add|"
    r"adding|introduce|introducing|rely|on|relying|instantiate|create|creating|"
    r"reach|for|type|with|cast|casting|clients?|wrap|usage|statements?|export|default|from|import|"
    r"importing|hard-?coded?|new|return|returning|throw|raise|leave|commit|include|"
    r"reference|referencing|access|accessing|read|reading|set|setting|pass|passing|should|catch|catching|"
    r"mock|patch|old|legacy|deprecated|native|standard|global|js|javascript|python|typescript|ts|go|rust|"
    r"api)\W*)*$|^\W*(?:使用|调用|直接|用)*\W*$",
    re.IGNORECASE,
)
_LIST = re.compile(r"^[\s,/|]*(?:or|and|nor|&|、|和|或|以及)?\s*(?:`?no |the |any |raw )?$", re.IGNORECASE)
_IMPORT = re.compile(
    r"\b(?:imports?|importing|imported|depend(?:s|encies)? on|depend|require[sd]?|pull in|coupling|"
    r"reference)\b|导入|引入|依赖",
    re.IGNORECASE,
)
_WORDLIKE = re.compile(r"^[\w$.@#!:<>()\[\]/*-]+$")
_KEYWORDS = frozenset(
    {"true", "false", "null", "none", "main", "master", "id", "README", "develop", "string", "number", "boolean"}
)
_PRINT = re.compile(
    r"^(?:console\.\w+|print|println!?|System\.out\.\w+|fmt\.Print\w*|dbg!|var_dump|dd|pprint)(?:\(.*\))?$"
)
_EMOJI = re.compile(r"\b(?:no|not|don'?t|avoid|never|without)\b[^.;]{0,30}\bemojis?\b", re.IGNORECASE)
_TODO = re.compile(
    r"\b(?:[Nn]o|not|[Nn]ever|[Dd]o not|[Aa]void|don'?t|avoid|never|"
    r"without)\b[^.;]{0,30}\b(?:`?TODO`?s?|`?FIXME`?s?)\b"
)
_SUPPRESS = re.compile(
    r"@ts-ignore|@ts-nocheck|@ts-expect-error|eslint-disable[\w-]*|type: ?ignore|noqa|nolint|"
    r"@SuppressWarnings|#\[allow\b|rubocop:disable|pragma: no cover|biome-ignore|pylint: ?disable"
)


def barred(statement: Statement) -> tuple[Word, ...]:
    """Return the back-ticked words the sentence speaks against as things to use, lists of them followed to the end."""
    found = literals.words(statement)
    chosen: list[Word] = []
    led = language.negative_lead(statement)
    for index, word in enumerate(found):
        before = found[index - 1] if index else None
        if before in chosen and _LIST.match(statement.plain[before.end : word.start] if before else "x"):
            chosen.append(word)
            continue
        if not word.against:
            continue
        head = statement.plain[: word.start]
        cut, marker = 0, ""
        for negation in _NEGATION.finditer(head):
            cut, marker = negation.end(), negation[0].lower()
        if marker in ("instead of", "rather than", "not", "over") and re.search(
            r"\b(?:e\.g|for example|such as|for instance)\b", head
        ):
            continue
        if _USE.match(head[cut:]) and (cut or led):
            chosen.append(word)
    return tuple(chosen)


def constructs(statement: Statement) -> Rule | None:
    """A construct of the language that must not be used, by its name or through its opposite."""
    plain = statement.plain
    for name, pattern in construct_words.OPPOSITES:
        if pattern.search(plain):
            return _construct(statement, name)
    if not (language.forbids(statement) or re.search(r"\b(?:instead of|rather than|over|not)\b", plain)):
        return None
    for name, pattern in construct_words.CONSTRUCTS:
        for found in pattern.all(plain):
            if _spoken_against(statement, found.start(), found.end()):
                return _construct(statement, name)
    return None


def _spoken_against(statement: Statement, start: int, end: int) -> bool:
    head = statement.plain[:end]
    cut = 0
    for negation in _NEGATION.finditer(head):
        if negation.start() < end:
            cut = negation.end()
    if start < cut <= end:
        return True
    if not cut:
        return language.negative_lead(statement) and start < 25
    between = head[cut:start]
    return len(between.split()) <= 5 and not re.search(
        r"[.;:]|\b(?:in|inside|within|from|when|if|because|so|change|modify|break|add|remove)\b", between
    )


def _construct(statement: Statement, name: str) -> Rule | None:
    if name == "local_import":
        return Rule(
            "import_form",
            {"form": "top-level", **place(statement)},
            "enforced",
            "imports inside functions are found in the changed code (Python, JavaScript, TypeScript)",
        )
    if name == "relative_import":
        return Rule(
            "import_form",
            {"form": "absolute", **place(statement)},
            "enforced",
            "relative imports are found in the changed code",
        )
    if name == "ts_ignore":
        return _suppression(statement)
    return Rule(
        "forbid_syntax", {"what": name, **place(statement)}, "enforced", "found on the syntax tree of the changed files"
    )


def _suppression(statement: Statement) -> Rule | None:
    found: list[JsonValue] = list(dict.fromkeys(m[0] for m in _SUPPRESS.finditer(statement.plain)))
    return (
        Rule("forbid_text", {"texts": found, **place(statement)}, "enforced", "searched for in the added lines")
        if found
        else None
    )


def calls(statement: Statement) -> Rule | None:
    """Calls, names and text that must not be used, and what replaces them."""
    if not (
        language.forbids(statement)
        or language.against(statement, len(statement.plain))
        or re.search(r"\b(?:instead of|rather than|over|not)\b", statement.plain)
    ):
        return None
    if language.forbids(statement) and _SUPPRESS.search(statement.plain) and (rule := _suppression(statement)):
        return rule
    words = barred(statement)
    names = [w for w in words if w.sort in ("call", "name") and _nameable(w.text)]
    if _IMPORT.search(statement.plain) and (modules := _modules(statement, words)):
        return Rule(
            "forbid_import",
            {"modules": modules, **place(statement)},
            "enforced",
            "imports of the changed files are compared",
        )
    if re.search(r"\bdo not import directly\b", statement.plain, re.IGNORECASE) and (
        sources := re.findall(r"`([@\w./-]+)`", statement.plain.split(" into ")[0])
    ):
        listed: list[JsonValue] = list(sources)
        within = re.search(r"\binto `([\w./-]+)`", statement.plain)
        return Rule(
            "forbid_import",
            {"modules": listed, **({"within": [within[1] + "/**"]} if within else {})},
            "enforced",
            "imports of the changed files are compared",
        )
    if names:
        return _named(statement, names)
    texts: list[JsonValue] = [
        w.text for w in words if w.sort == "code" and 2 < len(w.text) < 80 and re.search(r"[()\[\]{}<>#@=:;/!]", w.text)
    ]
    if texts:
        return Rule("forbid_text", {"texts": texts, **place(statement)}, "enforced", "searched for in the added lines")
    paths: list[JsonValue] = [w.text for w in words if w.sort == "path" and "/" in w.text]
    if paths and re.search(
        r"\b(?:not|never|don't|avoid)\b[^.;`]{0,12}\b(?:use|using|import|importing)\b", statement.plain, re.IGNORECASE
    ):
        return Rule(
            "forbid_import",
            {"modules": paths, **place(statement)},
            "enforced",
            "imports of the changed files are compared",
        )
    return None


def _nameable(text: str) -> bool:
    return bool(_WORDLIKE.match(text)) and text not in _KEYWORDS and not text.startswith(("-", "/")) and len(text) > 1


def _modules(statement: Statement, words: tuple[Word, ...]) -> list[JsonValue]:
    return [
        w.text.strip("'\"")
        for w in words
        if w.sort in ("name", "path", "code", "command") and re.match(r"^[@\w./*'\"-]+$", w.text)
    ]


def _named(statement: Statement, names: list[Word]) -> Rule:
    where = place(statement)
    old: list[JsonValue] = [w.text for w in names]
    wanted = [
        w
        for w in literals.words(statement)
        if not w.against and w not in names and w.sort in ("call", "name", "code", "path")
    ]
    swap = re.search(r"\b(?:instead of|rather than|over|in place of)\b|, not ", statement.plain[: names[0].start])
    if swap and wanted and wanted[0].start < names[0].start and len(names) == 1 and wanted[0].sort != "path":
        return Rule(
            "replace_api",
            {"old": old, "new": wanted[0].text, **where},
            "enforced",
            "uses of the old name are found in the changed code",
        )
    return Rule("forbid_call", {"names": old, **where}, "enforced", "uses of the names are found in the changed code")


def text_rules(statement: Statement) -> Rule | None:
    """Text that must not appear: emojis, unfinished marks."""
    plain = statement.plain
    if _EMOJI.search(plain) or (language.negative_lead(statement) and re.search(r"\bemojis?\b", plain, re.IGNORECASE)):
        if re.search(r"\b(?:commit|pr\b|pull request|communicat|respon|chat|conversation)", plain, re.IGNORECASE):
            return None
        return Rule("forbid_text", {"what": "emoji", **place(statement)}, "enforced", "searched for in the added lines")
    if _TODO.search(plain):
        params: dict[str, JsonValue] = {"texts": ["TODO", "FIXME"], **place(statement)}
        if "without" in plain:
            params["unless"] = r"#\d+|[A-Z]+-\d+|https?://"
        return Rule("forbid_text", params, "enforced", "searched for in the added lines")
    return None


def linted(statement: Statement) -> Rule | None:
    """Wishes that a linter's rule judges."""
    if len(statement.plain) > 170 or re.search(r"\bprs?\b", statement.plain, re.IGNORECASE):
        return None
    for codes, pattern in construct_words.LINTED:
        if pattern.search(statement.plain):
            return _lint_rule(statement, codes)
    families = re.search(
        r"\b(?:ruff|flake8|pylint|eslint|clippy)\b[^.;]{0,40}\brules?\b", statement.plain, re.IGNORECASE
    )
    codes_named = re.findall(r"`([A-Z]{1,4}\d{0,4})`", statement.plain)
    if (
        codes_named
        and (families or re.search(r"\b(?:enforced|enabled)\b", statement.plain))
        and not re.search(r"\bignored?\b", statement.plain)
    ):
        return _lint_rule(statement, ",".join(codes_named))
    return None


def _lint_rule(statement: Statement, codes: str) -> Rule:
    where = place(statement)
    if codes == "T201":
        return Rule(
            "lint_rule", {"rule": codes, "tool": "ruff", **where}, "enforced", "ruff judges the changed Python files"
        )
    if codes[0].isupper():
        return Rule(
            "lint_rule",
            {"rule": codes, "tool": "ruff", **where},
            "enforced",
            "ruff judges the changed Python files with these rules",
        )
    if codes == "no-console":
        return Rule(
            "forbid_call",
            {"names": ["console.log"], **where},
            "enforced",
            "uses of the name are found in the changed code",
        )
    if codes == "airbnb":
        return Rule(
            "lint_rule",
            {"preset": "airbnb", "tool": "eslint"},
            "enforced",
            "eslint judges the changed files where the project has the preset; without it the preset's own core "
            "rules do",
        )
    return Rule(
        "lint_rule", {"rule": codes, "tool": "eslint", **where}, "partly", "judged where the project has this linter"
    )


_FORMS = (
    ("top-level", re.compile(r"\btop-level imports?\b|\bimports? (?:\w+ ){0,4}(?:at|to) the (?:very )?top\b|"
                        r"\bat the top of (?:the |each |every )?(?:file|module)\b.*\bimports?\b|"
                        r"\bimports? not at top\b|\b(?:deferred|local|inline|lazy)(?:/\w+)? imports? only\b|"
                        r"\bmodule-level imports?\b", re.IGNORECASE)),
    ("absolute", re.compile(r"\babsolute (?:\w+ )?imports?\b|\bimports? (?:must |should )?(?:be |are )?absolute\b|"
                        r"绝对(?:路径)?导入", re.IGNORECASE)),
    ("relative", re.compile(r"\b(?:use|prefer|always)\b[^.;]{0,20}\brelative (?:\w+ )?imports?\b", re.IGNORECASE)),
    ("import type", re.compile(r"`import type\b|\btype-only imports?\b", re.IGNORECASE)),
    ("node:", re.compile(r"`node:`|\bnode: (?:protocol|prefix)", re.IGNORECASE)),
    ("from __future__ import annotations", re.compile(r"`from __future__ import annotations`")),
)  # fmt: skip
_ALIAS_IMPORT = re.compile(
    r"\bimports?\b[^.;`]{0,40}(?:using|via|with|through) (?:the )?`([@~#][\w-]*/)(?:\*|\.\.\.)?`|"
    r"`([@~]/)(?:\*|\.\.\.)?` (?:path )?(?:alias|prefix|for|import)",
    re.IGNORECASE,
)


def import_form(statement: Statement) -> Rule | None:
    """How imports are written: at the top, absolute, with a prefix, in one given form."""
    plain = statement.plain
    why = "imports of the changed files are judged on their syntax"
    if alias := _ALIAS_IMPORT.search(plain):
        return Rule(
            "import_form", {"form": "alias", "prefix": alias[1] or alias[2], **place(statement)}, "enforced", why
        )
    for form, pattern in _FORMS:
        if form == "relative" and language.forbids(statement):
            continue
        if pattern.search(plain) and not (
            form.startswith("from") and re.search(r"\bnot\b|n't\b|\bno\b|\bwithout\b", plain)
        ):
            return Rule("import_form", {"form": form, **place(statement)}, "enforced", why)
    if language.forbids(statement):
        return None
    for word in literals.words(statement):
        if (
            re.match(
                r"^(?:import\s+.+\s+from\s+['\"].+['\"];?|from\s+\S+\s+import\s+.+|import\s+\S+\s+as\s+\S+)$", word.text
            )
            and "..." not in word.text
        ) and re.search(r"\b(?:import|use|always|as)\b", plain[: word.start], re.IGNORECASE):
            return Rule("import_form", {"form": word.text.rstrip(";"), **place(statement)}, "enforced", why)
    if found := re.search(r"\bimport (?:\w+ ){0,3}from `([\w.@/-]+)", plain, re.IGNORECASE):
        return Rule(
            "import_form",
            {"form": f"from {found[1]}"},
            "partly",
            "an import of the same names from elsewhere is found only where the names are given",
        )
    return None


_INDEPENDENT = re.compile(
    r"`([\w./*@-]+)`[^.;]{0,60}?\b(?:must not|should not|never|cannot|may not|must never|don'?t|do not|"
    r"not)\b[^.;`]{0,25}\b(?:import|depend|reference|know about|access)\w*\b[^.;`]{0,20}(?:`([\w./*@-]+)`|"
    r"the (\w+) layer)",
    re.IGNORECASE,
)
_ONE_WAY = re.compile(
    r"`?([\w/-]+)`? (?:->|=>|→|>) `?([\w/-]+)`?(?: (?:->|=>|→|>) `?([\w/-]+)`?)?(?: (?:->|=>|→|>) `?([\w/-]+)`?)?",
    re.IGNORECASE,
)
_LAYER = re.compile(
    r"\b(?:dependenc(?:y|ies) (?:direction|flow|rule)|imports? (?:flow|direction|only flow)|layer(?:ed|"
    r"ing|s)?|unidirectional)\b",
    re.IGNORECASE,
)
_AGNOSTIC = re.compile(
    r"\b(?:independent (?:from|of)|decoupled from|no (?:direct )?(?:\w+ )?coupling|must not depend on|"
    r"should not depend on|not (?:on )?concrete|free of)\b",
    re.IGNORECASE,
)


_DIRECT_DATABASE = re.compile(
    r"\b(controllers?|routes?|routers?|handlers?|views?|components?|services?|"
    r"resolvers?)\b[^.;]{0,20}\b(?:must not|should not|never|cannot|don't|do not)\b[^.;]{0,20}\b(?:access|"
    r"query|call|touch|talk to|hit)\w* (?:the )?(?:database|db|orm)\b",
    re.IGNORECASE,
)
_CROSS = re.compile(
    r"\bno cross-(\w+) imports\b|\b(features?|modules?|packages?|domains?|apps?|plugins?) (?:should|must|"
    r"may|can) (?:not|never) import (?:\w+ )?(?:from )?(?:each other|other \w+|one another)\b",
    re.IGNORECASE,
)
#: Packages that talk to a database.
DRIVERS = (
    "mongodb",
    "mongoose",
    "pg",
    "mysql",
    "mysql2",
    "sequelize",
    "typeorm",
    "knex",
    "@prisma/client",
    "drizzle-orm",
    "pymongo",
    "motor",
    "sqlalchemy",
    "psycopg",
    "psycopg2",
    "asyncpg",
    "sqlite3",
    "better-sqlite3",
    "database/sql",
    "gorm.io/gorm",
)


def layers(statement: Statement) -> Rule | None:
    """Which part may import which."""
    plain = statement.plain
    if found := _INDEPENDENT.search(plain):
        target = found[2] or found[3]
        return Rule(
            "layer",
            {"from": found[1], "forbid": [target]},
            "enforced",
            "imports of the changed files are compared with their places",
        )
    if found := _DIRECT_DATABASE.search(plain):
        name = found[1].lower()
        why = "an import of a database driver in these folders is found"
        return Rule(
            "layer", {"from": name if name.endswith("s") else name + "s", "forbid": [*DRIVERS]}, "enforced", why
        )
    if found := _CROSS.search(plain):
        folder = next(g for g in found.groups() if g).lower()
        folder = folder if folder.endswith("s") else folder + "s"
        return Rule(
            "layer", {"siblings": folder}, "enforced", "an import from one sibling folder into another is found"
        )
    if _LAYER.search(plain) and (order := _ONE_WAY.search(plain)):
        names: list[JsonValue] = [n for n in order.groups() if n]
        if len(names) >= 2:
            return Rule(
                "layer",
                {"order": names},
                "enforced",
                "an import against the order is found where folders bear these names",
            )
    return None


_BESIDE = re.compile(
    r"\b(?:write|add|include|needs?|requires?|must have|provide|"
    r"document)\b[^.;`]{0,25}`([A-Z][A-Za-z]{2,}:?)`(?: comments?)?[^.;]{0,60}`(\w{3,})`",
    re.IGNORECASE,
)


def beside(statement: Statement) -> Rule | None:
    """A comment that must stand above a construct: `SAFETY` above `unsafe`."""
    found = _BESIDE.search(statement.plain)
    if not found or "comment" not in statement.plain or language.forbids(statement):
        return None
    return Rule(
        "require_syntax",
        {"near": found[2], "text": found[1]},
        "enforced",
        "added lines with the one are searched for the other above them",
    )
