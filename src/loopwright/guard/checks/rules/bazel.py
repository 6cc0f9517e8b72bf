"""What targets of Bazel depend on: the labels in their BUILD files."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from loopwright.core.expression import expression

_ATTRIBUTE = expression(r"^\s*(\w+)\s*=|^\s*(load|package_group|exports_files)\(")
_LABEL = expression(r"[\"']//([\w./+-]*)(?::[\w./+-]+)?[\"']")
#: Attributes whose labels say who may use a target, or name no target at all.
_NO_DEPENDENCY = frozenset(("visibility", "default_visibility", "packages", "includes", "tags", "features", "load"))


def is_build_file(path: str) -> bool:
    """Return whether a path is that of a BUILD file."""
    return posixpath.basename(path) in ("BUILD", "BUILD.bazel")


def labels(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, package and label of each target of this repository that a target of a BUILD file depends on."""
    attribute = ""
    for number, line in enumerate(text.split("\n"), 1):
        if found := _ATTRIBUTE.match(line):
            attribute = found[1] or found[2]
        if attribute in _NO_DEPENDENCY or line.lstrip().startswith("#"):
            continue
        for label in _LABEL.finditer(line):
            yield number, label[1], label[0]
