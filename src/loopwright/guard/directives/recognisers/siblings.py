"""What the rules of one file mean for each other: places beside each other, frameworks, commands for a purpose."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from loopwright.core.fact import JsonValue
from loopwright.guard.directives.rule import Rule


def frameworks(rules: Iterable[Rule]) -> set[str]:
    """Return every test framework that the file asks for."""
    return {str(n) for rule in rules if rule.kind == "framework_required" for n in _names(rule, "names")}


def _names(rule: Rule, key: str) -> list[JsonValue]:
    value = rule.params.get(key)
    return value if isinstance(value, list) else []


def tolerant(rule: Rule, wanted: set[str]) -> Rule:
    """A test framework that the file asks for elsewhere is no rival: one for the units, another for the browser."""
    if rule.kind != "framework_required" or not wanted.intersection(map(str, _names(rule, "forbid"))):
        return rule
    rivals = [n for n in _names(rule, "forbid") if str(n) not in wanted]
    return msgspec.structs.replace(rule, params={**rule.params, "forbid": rivals})


def places(rules: Iterable[Rule]) -> dict[str, list[JsonValue]]:
    """Every place the file names for tests, or for one kind of file: each is as good as the others."""
    found: dict[str, list[JsonValue]] = {}
    for rule in rules:
        if rule.kind in ("test_location", "file_location") or (rule.kind == "advice" and "pattern" in rule.params):
            kind = "test_location" if rule.kind == "advice" else rule.kind
            key = f"{kind}:{rule.params.get('what', '') if rule.kind == 'file_location' else ''}"
            if place := rule.params.get("pattern") or rule.params.get("dir"):
                found.setdefault(key, []).append(place)
        elif rule.kind == "dockerfile_rule" and isinstance(images := rule.params.get("images"), list):
            found.setdefault("dockerfile_rule:", []).extend(images)
    return found


def beside(rule: Rule, places: dict[str, list[JsonValue]]) -> Rule:
    key = f"{rule.kind}:{rule.params.get('what', '') if rule.kind == 'file_location' else ''}"
    known = rule.params.get("also")
    own = rule.params.get("images")
    own = own if isinstance(own, list) else [rule.params.get("pattern"), rule.params.get("dir")]
    also = [p for p in places.get(key, []) if p not in own]
    also += known if isinstance(known, list) else []
    return msgspec.structs.replace(rule, params={**rule.params, "also": also}) if also else rule


def resolved(rule: Rule, listed: set[str]) -> Rule:
    """A gate that names no command is enforced by those the file lists for its purpose; without one it is only told."""
    if rule.kind != "command" or rule.params.get("commands") or listed & {str(rule.params.get("purpose")), "multi"}:
        return rule
    why = "it names no command, and the file lists none for this purpose: told to the model"
    return msgspec.structs.replace(rule, status="partly", why=why)
