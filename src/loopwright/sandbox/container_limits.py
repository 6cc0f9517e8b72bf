"""Which limits a container can keep."""

from __future__ import annotations

from loopwright.core.errors import SandboxError
from loopwright.core.running import Limits

#: What Docker and the kernel take as a container's limit at least (Docker itself: 6 MiB).
_SMALLEST = 8 << 20


def check_container_limits(limits: Limits, session: Limits) -> None:
    """Raises SandboxError for a limit that makes no sense or that a container cannot keep."""
    for name in ("memory", "pids", "cpus", "timeout", "output", "disk", "inodes"):
        value = getattr(limits, name)
        if value is not None and value <= 0:
            raise SandboxError(f"the limit {name}={value} is not positive: give a larger one")
    if limits.network not in ("none", session.network):
        raise SandboxError("all commands of a container share its network: set limits.network in the configuration")
    if less(limits.cpus, session.cpus):
        raise SandboxError(f"cpus={limits.cpus:g} is less than the container's: set it for the session")
    if limits.memory is not None and limits.memory < _SMALLEST:
        raise SandboxError(f"the limit memory={limits.memory} is less than Docker takes: give 8 MiB or more")


def less(asked: float | None, session: float | None) -> bool:
    """Whether a command may use less than its session."""
    return asked is not None and (session is None or asked < session)
