"""One hardened container: how it is made, started within its deadline, and removed."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loopwright.core.running import Limits
from loopwright.sandbox.docker_engine import explained, quietly, sdk
from loopwright.sandbox.docker_image import Image
from loopwright.sandbox.docker_options import DockerOptions
from loopwright.sandbox.docker_view import Shown, View
from loopwright.sandbox.launch import INSIDE

LABEL = "loopwright.owner"
_FIRST = "import sys;sys.path.insert(0,{!r});import container_agent;container_agent.main()"
_SOURCE = Path(__file__).parent.parent / "inside"
PRIVATE = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - the container's own
_TMP = "rw,exec,nosuid,nodev,mode=1777,size={},nr_inodes={}"
_TMP_BYTES, _TMP_INODES = 512 << 20, 100_000
_PERIOD = 100_000  # microseconds, the kernel's default
_OPEN_FILES = 4096
#: Seconds to wait for a removal that is under way.
_GONE = 10
#: Our first process and the keeper of a command, beside the command's own; and what the runtime needs to start them.
_OURS, _FEWEST = 2, 8


@dataclass(frozen=True)
class Container:
    """A started container and the stream to its first process."""

    name: str
    socket: socket.socket


def new_name() -> str:
    """A name nobody has."""
    return f"loopwright-{os.getpid()}-{secrets.token_hex(4)}"


def start_container(
    client: Any, name: str, image: Image, view: View, limits: Limits, options: DockerOptions, profile: str
) -> Container:
    """Create and start a container; no step takes longer than the client's time limit.

    Raises SandboxError with what failed; then no container is left where the daemon still answers.
    """
    try:
        with explained("the container cannot be created"):
            client.create_container(
                image.name,
                entrypoint=[image.python, "-ISc", _FIRST.format(INSIDE)],
                name=name,
                hostname="sandbox",
                user=f"{view.user[0]}:{view.user[1]}",
                working_dir="/",
                environment={"PATH": image.variables.get("PATH", os.defpath), "LANG": "C.UTF-8"},
                labels={LABEL: owner()},
                stdin_open=True,
                network_disabled=True,
                host_config=_host_config(client, image, view, limits, options, profile),
            )
        with explained("there is no stream to the container"):
            stream = client.attach_socket(name, {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
            ours = socket.socket(fileno=os.dup(stream.fileno()))
            _let_go(stream)
    except BaseException:
        remove(client, name)
        raise
    try:
        under = f" under {options.runtime}" if options.runtime else ""
        with explained(f"the container cannot be started{under} within {options.start_seconds:g} s"):
            client.start(name)
    except BaseException:
        ours.close()
        quietly(lambda: client.remove_container(name, force=True, v=True))  # a runtime that hangs holds this up too
        raise
    return Container(name, ours)


def _let_go(stream: Any) -> None:
    """Close the SDK's own hold on an attached stream: the response it came with, then the stream."""
    response = getattr(stream, "_response", None)
    if response is not None:
        response.close()
    stream.close()


def _host_config(
    client: Any, image: Image, view: View, limits: Limits, options: DockerOptions, profile: str
) -> Mapping[str, Any]:
    types = sdk("docker.types")
    security = ["no-new-privileges:true", f"seccomp={profile}"]
    if options.apparmor:
        security.append(f"apparmor={options.apparmor}")
    private = _TMP.format(min(limits.disk or _TMP_BYTES, _TMP_BYTES), min(limits.inodes or _TMP_INODES, _TMP_INODES))
    tmpfs = {**dict.fromkeys((*PRIVATE, *image.volumes), private), "/sys": "ro,noexec,nosuid,nodev,size=4k"}
    named: dict[str, Any] = {"runtime": options.runtime} if options.runtime else {}
    if limits.cpus is not None:
        named |= {"cpu_period": _PERIOD, "cpu_quota": max(1000, round(limits.cpus * _PERIOD))}
    host_config: Mapping[str, Any] = client.create_host_config(
        auto_remove=True,
        network_mode="none",
        userns_mode="host",
        ipc_mode="private",
        mem_limit=limits.memory,
        memswap_limit=limits.memory,
        pids_limit=max(limits.pids + _OURS, _FEWEST) if limits.pids is not None else None,
        read_only=True,
        tmpfs=tmpfs,
        cap_drop=["ALL"],
        security_opt=security,
        ulimits=[
            types.Ulimit(name="core", soft=1, hard=1),
            types.Ulimit(name="nofile", soft=_OPEN_FILES, hard=_OPEN_FILES),
            types.Ulimit(name="memlock", soft=1 << 16, hard=1 << 16),
        ],
        log_config=types.LogConfig(type="none"),
        mounts=[_mount(types, shown) for shown in (*image.shown, Shown(str(_SOURCE), INSIDE), *view.shown)],
        **named,
    )
    return host_config


def _mount(types: Any, shown: Shown) -> Any:
    if not shown.source:
        return types.Mount(shown.at, None, type="tmpfs", read_only=True, tmpfs_size=4096, tmpfs_mode=0o555)
    return types.Mount(shown.at, shown.source, type="bind", read_only=not shown.writable)


def remove(client: Any, name: str) -> str:
    """End and remove a container, whatever state it is in; returns why it had ended by itself, if that is known."""
    why = ""
    state = (quietly(lambda: client.inspect_container(name)) or {}).get("State", {})
    if state.get("OOMKilled"):
        why = "more memory was wanted than the container may use"
    quietly(lambda: client.remove_container(name, force=True, v=True))
    quietly(lambda: client.wait(name, timeout=_GONE, condition="removed"))  # it may have been on its way already
    return why


def first_process(client: Any, name: str) -> int:
    """The number of the container's first process on the daemon's machine; 0 = unknown."""
    state = (quietly(lambda: client.inspect_container(name)) or {}).get("State", {})
    return int(state.get("Pid", 0))


def owner() -> str:
    """Which process a container is for: boot, process namespace, number, and when it started."""
    return f"{_host()} {os.getpid()} {_started(os.getpid())}"


def is_orphan(label: str) -> bool:
    """Whether the process a container is for has ended. One of another machine or namespace cannot be judged."""
    host, _, rest = label.rpartition(" ")[0].rpartition(" ")
    pid, started = rest, label.rpartition(" ")[2]
    return host == _host() and pid.isdigit() and _started(int(pid)) != started


def _host() -> str:
    with contextlib.suppress(OSError):
        return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()} {Path('/proc/self/ns/pid').readlink()}"
    return socket.gethostname()


def _started(pid: int) -> str:
    """When a process started, in clock ticks since boot (proc(5)); "" where there is none of this number."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def sweep(client: Any) -> list[str]:
    """Remove containers whose process was killed; returns their names."""
    found = quietly(lambda: client.containers(all=True, filters={"label": LABEL})) or []
    gone = [each for each in found if is_orphan((each.get("Labels") or {}).get(LABEL, ""))]
    for each in gone:
        remove(client, each["Id"])
    return [name.lstrip("/") for each in gone for name in each.get("Names") or ()]
