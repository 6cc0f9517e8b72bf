"""The files of a repository, as far as they can be read as text."""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from loopwright.core.expression import expression

_TESTS = expression(r"(?:^|/)(?:tests?|__tests__|specs?|e2e)/|(?:^|/)test_[^/]*$|[._]test\.|\.spec\.|conftest\.py$")
_ELSEWHERE = expression(r"(?:^|/)(?:node_modules|vendor|third_party|examples?|docs?|dist|build|\.venv|venv)/")


@dataclass(frozen=True, slots=True)
class Tree:
    """Paths relative to the root, sorted; `read` returns "" for what is absent or no text."""

    paths: tuple[str, ...]
    read: Callable[[str], str]

    def has(self, *paths: str) -> bool:
        """True where one of the paths is there."""
        return any(path in self.paths for path in paths)

    def toml(self, path: str) -> dict[str, Any]:
        """The tables of a TOML file; none where it is absent or broken."""
        try:
            return tomllib.loads(self.read(path))
        except (ValueError, RecursionError):
            return {}

    def json(self, path: str) -> dict[str, Any]:
        """The object of a JSON file; empty where it is absent, broken or no object."""
        try:
            found = json.loads(self.read(path) or "{}")
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def sources(self, *endings: str) -> Iterator[str]:
        """The paths of the product's own code: no tests, examples, copies of others' code or builds."""
        for path in self.paths:
            if path.endswith(endings) and not is_test(path) and not _ELSEWHERE.search(path):
                yield path

    def named(self, pattern: str) -> list[str]:
        """The paths whose last part matches the whole pattern."""
        shape = re.compile(pattern)
        return [path for path in self.paths if shape.fullmatch(posixpath.basename(path))]


def is_test(path: str) -> bool:
    """True for test code and its fixtures."""
    return bool(_TESTS.search(path))


def table(data: object, *keys: str) -> dict[str, Any]:
    """The table that `keys` lead to, empty where there is none: manifests hold whatever people wrote."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def texts(value: object) -> list[str]:
    """The strings of a list, none where it is no list."""
    return [x for x in value if isinstance(x, str)] if isinstance(value, list) else []
