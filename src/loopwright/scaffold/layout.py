"""Where things are in a repository, and which of its files no one edits by hand."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.scaffold.tree import Tree, is_test

_HOLDS = {
    "docs": "documentation",
    "doc": "documentation",
    "scripts": "scripts for development",
    "tools": "tools for development",
    "examples": "examples",
    "migrations": "changes of the database's schema",
    "deploy": "deployment",
    "infra": "infrastructure",
    "public": "files served as they are",
    "static": "files served as they are",
    "locales": "translations",
    "benchmarks": "benchmarks",
}
_LANGUAGES = {
    ".py": "Python", ".ts": "TypeScript", ".tsx": "TypeScript", ".js": "JavaScript", ".mjs": "JavaScript",
    ".jsx": "JavaScript", ".go": "Go", ".rs": "Rust", ".java": "Java", ".kt": "Kotlin", ".rb": "Ruby", ".php": "PHP",
    ".c": "C", ".cc": "C++", ".cpp": "C++", ".cs": "C#", ".swift": "Swift", ".vue": "Vue", ".svelte": "Svelte",
    ".sql": "SQL", ".sh": "shell", ".css": "CSS", ".html": "HTML", ".md": "Markdown",
}  # fmt: skip
_LOCKS = {
    "uv.lock": "`uv lock` writes it",
    "poetry.lock": "`poetry lock` writes it",
    "Pipfile.lock": "pipenv writes it",
    "package-lock.json": "npm writes it",
    "npm-shrinkwrap.json": "npm writes it",
    "pnpm-lock.yaml": "pnpm writes it",
    "yarn.lock": "yarn writes it",
    "bun.lock": "bun writes it",
    "Cargo.lock": "cargo writes it",
    "go.sum": "`go mod tidy` writes it",
    "Gemfile.lock": "bundler writes it",
    "composer.lock": "composer writes it",
}
_GENERATED_NAME = expression(
    r"_pb2(?:_grpc)?\.pyi?$|\.pb\.go$|\.(?:gen|generated)\.\w+$|_generated\.\w+$|(?:^|/)__generated__/"
)
_GENERATED_MARK = expression(
    r"@generated\b|\bcode generated\b.*\bdo not edit\b|\bauto-?generated\b.*\bdo not edit\b", re.I
)
_ODD = expression(r"[^\w./@+-]")
#: Lines that the layout has at most, and files of one directory that are named one by one.
_MOST, _APART = 20, 3


def directories(tree: Tree) -> tuple[tuple[str, str], ...]:
    """Return the directories worth knowing, each with what it holds, in order of name."""
    counts: dict[str, Counter[str]] = {}
    for path in tree.paths:
        place = _place(path)
        if place and not _ODD.search(place):
            counts.setdefault(place, Counter())[posixpath.splitext(path)[1]] += 1
    rows = [(place, _holds(place, endings, tree)) for place, endings in sorted(counts.items())]
    return tuple((place, what) for place, what in rows if what)[:_MOST]


def _place(path: str) -> str:
    """The directory that a file counts for: the first, below src, packages and the like the second."""
    parts = path.split("/")
    if len(parts) < 2 or parts[0] in (".git", ".idea", ".vscode"):
        return ""
    deep = parts[0] in ("src", "packages", "apps", "crates", "services", "libs", "cmd", "internal") and len(parts) > 2
    return f"{parts[0]}/{parts[1]}" if deep else parts[0]


def _holds(place: str, endings: Counter[str], tree: Tree) -> str:
    if place.startswith(".github"):
        return "continuous integration"
    if place.startswith("."):
        return ""
    name = posixpath.basename(place)
    if is_test(f"{place}/x"):
        return "tests"
    if name in _HOLDS:
        return _HOLDS[name]
    known: Counter[str] = Counter()
    for ending, count in endings.items():
        known[_LANGUAGES.get(ending, "")] += count
    language = known.most_common(1)[0][0]
    if tree.has(f"{place}/__init__.py"):
        return f"the package `{name}`"
    return f"{language} code" if language not in ("", "Markdown") else "data and texts"


def place_of_tests(tree: Tree) -> str:
    """The one directory that holds all tests, "" where they lie in several places or beside the code."""
    tests = [p for p in tree.paths if re.search(r"(?:^|/)test_[^/]*\.py$|_test\.\w+$|\.(?:test|spec)\.\w+$", p)]
    tops = {p.partition("/")[0] for p in tests if "/" in p}
    inside = len(tops) == 1 and all("/" in p for p in tests)
    top = next(iter(tops), "")
    return top if inside and is_test(f"{top}/x") else ""


def protected(tree: Tree) -> tuple[tuple[str, str], ...]:
    """Return the files and globs that tools write, each with what writes it."""
    locks = [(p, _LOCKS[posixpath.basename(p)]) for p in tree.paths if posixpath.basename(p) in _LOCKS]
    marked = [p for p in tree.paths if _GENERATED_NAME.search(p) or _GENERATED_MARK.search(_head(tree, p))]
    named = [*dict.fromkeys(_gathered(marked)), *_attributes(tree)]
    made = [(p, "it is generated") for p in dict.fromkeys(named)]
    return tuple((p, why) for p, why in locks + made if not re.search(r"[`\s]", p))[:_MOST]


def _head(tree: Tree, path: str) -> str:
    if posixpath.splitext(path)[1] not in _LANGUAGES or path.endswith(".md"):
        return ""
    return "\n".join(
        line for line in tree.read(path)[:1000].split("\n")[:8] if line.lstrip().startswith(("#", "/", "*", "-", "<!"))
    )


def _gathered(paths: list[str]) -> Iterator[str]:
    """Each path, or the glob of its directory where more of it are generated than are worth naming."""
    counts = Counter(posixpath.dirname(p) for p in paths)
    for path in paths:
        directory = posixpath.dirname(path)
        yield f"{directory}/**" if directory and counts[directory] > _APART else path


def _attributes(tree: Tree) -> Iterator[str]:
    for line in tree.read(".gitattributes").splitlines():
        words = line.split()
        if "linguist-generated" in words[1:] or "linguist-generated=true" in words[1:]:
            yield words[0].lstrip("/")
