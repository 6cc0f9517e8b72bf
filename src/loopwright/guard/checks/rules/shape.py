"""The shape of what a change defines: base classes, decorators, asynchronous twins; and diffs of blanks alone."""

from __future__ import annotations

import ast
import builtins
import difflib
import json
import re
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, File, finding, is_test
from loopwright.guard.checks.rules.parse import parse
from loopwright.guard.policy_directives import strings

Function = ast.FunctionDef | ast.AsyncFunctionDef
_CLASS = expression(
    r"\b(?:class|interface)\s+(\w+)(?:<[^{]*?>)?(?:\s+extends\s+([\w.]+)|\s*:\s*(?:public\s+)?([\w.]+)|\s*\(([\w.]+))?"
)
#: Errors that languages other than Python bring with them: to extend one is not to extend the project's own.
_BUILT_IN = frozenset(
    ("Error", "Throwable", "RuntimeException", "IllegalArgumentException", "IllegalStateException", "IOException",
     "UnsupportedOperationException", "StandardError", "ArgumentError", "ApplicationException", "SystemException",
     "InvalidOperationException", "ArgumentException", "LogicException", "InvalidArgumentException",
     "DomainException", "UnexpectedValueException", "RangeError")
)  # fmt: skip
#: Classes that have data and no behaviour need no twin.
_DATA = frozenset({"Enum", "StrEnum", "IntEnum", "Protocol", "TypedDict", "NamedTuple", "BaseModel", "Exception"})


def class_base(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """New classes of a family that do not name the base."""
    base, suffixes = str(rule.params.get("base", "")), strings(rule, "suffixes")
    for file in delta.written(rule):
        if is_test(file.path) or not file.language:
            continue
        for line, name, bases in _classes(file):
            related = any(
                b == base or (b.endswith(suffixes) and not hasattr(builtins, b) and b not in _BUILT_IN) for b in bases
            )
            if line in file.added and name.endswith(suffixes) and name != base and not related:
                yield finding(rule, file.path, line, f"`{name}` does not inherit {base}")


def _classes(file: File) -> Iterator[tuple[int, str, list[str]]]:
    tree = parse(file.after) if file.language == "python" else None
    if tree is not None:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                yield node.lineno, node.name, [_name(b) for b in node.bases]
    elif file.language != "python":
        for number, text in enumerate(file.after.splitlines(), 1):
            if found := _CLASS.search(text.split("//")[0]):
                yield number, found[1], [g.rpartition(".")[2] for g in found.groups()[1:] if g]


def _name(node: ast.expr) -> str:
    """The last name of an expression: `a.b.C[int](x)` -> C."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def decorated(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """New tests, classes or functions without the decorator."""
    wanted, on = str(rule.params.get("name", "")), rule.params.get("on")
    for file in delta.written(rule):
        tree = parse(file.after) if file.language == "python" else None
        for node in ast.walk(tree) if tree is not None else ():
            if not isinstance(node, ast.ClassDef | Function) or not _meant(node, on, file.path):
                continue
            if node.lineno in file.added and not any(_dotted(d).endswith(wanted) for d in node.decorator_list):
                yield finding(rule, file.path, node.lineno, f"`{node.name}` lacks @{wanted}")


def _meant(node: ast.ClassDef | Function, on: object, path: str) -> bool:
    if on == "classes":
        return isinstance(node, ast.ClassDef) and not is_test(path)
    if on == "tests":
        return isinstance(node, Function) and node.name.startswith("test") and is_test(path)
    return isinstance(node, Function) and not node.name.startswith("_") and not is_test(path)


def _dotted(node: ast.expr) -> str:
    return ast.unparse(node.func if isinstance(node, ast.Call) else node)


def twins(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """New public methods that exist in one of the two forms only."""
    for file in delta.written(rule):
        tree = parse(file.after) if file.language == "python" and not is_test(file.path) else None
        classes = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef)] if tree is not None else []
        methods = {c.name: {m.name: m for m in c.body if isinstance(m, Function)} for c in classes}
        for each in classes:
            if each.name.startswith("_") or any(_name(b) in _DATA for b in each.bases) or each.decorator_list:
                continue
            for name, method in methods[each.name].items():
                twin = methods.get(f"Async{each.name}", {}) | methods.get(each.name.removeprefix("Async"), {})
                if (
                    method.lineno in file.added
                    and _needs_twin(method)
                    and not _has_twin(name, methods[each.name], twin)
                ):
                    yield finding(
                        rule, file.path, method.lineno, f"`{each.name}.{name}` has no variant of the other kind"
                    )


def _needs_twin(method: Function) -> bool:
    return not method.name.startswith("_") and not method.decorator_list


def _has_twin(name: str, own: dict[str, Function], twin: dict[str, Function]) -> bool:
    is_async = isinstance(own[name], ast.AsyncFunctionDef)
    stem = name.removeprefix("async_").removesuffix("_async")
    others = {f"a{name}", f"{name}_async", f"async_{name}", f"{name}_sync", f"sync_{name}", stem}
    if name.startswith("a"):
        others.add(name[1:])
    found = [own[o] for o in others - {name} if o in own]
    if name in twin:
        found.append(twin[name])
    return any(isinstance(other, ast.AsyncFunctionDef) != is_async for other in found)


def noise(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Runs of changed lines that are the same but for the blanks within and after them; outputs of notebooks."""
    if rule.params.get("what") == "notebook_outputs":
        yield from _outputs(rule, delta)
        return
    for file in delta.written(rule):
        if not file.before:
            continue
        old, new = file.before.splitlines(), file.after.splitlines()
        for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if tag == "replace" and _bare(old[a:b]) == _bare(new[c:d]):
                yield finding(rule, file.path, c + 1, "the lines differ in blanks alone")


def _outputs(rule: Directive, delta: Delta) -> Iterator[Finding]:
    for file in delta.written(rule):
        if not file.path.endswith(".ipynb"):
            continue
        try:
            cells = json.loads(file.after).get("cells", [])
        except (ValueError, AttributeError):
            continue
        if any(isinstance(cell, dict) and cell.get("outputs") for cell in cells):
            line = next((n for n, text in enumerate(file.after.split("\n"), 1) if '"output_type"' in text), 1)
            yield finding(rule, file.path, line, "a cell of the notebook holds its output")


def _bare(lines: list[str]) -> str:
    """The text without blanks, but with the indentation of its first line: code that moves in is no noise."""
    indent = len(lines[0]) - len(lines[0].lstrip())
    return f"{indent}:" + re.sub(r"\s+", "", "".join(lines))
