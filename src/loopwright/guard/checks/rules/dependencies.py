"""Dependencies and test frameworks that must be there, or must not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, finding
from loopwright.guard.checks.rules.manifest import dependencies, is_manifest
from loopwright.guard.policy_directives import below, strings


def declares(names: frozenset[str], wanted: str) -> bool:
    wanted = wanted.lower()
    return any(
        n == wanted or n.replace("_", "-") == wanted or (wanted.endswith("/") and n.startswith(wanted)) for n in names
    )


def manifests_of(delta: Delta, rule: Directive) -> dict[str, frozenset[str]]:
    """Every manifest of the tree in the rule's scope, with what it declares."""
    found = {}
    for path in delta.tree():
        if is_manifest(path) and (not rule.scope or path.startswith(rule.scope + "/") or "/" not in path):
            found[path] = dependencies(path, delta.read(path) or "")
    return found


def required_dependency(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """A package that must be declared somewhere; one that the change takes out is named with its manifest."""
    manifests = manifests_of(delta, rule)
    if not manifests:
        return
    declared = frozenset(n for names in manifests.values() for n in names)
    groups = rule.params.get("packages")
    for group in groups if isinstance(groups, list) else []:
        wanted = [str(p) for p in group] if isinstance(group, list) else [str(group)]
        if any(declares(declared, p) for p in wanted) or _builtin(wanted):
            continue
        removed = next(
            (
                f
                for f in delta.of(rule)
                if is_manifest(f.path) and any(declares(dependencies(f.path, f.before), p) for p in wanted)
            ),
            None,
        )
        place = removed.path if removed else sorted(manifests, key=len)[0]
        yield finding(rule, place, 1, f"{' or '.join(wanted[:4])} is not among the dependencies")


def _builtin(wanted: list[str]) -> bool:
    return any(p in ("unittest", "node", "bun", "xctest", "swift-testing", "sqlite3") for p in wanted)


def _importing(module: str) -> re.Pattern[str]:
    """Matches a line that imports a module, in Python or JavaScript."""
    name = r"(?:@jest/globals|jest)" if module == "jest" else rf"(?:package:)?{re.escape(module)}"
    return re.compile(rf"^\s*(?:import|from)\s+{name}\b|(?:from|require\(|import)\s*\(?[\"']{name}(?:/[\w.-]+)?[\"']")


def framework(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """The test framework must be declared, and tests of the change must not import a rival."""
    yield from required_dependency(rule, delta)
    rivals = strings(rule, "forbid")
    for file in delta.written(rule):
        for rival in rivals:
            module = {"playwright": "@playwright/test", "react testing library": "@testing-library/react"}.get(
                rival, rival
            )
            pattern = _importing(module)
            for number, line in file.added_lines:
                if pattern.search(line):
                    yield finding(rule, file.path, number, f"{rival} is imported")
        if is_manifest(file.path):
            for added in dependencies(file.path, file.after) - dependencies(file.path, file.before):
                if added in rivals:
                    yield finding(rule, file.path, line_of(file.after, added), f"{added} is added to the dependencies")


def forbidden_dependency(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """A dependency that the change brings in though it must not."""
    names = strings(rule, "names")
    for file in delta.written(rule):
        if is_manifest(file.path):
            for added in sorted(dependencies(file.path, file.after) - dependencies(file.path, file.before)):
                if any(declares(frozenset({added}), n) for n in names):
                    yield finding(rule, file.path, line_of(file.after, added), f"{added} must not be a dependency")
            continue
        for number, line in file.added_lines:
            for name in names:
                if re.search(
                    rf"^\s*(?:import|from)\s+{re.escape(name)}\b(?!['\"])|(?:from|require\(|import)\s*\(?[\"']{re.escape(name.rstrip('/'))}(?:/[^\"']*)?[\"']",
                    line,
                ):
                    yield finding(rule, file.path, number, f"{name} is imported")


def new_dependency(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Every dependency the change brings in, to any manifest or to those the rule names."""
    named = strings(rule, "manifests")
    for file in delta.written(rule):
        if is_manifest(file.path) and (not named or below(rule, file.path) in named):
            for added in sorted(dependencies(file.path, file.after) - dependencies(file.path, file.before)):
                yield finding(rule, file.path, line_of(file.after, added), f"{added} is a new dependency")


def line_of(text: str, word: str) -> int:
    return next((n for n, line in enumerate(text.split("\n"), 1) if word in line.lower()), 1)
