"""Facts of a Node project."""

from __future__ import annotations

import re
import shlex
from typing import Any

from loopwright.core.expression import expression
from loopwright.scaffold import environment
from loopwright.scaffold.project import Command, Project, databases, health_path, slug
from loopwright.scaffold.tree import Tree, table

ENDINGS = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx")
_WEB = ("express", "fastify", "koa", "@nestjs/core", "hono", "@hapi/hapi", "next")
_RUNNERS = ("vitest", "jest", "mocha", "ava")
_USES = {
    "format:check": "format",
    "format-check": "format",
    "check-format": "format",
    "lint": "lint",
    "typecheck": "typecheck",
    "type-check": "typecheck",
    "build": "build",
    "test": "test",
}
_PORT = expression(r"\bPORT\b[^\n;]{0,20}?(?:\|\||\?\?|,|=)\s*[\"']?(\d{4,5})\b|\.listen\(\s*(\d{4,5})\b")
_LISTENS = expression(r"\.listen\(|createServer\(")


def manifests(tree: Tree) -> bool:
    """True where this is a Node project."""
    return tree.has("package.json")


def read(tree: Tree, name: str) -> Project:
    """Return the facts of a Node project in the directory `name`."""
    manifest = tree.json("package.json")
    production = frozenset(k.lower() for k in table(manifest, "dependencies"))
    everything = production | {k.lower() for k in table(manifest, "devDependencies")}
    framework = next((w for w in _WEB if w in everything), "")
    start = _start(tree, manifest)
    return Project(
        name=slug(str(manifest.get("name") or name).rpartition("/")[2]),
        language="node",
        version=_version(tree, manifest),
        manager=_manager(tree, manifest),
        dependencies=everything,
        production=production,
        framework=framework,
        start=start,
        port=_port(tree, framework),
        health=health_path(tree, *ENDINGS),
        tests=_tests(manifest, everything),
        databases=databases(everything),
        environment=environment.of_node(tree, ENDINGS),
        commands=_commands(tree, manifest),
        layout="module" if manifest.get("type") == "module" else "",
        build=_build(tree, manifest),
        doubts=() if start else ("package.json has no start script and no main file that is there",),
    )


def _version(tree: Tree, manifest: dict[str, Any]) -> str:
    stated = str(table(manifest, "engines").get("node") or "")
    found = re.search(r"\d+", stated) or re.match(r"\s*v?(\d+)", tree.read(".nvmrc") or tree.read(".node-version"))
    return found[found.lastindex or 0] if found else ""


def _manager(tree: Tree, manifest: dict[str, Any]) -> str:
    stated = str(manifest.get("packageManager") or "").partition("@")[0]
    if stated in ("npm", "pnpm", "yarn", "bun"):
        return stated
    locks = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn", "bun.lock": "bun", "bun.lockb": "bun"}
    return next((manager for lock, manager in locks.items() if tree.has(lock)), "npm")


def _build(tree: Tree, manifest: dict[str, Any]) -> str:
    """locked or loose (whether a lock file pins the dependencies), with +build where a build script makes the code."""
    locks = ("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb")
    return ("locked" if tree.has(*locks) else "loose") + ("+build" if table(manifest, "scripts").get("build") else "")


def _tests(manifest: dict[str, Any], dependencies: frozenset[str]) -> str:
    script = str(table(manifest, "scripts").get("test") or "")
    for name in _RUNNERS:
        if name in dependencies or re.search(rf"\b{name}\b", script):
            return name
    return "node:test" if re.search(r"\bnode\b.*--test\b", script) else ""


def _commands(tree: Tree, manifest: dict[str, Any]) -> tuple[Command, ...]:
    manager, scripts, found = _manager(tree, manifest), table(manifest, "scripts"), []
    for name, use in _USES.items():
        body = str(scripts.get(name) or "")
        if body and "no test specified" not in body:
            found.append(Command(f"{manager} test" if name == "test" else f"{manager} run {name}", use))
    return tuple(found)


def _start(tree: Tree, manifest: dict[str, Any]) -> tuple[str, ...]:
    script = str(table(manifest, "scripts").get("start") or "")
    if script:
        try:
            words = shlex.split(script)
        except ValueError:
            words = []
        plain = words[:1] == ["node"] and not re.search(r"[&|;<>$`]", script)
        return tuple(words) if plain else (_manager(tree, manifest), "start")  # signals reach a plain one directly
    main = str(manifest.get("main") or "")
    named = [main.removeprefix("./"), "server.js", "index.js", "src/server.js", "src/index.js", "app.js"]
    found = next((p for p in named if p and tree.has(p)), "")
    return ("node", found) if found else ()


def _port(tree: Tree, framework: str) -> int:
    texts = [tree.read(path) for path in tree.sources(*ENDINGS)]
    for text in texts:
        if found := _PORT.search(text):
            return int(found[1] or found[2])
    return 3000 if framework or any(_LISTENS.search(text) for text in texts) else 0


def image_version(project: Project) -> str:
    """The major version that the container runs: the lowest the project says it works with."""
    return project.version or "22"
