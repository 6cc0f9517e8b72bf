"""Rules that ruff judges, and the core of presets: on copies of the changed files, which are read and never run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

from loopwright.core.checks import Finding
from loopwright.core.expression import expression
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules import layout, markdown_lint
from loopwright.guard.checks.rules.delta import Delta, finding, fresh

_SECONDS = 60.0
_CODE = expression(r"^[A-Z]+\d+$")  # what is not a rule (a syntax error) has another


class ToolMissing(Exception):
    """The tool that would judge the rule is not installed here."""


def lint(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """Violations of linter rules that the change brings in. Raises ToolMissing."""
    if rule.params.get("tool") == "ruff":
        yield from _ruff(rule, delta)
        return
    if rule.params.get("preset") == "airbnb":
        yield from preset_core(rule, delta)
        return
    if rule.params.get("tool") == "text":
        yield from layout.line_ends(rule, delta)
        return
    if rule.params.get("tool") == "markdown":
        yield from markdown_lint.marked(rule, delta)
        return
    if rule.params.get("tool") == "eslint":
        raise ToolMissing("eslint runs in the sandbox, which is not here")
    raise ToolMissing(f"{rule.params.get('tool')} is run by the commands of the project alone")


def _ruff(rule: Directive, delta: Delta) -> Iterator[Finding]:
    files = [f for f in delta.written(rule) if f.language == "python"]
    if not files:
        return
    codes = str(rule.params.get("rule", ""))
    before = _violations({f.path: f.before for f in files}, codes)
    after = _violations({f.path: f.after for f in files}, codes)
    for file in files:
        for line, reason in fresh(before.get(file.path, []), after.get(file.path, []), file.before, file.after):
            yield finding(rule, file.path, line, reason)


def program(name: str) -> str:
    """Return the path of a Python tool beside this interpreter or on the search path. Raises ToolMissing."""
    beside = Path(sysconfig.get_path("scripts")) / name
    found = (
        str(beside)
        if beside.exists()
        else shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    )
    if not found:
        raise ToolMissing(f"{name} is not installed")
    return found


def _violations(texts: dict[str, str], codes: str) -> dict[str, list[tuple[int, str]]]:
    ruff = program("ruff")
    with tempfile.TemporaryDirectory(prefix="loopwright-") as folder:
        names = _write(texts, Path(folder))
        argv = [
            ruff,
            "check",
            "--isolated",
            "--no-cache",
            "--output-format",
            "json",
            "--select",
            codes,
            "--exit-zero",
            "--target-version",
            "py311",
            ".",
        ]
        ran = subprocess.run(argv, cwd=folder, capture_output=True, timeout=_SECONDS, check=False)
        if ran.returncode:
            raise ToolMissing(f"ruff cannot judge {codes}: {ran.stderr.decode('utf-8', 'replace').strip()[:200]}")
        try:
            rows = json.loads(ran.stdout or b"[]")
        except ValueError:
            raise ToolMissing(f"ruff cannot judge {codes}") from None
    found: dict[str, list[tuple[int, str]]] = {}
    for row in rows:
        path = names.get(Path(row["filename"]).name)
        if path is not None and _CODE.match(row.get("code") or ""):
            found.setdefault(path, []).append((row["location"]["row"], f"{row['code']}: {row['message']}"))
    return found


def _write(texts: dict[str, str], folder: Path) -> dict[str, str]:
    """Write each text under a name of its own; return which path each name stands for."""
    names = {}
    for index, (path, text) in enumerate(texts.items()):
        name = f"f{index}_{Path(path).name}"
        (folder / name).write_text(text, encoding="utf-8")
        names[name] = path
    return names


def preset_core(rule: Directive, delta: Delta) -> Iterator[Finding]:
    """The core of the Airbnb guide that reads from the text: const, semicolons, single quotes, two spaces, no eval."""
    from loopwright.guard.checks.rules import syntax

    if rule.params.get("preset") != "airbnb":
        return
    for what in ("var", "eval", "nested_ternary"):
        yield from syntax.forbidden_syntax(_as(rule, {"what": what}), delta)
    yield from layout.quotes(_as(rule, {"style": "single", "languages": ["javascript", "typescript"]}), delta)
    yield from layout.indentation(
        _as(rule, {"style": "spaces", "n": 2, "languages": ["javascript", "typescript"]}), delta
    )


def _as(rule: Directive, params: dict[str, object]) -> Directive:
    import msgspec

    return msgspec.structs.replace(rule, params=params)
