"""`check --base HEAD` on a change of five files in a repository of five thousand, beyond the tools that it calls."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.processes import run
from benchmarks.turns import environment

FILES, CHANGED, TIMES = 5000, 5, 3
#: Rules that no tool judges: what ruff or an eslint needs is its own.
RULES = """\
- Never edit `schema.sql`.
- Never import `requests` in `src/`.
- Never commit secrets.
- Lines must be at most 120 characters long.
- Functions must be named in `snake_case`.
- When you change `src/part1/**`, update `CHANGELOG.md`.
- Tests are written with pytest.
"""
SOURCE = '"""Part {n}."""\n\n\ndef value(x: int) -> int:\n    return x * {n}\n' * 5


def measure(home: Path) -> Iterator[Figure]:
    """Yield the least wall clock and CPU of a few runs, and what the bundled scanners add."""
    root = home / "large"
    _write(root)
    plain = [_run(home, root, "--skip", "scanner") for _ in range(TIMES)]
    whole = [_run(home, root) for _ in range(TIMES)]
    name = f"check, {CHANGED} files of {FILES:,}"
    wall, cpu = min(w for w, _ in plain), min(c for _, c in plain)
    bare = min(_git(home, root) for _ in range(TIMES))
    yield Figure(f"{name}, wall, no tools (bare: git diff)", wall, "s", 1.0, bare)
    yield Figure(f"{name}, CPU, no tools", cpu, "s")
    yield Figure(f"{name}, wall, with ruff, bandit, detect-secrets", min(w for w, _ in whole), "s")


def _write(root: Path) -> None:
    for number in range(FILES):
        path = root / "src" / f"part{number % 100}" / f"module{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SOURCE.format(n=number))
    (root / "AGENTS.md").write_text(RULES)
    (root / "CHANGELOG.md").write_text("# Changes\n")
    author = ["-c", "user.name=bench", "-c", "user.email=bench@localhost"]
    for arguments in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "-m", "begin"]):
        subprocess.run(["git", "-C", str(root), *arguments], check=True)
    for number in range(CHANGED):
        with (root / "src" / f"part{number}" / f"module{number}.py").open("a") as file:
            file.write("\n\ndef more(y: int) -> int:\n    return y\n")
    (root / "CHANGELOG.md").write_text("# Changes\n\n- more\n")


def _run(home: Path, root: Path, *options: str) -> tuple[float, float]:
    output = home / "check.txt"
    argv = [sys.executable, "-m", "loopwright", "check", "--base", "HEAD", *options]
    child = run(argv, environment(home), str(root), output)
    if child.status:
        raise RuntimeError(f"check ended with {child.status}: {output.read_text()[-1000:]}")
    return child.wall, child.cpu


def _git(home: Path, root: Path) -> float:
    return run(["git", "diff", "--stat", "HEAD"], environment(home), str(root), home / "diff.txt").wall
