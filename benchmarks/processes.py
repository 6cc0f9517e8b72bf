"""What a process tree has used, read from /proc."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Child:
    """A finished child: seconds of wall clock and of CPU, itself and all it waited for, and its exit status."""

    wall: float
    cpu: float
    status: int


def run(argv: list[str], env: dict[str, str], cwd: str, output: Path) -> Child:
    """Run argv to its end, its output into a file, and return what it used."""
    began = time.perf_counter()
    with output.open("wb") as out:
        child = subprocess.Popen(argv, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return Child(time.perf_counter() - began, used.ru_utime + used.ru_stime, child.returncode)


def tree(root: int) -> list[int]:
    """Return root and every living descendant."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def cpu(pids: list[int]) -> float:
    """Return seconds of CPU, user and system, of these processes and of the children they have waited for."""
    ticks = 0
    for pid in pids:
        if fields := _stat(pid):
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / _TICK


def peak_memory(pids: list[int]) -> int:
    """Return the sum of each process's peak resident memory in bytes, pages they share now counted once."""
    total = 0
    for pid in pids:
        try:
            status = _sizes(Path(f"/proc/{pid}/status"))
            shares = _sizes(Path(f"/proc/{pid}/smaps_rollup"))
        except OSError:
            continue
        total += status.get("VmHWM", 0) - shares.get("Rss", 0) + shares.get("Pss", 0)
    return total


def _sizes(path: Path) -> dict[str, int]:
    """The lines of a file in /proc that give kilobytes, in bytes."""
    lines = (line.split() for line in path.read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) << 10 for words in lines if len(words) == 3 and words[2] == "kB"}


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, empty where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
