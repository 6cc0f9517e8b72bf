"""Python source as a tree for the safety checks."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from loopwright.guard.checks.safety.flow import tree as t

_OPERATORS = {
    "Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**", "LShift": "<<",
    "RShift": ">>", "BitXor": "^", "BitOr": "|", "BitAnd": "&", "Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=",
    "Eq": "==", "NotEq": "!=", "In": "in", "NotIn": "not in", "Is": "is", "IsNot": "is not",
}  # fmt: skip


class Unreadable(ValueError):
    """The source has no tree; `line` is where its syntax fails."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


def parse(text: str) -> list[t.Node]:
    """Return the statements of a module. Raises Unreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        return _block(tree.body)
    except SyntaxError as wrong:
        raise Unreadable(wrong.msg or "syntax error", wrong.lineno or 1) from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as wrong:
        raise Unreadable(f"it cannot be parsed: {wrong}"[:120], 1) from None


def _block(body: Iterable[ast.AST]) -> list[t.Node]:
    return [lower(node) for node in body]


def lower(node: ast.AST) -> t.Node:
    """Return one syntax node as a node of the checks' tree."""
    make = _MAKERS.get(type(node))
    if make is not None:
        return make(node)
    parts = [lower(c) for c in ast.iter_child_nodes(node) if isinstance(c, (ast.expr, ast.stmt))]
    return t.Several(getattr(node, "lineno", 0), parts)


def _maybe(node: ast.AST | None) -> t.Node | None:
    return None if node is None else lower(node)


def _call(node: ast.Call) -> t.Node:
    args = [lower(a) for a in node.args]
    return t.Call(node.lineno, lower(node.func), args, [(k.arg or "", lower(k.value)) for k in node.keywords])


def _binary(node: ast.BinOp) -> t.Node:
    # A long sum nests to the left as deep as it has terms.
    chain: list[ast.BinOp] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp):
        chain.append(left)
        left = left.left
    made = lower(left)
    if len(chain) > t.LONGEST_CHAIN:
        parts = [made, *(lower(each.right) for each in reversed(chain))]
        joins = all(isinstance(each.op, ast.Add) for each in chain)
        return t.Text(node.lineno, parts) if joins else t.Several(node.lineno, parts)
    for each in reversed(chain):
        made = t.Op(each.lineno, _OPERATORS.get(type(each.op).__name__, "@"), made, lower(each.right))
    return made


def _assigned(node: ast.Assign) -> t.Node:
    value = lower(node.value)
    if isinstance(value, t.Func) and isinstance(node.targets[0], ast.Name):
        value.name = node.targets[0].id  # a lambda that may call itself by the name it is given
    return t.Assign(node.lineno, [lower(x) for x in node.targets], value)


def _compare(node: ast.Compare) -> t.Node:
    if len(node.ops) == 1:
        operator = _OPERATORS[type(node.ops[0]).__name__]
        return t.Op(node.lineno, operator, lower(node.left), lower(node.comparators[0]))
    held = [lower(each) for each in (node.left, *node.comparators)]
    pairs = zip(node.ops, held, held[1:], strict=False)
    made: list[t.Node] = [t.Op(node.lineno, _OPERATORS[type(op).__name__], left, right) for op, left, right in pairs]
    return t.Choice(node.lineno, made[0], made[1:], "and")


def _unary(node: ast.UnaryOp) -> t.Node:
    operand = lower(node.operand)
    if isinstance(node.op, ast.USub):
        return t.Op(node.lineno, "-", t.Const(node.lineno, 0), operand)
    if isinstance(node.op, ast.Not):
        return t.Op(
            node.lineno, "not", operand, operand if isinstance(operand, t.Const) else t.Const(node.lineno, None)
        )
    return operand


def _piece(node: ast.AST) -> t.Node:
    """A part of a template; `{x!r}` asks for the `repr` of it."""
    if not isinstance(node, ast.FormattedValue):
        return lower(node)
    value = lower(node.value)
    return t.Call(node.lineno, t.Name(node.lineno, "repr"), [value]) if node.conversion == ord("r") else value


def _subscript(node: ast.Subscript) -> t.Node:
    if isinstance(node.slice, ast.Slice):
        step = node.slice.step
        backwards = isinstance(step, ast.UnaryOp) and isinstance(step.op, ast.USub)
        bounds = (node.slice.lower, node.slice.upper)
        parts = [lower(p) if p is not None else t.Const(node.lineno, None) for p in bounds]
        if step is not None and not backwards:
            parts.append(lower(step))
        key: t.Node = t.Name(node.lineno, "[::-1]") if backwards else t.Several(node.lineno, parts)
        return t.Op(node.lineno, "[::-1]" if backwards else "[:]", lower(node.value), key)
    return t.Index(node.lineno, lower(node.value), lower(node.slice))


def _comprehension(node: Any) -> t.Node:
    loops = [(lower(g.target), lower(g.iter)) for g in node.generators]
    tests = [lower(test) for g in node.generators for test in g.ifs]
    if isinstance(node, ast.DictComp):
        element: t.Node = t.Group(node.lineno, [lower(node.key), lower(node.value)])
    else:
        element = lower(node.elt)
    lazy, hashed = isinstance(node, ast.GeneratorExp), isinstance(node, (ast.SetComp, ast.DictComp))
    return t.Comprehension(node.lineno, loops, tests, element, lazy, hashed)


def _function(node: Any) -> t.Node:
    args = node.args
    positional = [*args.posonlyargs, *args.args]
    names = [a.arg for a in (*positional, *args.kwonlyargs)]
    defaults = dict(
        zip([a.arg for a in positional][len(positional) - len(args.defaults) :], args.defaults, strict=False)
    )
    defaults |= {a.arg: d for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d is not None}
    names += [a.arg for a in (args.vararg, args.kwarg) if a is not None]
    rest = args.vararg.arg if args.vararg is not None else ""
    if args.vararg is not None:  # it comes after those by position
        names.insert(len(positional), names.pop(names.index(rest)))
    if isinstance(node, ast.Lambda):
        body: list[t.Node] = [t.Leave(node.lineno, "return", lower(node.body))]
        return t.Func(node.lineno, "", names, body, [], {k: lower(v) for k, v in defaults.items()}, "", rest)
    marks = _block(node.decorator_list)
    lowered = {k: lower(v) for k, v in defaults.items()}
    body = _block(node.body)
    later = isinstance(node, ast.AsyncFunctionDef) or t.gives(body)
    return t.Func(node.lineno, node.name, names, body, marks, lowered, "", rest, later)


def _class(node: ast.ClassDef) -> t.Node:
    body = _block(node.body)
    for each in body:
        if isinstance(each, t.Func):
            each.owner = node.name
    bases = [*_block(node.bases), *(lower(k.value) for k in node.keywords)]
    return t.Class(node.lineno, node.name, bases, body, _block(node.decorator_list))


def _import(node: ast.Import) -> t.Node:
    made: list[t.Node] = []
    for alias in node.names:
        local = alias.asname or alias.name.split(".")[0]
        module = alias.name if alias.asname else alias.name.split(".")[0]
        made.append(t.Import(node.lineno, module, [(local, "")]))
        if module != alias.name:
            made.append(t.Import(node.lineno, alias.name, []))
    return made[0] if len(made) == 1 else t.Block(node.lineno, made)


def _import_from(node: ast.ImportFrom) -> t.Node:
    names = [(a.asname or a.name, a.name) for a in node.names]
    return t.Import(node.lineno, node.module or "", names, node.level > 0)


def _with(node: Any) -> t.Node:
    made: list[t.Node] = []
    held: list[t.Node] = []
    for item in node.items:
        value = lower(item.context_expr)
        if item.optional_vars is not None:
            made.append(t.Assign(node.lineno, [lower(item.optional_vars)], value))
        elif isinstance(value, (t.Name, t.Attr)):
            held.append(value)
        else:
            made.append(value)
    return t.Block(node.lineno, made + _block(node.body), held)


def _for(node: Any) -> t.Node:
    over: t.Node = lower(node.iter)
    if isinstance(node, ast.AsyncFor):
        over = t.Pause(node.lineno, over)
    return t.Loop(node.lineno, None, lower(node.target), over, _block(node.body), None, _block(node.orelse))


def _match(node: ast.Match) -> t.Node:
    return t.Branch(node.lineno, [lower(node.subject)], [_block(c.body) for c in node.cases])


def _try(node: Any) -> t.Node:
    rescue = [_block(h.body) for h in node.handlers]
    whatever = any(
        h.type is None or (isinstance(h.type, ast.Name) and h.type.id in ("Exception", "BaseException"))
        for h in node.handlers
    )
    return t.Try(node.lineno, _block(node.body), rescue, _block([*node.orelse, *node.finalbody]), whatever)


def _annotated(node: ast.AnnAssign) -> t.Node:
    if node.value is None:
        return t.Several(node.lineno, [])
    return t.Assign(node.lineno, [lower(node.target)], lower(node.value))


def _augmented(node: ast.AugAssign) -> t.Node:
    operator = _OPERATORS.get(type(node.op).__name__, "@")
    return t.Assign(node.lineno, [lower(node.target)], lower(node.value), operator)


_MAKERS: dict[type[ast.AST], Callable[[Any], t.Node]] = {
    ast.Constant: lambda n: t.Const(n.lineno, n.value),
    ast.Name: lambda n: t.Name(n.lineno, n.id),
    ast.Attribute: lambda n: t.Attr(n.end_lineno or n.lineno, lower(n.value), n.attr),
    ast.Call: _call,
    ast.BinOp: _binary,
    ast.Compare: _compare,
    ast.UnaryOp: _unary,
    ast.Subscript: _subscript,
    ast.BoolOp: lambda n: t.Choice(
        n.lineno, lower(n.values[0]), [lower(v) for v in n.values[1:]], type(n.op).__name__.lower()
    ),
    ast.Global: lambda n: t.Shared(n.lineno, n.names),
    ast.Nonlocal: lambda n: t.Shared(n.lineno, n.names),
    ast.IfExp: lambda n: t.Choice(n.lineno, lower(n.test), [lower(n.body), lower(n.orelse)]),
    ast.JoinedStr: lambda n: t.Text(n.lineno, [_piece(v) for v in n.values]),
    ast.List: lambda n: t.Group(n.lineno, [lower(e) for e in n.elts]),
    ast.Tuple: lambda n: t.Group(n.lineno, [lower(e) for e in n.elts]),
    ast.Set: lambda n: t.Group(n.lineno, [lower(e) for e in n.elts]),
    ast.Dict: lambda n: t.Table(n.lineno, [(_maybe(k), lower(v)) for k, v in zip(n.keys, n.values, strict=True)]),
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.Starred: lambda n: t.Call(n.lineno, t.Name(n.lineno, "%spread"), [lower(n.value)]),
    ast.Await: lambda n: t.Pause(n.lineno, lower(n.value)),
    ast.Yield: lambda n: t.Pause(n.lineno, _maybe(n.value), True),
    ast.YieldFrom: lambda n: t.Pause(n.lineno, lower(n.value), True),
    ast.NamedExpr: lambda n: t.Assign(n.lineno, [lower(n.target)], lower(n.value)),
    ast.Lambda: _function,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Expr: lambda n: lower(n.value),
    ast.Assign: _assigned,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Delete: lambda n: t.Assign(n.lineno, [lower(x) for x in n.targets], t.Const(n.lineno, None), "del"),
    ast.Return: lambda n: t.Leave(n.lineno, "return", _maybe(n.value)),
    ast.Raise: lambda n: t.Leave(n.lineno, "raise", _maybe(n.exc)),
    ast.Assert: lambda n: t.Several(n.lineno, [lower(n.test), *([lower(n.msg)] if n.msg else [])]),
    ast.Break: lambda n: t.Leave(n.lineno, "break"),
    ast.Continue: lambda n: t.Leave(n.lineno, "continue"),
    ast.If: lambda n: t.Branch(n.lineno, [lower(n.test)], [_block(n.body), _block(n.orelse)]),
    ast.While: lambda n: t.Loop(n.lineno, lower(n.test), None, None, _block(n.body), None, _block(n.orelse)),
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Match: _match,
    ast.Try: _try,
    ast.TryStar: _try,
}
