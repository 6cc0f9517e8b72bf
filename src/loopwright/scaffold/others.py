"""Facts of projects in languages that only have their commands read."""

from __future__ import annotations

import re

from loopwright.scaffold.project import Command, Project, slug
from loopwright.scaffold.tree import Tree, table


def read(tree: Tree, name: str) -> Project:
    """Return the facts of a Go or Rust project, or of one that no manifest explains."""
    if tree.has("go.mod"):
        found = re.search(r"^go\s+(\d+\.\d+)", tree.read("go.mod"), re.MULTILINE)
        commands = (
            Command("go vet ./...", "lint"),
            Command("go build ./...", "build"),
            Command("go test ./...", "test"),
        )
        return Project(slug(name), "go", found[1] if found else "", commands=commands)
    if tree.has("Cargo.toml"):
        version = str(table(tree.toml("Cargo.toml"), "package").get("rust-version") or "")
        checks = (Command("cargo check --offline", "build"), Command("cargo test --offline", "test"))
        return Project(slug(name), "rust", version, commands=checks)
    return Project(slug(name), commands=make_targets(tree))


def make_targets(tree: Tree) -> tuple[Command, ...]:
    """The targets of a Makefile that show that the project works."""
    wanted = re.findall(r"^(lint|check|test)\s*:(?!=)", tree.read("Makefile"), re.MULTILINE)
    uses = {"lint": "lint", "check": "lint", "test": "test"}
    return tuple(Command(f"make {target}", uses[target]) for target in dict.fromkeys(wanted))
