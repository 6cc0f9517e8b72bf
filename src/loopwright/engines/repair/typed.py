"""Edits that Python refuses for the types of what they use, told before they are tried (after PyTER, Oh and Oh, 2022).

The types are those which the failing tests have where they first reach the edited statement: until then the edit has
changed nothing. Such an edit fails there in every one of these tests.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from loopwright.engines.repair.candidates import Candidate
from loopwright.engines.repair.evaluated import Evaluation, Misfit
from loopwright.engines.repair.kinds import UNKNOWN
from loopwright.engines.repair.seen import Seen
from loopwright.engines.repair.source import Function, Source, Splice, Unit

_HEADS = {ast.If: "test", ast.While: "test", ast.For: "iter", ast.AsyncFor: "iter"}


@dataclass
class Statement:
    """A statement, and the part of it that an edit may touch: itself, or what its head asks or goes through."""

    node: ast.stmt
    part: ast.AST
    start: int
    end: int
    guarded: bool  # it stands in a `try`


class Typed:
    """Tells which candidates never fit."""

    def __init__(self, seen: dict[int, Seen], sources: Mapping[str, Source], root: str) -> None:
        self.seen, self._sources, self._root = seen, sources, root
        self._statements: dict[int, list[Statement]] = {}
        self._bound: dict[int, dict[str, Any]] = {}
        self._told: dict[Candidate, bool] = {}

    def never(self, candidate: Candidate) -> bool:
        """True where the edited statement raises where each of the tests seen first reaches it."""
        if candidate not in self._told:
            self._told[candidate] = bool(self.seen) and self._refused(candidate)
        return self._told[candidate]

    def _refused(self, candidate: Candidate) -> bool:
        if candidate.unit is None:
            return False
        source = self._sources[candidate.edit.file]
        found = self._edited(source, candidate.unit, candidate.edit.splices)
        if found is None:
            return False
        statement, made = found
        file = f"{self._root}/{candidate.edit.file}"
        reached = 0
        for test in candidate.tests & self.seen.keys():
            seen = self.seen[test]
            lines = seen.lines.get(file, {})
            first, last = statement.node.lineno, statement.part.end_lineno  # type: ignore[attr-defined]
            at = next((lines[line] for line in range(first, last + 1) if line in lines), None)
            if at is None:
                continue
            reached += 1
            own = seen.names[at[0]]
            held = {n: v for n, v in self._names_of(candidate.unit).items() if n not in own} | at[1]
            if not refused(made, held, seen.modules.get(file), own):
                return False
        return reached > 0

    def _edited(self, source: Source, unit: Unit, splices: tuple[Splice, ...]) -> tuple[Statement, ast.AST] | None:
        """The statement that an edit changes, or goes ahead of, and what it is made."""
        first, last = min(s.start for s in splices), max(s.end for s in splices)
        inside = [s for s in self._of(source, unit) if s.start <= first and last <= s.end]
        try:
            if inside:
                one = inside[-1]
                if one.guarded:
                    return None
                text = source.text[one.start : one.end]
                for splice in sorted(splices, key=lambda s: -s.start):
                    text = text[: splice.start - one.start] + splice.text + text[splice.end - one.start :]
                if isinstance(one.part, ast.expr):
                    asked = ast.parse(f"({text}\n)", mode="eval").body
                    return (one, _through(asked) if isinstance(one.node, ast.For) else asked)
                body = ast.parse(textwrap.dedent(source.indent(one.node) + text)).body
            elif first == last and len(splices) == 1:
                line = source.line_at(first)
                behind = [s for s in self._of(source, unit) if s.node.lineno == line]
                if not behind or source.offset(line, 0) != first:
                    return None
                one = behind[0]
                text = splices[0].text
                if source.indent(one.node) != text[: len(text) - len(text.lstrip())]:
                    return None  # it ends up in a block that ends ahead of the line
                body = ast.parse(textwrap.dedent(text)).body
            else:
                return None
        except (SyntaxError, ValueError):
            return None
        return (one, body[0]) if body and not one.guarded else None

    def _names_of(self, unit: Unit) -> dict[str, Any]:
        """What the unit binds anywhere: an edit of a function inside it may use any of them."""
        if id(unit) not in self._bound:
            nodes = list(ast.walk(unit.node))
            bound = {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
            bound |= {n.arg for n in nodes if isinstance(n, ast.arg)}
            bound |= {n.name for n in nodes if isinstance(n, Function | ast.ClassDef | ast.ExceptHandler) and n.name}
            bound |= {(n.asname or n.name).split(".")[0] for n in nodes if isinstance(n, ast.alias)}
            self._bound[id(unit)] = dict.fromkeys(bound, UNKNOWN)
        return self._bound[id(unit)]

    def _of(self, source: Source, unit: Unit) -> list[Statement]:
        if id(unit) not in self._statements:
            self._statements[id(unit)] = list(_statements(source, unit.node, False))
        return self._statements[id(unit)]


def _statements(source: Source, node: ast.AST, guarded: bool) -> Iterable[Statement]:
    """Statements in the order they stand in, those within another one behind it."""
    for name in ("body", "orelse", "finalbody"):
        inside = guarded or (isinstance(node, ast.Try) and name == "body")
        for statement in getattr(node, name, None) or []:
            if isinstance(statement, ast.stmt):
                part = getattr(statement, _HEADS[type(statement)]) if type(statement) in _HEADS else statement
                if not isinstance(statement, Function | ast.ClassDef | ast.Try | ast.With | ast.AsyncWith | ast.Match):
                    yield Statement(statement, part, *source.span(part), inside)
                yield from _statements(source, statement, inside)
    for handler in [*getattr(node, "handlers", []), *getattr(node, "cases", [])]:
        yield from _statements(source, handler, guarded)


def refused(made: ast.AST, held: Mapping[str, Any], shared: Mapping[str, Any] | None, names: frozenset[str]) -> bool:
    """True where the statement or expression raises for the types of what it uses."""
    stored = {n.id for n in ast.walk(made) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    bound = {n.id for c in ast.walk(made) if isinstance(c, ast.comprehension) for n in ast.walk(c.target)
             if isinstance(n, ast.Name)}  # fmt: skip
    new = stored - bound - (shared or {}).keys()  # where the function calls a name global, it is the module's
    evaluation = Evaluation(held, shared, frozenset(n for n in names | new if not n.startswith("__")))
    try:
        _run(made, evaluation)
    except Misfit:
        return True
    except RecursionError:
        return False
    return False


def _run(made: ast.AST, evaluation: Evaluation) -> None:
    if isinstance(made, ast.expr):
        evaluation.of(made)
    elif isinstance(made, ast.Assign):
        evaluation.of(made.value)
        for target in made.targets:
            evaluation.put(target)
    elif isinstance(made, ast.AugAssign):
        before = evaluation.of(_read(made.target))
        evaluation.joined(made.op, before, evaluation.of(made.value))
    elif isinstance(made, ast.Return | ast.Expr | ast.AnnAssign):
        if made.value is not None:
            evaluation.of(made.value)
    elif isinstance(made, ast.If | ast.While | ast.Assert):
        evaluation.of(made.test)
    elif isinstance(made, ast.For):
        evaluation.gone_through(made.iter)


def _through(iterable: ast.expr) -> ast.For:
    return ast.For(ast.Name("_", ast.Store()), iterable, [], [])


def _read(target: ast.expr) -> ast.expr:
    """The same as something that is read."""
    return ast.parse(ast.unparse(target), mode="eval").body
