"""Asking the person at the terminal, if one is there."""

from __future__ import annotations

import anyio.to_thread

from loopwright.core.oversight import NetworkRequest

_TERMINAL = "/dev/tty"


async def ask_person(request: NetworkRequest) -> bool:
    """True where somebody at the terminal says yes; False where nobody is there."""
    return await anyio.to_thread.run_sync(_ask, f"Let the command reach {request.host}:{request.port}? [y/N] ")


def _ask(question: str) -> bool:
    try:
        with open(_TERMINAL, "r+b", buffering=0) as terminal:  # noqa: PTH123 - a device, unbuffered
            terminal.write(question.encode())
            return terminal.readline().strip().lower() in (b"y", b"yes")
    except OSError:
        return False
