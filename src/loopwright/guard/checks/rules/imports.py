"""Imports that a change brings in: which modules, and in which form."""

from __future__ import annotations

import ast
import posixpath
import re
import sys
from collections.abc import Iterator

import msgspec

from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules import bazel
from loopwright.guard.checks.rules.delta import Delta, File, finding
from loopwright.guard.checks.rules.mask import mask
from loopwright.guard.checks.rules.parse import parse
from loopwright.guard.policy_directives import strings


class Import(msgspec.Struct, frozen=True):
    """One import: the module as written, its line, and how it stands there."""

    line: int
    module: str
    text: str
    names: tuple[str, ...] = ()
    relative: bool = False
    local: bool = False
    types: bool = False


_JS = expression(
    r"^[ \t]*(import|export)\b(\s+type\b)?([^;'\"]*?)from\s*['\"]([^'\"\n]+)['\"]|"
    r"^[ \t]*import\s*['\"]([^'\"\n]+)['\"]|\b(?:require|import)\(\s*['\"]([^'\"\n]+)['\"]\s*\)",
    re.MULTILINE,
)


_GENERIC = {
    "go": expression(r"^\s*(?:import\s+)?(?:[\w.]+\s+)?\"([\w./-]+)\"\s*$", re.MULTILINE),
    "rust": expression(r"^\s*(?:pub\s+)?use\s+([\w:]+)", re.MULTILINE),
    "java": expression(r"^\s*import\s+(?:static\s+)?([\w.]+)", re.MULTILINE),
    "kotlin": expression(r"^\s*import\s+([\w.]+)", re.MULTILINE),
    "csharp": expression(r"^\s*using\s+([\w.]+)\s*;", re.MULTILINE),
    "php": expression(r"^\s*use\s+([\w\\]+)", re.MULTILINE),
    "ruby": expression(r"^\s*require(?:_relative)?\s+['\"]([^'\"]+)", re.MULTILINE),
    "dart": expression(r"^\s*(?:import|export|part)\s+['\"]([^'\"]+)", re.MULTILINE),
    "swift": expression(
        r"^\s*(?:@\w+\s+)?import\s+(?:(?:class|struct|enum|func|protocol|typealias)\s+)?([\w.]+)", re.MULTILINE
    ),
    "scala": expression(r"^\s*import\s+([\w.]+)", re.MULTILINE),
    "elixir": expression(r"^\s*(?:alias|import|use|require)\s+([A-Z][\w.]*)", re.MULTILINE),
    "c": expression(r"^\s*#\s*include\s*[<\"]([^>\"\n]+)", re.MULTILINE),
    "cpp": expression(r"^\s*#\s*include\s*[<\"]([^>\"\n]+)", re.MULTILINE),
}


#: Modules that Node brings.
_NODE = frozenset((
    "assert", "buffer", "child_process", "cluster", "crypto", "dns", "events", "fs", "http", "http2", "https",
    "net", "os", "path", "perf_hooks", "process", "querystring", "readline", "stream", "string_decoder", "timers",
    "tls", "tty", "url", "util", "v8", "vm", "worker_threads", "zlib",
))  # fmt: skip


def imports(file: File, text: str) -> list[Import]:
    """Return the imports of a text in the order of their lines; [] for a language without known ones.

    In a BUILD file of Bazel they are the targets that others depend on, by their packages.
    """
    if bazel.is_build_file(file.path):
        return [Import(line, package, label) for line, package, label in bazel.labels(text)]
    if file.language == "python":
        return _python(text)
    if file.language in ("javascript", "typescript", "vue", "svelte"):
        return list(_script(text))
    pattern = _GENERIC.get(file.language)
    return (
        [Import(text.count("\n", 0, m.start(1)) + 1, m[1], m[0].strip()) for m in pattern.finditer(text)]
        if pattern
        else []
    )


def _python(text: str) -> list[Import]:
    tree = parse(text)
    if tree is None:
        return []
    found: list[Import] = []
    pending: list[tuple[ast.AST, bool]] = [(tree, False)]
    while pending:
        node, local = pending.pop()
        if isinstance(node, ast.Import):
            for alias in node.names:
                as_name = f" as {alias.asname}" if alias.asname else ""
                found.append(Import(node.lineno, alias.name, f"import {alias.name}{as_name}", local=local))
        elif isinstance(node, ast.ImportFrom):
            names = tuple(a.name for a in node.names)
            module = "." * node.level + (node.module or "")
            found.append(
                Import(node.lineno, module, f"from {module} import {', '.join(names)}", names, bool(node.level), local)
            )
        inside = local or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        pending.extend((child, inside) for child in ast.iter_child_nodes(node))
    return sorted(found, key=lambda i: i.line)


def _script(text: str) -> Iterator[Import]:
    masked = mask(text, "typescript")
    for found in _JS.finditer(text):
        start = found.start() + len(found[0]) - len(found[0].lstrip())
        if masked[start : start + 1].isspace():  # inside a comment or a string
            continue
        line = text.count("\n", 0, start) + 1
        module = found[4] or found[5] or found[6]
        depth = masked.count("{", 0, start) - masked.count("}", 0, start)
        names = tuple(n.strip() for n in re.sub(r"[{}]", "", found[3] or "").split(",") if n.strip())
        yield Import(line, module, " ".join(found[0].split()), names, module.startswith("."), depth > 0, bool(found[2]))


def new_imports(file: File) -> list[Import]:
    known = {(i.module, i.text) for i in imports(file, file.before)}
    return [i for i in imports(file, file.after) if (i.module, i.text) not in known]


def forbidden_import(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """New imports of modules that must not be imported there."""
    modules = strings(rule, "modules")
    for file in delta.written(rule):
        for each in new_imports(file):
            last = re.split(r"[/.]", each.module)[-1] if rule.params.get("last") else None
            if any(covers(m, each, file.path) or m == last or (m.isidentifier() and m in each.names) for m in modules):
                yield finding(rule, file.path, each.line, f"`{each.module}` is imported")


def covers(pattern: str, each: Import, path: str) -> bool:
    """True where a module written as a name, a path or a glob holds an import."""
    bare = re.sub(r"(?:/\*\*?|\.\*|/)$", "", pattern)
    spelled = {
        each.module,
        each.module.replace("::", ".").replace("\\", "."),
        *(f"{each.module}.{n}" for n in each.names),
    }
    if each.module.startswith("."):
        place = imported_path(each.module, path)
        spelled |= {place, *(f"{place}/{n}" for n in each.names)}
    if "/" in bare:
        spelled |= {re.sub(r"[.\\]|::", "/", s) for s in spelled if not s.startswith(".") and "/" not in s}
    spelled |= {re.sub(r"^(?:@/|~/|src/|package:)", "", s) for s in spelled}
    wanted = {bare, re.sub(r"^(?:\./|@/|~/|src/)", "", bare), re.sub(r"\.(?:tsx?|jsx?|py)$", "", bare)}
    return any(
        s == w or s.startswith((w + "/", w + ".")) or ("/" in w and f"/{w}/" in f"/{s}/")
        for s in spelled
        for w in wanted
        if w
    )


def imported_path(module: str, path: str) -> str:
    """Return the path that a relative import of a file names, in the way of its language; others as they are."""
    base = posixpath.dirname(path)
    if module.startswith(("./", "../")) or (module in (".", "..") and not path.endswith((".py", ".pyi"))):
        return posixpath.normpath(posixpath.join(base, module))
    if not module.startswith("."):
        return module
    rest = module.lstrip(".")
    for _ in range(len(module) - len(rest) - 1):
        base = posixpath.dirname(base)
    return posixpath.normpath(posixpath.join(base, rest.replace(".", "/"))).removeprefix("./")


def import_form(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """New imports in another form than asked for."""
    form = str(rule.params.get("form", ""))
    for file in delta.written(rule):
        if form == "from __future__ import annotations":
            if file.language == "python" and file.after.strip() and form not in file.after:
                yield finding(rule, file.path, 1, f"`{form}` is missing")
            continue
        for each in new_imports(file):
            if reason := _misformed(form, rule, each, file):
                yield finding(rule, file.path, each.line, reason)


def _misformed(form: str, rule: Directive, each: Import, file: File) -> str:
    script = file.language in ("javascript", "typescript", "vue", "svelte")
    match form:
        case "top-level":
            return f"`{each.text}` stands inside a function" if each.local or _in_body(each, file) else ""
        case "absolute":
            far = each.relative if file.language == "python" else each.module.startswith("../") or each.relative
            return f"`{each.module}` is a relative import" if far and (script or file.language == "python") else ""
        case "relative":
            return (
                f"`{each.module}` is not a relative import"
                if file.language == "python" and not each.relative and _own(each, file)
                else ""
            )
        case "alias":
            prefix = str(rule.params.get("prefix", ""))
            return f"`{each.module}` does not use `{prefix}`" if script and each.module.startswith("../") else ""
        case "node:":
            bare = each.module.split("/")[0]
            return (
                f"`{each.module}` is imported without `node:`"
                if script and bare in _NODE and not each.module.startswith("node:")
                else ""
            )
        case "esm":
            return f"`{each.text}` is no ES import" if script and "require(" in each.text else ""
        case "extension":
            ext = str(rule.params.get("prefix", ""))
            lacking = script and each.relative and not re.search(r"\.\w{1,5}$", each.module)
            return f"`{each.module}` is imported without `{ext}`" if lacking else ""
        case "import type":
            return _untyped(each, file)
        case _:
            return _other_than(form, each)


def _in_body(each: Import, file: File) -> bool:
    """True where an indented import of a language with braces stands below a function's head, not a module's."""
    if file.language not in ("rust", "scala", "kotlin", "swift"):
        return False
    lines = file.after.split("\n")
    line = lines[each.line - 1]
    indent = len(line) - len(line.lstrip())
    for above in reversed(lines[: each.line - 1]) if indent else ():
        if above.strip() and len(above) - len(above.lstrip()) < indent:
            return bool(re.search(r"\b(?:fn|def|fun|func)\b", above))
    return False


def _own(each: Import, file: File) -> bool:
    return (
        each.module.split(".")[0] == file.path.removeprefix("src/").split("/")[0]
        and each.module.split(".")[0] not in sys.stdlib_module_names
    )


def _untyped(each: Import, file: File) -> str:
    """An import whose names are only ever used as types."""
    if (
        file.language != "typescript"
        or each.types
        or not each.text.startswith("import")
        or not each.names
        or "*" in each.text
        or each.text.startswith("import(")
    ):
        return ""
    code = mask(file.after, "typescript")
    for name in each.names:
        if name.startswith("type "):
            continue
        bare = name.split(" as ")[-1].strip()
        uses = [
            m
            for m in re.finditer(rf"(?<![\w$.]){re.escape(bare)}(?![\w$])", code)
            if not re.match(r"^[^\n]*\bfrom\b", code[m.end() : m.end() + 200].split("\n")[0])
            and not code[code.rfind("\n", 0, m.start()) + 1 : m.start()].lstrip().startswith("import")
        ]
        if not uses or not all(_as_type(code, m) for m in uses):
            return ""
    return f"`{each.text}` brings in types only: `import type` is asked for"


def _as_type(code: str, use: re.Match[str]) -> bool:
    before, after = code[max(0, use.start() - 60) : use.start()].rstrip(), code[use.end() : use.end() + 3].lstrip()
    if after[:1] in ("(", ".") and not re.search(r"(?:\btypeof|[<,|&:])$", before):
        return False
    return (
        bool(
            re.search(
                r"(?:[?\w)\]]\s*:|<|\||&|\bextends|\bimplements|\bas|\bsatisfies|\btype\s+\w+\s*=|\bkeyof|,)$", before
            )
        )
        and not re.search(r"\{[^{}]*:$", before[-1:] and before)
    ) or (bool(re.search(r"(?:\w|\))\s*:$", before)) and after[:1] in ("", ")", ",", "=", "[", "|", ";", "{", ">"))


def _other_than(form: str, each: Import) -> str:
    """A module imported otherwise than in the one given form."""
    given = re.search(r"from\s+['\"]([^'\"]+)['\"]", form)
    if given:
        wanted = " ".join(form.replace("'", '"').rstrip(";").split())
        seen = each.text.replace("'", '"').rstrip(";")
        return f"`{each.text}` is not `{form}`" if each.module == given[1] and seen != wanted and "*" in form else ""
    aliased = re.match(r"import\s+(\S+)\s+as\s+(\S+)", form)
    if aliased and each.module == aliased[1] and each.text != form:
        return f"`{each.text}` is not `{form}`"
    return ""
