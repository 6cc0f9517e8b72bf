"""Manifests for rolling and blue-green updates on Kubernetes."""

from __future__ import annotations

from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.scaffold.needs import Needs
from loopwright.scaffold.project import Project
from loopwright.scaffold.step import Advice, File, Kept, Step, header
from loopwright.scaffold.templates import fill
from loopwright.scaffold.tree import Tree

_STRATEGY = expression(r"RollingUpdate|blue-?green|BlueGreen|update_config|kind:\s*Rollout\b")


def plan(tree: Tree, project: Project, needs: Needs) -> Iterator[Step]:
    """Yield the manifests where a way of updating is asked for and none is there."""
    if not needs.asks("rollout"):
        return
    found = [p for p in tree.paths if p.endswith((".yaml", ".yml")) and _STRATEGY.search(tree.read(p))]
    if found:
        yield Kept("deploy/kubernetes/rolling.yaml", f"{found[0]} has a strategy already")
        return
    if not project.port:
        yield Advice("no port that the project serves was found: the manifests have no probes; give one with --port")
    reasons = needs.reasons["rollout"]
    values = _values(project, scraped=needs.asks("metrics"))
    top = {"header": header(reasons)}
    yield File(
        "deploy/kubernetes/rolling.yaml",
        fill("kubernetes-rolling.yaml", values | top | {"service": _service(project, "")}),
        reasons,
    )
    slots = {colour: _slot(values, colour, replicas) for colour, replicas in (("blue", 3), ("green", 0))}
    yield File(
        "deploy/kubernetes/blue-green.yaml",
        fill("kubernetes-blue-green.yaml", values | top | slots | {"service": _service(project, "slot: blue")}),
        reasons,
    )


def _values(project: Project, scraped: bool) -> dict[str, str]:
    values = {"name": project.name, "image": f"{project.name}:0.1.0", "port": str(project.port)}
    question = f"httpGet:\n  path: {project.health}\n  port: http" if project.health else "tcpSocket:\n  port: http"
    probes = fill("kubernetes-probes.yaml", values | {"question": question}) if project.port else ""
    pod = fill("kubernetes-pod.yaml", values | {"probes": probes.rstrip("\n")})
    return values | {"pod": pod.rstrip("\n"), "annotations": _scraped(project.port) if scraped and project.port else ""}


def _scraped(port: int) -> str:
    return fill("kubernetes-scraped.yaml", {"port": str(port)}).rstrip("\n")


def _service(project: Project, slot: str) -> str:
    if not project.port:
        return ""
    return fill("kubernetes-service.yaml", {"name": project.name, "slot": slot}).rstrip("\n")


def _slot(values: dict[str, str], colour: str, replicas: int) -> str:
    return fill("kubernetes-slot.yaml", values | {"colour": colour, "replicas": str(replicas)}).rstrip("\n")
