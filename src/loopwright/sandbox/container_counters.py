"""The kernel's counters of a container's control group, read on the host: what it killed or refused."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from loopwright.core.running import Reason

_MOUNTS = "/proc/self/mounts"
#: Which file of which controller counts, and the line in it (cgroup-v1/memory.rst, cgroup-v2.rst, pids.rst).
_FILES: dict[Reason, tuple[str, str, str, str]] = {
    "memory": ("memory", "memory.oom_control", "memory.events", "oom_kill"),
    "pids": ("pids", "pids.events", "pids.events", "max"),
}


class Counters:
    """Held open while the container lives; `news` says which limit was hit since it was asked last."""

    def __init__(self, files: dict[Reason, tuple[int, bytes]]) -> None:
        self._files = files
        self._seen = {reason: self._read(reason) for reason in files}

    def news(self) -> Reason:
        """The limit that was hit meanwhile, "" = none."""
        found: Reason = ""
        for reason in self._files:
            now = self._read(reason)
            if now > self._seen[reason]:
                self._seen[reason] = now
                found = found or reason
        return found

    def close(self) -> None:
        """Let go of the files."""
        for fd, _ in self._files.values():
            os.close(fd)
        self._files = {}

    def _read(self, reason: Reason) -> int:
        fd, key = self._files[reason]
        with contextlib.suppress(OSError, ValueError, IndexError):
            for line in os.pread(fd, 4096, 0).splitlines():
                name, value = line.split()
                if name == key:
                    return int(value)
        return 0


def open_counters(pid: int) -> Counters | None:
    """The counters of the control groups a process is in; None where one cannot be found from here."""
    files: dict[Reason, tuple[int, bytes]] = {}
    try:
        groups = _groups(pid)
        for reason, (controller, first, second, key) in _FILES.items():
            version, path = (1, groups[controller]) if controller in groups else (2, groups[""])
            files[reason] = (
                os.open(path / (first if version == 1 else second), os.O_RDONLY | os.O_CLOEXEC),
                key.encode(),
            )
    except (OSError, KeyError, ValueError):
        for fd, _ in files.values():
            os.close(fd)
        return None
    return Counters(files)


def _groups(pid: int) -> dict[str, Path]:
    """Controller, or "" for cgroup v2, -> the directory of the process's group."""
    tops: dict[str, Path] = {}
    for line in Path(_MOUNTS).read_text().splitlines():
        _, place, kind, options, *_ = line.split()
        if kind == "cgroup2":
            tops[""] = Path(place)
        elif kind == "cgroup":
            tops |= {option: Path(place) for option in options.split(",")}
    found: dict[str, Path] = {}
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        for name in names.split(","):
            if name in tops and path != "/":
                found[name] = tops[name] / path.lstrip("/")
    return found
