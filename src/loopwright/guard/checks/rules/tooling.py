"""The tools a project is built with."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, finding
from loopwright.guard.policy_call import path_matches
from loopwright.guard.policy_directives import strings


def required_tool(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """None of the files that the tool is set up by is there; one that the change took away is named."""
    wanted = strings(rule, "any_of")
    if any(path_matches(posixpath.basename(p) if "/" not in w else p, w) for p in delta.tree() for w in wanted):
        return
    gone = next((f.path for f in delta.of(rule) if f.kind == "delete" and posixpath.basename(f.path) in wanted), "")
    if delta.tree():
        yield finding(rule, gone, 0, f"none of {', '.join(wanted[:4])} is there")
