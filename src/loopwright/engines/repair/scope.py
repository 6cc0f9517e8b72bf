"""The names that stand ready in one outermost function, and what it does with them."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from loopwright.engines.repair.pool import Pool, names_of
from loopwright.engines.repair.source import Function, Unit


@dataclass(frozen=True)
class Kept:
    """A collection and an element of it by their texts, where they meet, and whether the one is asked for the other."""

    name: str
    element: str
    names: frozenset[str]
    line: int
    asked: bool


def _meeting(node: ast.AST) -> tuple[ast.expr, ast.expr, bool] | None:
    """The collection and the element that meet in a node, and whether it is a question."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn):
        return node.comparators[0], node.left, True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 1:
        return (node.func.value, node.args[0], False) if node.func.attr in ("add", "append", "appendleft") else None
    if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Set | ast.List | ast.Tuple):
        return (node.left, node.right.elts[0], False) if len(node.right.elts) == 1 else None
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        return node.targets[0].value, node.targets[0].slice, False
    return None


def set_together(node: ast.AST) -> list[tuple[str, ast.expr]]:
    """Names and the values they are given by one assignment: `a = b = 0` and `a, b = [], {}` included."""
    if not isinstance(node, ast.Assign):
        return []
    pairs: list[tuple[ast.expr, ast.expr]] = []
    for target in node.targets:
        value = node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            pairs += zip(target.elts, value.elts, strict=True)
        else:
            pairs.append((target, value))
    return [(one.id, two) for one, two in pairs if isinstance(one, ast.Name)]


def _filled(node: ast.AST) -> ast.Name | None:
    """The name of a collection into whose entry a statement puts something: `rows` of `rows[i].append(x)`."""
    entry: ast.AST | None = None
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        entry = node.value.func.value if node.value.func.attr in ("append", "add", "appendleft", "extend") else None
        if isinstance(entry, ast.Name):
            return entry
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        entry = node.targets[0]
    elif isinstance(node, ast.AugAssign):
        entry = node.target
    while isinstance(entry, ast.Subscript):
        entry = entry.value
        if isinstance(entry, ast.Name):
            return entry
    return None


@dataclass
class Scope:
    """Names an outermost function can use, most used first."""

    unit: Unit | None
    pool: Pool

    @cached_property
    def locals(self) -> list[str]:
        if self.unit is None:
            return []
        count: Counter[str] = Counter()
        bound: set[str] = set()
        for node in ast.walk(self.unit.node):
            if isinstance(node, ast.arg):
                bound.add(node.arg)
                count[node.arg] += 1
            elif isinstance(node, ast.Name):
                count[node.id] += 1
                if isinstance(node.ctx, ast.Store):
                    bound.add(node.id)
            elif isinstance(node, ast.ExceptHandler | Function) and node.name and node is not self.unit.node:
                bound.add(node.name)
        return [name for name, _ in count.most_common() if name in bound]

    @cached_property
    def parameters(self) -> frozenset[str]:
        """What the unit is given."""
        args = self.unit.node.args if self.unit else None
        return frozenset(a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)) if args else frozenset()

    @cached_property
    def _uses(self) -> dict[str, list[int]]:
        """The lines on which each name stands."""
        found: dict[str, list[int]] = {}
        for node in ast.walk(self.unit.node) if self.unit else ():
            if isinstance(node, ast.Name):
                found.setdefault(node.id, []).append(node.lineno)
            elif isinstance(node, ast.arg):
                found.setdefault(node.arg, []).append(node.lineno)
        return found

    @cached_property
    def counts(self) -> bool:
        """True where the function reckons with places or numbers of things."""
        for node in ast.walk(self.unit.node) if self.unit else ():
            if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
                return True
            if isinstance(node, ast.Name) and node.id in ("range", "len", "enumerate"):
                return True
        return False

    @cached_property
    def bits(self) -> bool:
        """True where the function works with numbers bit by bit: it shifts them, or joins them with a constant."""
        joined = (ast.BitOr, ast.BitAnd, ast.BitXor)
        for node in ast.walk(self.unit.node) if self.unit else ():
            if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
                return True
            if isinstance(node, ast.BinOp | ast.AugAssign):
                right = node.right if isinstance(node, ast.BinOp) else node.value
                number = any(isinstance(n, ast.Constant) and isinstance(n.value, int) for n in ast.walk(right))
                if isinstance(node.op, ast.LShift | ast.RShift) or (isinstance(node.op, joined) and number):
                    return True
        return False

    @cached_property
    def kept(self) -> list[Kept]:
        """What collections are asked for and what is put into them."""
        found: dict[tuple[str, str, bool], Kept] = {}
        for node in ast.walk(self.unit.node) if self.unit else ():
            meeting = _meeting(node)
            if meeting is None or not isinstance(meeting[0], ast.Name | ast.Attribute):
                continue
            where, element, asked = meeting
            if not isinstance(element, ast.Constant | ast.Slice | ast.Starred):
                key = ast.unparse(where), ast.unparse(element), asked
                found.setdefault(key, Kept(key[0], key[1], names_of(element) | names_of(where), where.lineno, asked))
        return sorted(found.values(), key=lambda k: k.line)

    @cached_property
    def grown(self) -> frozenset[str]:
        """Collections into which something is put."""
        return frozenset(kept.name for kept in self.kept if not kept.asked)

    @cached_property
    def made(self) -> dict[str, frozenset[str]]:
        """Locals made of others by a sum or a difference, and which those are."""
        found: dict[str, frozenset[str]] = {}
        for node in ast.walk(self.unit.node) if self.unit else ():
            for target, value in set_together(node):
                if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub):
                    left = value.left.id if isinstance(value.left, ast.Name) else ""
                    if left and left != target:
                        found.setdefault(target, frozenset({left}))
        return found

    @cached_property
    def unasked(self) -> frozenset[str]:
        """Sets that something is put into and that are asked for nothing."""
        sets = {name for name, way in self.collections.items() if way == "add"}
        return frozenset(sets & self.grown - {kept.name for kept in self.kept if kept.asked})

    @cached_property
    def flags(self) -> frozenset[str]:
        """Tables whose entries are true or false."""
        found: set[str] = set()
        for node in ast.walk(self.unit.node) if self.unit else ():
            if not isinstance(node, ast.Assign):
                continue
            target = node.targets[0]
            base = target.value if isinstance(target, ast.Subscript) else target
            whole = isinstance(node.value, ast.BinOp | ast.ListComp | ast.List) or base is not target
            truths = (isinstance(n, ast.Constant) and isinstance(n.value, bool) for n in ast.walk(node.value))
            if isinstance(base, ast.Name) and whole and any(truths):
                found.add(base.id)
        return frozenset(found)

    @cached_property
    def bounds(self) -> list[str]:
        """What places are held below: the right sides of comparisons, the ends of ranges."""
        found: list[str] = []
        for node in ast.walk(self.unit.node) if self.unit else ():
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Lt | ast.LtE | ast.GtE):
                found.append(ast.unparse(node.comparators[0]))
            elif (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range" and node.args
            ):
                found.append(ast.unparse(node.args[min(1, len(node.args) - 1)]))
        return [text for text in dict.fromkeys(found) if not text.lstrip("-").isdigit()]

    @cached_property
    def reads(self) -> Counter[str]:
        """How often each name is read other than to fill it."""
        nodes = list(ast.walk(self.unit.node)) if self.unit else []
        filled = {id(base) for node in nodes for base in [_filled(node)] if base is not None}
        names = [n for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Store)]
        return Counter(node.id for node in names if id(node) not in filled)

    @cached_property
    def unread(self) -> frozenset[str]:
        """Locals that are bound and never read, or only filled: what was meant to use them may be at fault."""
        return frozenset(name for name in self.locals if not self.reads[name] and not name.startswith("_"))

    @cached_property
    def read_once(self) -> frozenset[str]:
        """Collections that a single place reads."""
        return frozenset(name for name in self.collections if self.reads[name] == 1)

    @cached_property
    def unread_tables(self) -> frozenset[str]:
        """Collections that are filled and never read."""
        return self.unread & self.collections.keys()

    @cached_property
    def unset(self) -> list[str]:
        """Names that are read, or only added to, and that nothing sets: what was meant to set them is missing."""
        nodes = list(ast.walk(self.unit.node)) if self.unit else []
        known = {*self.locals, *self.pool.globals, *self.pool.builtins, *self.pool.parameters}
        grown = {id(n.target) for n in nodes if isinstance(n, ast.AugAssign)}
        names = [n for n in nodes if isinstance(n, ast.Name)]
        given = {n.arg for n in nodes if isinstance(n, ast.arg)}
        given |= {n.id for n in names if isinstance(n.ctx, ast.Store) and id(n) not in grown}
        only_grown = [n.id for n in names if id(n) in grown and n.id not in given]
        return list(dict.fromkeys([*only_grown, *(n.id for n in names if n.id not in known), *self._too_late]))

    @cached_property
    def _too_late(self) -> list[str]:
        """Locals of a plain function that are read on a line ahead of the first that sets them."""
        nodes = list(ast.walk(self.unit.node)) if self.unit else []
        if any(isinstance(n, Function | ast.Lambda | ast.comprehension) for n in nodes[1:]):
            return []
        names = [n for n in nodes if isinstance(n, ast.Name)]
        given = {n.arg for n in nodes if isinstance(n, ast.arg)}
        first: dict[str, int] = {}
        for n in names:
            if isinstance(n.ctx, ast.Store):
                first[n.id] = min(n.lineno, first.get(n.id, n.lineno))
        early = (n.id for n in names if isinstance(n.ctx, ast.Load) and n.lineno < first.get(n.id, 0))
        return [name for name in dict.fromkeys(early) if name not in given]

    @cached_property
    def unread_entries(self) -> list[str]:
        """Entries of tables that are filled and asked what they hold, and none of whose entries is ever read."""
        nodes = list(ast.walk(self.unit.node)) if self.unit else []
        entries = [n for n in nodes if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name)]
        kept: dict[str, list[str]] = {}
        for node in nodes:
            for target in node.targets if isinstance(node, ast.Assign) else ():
                if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                    plain = isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
                    if not plain and not isinstance(target.slice, ast.Slice):
                        kept.setdefault(target.value.id, []).append(ast.unparse(target.slice))
        read = {n.value.id for n in entries if isinstance(n.value, ast.Name) and isinstance(n.ctx, ast.Load)}
        read |= {n.value.id for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)}
        asked = {kept_.name for kept_ in self.kept if kept_.asked}
        used = Counter(n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
        lone = [t for t in kept if t in asked and t not in read and used[t] == len(kept[t]) + self._asked(t)]
        return [f"{table}[{key}]" for table in lone for key in dict.fromkeys(kept[table])]

    def _asked(self, table: str) -> int:
        """How often it is asked whether a collection holds something."""
        nodes = ast.walk(self.unit.node) if self.unit else ()
        meetings = (m for node in nodes if (m := _meeting(node)) is not None and m[2])
        return sum(isinstance(where, ast.Name) and where.id == table for where, _, _ in meetings)

    def near(self, line: int) -> list[str]:
        """Locals that a line may be missing: those nobody reads, then those that stand nearest to it."""
        if line not in self._near:
            order = {name: rank for rank, name in enumerate(self.locals)}

            def distance(name: str) -> tuple[bool, int, int]:
                away = min((abs(at - line) for at in self._uses.get(name, ())), default=999)
                return name not in self.unread, away, order[name]

            self._near[line] = sorted((n for n in self.locals if n not in ("self", "cls")), key=distance)
        return self._near[line]

    @cached_property
    def _near(self) -> dict[int, list[str]]:
        return {}

    @cached_property
    def collections(self) -> dict[str, str]:
        """Locals that begin as a set, a list or a dictionary, and the method that adds to each."""
        found: dict[str, str] = {}
        for node in ast.walk(self.unit.node) if self.unit else ():
            for target, value in set_together(node):
                kind = value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""
                if isinstance(value, ast.Set | ast.SetComp) or kind == "set":
                    found[target] = "add"
                elif isinstance(value, ast.List | ast.ListComp) or kind in ("list", "deque"):
                    found[target] = "append"
                elif isinstance(value, ast.Dict | ast.DictComp) or kind in ("dict", "defaultdict", "Counter"):
                    found[target] = "update"
        return found

    @cached_property
    def names(self) -> list[str]:
        """Locals, then what the module defines and imports."""
        seen = set(self.locals)
        return self.locals + [name for name in self.pool.globals if name not in seen]

    def fits(self, used: frozenset[str]) -> bool:
        """True where an expression that uses these names can be evaluated here."""
        return used <= self._all

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset(self.names) | self.pool.builtins
