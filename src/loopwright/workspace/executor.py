"""The sandbox over a view, started when the first command needs it and kept warm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import anyio
import msgspec

from loopwright.core.ports import Mount, OpenExecutor, Profile, Sandbox
from loopwright.core.running import Limits, Process


class LazyExecutor:
    """An executor over one mount; after `move` the next command starts a sandbox over the new one.

    Over a passing view it has no network, whatever the session and a command's own limits allow.
    """

    def __init__(self, sandbox: Sandbox, mount: Mount, profile: Profile, limits: Limits) -> None:
        self._sandbox, self._mount, self._profile = sandbox, mount, profile
        self._limits = _offline(limits) if mount.passing else limits
        self._open: OpenExecutor | None = None
        self._lock = anyio.Lock()
        self.inside: str = getattr(sandbox, "inside", "")

    async def start(
        self,
        argv: Sequence[str],
        limits: Limits = Limits(),
        *,
        cwd: str = "",
        env: Mapping[str, str] | None = None,
    ) -> Process:
        """Start argv in the sandbox, opening it first if need be. Raises SandboxError."""
        given = _offline(limits) if self._mount.passing else limits
        return await (await self.warm()).start(argv, given, cwd=cwd, env=env)

    async def warm(self) -> OpenExecutor:
        """The open sandbox. Raises SandboxError where it cannot start."""
        async with self._lock:
            if self._open is None:
                self._open = await self._sandbox.open(self._mount, self._profile, self._limits)
                self.inside = self._open.inside
            return self._open

    async def move(self, mount: Mount) -> None:
        """Use another mount from now on; what still runs over the old one is ended."""
        await self.aclose()
        self._mount = mount

    async def aclose(self) -> None:
        """End the sandbox and everything in it."""
        async with self._lock:
            held, self._open = self._open, None
        if held is not None:
            await held.aclose()


def _offline(limits: Limits) -> Limits:
    return limits if limits.network == "none" else msgspec.structs.replace(limits, network="none")
