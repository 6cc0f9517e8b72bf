"""From the rules and the facts of a project to the files that it lacks."""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.core.fact import Fact
from loopwright.scaffold import containers, deployment, monitoring, settings, testing, workflow
from loopwright.scaffold.needs import Needs
from loopwright.scaffold.project import Project
from loopwright.scaffold.step import Advice, File, Kept, Step
from loopwright.scaffold.tree import Tree

#: The languages that files are written for.
LANGUAGES = ("python", "node")


class Plan(Fact, frozen=True):
    """The files to be written, in the order they are shown; what is there already; what a person should know."""

    files: tuple[File, ...] = ()
    kept: tuple[Kept, ...] = ()
    advice: tuple[str, ...] = ()


def make_plan(tree: Tree, project: Project, needs: Needs) -> Plan:
    """Return what is to be written so that the project has what its rules ask for. Writes nothing."""
    if not needs.reasons:
        return Plan(advice=("no rule asks for a file that could be written: see `loopwright rules`",))
    if project.language not in LANGUAGES:
        known = project.language or "unknown"
        return Plan(advice=(f"files are written for Python and Node projects; the language of this one is {known}",))
    steps = list(_steps(tree, project, needs))
    files = tuple(step for step in steps if isinstance(step, File))
    free = tuple(file for file in files if not tree.has(file.path))
    kept = [step for step in steps if isinstance(step, Kept)]
    kept += [Kept(file.path, "it is there already") for file in files if file not in free]
    advice = (*project.doubts, *(step.text for step in steps if isinstance(step, Advice)))
    return Plan(free, tuple(kept), tuple(dict.fromkeys(advice)))


def _steps(tree: Tree, project: Project, needs: Needs) -> Iterator[Step]:
    yield from containers.plan(tree, project, needs)
    yield from settings.plan(tree, project, needs)
    tests = list(testing.plan(tree, project, needs))
    yield from tests
    gated = any(isinstance(step, File) and step.path == testing.COVERAGE_FILE for step in tests)
    yield from workflow.plan(tree, project, needs, measured=gated or testing.has_threshold(tree, project))
    yield from deployment.plan(tree, project, needs)
    yield from monitoring.plan(tree, project, needs)
