"""What AGENTS.md says of safety, as the checks' configuration."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from loopwright.core.rules import Directive
from loopwright.guard.checks.safety.finding import SafetyConfig


def configured(config: SafetyConfig, directives: Iterable[Directive]) -> SafetyConfig:
    """Return the configuration with the imports, calls and commands added that the project's rules forbid everywhere.

    Rules that hold for a directory alone, or that a place limits, are left to the rule check, which knows places.
    """
    imports, calls, commands = (
        set(config.forbidden_imports),
        set(config.forbidden_calls),
        set(config.forbidden_commands),
    )
    for rule in directives:
        if rule.status not in ("enforced", "partly") or rule.scope or rule.level != "block":
            continue
        if set(rule.params) & {"within", "outside", "where", "except", "near", "only"}:
            continue
        match rule.kind:
            case "forbid_import":
                imports |= _words(rule, "modules")
            case "forbid_dependency":
                imports |= _words(rule, "names") | _words(rule, "packages")
            case "forbid_call":
                calls |= _words(rule, "names")
            case "forbid_command":
                commands |= {c for c in _words(rule, "commands") if " " not in c}
            case _:
                pass
    return msgspec.structs.replace(
        config,
        forbidden_imports=frozenset(imports),
        forbidden_calls=frozenset(calls),
        forbidden_commands=frozenset(commands),
    )


def _words(rule: Directive, name: str) -> set[str]:
    value = rule.params.get(name)
    return {v for v in value if isinstance(v, str)} if isinstance(value, list) else set()
