"""Which rules a probe judges beside their sources: those are reported once, by the probe."""

from __future__ import annotations

from loopwright.core.rules import Directive


def of_change(rule: Directive) -> bool:
    """Return whether a rule asks for the coverage of what a change brings, and not of all."""
    return rule.params.get("probe") == "coverage" and rule.params.get("of") == "change"


def probe_of(rule: Directive) -> str:
    """Return what is to be probed for a rule, "" where nothing is."""
    if rule.status not in ("enforced", "partly"):
        return ""
    named = rule.params.get("sub") if rule.kind == "runtime_probe" else rule.params.get("probe")
    return str(named or "")
