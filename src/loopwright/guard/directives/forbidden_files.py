"""Files that must not come into being."""

from __future__ import annotations

import re

from loopwright.core.fact import JsonValue
from loopwright.guard.directives import language, literals
from loopwright.guard.directives.guards import glob_of
from loopwright.guard.directives.patterns import Pattern
from loopwright.guard.directives.rule import Rule
from loopwright.guard.directives.statement import Statement

_CREATED = Pattern(
    r"\b(?:never|not|don'?t|avoid|no)\b[^.;`]{0,15}\b(?:create|creating|add|adding|write|introduce|(?:re-?)(?:introduce|create|add)|commit|"
    r"committing)\b[^.;]{0,40}$|"
    r"^\W*(?:create|add|commit)\b[^.;]{0,40}$|\bno (?:`[^`]*`[, ]*(?:or |and |no )?)*$",
    re.IGNORECASE,
)


_TYPESCRIPT = Pattern(
    r"^\W*(?:prefer|use|always|only|write|all)\b[^.;]{0,40}\btypescript\b(?=.*(?:\bnew\b|\.tsx?\b|javascript|"
    r"throughout|everywhere|\bonly\b|for all))",
    re.IGNORECASE,
)


_NO_NEW = Pattern(
    r"\bno (?:new |more )?(java|javascript|js|python|coffeescript|objective-c|css|jsx|php|ruby)\b[^.;]{0,8}\bfiles?\b",
    re.IGNORECASE,
)


_SUFFIX = {"javascript": "js", "python": "py", "coffeescript": "coffee", "objective-c": "m", "ruby": "rb"}


def forbidden_paths(statement: Statement) -> Rule | None:
    """Files that must not come into being."""
    plain = statement.plain
    globs: list[JsonValue] = []
    if _TYPESCRIPT.match(plain):
        globs = ["*.js", "*.jsx"]
    elif found := _NO_NEW.search(plain):
        globs = [f"*.{_SUFFIX.get(found[1].lower(), found[1].lower())}"]
    elif language.forbids(statement):
        globs = _forbidden(statement)
    return Rule("forbid_path", {"globs": globs, "new": True}, "enforced", "new ones are named") if globs else None


#: "Do not add requirements.txt", without back-ticks.
_BARE_FILE = Pattern(
    r"^\W*(?:never|do not|don'?t) (?:add|create|introduce|commit) (?:an? |any )?((?:[\w-]+\.)+(?:txt|json|ya?ml|"
    r"toml|lock|cfg|ini|md))"
    r"(?: files?)?\W*$",
    re.IGNORECASE,
)


def _forbidden(statement: Statement) -> list[JsonValue]:
    plain = statement.plain
    found: list[JsonValue] = [
        glob_of(w.text)
        for w in literals.words(statement)
        if w.sort == "path"
        and w.against
        and _CREATED.search(plain[: w.start])
        and not re.search(r"\bbranch(?:es)?\b", plain[: w.start])
        and not re.search(r"\b(?:to|in|into|inside|from)\W*(?:the )?(?:\w+ )?$", plain[: w.start])
    ]
    found += [
        f"*{w.text}"
        for w in literals.words(statement)
        if w.against
        and re.fullmatch(r"\.[a-z]\w*", w.text)
        and w.text != ".env"
        and re.match(r"`? files\b", plain[w.end :])
        and _CREATED.search(plain[: w.start])
    ]
    if not found and (bare := _BARE_FILE.match(plain)):
        return [bare[1]]
    if not found and re.search(
        r"\b(?:create|add|write|generate)\b[^.;]{0,30}\b(?:markdown|documentation|\.md|summary|readme)\b[^.;]{0,10}\bfiles?\b",
        plain,
        re.IGNORECASE,
    ):
        return ["*.md"]
    return found
