"""Chains of imports in Python, found by import-linter over a copy of the packages.

It reads sources and runs none, but looks packages up by their names. So the copy holds no package that would be
imported in the place of one that import-linter itself needs.
"""

from __future__ import annotations

import os
import posixpath
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import anyio

from loopwright.core.expression import expression
from loopwright.guard.checks.rules.boundaries import Boundary, Chain, Edge, own
from loopwright.guard.checks.rules.delta import Delta
from loopwright.guard.checks.rules.tools import ToolMissing, program

_SECONDS = 120.0
#: Modules below one root that are copied and read.
_MOST_FILES = 20_000
_NAME = expression(r"[\w.-]+")
_ARROW = expression(r"([\w.]+) -> ([\w.]+) \(([^)]*)\)\s*$")
_WITHOUT = expression(r"^(-?)[\s&]*([\w.]+) \(([^)]*)\)\s*$")
_SETTINGS = "contracts.ini"

#: Names of modules, each with the path of its file.
Modules = Mapping[str, str]


async def python_chains(bounds: Iterable[Boundary], changed: Iterable[str], delta: Delta) -> list[Chain]:
    """Return the chains that cross a boundary below the source roots of these files. Raises ToolMissing."""
    found: list[Chain] = []
    for root in sorted({source_root(path, delta) for path in changed}):
        modules = _modules(root, delta)
        contracts = [c for c in (_contract(bound, root, modules) for bound in bounds) if c]
        if contracts:
            found += await _lint(contracts, modules, delta)
    return found


def source_root(path: str, delta: Delta) -> str:
    """Return the folder from which the package of a file is imported, "" for the top of the tree."""
    folder = posixpath.dirname(path)
    if delta.exists(f"{folder}/__init__.py"):
        while folder and delta.exists(f"{folder}/__init__.py"):
            folder = posixpath.dirname(folder)
        return folder
    before, found, _ = f"/{path}".rpartition("/src/")
    return f"{before}/src".strip("/") if found else ""


def _modules(root: str, delta: Delta) -> dict[str, str]:
    prefix = f"{root}/" if root else ""
    found: dict[str, str] = {}
    for path in delta.tree():
        if path.endswith(".py") and path.startswith(prefix) and own(path):
            names = path[len(prefix) : -len(".py")].split("/")
            if len(names) > 1 and all(n.isidentifier() for n in names) and names[0] not in _needed():
                found[".".join(names).removesuffix(".__init__")] = path
    if len(found) > _MOST_FILES:
        raise ToolMissing(f"more than {_MOST_FILES} modules")
    return found


@cache
def _needed() -> frozenset[str]:
    """Return what import-linter may import: the standard library, itself, and what it depends on."""
    pending, seen = ["import-linter"], set[str]()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            wanted = requires(name) or ()
        except PackageNotFoundError:
            continue
        pending += [
            re.sub(r"[-_.]+", "-", found[0]).lower()
            for w in wanted
            if "extra ==" not in w and (found := _NAME.match(w))
        ]
    mine = {
        m for m, owners in packages_distributions().items() if any(o.lower().replace("_", "-") in seen for o in owners)
    }
    return frozenset(mine | sys.stdlib_module_names)


def _contract(bound: Boundary, root: str, modules: Modules) -> tuple[list[str], list[str]] | None:
    """Return the names of the modules on both sides, None where a side is not below the root."""
    folders = {name.rsplit(".", n)[0] for name in modules for n in range(1, name.count(".") + 1)} | modules.keys()
    prefix = f"{root}/" if root else ""
    sides = [
        [name for p in side if p.startswith(prefix) and (name := p[len(prefix) :].replace("/", ".")) in folders]
        for side in (bound.sources, bound.targets)
    ]
    return (sides[0], sides[1]) if all(sides) else None


async def _lint(contracts: list[tuple[list[str], list[str]]], modules: Modules, delta: Delta) -> list[Chain]:
    linter = program("lint-imports")
    with tempfile.TemporaryDirectory(prefix="loopwright-") as folder:
        _copy(modules, delta, Path(folder))
        (Path(folder) / _SETTINGS).write_text(_settings(contracts, modules), encoding="utf-8")
        argv = [linter, "--no-cache", "--config", _SETTINGS]
        wide = {"COLUMNS": "100000", "NO_COLOR": "1", "TERM": "dumb", "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            with anyio.fail_after(_SECONDS):
                ran = await anyio.run_process(argv, cwd=folder, check=False, env=os.environ | wide)
        except TimeoutError:
            raise ToolMissing(f"import-linter gave no result in {_SECONDS:.0f} s") from None
    said = ran.stdout.decode("utf-8", "replace")
    if "Contracts: " not in said:
        lines = [x.strip() for x in f"{said}\n{ran.stderr.decode('utf-8', 'replace')}".splitlines() if x.strip()]
        raise ToolMissing(f"import-linter gave no result: {lines[-1][:160] if lines else ran.returncode}")
    return list(read_chains(said, modules))


def _copy(modules: Modules, delta: Delta, folder: Path) -> None:
    """Write the modules as packages, those without an `__init__.py` included."""
    for name, path in modules.items():
        *above, last = name.split(".")
        package = posixpath.basename(path) == "__init__.py"
        home = folder.joinpath(*above, last) if package else folder.joinpath(*above)
        home.mkdir(parents=True, exist_ok=True)
        (home / posixpath.basename(path)).write_text(delta.read(path) or "", encoding="utf-8", errors="replace")
    for home in [p for p in folder.rglob("*") if p.is_dir()]:
        (home / "__init__.py").touch()


def _settings(contracts: list[tuple[list[str], list[str]]], modules: Modules) -> str:
    lines = ["[importlinter]", "root_packages =", *(f"    {n}" for n in sorted({m.split(".")[0] for m in modules}))]
    for number, (sources, targets) in enumerate(contracts):
        # Of a forbidden contract one chain alone is told; of two layers every module that begins one.
        lines += ["", f"[importlinter:contract:{number}]", f"name = {number}", "type = layers", "layers ="]
        lines += [f"    {' : '.join(targets)}", f"    {' : '.join(sources)}"]
    return "\n".join(lines) + "\n"


def read_chains(said: str, modules: Modules) -> Iterator[Chain]:
    """Return the chains that import-linter 2 prints of broken contracts, one for each module that begins one.

    `- a (l.1)` and `& b (l.2)` ahead of `& c -> d (l.3)` import `d` as well; behind an arrow `& e (l.4)` is imported
    too, and begins nothing.
    """
    begins: list[Edge] = []
    rest: list[Edge] = []
    waiting: list[tuple[str, int]] = []
    for line in [*said.partition("Broken contracts")[2].splitlines(), ""]:
        arrow, without = _ARROW.search(line), _WITHOUT.match(line)
        if line.startswith("-") or not (arrow or without):
            yield from ((begin, *rest) for begin in begins)
            begins, rest, waiting = [], [], []
        if arrow:
            importers = [*waiting, (arrow[1], _first(arrow[3]))]
            edges = [Edge(modules.get(m, m), n, modules.get(arrow[2], arrow[2])) for m, n in importers]
            begins, rest, waiting = (begins, [*rest, *edges], []) if begins else (edges, rest, [])
        elif without and not begins:
            waiting.append((without[2], _first(without[3])))


def _first(lines: str) -> int:
    numbers = re.findall(r"\d+", lines)
    return int(numbers[0]) if numbers else 0
