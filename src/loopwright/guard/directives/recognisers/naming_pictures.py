"""Names by a picture of them, of things whose declarations are not told apart."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers.naming_cases import subject_of
from loopwright.guard.directives.recognisers.places import place
from loopwright.guard.directives.rule import Rule

#: Names by a picture of them: "Private fields are `_camelCase`", "Name tests `Method_State_Expectation`".
_PICTURED = Pattern(
    r"^\W*(?:(private|protected|internal) (?:\w+ )?(?:fields?|members?|variables?)[^`.;]{0,30}`(_camelCase|"
    r"_snake_case|m_\w+)`|"
    r"name (?:all )?tests? (?:like |as |after )?`([A-Z]\w+_[A-Z]\w+)`)",
    re.IGNORECASE,
)


def pictured(statement: Statement) -> Rule | None:
    """Names that a picture in one form or another shows: "private fields are `_camelCase`"."""
    if not (found := _PICTURED.match(statement.plain)) or language.forbids(statement):
        return None
    pair: dict[str, JsonValue] = (
        {"kind": "private variable", "case": found[2]} if found[2] else {"kind": "test function", "shape": found[3]}
    )
    why = "told to the model: the names it is about are not told apart here"
    return Rule("naming", {"names": [pair], **place(statement)}, "partly", why)


#: "Event handlers are named `handleX`": a picture of names whose declarations are not told apart.
_EXAMPLE = Pattern(
    r"^\W*(?:[\w -]{2,20}: )?([\w -]{3,40}?s) (?:are|must be|should be) (?:named|called) `((?:[a-z]+(?-i:X{1,3}|Name|"
    r"Thing|Foo)\b|[\w.-]*(?:<[\w -]+>|\{\w+\}))"
    r"[\w<>{}.-]*)`",
    re.IGNORECASE,
)


#: "Extensions go in `Type+Feature.swift`", "The props type is called `<Component>Props`": names by a picture of them.
_PICTURE = Pattern(
    r"^\W*(?:name |call )?(?:the |all |each |every |an? )?((?!co-?located\b|use\b)[\w -]{3,40}?)(?<!such) (?:(?:is|"
    r"are|must be|should be) (?:always |all )?(?:"
    r"named|called|exported as|suffixed|prefixed)|go(?:es)? in|live in|belong in|like|as|"
    r"follow(?:s)?(?: the (?:pattern|form|"
    r"format))?)(?: like| with)? `([^`]*(?:<[\w -]+>|\{[\w -]+\}|\b(?:Type|Feature|Thing|Something|Name|Foo|Bar|"
    r"Component|"
    r"Purpose|thing|foo|xxx|XXX|name)(?=[A-Z+_.-]|s?\b)|(?<=[a-z])X\b)[^`]*)`",
    re.IGNORECASE,
)
#: What is no name of code or of a file.
_NO_NAMES = Pattern(
    r"\b(?:branch|tag|image|commit|title|message|subject|release|version|endpoint|route|url|path|command|label|pr|"
    r"test|entry|"
    r"entries|line|header)(?:e?s)?\b",
    re.IGNORECASE,
)


#: "Follow the `{Resource}{Operation}Command` naming pattern".
_PATTERN = Pattern(
    r"^\W*(?:always )?(?:follow|use|stick to) the `([^`\s]*(?:<[\w -]+>|\{[\w -]+\}|X{1,3}\b)[^`\s]*)` (?:(?:naming|"
    r"name) )?"
    r"(?:pattern|convention|scheme)\b()",
    re.IGNORECASE,
)


def by_picture(statement: Statement) -> Rule | None:
    """Names of things that no declaration tells apart: "extensions go in `Type+Feature.swift`"."""
    if "`" not in statement.plain:
        return None
    if (pattern := _PATTERN.match(statement.plain)) and "/" not in pattern[1]:
        form: dict[str, JsonValue] = {"kind": "name", "shape": pattern[1]}
        return Rule(
            "naming", {"names": [form]}, "partly", "told to the model: which names it is about is not known here"
        )
    found = _PICTURE.match(statement.plain)
    if not found or language.forbids(statement) or _NO_NAMES.search(found[1]) or " " in found[2].strip():
        return None
    if "/" in found[2].strip("/"):
        return None
    shape: dict[str, JsonValue] = {"kind": found[1].strip().lower(), "shape": found[2]}
    why = "told to the model: the names it is about are not told apart here"
    return Rule("naming", {"names": [shape]}, "partly", why)


#: "Selectors are prefixed with `clm-`": names of things whose declarations are not known.
_OF_THINGS = Pattern(
    r"^\W*(?:all )?(?!(?:commits?|branch\w*|prs?|titles?|messages?|tags?|files?|versions?)\b)([\w -]{3,25}s) (?:are|"
    r"must be|have|carry|start|begin|use) "
    r"(?:always )?(?:prefixed with|with|the prefix|a prefix) `([\w.-]+)`",
    re.IGNORECASE,
)
#: Under a heading of tests: "Names: `should_<result>_when_<condition>`".
_NAMES_OF_TESTS = Pattern(r"^\W*names?: `([\w<>{}*]+)`\W*$", re.IGNORECASE)


def by_example(statement: Statement) -> Rule | None:
    """Names by an example, a prefix or a form under a heading: "event handlers are named `handleX`"."""
    if (named := _NAMES_OF_TESTS.match(statement.plain)) and "test" in " ".join(statement.headings[-1:]).lower():
        form: dict[str, JsonValue] = {"kind": "test function", "shape": regex.sub(r"<[^>]*>|\{[^}]*\}", "*", named[1])}
        return Rule(
            "naming", {"names": [form], **place(statement)}, "enforced", "names that the change brings are judged"
        )
    if things := _OF_THINGS.match(statement.plain):
        why = "told to the model: the names it is about are not told apart here"
        begins: dict[str, JsonValue] = {"kind": things[1].lower(), "prefix": things[2]}
        return Rule("naming", {"names": [begins]}, "partly", why)
    found = _EXAMPLE.match(statement.plain)
    if (
        not found
        or subject_of(found[1], statement)
        or regex.search(r"\bbranch|\btag|\bimages?\b", found[1], re.IGNORECASE)
    ):
        return None
    shape: dict[str, JsonValue] = {
        "kind": found[1].lower(),
        "shape": regex.sub(r"<[^>]*>|\{[^}]*\}|(?<=[a-z])X+$", "*", found[2]),
    }
    why = "told to the model: the names it is about are not told apart here"
    return Rule("naming", {"names": [shape]}, "partly", why)
