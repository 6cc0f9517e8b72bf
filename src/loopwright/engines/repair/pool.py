"""Ingredients: names, constants, conditions and expressions that the file and its tests already use."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from loopwright.engines.repair.elsewhere import Elsewhere
from loopwright.engines.repair.source import Function, Source

_LONG = 80  # characters: a longer expression is not an ingredient


@dataclass(frozen=True)
class Ingredient:
    """An expression by its text, the names it needs, and how often it is used."""

    text: str
    names: frozenset[str]
    line: int


@dataclass
class Pool:
    """What one file and the failing tests offer."""

    globals: list[str] = field(default_factory=list)
    callables: list[str] = field(default_factory=list)
    attributes: Counter[str] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)
    by_base: dict[str, Counter[str]] = field(default_factory=dict)
    strings: Counter[str] = field(default_factory=Counter)
    numbers: Counter[str] = field(default_factory=Counter)
    test_strings: Counter[str] = field(default_factory=Counter)
    test_numbers: Counter[str] = field(default_factory=Counter)
    exceptions: Counter[str] = field(default_factory=Counter)
    decorators: Counter[str] = field(default_factory=Counter)
    keywords: dict[str, Counter[str]] = field(default_factory=dict)  # function name -> keyword=value texts
    parameters: dict[str, list[str]] = field(default_factory=dict)  # function name -> its parameters
    conditions: list[Ingredient] = field(default_factory=list)
    expressions: list[Ingredient] = field(default_factory=list)
    iterables: list[Ingredient] = field(default_factory=list)
    moduli: list[Ingredient] = field(default_factory=list)
    stored: frozenset[str] = frozenset()  # attributes that are set
    unread: tuple[str, ...] = ()  # attributes that are set and never read
    truths: tuple[str, ...] = ()  # attributes that are true or false
    tables: frozenset[str] = frozenset()  # names of what holds others: indexed, gone through, asked what it holds
    subscripted: frozenset[str] = frozenset()  # names that an index is asked of
    places: frozenset[str] = frozenset()  # names that are an index
    statements: list[ast.stmt] = field(default_factory=list)  # short ones inside functions
    builtins: frozenset[str] = frozenset((*dir(builtins), "__file__", "__path__"))
    elsewhere: Elsewhere = field(default_factory=Elsewhere)


@lru_cache(maxsize=1 << 14)
def names_of(node: ast.AST) -> frozenset[str]:
    """Names an expression reads; those it binds itself (comprehensions, lambdas) left out."""
    read: set[str] = set()
    bound: set[str] = set()
    for child in ast.walk(node):
        if isinstance(child, ast.Name):
            (read if isinstance(child.ctx, ast.Load) else bound).add(child.id)
        elif isinstance(child, ast.arg):
            bound.add(child.arg)
    return frozenset(read - bound)


def gather(source: Source, tests: Iterable[ast.AST], elsewhere: Elsewhere | None = None) -> Pool:
    """Collect the ingredients of a file, and of the syntax of the failing tests."""
    pool = Pool(elsewhere=elsewhere or Elsewhere())
    _globals(source, pool)
    for node in ast.walk(source.tree):
        _take(source, node, pool)
    for test in tests:
        for node in ast.walk(test):
            if isinstance(node, ast.Constant):
                if isinstance(node.value, str) and len(node.value) <= _LONG:
                    pool.test_strings[node.value] += 1
                elif type(node.value) in (int, float):
                    pool.test_numbers[repr(node.value)] += 1
    _statements(source, pool)
    pool.expressions = unique(pool.expressions)
    pool.conditions = unique(pool.conditions)
    pool.iterables = unique(pool.iterables)
    pool.moduli = unique(pool.moduli)
    return pool


def unique(found: list[Ingredient]) -> list[Ingredient]:
    seen: dict[str, Ingredient] = {}
    for one in found:
        seen.setdefault(one.text, one)
    return list(seen.values())


def _globals(source: Source, pool: Pool) -> None:
    for node in ast.walk(source.tree):
        if isinstance(node, Function):
            args = node.args
            pool.parameters[node.name] = [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
    for statement in source.tree.body:
        if isinstance(statement, Function | ast.ClassDef):
            pool.globals.append(statement.name)
            pool.callables.append(statement.name)
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                pool.globals.append(node.id)
            elif isinstance(node, ast.alias):
                pool.globals.append((node.asname or node.name).split(".")[0])
    pool.globals = list(dict.fromkeys(pool.globals))


def _statements(source: Source, pool: Pool) -> None:
    nodes = list(ast.walk(source.tree))
    indexed = [n for n in nodes if isinstance(n, ast.Subscript)]
    pool.subscripted = frozenset(n.value.id for n in indexed if isinstance(n.value, ast.Name))
    owned = [n for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)]
    read = {n.attr for n in nodes if isinstance(n, ast.Attribute) and not isinstance(n.ctx, ast.Store)}
    stored = [n.attr for n in owned if isinstance(n.ctx, ast.Store)]
    pool.stored = frozenset(stored)
    pool.unread = tuple(dict.fromkeys(attr for attr in stored if attr not in read))
    asked = [
        c
        for n in nodes
        if isinstance(n, ast.Compare) and isinstance(n.ops[0], ast.In | ast.NotIn)
        for c in n.comparators
    ]
    gone = [n.iter for n in nodes if isinstance(n, ast.For | ast.comprehension)]
    set_ = [n for n in nodes if isinstance(n, ast.Assign)]
    kept = [t for n in set_ if isinstance(n.value, ast.Dict | ast.List) for t in n.targets]
    pool.tables = pool.subscripted | {n.id for n in (*asked, *gone, *kept) if isinstance(n, ast.Name)}
    truths = [n for n in set_ if isinstance(n.value, ast.Constant) and isinstance(n.value.value, bool)]
    pool.truths = tuple(dict.fromkeys(t.attr for n in truths for t in n.targets if isinstance(t, ast.Attribute)))
    pool.places = frozenset(n.slice.id for n in indexed if isinstance(n.slice, ast.Name))
    short = (n for f in source.units for n in ast.walk(f.node) if isinstance(n, ast.Assign | ast.AugAssign | ast.Expr))
    pool.statements = [n for n in short if n.lineno == n.end_lineno and len(source.of(n)) <= _LONG]


def _take(source: Source, node: ast.AST, pool: Pool) -> None:
    if isinstance(node, ast.Attribute):
        pool.attributes[node.attr] += 1
        if isinstance(node.value, ast.Name):
            pool.by_base.setdefault(node.value.id, Counter())[node.attr] += 1
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str) and len(node.value) <= _LONG:
            pool.strings[node.value] += 1
        elif type(node.value) in (int, float):
            pool.numbers[repr(node.value)] += 1
    elif isinstance(node, ast.Call):
        name = called(node)
        if isinstance(node.func, ast.Attribute):
            pool.methods[node.func.attr] += 1
        for keyword in node.keywords:
            if keyword.arg and name:
                text = f"{keyword.arg}={source.of(keyword.value)}"
                pool.keywords.setdefault(name, Counter())[text] += 1
    elif isinstance(node, ast.ExceptHandler) and node.type is not None:
        pool.exceptions[source.of(node.type)] += 1
    elif isinstance(node, ast.Raise) and node.exc is not None:
        pool.exceptions[source.of(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)] += 1
    elif isinstance(node, Function | ast.ClassDef):
        for decorator in node.decorator_list:
            pool.decorators[source.of(decorator)] += 1
    _conditions(source, node, pool)
    if isinstance(node, ast.expr) and not isinstance(node, ast.Constant | ast.Name | ast.Starred | ast.Slice):
        _expression(source, node, pool.expressions)


def called(node: ast.Call) -> str:
    """The last name of what is called, "" where it has none."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _conditions(source: Source, node: ast.AST, pool: Pool) -> None:
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        _expression(source, node.test, pool.conditions)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            _expression(source, value, pool.conditions)
    elif isinstance(node, ast.For | ast.comprehension):
        _expression(source, node.iter, pool.iterables)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and not isinstance(node.left, ast.Constant):
        _expression(source, node.right, pool.moduli)


def _expression(source: Source, node: ast.expr, into: list[Ingredient]) -> None:
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        return
    try:
        text = source.of(node)
    except IndexError:
        return
    if len(text) <= _LONG and "\n" not in text:
        into.append(Ingredient(text, names_of(node), node.lineno))
