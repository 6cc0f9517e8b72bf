"""Attacks that use something up: each is ended for the right reason, and the sandbox serves the next command."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import psutil
import pytest

from loopwright.core.errors import SandboxError
from loopwright.core.ports import Mount, OpenExecutor
from loopwright.core.running import Limits, Ran, run
from loopwright.sandbox import BubblewrapSandbox

pytestmark = pytest.mark.anyio
MIB = 1 << 20
LIMITS = Limits(memory=160 * MIB, pids=40, disk=16 * MIB, inodes=500, output=200_000, timeout=12)


@pytest.fixture
async def executor(tmp_path: Path) -> AsyncIterator[OpenExecutor]:
    opened = await BubblewrapSandbox().open(Mount(str(tmp_path)), "workspace-write", LIMITS)
    yield opened
    await opened.aclose()


async def attack(executor: OpenExecutor, code: str) -> Ran:
    ran = await run(executor, ["python3", "-c", "import os, time, mmap\n" + code])
    assert (await run(executor, ["echo", "alive"])).out == b"alive\n"
    return ran


HOGS = {
    "one process": "b = bytearray(400 << 20); time.sleep(20)",
    "many processes": "for _ in range(8):\n if not os.fork():\n  b = bytearray(50 << 20); time.sleep(20)\ntime.sleep(20)",
    "files in memory": "f = os.memfd_create('x')\nfor _ in range(400): os.write(f, bytes(1 << 20))\ntime.sleep(20)",
    "shared memory": "m = mmap.mmap(-1, 400 << 20)\nfor i in range(0, 400 << 20, 4096): m[i] = 1\ntime.sleep(20)",
    "a private directory": "f = open('/tmp/x', 'wb')\nfor _ in range(400): f.write(bytes(1 << 20))\ntime.sleep(20)",
}


@pytest.mark.parametrize("code", HOGS.values(), ids=[name.replace(" ", "-") for name in HOGS])
async def test_memory(tmp_path: Path, code: str) -> None:
    roomy = Limits(memory=160 * MIB, timeout=12)
    executor = await BubblewrapSandbox().open(Mount(str(tmp_path)), "workspace-write", roomy)
    ran = await run(executor, ["python3", "-c", "import os, time, mmap\n" + code])
    assert (ran.exit.status, ran.exit.reason) == (137, "memory"), ran
    assert (await run(executor, ["echo", "alive"])).out == b"alive\n"
    await executor.aclose()


async def test_private_directories_are_no_larger_than_the_disk_limit(executor: OpenExecutor) -> None:
    code = "[os.system(f'head -c 30M /dev/zero > {p}/x; stat -c %s {p}/x') for p in ('/tmp', '/var/tmp', '/dev/shm')]"
    ran = await attack(executor, code)
    assert ran.out.split() == [b"16777216"] * 3


async def test_a_fork_bomb_ends_and_nothing_of_it_stays(executor: OpenExecutor) -> None:
    before = len(psutil.pids())
    bomb = "while True:\n try: os.fork()\n except OSError: pass"
    ran = await attack(executor, bomb)
    assert (ran.exit.status, ran.exit.reason) == (137, "pids")
    await anyio.sleep(0.1)
    assert len(psutil.pids()) < before + 30


async def test_as_many_processes_as_allowed_and_not_one_more(executor: OpenExecutor) -> None:
    code = (
        "n = 1\ntry:\n while os.fork(): n += 1\n time.sleep(20)\nexcept OSError: print(n, flush=True); time.sleep(20)"
    )
    assert (await attack(executor, code)).out.split() == [b"40"]


async def test_a_fork_bomb_whose_first_process_ends_well_is_no_success(executor: OpenExecutor) -> None:
    bomb = "if os.fork():\n time.sleep(1.2); os._exit(0)\nwhile True:\n try: os.fork()\n except OSError: pass"
    ran = await attack(executor, bomb)
    assert (ran.exit.status, ran.exit.reason) == (137, "pids")


@pytest.mark.parametrize("grouped", [True, False], ids=["control-group", "none"])
async def test_processor_time_is_shared_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grouped: bool) -> None:
    if not grouped:
        monkeypatch.setattr("loopwright.sandbox.bubblewrap.find_hierarchy", lambda: None)
    sandbox = await BubblewrapSandbox().open(Mount(str(tmp_path)), "workspace-write", Limits(cpus=0.5))
    spin = "t = time.monotonic()\nwhile time.monotonic() - t < 1.5: pass"
    ran = await run(sandbox, ["python3", "-c", f"import time, os\nos.fork()\n{spin}"])
    await sandbox.aclose()
    assert ran.exit.status == 0
    assert ran.exit.usage.cpu < 1.2


async def test_a_share_of_a_processor_wakes_nobody_who_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loopwright.sandbox.bubblewrap.find_hierarchy", lambda: None)
    sandbox = await BubblewrapSandbox().open(Mount(str(tmp_path)), "workspace-write", Limits(cpus=0.2))
    code = "p = os.fork()\nif p == 0: time.sleep(60)\nos.kill(p, 19); os.waitpid(p, os.WUNTRACED)\nend = time.process_time() + 0.3\n"
    code += "while time.process_time() < end: pass\nprint(open(f'/proc/{p}/stat').read().split()[2])"
    ran = await run(sandbox, ["python3", "-c", f"import os, time\n{code}"])
    await sandbox.aclose()
    assert ran.out == b"T\n"


async def test_output_is_not_kept_beyond_its_limit(executor: OpenExecutor) -> None:
    ran = await attack(executor, "while True: os.write(1, b'x' * 65536)")
    assert (ran.exit.reason, len(ran.merged)) == ("output", 200_000)


async def test_bytes_written_to_a_plain_directory(executor: OpenExecutor, tmp_path: Path) -> None:
    code = "f = open('big', 'wb')\nfor _ in range(2000): f.write(bytes(1 << 20)); f.flush(); time.sleep(0.01)"
    ran = await attack(executor, code)
    assert (ran.exit.status, ran.exit.reason) == (137, "disk"), ran
    assert (tmp_path / "big").stat().st_size < 200 * MIB


async def test_files_made_in_a_plain_directory(executor: OpenExecutor) -> None:
    ran = await attack(executor, "for i in range(100000): open(f'f{i}', 'w').close(); time.sleep(0.0003)")
    assert (ran.exit.status, ran.exit.reason) == (137, "inodes"), ran


@pytest.mark.parametrize("trick", ["kill -9 $PPID", "kill -STOP $PPID", "kill -9 -1", "kill -9 1; kill -9 $PPID"])
async def test_a_command_that_attacks_its_keeper_is_gone_with_all_it_started(
    executor: OpenExecutor, tmp_path: Path, trick: str
) -> None:
    beat = "setsid sh -c 'while :; do echo x >> beat; sleep 0.02; done' & sleep 0.1;"
    ran = await run(executor, ["sh", "-c", f"{beat} {trick}; sleep 3"], Limits(timeout=1))
    assert ran.exit.status != 0
    await anyio.sleep(0.1)
    size = (tmp_path / "beat").stat().st_size
    await anyio.sleep(0.15)
    assert (tmp_path / "beat").stat().st_size == size
    assert (await run(executor, ["echo", "alive"])).out == b"alive\n"


async def test_a_sandbox_that_is_killed_is_built_anew(executor: OpenExecutor, tmp_path: Path) -> None:
    running = await executor.start(["sh", "-c", "while :; do echo x >> beat; sleep 0.02; done"])
    await anyio.sleep(0.2)
    for child in psutil.Process().children():
        if child.name() == "bwrap":
            child.kill()
    ended = await running.wait()
    assert (ended.status, ended.reason) == (137, "sandbox")
    assert b"HOME=/tmp/home" in (await run(executor, ["env"])).out


async def gone(processes: list[psutil.Process]) -> bool:
    """True when all of them have ended, within two seconds."""
    for _ in range(100):
        if not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes):
            return True
        await anyio.sleep(0.02)
    return False


HOST = """
import asyncio, sys
from loopwright.core.ports import Mount
from loopwright.core.running import Limits
from loopwright.sandbox import BubblewrapSandbox
async def main():
    executor = await BubblewrapSandbox().open(Mount(sys.argv[1]), "workspace-write", Limits())
    await executor.start(["sh", "-c", "trap '' TERM HUP; setsid sleep 99 & sleep 99"])
    await asyncio.sleep(0.2)
    print("up", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


async def test_a_killed_host_takes_its_sandbox_along(tmp_path: Path) -> None:
    host = await anyio.open_process([sys.executable, "-c", HOST, str(tmp_path)], stderr=None)
    assert host.stdout is not None
    assert (await host.stdout.receive()).strip() == b"up"
    below = psutil.Process(host.pid).children(recursive=True)
    assert len(below) >= 5
    host.kill()
    await host.wait()
    await host.aclose()
    assert await gone(below)


async def test_closing_ends_everything_and_leaves_nothing_behind(tmp_path: Path) -> None:
    others = set(psutil.Process().children(recursive=True))
    executor = await BubblewrapSandbox().open(Mount(str(tmp_path)), "workspace-write", Limits())
    running = await executor.start(["sh", "-c", "trap '' TERM; setsid sleep 99 & sleep 99"])
    await anyio.sleep(0.1)
    ours = [c for c in psutil.Process().children(recursive=True) if c not in others and c.is_running()]
    assert ours
    await executor.aclose()
    assert (await running.wait()).status == 137
    assert await gone(ours)
    assert str(tmp_path) not in Path("/proc/self/mounts").read_text()
    assert list(tmp_path.iterdir()) == []
    with contextlib.suppress(FileNotFoundError):
        assert not list(Path("/sys/fs/cgroup").glob(f"*/loopwright-{os.getpid()}-*"))


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="there is one processor only")
async def test_whole_processors_without_a_control_group_cannot_be_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loopwright.sandbox.bubblewrap.find_hierarchy", lambda: None)
    executor = await BubblewrapSandbox().open(Mount(str(tmp_path)), "workspace-write", Limits(cpus=1))
    move = "import os\nprint(len(os.sched_getaffinity(0)))\nos.sched_setaffinity(0, range(os.cpu_count()))"
    ran = await run(executor, ["python3", "-c", move])
    with pytest.raises(SandboxError, match="share the processors"):
        await executor.start(["true"], Limits(cpus=2))
    await executor.aclose()
    assert ran.out == b"1\n"
    assert b"PermissionError" in ran.err
