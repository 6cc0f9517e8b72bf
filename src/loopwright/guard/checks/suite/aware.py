"""Finds source that a change has taught to know when it is tested, or to end or rewrite the test run."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.core.fact import Fact

_NAMES = expression(
    r"PYTEST_CURRENT_TEST|PYTEST_VERSION|PYTEST_XDIST|LOOPWRIGHT|loopwright_probe|JEST_WORKER_ID|VITEST_|NODE_TEST_CONTEXT|MOCHA_"
)
_RUNNERS = frozenset({"pytest", "_pytest", "unittest", "pluggy", "nose", "xdist"})
_INTERNALS = frozenset({"_pytest", "pluggy"})
_ENDINGS = frozenset({"os._exit", "os.abort", "os.kill", "os.killpg", "signal.raise_signal"})
_IMPORT_ENDINGS = frozenset({"sys.exit", "exit", "quit", "os._exit", "os.abort"})
_ENVIRONMENT = expression(
    r"\benviron\b|\bgetenv\b|\bprocess\.env\b|gethostname|getpass|\bsys\.(?:argv|modules|flags|path|_getframe)\b|\b_getframe\b"
    r"|\binspect\.(?:stack|currentframe)|\bplatform\.|/proc/|extract_stack|get_objects|settrace|setprofile"
)
_CLOCK = expression(
    r"\btime\.(?:time|localtime|gmtime|strftime|ctime)|\bdatetime\b|\.now\(|\btoday\(|\bnew Date\b|Date\.now"
)


_FRAMES = expression(
    r"\b(?:_getframe|currentframe|extract_stack|walk_stack|f_code|f_globals|f_back)\b|\binspect\.stack\b"
)
_READS = expression(r"\bopen\(|\bread_text\b|\bread_bytes\b|\bimport_module\b|\bgetsource|\brunpy\b|\bgetlines?\b")
_LONGEST_PATH = 120
_TEST_FILE = expression(r"(?:^|/)tests?(?:/|$)|\btest_\w+(?:\.py)?$|_test\.py$")
_JUDGES = frozenset(
    {"unittest", "pytest", "_pytest", "math", "operator", "numpy.testing", "pandas.testing", "hypothesis"}
)
_SCRIPT_TRICKS = (
    (
        expression(
            r"(?:\b(?:assert|expect|chai)|require\(\s*['\"](?:node:)?(?:assert|test)[^'\"]*['\"]\s*\))"
            r"(?:\.\w+|\[[^\]]+\])+\s*=(?![=>])"
        ),
        "replaces an assertion",
    ),
    (
        expression(r"process\.on\(\s*['\"](?:exit|beforeExit)['\"].*exitCode\s*=\s*0"),
        "rewrites the exit status at the end",
    ),
)
_SCRIPT_ENDING = expression(r"^process\.(?:exit|reallyExit|abort)\(")


class Trick(Fact, frozen=True):
    """A place that only a test run would notice; `sure` where no honest source needs it."""

    line: int
    reason: str
    sure: bool = True


def tricks(before: str, after: str, python: bool = True) -> tuple[Trick, ...]:
    """Return what the new version of a source file has more of than the old one."""
    find = _python if python else _script
    was = Counter(reason for _, reason, _ in find(before))
    found: list[Trick] = []
    for line, reason, sure in find(after):
        if was[reason]:
            was[reason] -= 1
        else:
            found.append(Trick(line, reason, sure))
    return tuple(found)


def reads_environment(before: str, after: str) -> bool:
    """True where the new version looks more at its surroundings than the old one: worth a run in others."""
    return _more(_ENVIRONMENT, before, after)


def reads_clock(before: str, after: str) -> bool:
    """True where the new version looks more at the time than the old one: worth a run on another day."""
    return _more(_CLOCK, before, after)


def reads_callers(before: str, after: str) -> bool:
    """True where the new version looks more at who calls it than the old one."""
    return _more(_FRAMES, before, after)


def _more(pattern: re.Pattern[str], before: str, after: str) -> bool:
    return len(pattern.findall(after)) > len(pattern.findall(before))


def _script(text: str) -> Iterator[tuple[int, str, bool]]:
    for number, line in enumerate(text.splitlines(), 1):
        if named := _NAMES.search(line):
            yield number, f"looks for {named[0]}, which only a test run sets", True
        for pattern, reason in _SCRIPT_TRICKS:
            if pattern.search(line):
                yield number, reason, True
        if _SCRIPT_ENDING.match(line) and not text.startswith("#!"):
            yield number, "ends the process when it is loaded", True


def _python(text: str) -> Iterator[tuple[int, str, bool]]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        yield from _named(node)
        yield from _asked(node)
        yield from _imported(node)
        yield from _agrees_with_all(node)
        yield from _looks_at_callers(node)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in _ENDINGS | {"atexit.register"}:
            yield node.lineno, f"calls {ast.unparse(node.func)}, which can end a test run", False
    yield from _ends_at_import(tree)
    yield from _replaces_judges(tree)
    if _READS.search(text):
        yield from _names_tests(tree)


def _agrees_with_all(node: ast.AST) -> Iterator[tuple[int, str, bool]]:
    """A comparison that never looks at what it is compared with."""
    if isinstance(node, ast.FunctionDef) and node.name == "__eq__":
        arguments, body = node.args, [s for s in node.body if not isinstance(s, ast.Expr)]
        value = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
    elif (
        isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda) and ast.unparse(node.targets[0]) == "__eq__"
    ):
        arguments, value = node.value.args, node.value.body
    else:
        return
    if value is None or len(arguments.args) < 2 or ast.unparse(value) in ("NotImplemented", "False"):
        return
    if not any(isinstance(n, ast.Name) and n.id == arguments.args[-1].arg for n in ast.walk(value)):
        yield node.lineno, "compares as equal to anything", True


def _looks_at_callers(node: ast.AST) -> Iterator[tuple[int, str, bool]]:
    """One statement that asks a frame for a name with `test` in it."""
    if not isinstance(node, ast.stmt) or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    words = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    if any("test" in word.lower() for word in words) and _FRAMES.search(ast.unparse(node)):
        yield node.lineno, "asks whether a test is calling", True


def _replaces_judges(tree: ast.Module) -> Iterator[tuple[int, str, bool]]:
    """Assignments to what tests judge with: `unittest.TestCase.assertEqual = …`."""
    known = {
        a.asname or a.name.split(".")[0]: a.name
        for n in ast.walk(tree)
        if isinstance(n, ast.Import)
        for a in n.names
        if a.name in _JUDGES
    }
    for target in (t for n in ast.walk(tree) if isinstance(n, ast.Assign) for t in n.targets):
        if isinstance(target, ast.Attribute) and ast.unparse(target).split(".")[0] in known:
            yield target.lineno, f"replaces {ast.unparse(target)}", True


def _names_tests(tree: ast.Module) -> Iterator[tuple[int, str, bool]]:
    """A path of tests in source that also reads files."""
    texts = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in texts:
            continue
        if len(node.value) < _LONGEST_PATH and _TEST_FILE.search(node.value):
            yield node.lineno, f"reads files and names {node.value!r}", node.value.endswith(".py")


def _named(node: ast.AST) -> Iterator[tuple[int, str, bool]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and (named := _NAMES.search(node.value)):
        yield node.lineno, f"looks for {named[0]}, which only a test run sets", True


def _asked(node: ast.AST) -> Iterator[tuple[int, str, bool]]:
    """`"pytest" in sys.modules` in any of its forms."""
    if not isinstance(node, ast.Compare | ast.Call | ast.Subscript):
        return
    if "sys.modules" not in ast.unparse(node) and "sys.argv" not in ast.unparse(node):
        return
    words = {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    for word in sorted(words & _RUNNERS):
        yield node.lineno, f"asks whether {word} is running", True


def _imported(node: ast.AST) -> Iterator[tuple[int, str, bool]]:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and not node.level:
        names = [node.module or ""]
    else:
        return
    for name in names:
        if name.split(".")[0] in _RUNNERS and name != "unittest.mock":
            yield node.lineno, f"imports {name}, a test runner", name.split(".")[0] in _INTERNALS


def _ends_at_import(tree: ast.Module) -> Iterator[tuple[int, str, bool]]:
    """Calls and raises that end the process as soon as the module is imported."""
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or _is_main(statement):
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in _IMPORT_ENDINGS:
                yield node.lineno, f"calls {ast.unparse(node.func)} when it is imported", True
            if isinstance(node, ast.Raise) and node.exc and "SystemExit" in ast.unparse(node.exc):
                yield node.lineno, "raises SystemExit when it is imported", True


def _is_main(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test)
