"""The tools a project is built with, and the images it runs in."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules_delta import Delta, finding
from loopwright.guard.policy_call import path_matches
from loopwright.guard.policy_directives import below, strings


def required_tool(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """None of the files that the tool is set up by is there; one that the change took away is named."""
    wanted = strings(rule, "any_of")
    if any(path_matches(posixpath.basename(p) if "/" not in w else p, w) for p in delta.tree() for w in wanted):
        return
    gone = next((f.path for f in delta.of(rule) if f.kind == "delete" and posixpath.basename(f.path) in wanted), "")
    if delta.tree():
        yield finding(rule, gone, 0, f"none of {', '.join(wanted[:4])} is there")


_DOCKERFILE = expression(r"(?:^|/)(?:[\w-]+\.)?(?:Dockerfile|Containerfile)(?:\.[\w-]+)?$")
_FROM = expression(r"^\s*FROM\s+(?:--\S+\s+)*(\S+)", re.IGNORECASE)


def base_images(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Stages that begin with another tag of an image the rule names."""
    images = (*strings(rule, "images"), *strings(rule, "also"))
    tags: dict[str, set[str]] = {}
    for image in images:
        name, _, tag = image.rpartition(":")
        tags.setdefault(name, set()).add(tag)
    for file in delta.written(rule):
        if not _DOCKERFILE.search(below(rule, file.path)):
            continue
        for number, line in file.added_lines:
            found = _FROM.match(line)
            name, _, tag = found[1].partition("@")[0].rpartition(":") if found else ("", "", "")
            name, tag = (name, tag) if name else (tag, "latest")
            if found and name in tags and tag not in tags[name]:
                said = " or ".join(f"`{name}:{t}`" for t in sorted(tags[name]))
                yield finding(rule, file.path, number, f"`{found[1]}` is not {said}")
