"""What a command's whole tree holds at the moment, for hosts without control groups. See proc(5) for the files."""

from __future__ import annotations

import os

#: Filesystems in memory that the sandbox gives to commands.
PRIVATE = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108


class Measured:
    """Bytes of memory, number of threads, and what tells whether any of them ran since: empty where nothing does."""

    def __init__(self, held: int = 0, threads: int = 0, runs: tuple[tuple[str, bytes], ...] = ()) -> None:
        self.held, self.threads, self.runs = held, threads, runs


def measure(pids: list[int], private: bool, last: Measured | None) -> Measured:
    """What these processes hold together: as `last` told, where none ran since.

    Memory is the proportional share of anonymous, shared and swapped pages, files in memory that a descriptor holds
    open, System V segments and, where `private`, the sandbox's own directories in memory.
    """
    threads, runs = _runs(pids)
    if last and runs and runs == last.runs:
        return last
    anonymous = shared = 0
    files: dict[tuple[int, int], int] = {}
    for pid in pids:
        pages = _fields(f"/proc/{pid}/smaps_rollup")
        if not pages:
            anonymous += _resident(pid)
        anonymous += pages.get(b"Pss_Anon", 0) + pages.get(b"SwapPss", 0)
        shared += pages.get(b"Pss_Shmem", 0)
        files.update(_memory_files(pid))
    held = max(shared, sum(files.values())) + _segments()
    if private:
        held += sum(_used(path) for path in PRIVATE)
    return Measured(anonymous + held, threads, runs)


def _runs(pids: list[int]) -> tuple[int, tuple[tuple[str, bytes], ...]]:
    """How many threads these processes have, and each one's nanoseconds on a processor.

    See Documentation/scheduler/sched-stats.rst in the kernel tree; a kernel may be built without.
    """
    ran = []
    for pid in pids:
        try:
            names = os.listdir(f"/proc/{pid}/task")
        except OSError:
            continue  # it has ended
        ran += [(name, _text(f"/proc/{pid}/task/{name}/schedstat")) for name in names]
    return len(ran), tuple(ran) if all(text for _, text in ran) else ()


def _text(path: str) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(fd, 128)
    except OSError:
        return b""
    finally:
        os.close(fd)


def last_process() -> int:
    """The number that was last given to a process here: how fast it grows is how fast processes are started."""
    try:
        with open("/proc/loadavg", "rb") as file:
            return int(file.read().split()[4])
    except (OSError, IndexError, ValueError):
        return 0


def _fields(path: str) -> dict[bytes, int]:
    found = {}
    try:
        with open(path, "rb") as file:
            for line in file:
                name, _, rest = line.partition(b":")
                words = rest.split()
                if words and words[0].isdigit():
                    found[name] = int(words[0]) << 10
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
