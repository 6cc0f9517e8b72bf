"""Commands that come one after the other have the same parent, and are still counted and ended each for itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from loopwright.core.ports import Mount, OpenExecutor
from loopwright.core.running import Limits, Ran, run
from loopwright.sandbox import BubblewrapSandbox

pytestmark = pytest.mark.anyio

BURN = "import time\nwhile time.process_time() < 0.4: pass"


@pytest.fixture
async def executor(tmp_path: Path) -> AsyncIterator[OpenExecutor]:
    opened = await BubblewrapSandbox().open(Mount(str(tmp_path)), "workspace-write", Limits(timeout=20))
    yield opened
    await opened.aclose()


async def shell(executor: OpenExecutor, line: str, limits: Limits = Limits()) -> Ran:
    return await run(executor, ["sh", "-c", line], limits)


async def parent(executor: OpenExecutor) -> bytes:
    return (await shell(executor, "echo $PPID")).out


async def test_one_after_the_other_have_one_parent(executor: OpenExecutor) -> None:
    assert await parent(executor) == await parent(executor)


async def test_each_is_charged_for_itself_alone(executor: OpenExecutor) -> None:
    burnt = await run(executor, ["python3", "-c", BURN])
    idle = await shell(executor, "true")
    assert burnt.exit.usage.cpu >= 0.4 > 0.2 > idle.exit.usage.cpu


async def test_what_one_leaves_behind_is_gone_before_the_next(executor: OpenExecutor) -> None:
    left = (await shell(executor, "setsid sleep 30 >/dev/null 2>&1 & echo $!")).out.decode().strip()
    assert (await shell(executor, f"kill -0 {left} 2>/dev/null || echo gone")).out == b"gone\n"


async def test_each_has_its_own_streams(executor: OpenExecutor) -> None:
    await shell(executor, "exec 1>&- 2>&-; true")
    assert (await shell(executor, "echo out; echo err >&2")).merged.count(b"\n") == 2


async def test_after_a_deadline_or_a_murdered_parent_another_one_serves(executor: OpenExecutor) -> None:
    first = await parent(executor)
    assert (await shell(executor, "sleep 30", Limits(timeout=0.2))).exit.reason == "timeout"
    second = await parent(executor)
    assert second not in (b"", first)
    assert (await shell(executor, "kill -9 $PPID; sleep 30")).exit.status == 137
    assert await parent(executor) not in (b"", second)


async def test_many_at_once_do_not_wait_for_one_another(executor: OpenExecutor) -> None:
    async with anyio.create_task_group() as group:
        with anyio.fail_after(8):
            await parent(executor)
            group.start_soon(shell, executor, "sleep 30", Limits(timeout=1))
            await anyio.sleep(0.1)
            assert (await shell(executor, "echo here")).out == b"here\n"


async def test_each_has_its_own_peak_of_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loopwright.sandbox.bubblewrap.find_hierarchy", lambda: None)  # what the keeper tells, alone
    executor = await BubblewrapSandbox().open(Mount(str(tmp_path)), "workspace-write", Limits(timeout=20))
    large = await run(executor, ["python3", "-c", "b'x' * (80 << 20)"])
    small = await shell(executor, "true")
    await executor.aclose()
    assert large.exit.usage.memory > 80 << 20 > 20 << 20 > small.exit.usage.memory > 100 << 10
