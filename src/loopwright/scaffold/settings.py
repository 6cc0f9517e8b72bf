"""The example of the environment: every variable that the code reads."""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.scaffold.environment import has_settings_files, is_ignored
from loopwright.scaffold.needs import Needs, one_line
from loopwright.scaffold.project import Project
from loopwright.scaffold.step import Advice, File, Kept, Step, header
from loopwright.scaffold.templates import fill
from loopwright.scaffold.tree import Tree

_PLAIN = expression(r"[\w./:@%+,=-]*")


def plan(tree: Tree, project: Project, needs: Needs) -> Iterator[Step]:
    """Yield .env.example where it is asked for and lacking."""
    if not needs.asks("environment"):
        return
    if has_settings_files(tree):
        yield Kept(".env.example", "an example of the environment is there already")
    else:
        reasons = needs.reasons["environment"]
        yield File(".env.example", example(project, header(reasons)), reasons)
    if not is_ignored(tree):
        yield Advice("`.env` is not in .gitignore: add it, so that no secret is committed")


def example(project: Project, top: str) -> str:
    """Return a file that names each variable, where it is read, and its default unless that could be a secret."""
    lines = []
    for variable in project.environment:
        lines.append(f"# {one_line(variable.file)}:{variable.line}")
        lines.append(f"{variable.name}={_quoted(variable.default)}")
    return fill("env-example", {"header": top, "variables": "\n".join(lines) or "# The code reads none."})


def _quoted(value: str) -> str:
    """As a shell and Compose read it alike; a value with a quote in it is left for a person to write."""
    if _PLAIN.fullmatch(value):
        return value
    return "" if "'" in value else f"'{value}'"
