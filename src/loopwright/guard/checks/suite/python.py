"""Compares two versions of a Python test file: what of the old one's demands is gone or weaker in the new one."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from loopwright.core.fact import Fact
from loopwright.guard.checks.suite.assertions import Assertion, assertions, strength

_SKIPS = frozenset({"skip", "skipif", "xfail", "skipIf", "skipUnless", "expectedFailure", "skipTest", "SkipTest"})
_SKIPS_BY_CALL = _SKIPS | {"importorskip", "exit"}
_SWALLOWED = frozenset({"AssertionError", "Exception", "BaseException"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Weakening(Fact, frozen=True):
    """One demand that is gone or weaker; `changed` where it is merely another one, neither weaker nor stronger."""

    line: int
    reason: str
    changed: bool = False


def functions(source: str) -> dict[str, Function]:
    """Functions by their dotted place, the last of several with one name. Raises SyntaxError."""
    return dict(_functions(ast.parse(source), ""))


def bodies(source: str) -> frozenset[str]:
    """The bodies of all functions, by which one that was moved or renamed is known again."""
    try:
        return frozenset(body(node) for node in functions(source).values())
    except SyntaxError:
        return frozenset()


def weakenings(before: str, after: str, elsewhere: frozenset[str] = frozenset()) -> tuple[Weakening, ...]:
    """Return what is weaker; `elsewhere` are bodies of functions in the change's other files."""
    try:
        old = functions(before)
    except SyntaxError:
        return ()
    try:
        tree = ast.parse(after)
    except (SyntaxError, ValueError):
        return (Weakening(1, "the file no longer parses"),)
    new = dict(_functions(tree, ""))
    known = elsewhere | bodies(after)
    found = [*_deleted(old, new, known), *_shadowed(before, tree), *_module_skips(ast.parse(before), tree)]
    for name, function in new.items():
        if name in old and _is_test(name):
            found += _compare(name, old[name], function)
        elif name in old and name.split(".")[-1] not in ("setUp", "tearDown"):
            found += _swallows(name, old[name], function)
    return tuple(found)


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{child.name}", child
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.If | ast.Try | ast.With):
            yield from _functions(child, prefix)


def _is_test(name: str) -> bool:
    return name.split(".")[-1].lower().startswith("test")


def body(node: Function) -> str:
    """What a function does, apart from its name, place and decorators."""
    return "".join(ast.dump(statement) for statement in node.body)


def _deleted(old: dict[str, Function], new: dict[str, Function], known: frozenset[str]) -> Iterator[Weakening]:
    for name, function in old.items():
        if name not in new and _is_test(name) and body(function) not in known:
            yield Weakening(1, f"test {name} was deleted")


def _shadowed(before: str, tree: ast.Module) -> Iterator[Weakening]:
    was = Counter(name for name, _ in _functions(ast.parse(before), ""))
    now = Counter(name for name, _ in _functions(tree, ""))
    for name, times in now.items():
        if _is_test(name) and times > max(1, was[name]):
            line = [node for other, node in _functions(tree, "") if other == name][-1].lineno
            yield Weakening(line, f"test {name} is hidden by a second definition of it")


def _module_skips(before: ast.Module, after: ast.Module) -> Iterator[Weakening]:
    """Marks and skips outside every function, classes' own included."""
    for node, was in ((after, Counter(_outer_skips(before))),):
        for word, line in _outer_skip_places(node):
            if was[word]:
                was[word] -= 1
            else:
                yield Weakening(line, f"{word} was added for a whole module or class")


def _outer_skips(tree: ast.Module) -> list[str]:
    return [word for word, _ in _outer_skip_places(tree)]


def _outer_skip_places(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        name = child.attr if isinstance(child, ast.Attribute) else child.id if isinstance(child, ast.Name) else ""
        if name in _SKIPS_BY_CALL or name in ("__test__", "__unittest_skip__", "collect_ignore", "collect_ignore_glob"):
            yield name, getattr(child, "lineno", 1)
        yield from _outer_skip_places(child)


def _compare(name: str, old: Function, new: Function) -> Iterator[Weakening]:
    yield from _skips(name, old, new)
    yield from _swallows(name, old, new)
    yield from _cases(name, old, new)
    was, now = list(assertions(old)), list(assertions(new))
    gone = list((Counter(was) - Counter(now)).elements())
    come = list((Counter(now) - Counter(was)).elements())
    if len(now) < len(was):
        yield Weakening(new.lineno, f"test {name} asserts {len(now)} things where it asserted {len(was)}")
        return
    for lost in gone:
        yield _replaced(name, lost, come.pop(0) if come else None, new.lineno)


def _replaced(name: str, lost: Assertion, gained: Assertion | None, line: int) -> Weakening:
    if gained is None:
        return Weakening(line, f"test {name} no longer asserts: {lost.text}")
    if strength(gained) < strength(lost):
        return Weakening(gained.line, f"test {name} asserts less: {lost.text} became {gained.text}")
    return Weakening(gained.line, f"test {name} asserts something else: {lost.text} became {gained.text}", changed=True)


def _skips(name: str, old: Function, new: Function) -> Iterator[Weakening]:
    was, now = Counter(_skip_words(old)), Counter(_skip_words(new))
    for word in now - was:
        yield Weakening(new.lineno, f"{word} was added to test {name}")
    if _returns_first(new) and not _returns_first(old):
        yield Weakening(new.lineno, f"test {name} returns before it asserts anything")


def _skip_words(function: Function) -> Iterator[str]:
    for node in ast.walk(function):
        word = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if word in _SKIPS_BY_CALL:
            yield word


def _returns_first(function: Function) -> bool:
    return any(isinstance(s, ast.Return) for s in function.body[:-1]) or (
        bool(function.body)
        and isinstance(function.body[0], ast.If)
        and any(isinstance(s, ast.Return) for s in function.body[0].body)
    )


def _swallows(name: str, old: Function, new: Function) -> Iterator[Weakening]:
    if _swallowing(new) > _swallowing(old):
        yield Weakening(new.lineno, f"{name} now swallows failed assertions")


def _swallowing(function: Function) -> int:
    return sum(1 for node in ast.walk(function) if _swallows_all(node))


def _swallows_all(node: ast.AST) -> bool:
    if isinstance(node, ast.ExceptHandler):
        caught = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} if node.type else _SWALLOWED
        return bool(caught & _SWALLOWED) and not any(isinstance(n, ast.Raise) for n in ast.walk(node))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
        called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        return called == "suppress" and any(isinstance(a, ast.Name) and a.id in _SWALLOWED for a in node.args)
    return False


def _cases(name: str, old: Function, new: Function) -> Iterator[Weakening]:
    was, now = _case_count(old), _case_count(new)
    if now < was:
        yield Weakening(new.lineno, f"test {name} has {now} cases where it had {was}")


def _case_count(function: Function) -> int:
    total = 0
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("parametrize"):
            values = decorator.args[1] if len(decorator.args) > 1 else None
            total += len(values.elts) if isinstance(values, ast.List | ast.Tuple) else 0
    return total
