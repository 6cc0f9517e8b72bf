"""Python formatters that are installed beside Loopwright: ruff format, black, isort's order by ruff.

They work on copies in a private directory, laid out as in the project and beside the project's own settings, since a
file is formatted by those or not at all. Nothing of the project is run.
"""

from __future__ import annotations

import posixpath
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from loopwright.core.checks import Finding
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules import editorconfig
from loopwright.guard.checks.rules.delta import Delta, File, finding
from loopwright.guard.checks.rules.tools import ToolMissing, program

_SECONDS = 60.0
_PYTHON = (".py", ".pyi")
_SETTINGS = ("pyproject.toml", "ruff.toml", ".ruff.toml")
_TOOLS = frozenset({"black", "ruff", "ruff format", "isort"})


def formatted(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Changed files that the formatter would write otherwise. Raises ToolMissing where it is not installed."""
    tool = str(rule.params.get("tool", ""))
    if tool == "editorconfig":
        yield from editorconfig.judge(rule, delta)
        return
    if tool not in _TOOLS:
        raise ToolMissing(f"{tool} runs in the sandbox, which is not here")
    files = [f for f in delta.written(rule) if f.path.endswith(_PYTHON) and f.after.strip()]
    if not files:
        return
    settings = _settings(files, delta)
    after = _formatted(tool, {f.path: f.after for f in files}, settings)
    otherwise = [f for f in files if after[f.path] != f.after]
    before = _formatted(tool, {f.path: f.before for f in otherwise if f.before.strip()}, settings)
    for file in otherwise:
        if file.path in before and before[file.path] != file.before:
            continue  # it was not formatted before: old
        line = _first_difference(file.after, after[file.path])
        yield finding(rule, file.path, line, f"{tool} would format the file otherwise")


def _settings(files: list[File], delta: Delta) -> dict[str, str]:
    """The settings files that hold for the files, with their texts: those of every directory above them."""
    folders = {""} | {folder for f in files for folder in _parents(f.path)}
    paths = (posixpath.join(folder, name) for folder in sorted(folders) for name in _SETTINGS)
    found = {path: text for path in paths if (text := delta.read(path)) is not None}
    if not {"ruff.toml", ".ruff.toml"} & set(found) and "[tool.ruff" not in found.get("pyproject.toml", ""):
        found["ruff.toml"] = ""  # else settings of this machine would be found above the directory
    return found


def _parents(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _formatted(tool: str, texts: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Return each text as the tool writes it; one that it cannot read stays as it is."""
    if not texts:
        return {}
    with tempfile.TemporaryDirectory(prefix="loopwright-") as name:
        folder = Path(name)
        for path, text in {**settings, **texts}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(text.encode("utf-8", "replace"))
        try:
            ran = subprocess.run(_command(tool), cwd=folder, capture_output=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise ToolMissing(f"{tool} did not end within {_SECONDS:g} seconds") from None
        if ran.returncode and b"Failed to parse" in ran.stderr and b".toml" in ran.stderr:
            raise ToolMissing(f"{tool} cannot read the project's settings")
        return {path: (folder / path).read_bytes().decode("utf-8", "replace") for path in texts}


def _command(tool: str) -> list[str]:
    if tool == "isort":
        return [program("ruff"), "check", "--no-cache", "--select", "I", "--fix", "--exit-zero", "."]
    if tool == "black" and (found := _black()):
        return [found, "-q", "."]
    return [program("ruff"), "format", "--no-cache", "."]


def _black() -> str:
    try:
        return program("black")
    except ToolMissing:
        return ""


def _first_difference(text: str, better: str) -> int:
    lines, others = text.split("\n"), better.split("\n")
    differ = (n for n, (a, b) in enumerate(zip(lines, others, strict=False), 1) if a != b)
    return next(differ, min(len(lines), len(others)))
