"""Names that a change brings in: cases, prefixes, suffixes and shapes."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, File, finding, is_test
from loopwright.guard.checks.rules.mask import mask
from loopwright.guard.checks.rules.parse import parse

CASES = {
    "snake_case": expression(r"^_{0,2}[a-z0-9]+(?:_[a-z0-9]+)*_{0,2}$"),
    "camelCase": expression(r"^[_$]?[a-z][a-zA-Z0-9]*$"),
    "PascalCase": expression(r"^_?[A-Z][a-zA-Z0-9]*$"),
    "kebab-case": expression(r"^[a-z0-9]+(?:-[a-z0-9]+)*$"),
    "UPPER_SNAKE_CASE": expression(r"^_?[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$"),
    "lowercase": expression(r"^[a-z0-9]+$"),
}
_SPECIAL_FILE = expression(
    r"^(?:README|CHANGELOG|LICENSE|Dockerfile|Makefile|AGENTS|CLAUDE|__init__|__main__|conftest|setup|"
    r"index|page|layout|route|App|Cargo|CONTRIBUTING)\b|^\.|^_"
)
#: Declarations in languages with braces: kind of name -> pattern with the name as its group.
_DECLARED = (
    ("function", expression(r"\bfunction\s*\*?\s+([A-Za-z_$][\w$]*)|\bfunc\s+(?:\([^)]*\)\s*)?([A-Za-z_]\w*)|"
                        r"\bfn\s+([A-Za-z_]\w*)|\bfun\s+(?:<[^<>\n]*>\s*)?([A-Za-z_]\w*)|\b(?:const|let|"
                        r"var)\s+([A-Za-z_$][\w$]*)\s*(?::[^=\n]+)"
                        r"?=\s*(?:async\s*)?(?:\([^()\n]*\)|[\w$]+)\s*(?::[^=\n]+)?=>|\bdef\s+([a-z_]\w*)")),
    ("class", expression(r"\b(?:class|struct)\s+([A-Za-z_$][\w$]*)|\btype\s+([A-Za-z_]\w*)\s+struct\b|"
                         r"\b(?:object|record|actor)\s+([A-Za-z_]\w*)(?=\s*[{:(<])")),
    ("interface", expression(r"\binterface\s+([A-Za-z_$][\w$]*)|\btrait\s+([A-Za-z_]\w*)")),
    ("type", expression(r"\btype\s+([A-Za-z_$][\w$]*)\s*(?:<[^=\n]*>)?\s*=")),
    ("enum", expression(r"\benum\s+([A-Za-z_$][\w$]*)")),
    ("variable", expression(r"\b(?:const|let|var|val)\s+(?:mut\s+)?([A-Za-z_$][\w$]*)\s*(?::[^=\n]+)?(?==|;|\n)|"
                        r"([A-Za-z_]\w*)\s*:=")),
)  # fmt: skip


#: Languages in which a function is declared with the type it returns before its name.
_TYPED_LANGUAGES = frozenset({"java", "csharp", "c", "cpp", "dart"})
_TYPED = expression(
    r"^[ \t]*(?:(?:public|private|protected|internal|static|final|abstract|override|virtual|async|inline|"
    r"constexpr|const|"
    r"unsigned|sealed|synchronized|extern|@\w+)\s+)*(?!(?:return|new|else|throw|await|case|delete|typedef|using|"
    r"class|struct|"
    r"enum|namespace|goto|yield|in|is|"
    r"as)\b)[A-Za-z_][\w:.]*(?:<[^;{}()\n]*>)?(?:\[\])?[?&*\s]+([A-Za-z_]\w*)\s*\([^;{}\n]*\)"
    r"\s*(?:const|noexcept|override|throws [\w., ]+|async)*\s*(?:\{|=>|$)",
    re.MULTILINE,
)


#: Declarations that some languages alone have: constants by their key words, types by `typedef`.
_OF_LANGUAGES = (
    ("constant", ("java", "groovy"), expression(r"\bstatic\s+final\s+[\w.<>\[\], ?]+\s([A-Za-z_]\w*)\s*=")),
    ("constant", ("kotlin",), expression(r"\bconst\s+val\s+([A-Za-z_]\w*)")),
    ("constant", ("csharp",), expression(r"\bconst\s+[\w.<>\[\]?]+\s+([A-Za-z_]\w*)\s*=")),
    ("constant", ("rust",), expression(
        r"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:const|static)\s+(?:mut\s+)?([A-Za-z_]\w*)\s*:", re.MULTILINE)),
    ("constant", ("php",), expression(r"\bconst\s+(?:[a-z]+\s+)?([A-Za-z_]\w*)\s*=")),
    ("constant", ("gdscript",), expression(r"^\s*const\s+([A-Za-z_]\w*)", re.MULTILINE)),
    ("type", ("c", "cpp"), expression(
        r"\btypedef\s+(?:struct|union|enum)\b[^{};]*\{[^{}]*\}\s*([A-Za-z_]\w*)\s*;|"
        r"\btypedef\s+[^;{}()]+?[\s*]([A-Za-z_]\w*)\s*;")),
)  # fmt: skip


def naming(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Every new name of the kinds the rule speaks of."""
    pairs = rule.params.get("names")
    for pair in pairs if isinstance(pairs, list) else []:
        if isinstance(pair, dict):
            yield from _judge(rule, {k: str(v) for k, v in pair.items()}, delta)


def _judge(rule: Directive, pair: dict[str, str], delta: Delta) -> Iterator[Finding]:
    kind = pair.get("kind", "")
    if kind in ("file", "directory", "component file", "test file"):
        yield from _paths(rule, pair, delta)
        return
    if kind == "package":
        yield from _packages(rule, pair, delta)
        return
    if kind == "route":
        yield from _routes(rule, delta)
        return
    for file in delta.written(rule):
        for line, title in _titles(file) if kind == "test function" and pair.get("prefix") else ():
            if reason := _wrong(pair, title):
                yield finding(rule, file.path, line, f"the test `{title}` {reason}")
        known = {name for _, name, _ in _names(file, file.before)}
        for line, name, sort in _names(file, file.after):
            if (
                line in file.added
                and name not in known
                and _is(kind, sort, name, file)
                and (reason := _wrong(pair, name))
            ):
                yield finding(rule, file.path, line, f"the {kind} `{name}` {reason}")


#: Tests named by a sentence: `it("should add", ...)`.
_TITLED = expression(r"\b(?:it|test|specify)(?:\.\w+)?\(\s*[\"'`]([^\"'`\n]+)")


def _titles(file: File) -> Iterator[tuple[int, str]]:
    script = file.language in ("javascript", "typescript", "ruby") and is_test(file.path)
    return ((n, found[1]) for n, line in (file.added_lines if script else ()) for found in _TITLED.finditer(line))


_PACKAGE_NAME = expression(r"^\s*(?:\"name\"\s*:|name\s*=)\s*\"(?:@[\w-]+/)?([\w.-]+)\"", re.MULTILINE)


def _packages(rule: Directive, pair: dict[str, str], delta: Delta) -> Iterator[Finding]:
    """Names that manifests give to packages; the one of the root is the project's own."""
    for file in delta.written(rule):
        if file.name not in ("Cargo.toml", "package.json", "pyproject.toml") or "/" not in file.path:
            continue
        found = _PACKAGE_NAME.search(file.after)
        line = file.after.count("\n", 0, found.start(1)) + 1 if found else 0
        if found and line in file.added and (reason := _wrong(pair, found[1])):
            yield finding(rule, file.path, line, f"the package `{found[1]}` {reason}")


def _is(kind: str, sort: str, name: str, file: File) -> bool:
    """True where a declaration of this sort is of the kind that a rule speaks of."""
    script = file.language in ("javascript", "typescript")
    markup = file.path.endswith((".tsx", ".jsx"))
    match kind:
        case "test function" | "async function":
            held = _is_a_test if kind == "test function" else _is_async
            return sort in ("function", "method") and held(name, file)
        case "component":
            return sort in ("function", "class") and markup and (name[:1].isupper() or _returns_markup(file, name))
        case "hook":
            return (
                sort == "function"
                and script
                and bool(re.match(r"use[A-Z_-]", name) or re.search(r"(?:^|/)hooks/|use-?[A-Z\w-]*\.\w+$", file.path))
            )
        case "function":
            component = markup and name[:1].isupper()
            return (sort == "function" and not component) or (sort == "method" and file.language == "python")
        case "method":
            return sort == "method" or (sort == "function" and file.language != "python" and not script)
        case "type":
            return sort in ("type", "class", "interface", "enum") and not markup
        case "class":
            return sort == "class" and not markup
        case "variable":
            return (
                sort == "variable" and not CASES["UPPER_SNAKE_CASE"].match(name) and not (script and name[:1].isupper())
            )
        case _:
            return sort == kind


def _is_a_test(name: str, file: File) -> bool:
    return is_test(file.path) and (name.lower().startswith("test") or (file.language == "python" and "test" in name))


def _is_async(name: str, file: File) -> bool:
    word = re.escape(name)
    return re.search(rf"\basync\b[^\n;{{}}]*\b{word}\b|\b{word}\b\s*=\s*async\b", file.after) is not None


def _returns_markup(file: File, name: str) -> bool:
    found = re.search(rf"\b{re.escape(name)}\b", file.after)
    return (
        bool(found)
        and bool(re.search(r"return\s*\(?\s*<\w|=>\s*\(?\s*<\w", file.after[found.start() : found.start() + 1500]))
        if found
        else False
    )


def _wrong(pair: dict[str, str], name: str) -> str:
    bare = name.strip("_") or name
    if case := pair.get("case"):
        if name.startswith("__") and name.endswith("__"):
            return ""
        return "" if CASES[case].match(name) else f"is not in {case}"
    if prefix := pair.get("prefix"):
        return "" if _glob(prefix + "*").match(name) else f"does not begin with `{prefix}`"
    if suffix := pair.get("suffix"):
        return "" if _glob("*" + suffix).match(name) else f"does not end in `{suffix}`"
    if shape := pair.get("shape"):
        return "" if _glob(shape).match(name) else f"does not have the form `{shape}`"
    if forbidden := pair.get("forbid"):
        numbered = re.sub(r"\d+", "#", forbidden)
        return (
            "must not be named so"
            if re.sub(r"\d+", "#", bare) == numbered or (_glob(forbidden).match(name) and "*" in forbidden)
            else ""
        )
    return ""


#: What shows that a file holds tests whatever its name is.
_HOLDS_TESTS = expression(
    r"^\s*(?:async )?def test_|^\s*(?:it|test|describe)\(|^\s*@Test\b|^\s*#\[test\]|^func Test[A-Z]", re.MULTILINE
)


def _glob(shape: str) -> re.Pattern[str]:
    each = (".*".join(re.escape(p) for p in one.split("*")) for one in shape.split("|"))
    return re.compile(f"^(?:{'|'.join(each)})$")


def _paths(rule: Directive, pair: dict[str, str], delta: Delta) -> Iterator[Finding]:
    kind = pair["kind"]
    if kind == "directory":
        for directory in delta.new_directories():
            name = posixpath.basename(directory)
            if not name.startswith((".", "_", "[", "(", "@")) and (reason := _wrong(pair, name)):
                yield finding(rule, directory, 0, f"the directory `{name}` {reason}")
        return
    for file in delta.of(rule):
        document = pair.get("case") == "kebab-case" and file.path.endswith((".md", ".mdx")) and file.name[0].isalpha()
        if not file.new or not (file.language or document or file.path.endswith((".css", ".scss", ".html"))):
            continue
        if document and file.name.split(".")[0].replace("_", "").isupper():  # README, CHANGELOG
            continue
        if kind == "test file":
            if (
                not (re.search(r"test|spec", file.name, re.IGNORECASE) or _HOLDS_TESTS.search(file.after))
                or not is_test(file.path)
                or re.match(r"^(?:conftest|__init__|.*fixtures?|.*helpers?)\.", file.name)
            ):
                continue
        elif (is_test(file.path) and kind != "file") or (
            kind == "component file" and not file.path.endswith((".tsx", ".jsx", ".vue", ".svelte"))
        ):
            continue
        stem = (
            file.name
            if "." in "".join(pair.get(k, "") for k in ("shape", "suffix", "forbid"))
            else file.name.split(".")[0]
        )
        if pair.get("case") and (_SPECIAL_FILE.match(file.name) or file.name.startswith(("[", "$"))):
            continue
        if pair.get("case") and is_test(file.path):
            stem = re.sub(r"^test_|_test$|_spec$", "", stem)
        if reason := _wrong(pair, stem):
            yield finding(rule, file.path, 1, f"the file `{file.name}` {reason}")


#: Languages whose declarations are not known here.
_UNREAD = frozenset(("sql", "shell", "hcl", "r", "julia", "haskell", "nix", "perl", "objc", "solidity"))


def _names(file: File, text: str) -> list[tuple[int, str, str]]:
    """Declared names of a text as (line, name, sort)."""
    if file.language == "python":
        return list(_python(text))
    if not file.language or file.language in _UNREAD:
        return []
    return list(_braced(text, file.language))


def _python(text: str) -> Iterator[tuple[int, str, str]]:
    tree = parse(text)
    if tree is None:
        return
    methods = {id(f) for c in ast.walk(tree) if isinstance(c, ast.ClassDef) for f in c.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name, "method" if id(node) in methods else "function"
            for arg in (*node.args.args, *node.args.kwonlyargs):
                yield arg.lineno, arg.arg, "variable"
        elif isinstance(node, ast.ClassDef):
            yield node.lineno, node.name, "class"
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id, "variable"
    for statement in tree.body:
        targets = (
            statement.targets
            if isinstance(statement, ast.Assign)
            else [statement.target]
            if isinstance(statement, ast.AnnAssign)
            else []
        )
        value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.Constant | ast.UnaryOp):
            for target in targets:
                if isinstance(target, ast.Name) and not target.id.startswith("__"):
                    yield target.lineno, target.id, "constant"


def _braced(text: str, language: str) -> Iterator[tuple[int, str, str]]:
    masked = mask(text, language)
    functions = set()
    more: tuple[tuple[str, re.Pattern[str]], ...] = (("function", _TYPED),) if language in _TYPED_LANGUAGES else ()
    more += tuple((sort, pattern) for sort, languages, pattern in _OF_LANGUAGES if language in languages)
    for sort, pattern in (*_DECLARED, *more):
        for found in pattern.finditer(masked):
            index = next(i for i, g in enumerate(found.groups(), 1) if g)
            name, line = found[index], masked.count("\n", 0, found.start(index)) + 1
            if sort == "variable" and (line, name) in functions:
                continue
            if sort == "function":
                functions.add((line, name))
            yield line, name, sort
            if (
                sort == "variable"
                and masked[masked.rfind("\n", 0, found.start()) + 1 : found.start()].replace("export", "").strip() == ""
                and found[0].startswith("const")
                and re.match(r"\s*=\s*[\"'`\d]", masked[found.end() :])
            ):
                start = masked.rfind("\n", 0, found.start()) + 1
                if not masked[start : start + 1].isspace():
                    yield line, name, "constant"


_ROUTE = expression(
    r"\b(?:app|router|api|route|bp|blueprint)\.(?:get|post|put|patch|delete|route)\(\s*[\"'`]([^\"'`]+)[\"'`]"
)
_VERB = expression(
    r"/(?:get|create|update|delete|remove|add|fetch|list|make|do|set|edit)(?=[A-Z_-]|/|$)", re.IGNORECASE
)


def _routes(rule: Directive, delta: Delta) -> Iterator[Finding]:
    for file in delta.written(rule):
        for number, line in file.added_lines:
            for found in _ROUTE.finditer(line):
                if verb := _VERB.search(found[1]):
                    yield finding(
                        rule, file.path, number, f"the route {found[1]} holds the verb `{verb[0].strip('/')}`"
                    )
                elif re.search(r"/[a-z]*[A-Z_][\w]*", re.sub(r":\w+|\{\w+\}|<[^>]*>", "", found[1])):
                    yield finding(rule, file.path, number, f"the route {found[1]} is not in kebab-case")
