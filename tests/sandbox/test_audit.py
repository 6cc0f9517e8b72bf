"""System calls are told of while a command runs, and nothing is held up or forbidden by it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from loopwright.core.oversight import Observation, Oversight, SystemCall
from loopwright.core.ports import Mount
from loopwright.core.running import Limits, Ran, run
from loopwright.sandbox import BubblewrapSandbox

pytestmark = pytest.mark.anyio


async def audited(tree: Path, script: str, audit: bool = True) -> tuple[Ran, list[SystemCall]]:
    seen: list[Observation] = []
    sandbox = BubblewrapSandbox()
    sandbox.oversee(Oversight(seen.append, audit=audit))
    executor = await sandbox.open(Mount(str(tree)), "workspace-write", Limits(timeout=30))
    ran = await run(executor, ["sh", "-c", script])
    await executor.aclose()
    return ran, [call for call in seen if isinstance(call, SystemCall)]


async def test_programs_that_start_are_told(tmp_path: Path) -> None:
    ran, seen = await audited(tmp_path, "ls / >/dev/null; env true")
    assert ran.ok, ran.text()
    started = [call.target.rpartition("/")[2] for call in seen if call.name == "execve"]
    assert [name for name in started if name in ("sh", "ls", "env", "true")][:3] == ["sh", "ls", "env"]
    assert "true" in started


async def test_ways_to_others_are_told(tmp_path: Path) -> None:
    code = (
        "import socket\ns = socket.socket(); s.bind(('127.0.0.1', 4321))\n"
        "for family, where in ((2, ('127.0.0.1', 9)), (10, ('::1', 9)), (1, '/no/socket'), (1, '\\0hidden')):\n"
        " try: socket.socket(family).connect(where)\n except OSError: pass"
    )
    _, seen = await audited(tmp_path, f'python3 -c "{code}"')
    assert [(c.name, c.target) for c in seen if c.name in ("bind", "connect")] == [
        ("bind", "127.0.0.1:4321"),
        ("connect", "127.0.0.1:9"),
        ("connect", "[::1]:9"),
        ("connect", "unix:/no/socket"),
        ("connect", "unix:@hidden"),
    ]


async def test_what_is_forbidden_stays_forbidden(tmp_path: Path) -> None:
    ran, _ = await audited(tmp_path, "unshare -U true")
    assert not ran.ok


async def test_a_kill_in_mid_call_and_a_closed_sandbox_leave_no_thread_and_no_descriptor(tmp_path: Path) -> None:
    await audited(tmp_path, "true")
    threads, fds = threading.active_count(), len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        sandbox = BubblewrapSandbox()
        sandbox.oversee(Oversight(audit=True))
        executor = await sandbox.open(Mount(str(tmp_path)), "workspace-write", Limits(timeout=0.2))
        ran = await run(executor, ["sh", "-c", "while :; do /bin/true; done"])
        assert ran.exit.reason == "timeout"
        assert (await run(executor, ["echo", "alive"], Limits(timeout=10))).out == b"alive\n"
        await executor.aclose()
    assert threading.active_count() <= threads + 1
    assert len(os.listdir("/proc/self/fd")) <= fds


async def test_without_audit_nothing_is_told(tmp_path: Path) -> None:
    assert (await audited(tmp_path, "true", audit=False))[1] == []


@pytest.mark.real
async def test_the_audit_costs_little(tmp_path: Path) -> None:
    script = "i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done"
    times = {}
    for audit in (False, True):
        began = time.monotonic()
        await audited(tmp_path, script, audit)
        times[audit] = time.monotonic() - began
    assert times[True] < 2.5 * times[False] + 0.5, times
