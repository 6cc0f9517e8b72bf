"""The workflow that runs the project's own commands on every change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.scaffold import node, python, python_install
from loopwright.scaffold.needs import Needs
from loopwright.scaffold.project import Command, Project
from loopwright.scaffold.step import Advice, File, Kept, Step, header
from loopwright.scaffold.templates import fill
from loopwright.scaffold.tree import Tree

PATH = ".github/workflows/ci.yml"
_OTHERS = expression(
    r"\.github/workflows/[^/]+\.ya?ml|\.gitlab-ci\.yml|\.circleci/config\.yml|Jenkinsfile|azure-pipelines\.yml|"
    r"\.travis\.yml|bitbucket-pipelines\.yml|\.drone\.yml|\.woodpecker(?:\.yml|/.+)|\.buildkite/.+|\.forgejo/workflows/.+"
)
_ORDER = ("format", "lint", "typecheck", "build", "test", "coverage")
_PYTHON_TOOLS = ("ruff", "black", "flake8", "mypy", "pyright", "pytest", "coverage", "tox", "nox", "pylint", "bandit")


def plan(tree: Tree, project: Project, needs: Needs, *, measured: bool) -> Iterator[Step]:
    """Yield the workflow where it is asked for and lacking. `measured`: coverage has a threshold to be held to."""
    if not needs.asks("ci"):
        return
    if found := [path for path in tree.paths if _OTHERS.fullmatch(path)]:
        yield Kept(PATH, f"{found[0]} is there already")
        return
    commands = _commands(project, needs, measured)
    if not commands:
        yield Advice("a CI workflow is asked for, and neither AGENTS.md nor a manifest names a command to run in it")
        return
    reasons = needs.reasons["ci"]
    setup = _python(tree, project, commands) if project.language == "python" else _node(project)
    steps = [f"- name: {_named(c)}\n  run: {json.dumps(c.line)}" for c in commands]
    yield File(
        PATH, fill("workflow.yaml", {"header": header(reasons), "setup": setup, "commands": "\n".join(steps)}), reasons
    )


def _commands(project: Project, needs: Needs, measured: bool) -> list[Command]:
    """What AGENTS.md requires, and for what that leaves open what it lists, then what the manifest suggests."""
    chosen = [Command(g.line, g.use) for g in needs.gates if g.required]
    for more in ([Command(g.line, g.use) for g in needs.gates if not g.required], project.commands):
        uses = {c.use for c in chosen}
        chosen += [c for c in more if c.use not in uses and c.use in _ORDER]
    if project.language == "python" and measured and not any("cov" in c.line for c in chosen):
        chosen = [c for c in chosen if not _is_pytest(c)]
        chosen += [Command("coverage run -m pytest", "test"), Command("coverage report", "coverage")]
    unique = {c.line: c for c in chosen}
    return sorted(unique.values(), key=lambda c: _ORDER.index(c.use) if c.use in _ORDER else len(_ORDER))


def _is_pytest(command: Command) -> bool:
    return bool(re.fullmatch(r"(?:python3? -m )?pytest(?: -q| -v| -ra)*", command.line))


def _named(command: Command) -> str:
    return json.dumps(command.use.capitalize() or "Check")


def _python(tree: Tree, project: Project, commands: list[Command]) -> str:
    words = {word for c in commands for word in re.findall(r"[\w-]+", c.line)}
    install, brought = python_install.for_checks(tree, project)
    missing = sorted(tool for tool in _PYTHON_TOOLS if tool in words and tool not in brought)
    install += [f"python -m pip install {' '.join(missing)}"] if missing else []
    values = {"version": python.image_version(project), "install": "\n".join(install) or "python --version"}
    return fill("setup-python.yaml", values).rstrip("\n")


def _node(project: Project) -> str:
    locked = project.build.startswith("locked")
    install = {
        "npm": "npm ci" if locked else "npm install",
        "pnpm": "corepack enable\npnpm install" + (" --frozen-lockfile" if locked else ""),
        "yarn": "corepack enable\nyarn install" + (" --frozen-lockfile" if locked else ""),
        "bun": "npm install --global bun@1\nbun install" + (" --frozen-lockfile" if locked else ""),
    }[project.manager]
    return fill("setup-node.yaml", {"version": node.image_version(project), "install": install}).rstrip("\n")
