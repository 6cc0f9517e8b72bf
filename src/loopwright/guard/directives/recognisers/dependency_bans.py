"""Packages that must not be installed, and the package manager that a project states."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import language, literals, regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement
from loopwright.guard.directives.recognisers import technologies
from loopwright.guard.directives.rule import Rule

#: "Never add `x` dependencies to it".
_AS_DEPENDENCY = Pattern(
    r"\b(?:never|not|don'?t|avoid)\b[^.;`]{0,15}\b(?:add|introduce|adding|introducing)\b[^.;`]{0,12}"
    r"`(@?[\w./-]+)` (?:as (?:an? )?)?dependenc(?:y|ies)\b",
    re.IGNORECASE,
)


#: "serde_yml for YAML (not serde_yaml)".
_RIVAL = Pattern(
    r"^\W*(?:use )?`?([a-z][\w-]{3,})`?(?: for [\w /-]{2,30})?(?:,| \(|:)? ?not `?([a-z][\w-]{3,})`?(?:$|[ ).,;])"
)


_MANAGERS = frozenset({"npm", "pnpm", "yarn", "bun", "pip", "uv", "poetry", "pdm", "pipenv", "conda"})


#: A package by its name: in back-ticks, or a word that no sentence has: `RSpec`, `AutoMapper`, `Newtonsoft.Json`.
_THING = r"(?:`:?@?[\w./-]+`|(?-i:[A-Z])[\w.]*\w(?: (?-i:[A-Z])\w+)?)"
_THINGS = rf"({_THING}(?:(?:,? (?:or|and|nor) |, ){_THING})*)"
#: "AutoMapper is not welcome", "`chalk` has been removed on purpose", "We don't use RSpec".
_NOT_WELCOME = Pattern(
    rf"^(?:.*; )?\W*{_THINGS} (?:is|are|was|were|has been|have been|must) (?:\w+ )?(?:out(?=[,;.]|$)|not (?:used|"
    rf"welcome|wanted|"
    rf"come back|return|be (?:re-?)?introduced)"
    rf"\b(?! (?:to|for|in|by|as|if|when))|"
    r"not used here|(?:removed|dropped|replaced) (?:on purpose|because|deliberately|in favou?r|for good|"
    r"from (?:the|this) (?:project|repo\w*|codebase)))|"
    rf"^(?:.*; )?\W*{_THINGS} (?:was|were|has been|have been) (?:removed|dropped|replaced)"
    rf"\b[^.;`]{{0,40}}[,;] (?:so )?(?:do not|don't|never) "
    r"(?:bring|add|use|re-?introduce|install) (?:it|them)\b|"
    rf"^\W*(?:we|this (?:project|repo\w*|codebase)) (?:do|does)(?: not|n't) use {_THINGS}\W*$",
    re.IGNORECASE,
)


#: "Plain Ruby: no ActiveSupport", "use Lombok" below "Never".
_NO_LIBRARY = Pattern(
    r"(?:^|[:;,(] |, (?:so|and) )(?:[Nn]o|[Dd]o(?:n't| not) use) ([A-Z][a-z]+[A-Z]\w*|jQuery|daisyUI)(?=[).]*$)",
)
_LED_LIBRARY = Pattern(r"^\W*(?:use|using|add|adding|bring in|introduce) ([A-Z][A-Za-z]+)\W*$")
#: Capitals within, and no library.
_NO_NAME = Pattern(r"Case$|^(?:Java|Type|Coffee)Script$|^Git(?:Hub|Lab)|^PowerShell$|^GraphQL$|^DevTools$|^OpenAPI$")


#: "No Lombok.": nothing but one name, which no word of a sentence is written like.
_ONE_NAME = Pattern(r"^\W*[Nn]o ([A-Z][a-z]{3,}\w*)\W*$")
#: "Don't use jQuery, React or any other framework", "No CSS-in-JS (styled-components, emotion)".
_LISTED = Pattern(
    r"^\W*(?:[Dd]o(?:n't| not)|[Nn]ever|[Aa]void) (?:use|using|add|adding|bring in|introduce|pull in) "
    r"((?:[\w./-]+(?: [A-Z]\w+)?(?:, | or | and |, or )){1,6})(?:any |other |some )*\w+[^;.]{0,40}|"
    r"^\W*[Nn]o [\w -]{3,40} \(((?:[\w./@-]+(?:, | or | and |/)){1,6}[\w./@-]+)(?:,? etc\.?|, \.\.\.)?\)\W*$"
)
#: "No GetX, no Provider": nothing but names.
_ROW_OF_NO = Pattern(r"^\W*(?:[Nn]o [A-Z][\w.]+(?:,| and| or|;)? ?){2,}\W*$")
_LANGUAGES = frozenset(
    {"Java", "Kotlin", "Python", "JavaScript", "TypeScript", "Swift", "Rust", "Go", "Ruby", "PHP", "Objective"}
)


def _by_name(statement: Statement) -> str:
    """The name of a library that a sentence ends by speaking against; "" where it is not known for one."""
    found = _NO_LIBRARY.search(statement.plain)
    found = found or (_LED_LIBRARY.match(statement.plain) if language.negative_lead(statement) else None)
    if not found or _NO_NAME.search(found[1]) or len(regex.findall(r"\b[Nn]o [A-Z]", statement.plain)) > 1:
        return ""
    return found[1] if technologies.named(found[1]) or regex.search(r"[a-z][A-Z]", found[1]) else ""


def _unwelcome(statement: Statement) -> Rule | None:
    if _ROW_OF_NO.match(statement.plain):
        said = regex.findall(r"\b[Nn]o ([A-Z][\w.]*\w)", statement.plain)
        if not _LANGUAGES & set(said):
            rows: list[JsonValue] = [
                package
                for one in said
                for package in (
                    technologies.PACKAGES[technologies.named(one)[0][1]] if technologies.named(one) else (one.lower(),)
                )
            ]
            why = "manifests and imports of the change are searched for it"
            return Rule("forbid_dependency", {"names": rows}, "enforced", why)
    if (name := _by_name(statement)) and (known := technologies.named(name) or [(0, "")]):
        packages: list[JsonValue] = [*technologies.PACKAGES.get(known[0][1], (name.lower(),))]
        why = "manifests and imports of the change are searched for it"
        return Rule("forbid_dependency", {"names": packages}, "enforced", why)
    if "`" not in statement.plain and (listed := _LISTED.match(statement.plain)):
        known = technologies.named(listed[1] or listed[2])
        if len(known) > 1 or (known and listed[1]):
            packages = [p for _, one in known for p in technologies.PACKAGES[one]]
            why = "manifests and imports of the change are searched for it"
            return Rule("forbid_dependency", {"names": packages}, "enforced", why)
    if (one := _ONE_NAME.match(statement.plain)) and one[1] not in _LANGUAGES and not _NO_NAME.search(one[1]):
        name = one[1].lower()
        known = technologies.named(name)
        if known:
            why = "manifests and imports of the change are searched for it"
            return Rule("forbid_dependency", {"names": [*technologies.PACKAGES[known[0][1]]]}, "enforced", why)
        why = "manifests and imports of the change are searched for a package of this name"
        return Rule("forbid_dependency", {"names": [name]}, "partly", why)
    found = _NOT_WELCOME.match(statement.plain)
    if not found:
        return None
    names: list[JsonValue] = []
    for word in re.findall(_THING, next(group for group in found.groups() if group)):
        known = technologies.named(word)
        bare = word.strip("`:")
        if known:
            names += technologies.PACKAGES[known[0][1]]
        elif "`" in word or regex.search(r"[a-z][A-Z]|\w\.\w", bare):
            names.append(bare.lower())
    why = "manifests and imports of the change are searched for it"
    return Rule("forbid_dependency", {"names": names}, "enforced", why) if names else None


def forbidden_dependency(statement: Statement) -> Rule | None:
    """A package that must not be installed."""
    plain = statement.plain
    if rule := _unwelcome(statement):
        return rule
    if (rival := _RIVAL.match(plain)) and rival[1][:4] == rival[2][:4] and rival[1] != rival[2]:
        why = "manifests and imports of the change are searched for it"
        return Rule("forbid_dependency", {"names": [rival[2]]}, "enforced", why)
    if (kept_out := _AS_DEPENDENCY.search(plain)) and language.forbids(statement):
        narrow = regex.search(r"\bto (?:it|this|that|them|`|the )", plain[kept_out.end() :])
        why = "manifests and imports of the change are searched for it"
        return Rule(
            "forbid_dependency",
            {"names": [kept_out[1]]},
            "partly" if narrow else "enforced",
            f"{why}; the place it is kept out of is not told apart" if narrow else why,
            level="warn" if narrow else None,
        )
    if not regex.search(
        r"\b(?:install|as a dependency|as dependenc|add (?:the )?(?:package|dependency|library) `)",
        plain,
        re.IGNORECASE,
    ) or not (language.forbids(statement) or "no need to" in plain):
        return None
    words = literals.words(statement)
    names: list[JsonValue] = [
        w.text
        for w in words
        if w.sort == "name"
        and w.text not in _MANAGERS
        and (w.against or "no need to" in plain or language.refused_after(statement, w.end))
        and regex.match(r"^@?[\w./-]+$", w.text)
        and regex.search(
            r"\binstall(?:ing)? (?:\w+ ){0,2}`?(?:[^`]*`[^`]*`)?[^`]*$|\badd (?:\w+ ){0,2}$|(?:,|or|and) $",
            plain[: w.start],
            re.IGNORECASE,
        )
    ]
    bare = regex.search(
        r"\b(?:not|never|don't) install ((?:[A-Z]|[a-z]+[A-Z])[\w.-]*(?:, (?:or )?[\w.-]+| or [\w.-]+)*)", plain
    )
    if not names and bare:
        names = [n.lower() for n in regex.split(r",\s*(?:or\s+)?|\s+or\s+", bare[1]) if n and n.lower() != "directly"]
    return (
        Rule("forbid_dependency", {"names": names}, "enforced", "manifests of the change are searched for it")
        if names
        else None
    )


def manager_stated(statement: Statement) -> Rule | None:
    """ "This project uses uv": a package manager named without a word of command."""
    found = regex.search(
        r"\b(?:uses?|using|managed (?:by|with)|via|with|:|is)\s+`?(npm|pnpm|yarn|bun|uv|poetry|pdm|"
        r"pipenv)`?(?:\s+(?:for (?:dependenc\w+|package\w*)|as (?:the|its|our) package|"
        r"to manage)\b|[^\w`:-]*$)",
        statement.plain,
        re.IGNORECASE,
    )
    if not found or len(statement.plain) > 140 or language.forbids(statement):
        return None
    if not regex.search(
        r"\b(?:project|repo\w*|package manager|dependenc\w+|"
        r"we)\b",
        statement.plain,
        re.IGNORECASE,
    ):
        return None
    name = found[1].lower()
    family = (
        ("npm", "pnpm", "yarn", "bun")
        if name in ("npm", "pnpm", "yarn", "bun")
        else ("pip", "uv", "poetry", "pdm", "pipenv")
    )
    others: list[JsonValue] = [*sorted(set(family) - {name})]
    return Rule(
        "package_manager", {"name": name, "forbid": others}, "enforced", "a call that runs another one is refused"
    )
