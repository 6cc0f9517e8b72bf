"""Asks a model, where one is configured, about the rules that are otherwise only advised."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import partial

import msgspec

from loopwright.core.budget import exceeded
from loopwright.core.calls import Tokens
from loopwright.core.checks import Change, FileChange, Finding, Verdict
from loopwright.core.errors import ConfigError, EngineError
from loopwright.core.opinion import Opinion
from loopwright.core.ports import EngineContext
from loopwright.core.rules import Directive
from loopwright.core.state import State
from loopwright.loop.ports import Ports

#: Characters of the change that the model is shown; what is cut is said.
SHOWN = 60_000
#: Rules asked about at once.
MOST = 60


async def weigh(
    ports: Ports, state: State, change: Change, verdicts: list[Verdict]
) -> tuple[tuple[Verdict, ...], Tokens]:
    """Return the verdicts with a model's opinion in place of a mere advice, and what it cost.

    An opinion warns and never blocks; a rule that the model finds kept stays advised. Nothing is asked while a check
    is red, where nothing changed, or where the budget is spent.
    """
    rules = [r for r in state.directives or () if (r.kind, r.status) == ("judge", "advised")][:MOST]
    spent = exceeded(ports.budget, state, 0.0)
    if ports.judge is None or not rules or not change.files or spent or any(v.red for v in verdicts):
        return tuple(verdicts), Tokens()
    asking = EngineContext(lambda delta: None, ports.blobs, None, partial(ports.workspace.fresh, state.ref))
    try:
        found = await ports.judge.weigh(rules, _diff(ports, change), asking)
    except (EngineError, ConfigError) as error:
        return tuple(_unasked(v, rules, str(error)) for v in verdicts), Tokens()
    said = {_key(rules[o.rule]): (rules[o.rule], o) for o in found.opinions if 0 <= o.rule < len(rules)}
    paths = frozenset(change.paths)
    weighed = (_weighed(v, *said[k], found.model, paths) if (k := _of(v)) in said else v for v in verdicts)
    return tuple(weighed), found.tokens


def _key(rule: Directive) -> tuple[str, str]:
    return rule.source, rule.text[:200]


def _of(verdict: Verdict) -> tuple[str, str]:
    return (verdict.source, verdict.name) if verdict.verdict == "advised" else ("", "")


def _unasked(verdict: Verdict, rules: list[Directive], why: str) -> Verdict:
    if _of(verdict) not in {_key(r) for r in rules}:
        return verdict
    return msgspec.structs.replace(verdict, evidence=f"{verdict.evidence}; no model's opinion: {why[:200]}")


def _weighed(verdict: Verdict, rule: Directive, opinion: Opinion, model: str, paths: frozenset[str]) -> Verdict:
    said = f"a model's opinion ({model}): {opinion.reason[:400] or 'no reason given'}"
    if opinion.kept:
        return msgspec.structs.replace(verdict, evidence=said)
    file = opinion.file if opinion.file in paths else ""
    line = max(0, opinion.line) if file else 0
    finding = Finding(verdict.check, "judge", f"{said}. Rule: {rule.text[:300]}", "warn", file, line, rule.source)
    return msgspec.structs.replace(verdict, verdict="failed", level="warn", evidence=said, findings=(finding,))


def _diff(ports: Ports, change: Change) -> str:
    text = "".join(part for file in change.files for part in _file(ports, file))
    cut = f"\n[cut here: {len(text) - SHOWN} of {len(text)} characters of the change are not shown]"
    return text if len(text) <= SHOWN else text[:SHOWN] + cut


def _file(ports: Ports, file: FileChange) -> Iterator[str]:
    sides = [ports.blobs.get(address) if address else b"" for address in (file.before, file.after)]
    yield f"{file.kind} {file.path}\n"
    if any(b"\0" in side[:8192] for side in sides):
        yield "[not text]\n"
        return
    before, after = (side.decode("utf-8", "replace").splitlines(keepends=True) for side in sides)
    for line in difflib.unified_diff(before, after, file.path, file.path):
        yield line if line.endswith("\n") else f"{line}\n"
