"""Imports across layers: against their order, between siblings, out of a part into what it must not know."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from loopwright.core.checks import Finding
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.boundaries import bears
from loopwright.guard.checks.rules.delta import Delta, finding
from loopwright.guard.checks.rules.imports import Import, covers, imported_path, new_imports
from loopwright.guard.policy_call import path_matches
from loopwright.guard.policy_directives import below, strings


def layer(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """New imports against the order of layers, or out of a part into what it must not know."""
    order = strings(rule, "order")
    for file in delta.written(rule):
        for each in new_imports(file):
            if order:
                reason = _against(order, file.path, each)
            elif rule.params.get("siblings"):
                reason = _sibling(str(rule.params["siblings"]), file.path, each)
            else:
                reason = _reaches(rule, file.path, each)
            if reason:
                yield finding(rule, file.path, each.line, reason)


def _parts(path: str, each: Import) -> tuple[list[str], list[str]]:
    """Folder names of the importing file, and of what it imports."""
    here = re.split(r"[/.]", path)[:-1]
    target = imported_path(each.module, path)
    return here, [p for p in re.split(r"[/.:\\]+", target) if p] + [n for n in each.names if n.islower()]


def _rank(order: tuple[str, ...], parts: list[str]) -> int:
    for index, name in enumerate(order):
        if any(bears(part, name) for part in parts):
            return index
    return -1


def _against(order: tuple[str, ...], path: str, each: Import) -> str:
    """An import from a lower layer into a higher one, or past the next one into the lowest from the highest."""
    here, there = _parts(path, each)
    low, high = _rank(order, here), _rank(order, there)
    if low < 0 or high < 0 or low == high:
        return ""
    if high < low:
        return f"{order[low]} must not import {order[high]} (`{each.module}`)"
    if len(order) > 3 and high - low > 1 and high >= len(order) - 2 and low == 0 and not _describes(order, high):
        return f"{order[low]} reaches past the layers between into {order[high]} (`{each.module}`)"
    return ""


def _describes(order: tuple[str, ...], layer: int) -> bool:
    """True for models below repositories: they say what data looks like, which every layer may know."""
    return order[layer].rstrip("s") == "model" and any(name.startswith("repositor") for name in order[:layer])


def _sibling(folder: str, path: str, each: Import) -> str:
    name = f"{re.escape(folder.removesuffix('s'))}s?"  # called by its singular as well, and `Features` in C#
    here = re.search(rf"(?:^|/){name}/([^/]+)/", path, re.IGNORECASE)
    target = imported_path(each.module, path)
    there = re.search(rf"(?:^|[/.@~]){name}[/.]([^/.]+)", target, re.IGNORECASE)
    if here and there and here[1] != there[1]:
        return f"{folder}/{here[1]} imports from {folder}/{there[1]}"
    return ""


def _is_crate(folder: str, each: Import) -> bool:
    """True where an import is of the crate in a folder: `crates/exec` is `exec` or `ferrite_exec`."""
    name, wanted = each.module.split("::")[0], posixpath.basename(folder).replace("-", "_")
    return "/" in folder and (name == wanted or name.endswith(f"_{wanted}"))


def _reaches(rule: Directive, path: str, each: Import) -> str:
    source = str(rule.params.get("from", "**")).strip("/")
    seen = below(rule, path)
    inside = path_matches(seen, source) or path_matches(seen, source + "/**") or source in re.split(r"[/.]", seen)
    if not inside:
        return ""
    for target in strings(rule, "forbid"):
        _, there = _parts(path, each)
        target = target.strip("/").removesuffix("/**")
        crate = path.endswith(".rs") and _is_crate(target, each)
        if crate or covers(target, each, path) or ("/" not in target and target in there):
            return f"{source if source != '**' else path} must not import `{each.module}`"
    return ""
