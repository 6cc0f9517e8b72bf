"""What the sandbox costs: a warm command, a cold one, watching, and what a thousand commands leave behind."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes
from benchmarks.figures import Figure
from loopwright.core.ports import Mount, OpenExecutor
from loopwright.core.running import Limits, run
from loopwright.sandbox import BubblewrapSandbox
from loopwright.sandbox.executor import WarmExecutor

#: Of a command's time, of a start's; commands that are counted; seconds that are watched, and processes.
WARM, COLD, MANY, WATCHED, TREE = 200, 31, 1000, 6.0, 20
_NOBODY = 65534
_SETTLED = 100  # commands after which nothing grows any more
_LIMITS = Limits(timeout=60)


def warm(home: Path) -> Iterator[Figure]:
    """A command in a warm sandbox beside the same one started plainly, in turn."""
    ours, plain = asyncio.run(_warm(home))
    over = statistics.median(ours) - statistics.median(plain)
    yield Figure("sandbox: warm command over plain, median", over * 1000, "ms", 3, statistics.median(plain) * 1000)


async def _warm(home: Path) -> tuple[list[float], list[float]]:
    executor = await _opened(home)
    try:
        return await in_turn(WARM, lambda: _command(executor), _plain)
    finally:
        await executor.aclose()


Act = Callable[[], Awaitable[float | None] | None]


async def in_turn(times: int, one: Act, other: Act) -> tuple[list[float], list[float]]:
    """Seconds of each until the moment it returns, or else its end.

    Taken alternately, so that both see the same machine; the first of each is not counted.
    """
    found: tuple[list[float], list[float]] = ([], [])
    for number in range(times + 1):
        for seconds, act in zip(found, (one, other), strict=True):
            began = time.perf_counter()
            ran = act()
            done = (await ran if ran is not None else None) or time.perf_counter()
            if number:
                seconds.append(done - began)
    return found


async def _command(executor: OpenExecutor) -> None:
    ran = await run(executor, ["true"])
    if not ran.ok:
        raise RuntimeError(f"a command failed: {ran.exit}")


def _plain() -> None:
    subprocess.run(["true"], capture_output=True, check=True)


def cold(home: Path) -> Iterator[Figure]:
    """Start, one command and end, beside bubblewrap with the same flags by hand and one bare start of Python."""
    ours, by_hand = asyncio.run(_cold(home))
    middle, beside = statistics.median(ours) * 1000, statistics.median(by_hand) * 1000
    yield Figure("sandbox: cold command, median (bare: bwrap + python)", middle, "ms", 1.3 * beside, beside)


async def _cold(home: Path) -> tuple[list[float], list[float]]:
    executor = await _opened(home)
    flags = ["bwrap", *executor._launcher.arguments, "--"]
    await executor.aclose()

    async def ours() -> float:
        opened = await _opened(home)
        await _command(opened)
        done = time.perf_counter()
        await opened.aclose()
        return done

    def by_hand() -> None:
        words = list(flags)
        data = [n + 1 for n, word in enumerate(flags) if word == "--ro-bind-data"]
        for n in data:
            words[n] = str(os.memfd_create("data"))
        fds = [int(words[n]) for n in data]
        try:
            subprocess.run([*words, "true"], capture_output=True, check=True, pass_fds=fds)
        finally:
            for fd in fds:
                os.close(fd)
        python = os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)
        subprocess.run([python, "-ISc", "pass"], capture_output=True, check=True)

    return await in_turn(COLD, ours, by_hand)


def watching(home: Path) -> Iterator[Figure]:
    """Processor time of this process, the supervisor and the keeper while a tree of idle processes is watched."""
    for name, grouped in (("with control groups", True), ("without", False)):
        share = asyncio.run(_watching(home, grouped))
        if share is not None:
            yield Figure(f"sandbox: watching {TREE} processes {name}, CPU", share * 100, "%", 3)


async def _watching(home: Path, grouped: bool) -> float | None:
    executor = await _opened(home)
    if executor._warm.hierarchy is None and grouped:
        await executor.aclose()
        return None
    if not grouped and executor._warm.hierarchy is not None:
        launcher = executor._launcher
        await executor.aclose()
        executor = WarmExecutor(launcher, _LIMITS, lambda: None)
        await executor.open()
    try:
        script = f"for i in $(seq {TREE - 1}); do sleep 30 & done; sleep 30"
        process = await executor.start(["sh", "-c", script])
        await asyncio.sleep(1.0)
        before, began = processes.cpu(processes.tree(os.getpid())), time.perf_counter()
        await asyncio.sleep(WATCHED)
        used = processes.cpu(processes.tree(os.getpid())) - before
        share = used / (time.perf_counter() - began)
        await process.kill()
        return share
    finally:
        await executor.aclose()


@dataclass(frozen=True)
class _Held:
    """What this process holds of the machine."""

    processes: int
    descriptors: int
    mounts: int
    files: int

    @classmethod
    def now(cls) -> _Held:
        pids = processes.tree(os.getpid())
        places = [*Path(tempfile.gettempdir()).glob("loopwright-*"), *Path("/run").glob("loopwright*/**/*")]
        groups = Path("/sys/fs/cgroup").glob(f"**/loopwright-{os.getpid()}-*")
        mounts = Path("/proc/self/mountinfo").read_text().count("loopwright")
        descriptors = sum(1 for pid in pids for _ in Path(f"/proc/{pid}/fd").iterdir())
        return cls(len(pids), descriptors, mounts, len(places) + sum(1 for _ in groups))


def many(home: Path) -> Iterator[Figure]:
    """What is held after a thousand commands beyond what was held before them, and after the end of the sandbox."""
    grown, left, memory = asyncio.run(_many(home))
    for name in ("processes", "descriptors", "mounts", "files"):
        yield Figure(f"sandbox: {name} more after {MANY:,} commands", getattr(grown, name), "", 0)
        yield Figure(f"sandbox: {name} left after its end", getattr(left, name), "", 0)
    yield Figure(f"sandbox: memory more after {MANY:,} commands, whole tree", memory / 1e6, "MB", 2)


async def _many(home: Path) -> tuple[_Held, _Held, int]:
    executor = await _opened(home)
    await _command(executor)
    await executor.aclose()  # what is made once, as a toolchain's list, is no leak
    before = _Held.now()
    executor = await _opened(home)
    for _ in range(_SETTLED):
        await _command(executor)
    settled, memory = _Held.now(), _resident()
    for _ in range(MANY - _SETTLED):
        await _command(executor)
    grown, more = _less(_Held.now(), settled), _resident() - memory
    await executor.aclose()
    return grown, _less(_Held.now(), before), more


def _less(one: _Held, other: _Held) -> _Held:
    return _Held(*(getattr(one, name) - getattr(other, name) for name in _Held.__dataclass_fields__))


def _resident() -> int:
    total = 0
    for pid in processes.tree(os.getpid()):
        total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return total


async def _opened(home: Path) -> WarmExecutor:
    tree = home / "sandbox"
    tree.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        os.chown(tree, _NOBODY, _NOBODY)  # a tree of root's needs its owner mapped, which no flag of bubblewrap does
    return await BubblewrapSandbox().open(Mount(str(tree)), "workspace-write", _LIMITS)
