"""What a repository is: its language, how it is installed, started, tested, and what it reads from outside."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.core.fact import Fact
from loopwright.scaffold.tree import Tree


class Command(Fact, frozen=True):
    """A command that a manifest suggests, and what it is for: format, lint, typecheck, build or test."""

    line: str
    use: str


class Variable(Fact, frozen=True):
    """One environment variable the code reads, where it first does, and the default it falls back on."""

    name: str
    file: str
    line: int
    default: str = ""


class Project(Fact, frozen=True):
    """Facts that manifests and sources state. "" or () = they do not say."""

    name: str
    language: str = ""  # python, node, go, rust; "" = none of them
    version: str = ""  # the lowest version of the language the manifest allows
    manager: str = ""  # pip, uv, poetry, npm, pnpm, yarn, bun
    dependencies: frozenset[str] = frozenset()  # of all groups, lower case
    production: frozenset[str] = frozenset()  # those the product needs to run
    framework: str = ""  # of the web
    start: tuple[str, ...] = ()
    port: int = 0  # 0 = it serves nothing that could be seen
    health: str = ""  # the path that answers when all is well
    tests: str = ""  # the test framework
    databases: tuple[str, ...] = ()
    environment: tuple[Variable, ...] = ()
    commands: tuple[Command, ...] = ()
    layout: str = ""  # python: src, where the packages lie in src/; node: module, for ES modules
    build: str = ""  # how production dependencies are installed, see the container files
    doubts: tuple[str, ...] = ()  # what a person should know of these facts


_DATABASES = {
    "mongodb": ("mongodb", "mongoose", "pymongo", "motor", "beanie"),
    "postgres": ("pg", "psycopg", "psycopg2", "psycopg2-binary", "asyncpg", "postgres"),
    "mysql": ("mysql", "mysql2", "pymysql", "mysqlclient"),
    "redis": ("redis", "ioredis", "bullmq"),
}
_HEALTH = expression(r"[\"'](/(?:api/)?(?:healthz?|health[-_]?check|livez|readyz?|ping|status))/?[\"']")


def databases(dependencies: frozenset[str]) -> tuple[str, ...]:
    """The databases whose drivers are among the dependencies."""
    return tuple(name for name, drivers in _DATABASES.items() if dependencies.intersection(drivers))


def health_path(tree: Tree, *endings: str) -> str:
    """The route the sources define for "is it well?", "" where there is none."""
    for path in tree.sources(*endings):
        if found := _HEALTH.search(tree.read(path)):
            return found[1]
    return ""


def slug(name: str) -> str:
    """A name as registries and clusters take it: lower case letters, digits, single dashes; 40 at most."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].rstrip("-") or "app"
