"""What a command line may hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loopwright.core.errors import SandboxError


def check_words(argv: Sequence[str], env: Mapping[str, str] | None) -> None:
    """Raises SandboxError for a command that no kernel could start."""
    if not argv or not argv[0]:
        raise SandboxError("no command was given")
    for word in (*argv, *(env or {}), *(env or {}).values()):
        if "\0" in word:
            raise SandboxError("a command, its arguments and its environment cannot hold a NUL character")
