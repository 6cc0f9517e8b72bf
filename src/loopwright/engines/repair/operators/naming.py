"""Edits of names: another variable, attribute, method, exception, decorator."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from loopwright.engines.repair.site import Edit, Site
from loopwright.engines.repair.source import Function

#: Methods and functions that are mistaken for each other: opposite sides, opposite ends, in place or not.
FAMILIES: tuple[tuple[str, ...], ...] = (
    ("lower", "upper", "casefold", "title", "capitalize", "swapcase"),
    ("strip", "lstrip", "rstrip"),
    ("find", "rfind", "index", "rindex"),
    ("split", "rsplit", "splitlines"),
    ("partition", "rpartition"),
    ("ljust", "rjust", "center", "zfill"),
    ("startswith", "endswith"),
    ("removeprefix", "removesuffix"),
    ("encode", "decode"),
    ("isdigit", "isalpha", "isalnum", "isnumeric", "isdecimal", "isspace", "isupper", "islower"),
    ("append", "extend", "add", "insert", "appendleft", "extendleft", "update"),
    ("pop", "popleft", "popitem", "remove", "discard"),
    ("keys", "values", "items"),
    ("get", "setdefault"),
    ("union", "intersection", "difference", "symmetric_difference"),
    ("difference", "difference_update"),
    ("intersection", "intersection_update"),
    ("symmetric_difference", "symmetric_difference_update"),
    ("union", "update"),
    ("issubset", "issuperset", "isdisjoint"),
    ("min", "max", "sum", "len"),
    ("any", "all"),
    ("sorted", "reversed", "list", "tuple", "set", "frozenset"),
    ("int", "float", "str", "round", "bool", "repr"),
    ("floor", "ceil", "trunc"),
    ("match", "search", "fullmatch", "findall"),
    ("sub", "subn"),
    ("start", "end", "span"),
    ("group", "groups", "groupdict"),
    ("isinstance", "issubclass"),
    ("getattr", "hasattr", "setattr"),
    ("bisect_left", "bisect_right", "bisect"),
    ("heappush", "heappop", "heappushpop", "heapreplace"),
    ("permutations", "combinations", "product"),
    ("abs", "round", "int"),
    ("ord", "chr"),
    ("read", "readline", "readlines"),
    ("sin", "cos", "tan"),
    ("log", "log2", "log10"),
    ("islice", "takewhile", "dropwhile"),
    ("dirname", "basename"),
    ("glob", "rglob"),
    ("staticmethod", "classmethod", "property"),
)
BUILTIN_ERRORS = (
    "ValueError", "TypeError", "KeyError", "IndexError", "AttributeError", "LookupError", "Exception", "StopIteration",
    "ImportError", "RuntimeError", "OSError", "NameError", "ZeroDivisionError", "ArithmeticError", "OverflowError",
    "UnicodeDecodeError", "UnicodeEncodeError", "UnicodeError", "NotImplementedError", "FileNotFoundError",
    "AssertionError", "RecursionError", "EOFError", "ModuleNotFoundError",
)  # fmt: skip
_PLAIN = 8  # names that stand in the place of an expression
_LOST = 0.1  # share of a collection in the place of one that nothing would read any more
_INNERMOST = 1.7  # share of what the innermost loop goes through
_UNREAD = 4  # share of a name that is set and never used


def family(word: str) -> list[str]:
    """Words that may be meant by this one."""
    found: list[str] = []
    for words in FAMILIES:
        if word in words:
            found += [w for w in words if w != word and w not in found]
    return found


def variable(site: Site) -> Iterator[Edit]:
    """Another name in scope."""
    node = site.node
    if not isinstance(node, ast.Name) or isinstance(node.ctx, ast.Del):
        return
    for rank, word in enumerate(family(node.id)):
        opposite = {node.id, word} == {"min", "max"}
        yield site.put("min-max" if opposite else "similar-name", word, 1.0 if opposite else 1 / (1 + rank))
    calls = isinstance(site.parent, ast.Call) and site.parent.func is node
    local = [name for name in site.scope.locals if name != node.id and not _twin(site, name)]
    if isinstance(node.ctx, ast.Store):
        for rank, name in enumerate(local):
            counted = isinstance(site.parent, ast.AugAssign) and isinstance(site.parent.value, ast.Constant)
            yield site.put("target", name, (2.5 if counted else 1) / (1 + rank / 4))
        for name in site.scope.unset:
            yield site.put("unset-target", name)
        if "self" in local and node.id in site.scope.unread and node.id in site.pool.by_base.get("self", ()):
            yield site.put("own-target", f"self.{node.id}")
        return
    if not calls:
        loop = next((p for p in reversed(site.parents) if isinstance(p, ast.For)), None)
        inner = {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)} if loop is not None else set()
        for rank, name in enumerate(local):
            meant = 2.0 if _alike(name, node.id) else 1.0
            meant *= _INNERMOST if name in inner else 1.0
            share = _UNREAD if name in site.scope.unread else meant / (1 + rank / 4)
            lost = node.id in site.scope.read_once and name in site.scope.unread_tables  # one goes unread for another
            kind = "unread-name" if name in site.scope.unread_tables and not lost else "variable"
            yield site.put(kind, name, share * _LOST if lost else share)
    names = site.pool.callables if calls else site.pool.globals
    for rank, name in enumerate(n for n in names if n != node.id and n not in local):
        yield site.put("global-name", name, (3 if _alike(name, node.id) else 1) / (1 + rank / 10))
    if not calls:
        owners = [n for n in site.scope.near(site.line) if n != "self" and node.id in site.pool.by_base.get(n, ())]
        for rank, name in enumerate(owners):
            yield site.put("owned", f"{name}.{node.id}", 1 / (1 + rank / 2))
    if not calls and "self" in local:
        for rank, name in enumerate(site.pool.by_base.get("self", ())):
            yield site.put("variable-to-attribute", f"self.{name}", 5.0 if name == node.id else 1 / (1 + rank / 4))


def plain(site: Site) -> Iterator[Edit]:
    """A name in the place of a call, an entry or an attribute."""
    node = site.node
    if not isinstance(node, ast.Call | ast.Subscript | ast.Attribute) or isinstance(
        site.parent, ast.Expr | ast.Attribute
    ):
        return
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load) or _called(site):
        return
    for rank, name in enumerate(site.scope.near(site.line)[:_PLAIN]):
        yield site.put("to-name", name, (_UNREAD if name in site.scope.unread else 1) / (1 + rank / 3))


def _twin(site: Site, name: str) -> bool:
    """True where the name is the other side of a comparison or operation already: `a - a` is never meant."""
    parent = site.parent
    if isinstance(parent, ast.Compare):
        sides: list[ast.expr] = [parent.left, *parent.comparators]
    elif isinstance(parent, ast.BinOp) and not isinstance(parent.op, ast.Add | ast.Mult):
        sides = [parent.left, parent.right]
    else:
        return False
    return any(isinstance(side, ast.Name) and side.id == name for side in sides)


def _alike(one: str, two: str) -> bool:
    return one[:3] == two[:3] or one[-3:] == two[-3:] or one in two or two in one


def attribute(site: Site) -> Iterator[Edit]:
    """Another attribute or method of the same value, or of another name."""
    node = site.node
    if not isinstance(node, ast.Attribute):
        return
    end = site.source.span(node)[1]
    start = end - len(node.attr)
    if site.source.text[start:end] != node.attr:
        return
    for rank, word in enumerate(family(node.attr)):
        yield site.splice("similar-method", start, end, word, 1 / (1 + rank))
    calls = isinstance(site.parent, ast.Call) and site.parent.func is node
    seen = {node.attr}
    base = list(site.pool.by_base.get(node.value.id, ())) if isinstance(node.value, ast.Name) else []
    for other, weight in (*((o, 2.0) for o in base), *((o, 1.0) for o in site.pool.attributes)):
        if other in seen or calls != (other in site.pool.methods):
            continue
        seen.add(other)
        yield site.splice("attribute", start, end, other, weight * (3 if _alike(other, node.attr) else 1))
    if not calls and isinstance(node.ctx, ast.Load):
        yield site.put("drop-attribute", site.atom(node.value))


def add_attribute(site: Site) -> Iterator[Edit]:
    """`node` becomes `node.next`, with attributes seen on that name."""
    node = site.node
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and not isinstance(site.parent, ast.Attribute):
        for other in site.pool.by_base.get(node.id, ()):
            called = other in site.pool.methods
            if called and isinstance(site.parent, ast.Call):
                continue
            yield site.put("add-attribute", f"{node.id}.{other}" + ("()" if called else ""))
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and not _called(site):
        for rank, other in enumerate([node.attr, *site.pool.attributes]):
            if other not in site.pool.methods and (rank == 0 or other != node.attr):
                yield site.put("add-attribute", f"{site.of(node)}.{other}", 0.5 / (1 + rank))


def _called(site: Site) -> bool:
    return isinstance(site.parent, ast.Call) and site.parent.func is site.node


def handled(site: Site) -> Iterator[Edit]:
    """Another exception caught or raised."""
    node = site.node
    caught = isinstance(node, ast.ExceptHandler)
    if isinstance(node, ast.ExceptHandler):
        target: ast.AST | None = node.type
    elif isinstance(node, ast.Raise):
        target = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    else:
        return
    if target is None:
        return
    written, seen = site.of(target), {site.of(target)}
    for rank, name in enumerate((*site.pool.exceptions, *BUILTIN_ERRORS)):
        if name not in seen:
            seen.add(name)
            yield site.put("exception", name, 1 / (1 + rank / 3), node=target)
    if caught and written != "Exception":
        for name in ("(KeyError, IndexError)", "(TypeError, ValueError)", "(AttributeError, TypeError)"):
            yield site.put("exception", name, 0.2, node=target)


def decorator(site: Site) -> Iterator[Edit]:
    """A decorator put on, taken off or exchanged."""
    node = site.node
    if not isinstance(node, Function):
        return
    method = any(isinstance(p, ast.ClassDef) for p in site.parents[-1:])
    first = node.args.args[0].arg if node.args.args else ""
    usual = ["property", "staticmethod", "classmethod"] if method else ["contextmanager"]
    words = list(dict.fromkeys([*site.pool.decorators, *usual]))
    have = {site.of(d) for d in node.decorator_list}
    known = {*site.pool.globals, *site.pool.builtins}
    fitting = [w for w in words if w not in have and re.split(r"\W", w)[0] in known and _sensible(w, first, method)]
    for rank, word in enumerate(fitting):
        likely = (word == "classmethod" and first == "cls") or (word == "staticmethod" and first != "self")
        yield site.insert_before("add-decorator", node, f"@{word}", (3 if likely else 1) / (1 + rank / 4))
    for one in node.decorator_list:
        line = one.lineno
        start = site.source.offset(line, 0)
        end = site.source.offset(one.end_lineno or line, 0) + len(site.source.lines[(one.end_lineno or line) - 1])
        yield site.splice("drop-decorator", start, end, "")


def _sensible(word: str, first: str, method: bool) -> bool:
    if word in ("property", "cached_property", "functools.cached_property"):
        return method and first == "self"
    return method or word not in ("staticmethod", "classmethod", "property")
