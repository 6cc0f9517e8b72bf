"""Control groups, version 1 or 2, where this process may make them: one group for each command and all it starts.

Files and units: Documentation/admin-guide/cgroup-v1/memory.rst, .../cgroup-v2.rst, pids.rst in the kernel tree.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from loopwright.core.running import Limits

_PREFIX = "loopwright"
_PERIOD = 100_000  # microseconds, the kernel's default for the processor quota
_CONTROLLERS = ("memory", "pids", "cpu", "cpuacct")
#: A thread that moves itself by `tasks` is in four groups after a tenth of a millisecond. Whatever else moves has to
#: wait until nothing forks on the whole machine: 5 to 19 ms (cgroup_procs_write_start in kernel/cgroup/cgroup.c).
_DOORS = {1: "tasks", 2: "cgroup.procs"}
_count = itertools.count()


@dataclass(frozen=True)
class Hierarchy:
    """Where groups are made: the parent directory for each controller. Version 2 has one for all."""

    version: int
    parents: dict[str, Path]

    def enforces(self, controller: str) -> bool:
        return controller in self.parents


@dataclass(frozen=True)
class Reading:
    """What a group has used: seconds of processor, bytes, processes, and how often it hit a limit."""

    cpu: float = 0.0
    peak: int = 0
    memory: int = 0
    pids: int = 0
    memory_kills: int = 0
    pids_refused: int = 0


@dataclass
class Group:
    """One command's group."""

    hierarchy: Hierarchy
    directories: dict[str, Path]
    doors: list[int] = field(default_factory=list)  # a process of one thread enters by writing 0 to each
    _counters: dict[tuple[str, str], int] = field(default_factory=dict)  # kept open: read before and after commands

    def set_limits(self, limits: Limits, last: Limits | None = None) -> None:
        """Write the limits that differ from the last ones. Raises OSError where the kernel refuses one."""
        if "memory" in self.directories and (last is None or last.memory != limits.memory):
            self._limit_memory(limits.memory, last)
        if "pids" in self.directories and (last is None or last.pids != limits.pids):
            _write(self.directories["pids"] / "pids.max", "max" if limits.pids is None else limits.pids)
        if "cpu" in self.directories and (last.cpus if last else None) != limits.cpus:
            quota = None if limits.cpus is None else max(1000, int(limits.cpus * _PERIOD))
            if self.hierarchy.version == 2:
                _write(self.directories["cpu"] / "cpu.max", f"{quota or 'max'} {_PERIOD}")
            else:
                _write(self.directories["cpu"] / "cpu.cfs_quota_us", quota or -1)

    def _limit_memory(self, size: int | None, last: Limits | None) -> None:
        directory = self.directories["memory"]
        if self.hierarchy.version == 2:
            _write(directory / "memory.max", "max" if size is None else size)
            with contextlib.suppress(OSError):  # kernels without swap accounting have no such file
                _write(directory / "memory.swap.max", 0)
            return
        names = ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"]
        names = [name for name in names if (directory / name).exists()]
        grows = last is not None and (size is None or (last.memory is not None and size > last.memory))
        for name in reversed(names) if grows else names:  # the sum with swap is never below memory alone
            _write(directory / name, -1 if size is None else size)

    def enter(self, pid: int) -> None:
        """Move a process in. Raises OSError."""
        for door in self.doors:
            os.write(door, str(pid).encode())

    def reset(self) -> None:
        """Forget the peak, where the kernel lets us."""
        if self.hierarchy.version == 1 and "memory" in self.directories:
            _write(self.directories["memory"] / "memory.max_usage_in_bytes", 0)

    def read(self) -> Reading:
        """What the kernel counted so far."""
        if self.hierarchy.version == 2:
            one = next(iter(self.directories))
            now = self._number(one, "memory.current")
            return Reading(
                cpu=self._named(one, "cpu.stat", "usage_usec") / 1e6,
                peak=self._number(one, "memory.peak") or now,
                memory=now,
                pids=self._number(one, "pids.current"),
                memory_kills=self._named(one, "memory.events", "oom_kill"),
                pids_refused=self._named(one, "pids.events", "max"),
            )
        return Reading(
            cpu=self._number("cpuacct", "cpuacct.usage") / 1e9,
            peak=self._number("memory", "memory.max_usage_in_bytes"),
            memory=self._number("memory", "memory.usage_in_bytes"),
            pids=self._number("pids", "pids.current"),
            memory_kills=self._named("memory", "memory.oom_control", "oom_kill"),
            pids_refused=self._named("pids", "pids.events", "max"),
        )

    def _number(self, controller: str, name: str) -> int:
        text = self._counter(controller, name).strip()
        return int(text) if text.isdigit() else 0

    def _named(self, controller: str, name: str, word: str) -> int:
        words = self._counter(controller, name).split()
        return int(words[words.index(word) + 1]) if word in words else 0

    def _counter(self, controller: str, name: str) -> str:
        """The text of one file, "" where there is none."""
        directory = self.directories.get(controller)
        if directory is None:
            return ""
        try:
            fd = self._counters.get((controller, name), -1)
            if fd < 0:
                fd = self._counters[controller, name] = os.open(directory / name, os.O_RDONLY | os.O_CLOEXEC)
            return os.pread(fd, 4096, 0).decode()
        except OSError:
            return ""

    def kill(self) -> None:
        """End every process in the group; none can be started meanwhile."""
        for directory in set(self.directories.values()):
            if (directory / "cgroup.kill").exists():
                with contextlib.suppress(OSError):
                    _write(directory / "cgroup.kill", 1)
        with contextlib.suppress(OSError, KeyError):
            _write(self.directories["pids"] / "pids.max", 0)
        for directory in set(self.directories.values()):
            for pid in _members(directory):
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)

    def remove(self) -> bool:
        """Delete the group; False while a process is still in it."""
        for fd in (*self.doors, *self._counters.values()):
            os.close(fd)
        self.doors, self._counters = [], {}
        kept = [directory for directory in dict.fromkeys(self.directories.values()) if not _remove(directory)]
        return not kept


def find_hierarchy() -> Hierarchy | None:
    """The controllers this process may make groups for, None where there are none. Sweeps what dead hosts left."""
    mounts = _mounts()
    own = _own_groups()
    parents: dict[str, Path] = {}
    for controller in _CONTROLLERS:
        if controller in mounts and controller in own:
            parent = mounts[controller] / own[controller].lstrip("/")
            if _can_hold(parent):
                parents[controller] = parent
    version = 1
    if "memory" not in parents and "" in mounts and "" in own:
        unified = _unified_parent(mounts[""], own[""])
        if unified:
            version, parents = 2, dict.fromkeys(("memory", "pids", "cpu"), unified)
    if not parents:
        return None
    for parent in set(parents.values()):
        _sweep(parent)
    return Hierarchy(version, parents)


def new_group(hierarchy: Hierarchy) -> Group:
    """Make one group. Raises OSError where the kernel refuses."""
    name = f"{_PREFIX}-{os.getpid()}-{next(_count)}"
    directories: dict[str, Path] = {}
    for controller, parent in hierarchy.parents.items():
        directory = parent / name
        if directory not in directories.values():
            directory.mkdir(mode=0o755)
        directories[controller] = directory
    group = Group(hierarchy, directories)
    for directory in dict.fromkeys(directories.values()):
        group.doors.append(os.open(directory / _DOORS[hierarchy.version], os.O_WRONLY | os.O_CLOEXEC))
    return group


def _mounts() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for line in _lines(Path("/proc/self/mounts")):
        kind, _, rest = line.partition(" ")
        point, kind, options, *_ = rest.split(" ")
        if kind == "cgroup2":
            found[""] = Path(point)
        elif kind == "cgroup":
            found.update({o: Path(point) for o in options.split(",") if o in _CONTROLLERS})
    return found


def _own_groups() -> dict[str, str]:
    found = {}
    for line in _lines(Path("/proc/self/cgroup")):
        _, controllers, path = line.split(":", 2)
        found.update(dict.fromkeys(controllers.split(","), path))
    return found


def _unified_parent(mount: Path, own: str) -> Path | None:
    """The nearest group upwards that hands memory, pids and cpu down to its children and lets us make one."""
    here = mount / own.lstrip("/")
    for parent in (here, *here.parents):
        handed = " ".join(_lines(parent / "cgroup.subtree_control")).split()
        if {"memory", "pids", "cpu"} <= set(handed) and _can_hold(parent) and _can_move(parent):
            return parent
        if parent == mount:
            break
    return None


def _can_hold(parent: Path) -> bool:
    return parent.is_dir() and os.access(parent, os.W_OK | os.X_OK)


def _can_move(parent: Path) -> bool:
    """Version 2 asks for the right to write to the common ancestor's cgroup.procs."""
    return os.geteuid() == 0 or os.access(parent / "cgroup.procs", os.W_OK)


def _sweep(parent: Path) -> None:
    """End and remove groups whose host process is gone."""
    with os.scandir(parent) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(f"{_PREFIX}-")]
    for name in names:
        host = name.split("-")[1]
        if host.isdigit() and not os.path.exists(f"/proc/{host}"):
            directory = parent / name
            for pid in _members(directory):
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            _remove(directory)


def _remove(directory: Path) -> bool:
    for _ in range(20):
        try:
            directory.rmdir()
        except FileNotFoundError:
            return True
        except OSError as error:
            if error.errno != errno.EBUSY:
                return False
            time.sleep(0.0005)  # a dead process leaves its group a moment later
        else:
            return True
    return False


def _members(directory: Path) -> list[int]:
    return [int(line) for line in _lines(directory / "cgroup.procs") if line.isdigit()]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def _write(path: Path, value: object) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
    try:
        os.write(fd, str(value).encode())
    finally:
        os.close(fd)
