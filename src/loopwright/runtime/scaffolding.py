"""Writes what the rules of a project ask for and it lacks. Nothing that is there is ever changed."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from loopwright.core.errors import UsageError
from loopwright.core.expression import expression
from loopwright.runtime.host import Host
from loopwright.runtime.rules import read_rules
from loopwright.scaffold import Project, Tree, make_plan, read_needs, read_project
from loopwright.scaffold.plan import Plan
from loopwright.scaffold.step import File

_LEFT_OUT = expression(r"(?:^|/)(?:\.git|node_modules|\.venv|venv|__pycache__|\.mypy_cache|\.ruff_cache|\.tox)(?:/|$)")
#: Files and bytes of each that are looked at: sources to be read by people are far below both.
_MOST_FILES = 50_000
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Scaffolded:
    """What was planned, and which of its files were written."""

    plan: Plan
    written: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """Return it as `scaffold --json` prints it."""
        files = [
            {
                "path": file.path,
                "written": file.path in self.written,
                "rules": [{"source": r.source, "text": r.text} for r in file.reasons],
                "text": file.text,
            }
            for file in self.plan.files
        ]
        kept = [{"what": k.what, "because": k.because} for k in self.plan.kept]
        return {"files": files, "kept": kept, "advice": list(self.plan.advice)}

    def lines(self, quiet: bool) -> Iterator[str]:
        """Yield what a person reads."""
        for file in self.plan.files:
            said = "wrote" if file.path in self.written else "would write"
            yield f"{said} {file.path} ({', '.join(r.source for r in file.reasons[:3])})"
        if quiet:
            return
        for kept in self.plan.kept:
            yield f"kept {kept.what}: {kept.because}"
        for advice in self.plan.advice:
            yield f"note: {advice}"


def scaffold(root: Path, host: Host, *, start: str = "", port: int = 0, dry_run: bool = False) -> Scaffolded:
    """Write what is lacking below `root` and return what was. Raises UsageError.

    `start` and `port` say how the project is started where its sources do not.
    """
    root = root.resolve()
    tree = read_tree(root)
    project = _told(read_project(tree, root.name), start, port)
    plan = make_plan(tree, project, read_needs(read_rules(root, host.config, host.home).directives))
    written = () if dry_run else tuple(file.path for file in plan.files if _write(root, file))
    return Scaffolded(plan, written)


def _told(project: Project, start: str, port: int) -> Project:
    try:
        words = tuple(shlex.split(start))
    except ValueError as error:
        raise UsageError(f"--start {start!r} is no command: {error}") from None
    told: Project = msgspec.structs.replace(project, start=words or project.start, port=port or project.port)
    return told


def _write(root: Path, file: File) -> bool:
    """Create the file and return True; False where something stands in its place meanwhile."""
    path = root / file.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.parent.resolve().is_relative_to(root):
            raise UsageError(f"{file.path} would be written outside of {root}: a directory on the way is a link")
        with path.open("x", encoding="utf-8") as opened:
            opened.write(file.text)
    except FileExistsError:
        return False
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    return True


def read_tree(root: Path) -> Tree:
    """Return the files of `root`: those that git tracks or does not ignore, without git all but caches."""
    paths = sorted(path for path in _listed(root) if not _LEFT_OUT.search(path))[:_MOST_FILES]
    texts: dict[str, str] = {}

    def read(path: str) -> str:
        if path not in texts:
            texts[path] = _text(root, path)
        return texts[path]

    return Tree(tuple(paths), read)


def _text(root: Path, path: str) -> str:
    """The text of a file; "" for what is absent, too large, or leads out of the root."""
    whole = root / path
    try:
        if not whole.is_file() or whole.stat().st_size > _MOST_BYTES or not whole.resolve().is_relative_to(root):
            return ""
        return whole.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _listed(root: Path) -> Iterator[str]:
    try:
        out = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    except UsageError:
        for directory, below, files in os.walk(root):
            inside = Path(directory).relative_to(root)
            below[:] = [name for name in below if not _LEFT_OUT.search(name)]
            yield from (str(inside / name) for name in files)
        return
    for name in set(out.split("\0")):
        if name and (root / name).is_file():
            yield name


def git(root: Path, *words: str) -> str:
    """Return what git prints, run so that nothing of the repository's own configuration is executed.

    Raises UsageError, in git's words, where git fails or is not there.
    """
    safe = ["-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]
    command = ["git", *safe, "-c", "core.quotePath=false", *words]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"git {words[0]} failed: {error}") from None
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UsageError(f"git {words[0]} failed: {reason[0] if reason else done.returncode}")
    return done.stdout.decode("utf-8", "replace")
