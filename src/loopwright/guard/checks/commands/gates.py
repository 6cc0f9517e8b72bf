"""Which commands of AGENTS.md are gates for this change: required ones, proposed ones, and why the rest is not."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import Literal

from loopwright.core.checks import Change
from loopwright.core.fact import Fact
from loopwright.core.rules import Directive
from loopwright.guard.policy_directives import forbids

#: What a gate costs, by what it is for: cheap ones run first.
_ORDER = {"format": 0, "lint": 1, "typecheck": 2, "codegen": 3, "build": 4, "test": 5, "multi": 6, "coverage": 7}
#: Purposes for which a command that is merely listed is worth proposing.
_PROPOSED = frozenset({"format", "lint", "typecheck", "build", "test", "coverage", "multi"})
Standing = Literal["required", "proposed", "advised"]


class Gate(Fact, frozen=True):
    """One command named in an instruction file; `why` says why it is only advised."""

    command: str
    purpose: str
    standing: Standing
    source: str
    check: str  # of the rule behind it
    directory: str = ""  # where it runs, relative to the root
    why: str = ""

    @property
    def writes(self) -> bool:
        """True where the command passes by changing files, so that a changed tree is its failure."""
        return self.purpose in ("format", "codegen")


def gates(directives: Sequence[Directive], change: Change, acceptance: Sequence[str]) -> tuple[Gate, ...]:
    """Return every gate once, cheap to dear; commands that are acceptance commands already are left out."""
    commands = [d for d in directives if d.kind == "command" and d.status == "enforced" and _reaches(d, change)]
    banned = [d for d in directives if d.kind == "forbid_command" and d.status in ("enforced", "partly")]
    general = {_text(d, "purpose"): d for d in commands if not _list(d, "commands") and _text(d, "gate") == "explicit"}
    known = {_words(command) for command in acceptance}
    found: dict[tuple[str, str], Gate] = {}
    for gate in _gates(commands, general, banned):
        key = (_words(gate.command), gate.directory)
        if key[0] not in known and (key not in found or _stronger(gate, found[key])):
            found[key] = gate
    return tuple(sorted(found.values(), key=lambda g: _ORDER.get(g.purpose, 6)))


def _gates(commands: Sequence[Directive], general: dict[str, Directive], banned: Sequence[Directive]) -> Iterator[Gate]:
    for directive in commands:
        purpose = _text(directive, "purpose") or "multi"
        explicit = _text(directive, "gate") == "explicit"
        behind = directive
        if not explicit and (demand := general.get(purpose)):
            explicit, behind = True, demand
        for command in _list(directive, "commands"):
            why = _unfit(str(command), directive, banned)
            if not why and not explicit and purpose not in _PROPOSED:
                why = f"it is listed, and a command for {purpose} is no gate"
            standing: Standing = "advised" if why else "required" if explicit else "proposed"
            yield Gate(str(command), purpose, standing, behind.source, behind.check, _directory(directive), why)
    listed = {_text(d, "purpose") for d in commands if _list(d, "commands")}
    for purpose, demand in general.items():
        if purpose not in listed:
            why = f"it names no command, and none for {purpose} is listed"
            yield Gate(demand.text, purpose, "advised", demand.source, demand.check, demand.scope, why)


def _directory(directive: Directive) -> str:
    """Where the command runs: the directory it names, below the one the instruction file holds for."""
    named = _text(directive, "directory")
    if f"{named}/".startswith(f"{directive.scope}/"):
        return named
    return posixpath.join(directive.scope, named).rstrip("/")


def _unfit(command: str, directive: Directive, banned: Sequence[Directive]) -> str:
    for ban in banned:
        if forbids(ban, command):
            return f"it is forbidden elsewhere: {ban.text} ({ban.source})"
    if directive.params.get("placeholder"):
        return "its placeholder stands for something that is not known here"
    return ""


def _stronger(one: Gate, other: Gate) -> bool:
    rank = {"required": 2, "advised": 1, "proposed": 0}  # a prohibition beats a listing
    return rank[one.standing] > rank[other.standing]


def _reaches(directive: Directive, change: Change) -> bool:
    """True where the change touches the directory that the directive holds for."""
    return not directive.scope or any(path.startswith(f"{directive.scope}/") for path in change.paths)


def _list(directive: Directive, name: str) -> list[object]:
    value = directive.params.get(name)
    return list(value) if isinstance(value, list) else []


def _text(directive: Directive, name: str) -> str:
    return str(directive.params.get(name) or "")


def _words(command: str) -> str:
    return re.sub(r"\s+", " ", command.strip())
