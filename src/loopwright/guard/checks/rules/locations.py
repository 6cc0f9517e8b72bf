"""Where new files of a kind, and new tests, lie."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.delta import Delta, finding, is_test
from loopwright.guard.policy_call import path_matches
from loopwright.guard.policy_directives import below, strings

_TEST_NAME = expression(
    r"(?:^|/)(?:test_[^/]+\.py|[^/]+_test\.\w+|[^/]+_spec\.rb|[^/]+\.(?:test|spec|cy)\.\w+|"
    r"[^/]*[a-z]Tests?\.(?:java|kt|cs|php|swift))$"
)
_KINDS = {
    "component": expression(r"(?:^|/)[A-Z][\w-]*\.(?:tsx|jsx|vue|svelte)$"),
    "page": expression(r"(?:^|/)(?:page|[\w-]*[Pp]age)\.(?:tsx|jsx|vue|svelte)$"),
    "hook": expression(r"(?:^|/)use[A-Z-][\w-]*\.(?:ts|tsx|js|jsx)$"),
    "migration": expression(r"(?:^|/)(?:\d{3,}_[\w-]+\.(?:py|sql|ts|js)|[\w.-]*migration[\w.-]*\.(?:py|sql|ts|js))$"),
    "story": expression(r"\.stories\.\w+$"),
    "storie": expression(r"\.stories\.\w+$"),
    "model": expression(r"(?:^|/)[\w.-]*[Mm]odels?\.(?:py|ts|js|rb)$"),
    "route": expression(r"(?:^|/)[\w.-]*[Rr]out(?:e|es|er)\.(?:py|ts|js)$"),
    "service": expression(r"(?:^|/)[\w.-]*[Ss]ervice\.(?:py|ts|js|java|go)$"),
    "controller": expression(r"(?:^|/)[\w.-]*[Cc]ontroller\.(?:py|ts|js|java|go)$"),
    "script": expression(r"\.(?:sh|bash)$"),
    "style": expression(r"\.(?:css|scss|less|sass)$"),
    "doc": expression(r"(?:^|/)(?!README|CHANGELOG|LICENSE|AGENTS|CLAUDE|CONTRIBUTING)[\w.-]+\.(?:md|mdx|rst)$"),
    "mdx file": expression(r"\.mdx$"),
    "fixture": expression(r"(?:^|/)(?:conftest\.py|[\w.-]*fixtures?\.\w+)$"),
    "test": _TEST_NAME,
}


#: The end of a file's name, unlike that of a folder called `Contoso.UnitTests`.
_ENDING = expression(r"\.[a-z]{1,5}$")


def location(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """New files of a kind outside of their place."""
    what = str(rule.params.get("what", "")).rstrip("s")
    named, place = str(rule.params.get("files", "")), str(rule.params.get("dir", ""))
    pattern = re.compile(fnmatch.translate(named).replace("(?s:", "(?s:(?:.*/)?")) if named else _KINDS.get(what)
    if pattern is None:
        return
    for file in delta.of(rule):
        if (
            file.new
            and pattern.search(file.path)
            and not (what != "test" and is_test(file.path))
            and not _placed(rule, file.path, place)
        ):
            yield finding(rule, file.path, 1, f"{file.path} is a new {what} outside of {place}")


def test_location(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """New tests outside of their place, or away from their source where they are to lie beside it."""
    place = str(rule.params.get("pattern", ""))
    suffix = posixpath.splitext(place)[1] if _ENDING.search(place) else ""
    for file in delta.of(rule):
        if not file.new or not _TEST_NAME.search(file.path) or (suffix and not file.path.endswith(suffix)):
            continue
        if rule.params.get("mirror"):
            if source := _astray(file.path, delta):
                yield finding(rule, file.path, 1, f"{file.path} does not lie as {source} does")
        elif rule.params.get("colocated"):
            if not _beside_source(file.path, delta) and not _elsewhere(rule, file.path):
                yield finding(rule, file.path, 1, f"{file.path} does not lie beside the file it tests")
        elif not _placed(rule, file.path, place):
            yield finding(rule, file.path, 1, f"{file.path} is a new test outside of {place}")


def _elsewhere(rule: Directive, path: str) -> bool:
    """True where a test lies in another place that the same file names for tests."""
    return any(_inside(below(rule, path), each) for each in strings(rule, "also") if "/" in each)


_TEST_ROOT = expression(
    r"(?:^|/)(?:tests?|specs?|__tests__|src/test)/(?:(?:unit|integration|e2e|unit_tests|integration_tests|java|kotlin|scala)/)?"
)


def _astray(path: str, delta: Delta) -> str:
    """The source of a test in a folder of tests that lies in another folder than the test says, "" where none does."""
    root = _TEST_ROOT.search(path)
    if not root:
        return ""
    folder, name = posixpath.split(path[root.end() :])
    stem = re.sub(r"^test_|_test(?=\.)|_spec(?=\.)|\.(?:test|spec|cy)(?=\.)|Tests?(?=\.)", "", name)
    sources = [p for p in delta.tree() if posixpath.basename(p) == stem and not is_test(p)]
    wanted = f"{folder}/{stem}" if folder else stem
    if not sources or any(f"/{p}".endswith(f"/{wanted}") for p in sources):
        return ""
    return sources[0]


def _beside_source(path: str, delta: Delta) -> bool:
    folder, name = posixpath.split(path)
    if posixpath.basename(folder) == "__tests__":
        folder = posixpath.dirname(folder)
    stem = re.sub(r"^test_|_test(?=\.)|_spec(?=\.)|\.(?:test|spec|cy)(?=\.)|Tests?(?=\.)", "", name)
    base, extension = posixpath.splitext(stem)
    siblings = (
        {extension, ".ts", ".tsx", ".js", ".jsx", ".vue", ".svelte"}
        if extension in (".ts", ".tsx", ".js", ".jsx")
        else {extension}
    )
    return any(delta.exists(posixpath.join(folder, base + e)) for e in siblings)


def _placed(rule: Directive, path: str, place: str) -> bool:
    """True where a path lies in the rule's place, or in another one that the same file names for such files."""
    return any(_inside(below(rule, path), each) for each in (place, *strings(rule, "also")))


def _inside(path: str, place: str) -> bool:
    """True where a path lies in a place written as a directory, a glob, or an example file in it."""
    if path_matches(path, place):
        return True
    name = posixpath.basename(place)
    file = _ENDING.search(name) and not name.startswith("*")
    folder = posixpath.dirname(place) if file else place.removesuffix("**")
    folder = folder.rstrip("/")
    return bool(folder) and not _ENDING.search(folder) and path_matches(path, folder + "/**")
