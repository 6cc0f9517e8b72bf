"""The container image and the services beside it on a developer's machine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from loopwright.scaffold import node, python, python_install
from loopwright.scaffold.needs import Needs
from loopwright.scaffold.project import Project
from loopwright.scaffold.step import Advice, File, Kept, Step, header
from loopwright.scaffold.templates import fill
from loopwright.scaffold.tree import Tree

#: manager -> (files to copy first, install all, install from the lock, remove what only development needs)
_NODE_INSTALL = {
    "npm": ("package*.json", "npm install", "npm ci", "npm prune --omit=dev", "npm cache clean --force"),
    "pnpm": ("package.json pnpm-*.yaml", "pnpm install", "pnpm install --frozen-lockfile", "pnpm prune --prod", ""),
    "yarn": ("package.json yarn.lock*", "yarn install", "yarn install --frozen-lockfile", "", "yarn cache clean"),
    "bun": ("package.json bun.lock*", "bun install", "bun install --frozen-lockfile", "", ""),
}
_URLS = {
    "mongodb": (("MONGO", "DATABASE_URL", "DB_UR"), "mongodb://mongodb:27017/app"),
    "postgres": (
        ("POSTGRES_UR", "PG_UR", "DATABASE_URL", "DB_UR"),
        "postgresql://postgres:${POSTGRES_PASSWORD}@postgres:5432/app",
    ),
    "mysql": (("MYSQL_UR", "DATABASE_URL", "DB_UR"), "mysql://root:${MYSQL_ROOT_PASSWORD}@mysql:3306/app"),
    "redis": (("REDIS",), "redis://redis:6379/0"),
}


def plan(tree: Tree, project: Project, needs: Needs) -> Iterator[Step]:
    """Yield the Dockerfile, .dockerignore and compose file that are asked for and lacking."""
    if needs.asks("container"):
        reasons = needs.reasons["container"]
        if found := [p for p in ("Dockerfile", "Containerfile") if tree.has(p)]:
            yield Kept(found[0], "it is there already")
        elif not project.start:
            yield Advice(
                "no command that starts this project was found: give it with --start 'COMMAND' for a Dockerfile"
            )
        else:
            yield File("Dockerfile", dockerfile(tree, project, header(reasons)), reasons)
        ignored = {"header": header(reasons), "language": fill(f"dockerignore-{project.language}", {}).rstrip("\n")}
        yield File(".dockerignore", fill("dockerignore", ignored), reasons)
    if needs.asks("compose"):
        reasons = needs.reasons["compose"]
        if found := tree.named(r"(?:docker-)?compose(?:\.[\w-]+)?\.ya?ml"):
            yield Kept(found[0], "it is a compose file already")
        elif project.start or tree.has("Dockerfile"):
            yield File("compose.yaml", compose(project, header(reasons)), reasons)


def dockerfile(tree: Tree, project: Project, top: str) -> str:
    """Return a multi-stage Dockerfile: the base image is an argument, the user no root, the health asked after."""
    values = {
        "header": top,
        "expose": f"EXPOSE {project.port}" if project.port else "",
        "health": _health(project),
        "start": json.dumps(list(project.start)),
    }
    if project.language == "python":
        values |= {"version": python.image_version(project), "install": python_install.for_image(project)}
        return fill("dockerfile-python", values | {"path": "/app/src" if project.layout == "src" else "/app"})
    return fill("dockerfile-node", values | {"version": node.image_version(project), "install": _node_install(project)})


def _node_install(project: Project) -> str:
    """Dependencies before sources, so that a change of sources keeps the layer."""
    first, loose, locked, prune, clean = _NODE_INSTALL[project.manager]
    install, builds = locked if project.build.startswith("locked") else loose, project.build.endswith("+build")
    if project.manager == "npm" and not builds:
        install += " --omit=dev"
    if project.manager == "pnpm" and not builds:
        install += " --prod"
    if project.manager in ("yarn", "bun") and not builds:
        install += " --production"
    before = {"npm": (), "bun": ("npm install --global bun@1",)}.get(project.manager, ("corepack enable",))
    lines = [f"COPY {first} ./", _run([*before, install, *([clean] if clean else [])]), "COPY . ."]
    if builds:
        lines.append(_run([f"{project.manager} run build", *([prune] if prune else [])]))
    return "\n".join(lines)


def _run(commands: Sequence[str]) -> str:
    return "RUN " + " \\\n && ".join(commands)


def _health(project: Project) -> str:
    if not project.port:
        return "# It serves no port that could be asked.\nHEALTHCHECK NONE"
    timing = "HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3"
    return f"{timing} \\\n    CMD {json.dumps(_question(project))}"


def _question(project: Project) -> list[str]:
    """The words that ask whether all is well: the health route where there is one, else whether the port is open."""
    way = "route" if project.health else "port"
    code = fill(f"health-{project.language}-{way}", {"port": str(project.port), "path": project.health})
    return ["python", "-c", code.strip()] if project.language == "python" else ["node", "-e", code.strip()]


def compose(project: Project, top: str) -> str:
    """Return a compose file of the project and the databases whose drivers it has."""
    known = project.databases
    urls = {}
    for name in known:
        beginnings, url = _URLS[name]
        for variable in project.environment:
            if variable.name.startswith(beginnings) and variable.name not in urls:
                urls[variable.name] = url
    depends = [f"  {name}:\n    condition: service_healthy" for name in known]
    services = [f"  {line}" for name in known for line in fill(f"service-{name}.yaml", {}).splitlines()]
    return fill(
        "compose.yaml",
        {
            "header": top,
            "name": project.name,
            "environment": _block("environment", [f"  {name}: {json.dumps(url)}" for name, url in urls.items()]),
            "ports": f'ports:\n  - "127.0.0.1:{project.port}:{project.port}"' if project.port else "",
            "depends": _block("depends_on", depends),
            "services": "\n".join(services),
            "volumes": _block("volumes", [f"  {name}: {{}}" for name in known]),
        },
    )


def _block(key: str, lines: Sequence[str]) -> str:
    return "\n".join([f"{key}:", *lines]) if lines else ""
