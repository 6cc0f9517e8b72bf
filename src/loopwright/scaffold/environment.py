"""The environment variables that sources read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from loopwright.core.expression import expression
from loopwright.scaffold.project import Variable
from loopwright.scaffold.tree import Tree, table

_NAME = expression(r"[A-Za-z_]\w*")
_SECRET = expression(r"KEY|SECRET|TOKEN|PASS|PWD|CREDENTIAL|DSN|SALT|PRIVATE|://[^/\s]*@", re.IGNORECASE)
#: Variables that a shell or a platform sets by itself.
_SET_ALREADY = frozenset({"HOME", "PATH", "PWD", "USER", "SHELL", "TERM", "CI", "TMPDIR", "LANG", "NO_COLOR"})
_GETTERS = frozenset({"get", "pop", "setdefault"})
_LITERAL = r"(?:'([^'\n]*)'|\"([^\"\n]*)\"|`([^`\n$]*)`|(\d+|true|false)\b)"
_READ = expression(
    r"(?:process\.env|import\.meta\.env|Bun\.env)(?:\.([A-Za-z_]\w*)|\[\s*[\"'`]([A-Za-z_]\w*)[\"'`]\s*\])"
    rf"(?:\s*\)?\s*(?:\|\||\?\?|,)\s*{_LITERAL})?"
)
_TAKEN_APART = expression(r"\{([^{}]*)\}\s*=\s*(?:process|import\.meta)\.env\b")
_TAKEN = expression(rf"([A-Za-z_]\w*)\s*(?::\s*\w+)?\s*(?:=\s*{_LITERAL})?\s*(?:,|$)")


def of_node(tree: Tree, endings: tuple[str, ...]) -> tuple[Variable, ...]:
    """Return the variables that JavaScript and TypeScript read, by name, each once."""
    return _once(found for path in tree.sources(*endings) for found in _in_script(path, tree.read(path)))


def of_python(tree: Tree) -> tuple[Variable, ...]:
    """Return the variables that Python reads, by name, each once. A file that does not parse is left out."""
    return _once(found for path in tree.sources(".py") for found in _in_python(path, tree.read(path)))


def _once(found: Iterable[Variable]) -> tuple[Variable, ...]:
    first: dict[str, Variable] = {}
    for variable in found:
        known = first.get(variable.name)
        if variable.name not in _SET_ALREADY and (known is None or (variable.default and not known.default)):
            first[variable.name] = variable
    return tuple(first[name] for name in sorted(first))


def _shown(name: str, default: object) -> str:
    """The default as it may be shown: a word of one line that is no secret."""
    text = "" if default is None else str(default).lower() if isinstance(default, bool) else str(default)
    return "" if "\n" in text or _SECRET.search(name) or _SECRET.search(text) else text


def _in_script(path: str, text: str) -> Iterator[Variable]:
    for found in _READ.finditer(text):
        name, default = found[1] or found[2], next(filter(None, found.groups()[2:]), None)
        yield Variable(name, path, text.count("\n", 0, found.start()) + 1, _shown(name, default))
    for found in _TAKEN_APART.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        for part in _TAKEN.finditer(found[1]):
            yield Variable(part[1], path, line, _shown(part[1], next(filter(None, part.groups()[1:]), None)))


def _in_python(path: str, text: str) -> Iterator[Variable]:
    if "environ" not in text and "getenv" not in text and "BaseSettings" not in text:
        return
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef) and any(_last(base) == "BaseSettings" for base in node.bases):
            yield from _settings(path, node)
        elif (read := _read(node)) is not None:
            name, default = read
            yield Variable(name, path, getattr(node, "lineno", 1), _shown(name, default))


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _read(node: ast.AST) -> tuple[str, object] | None:
    """The name and default where the node reads a variable that is named in the code."""
    if isinstance(node, ast.Subscript) and _last(node.value) == "environ":
        name = _text(node.slice)
        return (name, None) if name else None
    if not isinstance(node, ast.Call) or not node.args:
        return None
    if not _reads(node.func):
        return None
    name = _text(node.args[0])
    default = node.args[1] if len(node.args) > 1 else None
    return (name, default.value if isinstance(default, ast.Constant) else None) if name else None


def _reads(function: ast.expr) -> bool:
    """True for `getenv` and for `environ.get` and its like."""
    if _last(function) == "getenv":
        return True
    return isinstance(function, ast.Attribute) and _last(function.value) == "environ" and function.attr in _GETTERS


def _text(node: ast.expr) -> str:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""


def _settings(path: str, node: ast.ClassDef) -> Iterator[Variable]:
    """The fields of a pydantic settings class: upper case, after its prefix."""
    prefix = ""
    for inner in ast.walk(node):
        if isinstance(inner, ast.keyword) and inner.arg == "env_prefix":
            prefix = _text(inner.value)
        if isinstance(inner, ast.Assign) and any(_last(t) == "env_prefix" for t in inner.targets):
            prefix = _text(inner.value)
    for field in node.body:
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            name = f"{prefix}{field.target.id}".upper()
            if field.target.id != "model_config":
                default = field.value.value if isinstance(field.value, ast.Constant) else None
                yield Variable(name, path, field.lineno, _shown(name, default))


def is_ignored(tree: Tree) -> bool:
    """True where .gitignore keeps `.env` out of the repository."""
    lines = {line.strip().lstrip("/") for line in tree.read(".gitignore").splitlines()}
    return bool(lines & {".env", ".env*", ".env.*", "*.env"})


def has_settings_files(tree: Tree) -> bool:
    """True where an example of the environment is there already."""
    return bool(tree.named(r"\.?env[.-](?:example|sample|template|dist)")) or bool(table(tree.json("app.json"), "env"))
