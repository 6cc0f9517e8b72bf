"""Asking the person at the terminal, if one is there."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable

import anyio

from loopwright.core.calls import Approval
from loopwright.core.oversight import NetworkRequest, deny

#: Answers a question with yes or no; None where nobody is there. Cancelled, it asks no longer.
Person = Callable[[str], Awaitable[bool | None]]

_TERMINAL = "/dev/tty"
_YES = frozenset({"y", "yes", "j", "ja"})


def question(request: NetworkRequest) -> str:
    """What a person is asked about a request."""
    return f"Let the command reach {request.host}:{request.port}?"


async def ask_nobody(asked: str) -> bool | None:
    """The person of a run that nobody watches."""
    return None


async def ask_at_terminal(asked: str) -> bool | None:
    """Ask at this process's terminal and wait for a line; None where there is no terminal."""
    try:
        terminal = os.open(_TERMINAL, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        os.write(terminal, f"{asked} [y/N] ".encode())
        await anyio.wait_readable(terminal)
        return os.read(terminal, 4096).decode(errors="replace").strip().lower() in _YES
    except OSError:
        return None
    finally:
        os.close(terminal)


async def ask_person(request: NetworkRequest) -> Approval:
    """The answer of whoever is at the terminal."""
    granted = await ask_at_terminal(question(request))
    return await deny(request) if granted is None else Approval(granted)
