"""Which lines are suspicious: spectra of the tests, frames of the failures, names that module-level lines define.

Ochiai: Abreu, Zoeteweij, van Gemund, "On the accuracy of spectrum-based fault localization" (2007).
DStar with exponent 2: Wong, Debroy, Gao, Li, "The DStar method for effective software fault localization" (2014).
"""

from __future__ import annotations

import ast
import math
import os.path
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from loopwright.core.expression import expression
from loopwright.engines.repair.baseline import Baseline
from loopwright.engines.repair.source import Function, Source, Unit

_INNERMOST, _FRAME = 0.35, 0.15  # added for lines in the failures' stack frames
#: A function where a value was meant: as Python shows it, and as pytest does, by its name.
_UNCALLED = expression(r"<(?:bound method|function) (?:[\w.<>]*\.)?(\w+)|where (\w+) = [^\n]*\.\2(?![\w(.])")
_SHOWN = 0.8  # suspicion of the head of a function that a failure shows
_DEFINED = 0.7  # share of a line's suspicion passed on to the module-level line that defines a name it uses

Lines = dict[int, float]


@dataclass
class Suspicion:
    """Suspicion (0 to 1) of lines by path relative to the root, and the failing tests that execute each."""

    lines: dict[str, Lines] = field(default_factory=dict)
    covered: dict[tuple[str, int], frozenset[int]] = field(default_factory=dict)
    stars: dict[tuple[str, int], float] = field(default_factory=dict)

    def top(self, count: int) -> list[tuple[str, int, float]]:
        """The most suspicious lines, the worst first."""
        flat = [(file, line, value) for file, lines in self.lines.items() for line, value in lines.items()]
        return sorted(flat, key=lambda f: (-f[2], -self.stars.get(f[:2], 0.0), f[0], f[1]))[:count]


def bits(mask: int) -> list[int]:
    """The positions of the set bits."""
    found, text = [], bin(mask)[:1:-1]
    at = text.find("1")
    while at >= 0:
        found.append(at)
        at = text.find("1", at + 1)
    return found


def ran_at_import(unit: Unit, mask: int) -> list[int]:
    """The lines of a function's body that the import of the project executed; `mask` has a bit for each such line."""
    body = range(unit.node.body[0].lineno, (unit.node.end_lineno or 0) + 1)
    return [line for line in bits(mask >> body.start << body.start) if line in body and line != unit.node.lineno]


def suspicion(baseline: Baseline, failing: list[int]) -> Suspicion:
    """Spectra over the failing tests given and all passing ones."""
    red: dict[tuple[str, int], set[int]] = defaultdict(set)
    green: Counter[tuple[str, int]] = Counter()
    wanted: dict[str, int] = defaultdict(int)
    for test in failing:
        for file, mask in baseline.outcomes[test].lines.items():
            wanted[file] |= mask
            for line in bits(mask):
                red[(file, line)].add(test)
    for test in baseline.passing:
        for file, mask in baseline.outcomes[test].lines.items():
            for line in bits(mask & wanted.get(file, 0)):
                green[(file, line)] += 1
    found = Suspicion()
    for (file, line), tests in red.items():
        path = os.path.relpath(file, baseline.root)
        ef, ep, total = len(tests), green[(file, line)], len(failing)
        found.lines.setdefault(path, {})[line] = ef / math.sqrt(total * (ef + ep))
        found.stars[(path, line)] = ef * ef / max(1e-9, ep + total - ef)
        found.covered[(path, line)] = frozenset(tests)
    _frames(baseline, failing, found)
    return found


def _frames(baseline: Baseline, failing: list[int], found: Suspicion) -> None:
    for test in failing:
        frames = baseline.outcomes[test].failure.get("frames") or []
        last = True
        for file, line, _ in reversed(frames):
            path = os.path.relpath(file, baseline.root)
            lines = found.lines.get(path, {})
            if line in lines and file not in baseline.files:
                lines[line] = min(1.0, lines[line] + (_INNERMOST if last else _FRAME) / len(failing))
                last = False


def spread(found: Suspicion, sources: dict[str, Source], baseline: Baseline, failing: list[int]) -> None:
    """Give lines that run at import, in functions or not, a suspicion from the lines that use what they make."""
    used: dict[str, float] = {}
    for path, lines in found.lines.items():
        source = sources.get(path)
        if source is not None:
            for node in ast.walk(source.tree):
                name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
                if name:
                    used[name] = max(used.get(name, 0.0), lines.get(node.lineno, 0.0))  # type: ignore[attr-defined]
    everywhere = frozenset(failing)
    base = math.sqrt(len(failing) / max(1, len(failing) + len(baseline.passing)))
    for path, source in sources.items():
        lines = found.lines.setdefault(path, {})
        for statement in _outside(source.tree.body):
            value = 0.5 * base
            for name in _defined(statement):
                value = max(value, _DEFINED * used.get(name, 0.0))
            for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1):
                if value > lines.get(line, 0.0):
                    lines[line] = value
                    found.covered[(path, line)] = everywhere
        _imported(source, lines, found, baseline, (used, 0.5 * base, everywhere))
        _headers(source, lines, found, path)
    _told(found, sources, baseline, failing)


def _told(found: Suspicion, sources: dict[str, Source], baseline: Baseline, failing: list[int]) -> None:
    """The heads of functions that a failure shows where a value was meant: they were named and never called."""
    for test in failing:
        message = str(baseline.outcomes[test].failure.get("message", ""))
        names = {match[1] or match[2] for match in _UNCALLED.finditer(message)}
        for path, source in sources.items() if names else ():
            for unit in source.units:
                if unit.node.name in names:
                    line = unit.node.lineno
                    lines = found.lines.setdefault(path, {})
                    lines[line] = max(lines.get(line, 0.0), _SHOWN)
                    found.covered[path, line] = found.covered.get((path, line), frozenset()) | {test}


def _imported(
    source: Source,
    lines: Lines,
    found: Suspicion,
    baseline: Baseline,
    known: tuple[dict[str, float], float, frozenset[int]],
) -> None:
    """Functions that the import called are as suspicious as what uses the module's names that they work with."""
    used, least, everywhere = known
    shared = {name for statement in _outside(source.tree.body) for name in _defined(statement)}
    mask = baseline.imports.get(os.path.join(baseline.root, source.path), 0)
    for unit in source.units:
        ran = ran_at_import(unit, mask)
        named = {n.id for n in ast.walk(unit.node) if isinstance(n, ast.Name)} & shared if ran else set()
        value = max([least, *(_DEFINED * used.get(name, 0.0) for name in named)])
        for line in ran:
            if value > lines.get(line, 0.0):
                lines[line] = value
                found.covered[source.path, line] = everywhere


def _outside(body: list[ast.stmt]) -> list[ast.stmt]:
    """Simple statements outside functions."""
    found: list[ast.stmt] = []
    for statement in body:
        if isinstance(statement, Function | ast.Import | ast.ImportFrom):
            continue
        inner = [getattr(statement, part, None) or [] for part in ("body", "orelse", "finalbody")]
        if any(inner):
            for part in inner:
                found += _outside(part)
        else:
            found.append(statement)
    return found


def _defined(statement: ast.stmt) -> list[str]:
    return [n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


def _headers(source: Source, lines: Lines, found: Suspicion, path: str) -> None:
    """Decorators, parameters and defaults are as suspicious as the worst line of their function."""
    for unit in source.units:
        node = unit.node
        inner = range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1)
        value = max((lines.get(line, 0.0) for line in inner), default=0.0)
        tests: frozenset[int] = frozenset().union(*(found.covered.get((path, line), frozenset()) for line in inner))
        if value:
            for line in range(unit.first, node.body[0].lineno):
                if value * 0.8 > lines.get(line, 0.0):
                    lines[line] = value * 0.8
                    found.covered[(path, line)] = tests
