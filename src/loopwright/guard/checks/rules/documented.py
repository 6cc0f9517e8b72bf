"""Documentation and type annotations of what a change defines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.guard import grammar
from loopwright.guard.checks.rules.delta import Delta, File, finding, is_test
from loopwright.guard.checks.rules.parse import parse

_EXPORTED = expression(
    r"^export\s+(?:default\s+)?(?:async\s+)?(?:function\s*\*?|class|interface|abstract class)\s+(\w+)|"
    r"^export\s+const\s+(\w+)\s*(?::[^=]+)?=\s*(?:async\s*)?(?:\([^)]*\)|\w+)\s*(?::[^=]+)?=>"
)
_GO = expression(r"^(?:func\s+(?:\([^)]*\)\s*)?|type\s+)([A-Z]\w*)")
_RUST = expression(r"^\s*pub\s+(?:async\s+)?(?:fn|struct|enum|trait)\s+(\w+)")
_JAVA = expression(
    r"^\s*public\s+(?:static\s+|final\s+|abstract\s+)*(?:class|interface|[\w<>\[\], ]+\s)\s*(\w+)\s*[({]"
)
_CSHARP = expression(
    r"^\s*public\s+(?:(?:static|sealed|abstract|virtual|override|async|partial|readonly)\s+)*"
    r"(?:(?:class|interface|struct|record|enum)\s+(\w+)|[\w<>\[\], ?.]+\s(\w+)\s*(?:<[^<>]*>)?\()"
)
_PHP = expression(
    r"^\s*(?:(?:final|abstract|readonly)\s+)*(?:class|interface|trait|enum)\s+(\w+)|"
    r"^\s*(?:(?:final|abstract|static)\s+)*public\s+(?:static\s+)?function\s+&?(?!__)(\w+)"
)
_SWIFT = expression(
    r"^\s*(?:public|open)\s+(?:(?:static|final|class|override|mutating)\s+)*(?:func|class|struct|enum|protocol|actor)\s+(\w+)"
)
_KOTLIN = expression(
    r"^(?!\s*(?:private|internal|protected)\b)(?: {4})?(?:(?:public|open|data|sealed|abstract|suspend|inline|"
    r"override)\s+)*"
    r"(?:fun\s+(?:<[^<>]*>\s*)?|class\s+|interface\s+|object\s+)(\w+)"
)
_PUBLIC = {
    "javascript": _EXPORTED,
    "typescript": _EXPORTED,
    "go": _GO,
    "rust": _RUST,
    "java": _JAVA,
    "csharp": _CSHARP,
    "php": _PHP,
    "swift": _SWIFT,
    "kotlin": _KOTLIN,
}


def docstrings(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Public functions and classes that the change adds without documentation."""
    for file in delta.written(rule):
        if is_test(file.path) and rule.params.get("where") != "tests":
            continue
        for line, name in _undocumented(file):
            if line in file.added:
                yield finding(rule, file.path, line, f"`{name}` has no documentation")


def _undocumented(file: File) -> Iterator[tuple[int, str]]:
    if file.language == "python":
        for node in _definitions(file.after):
            if not node.name.startswith("_") and not ast.get_docstring(node):
                yield node.lineno, node.name
        return
    pattern = _PUBLIC.get(file.language)
    lines = file.after.split("\n")
    for number, line in enumerate(lines, 1):
        if pattern and (found := pattern.match(line)):
            above = number - 2
            while above >= 0 and lines[above].lstrip().startswith(("@", "#[", "[")):
                above -= 1
            before = lines[above].strip() if above >= 0 else ""
            if not before.endswith("*/") and not before.startswith(("//", "*")):
                yield number, next(g for g in found.groups() if g)


def _definitions(text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Functions, classes and methods, those nested in functions left out."""
    tree = parse(text)
    if tree is None:
        return
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield node
            pending.extend(node.body)
        elif isinstance(node, ast.If | ast.Try | ast.With):
            pending.extend(ast.iter_child_nodes(node))


def type_annotations(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Functions that the change adds without types."""
    public = rule.params.get("scope") == "public"
    for file in delta.written(rule):
        untyped = (
            _untyped_python(file, public)
            if file.language == "python"
            else _untyped_script(file)
            if file.path.endswith((".ts", ".tsx"))
            else ()
        )
        for line, reason in untyped:
            if line in file.added:
                yield finding(rule, file.path, line, reason)


def _untyped_python(file: File, public: bool) -> Iterator[tuple[int, str]]:
    testing = is_test(file.path)
    for node in _definitions(file.after):
        if isinstance(node, ast.ClassDef) or (public and node.name.startswith("_")):
            continue
        args = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        bare = [a.arg for a in args if a.annotation is None and a.arg not in ("self", "cls")]
        if bare:
            yield node.lineno, f"the parameter `{bare[0]}` of `{node.name}` has no type"
        elif node.returns is None and node.name != "__init__" and not testing:
            yield node.lineno, f"`{node.name}` has no return type"


def _untyped_script(file: File) -> Iterator[tuple[int, str]]:
    root = grammar.parse("tsx" if file.path.endswith(".tsx") else "typescript", file.after)
    for node in grammar.walk(root) if root is not None else ():
        if (
            node.type in ("required_parameter", "optional_parameter")
            and node.parent is not None
            and node.parent.parent is not None
        ):
            owner = node.parent.parent
            if (
                owner.type in ("function_declaration", "method_definition")
                and node.child_by_field_name("type") is None
                and node.child_by_field_name("value") is None
            ):
                yield node.start_point[0] + 1, f"the parameter `{grammar.text_of(node)}` has no type"


_SECTIONS = {
    "google": expression(
        r"^\s*(?:Args|Arguments|Returns|Raises|Yields|Attributes|Example|Examples|Note):\s*$", re.MULTILINE
    ),
    "numpy": expression(
        r"^\s*(?:Parameters|Returns|Raises|Yields|See Also|Notes|Examples|Attributes)\n\s*-{3,}", re.MULTILINE
    ),
    "sphinx": expression(r"^\s*:(?:param|type|returns?|rtype|raises)\b", re.MULTILINE),
}


def docstring_style(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Docstrings of the change that are written in another style's sections."""
    style = str(rule.params.get("style", ""))
    for file in delta.written(rule):
        if file.language != "python":
            continue
        for node in _definitions(file.after):
            text = ast.get_docstring(node) or ""
            other = next((name for name, pattern in _SECTIONS.items() if name != style and pattern.search(text)), "")
            if (
                other
                and style in _SECTIONS
                and not _SECTIONS[style].search(text)
                and any(n in file.added for n in range(node.lineno, (node.body[0].end_lineno or node.lineno) + 1))
            ):
                yield finding(
                    rule,
                    file.path,
                    node.lineno,
                    f"the docstring of `{node.name}` is in {other} style, {style} is asked for",
                )
