"""Writes an AGENTS.md for a repository that has none: only commands that were run and passed are put in."""

from __future__ import annotations

import json
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loopwright.core.errors import UsageError
from loopwright.core.running import run
from loopwright.runtime.host import Host
from loopwright.runtime.settings import make_settings
from loopwright.runtime.wire import open_view
from loopwright.store.sql import Store


@dataclass(frozen=True, slots=True)
class Made:
    """The file, whether it was written, and each command tried with whether it passed."""

    path: str
    text: str
    written: bool
    commands: dict[str, bool]


async def write_agents_file(host: Host, directory: Path, only_print: bool) -> Made:
    """Return the AGENTS.md made for the directory. Raises UsageError where there is one already, SandboxError."""
    root = directory.resolve()
    path = root / "AGENTS.md"
    if path.exists() and not only_print:
        raise UsageError(f"{path} exists already: `loopwright init --print` shows what would be written")
    commands: dict[str, bool] = {}
    with tempfile.TemporaryDirectory(prefix="loopwright-") as scratch:
        store = Store.open(scratch, environ=host.env)
        log = store.create("init")
        view = await open_view(root, make_settings(host.config), host.hub, log.blobs, host.env)
        try:
            for command, _ in candidates(root):
                ran = await run(view.executor, ["sh", "-c", command], host.config.limits)
                commands[command] = ran.ok
        finally:
            await view.aclose()
            store.close()
    text = render(root, {command: use for command, use in candidates(root) if commands[command]})
    if not only_print:
        path.write_text(text, encoding="utf-8")
    return Made(str(path), text, not only_print, commands)


def candidates(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the commands that the manifests of a repository suggest, cheap ones first, each with its use."""
    project = _toml(root / "pyproject.toml")
    tools = project.get("tool", {})
    if "ruff" in tools:
        yield "ruff check .", "lint"
    if "mypy" in tools:
        yield "mypy .", "types"
    scripts = _json(root / "package.json").get("scripts", {})
    for name in ("lint", "typecheck", "test"):
        if name in scripts and "no test specified" not in str(scripts[name]):
            yield f"npm run {name}" if name != "test" else "npm test", name
    if (root / "go.mod").is_file():
        yield "go vet ./...", "lint"
        yield "go test ./...", "test"
    if (root / "Cargo.toml").is_file():
        yield "cargo test --offline", "test"
    if project or any(root.glob("test*/**/test_*.py")) or any(root.glob("test_*.py")):
        yield "python -m pytest -q", "test"


def render(root: Path, passed: dict[str, str]) -> str:
    """Return the text of an AGENTS.md that names the commands that passed."""
    lines = [f"# {root.name}", "", "## Commands", ""]
    for command, use in passed.items():
        lines.append(f"- `{command}` must pass before every commit ({use}).")
    if not passed:
        lines.append("- No command was found that passes; name the one that shows the project works.")
    lines += ["", "## Rules", "", "- Do not commit or push; leave that to a person.", ""]
    return "\n".join(lines)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
