"""The checks on a tree as it stands, without a session and without a model."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from loopwright.core.checks import Change, FileChange, Finding, Ref, Verdict
from loopwright.core.errors import UsageError
from loopwright.core.plan import Requirement
from loopwright.core.ports import Blobs, CheckContext, Workspace
from loopwright.runtime.host import Host
from loopwright.runtime.revision import changed_since
from loopwright.runtime.rules import read_rules
from loopwright.runtime.sarif import to_sarif
from loopwright.runtime.settings import make_settings
from loopwright.runtime.wire import open_view
from loopwright.store.sql import Store


@dataclass(frozen=True, slots=True)
class Report:
    """What the checks found."""

    verdicts: tuple[Verdict, ...]

    @property
    def blocked(self) -> bool:
        return any(verdict.red for verdict in self.verdicts)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for verdict in self.verdicts for finding in verdict.findings)

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield one finding each, as `check --json` prints it."""
        for verdict in self.verdicts:
            for finding in verdict.findings or (_whole(verdict),):
                if verdict.findings or verdict.verdict == "failed":
                    yield _record(verdict, finding)

    def verdict_records(self) -> list[dict[str, Any]]:
        """Return all verdicts, as the last line of `check --json` holds them."""
        return [
            {
                "check": v.check,
                "kind": v.kind,
                "name": v.name,
                "source": v.source,
                "verdict": v.verdict,
                "evidence": v.evidence,
            }
            for v in self.verdicts
        ]

    def lines(self, quiet: bool) -> Iterator[str]:
        """Yield what a person reads: findings with their places, then a count."""
        for verdict in self.verdicts:
            for finding in verdict.findings or (_whole(verdict),):
                if verdict.findings or verdict.verdict == "failed":
                    place = f"{finding.file}:{finding.line}: " if finding.file else ""
                    yield f"{place}{finding.level}: {finding.reason} [{finding.source or verdict.check}]"
        if not quiet:
            counts = {name: sum(v.verdict == name for v in self.verdicts) for name in ("passed", "failed", "partly")}
            rest = len(self.verdicts) - sum(counts.values())
            yield ", ".join(f"{n} {name}" for name, n in counts.items()) + f", {rest} not enforced"

    def sarif(self) -> str:
        return to_sarif(self.verdicts)


def _whole(verdict: Verdict) -> Finding:
    return Finding(verdict.check, verdict.name, verdict.evidence or verdict.name, verdict.level, source=verdict.source)


def _record(verdict: Verdict, finding: Finding) -> dict[str, Any]:
    family = {"directive": "rule"}.get(verdict.kind, verdict.kind)
    record: dict[str, Any] = {"check": finding.check, "family": family, "name": finding.name, "level": finding.level}
    record |= {"file": finding.file, "line": finding.line, "reason": finding.reason}
    return record | ({"source": finding.source} if finding.source else {})


def are_lone(paths: Sequence[Path]) -> bool:
    """True where every path is a file in a language that the safety checks read."""
    from loopwright.guard.checks.safety import judges

    return bool(paths) and all(path.is_file() and judges(path) for path in paths)


def check_files(paths: Sequence[Path]) -> Report:
    """Run the five safety checks alone on lone files: no repository, no sandbox. Raises UsageError."""
    from loopwright.guard.checks.safety import judge_files, verdicts

    try:
        return Report(verdicts(judge_files(paths), len(paths)))
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be read: {error.strerror}") from None


async def check_tree(host: Host, paths: Sequence[Path], directory: Path, base: str | None, only: str | None) -> Report:
    """Run every check on the tree, or on what changed since `base`. Raises UsageError, SandboxError."""
    root, wanted = _root(paths, directory)
    loaded = read_rules(root, host.config, host.home)
    directives = tuple(d for d in loaded.directives if only in (None, d.check))
    settings = make_settings(host.config)
    with tempfile.TemporaryDirectory(prefix="loopwright-") as scratch:
        store = Store.open(scratch, environ=host.env)
        log = store.create("check")
        view = await open_view(root, settings, host.hub, log.blobs, host.env)
        try:
            ref = await view.checkpoint()
            change, before = await _change(view, log.blobs, ref, root, base, wanted)
            context = CheckContext(
                Requirement(goal="check"), directives, view, ref, before, log.blobs, settings.limits, lambda delta: None
            )
            verdicts: list[Verdict] = []
            for check in sorted((c for make in host.hub.checks.values() for c in make()), key=lambda c: c.cost):
                verdicts.extend(await check.run(change, context))
        finally:
            await view.aclose()
            store.close()
    found = tuple(v for v in verdicts if only is None or v.check == only)
    if only is not None and not found:
        raise UsageError(f"there is no check {only!r}: `loopwright rules --json` names them")
    return Report(found)


def _root(paths: Sequence[Path], directory: Path) -> tuple[Path, tuple[str, ...]]:
    if len(paths) == 1 and paths[0].is_dir():
        return paths[0].resolve(), ()
    root = directory.resolve()
    wanted = []
    for path in paths:
        resolved = (path if path.is_absolute() else Path.cwd() / path).resolve()
        if not resolved.is_relative_to(root):
            raise UsageError(f"{path} is not in {root}: name its project with -C DIR")
        wanted.append(str(resolved.relative_to(root)))
    return root, tuple(wanted)


async def _change(
    view: Workspace, blobs: Blobs, ref: Ref, root: Path, base: str | None, wanted: tuple[str, ...]
) -> tuple[Change, Ref]:
    """The change to be judged, and the checkpoint of the tree before it."""
    if base is None:
        files = [
            FileChange(x.path, "add", None, blobs.put(view.files.read(x.path)), 0, x.mode)
            for x in view.files.walk()
            if x.kind == "file"
            and (not wanted or x.path in wanted or x.path.startswith(tuple(f"{w}/" for w in wanted)))
        ]
        return Change("", ref.tree, tuple(files)), ref
    old = changed_since(root, base, (x.path for x in view.files.walk() if x.kind == "file"), view.files.read)
    for path, data in old.items():
        if data is None:
            view.files.delete(path)
        else:
            view.files.write(path, data)
    before = await view.checkpoint()
    await view.restore(ref)
    files = []
    for path, data in sorted(old.items()):
        entry = view.files.stat(path)
        after = None if entry is None else blobs.put(view.files.read(path))
        kind = "add" if data is None else "delete" if after is None else "update"
        digest = None if data is None else blobs.put(data)
        files.append(msgspec.convert({"path": path, "kind": kind, "before": digest, "after": after}, FileChange))
    kept = tuple(f for f in files if not wanted or f.path in wanted)
    return Change(before.tree, ref.tree, kept), before
