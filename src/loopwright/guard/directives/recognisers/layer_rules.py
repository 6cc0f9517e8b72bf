"""Rules about what may import what: layers, parts that are kept apart, and drivers that have one place."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers import layer_parts
from loopwright.guard.directives.recognisers.guards import glob_of
from loopwright.guard.directives.rule import Rule

_INDEPENDENT = Pattern(
    r"`([\w./*@-]+)`[^.`]{0,60}?\b(?:(?:must not|should not|never|cannot|may not|must never|don'?t|do not|"
    r"not|has no|have no|with no)\b[^.;`]{0,25}\b(?:import|depend|reference|know about|"
    r"access|use anything|include|touch|talk to|call into|link)\w*|imports? nothing|knows? nothing|(?:stays?|"
    r"remains?|is|are|be) free of imports?)"
    r"\b[^.;`]{0,30}(?:(`[\w./*@-]+`(?:(?:,? (?:or|and|nor) |, |/)`[\w./*@-]+`)*)|"
    r"the (\w+) layer)",
    re.IGNORECASE,
)
#: "Nothing in `a` imports from `b`".
_NOTHING_IN = Pattern(
    r"^\W*(?:nothing|no (?:file|code|module)s?) (?:in|under|inside|below) `([\w./*@-]+)` (?:may |should |must |"
    r"can |ever )?"
    r"(?:imports?|depends? on|uses?|references?|includes?)(?: anything)?(?: from)? `([\w./*@-]+)`",
    re.IGNORECASE,
)
#: "Only `src/db` imports `pg`".
_ALONE = Pattern(
    r"^\W*only (?:code in |files in |the |modules in )?`([\w./*@-]+)`(?: (?:package|module|layer|folder|"
    r"crate))? (?:may |should |can |is allowed to )?"
    r"(?:talks? to|imports?|uses?|depends? on|touch(?:es)?|includes?) `([\w.*@/-]+)`",
    re.IGNORECASE,
)


#: "`jobs` depend on `transform`, `transform` on `model`, never the other way".
_CHAIN = Pattern(
    r"^\W*`([\w./-]+)` (?:may |can )?(?:depends?|imports?|builds?)(?: on|"
    r" from)? `([\w./-]+)`, (?:and )?`\2` (?:depends? |imports? )?(?:on |from )?"
    r"`([\w./-]+)`[^.`]{0,4}\b(?:but )?(?:never|not) (?:the )?(?:reverse|other way|back|vice versa)",
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
    r"`?([\w/:*-]+)`? (?:->|=>|→|>) `?([\w/:*-]+)`?(?: (?:->|=>|→|>) `?([\w/:*-]+)`?)?(?: (?:->|=>|→|>)"
    r" `?([\w/:*-]+)`?)?",
    re.IGNORECASE,
)


#: "`lib` imports nothing else from `src`", where it lies itself.
_ANYTHING_ELSE = Pattern(r"\b(?:anything|nothing|something) else\b", re.IGNORECASE)
_LAYER = Pattern(
    r"\b(?:dependenc(?:y|ies) (?:direction|flow|rule|arrows?|order|chain|points?|go)|imports? (?:flow|direction|"
    r"only flow)|"
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
    r"(?:imports?|depends? on|references?|reach into|calls?|knows?)\b (?:(?:about|of) )?(?:\w+ )?(?:from |"
    r"on )?(?:each other|other "
    r"(?:\w+ )?(?:features?|modules?|packages?|domains?|apps?|plugins?|slices?|services?)|one another|"
    r"(?:another|any other) (?:\w+ )?(?:feature|module|package|domain|app|plugin|slice|service|crate))\b",
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


#: What flows at run time: an arrow to one of these is no import.
_OF_DATA = frozenset(
    (
        "view",
        "state",
        "action",
        "actions",
        "reducer",
        "event",
        "events",
        "props",
        "intent",
        "effect",
        "request",
        "response",
    )
)


def _turned(plain: str) -> str:
    """Arrows that point left, turned round: "`domain` ← `app`" is "`app` → `domain`"."""
    found = _LEFTWARDS.search(plain)
    if not found:
        return plain
    return plain[: found.start()] + " → ".join(reversed(_LEFT.split(found[0]))) + plain[found.end() :]


_LEFT = expression(r" (?:←|<-) ")
_LEFTWARDS = expression(r"`?[\w/:*-]+`?(?: (?:←|<-) `?[\w/:*-]+`?)+")


#: "They depend on `core`, never on one another", where the sentence before names the folder.
_NEVER_EACH_OTHER = Pattern(r"\b(?:but )?(?:never|not) (?:on|from) (?:one another|each other)\b", re.IGNORECASE)


def _of_siblings(statement: Statement) -> Rule | None:
    if not _NEVER_EACH_OTHER.search(statement.plain):
        return None
    before = statement.block.split(statement.plain)[0] if statement.block != statement.plain else ""
    named = regex.findall(r"`([\w.-]+(?:/[\w.-]+)*)/?`", before)
    own = regex.match(r"^\W*`([\w.-]+(?:/[\w.-]+)*)/\*`", statement.plain)
    folder = own[1] if own else named[-1] if named else ""
    if not folder:
        return None
    why = "an import from one sibling folder into another is found"
    return Rule("layer", {"siblings": folder.rsplit("/", 1)[-1]}, "enforced", why)


def _kept_apart(plain: str) -> Rule | None:
    """A part by its path, and what it must not import, or what no other part may."""
    if "`" not in plain:
        return None
    if (found := _INDEPENDENT.search(plain)) and not _ANYTHING_ELSE.search(found[0]):
        targets: list[JsonValue] = [*regex.findall(r"`([^`]+)`", found[2])] if found[2] else [found[3]]
        return Rule(
            "layer",
            {"from": found[1], "forbid": [str(t).removesuffix("/*") for t in targets]},
            "enforced",
            "imports of the changed files are compared with their places",
        )
    if rule := layer_parts.without_packages(plain) or layer_parts.alone(plain):
        return rule
    if found := _NOTHING_IN.match(plain):
        why = "imports of the changed files are compared with their places"
        return Rule("layer", {"from": found[1], "forbid": [found[2].removesuffix("/*")]}, "enforced", why)
    if found := _ALONE.match(plain):
        why = "imports of the changed files elsewhere are compared"
        home = found[1].rstrip("/")
        places: list[JsonValue] = [glob_of(found[1])] if "/" in found[1] else [f"{home}/**", f"**/{home}/**"]
        return Rule("forbid_import", {"modules": [found[2]], "outside": places}, "enforced", why)
    if found := _APART.search(plain):
        why = "imports of the changed files are compared with their places"
        source, target = found[1] or found[3], found[2] or found[4]
        return Rule("layer", {"from": source, "forbid": [target.removesuffix("/**")]}, "enforced", why)
    return None


def layers(statement: Statement) -> Rule | None:
    """Which part may import which."""
    plain = statement.plain
    if rule := _kept_apart(plain) or layer_parts.without_technology(plain):
        return rule
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
    if rule := layer_parts.calls(plain) or _of_siblings(statement):
        return rule
    if found := _CROSS.search(plain):
        folder = next(g for g in found.groups() if g).lower()
        folder = folder.partition(" ")[0]
        folder = folder if folder.endswith("s") or folder == "internal" else folder + "s"
        return Rule(
            "layer", {"siblings": folder}, "enforced", "an import from one sibling folder into another is found"
        )
    return _in_order(statement)


def _in_order(statement: Statement) -> Rule | None:
    """The order of layers, from the one that imports to the one that is imported."""
    plain = statement.plain
    if _LAYER.search(plain) and (listed := _FROM_TO.search(plain)):
        named: list[JsonValue] = [*regex.findall(r"`([\w/-]+)`", listed[0])][::-1]
        why = "an import against the order is found where folders bear these names"
        return Rule("layer", {"order": named}, "enforced", why)
    if "`" in plain and (found := _CHAIN.match(plain)):
        why = "an import against the order is found where folders bear these names"
        return Rule("layer", {"order": [*found.groups()]}, "enforced", why)
    if "`" in plain and (found := _REVERSE.search(plain)):
        above: list[JsonValue] = [*regex.findall(r"`([\w./@-]+)`", found[1])]
        why = "imports of the changed files are compared with their places"
        return Rule("layer", {"from": found[2].rstrip("/"), "forbid": above}, "enforced", why)
    if "←" in plain or "<-" in plain:
        plain = _turned(plain)
    if (order := _ONE_WAY.search(plain)) and _of_layers(statement, order.start()):
        names: list[JsonValue] = [n.strip(":").replace(":", "/").rstrip("/*") for n in order.groups() if n]
        if len(names) >= 2 and not _OF_DATA & {str(name).lower() for name in names}:
            return Rule(
                "layer",
                {"order": names[::-1] if str(names[0]).lower() in _LOWEST else names},
                "enforced",
                "an import against the order is found where folders bear these names",
            )
    return None
