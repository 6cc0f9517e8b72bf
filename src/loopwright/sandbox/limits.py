"""Which limits hold for a command, and whether this machine has a mechanism for each of them."""

from __future__ import annotations

import math
import os
import random

import msgspec

from loopwright.core.errors import SandboxError
from loopwright.core.running import DEFAULT_LIMITS, Limits
from loopwright.sandbox.cgroups import Hierarchy


def effective_limits(asked: Limits, session: Limits) -> Limits:
    """What was asked for, where it says nothing the session's, where that says nothing the default.

    The network is always the session's: a sandbox has one for all of its commands.
    """
    chosen = {}
    for name in Limits.__struct_fields__:
        for source in (asked, session, DEFAULT_LIMITS):
            value = getattr(source, name)
            if value is not None:
                chosen[name] = value
                break
    return msgspec.convert({**chosen, "network": session.network}, Limits)


def mechanisms(hierarchy: Hierarchy | None) -> dict[str, str]:
    """What enforces each limit here; "" = nothing does."""

    def group(controller: str, otherwise: str) -> str:
        if hierarchy and hierarchy.enforces(controller):
            return f"cgroup v{hierarchy.version} {controller}"
        return otherwise

    return {
        "memory": group("memory", "sampler: the tree's sum, two to five times a second"),
        "pids": group("pids", "RLIMIT_NPROC and sampler"),
        "cpus": group("cpu", "processor affinity, fixed when the sandbox opens; a fraction by stopping the tree"),
        "timeout": "host clock",
        "output": "host reader",
        "disk": "size of the layer; measured in a directory that is written in place",
        "inodes": "inodes of the layer; measured in a directory that is written in place",
        "network": "none: no interface; allow and ask: a proxy outside",
    }


def check_limits(limits: Limits) -> None:
    """Raises SandboxError for a limit that makes no sense."""
    for name in ("memory", "pids", "cpus", "timeout", "output", "disk", "inodes"):
        value = getattr(limits, name)
        if value is not None and value <= 0:
            raise SandboxError(f"the limit {name}={value} is not positive: give a larger one")


def shares_processors(hierarchy: Hierarchy | None) -> bool:
    """True where a control group shares processor time out; else a sandbox is bound to whole processors."""
    return hierarchy is not None and hierarchy.enforces("cpu")


def processor_share(limits: Limits, hierarchy: Hierarchy | None) -> float:
    """What a sandbox has to share out itself: a fraction of a processor where no control group does it; 0 = nothing."""
    if limits.cpus is None or shares_processors(hierarchy) or limits.cpus == math.floor(limits.cpus):
        return 0.0
    return limits.cpus


def bound_processors(limits: Limits, hierarchy: Hierarchy | None) -> list[int]:
    """The processors a sandbox is bound to where no control group shares them out; [] = no bound.

    Chosen at random, so that sandboxes side by side spread out.
    """
    if limits.cpus is None or shares_processors(hierarchy):
        return []
    there = sorted(os.sched_getaffinity(0))
    wanted = math.ceil(limits.cpus)
    return [] if wanted >= len(there) else sorted(random.sample(there, wanted))
