"""CPU of starting: `--version`, the provider's library alone, nothing at all."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.processes import run
from benchmarks.turns import environment

PROVIDER = "import pydantic_ai.direct, pydantic_ai.models.openai, pydantic_ai.providers.openai, openai"


def measure(home: Path, times: int) -> dict[str, float]:
    """Return the least CPU seconds of `times` starts of each."""
    commands = {
        "version": ["-m", "loopwright", "--version"],
        "provider": ["-c", PROVIDER],
        "python": ["-c", "pass"],
    }
    return {name: min(_cpu(argv, home) for _ in range(times)) for name, argv in commands.items()}


def _cpu(arguments: list[str], home: Path) -> float:
    output = home / "start.txt"
    child = run([sys.executable, *arguments], environment(home), str(home), output)
    if child.status:
        raise RuntimeError(f"{arguments} failed: {output.read_text()[-1000:]}")
    return child.cpu
