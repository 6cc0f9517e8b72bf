"""When to ask again: the one owner of retries (the provider libraries' own are off)."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable

import anyio
import msgspec

Sleep = Callable[[float], Awaitable[object]]


class Trouble(msgspec.Struct, frozen=True):
    """Why a request gave no answer: one line for people, whether asking again may help, and when."""

    message: str
    again: bool = False
    wait: float | None = None  # seconds the provider asked for


class Retries(msgspec.Struct, frozen=True):
    """Exponential back-off with full jitter, as in M. Brooker, "Exponential Backoff And Jitter" (AWS, 2015).

    `sleep` and `chance` (uniform in [0, 1)) are given so that a test needs no time.
    """

    tries: int = 6
    base: float = 1.0  # seconds: at most base * 2**(n-1) before the nth retry
    most: float = 30.0
    patience: float = 120.0  # the longest wait a provider may ask for
    sleep: Sleep = anyio.sleep
    chance: Callable[[], float] = random.random

    def delay(self, failed: int, trouble: Trouble, left: float | None) -> float | None:
        """Return the seconds to wait after `failed` failed tries, None to give up."""
        if not trouble.again or failed >= self.tries:
            return None
        if trouble.wait is not None:
            wait = trouble.wait if trouble.wait <= self.patience else None
        else:
            wait = min(self.most, self.base * 2.0 ** (failed - 1)) * self.chance()
        return None if wait is None or (left is not None and wait >= left) else wait
