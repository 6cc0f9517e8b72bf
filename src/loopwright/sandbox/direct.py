"""No sandbox at all, for who asks for danger-full-access by name: deadlines and limits hold, nothing else does."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from loopwright.core.errors import SandboxError
from loopwright.core.ports import Capability, Mount, Profile
from loopwright.core.running import Limits
from loopwright.sandbox.cgroups import find_hierarchy
from loopwright.sandbox.executor import WarmExecutor
from loopwright.sandbox.keeping import Kept
from loopwright.sandbox.launch import Launched, spawn
from loopwright.sandbox.limits import mechanisms, shares_processors

_INSIDE = str(Path(__file__).parent.parent / "inside")


class DirectSandbox:
    """Implements the Sandbox port for the profile danger-full-access and no other."""

    name = "direct"

    inside = _INSIDE

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = dict(os.environ if environment is None else environment)

    async def open(self, mount: Mount, profile: Profile, limits: Limits) -> WarmExecutor:
        """Raises SandboxError for any profile that promises protection."""
        if profile != "danger-full-access":
            raise SandboxError(
                f"{profile} needs a sandbox: this one protects nothing and takes danger-full-access only"
            )
        if limits.network != "none":
            raise SandboxError("without a sandbox the network is open: a --network cannot be enforced")
        hierarchy = find_hierarchy()
        if limits.cpus is not None and not shares_processors(hierarchy):
            raise SandboxError(
                "cpus needs a writable cpu cgroup where there is no sandbox, and there is none: leave it out"
            )
        executor = WarmExecutor(DirectLauncher(mount, self._environment), limits, lambda: hierarchy)
        try:
            await executor.open()
        except BaseException:
            await executor.aclose()
            raise
        return executor

    def probe(self) -> tuple[Capability, ...]:
        """The limits that hold even here."""
        return tuple(
            Capability(f"limit:{n}", bool(by), by)
            for n, by in mechanisms(find_hierarchy()).items()
            if "affinity" not in by
        )


class DirectLauncher:
    """Starts the supervisor with the user's own rights and environment."""

    inside = _INSIDE
    direct = True

    def __init__(self, mount: Mount, environment: Mapping[str, str]) -> None:
        if mount.mount_namespace is not None:
            raise SandboxError("a view in another mount namespace cannot be shown without a sandbox")
        self.root = self.measured = mount.path
        self.watched = (mount.path, *(bind.path for bind in mount.extra if bind.writable))
        self.kept = Kept()
        self.limited = self.own_users = self.listens = self.audits = False
        self.environment = {**environment, **mount.env}

    def setup(self, processors: Sequence[int]) -> list[str | bytes | int]:
        """Nothing is given up here."""
        return ["stay", 0, 0, "", "", "", ""]

    def launch(self) -> Launched:
        """Start the supervisor."""
        try:
            return spawn([], sys.executable, _INSIDE, (), {"PATH": os.defpath})
        except OSError as error:
            raise SandboxError(f"the supervisor cannot be started: {error}") from None

    def explain(self, answer: str, complaint: str) -> str:
        """What failed."""
        return f"the supervisor cannot start: {complaint or answer}"

    def keep(self, layers: Sequence[int]) -> None:
        """There are no layers: everything was written in place."""

    def close(self) -> None:
        """Nothing was made."""
