"""Where a command is to be run: "run `x` in `web/`", "from `libs/core`:", and `cd web` on a line of its own."""

from __future__ import annotations

import posixpath
import re

from loopwright.guard.directives.reading.patterns import Pattern
from loopwright.guard.directives.reading.statement import Statement

_FOLDER = r"`((?:\./)?[\w.@-]+(?:/[\w.@<>-]+)+/?|(?:\./)?[\w.@-]+/)`"
_NAMED = r"`([\w.@-]+)` (?:director(?:y|ies)|folder|subdirector(?:y|ies)|subfolder)\b"
#: Words that say that something is done in a folder, and neither that it changed nor that it lies there.
_WHERE = Pattern(
    rf"(?:^\W*(?:run |execute |all (?:commands )?)?(?:these |this |commands |them |it )?(?:from|in|inside|within|"
    rf"under)|"
    rf"[`)] ?\(?(?:run |executed )?(?:from|in|inside|within)|"
    rf"\b(?:run|execute|invoke)(?: it| them| this| these| commands| tests| everything)? (?:from|in|inside|within)) "
    rf"(?:the )?(?:{_FOLDER}|{_NAMED})",
    re.IGNORECASE,
)
_AND = Pattern(rf"(?:,|\band|\bor)(?: (?:and|or|in))? {_FOLDER}")
#: The same in a comment of a shell fence, or a line above it, without back-ticks: "# from web/".
_SAID = Pattern(
    r"(?:^|\brun )(?:from|in|inside|within) (?:the )?`?((?:\./)?[\w.@-]+(?:/[\w.@-]+)*/)`?(?=$|[\s:;,.)])",
    re.IGNORECASE,
)
_FILE = Pattern(r"^/|(?<=[^/])\.[a-z]{1,6}$")
_CHANGE = Pattern(r"^cd ((?:\./)?[\w.@-]+(?:/[\w.@-]+)*/?)$")


def changed_to(line: str, current: str) -> str:
    """Return the directory after a line of a shell fence: `cd web` leads below the root, `cd ..` back up."""
    found = _CHANGE.match(line)
    if not found:
        return current
    target = found[1]
    path = (
        posixpath.normpath(posixpath.join(current, target)) if target.startswith("..") else posixpath.normpath(target)
    )
    return "" if path.startswith("..") or path == "." else path


def directories(statement: Statement) -> tuple[str, ...]:
    """Return the directories, relative to the root, that the statement's commands run in; none where it is silent."""
    found: list[str] = [statement.directory] if statement.directory else []
    if not found:
        for text in (statement.plain, statement.lead if statement.lead.endswith(":") else ""):
            for said in _WHERE.finditer(text) if text else ():
                found.append(next(g for g in said.groups() if g))
                found += [more[1] for more in _AND.finditer(text[said.end() :].split(". ")[0])]
            if found:
                break
    if not found and statement.form == "code":
        found = [comment[1] for text in (statement.comment, statement.above) if (comment := _SAID.search(text))]
    return tuple(dict.fromkeys(posixpath.normpath(path) for path in found if not _FILE.search(path)))
