"""Finds source that a change has taught to know when it is tested, or to end or rewrite the test run."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from loopwright.core.fact import Fact

_NAMES = re.compile(
    r"PYTEST_CURRENT_TEST|PYTEST_VERSION|PYTEST_XDIST|LOOPWRIGHT|loopwright_probe|JEST_WORKER_ID|VITEST_"
)
_RUNNERS = frozenset({"pytest", "_pytest", "unittest", "pluggy", "nose", "xdist"})
_INTERNALS = frozenset({"_pytest", "pluggy"})
_ENDINGS = frozenset({"os._exit", "os.abort", "os.kill", "os.killpg", "signal.raise_signal"})
_IMPORT_ENDINGS = frozenset({"sys.exit", "exit", "quit", "os._exit", "os.abort"})
_ENVIRONMENT = re.compile(
    r"\benviron\b|\bgetenv\b|\bprocess\.env\b|gethostname|getpass|\bsys\.(?:argv|modules|flags|path|_getframe)\b|\b_getframe\b"
    r"|\binspect\.(?:stack|currentframe)|\bplatform\.|/proc/|extract_stack|get_objects|settrace|setprofile"
)
_CLOCK = re.compile(
    r"\btime\.(?:time|localtime|gmtime|strftime|ctime)|\bdatetime\b|\.now\(|\btoday\(|\bnew Date\b|Date\.now"
)


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


def _more(pattern: re.Pattern[str], before: str, after: str) -> bool:
    return len(pattern.findall(after)) > len(pattern.findall(before))


def _script(text: str) -> Iterator[tuple[int, str, bool]]:
    for number, line in enumerate(text.splitlines(), 1):
        if named := _NAMES.search(line):
            yield number, f"looks for {named[0]}, which only a test run sets", True


def _python(text: str) -> Iterator[tuple[int, str, bool]]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        yield from _named(node)
        yield from _asked(node)
        yield from _imported(node)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in _ENDINGS | {"atexit.register"}:
            yield node.lineno, f"calls {ast.unparse(node.func)}, which can end a test run", False
    yield from _ends_at_import(tree)


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
