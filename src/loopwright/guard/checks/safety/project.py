"""What a project may import: its own modules, what its manifests and lock files name, and what is new among that."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import msgspec

from loopwright.core.expression import expression
from loopwright.guard.checks.rules.manifest import dependencies, is_manifest
from loopwright.guard.checks.safety.finding import SafetyConfig
from loopwright.guard.checks.safety.names import words

_LOCKS = frozenset({"package-lock.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock", "uv.lock", "Pipfile.lock"})
_LOCKED = expression(
    r"^name = \"([\w.-]+)\"|^\s*\"node_modules/((?:@[\w.-]+/)?[\w.-]+)\"|^\"?((?:@[\w.-]+/)?[\w.-]+)@"
    r"|^\s{2,4}['\"]?/?((?:@[\w.-]+/)?[\w.-]+)@\d|^([A-Za-z0-9][\w.-]*)==",
    re.MULTILINE,
)
#: Distributions that are imported by another name.
_IMPORTED_AS = {
    "pyyaml": "yaml", "beautifulsoup4": "bs4", "pillow": "pil", "scikit-learn": "sklearn", "opencv-python": "cv2",
    "python-dateutil": "dateutil", "python-dotenv": "dotenv", "pyjwt": "jwt", "protobuf": "google", "attrs": "attr",
    "psycopg2-binary": "psycopg2", "pyopenssl": "openssl", "pycryptodome": "crypto", "msgpack-python": "msgpack",
    "djangorestframework": "rest_framework", "google-cloud-storage": "google", "setuptools": "pkg_resources",
    "python-jose": "jose", "typing-extensions": "typing_extensions", "mysqlclient": "mysqldb", "faiss-cpu": "faiss",
    "grpcio": "grpc", "scikit-image": "skimage", "websocket-client": "websocket", "gitpython": "git",
    "pyserial": "serial", "discord-py": "discord", "tree-sitter": "tree_sitter", "pymupdf": "fitz",
}  # fmt: skip
_MODULE = expression(r"\.(?:pyi?|pyx|so)$")
_SOURCES = words("src lib app apps packages python tests test scripts")
#: Characters of a manifest or lock file that are read, and entries of a project that are looked at.
_MOST_READ, _MOST_ENTRIES = 8 << 20, 20_000


class Project(msgspec.Struct, frozen=True):
    """Names that may be imported. `own` are the project's modules, `declared` its dependencies as installed."""

    own: frozenset[str] = frozenset()
    declared: frozenset[str] = frozenset()

    def configure(self, config: SafetyConfig) -> SafetyConfig:
        """Return the configuration with these names known."""
        return msgspec.structs.replace(
            config,
            local_imports=config.local_imports | self.own,
            known_imports=config.known_imports | self.declared,
            in_project=config.in_project or bool(self.declared),
        )


def read_project(paths: Iterable[str], read: Callable[[str], str]) -> Project:
    """Return what may be imported in a tree of these paths. `read` gives a file's text, "" where it cannot."""
    own: set[str] = set()
    declared: set[str] = set()
    for index, path in enumerate(paths):
        if index > _MOST_ENTRIES:
            break
        own |= _own_names(path)
        name = posixpath.basename(path)
        if is_manifest(path):
            text = read(path)[:_MOST_READ]
            declared |= dependencies(path, text)
            own |= _package_name(name, text)
        elif name in _LOCKS or re.fullmatch(r"requirements[\w.-]*\.lock", name):
            declared |= {next(filter(None, m)).lower() for m in _LOCKED.findall(read(path)[:_MOST_READ])}
    return Project(frozenset(own), frozenset(_imported(declared)))


def project_around(path: Path) -> Project:
    """Return what a lone file may import: modules beside it, and the nearest manifests at or above its directory."""
    try:
        start = path.resolve().parent
        for directory in (start, *start.parents[:5]):
            entries = [e.name for e in directory.iterdir()]
            if any(is_manifest(n) for n in entries) or ".git" in entries:
                source = directory / "src"
                beside = [f"src/{e.name}" for e in source.iterdir()] if source.is_dir() else []
                return read_project([*entries, *beside, *(e.name for e in start.iterdir())], partial(_text, directory))
        return read_project((e.name for e in start.iterdir() if _MODULE.search(e.name)), lambda name: "")
    except OSError:
        return Project()


def _text(directory: Path, name: str) -> str:
    try:
        return (directory / name).read_bytes()[:_MOST_READ].decode("utf-8", "replace")
    except OSError:
        return ""


def _own_names(path: str) -> set[str]:
    """Modules that a path gives: the directory at the root or below `src`, a package, and the file's own name."""
    parts = path.split("/")
    while len(parts) > 1 and parts[0] in _SOURCES:
        parts = parts[1:]
    made = {parts[0]} if len(parts) > 1 or "." not in parts[0] else set()
    if parts[-1] == "__init__.py":  # a package further down, which somebody has on the path
        made |= set(parts[-2:-1])
    return made | ({_MODULE.sub("", parts[-1]).split(".")[0]} if _MODULE.search(parts[-1]) else set())


def _package_name(manifest: str, text: str) -> set[str]:
    if manifest != "package.json":
        return set()
    try:
        name = json.loads(text).get("name", "")
    except (ValueError, AttributeError, RecursionError):
        return set()
    return {name} if isinstance(name, str) and name else set()


def _imported(distributions: Iterable[str]) -> Iterator[str]:
    for name in distributions:
        yield name
        yield name.replace("-", "_").replace(".", "_")
        yield _IMPORTED_AS.get(name, name)
        if name.startswith(("python-", "py")):
            yield name.removeprefix("python-").removeprefix("py").replace("-", "_")
        if name.startswith("@types/"):
            yield name.removeprefix("@types/")
        parts = name.split("-")
        yield "".join(parts)
        yield from ("_".join(parts[:count]) for count in range(1, len(parts)))  # `pydantic-ai-slim`, `mypy-boto3-s3`
