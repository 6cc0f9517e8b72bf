"""What a command's whole tree holds at the moment, for hosts without control groups. See proc(5) for the files."""

from __future__ import annotations

import os

#: Filesystems in memory that the sandbox gives to commands.
PRIVATE = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108


def measure(pids: list[int], private: bool) -> tuple[int, int]:
    """Bytes of memory and number of threads of these processes together.

    Memory is the proportional share of anonymous, shared and swapped pages, files in memory that a descriptor holds
    open, System V segments and, where `private`, the sandbox's own directories in memory.
    """
    anonymous = shared = threads = 0
    files: dict[tuple[int, int], int] = {}
    for pid in pids:
        pages = _fields(f"/proc/{pid}/smaps_rollup")
        if not pages:
            anonymous += _resident(pid)
        anonymous += pages.get(b"Pss_Anon", 0) + pages.get(b"SwapPss", 0)
        shared += pages.get(b"Pss_Shmem", 0)
        threads += _fields(f"/proc/{pid}/status", unit=1).get(b"Threads", 0)
        files.update(_memory_files(pid))
    held = max(shared, sum(files.values())) + _segments()
    if private:
        held += sum(_used(path) for path in PRIVATE)
    return anonymous + held, threads


def last_process() -> int:
    """The number that was last given to a process here: how fast it grows is how fast processes are started."""
    try:
        with open("/proc/loadavg", "rb") as file:
            return int(file.read().split()[4])
    except (OSError, IndexError, ValueError):
        return 0


def _fields(path: str, unit: int = 1024) -> dict[bytes, int]:
    found = {}
    try:
        with open(path, "rb") as file:
            for line in file:
                name, _, rest = line.partition(b":")
                words = rest.split()
                if words and words[0].isdigit():
                    found[name] = int(words[0]) * unit
    except OSError:
        pass  # it has ended
    return found


def _resident(pid: int) -> int:
    """All that a process holds which does not let itself be read, as one whose program is not readable."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0


def _memory_files(pid: int) -> dict[tuple[int, int], int]:
    found = {}
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            path = f"/proc/{pid}/fd/{name}"
            if os.readlink(path).startswith("/memfd:"):
                status = os.stat(path)
                found[(status.st_dev, status.st_ino)] = status.st_blocks * 512
    except OSError:
        pass
    return found


def _segments() -> int:
    """Bytes of System V shared memory in use, which outlives the processes that made it."""
    try:
        with open("/proc/sysvipc/shm", "rb") as file:
            return sum(int(line.split()[14]) for line in file.readlines()[1:])
    except (OSError, IndexError, ValueError):
        return 0


def _used(path: str) -> int:
    try:
        status = os.statvfs(path)
    except OSError:
        return 0
    return (status.f_blocks - status.f_bfree) * status.f_frsize
