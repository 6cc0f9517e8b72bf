"""Reads the facts of a repository from its manifests and sources."""

from __future__ import annotations

import msgspec

from loopwright.scaffold import node, others, python
from loopwright.scaffold.project import Project
from loopwright.scaffold.tree import Tree


def read_project(tree: Tree, name: str) -> Project:
    """Return the facts of the repository `tree`, whose directory is called `name`.

    Where there are manifests of Python and Node, the one with a web framework or a start command is chosen. A Makefile
    says what no manifest does: how it is tested or linted.
    """
    project = _of_manifests(tree, name)
    uses = {command.use for command in project.commands}
    more = tuple(command for command in others.make_targets(tree) if command.use not in uses)
    completed: Project = msgspec.structs.replace(project, commands=(*project.commands, *more))
    return completed


def _of_manifests(tree: Tree, name: str) -> Project:
    found = [reader.read(tree, name) for reader in (python, node) if reader.manifests(tree)]
    if not found:
        return others.read(tree, name)
    chosen: Project = max(found, key=lambda p: (bool(p.framework), bool(p.start)))  # of equals the first
    rest = [p for p in found if p is not chosen]
    if not rest:
        return chosen
    doubt = f"there are manifests of {chosen.language} and {rest[0].language}: the files are for {chosen.language}"
    commands = (*chosen.commands, *(c for p in rest for c in p.commands))
    merged: Project = msgspec.structs.replace(chosen, doubts=(*chosen.doubts, doubt), commands=commands)
    return merged
