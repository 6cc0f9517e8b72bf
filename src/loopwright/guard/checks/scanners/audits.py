"""Known vulnerabilities of dependencies: npm audit and pip-audit, where a network is allowed.

Both ask a registry, so they run in the session's sandbox and reach what it may reach; in a session without a network,
and where the tool is not installed, that is said and is never a pass.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import anyio.to_thread

from loopwright.core.checks import Change, Finding, Verdict
from loopwright.core.ports import CheckContext
from loopwright.core.rules import Level
from loopwright.core.running import Limits, Ran, run
from loopwright.guard.checks.rules.delta import Delta
from loopwright.guard.checks.rules.verdict import places

_SECONDS = 180.0
_NO_NETWORK = "no network is allowed: name the registry, -c limits.network=allow:HOST"


@dataclass(frozen=True, slots=True)
class Advice:
    """One advisory on one package of the project."""

    package: str
    text: str
    level: Level


@dataclass(frozen=True, slots=True)
class Auditor:
    """A tool, the files that make it worth asking, its command in a file's directory, and how its output is read."""

    name: str
    files: frozenset[str]
    argv: Callable[[str], tuple[str, ...]]
    read: Callable[[Any], Iterator[Advice]]


class AuditCheck:
    """Asks about the dependencies of each directory whose manifest or lock the change touches."""

    id = "audits"
    cost = 80

    async def run(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]:
        """One verdict a tool; none where no manifest of its kind was touched. Raises SandboxError."""
        verdicts = []
        for auditor in AUDITORS:
            manifests = _manifests(auditor, change, ctx)
            if manifests:
                verdicts.append(await _audit(auditor, manifests, change, ctx))
        return tuple(verdicts)


def _manifests(auditor: Auditor, change: Change, ctx: CheckContext) -> tuple[str, ...]:
    """One changed file of each directory."""
    found: dict[str, str] = {}
    for file in Delta(change, ctx.blobs).files:
        folder, name = posixpath.split(file.path)
        if name in auditor.files and file.kind != "delete" and file.moves_text:
            found.setdefault(folder, file.path)
    return tuple(found.values())


async def _audit(auditor: Auditor, manifests: tuple[str, ...], change: Change, ctx: CheckContext) -> Verdict:
    if ctx.limits.network == "none":
        return _not_run(auditor, _NO_NETWORK)
    found: list[Finding] = []
    for path in manifests:
        folder, name = posixpath.split(path)
        limits = Limits(timeout=_SECONDS, output=32 << 20, network=ctx.limits.network)
        ran = await run(ctx.workspace.executor, auditor.argv(name), limits, cwd=folder)
        if ran.exit.status == 127:
            return _not_run(auditor, f"{auditor.name} is not installed where the change is judged")
        report = await anyio.to_thread.run_sync(_report, ran)
        if report is None:
            return _not_run(auditor, f"{auditor.name} gave no result for {path}: {_said(ran)}")
        brought = _brought(folder, auditor, change, ctx)
        for advice in auditor.read(report):
            level = advice.level if advice.package.lower() in brought else "warn"
            reason = f"{advice.package}: {advice.text}"
            found.append(Finding(_id(auditor), advice.package, reason, level, path, 0, auditor.name))
    blocks = any(f.level == "block" for f in found)
    return Verdict(
        check=_id(auditor),
        kind="scanner",
        name=auditor.name,
        verdict="failed" if found else "passed",
        level="block" if blocks or not found else "warn",
        evidence=places(tuple(found)) or f"no advisory on what {', '.join(manifests[:5])} asks for",
        findings=tuple(found),
    )


def _brought(folder: str, auditor: Auditor, change: Change, ctx: CheckContext) -> str:
    """What the change writes into the manifests of a directory, in small letters: a package it does not name is old."""
    files = Delta(change, ctx.blobs).files
    mine = [f for f in files if posixpath.dirname(f.path) == folder and f.name in auditor.files]
    return "\n".join(line for f in mine for _, line in f.added_lines).lower()


def _id(auditor: Auditor) -> str:
    return f"scanner.{auditor.name.replace(' ', '-')}"


def _not_run(auditor: Auditor, why: str) -> Verdict:
    return Verdict(_id(auditor), "scanner", auditor.name, "not_run", level="warn", evidence=why)


def _report(ran: Ran) -> Any:
    """The JSON object that the tool printed; None where there is none, or where it reports its own failure."""
    try:
        report = json.loads(ran.out)
    except (ValueError, RecursionError):
        return None
    return report if isinstance(report, dict) and "error" not in report else None


def _said(ran: Ran) -> str:
    lines = [line.strip() for line in ran.text().splitlines() if line.strip(" {}\n")]
    return lines[0][:160] if lines else f"exit status {ran.exit.status}"


def _npm(report: Any) -> Iterator[Advice]:
    """npm audit, report version 2: one entry a package; what only depends on a bad package is told by that one."""
    for name, entry in sorted(_table(report.get("vulnerabilities")).items()):
        severity = str(_table(entry).get("severity", ""))
        causes = [via for via in _table(entry).get("via") or () if isinstance(via, dict)]
        for via in causes:
            text = f"{via.get('title', 'an advisory')} ({severity}; {via.get('range', 'any version')})"
            grave: Level = "block" if severity in ("high", "critical") else "warn"
            yield Advice(name, f"{text} {via.get('url', '')}".strip(), grave)


def _pip(report: Any) -> Iterator[Advice]:
    """pip-audit: advisories have no severity here, so one that a newer version mends blocks."""
    for entry in report.get("dependencies") or ():
        for advisory in _table(entry).get("vulns") or ():
            mended = ", ".join(map(str, advisory.get("fix_versions") or ()))
            text = f"{advisory.get('id', 'an advisory')} in {entry.get('version', '')}" + (
                mended and f", mended in {mended}"
            )
            yield Advice(str(entry.get("name", "")), text, "block" if mended else "warn")


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


AUDITORS = (
    Auditor(
        "npm audit",
        frozenset({"package.json", "package-lock.json", "npm-shrinkwrap.json"}),
        lambda name: ("npm", "audit", "--json"),
        _npm,
    ),
    Auditor(
        "pip-audit",
        frozenset({"requirements.txt", "requirements.lock", "pyproject.toml"}),
        lambda name: (
            ("pip-audit", "--format", "json", "--progress-spinner", "off")
            + (("--requirement", name) if name.startswith("requirements") else (".",))
        ),
        _pip,
    ),
)
