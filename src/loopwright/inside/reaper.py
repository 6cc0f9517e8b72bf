"""Ending every descendant of this process, however it forks meanwhile."""

import _signal as signal
import posix as os
import time

#: After so many seconds the host ends the sandbox instead.
PATIENCE = 5.0


def end_children(spared: set[int]) -> None:
    """Kill and collect all descendants but the spared children and what is below those.

    Orphans come back to this process, which is a child subreaper, so that the end is reached when no other child is
    left. Each round stops what it finds before it kills, so that a fork bomb cannot outrun it.
    """
    deadline = time.monotonic() + PATIENCE
    while _collect(spared) and time.monotonic() < deadline:
        doomed = descendants(spared)
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in doomed:
                try:
                    os.kill(pid, number)
                except OSError:
                    continue
        time.sleep(0.0005)


def _collect(spared: set[int]) -> bool:
    """Collect dead children that are not spared; False when none but the spared are left."""
    if not spared:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return False
        return True
    rest = [pid for pid in children(os.getpid()) if pid not in spared]
    for pid in rest:
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            continue
    return bool(rest)


def parents() -> dict[int, int]:
    """The parent of every process this one can see."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as stat:
                found[int(name)] = int(stat.read().rpartition(b")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
    return found


def children(pid: int) -> list[int]:
    """The children of one process."""
    return [child for child, parent in parents().items() if parent == pid]


def descendants(spared: set[int]) -> list[int]:
    """All processes below this one, the nearest first, without the spared and what is below them."""
    table = parents()
    below: dict[int, list[int]] = {}
    for child, parent in table.items():
        below.setdefault(parent, []).append(child)
    found: list[int] = []
    front = [os.getpid()]
    while front:
        front = [c for p in front for c in below.get(p, []) if c not in spared]
        found += front
    return found
