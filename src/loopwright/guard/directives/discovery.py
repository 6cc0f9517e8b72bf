"""Which instruction files hold for a workspace: global, then from the project's root down to its leaves."""

from __future__ import annotations

import fnmatch
import hashlib
import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from loopwright.core.expression import expression
from loopwright.guard.directives.compiler import decode
from loopwright.guard.directives.reading import regex
from loopwright.guard.directives.sources import LARGEST, Source

#: Names looked for in each directory, the first one found is taken.
NAMES = ("AGENTS.override.md", "AGENTS.md")
#: Taken where a directory has none of NAMES; `.github/…` and `.cursor/…` are looked for beside them.
FALLBACKS = ("CLAUDE.md", "GEMINI.md", ".github/copilot-instructions.md", ".cursorrules", ".windsurfrules")

_IMPORT = expression(r"(?<![\w`/@])@((?:\.{1,2}/|~/|/)?[\w.-]+(?:/[\w.-]+)*\.(?:md|mdc|txt))\b")
_POINTER = expression(
    r"^\W*(?:(?:see|read|follow|refer to|use|please (?:see|read|follow)|"
    r"instructions (?:are )?in)\s+)?(?:the\s+)?\W*@?([\w./-]+\.md)\W*(?:for \w+[\w ,]*|instead|file)?\W*$",
    re.IGNORECASE,
)
_HOPS = 5


class Found(msgspec.Struct, frozen=True):
    """One instruction file: as shown, what it holds, and the directory it holds for."""

    path: str
    data: bytes
    scope: str = ""
    only: tuple[str, ...] = ()  # globs its rules are limited to (.cursor/rules)
    nested: bool = False  # lies below the working root: its rules hold there, its text is not in the prompt
    note: str = ""

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def text(self) -> str:
        return decode(self.data)


def is_instruction(path: str, fallbacks: Sequence[str] = FALLBACKS) -> bool:
    """True where path names a file of instructions, which an agent may change only with consent."""
    name = posixpath.basename(path)
    if name in NAMES or name == "CLAUDE.local.md" or any(path == f or path.endswith("/" + f) for f in fallbacks):
        return True
    return (
        "/.cursor/rules/" in f"/{path}"
        or "/.claude/rules/" in f"/{path}"
        or "/.loopwright/" in f"/{path}"  # configuration, known findings, answers
    )


def discover(
    source: Source, above: Sequence[tuple[Path, str]], fallbacks: Sequence[str] = FALLBACKS
) -> Iterator[Found]:
    """Yield the files that hold, farthest first.

    `above` are the directories over the workspace root, farthest first, with the name each is shown under ("~" for the
    user's own, "../.." for a parent up to the repository's top).
    """
    for outer, shown in above:
        if found := _first_on_disk(outer, shown, fallbacks):
            yield found
    directories = _directories(source, fallbacks)
    for directory in sorted(directories, key=lambda d: (d.count("/") + bool(d), d)):
        found = _first(source, directory, fallbacks)
        if found:
            yield from _with_imports(source, found)
        yield from _cursor_rules(source, directory)


def _first_on_disk(directory: Path, shown: str, fallbacks: Sequence[str]) -> Found | None:
    for name in (*NAMES, *fallbacks):
        try:
            with (directory / name).open("rb") as file:
                data = file.read(LARGEST)
        except OSError:
            continue
        if data.strip():
            return Found(f"{shown}/{name}", data)
    return None


def _directories(source: Source, fallbacks: Sequence[str]) -> set[str]:
    """The root, and every directory below it that holds an instruction file."""
    known = {"": None}
    for path in source.paths():
        if is_instruction(path, fallbacks):
            head = path
            for fallback in (*fallbacks, *NAMES):
                if path == fallback or path.endswith("/" + fallback):
                    head = path[: -len(fallback)].rstrip("/")
                    break
            else:
                head = path.split(".cursor/")[0].rstrip("/") if ".cursor/rules/" in path else posixpath.dirname(path)
            known[head] = None
    return set(known)


def _first(source: Source, directory: str, fallbacks: Sequence[str]) -> Found | None:
    for name in (*NAMES, *fallbacks):
        path = posixpath.join(directory, name)
        data = source.read(path)
        if data is None or not data.strip():
            continue
        note = "larger than 8 MiB: the rest was not read" if len(data) >= LARGEST else ""
        return Found(path, data, directory, nested=bool(directory), note=note)
    return None


def _cursor_rules(source: Source, directory: str) -> Iterator[Found]:
    folder = posixpath.join(directory, ".cursor/rules")
    for name in source.names(folder):
        if not fnmatch.fnmatch(name, "*.md*"):
            continue
        path = f"{folder}/{name}"
        if data := source.read(path):
            yield Found(path, data, directory, only=_globs(data), nested=bool(directory))


def _globs(data: bytes) -> tuple[str, ...]:
    """The globs of a rule file's front matter; () where it holds always."""
    head = decode(data[:4096])
    if not head.startswith("---"):
        return ()
    matter = head[3:].split("\n---", 1)[0]
    if regex.search(r"^alwaysApply:\s*true", matter, re.MULTILINE):
        return ()
    found = regex.search(r"^(?:globs|paths):\s*(.+(?:\n\s+-.+)*)$", matter, re.MULTILINE)
    return tuple(regex.findall(r"[\w*./{}-]+\*?[\w*./{}-]*", found[1])) if found else ()


def _with_imports(source: Source, found: Found) -> Iterator[Found]:
    """The file itself, then what it imports (`@path`, five hops, beneath the root only) or merely points to."""
    seen = {found.path}
    yield found
    pending = [(found, 0)]
    while pending:
        current, hops = pending.pop(0)
        for target in _targets(current):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(current.path), target))
            if path in seen or hops >= _HOPS:
                continue
            seen.add(path)
            if path.startswith("..") or target.startswith(("/", "~")):
                yield Found(
                    path,
                    b"",
                    found.scope,
                    nested=found.nested,
                    note=f"imported by {current.path}, but outside the workspace: not read",
                )
                continue
            data = source.read(path)
            if data is None:
                continue
            imported = Found(path, data, found.scope, nested=found.nested, note=f"imported by {current.path}")
            yield imported
            pending.append((imported, hops + 1))


def _targets(found: Found) -> list[str]:
    text = found.text
    if len(text) < 300 and (pointer := _POINTER.match(text.strip())):
        return [pointer[1]]
    return [m[1] for line in _prose(text) for m in _IMPORT.finditer(line)]


def _prose(text: str) -> Iterator[str]:
    fenced = False
    for line in text.split("\n"):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced and "@" in line:
            yield line[:2000]
