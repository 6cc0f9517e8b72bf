"""How Prometheus reads the project: its configuration, and a note on what to wire in."""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.scaffold.needs import Needs
from loopwright.scaffold.project import Project
from loopwright.scaffold.step import Advice, File, Kept, Step, header
from loopwright.scaffold.templates import fill
from loopwright.scaffold.tree import Tree

_CLIENT = {"python": "prometheus-client", "node": "prom-client"}
_WIRED = expression(
    r"[\"'`]/metrics\b|prometheus_fastapi_instrumentator|django_prometheus|express-prom-bundle|start_http_server"
)
_CODE = {"express": "express", "fastapi": "fastapi", "flask": "flask", "django": "django"}
_ENDINGS = (".py", ".js", ".mjs", ".cjs", ".ts")


def plan(tree: Tree, project: Project, needs: Needs) -> Iterator[Step]:
    """Yield the scrape configuration, and the note where no source answers /metrics yet."""
    if not needs.asks("metrics"):
        return
    reasons = needs.reasons["metrics"]
    port = project.port or 8000
    if found := tree.named(r"prometheus\.ya?ml"):
        yield Kept("deploy/prometheus.yml", f"{found[0]} is there already")
    else:
        values = {"header": header(reasons), "name": project.name, "target": f"app:{port}"}
        yield File("deploy/prometheus.yml", fill("prometheus.yml", values), reasons)
    if wired := next((p for p in tree.sources(*_ENDINGS) if _WIRED.search(tree.read(p))), ""):
        yield Kept("docs/metrics.md", f"{wired} serves metrics already")
        return
    client = "django-prometheus" if project.framework == "django" else _CLIENT[project.language]
    add = {"npm": "npm install", "pip": "pip install"}.get(project.manager, f"{project.manager} add")
    code = fill(f"metrics-{_CODE.get(project.framework, project.language)}", {})
    values = {"header": header(reasons, "<!--"), "add": f"{add} {client}", "code": code.rstrip("\n"), "port": str(port)}
    language = "python" if project.language == "python" else "js"
    yield File("docs/metrics.md", fill("metrics.md", values | {"language": language}), reasons)
    yield Advice(f"metrics need code of yours: docs/metrics.md shows what to add ({client})")
