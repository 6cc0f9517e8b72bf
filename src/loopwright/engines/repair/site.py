"""A place where an operator may edit: a node, what it stands in, and what names are there to use."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from loopwright.engines.repair.pool import Ingredient, Pool
from loopwright.engines.repair.scope import Scope
from loopwright.engines.repair.source import Function, Source, Splice, Unit

ATOMIC = (
    ast.Name,
    ast.Constant,
    ast.Attribute,
    ast.Subscript,
    ast.Call,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.JoinedStr,
)
MOST_INGREDIENTS = 60  # tried at one place
_TIGHT = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.Attribute, ast.Await, ast.Starred)


@dataclass(frozen=True)
class Edit:
    """One candidate change of one file. `share` weighs it among the edits of its operator at its node."""

    file: str
    line: int
    operator: str
    splices: tuple[Splice, ...]
    share: float = 1.0


@dataclass
class Site:
    """One node with its ancestors, innermost last."""

    source: Source
    node: ast.AST
    parents: tuple[ast.AST, ...]
    scope: Scope
    pool: Pool
    line: int = field(init=False)

    def __post_init__(self) -> None:
        self.line = getattr(self.node, "lineno", 0)

    @property
    def parent(self) -> ast.AST | None:
        return self.parents[-1] if self.parents else None

    @property
    def statement(self) -> ast.stmt | None:
        """The statement the node stands in (itself, if it is one)."""
        for node in (self.node, *reversed(self.parents)):
            if isinstance(node, ast.stmt):
                return node
        return None

    @property
    def function(self) -> Function | None:
        """The innermost function around the node."""
        for node in reversed(self.parents):
            if isinstance(node, Function):
                return node
        return None

    def of(self, node: ast.AST) -> str:
        """The node's text as written."""
        return self.source.of(node)

    def atom(self, node: ast.AST) -> str:
        """The node's text, in parentheses where it is not a single operand."""
        text = self.of(node)
        return text if isinstance(node, ATOMIC) else f"({text})"

    def put(self, operator: str, text: str, share: float = 1.0, node: ast.AST | None = None) -> Edit:
        """Replace the node (or a given one) by an operand."""
        start, end = self.source.span(node or self.node)
        return self.splice(operator, start, end, text, share)

    def put_loose(self, operator: str, text: str, share: float = 1.0) -> Edit:
        """Replace the node by a compound expression, in parentheses where what it stands in binds tighter."""
        parent = self.parent
        tight = (
            isinstance(parent, _TIGHT)
            or (isinstance(parent, ast.Subscript) and parent.value is self.node)
            or (isinstance(parent, ast.Call) and parent.func is self.node)
        )
        return self.put(operator, f"({text})" if tight else text, share)

    def splice(self, operator: str, start: int, end: int, text: str, share: float = 1.0) -> Edit:
        return Edit(self.source.path, self.line, operator, (Splice(start, end, text),), share)

    def swap(self, operator: str, one: ast.AST, two: ast.AST, share: float = 1.0) -> Edit:
        """Exchange the texts of two nodes."""
        (a, b), (c, d) = self.source.span(one), self.source.span(two)
        splices = (Splice(a, b, self.source.text[c:d]), Splice(c, d, self.source.text[a:b]))
        return Edit(self.source.path, self.line, operator, splices, share)

    def body_of(self, statement: ast.stmt) -> list[ast.stmt] | None:
        """The list of statements that this one stands in."""
        for node in reversed(self.parents):
            for part in ("body", "orelse", "finalbody"):
                body = getattr(node, part, None)
                if isinstance(body, list) and any(s is statement for s in body):
                    return body
        return None

    def insert_before(self, operator: str, statement: ast.stmt, text: str, share: float = 1.0) -> Edit:
        """Put a statement on lines of its own ahead of this one; `text` uses \\n and no indentation."""
        start = self.source.offset(statement.lineno, 0)
        decorators = getattr(statement, "decorator_list", [])
        if decorators:
            start = self.source.offset(decorators[0].lineno, 0)
        return self.splice(operator, start, start, self._lines(text, self.source.indent(statement)), share)

    def insert_after(self, operator: str, statement: ast.stmt, text: str, share: float = 1.0) -> Edit:
        """Put a statement on lines of its own behind this one."""
        line = statement.end_lineno or statement.lineno
        end = self.source.offset(line, 0) + len(self.source.lines[line - 1])
        lines = self._lines(text, self.source.indent(statement))
        if not self.source.lines[line - 1].endswith(("\n", "\r")):
            lines = self.source.newline + lines.rstrip("\r\n")
        return self.splice(operator, end, end, lines, share)

    def _lines(self, text: str, indent: str) -> str:
        return "".join(indent + line + self.source.newline for line in text.split("\n"))


def insertable(site: Site) -> bool:
    """True for a statement inside a function ahead of which another one can be put."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.stmt) or isinstance(node, Function | ast.ClassDef | ast.Import | ast.ImportFrom):
        return False
    if site.function is None or site.body_of(node) is None:
        return False
    if isinstance(parent, ast.If) and node in parent.orelse and isinstance(node, ast.If):
        return False  # elif
    return not site.source.text[site.source.offset(node.lineno, 0) : site.source.span(node)[0]].strip()


def nearest(site: Site, found: list[Ingredient]) -> list[Ingredient]:
    """Ingredients that can be evaluated here, the nearest lines first."""
    text = site.of(site.node)
    usable = [i for i in found if i.text != text and site.scope.fits(i.names)]
    return sorted(usable, key=lambda i: abs(i.line - site.line))[:MOST_INGREDIENTS]


def sites(source: Source, unit: Unit | None, pool: Pool) -> Iterator[Site]:
    """Every node of the unit, or of the module outside functions, outermost first."""
    scope = Scope(unit, pool)

    def visit(node: ast.AST, parents: tuple[ast.AST, ...]) -> Iterator[Site]:
        if unit is None and isinstance(node, Function):
            for decorator in node.decorator_list:
                yield from visit(decorator, (*parents, node))
            yield Site(source, node, parents, scope, pool)
            return
        if is_text(node) or (isinstance(node, ast.JoinedStr) and not trusted(source, node)):
            return
        yield Site(source, node, parents, scope, pool)
        skip = (getattr(node, "annotation", None), getattr(node, "returns", None))
        for child in ast.iter_child_nodes(node):
            if any(child is annotation for annotation in skip):
                continue
            if isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant):
                continue
            yield from visit(child, (*parents, node))

    if unit is None:
        for statement in source.tree.body:
            yield from visit(statement, (source.tree,))
    else:
        yield from visit(unit.node, (source.tree, *unit.around))


def is_text(node: ast.AST) -> bool:
    """True for a docstring or another string that stands as a statement."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def trusted(source: Source, node: ast.JoinedStr) -> bool:
    """False where this Python gives wrong places for what stands in an f-string (before 3.12)."""
    for child in ast.walk(node):
        if isinstance(child, ast.FormattedValue):
            try:
                text = source.of(child.value)
                if ast.dump(ast.parse(text, mode="eval").body) != ast.dump(child.value):
                    return False
            except (SyntaxError, ValueError, IndexError):
                return False
    return True
