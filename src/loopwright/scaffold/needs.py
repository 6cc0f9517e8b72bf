"""Which files the rules of AGENTS.md ask for."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from typing import Literal

from loopwright.core.expression import expression
from loopwright.core.fact import Fact
from loopwright.core.rules import Directive

Need = Literal["container", "compose", "ci", "tests", "metrics", "rollout", "environment"]

#: A rule that asks for one of these by its kind of check.
_KINDS: dict[str, tuple[Need, ...]] = {
    "coverage_min": ("tests", "ci"),
    "framework_required": ("tests", "ci"),
    "test_required": ("ci",),
}
#: What asks for one of these by its words, whatever check the rule became.
_WORDS: dict[Need, str] = {
    "container": r"^(?!.*\btests?\b).*\b(?:deploy|ship|packag|releas|deliver|provid|includ|add|writ|use|run|build)\w*\b"
    r".{0,40}\b(?:docker(?! ?compose\b)(?:file)?|containers?)\b|^docker(?:file)?\W*(?:\(.*\))?$|"
    r"^(?:deploy\w*|hosting)\W{1,3}docker\b|\bdockeri[sz]\w+|\bcontaineri[sz]\w+|"
    r"\bdockerfile\b.{0,20}\b(?:must|required|needed)\b|"
    r"\bblue[- ]?green\b|\brolling (?:updates?|deploy\w*|releases?)\b",
    "compose": r"\b(?:provide|add|include|ship|keep|write)\b.{0,30}\bcompose\b",
    "ci": r"\bcontinuous integration\b|\bgithub actions?\b|\bci (?:workflow|pipeline)\b|"
    r"\b(?:run|pass|green)\w* (?:in|on) ci\b",
    "metrics": r"\bprometheus\b|(?<![\w/])/metrics\b",
    "rollout": r"\bblue[- ]?green\b|\brolling (?:updates?|deploy\w*|releases?)\b|\bzero[- ]downtime\b",
    "environment": r"\.env\.(?:example|sample)\b|\bcentrali[sz]ed?\b.{0,20}\benv|"
    r"\benv(?:ironment)?[- ]var\w*.{0,30}\b(?:document|manage|list|example)",
}
_NEVER = expression(r"\b(?:never|not|no|don'?t|avoid|without)\b", re.IGNORECASE)
#: Hyphens as word processors write them.
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212"), "-")


class Reason(Fact, frozen=True):
    """The rule that asks: where it stands and its words, on one line."""

    source: str
    text: str


class Threshold(Fact, frozen=True):
    """The coverage a rule asks for, in percent; `strict` where it must be more than that."""

    percent: float
    strict: bool

    @property
    def setting(self) -> float:
        """The lowest figure with two decimals that a gate which passes on equality may let through."""
        return self.percent + 0.01 if self.strict and self.percent < 100 else self.percent


class Gate(Fact, frozen=True):
    """A command that AGENTS.md names, and what it is for."""

    line: str
    use: str
    required: bool


class Needs(Fact, frozen=True):
    """What the rules ask for, each need with the rules behind it."""

    reasons: dict[Need, tuple[Reason, ...]]
    coverage: Threshold | None = None
    gates: tuple[Gate, ...] = ()
    frameworks: tuple[str, ...] = ()  # of tests, in the order asked for

    def asks(self, need: Need) -> bool:
        return bool(self.reasons.get(need))


def read_needs(directives: Iterable[Directive]) -> Needs:
    """Return what the rules that hold for the whole project ask for. Rules of directories below are left out."""
    rules = [rule for rule in directives if not rule.scope]
    reasons: dict[Need, list[Reason]] = {}
    for rule in rules:
        for need in _asked(rule):
            reason = Reason(one_line(rule.source), one_line(rule.text))
            if reason not in reasons.setdefault(need, []):
                reasons[need].append(reason)
    return Needs(
        {need: tuple(found) for need, found in reasons.items()},
        _coverage(rules),
        _gates(rules),
        tuple(dict.fromkeys(str(n) for r in rules if r.kind == "framework_required" for n in _list(r, "names"))),
    )


def one_line(text: str) -> str:
    """A text from AGENTS.md as it may stand in a comment: one line, no control characters, 160 at most."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    plain = plain.replace("--", "\u2013").replace("*/", "* /")
    return plain if len(plain) <= 160 else f"{plain[:157]}..."


def _asked(rule: Directive) -> Sequence[Need]:
    if rule.kind == "command" and rule.status == "enforced" and rule.params.get("gate") == "explicit":
        return ("ci",)
    if rule.kind in _KINDS:
        return _KINDS[rule.kind]
    text = rule.text.translate(_HYPHENS)
    if rule.kind.startswith("path_") or (rule.kind.startswith("forbid") and rule.kind != "forbid_call"):
        return ()
    if len(text) > 200 or _NEVER.search(text):
        return ()
    found = [need for need, words in _WORDS.items() if re.search(words, text, re.IGNORECASE)]
    if rule.params.get("also") == "dockerfile":
        found += ["container", "compose"]
    elif "container" in found and "rollout" not in found:
        found.append("compose")
    return tuple(dict.fromkeys(found))


def _coverage(rules: Sequence[Directive]) -> Threshold | None:
    stated = [
        Threshold(float(n), rule.params.get("op") == ">")
        for rule in rules
        if rule.kind == "coverage_min" and isinstance(n := rule.params.get("n"), int | float)
    ]
    return max(stated, key=lambda t: (t.percent, t.strict), default=None)


def _gates(rules: Sequence[Directive]) -> tuple[Gate, ...]:
    banned = [str(c) for r in rules if r.kind == "forbid_command" for c in _list(r, "commands")]
    found: dict[str, Gate] = {}
    for rule in rules:
        if rule.kind != "command" or rule.status != "enforced" or rule.params.get("placeholder"):
            continue
        directory = str(rule.params.get("directory") or "")
        for command in map(str, _list(rule, "commands")):
            line = f"cd {shlex.quote(directory)} && {command}" if directory else command
            safe = "\n" not in line and "${{" not in line and not any(b in line for b in banned)
            required = rule.params.get("gate") == "explicit"
            if safe and (line not in found or required):
                found[line] = Gate(line, str(rule.params.get("purpose") or ""), required)
    return tuple(found.values())


def _list(rule: Directive, name: str) -> list[object]:
    value = rule.params.get(name)
    return list(value) if isinstance(value, list) else []
