"""What Dockerfiles must be like: the user, the base images, the stages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, finding, fresh
from loopwright.guard.checks.rules.hadolint import hints, is_dockerfile
from loopwright.guard.policy_directives import below, strings

_FROM = expression(r"^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
_INSTRUCTION = expression(r"^\s*([A-Za-z]+)\s+(.*)$")


class _Line(NamedTuple):
    number: int
    word: str
    rest: str


def judge(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Stages that begin with another tag than the rule names, and what else it asks of changed Dockerfiles.

    Raises ToolMissing where the rule names hadolint, and it is not installed.
    """
    yield from _base_images(rule, delta)
    for file in delta.written(rule):
        if not is_dockerfile(below(rule, file.path)):
            continue
        for what in strings(rule, "what"):
            before, after = _missing(what, file.before), _missing(what, file.after)
            for line, reason in fresh(before, after, file.before, file.after):
                yield finding(rule, file.path, line, reason)


def _missing(what: str, text: str) -> list[tuple[int, str]]:
    if what == "hadolint":
        return [(hint.line, f"{hint.code}: {hint.message}") for hint in hints(text) if hint.level != "style"]
    lines = list(_instructions(text))
    starts = [line for line in lines if line.word == "FROM"]
    if not starts:
        return []
    last = [line for line in lines if line.number >= starts[-1].number]
    end = lines[-1].number
    if what == "non_root":
        users = [line for line in last if line.word == "USER"]
        if not users:
            return [(end, "the container runs as root: name a USER")]
        root = re.match(r"(?:root|0)(?::|\s|$)", users[-1].rest)
        return [(users[-1].number, "the container runs as root")] if root else []
    if what == "multi_stage":
        return [(starts[0].number, "there is one stage only")] if len(starts) == 1 else []
    if what == "health_check":
        there = any(line.word == "HEALTHCHECK" and not line.rest.upper().startswith("NONE") for line in last)
        return [] if there else [(end, "there is no HEALTHCHECK")]
    if what == "copy":
        return [
            (n, "ADD is used where COPY would do") for n, word, rest in lines if word == "ADD" and "://" not in rest
        ]
    return list(_unpinned(starts, digest=what == "digest"))


def _unpinned(starts: list[_Line], digest: bool) -> Iterator[tuple[int, str]]:
    stages: set[str] = {"scratch"}
    for line in starts:
        found = _FROM.match(f"FROM {line.rest}")
        if not found:
            continue
        image, name = found[1], found[2]
        tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2]
        if image.lower() not in stages and "$" not in image and "@sha256:" not in image:
            if digest:
                yield line.number, f"`{image}` is not pinned by a digest"
            elif tag in ("", "latest"):
                yield line.number, f"`{image}` has no fixed version"
        if name:
            stages.add(name.lower())


def _instructions(text: str) -> Iterator[_Line]:
    """Yield each instruction with its first line; lines that go on are joined."""
    held, start = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("#"):
            continue
        start = start if held else number
        held += line
        if held.endswith("\\"):
            held = held[:-1] + " "
            continue
        if found := _INSTRUCTION.match(held):
            yield _Line(start, found[1].upper(), found[2].strip())
        held = ""


def _base_images(rule: Directive, delta: Delta) -> Iterator[Finding]:
    images = (*strings(rule, "images"), *strings(rule, "also"))
    tags: dict[str, set[str]] = {}
    for image in images:
        name, _, tag = image.rpartition(":")
        tags.setdefault(name, set()).add(tag)
    for file in delta.written(rule):
        if not images or not is_dockerfile(below(rule, file.path)):
            continue
        for number, line in file.added_lines:
            found = _FROM.match(line)
            name, _, tag = found[1].partition("@")[0].rpartition(":") if found else ("", "", "")
            name, tag = (name, tag) if name else (tag, "latest")
            if found and name in tags and tag not in tags[name]:
                said = " or ".join(f"`{name}:{t}`" for t in sorted(tags[name]))
                yield finding(rule, file.path, number, f"`{found[1]}` is not {said}")
