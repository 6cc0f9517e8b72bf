"""The text of an AGENTS.md: facts of the repository and commands that have been run, one rule a line."""

from __future__ import annotations

from collections.abc import Sequence

from loopwright.scaffold import layout
from loopwright.scaffold.history import Style
from loopwright.scaffold.project import Command, Project
from loopwright.scaffold.templates import fill
from loopwright.scaffold.tree import Tree

_LANGUAGE = {"python": "Python", "node": "Node", "go": "Go", "rust": "Rust"}
_FRAMEWORKS = ("pytest", "jest", "vitest", "mocha")


def write_instructions(tree: Tree, project: Project, style: Style, passed: Sequence[Command], title: str) -> str:
    """Return the file. Every line of it is a fact that was seen or a command that was run and passed."""
    sections = {
        "version": _version(project),
        "commands": "\n".join(gate(c) for c in passed) or fill("instructions-none.md", {}).strip(),
        "layout": _section(
            "Layout", [f"- `{place}/`: {what}." for place, what in layout.directories(tree)] + _tests(tree)
        ),
        "tools": _section("Tools", _tools(tree, project)),
        "commits": _section("Commits", _commits(style)),
        "made": _section(
            "Files that tools write", [f"- Do not edit `{p}` by hand: {why}." for p, why in layout.protected(tree)]
        ),
    }
    return fill("instructions.md", {"title": title, **sections}).rstrip("\n") + "\n"


def gate(command: Command) -> str:
    """The line that makes a command a gate."""
    return f"- `{command.line}` must pass before every commit ({command.use})."


def _section(title: str, lines: Sequence[str]) -> str:
    return "\n".join(["", f"## {title}", "", *lines]) if lines else ""


def _version(project: Project) -> str:
    known = project.version and project.language in _LANGUAGE
    return f"\nUse {_LANGUAGE[project.language]} {project.version} or newer." if known else ""


def _tests(tree: Tree) -> list[str]:
    place = layout.place_of_tests(tree)
    return [f"- Put tests in `{place}/`."] if place else []


def _tools(tree: Tree, project: Project) -> list[str]:
    lines = []
    locked = tree.has("package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "uv.lock", "poetry.lock")
    if project.manager not in ("", "pip") and locked:
        lines.append(f"- Use only `{project.manager}` as the package manager.")
    if project.tests in _FRAMEWORKS and project.tests in project.dependencies:
        lines.append(f"- Use {project.tests} as the test framework.")
    return lines


def _commits(style: Style) -> list[str]:
    lines = []
    if style.form == "conventional":
        lines.append("- Commit messages follow Conventional Commits, such as `feat(cart): add a coupon`.")
    elif style.form:
        lines.append(f"- Commit messages follow the form `{style.form}`.")
    if style.longest:
        lines.append(f"- The subject of a commit message has at most {style.longest} characters.")
    if style.signed:
        lines.append("- Sign off every commit (`git commit -s`).")
    return lines
