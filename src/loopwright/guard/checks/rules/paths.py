"""Paths that a change must not touch."""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, finding
from loopwright.guard.policy_call import path_matches
from loopwright.guard.policy_directives import below, strings


def path_protected(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Every changed path that a protected glob holds; where only existing ones are protected, new ones may come."""
    for file in delta.of(rule):
        if rule.params.get("existing") and file.new:
            continue
        if any(path_matches(below(rule, file.path), glob) for glob in strings(rule, "globs")):
            yield finding(rule, file.path, min(file.added, default=0), f"{file.path} is protected and was changed")
