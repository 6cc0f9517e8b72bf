"""A sandbox that confines nothing: it runs commands in a view's namespace as the view's owner, for tests of views."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from loopwright.core.ports import Capability, Mount, Profile
from loopwright.core.running import Limits
from loopwright.testing.host_executor import HostProcess


class NamespaceSandbox:
    """Opens executors that only enter the view's namespaces."""

    name = "namespace"

    async def open(self, mount: Mount, profile: Profile, limits: Limits) -> NamespaceExecutor:
        """Return an executor over the view."""
        return NamespaceExecutor(mount)

    def probe(self) -> tuple[Capability, ...]:
        """Nothing is enforced here."""
        return ()


class NamespaceExecutor:
    """Starts processes with the view's root as their directory."""

    inside = str(Path(__file__).parents[1] / "inside")

    def __init__(self, mount: Mount) -> None:
        self._mount = mount

    async def start(
        self,
        argv: Sequence[str],
        limits: Limits = Limits(),
        *,
        cwd: str = "",
        env: Mapping[str, str] | None = None,
    ) -> HostProcess:
        """Start argv as the view's owner."""
        mount, enter, passed = self._mount, [], []
        if mount.mount_namespace is not None:
            enter, passed = ["nsenter", f"--mount=/proc/self/fd/{mount.mount_namespace}"], [mount.mount_namespace]
            if mount.user_namespace is not None:
                enter += [f"--user=/proc/self/fd/{mount.user_namespace}", "--preserve-credentials"]
                passed.append(mount.user_namespace)
            enter.append("--")
        if mount.uid is not None and os.geteuid() == 0:
            enter += ["setpriv", f"--reuid={mount.uid}", f"--regid={mount.gid}", "--clear-groups", "--"]
        process = await asyncio.create_subprocess_exec(
            *enter,
            *("/bin/sh", "-c", 'umask 022; cd "$0" && exec "$@"', f"{mount.path}/{cwd}", *argv),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={"PATH": os.defpath, **(env or {})},
            pass_fds=passed,
            start_new_session=True,
        )
        return HostProcess(process, limits)

    async def aclose(self) -> None:
        """Nothing is kept open."""
