"""Rules about the shape of what is defined: its base class, its decorator, its asynchronous twin, and of a diff."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.places import PARTS, globs_of_part
from loopwright.guard.directives.rule import Rule

#: What a class is called in prose, and how the names of such classes end.
_FAMILIES = {
    "error": ["Error", "Exception"],
    "exception": ["Error", "Exception"],
    "model": ["Model"],
    "view": ["View"],
    "viewset": ["ViewSet"],
    "serializer": ["Serializer"],
    "service": ["Service"],
    "repositor": ["Repository"],
    "controller": ["Controller"],
    "handler": ["Handler"],
    "schema": ["Schema"],
    "command": ["Command"],
    "plugin": ["Plugin"],
    "provider": ["Provider"],
    "event": ["Event"],
}
_BASE = Pattern(
    r"\b(error|exception|model|view|viewset|serializer|service|repositor(?=y|ies)|controller|handler|schema|command|"
    r"plugin|"
    r"provider|event)(?:y|ies|e?s)?(?: classes| class)?\b(?! (?:shown|raised|returned|visible|that|"
    r"which))[^.;`]{0,30}\b(?:inherits?|extends?|derives?|derived|"
    r"subclass(?:es)?)"
    r"(?: (?:from|of))? (?:the )?(?:`([A-Z][\w.]*)(?:\(\)|<[^`]*>)?`|((?-i:[A-Z][a-z]+[A-Z]\w+))\b)",
    re.IGNORECASE,
)
_BASED = Pattern(
    r"\bclasses\b[^.;`]{0,20}\b(?:inherit|extend|derive|subclass)(?:s|ing|ed)?(?: from)? `((?:Base|"
    r"Abstract)[A-Z]\w+)`",
    re.IGNORECASE,
)
_DECORATED = Pattern(
    r"\b(tests?|test functions?|test classes|classes|functions|methods)\b[^.;`]{0,40}\b(?:decorated|marked|"
    r"annotated) "
    r"(?:with|by) `(@[\w.]+)(?:\([^`]*\))?`|"
    r"\b(?:decorate|mark|annotate) (?:all |every |each |new |public )*(tests?|classe?s?|functions?|methods?)\b"
    r"[^.;`]{0,30}\b(?:with|by) `(@[\w.]+)(?:\([^`]*\))?`",
    re.IGNORECASE,
)
_CONDITION = Pattern(
    r"\b(?:if|when|unless|where|that|which|need(?:s|ing)?|requiring|slow|using|only)\b",
    re.IGNORECASE,
)
_TWINS = Pattern(
    r"\bboth sync(?:hronous)? and async\w*\b|\b(?:skip|omit|forget)\b[^.;]{0,20}\basync(?:hronous)? "
    r"(?:variants?|versions?|counterparts?)\b|"
    r"\basync(?:hronous)? (?:variants?|versions?|counterparts?) (?:of|for) (?:all|every|each|public)\b",
    re.IGNORECASE,
)
#: "Clear notebook outputs before committing".
_OUTPUTS = Pattern(
    r"\b(?:clear(?:ed)?|strip(?:ped)?|remove[d]?|no|without|empty)\b[^.;]{0,25}\b(?:cell |notebook )?outputs?\b|"
    r"\bnbstripout\b",
    re.IGNORECASE,
)
_NOISE = Pattern(
    r"\b(?:formatting|whitespace|style)[- ]only (?:diffs?|changes?|hunks?|edits?|churn)\b|"
    r"\bdrive-by (?:formatting|reformat\w*|re-?formats?)\b|"
    r"\b(?:reformat|re-format|reflow)\w* (?:unrelated|untouched|unchanged|existing) (?:code|lines|files?)\b|"
    r"\bunrelated (?:formatting|whitespace|reformatting)\b",
    re.IGNORECASE,
)


#: "Entities extend `BaseEntity`", or under a heading of entities "Always extend `BaseEntity`": classes of one folder.
_EXTENDS = Pattern(
    r"^\W*(?:(all |every |each )?(entit(?:y|ies)|repositor(?:y|ies)|controllers?|services?|models?)"
    r"\b[^.;`]{0,30}\b(?:extend|inherit)"
    r"(?:s|ing)?|(?:must |always |should )*(?:extend|inherit from))(?: from)? `([A-Z]\w+)(?:<[^`]*>)?`",
    re.IGNORECASE,
)


#: "All config and settings classes are `BaseModel`".
_ARE = Pattern(
    r"^\W*(?:all|every|each) (?:new )?([a-z]{3,15})(?:(?:/| and | or )([a-z]{3,15}))? class(?:es)? (?:must be|are|"
    r"is) (?:an? |plain |"
    r"simple |frozen |always )*`(?:[a-z]\w*\.)*([A-Z]\w+)`(?: subclass(?:es)?)?",
    re.IGNORECASE,
)


def _each_is(statement: Statement) -> Rule | None:
    found = _ARE.match(statement.plain)
    if not found or not found[3][0].isupper():
        return None
    suffixes: list[JsonValue] = [noun.capitalize() for noun in (found[1], found[2]) if noun]
    if not _NOUN_OF_CLASS.isdisjoint(map(str, suffixes)):
        return None
    why = "new classes whose name ends so must name the base"
    return Rule("class_base", {"base": found[3], "suffixes": suffixes}, "enforced", why)


#: Words that say which classes are meant and are no end of a name.
_NOUN_OF_CLASS = frozenset(
    ("New", "Public", "Abstract", "Base", "Test", "Data", "Python", "Custom", "Shared", "Public")
)


#: A step of bringing something in: "Inherit from `Block`" below "Adding a new block".
_STEP = Pattern(
    r"^\W*(?:inherit from|extend|subclass|derive from) (?:the |"
    r"an? )?(?:base )?(?:class )?`([A-Z]\w+)`(?: base)?(?: class)?\W*$",
    re.IGNORECASE,
)
_ADDING = Pattern(r"^\W*(?:how to |when )?(?:add|creat|implement|writ|introduc)\w*\b", re.IGNORECASE)


def _step(statement: Statement) -> Rule | None:
    found = _STEP.match(statement.plain)
    if not found or not any(_ADDING.match(title) for title in (statement.lead, *statement.headings[-1:])):
        return None
    why = "told to the model: which classes it is about is not known here"
    return Rule("class_base", {"base": found[1], "suffixes": []}, "partly", why)


def _entities(statement: Statement) -> Rule | None:
    found = _EXTENDS.match(statement.plain)
    title = statement.headings[-1].lower() if statement.headings else ""
    kind = (found[2] or title).lower().strip("* ") if found else ""
    if not found or not re.fullmatch(PARTS, kind):
        return None
    one = regex.sub(r"ies$", "y", kind).removesuffix("s").capitalize()
    suffixes: list[JsonValue] = [] if one in ("Entity", "Model") else [one]
    params: dict[str, JsonValue] = {"base": found[3], "suffixes": suffixes or [""], "within": [*globs_of_part(kind)]}
    why = "new classes in the folder of that name must name the base; such classes elsewhere are not known"
    return Rule("class_base", params, "enforced" if suffixes else "partly", why)


def shapes(statement: Statement) -> Rule | None:
    """What new classes inherit, what tests are decorated with, methods in two variants, diffs without noise."""
    plain = statement.plain
    if len(plain) > 180:
        return None
    against = language.forbids(statement)
    if not against and (found := _BASE.search(plain)):
        suffixes = _FAMILIES[found[1].lower()]
        return Rule(
            "class_base",
            {"base": (found[2] or found[3]).rpartition(".")[2], "suffixes": [*suffixes]},
            "enforced",
            "new classes whose name ends so must name the base",
        )
    if not against and (entity := _entities(statement) or _step(statement) or _each_is(statement)):
        return entity
    if not against and (found := _BASED.search(plain)):
        suffix = found[1].removeprefix("Base").removeprefix("Abstract")
        why = "new classes whose name ends as the base does must name it; which others are meant is not known here"
        return Rule("class_base", {"base": found[1], "suffixes": [suffix]}, "partly", why)
    if not against and not _CONDITION.search(plain) and (found := _DECORATED.search(plain)):
        of, name = (found[1], found[2]) if found[1] else (found[3], found[4])
        what = "tests" if "test" in of.lower() else "classes" if "class" in of.lower() else "functions"
        return Rule("require_decorator", {"name": name.lstrip("@"), "on": what}, "enforced", "new ones are looked at")
    if _TWINS.search(plain) and regex.search(r"\b(?:method|function|api|public|variant)s?\b", plain, re.IGNORECASE):
        return Rule("api_parity", {"what": "sync+async"}, "enforced", "new public methods are looked for in both forms")
    if _OUTPUTS.search(plain) and "notebook" in f"{plain} {statement.lead} {' '.join(statement.headings[-1:])}".lower():
        why = "cells of changed notebooks that hold outputs are found"
        return Rule("diff_rule", {"what": "notebook_outputs"}, "enforced", why)
    if against and _NOISE.search(plain):
        return Rule("diff_rule", {"what": "formatting_only"}, "enforced", "changed lines that differ in blanks alone")
    return None
