"""What a person can choose about containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from loopwright.core.errors import SandboxError
from loopwright.core.fact import Fact
from loopwright.core.ports import Sandbox


class DockerOptions(Fact, frozen=True):
    """`image` "" shows the host's own system and toolchain; `runtime` "" is the daemon's default; `seccomp` "" is our
    profile, else a file; `apparmor` names a profile that is loaded; `start_seconds` is the time a container has to
    start, whatever its runtime does."""

    image: str = ""
    runtime: str = ""
    seccomp: str = ""
    apparmor: str = ""
    start_seconds: float = 30.0


@runtime_checkable
class OfContainers(Protocol):
    """A sandbox that runs in containers."""

    def configured(self, options: DockerOptions) -> Sandbox:
        """The same with these options."""
        ...


@dataclass(frozen=True)
class Daemon:
    """What a daemon says of itself."""

    version: str
    kernel: str
    runtimes: tuple[str, ...]
    default_runtime: str
    security: tuple[str, ...]  # seccomp, apparmor, rootless, userns, …
    limits: Mapping[str, bool] = field(default_factory=dict)

    def has(self, feature: str) -> bool:
        """Whether one of its security options has this name."""
        return any(f"name={feature}" in option.split(",") for option in self.security)


def read_daemon(info: Mapping[str, object]) -> Daemon:
    """What the Engine API's /info answers (API 1.41)."""
    runtimes = info.get("Runtimes")
    security = info.get("SecurityOptions")
    return Daemon(
        version=str(info.get("ServerVersion", "?")),
        kernel=str(info.get("KernelVersion", "")),
        runtimes=tuple(sorted(map(str, runtimes))) if isinstance(runtimes, Mapping) else (),
        default_runtime=str(info.get("DefaultRuntime", "")),
        security=tuple(map(str, security)) if isinstance(security, list) else (),
        limits={
            "memory": bool(info.get("MemoryLimit")),
            "pids": bool(info.get("PidsLimit")),
            "cpus": bool(info.get("CpuCfsQuota")),
        },
    )


def check_options(options: DockerOptions, daemon: Daemon) -> None:
    """Raises SandboxError for a runtime or a profile that the daemon's host lacks."""
    if options.start_seconds <= 0:
        raise SandboxError(f"docker.start_seconds={options.start_seconds:g} is not positive: give a larger one")
    if options.runtime and options.runtime not in daemon.runtimes:
        known = ", ".join(daemon.runtimes)
        raise SandboxError(f"the Docker daemon has no runtime {options.runtime!r}; it has: {known}")
    if not daemon.has("seccomp"):
        raise SandboxError("the Docker daemon cannot filter system calls: its kernel needs CONFIG_SECCOMP_FILTER")
    if options.apparmor and not daemon.has("apparmor"):
        raise SandboxError(f"AppArmor is not active on the daemon's host: the profile {options.apparmor!r} cannot hold")
    for name, there in daemon.limits.items():
        if not there:
            raise SandboxError(f"the Docker daemon's kernel cannot limit {name}: its control groups lack it")


def read_profile(options: DockerOptions) -> str:
    """The system call filter as Docker takes it. Raises SandboxError where the file is none."""
    import json

    path = Path(options.seccomp) if options.seccomp else Path(__file__).with_name("docker_seccomp.json")
    try:
        profile = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SandboxError(f"the seccomp profile {path} cannot be read: {error}") from None
    if not isinstance(profile, dict) or "defaultAction" not in profile:
        raise SandboxError(f"{path} is no seccomp profile: it has no defaultAction")
    return json.dumps(profile)
