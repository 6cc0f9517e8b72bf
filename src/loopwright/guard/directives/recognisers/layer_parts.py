"""Parts of an application by their plain names, and what they must not import or call."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.core.fact import JsonValue
from loopwright.guard.directives.reading import regex
from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.recognisers import technologies
from loopwright.guard.directives.recognisers.places import PARTS, globs_of_part
from loopwright.guard.directives.rule import Rule

#: "Only repositories talk to `dio`".
_PART_ALONE = Pattern(
    rf"^\W*only (?:the )?({PARTS})(?: layer| classes| code)? (?:may |should |can |are allowed to )?(?:talks? to|"
    rf"imports?|uses?|calls?|"
    r"touch(?:es)?|access(?:es)?|knows?) `([@\w./-]+)`\W*$",
    re.IGNORECASE,
)
#: "`core` must not depend on Spring", "`domain` imports neither FastAPI nor SQLAlchemy", "The domain has no JPA types".
_NO_TECHNOLOGY = Pattern(
    r"^\W*(?:the |code in |[\w ]{3,25} \()?(?:`:?([\w./*-]+)`\)?|(domain|core|application|business))"
    r"(?: (?:package|module|crate|layer|code|logic|entities|model|classes))? (?:(?:must not|must never|"
    r"should not|never|may not|does not|do not|don't|doesn't|cannot) "
    r"(?:import|depend on|use|reference|know(?: about)?|contain|imports|depends on|uses)|(?:imports|depends on|uses|"
    r"knows) neither|(?:has|have|contains?) no) "
    r"((?-i:[A-Z])[\w. ]+?(?:(?:,? (?:or|and|nor) |, )[A-Z][\w. ]+?)*)"
    r"(?: (?:annotations?|classes|types|imports?|code|apis?|dependenc\w+))?(?=\W*$|[,;(]| [-–—])",
    re.IGNORECASE,
)
#: What is imported of a technology, where that is not called by its name.
_IMPORTED_AS = {
    "spring": ("org.springframework",), "spring boot": ("org.springframework",),
    "jpa": ("jakarta.persistence", "javax.persistence"),
    "hibernate": ("org.hibernate",), "kafka": ("org.apache.kafka",), "symfony": ("Symfony",), "doctrine": ("Doctrine",),
    "laravel": ("Illuminate",), "eloquent": ("Illuminate.Database",), "ef core": ("Microsoft.EntityFrameworkCore",),
    "entity framework": ("Microsoft.EntityFrameworkCore",), "entity framework core": ("Microsoft.EntityFrameworkCore",),
    "asp.net": ("Microsoft.AspNetCore",), "asp.net core": ("Microsoft.AspNetCore",), "uikit": ("UIKit",),
    "swiftui": ("SwiftUI",), "appkit": ("AppKit",), "compose": ("androidx.compose",),
    "android": ("android", "androidx"),
}  # fmt: skip
_NAME = expression(r"[A-Z][\w.]+(?: [A-Z]\w+)?")
#: "`core` must not depend on tokio, sqlx or axum": packages by their plain names.
_PLAIN_NAMES = Pattern(
    r"^\W*(?:the )?`([\w./*-]+)`(?: (?:package|module|crate|layer))? (?:must not|must never|should not|never|may not|"
    r"does not|do not|cannot) (?:depends? on|imports?) "
    r"((?-i:[a-z])[\w-]+(?:(?:, (?:or |and |nor )?| or | and | nor )[a-z][\w-]+){1,6})\W*$",
    re.IGNORECASE,
)
#: "`packages/core` must stay free of framework imports".
_NO_FRAMEWORK = Pattern(
    r"^\W*(?:the |code in )?`:?([\w./*-]+)`(?: (?:package|module|crate|layer))? (?:must |should |"
    r"has to )?(?:(?:stays?|be|is|remains?) free of|has no|"
    r"have no|contains? no|knows? no|stays?|is) (?:any )?framework(?:s|-free|-agnostic| imports?| code|"
    r" dependenc\w+)?\W*$",
    re.IGNORECASE,
)
_FRAMEWORKS = (
    "react", "vue", "svelte", "solid-js", "preact", "@angular/core", "express", "fastify", "@nestjs/common", "next",
    "fastapi", "django", "flask", "sqlalchemy", "org.springframework", "io.quarkus", "io.ktor", "jakarta", "axum",
)  # fmt: skip
#: Words that name no package.
_NO_PACKAGE = frozenset(
    {"any", "anything", "other", "others", "the", "it", "its", "each", "code", "modules", "packages", "crates", "them"}
)
#: "Controllers never call repositories", "views must not use models directly": parts by the names of their folders.
_PARTS = (
    r"controllers?|services?|repositor(?:y|ies)|mappers?|daos?|views?|handlers?|resolvers?|viewmodels?|view models?|"
    r"use ?cases"
)
_PART_CALLS = Pattern(
    rf"\b({_PARTS})(?: (?:classes|layer|code))? (?:must|should|may|can|do|does|are)?(?: ?(?:not|never)|"
    rf"n't)(?: (?:allowed|permitted) to)?"
    rf"(?: ever| directly)? (?:call|use|access|touch|inject|talk to|query|invoke)s? (?:the |any |into )?({_PARTS}|"
    rf"daos?)\b(?! of\b)",
    re.IGNORECASE,
)


def without_technology(plain: str) -> Rule | None:
    """A part, and what it must not know, by the names of technologies."""
    if not (found := _NO_TECHNOLOGY.match(plain)):
        return None
    part = found[1] or f"**/{{{','.join(_forms(found[2].lower()))}}}/**"
    why = "imports of the changed files are compared with the names of the packages"
    named = [name.strip() for name in regex.split(r",? (?:or|and|nor) |, ", found[3])]
    if all(name.lower() in _IMPORTED_AS for name in named):
        apart: dict[str, JsonValue] = {"from": part, "forbid": [p for n in named for p in _IMPORTED_AS[n.lower()]]}
        return Rule("layer", apart, "enforced", why)
    if not (known := technologies.named(found[3])):
        if not all(_NAME.fullmatch(name) for name in named):
            return None
        either: list[JsonValue] = [form for name in named for form in (name, name.lower())]
        return Rule("layer", {"from": part, "forbid": either}, "partly", why)
    packages: list[JsonValue] = [p for _, name in known for p in (name, *technologies.PACKAGES[name])]
    sure = all(" " not in name and name in technologies.PACKAGES[name] for _, name in known)
    return Rule("layer", {"from": part, "forbid": [*dict.fromkeys(packages)]}, "enforced" if sure else "partly", why)


def without_packages(plain: str) -> Rule | None:
    """A part by its path, and packages by their plain names that it must do without."""
    found = _PLAIN_NAMES.match(plain)
    if found and not _NO_PACKAGE & set(named := regex.split(r",? (?:or|and|nor) |, ", found[2])):
        why = "imports of the changed files are compared with the names of the packages"
        return Rule("layer", {"from": found[1], "forbid": [*named]}, "enforced", why)
    if found := _NO_FRAMEWORK.match(plain):
        why = "imports of the usual frameworks are found; which ones are meant is not said"
        return Rule("layer", {"from": found[1].rstrip("/"), "forbid": [*_FRAMEWORKS]}, "partly", why)
    return None


def alone(plain: str) -> Rule | None:
    """A module that one part alone may import."""
    if not (found := _PART_ALONE.match(plain)):
        return None
    why = "imports of the changed files elsewhere are compared"
    params: dict[str, JsonValue] = {"modules": [found[2]], "outside": [*globs_of_part(found[1].lower())]}
    return Rule("forbid_import", params, "enforced", why)


def calls(plain: str) -> Rule | None:
    """A part that must not call another one: by the folders or packages that bear their names."""
    if not (found := _PART_CALLS.search(plain)):
        return None
    source, target = (group.lower().replace(" ", "") for group in found.groups())
    if source.rstrip("s") == target.rstrip("s"):
        return None
    why = "an import of the one from the other is found where folders or packages bear these names"
    apart: dict[str, JsonValue] = {"from": f"**/{{{','.join(_forms(source))}}}/**", "forbid": [*_forms(target)]}
    return Rule("layer", apart, "enforced", why)


def _forms(part: str) -> tuple[str, ...]:
    """The names of the folder of a part: in the singular, the plural, and as C# and Java write them."""
    one = part.removesuffix("ies") + "y" if part.endswith("ies") else part.removesuffix("s")
    many = one.removesuffix("y") + "ies" if one.endswith("y") else one + "s"
    return one, many, one.capitalize(), many.capitalize()
