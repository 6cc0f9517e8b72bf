"""The configuration of the test framework, with the coverage that a rule asks for as its gate."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwright.scaffold.needs import Needs, Reason, Threshold
from loopwright.scaffold.project import Project
from loopwright.scaffold.step import Advice, File, Kept, Step, header
from loopwright.scaffold.templates import fill
from loopwright.scaffold.tree import Tree, is_test, table

COVERAGE_FILE = ".coveragerc"
_SUPPORTED = ("jest", "vitest")


def plan(tree: Tree, project: Project, needs: Needs) -> Iterator[Step]:
    """Yield the test configuration that is asked for and lacking."""
    if not needs.asks("tests"):
        return
    reasons = needs.reasons["tests"]
    for name in needs.frameworks:
        if name not in project.dependencies and name in ("pytest", *_SUPPORTED):
            yield Advice(f"{name} is asked for and is no dependency: add it to the ones for development")
    yield from (_python if project.language == "python" else _node)(tree, project, needs, reasons)


def has_threshold(tree: Tree, project: Project) -> bool:
    """True where the project has a coverage threshold of its own already (Python)."""
    if project.language != "python":
        return False
    report = table(tree.toml("pyproject.toml"), "tool", "coverage", "report")
    said = any("fail_under" in tree.read(p) for p in (COVERAGE_FILE, "setup.cfg", "tox.ini"))
    return "fail_under" in report or said


def _python(tree: Tree, project: Project, needs: Needs, reasons: tuple[Reason, ...]) -> Iterator[Step]:
    tables = table(tree.toml("pyproject.toml"), "tool")
    inis = [p for p in ("setup.cfg", "tox.ini") if re.search(r"^\[(?:tool:)?pytest\]", tree.read(p), re.MULTILINE)]
    if found := ["pytest.ini"] * tree.has("pytest.ini") or ["pyproject.toml"] * ("pytest" in tables) or inis:
        yield Kept("pytest.ini", f"pytest is configured in {found[0]}")
    elif project.tests in ("pytest", "") or "pytest" in needs.frameworks:
        yield File("pytest.ini", _pytest(tree, project, header(reasons)), reasons)
    if needs.coverage is None:
        return
    own = [p for p in ("setup.cfg", "tox.ini") if "[coverage:" in tree.read(p)]
    if found := [COVERAGE_FILE] * tree.has(COVERAGE_FILE) or ["pyproject.toml"] * ("coverage" in tables) or own:
        yield Kept(COVERAGE_FILE, f"coverage is configured in {found[0]}")
        if not has_threshold(tree, project):
            yield Advice(f"{found[0]} sets no threshold: fail_under = {needs.coverage.setting:g} with precision = 2")
        return
    values = {"header": header(reasons), "source": "\n".join(_packages(tree, project)) or "."}
    values |= {"threshold": f"{needs.coverage.setting:g}", "meaning": _meaning(needs.coverage)}
    yield File(COVERAGE_FILE, fill("coverage-python", values), reasons)
    yield Advice("the gate is: coverage run -m pytest && coverage report")


def _pytest(tree: Tree, project: Project, top: str) -> str:
    places = sorted({p.partition("/")[0] for p in tree.paths if p.endswith(".py") and "/" in p and is_test(p)})
    places = [p for p in places if p in ("tests", "test")]
    path = "src" if project.layout == "src" else "."
    return fill(
        "pytest.ini",
        {
            "header": top,
            "paths": f"testpaths = {' '.join(places)}" if places else "",
            "pythonpath": f"pythonpath = {path}",
        },
    )


def _packages(tree: Tree, project: Project) -> list[str]:
    """Where the code to be measured is: src, or the packages of the root."""
    if project.layout == "src":
        return ["src"]
    tops = {p.partition("/")[0] for p in tree.sources(".py") if "/" in p}
    return ["."] if any("/" not in p for p in tree.sources(".py")) else sorted(tops)


def _meaning(threshold: Threshold) -> str:
    if not threshold.strict:
        return f"At least {threshold.percent:g} %."
    return (
        f"More than {threshold.percent:g} %: a gate passes on equality, so {threshold.percent:g} exactly must fail it."
    )


def _node(tree: Tree, project: Project, needs: Needs, reasons: tuple[Reason, ...]) -> Iterator[Step]:
    wanted = next((n for n in needs.frameworks if n in _SUPPORTED), project.tests)
    if wanted not in _SUPPORTED:
        name = wanted or "no test framework"
        yield Advice(f"test configuration is written for Jest and Vitest; found: {name}")
        return
    manifest = tree.json("package.json")
    found = tree.named(rf"{wanted}\.config\.\w+") or ["package.json"] * (wanted in manifest)
    if found:
        yield Kept(f"{wanted}.config.js", f"{wanted} is configured in {found[0]}")
        if needs.coverage and not re.search(r"coverageThreshold|thresholds", tree.read(found[0])):
            key = "coverageThreshold.global.lines" if wanted == "jest" else "coverage.thresholds.lines"
            yield Advice(f"{found[0]} sets no coverage threshold: {key} = {needs.coverage.setting:g}")
        return
    module = project.layout == "module"
    values = {"header": header(reasons, "//"), "source": _patterns(tree), "threshold": _limits(wanted, needs.coverage)}
    values |= {"export": "export default config;" if module else "module.exports = config;"}
    path = f"{wanted}.config.js" if wanted == "jest" or module else f"{wanted}.config.mjs"
    yield File(path, fill(f"{wanted}.config", values), reasons)


def _patterns(tree: Tree) -> str:
    tops = {p.partition("/")[0] for p in tree.sources(".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx") if "/" in p}
    code = [f"{top}/**/*.{{js,mjs,cjs,ts,jsx,tsx}}" for top in ("src", "lib", "app", "server") if top in tops]
    code = code or ["**/*.{js,mjs,cjs,ts,jsx,tsx}"]
    beside = ["!**/*.{test,spec}.*", "!**/*.config.*", "!**/{node_modules,coverage,dist,tests,test,__tests__}/**"]
    return "\n".join(f"'{pattern}'," for pattern in [*code, *beside])


def _limits(framework: str, threshold: Threshold | None) -> str:
    if threshold is None:
        return ""
    least = f"{threshold.setting:g}"
    numbers = f"lines: {least}, statements: {least}"
    body = (
        f"coverageThreshold: {{ global: {{ {numbers} }} }}," if framework == "jest" else f"thresholds: {{ {numbers} }},"
    )
    return f"// {_meaning(threshold)}\n{body}"
