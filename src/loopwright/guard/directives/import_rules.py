"""Rules about how imports are written, and which part may import which."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives import language, literals
from loopwright.guard.directives.patterns import Pattern
from loopwright.guard.directives.places import place
from loopwright.guard.directives.rule import Rule
from loopwright.guard.directives.statement import Statement

_FORMS = (
    ("top-level", Pattern(r"\btop-level imports?\b|\bimports? (?:\w+ ){0,4}(?:at|to) (?:the )?(?:very )?top\b|"
                        r"\bat the top of (?:the |each |every )?(?:file|module)\b.*\bimports?\b|"
                        r"\bimports? not at top\b|\b(?:deferred|local|inline|lazy)(?:/\w+)? imports? only\b|"
                        r"\bmodule-level imports?\b", re.IGNORECASE)),
    ("absolute", Pattern(r"\babsolute (?:\w+ )?imports?\b|\bimports?\W{1,4}absolute\b|"
                        r"\bimports? (?:must |should )?(?:be |are )?absolute\b|"
                        r"绝对(?:路径)?导入", re.IGNORECASE)),
    ("relative", Pattern(r"\b(?:use|prefer|always)\b[^.;]{0,20}\brelative (?:\w+ )?imports?\b", re.IGNORECASE)),
    ("esm", Pattern(r"\b(?:use|uses|using|prefer|only)\b[^.;]{0,12}\b(?:ESM|ES6? modules?)\b(?! only)", re.IGNORECASE)),
    ("import type", Pattern(r"`import type\b|\btype-only imports?\b", re.IGNORECASE)),
    ("node:", Pattern(r"`node:`|\bnode: (?:protocol|prefix)", re.IGNORECASE)),
    ("from __future__ import annotations", Pattern(r"`from __future__ import annotations`")),
)  # fmt: skip


_ALIAS_IMPORT = Pattern(
    r"\bimports?\b[^.;`]{0,40}(?:using|via|with|through) (?:the )?`([@~#][\w-]*/)(?:\*|\.\.\.)?`|"
    r"`([@~][\w-]*/)(?:\*|\.\.\.)?` (?:path )?(?:alias|prefix|for|import)",
    re.IGNORECASE,
)


#: "Imports in `.ts` files use `.js` extensions": of files of the project, which alone bear one.
_EXTENSION = Pattern(
    r"\bimports?\b.{0,40}?\b(?:use|with|include|need|require|end in|have|must have)"
    r"s?\b[^.;`]{0,20}`(\.[cm]?[jt]sx?)`(?: file)? "
    r"(?:extensions?|suffix)|`(\.[cm]?[jt]sx?)` (?:file )?extensions? (?:in|for|on) (?:\w+ ){0,2}imports?\b",
    re.IGNORECASE,
)


#: What is shown to illustrate, not asked for.
_INSTANCE = Pattern(
    r"\b(?:e\.g\.?|for (?:example|instance)|such as|like)[,:]?\s*(?:`[^`]*`[, ]*(?:or )?)*$", re.IGNORECASE
)
#: "Import this at the top": one thing is meant, not imports at large.
_ONE_THING = Pattern(r"\bimport (?:this|it|them|that)\b", re.IGNORECASE)


def import_form(statement: Statement) -> Rule | None:
    """How imports are written: at the top, absolute, with a prefix, in one given form."""
    plain = statement.plain
    if _ONE_THING.search(plain) or ("TYPE_CHECKING`" in plain and "top" not in plain):
        return None
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
    if extension := _EXTENSION.search(plain):
        return Rule("import_form", {"form": "extension", "prefix": extension[1] or extension[2]}, "enforced", why)
    for word in literals.words(statement):
        if _INSTANCE.search(plain[: word.start]):
            continue
        if (
            re.match(
                r"^(?:import\s+.+\s+from\s+['\"].+['\"];?|from\s+\S+\s+import\s+.+|"
                r"import\s+\S+\s+as\s+\S+)$",
                word.text,
            )
            and "..." not in word.text
        ) and re.search(r"\b(?:import|use|always|as)\b", plain[: word.start], re.IGNORECASE):
            return Rule("import_form", {"form": word.text.rstrip(";"), **place(statement)}, "enforced", why)
    if found := re.search(r"^\W*(?:always )?import `(\w+)` from `([@\w./-]+)`", plain, re.IGNORECASE):
        params: dict[str, JsonValue] = {"form": f"from {found[2]}", "names": [found[1]], **place(statement)}
        return Rule("import_form", params, "enforced", "an import of the name from elsewhere is found")
    if found := re.search(r"\bimport (?:\w+ ){0,3}from `([\w.@/-]+)", plain, re.IGNORECASE):
        return Rule(
            "import_form",
            {"form": f"from {found[1]}"},
            "partly",
            "an import of the same names from elsewhere is found only where the names are given",
        )
    return None


_INDEPENDENT = Pattern(
    r"`([\w./*@-]+)`[^.;]{0,60}?\b(?:must not|should not|never|cannot|may not|must never|don'?t|do not|"
    r"not|has no|have no|with no)\b[^.;`]{0,25}\b(?:import|depend|reference|know about|"
    r"access)\w*\b[^.;`]{0,20}(?:`([\w./*@-]+)`|"
    r"the (\w+) layer)",
    re.IGNORECASE,
)


#: "The domain layer must not depend on the infrastructure layer", "components never import from `server/`".
_PROSE = Pattern(
    r"\b(?:(\w+) (?:layers?|packages?|modules?|code|crates?)|(components?|controllers?|services?|repositories|"
    r"models?|views?|handlers?|"
    r"features?|entities|routes?|hooks?|utils?|pages?|stores?))\b(?: (?:must|should|may|can|do|"
    r"does))?(?: ?(?:not|never)|n't|not)(?: ever| directly)? "
    r"(?:imports?|depends? (?:up)?on|references?|knows? (?:about|of))\b (?:anything |code |directly )?(?:from |"
    r"on )?(?:the |any )?"
    r"(?:`([\w./*@-]+)`|(\w+) (?:layers?|packages?|modules?|code|crates?|classes)\b)",
    re.IGNORECASE,
)
_NO_PART = frozenset(
    {"other", "each", "this", "these", "new", "all", "any", "the", "one", "source", "production", "test", "its", "own"}
)


_ONE_WAY = Pattern(
    r"`?([\w/-]+)`? (?:->|=>|→|>) `?([\w/-]+)`?(?: (?:->|=>|→|>) `?([\w/-]+)`?)?(?: (?:->|=>|→|>) `?([\w/-]+)`?)?",
    re.IGNORECASE,
)


_LAYER = Pattern(
    r"\b(?:dependenc(?:y|ies) (?:direction|flow|rule|points?|go)|imports? (?:flow|direction|only flow)|"
    r"one[- ](?:way|direction)|layer(?:ed|"
    r"ing|s)|unidirectional)\b|依赖方向|依赖关系|分层(?:架构|依赖)?(?!实现)",
    re.IGNORECASE,
)


#: "`server` and `client` depend on `common`, never the reverse".
_REVERSE = Pattern(
    r"(`[\w./@-]+`(?:(?:,| and|, and) `[\w./@-]+`){0,4}) (?:\w+ )?(?:depends? on|imports?(?: from)?|uses?)"
    r" `([\w./@-]+)`"
    r"[^.`]{0,20}\b(?:never|not|but not) (?:the )?(?:reverse|vice versa|(?:the )?other way|the opposite|back)\b",
    re.IGNORECASE,
)


def _of_layers(statement: Statement, start: int) -> bool:
    """True where the sentence, or what it stands under and begins with the order, speaks of who may import whom."""
    if _LAYER.search(statement.plain):
        return True
    above = (*statement.headings[-1:], statement.lead, statement.label)
    return start < 4 and any(_LAYER.search(title) for title in above if title)


#: "Layered: from `base`, `platform`, to `app`": the lowest first.
_FROM_TO = Pattern(r"\bfrom `[\w/-]+`(?:, `[\w/-]+`)*,? (?:up )?to `[\w/-]+`", re.IGNORECASE)


_DIRECT_DATABASE = Pattern(
    r"\b(controllers?|routes?|routers?|handlers?|views?|components?|services?|"
    r"resolvers?)\b[^.;]{0,20}\b(?:must not|should not|never|cannot|don't|do not)\b[^.;]{0,20}\b(?:access|"
    r"query|call|touch|talk to|hit)\w* (?:the )?(?:database|db|orm)\b",
    re.IGNORECASE,
)


_CROSS = Pattern(
    r"\bno cross-(\w+) imports\b|\b((?:internal|feature|domain|core) (?:packages?|modules?)|features?|modules?|"
    r"packages?|domains?|apps?|"
    r"plugins?|slices?|services?|contexts?|crates?)\b(?: (?:should|must|may|can|do|does))?(?: ?(?:not|never)|"
    r"n't)(?: directly)? "
    r"(?:imports?|depends? on|references?|reach into)\b (?:\w+ )?(?:from |on )?(?:each other|other "
    r"(?:\w+ )?(?:features?|modules?|packages?|domains?|apps?|plugins?|slices?|services?)|one another)\b",
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


#: Layers that others build on: an arrow that begins at one shows how code flows, not who imports whom.
_LOWEST = frozenset(
    {
        "shared",
        "common",
        "core",
        "utils",
        "lib",
        "domain",
        "entities",
        "types",
        "base",
        "models",
        "model",
        "infrastructure",
    }
)


#: "Keep `a/` independent of `b/`".
_APART = Pattern(
    r"\b(?:keep|stays?|remains?|must be|is|are) `([\w./*@-]+)` (?:independent|decoupled|free|isolated) (?:of|from)"
    r" `([\w./*@-]+)`|"
    r"`([\w./*@-]+)` (?:must |should )?(?:be|stays?|remains?) (?:independent|decoupled|free|isolated) (?:of|from)"
    r" `([\w./*@-]+)`",
    re.IGNORECASE,
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
    if "`" in plain and (found := _APART.search(plain)):
        why = "imports of the changed files are compared with their places"
        source, target = found[1] or found[3], found[2] or found[4]
        return Rule("layer", {"from": source, "forbid": [target.removesuffix("/**")]}, "enforced", why)
    if found := _PROSE.search(plain):
        source, target = (found[1] or found[2]).lower(), found[3] or found[4].lower()
        if source not in _NO_PART and target not in _NO_PART:
            why = "an import of the one from the other is found where folders bear these names"
            return Rule("layer", {"from": source, "forbid": [target]}, "enforced", why)
    if found := _DIRECT_DATABASE.search(plain):
        name = found[1].lower()
        why = "an import of a database driver in these folders is found"
        return Rule(
            "layer", {"from": name if name.endswith("s") else name + "s", "forbid": [*DRIVERS]}, "enforced", why
        )
    if found := _CROSS.search(plain):
        folder = next(g for g in found.groups() if g).lower()
        folder = folder.partition(" ")[0]
        folder = folder if folder.endswith("s") or folder == "internal" else folder + "s"
        return Rule(
            "layer", {"siblings": folder}, "enforced", "an import from one sibling folder into another is found"
        )
    if _LAYER.search(plain) and (listed := _FROM_TO.search(plain)):
        named: list[JsonValue] = [*re.findall(r"`([\w/-]+)`", listed[0])][::-1]
        why = "an import against the order is found where folders bear these names"
        return Rule("layer", {"order": named}, "enforced", why)
    if "`" in plain and (found := _REVERSE.search(plain)):
        above: list[JsonValue] = [*re.findall(r"`([\w./@-]+)`", found[1])]
        why = "imports of the changed files are compared with their places"
        return Rule("layer", {"from": found[2].rstrip("/"), "forbid": above}, "enforced", why)
    if (order := _ONE_WAY.search(plain)) and _of_layers(statement, order.start()):
        names: list[JsonValue] = [n.rstrip("/") for n in order.groups() if n]
        if len(names) >= 2:
            return Rule(
                "layer",
                {"order": names[::-1] if str(names[0]).lower() in _LOWEST else names},
                "enforced",
                "an import against the order is found where folders bear these names",
            )
    return None
