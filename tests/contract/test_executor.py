"""What every executor promises, on every sandbox we ship."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import anyio
import pytest

from loopwright.core.errors import SandboxError
from loopwright.core.ports import Mount, OpenExecutor, Profile, Sandbox
from loopwright.core.running import Limits, run
from loopwright.sandbox import BubblewrapSandbox, DirectSandbox

pytestmark = pytest.mark.anyio

KINDS: dict[str, tuple[Callable[[], Sandbox], Profile]] = {
    "bubblewrap": (BubblewrapSandbox, "workspace-write"),
    "direct": (DirectSandbox, "danger-full-access"),
}


@pytest.fixture(params=sorted(KINDS))
async def executor(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenExecutor]:
    make, profile = KINDS[request.param]
    opened = await make().open(Mount(str(tmp_path)), profile, Limits(timeout=20))
    yield opened
    await opened.aclose()


async def test_output_status_and_usage_are_reported(executor: OpenExecutor) -> None:
    ran = await run(executor, ["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (ran.exit.status, ran.exit.reason, ran.out, ran.err) == (3, "", b"out\n", b"err\n")
    assert 0 < ran.exit.usage.wall < 20
    assert ran.exit.usage.memory > 0


async def test_a_signal_is_128_plus_its_number(executor: OpenExecutor) -> None:
    assert (await run(executor, ["sh", "-c", "kill -SEGV $$"])).exit.status == 139


async def test_an_unknown_command_is_127_and_one_that_cannot_run_126(executor: OpenExecutor, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a program")
    unknown = await run(executor, ["no-such-program-here"])
    assert (unknown.exit.status, b"no-such-program-here" in unknown.err) == (127, True)
    assert (await run(executor, ["./data"])).exit.status == 126


async def test_standard_input_is_passed_on_and_closed(executor: OpenExecutor) -> None:
    data = os.urandom(1 << 20)
    assert (await run(executor, ["cat"], stdin=data)).out == data


async def test_the_working_directory_is_relative_to_the_workspace(executor: OpenExecutor, tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    assert (await run(executor, ["pwd"])).out.decode().strip() == str(tmp_path)
    assert (await run(executor, ["pwd"], cwd="below")).out.decode().strip() == str(tmp_path / "below")
    assert (await run(executor, ["pwd"], cwd="missing")).exit.status in (126, 127)


async def test_added_variables_reach_the_command(executor: OpenExecutor) -> None:
    assert (await run(executor, ["printenv", "GREETING"], env={"GREETING": "a=b\nc"})).out == b"a=b\nc\n"


async def test_a_long_command_line_arrives_whole(executor: OpenExecutor) -> None:
    words = ["x" * 100_000, "y" * 100_000]
    ran = await run(executor, ["python3", "-c", "import sys; print([len(a) for a in sys.argv[1:]])", *words])
    assert ran.out.strip() == b"[100000, 100000]"


async def test_the_deadline_is_124_and_ends_what_ignores_signals(executor: OpenExecutor) -> None:
    began = time.monotonic()
    ran = await run(executor, ["sh", "-c", "trap '' TERM INT; echo on; sleep 30"], Limits(timeout=0.3))
    assert (ran.exit.status, ran.exit.reason, ran.out) == (124, "timeout", b"on\n")
    assert time.monotonic() - began < 4


async def test_too_much_output_is_cut_at_the_limit_and_ends_the_tree(executor: OpenExecutor) -> None:
    ran = await run(executor, ["yes"], Limits(output=100_000))
    assert (ran.exit.status, ran.exit.reason, len(ran.merged)) == (137, "output", 100_000)


async def test_nothing_outlives_its_command(executor: OpenExecutor, tmp_path: Path) -> None:
    beat = "import os,time\nif os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\n"
    beat += "for _ in range(200): open('beat','a').write('x'); time.sleep(0.02)"
    await run(executor, ["sh", "-c", f'python3 -c "{beat}"; sleep 0.2'])
    size = (tmp_path / "beat").stat().st_size
    assert size > 0
    await anyio.sleep(0.15)
    assert (tmp_path / "beat").stat().st_size == size


async def test_killing_one_command_spares_another(executor: OpenExecutor) -> None:
    first = await executor.start(["sh", "-c", "setsid sleep 30 & sleep 30"])
    second = await executor.start(["sh", "-c", "sleep 0.5; echo still here"])
    await anyio.sleep(0.1)
    await first.kill()
    ended = await first.wait()
    assert (ended.status, ended.reason) == (137, "stopped")
    assert b"".join([c.data async for c in second.output()]) == b"still here\n"
    assert (await second.wait()).status == 0


async def test_a_cancelled_run_ends_its_tree(executor: OpenExecutor, tmp_path: Path) -> None:
    with anyio.move_on_after(0.3) as scope:
        await run(executor, ["sh", "-c", "while :; do echo x >> beat; sleep 0.02; done"])
    assert scope.cancelled_caught
    await anyio.sleep(0.1)
    size = (tmp_path / "beat").stat().st_size
    await anyio.sleep(0.15)
    assert (tmp_path / "beat").stat().st_size == size


async def test_a_process_talks_both_ways(executor: OpenExecutor) -> None:
    process = await executor.start(["cat"])
    chunks = process.output()
    await process.send(b"ping\n")
    assert (await anext(chunks)).data == b"ping\n"
    await process.send(b"pong\n")
    assert (await anext(chunks)).data == b"pong\n"
    await process.send_eof()
    assert (await process.wait()).status == 0


async def test_memory_of_the_whole_tree_is_limited(executor: OpenExecutor) -> None:
    hog = (
        "import os,time\nfor _ in range(4):\n if not os.fork():\n  b=bytearray(60<<20); time.sleep(20)\ntime.sleep(20)"
    )
    ran = await run(executor, ["python3", "-c", hog], Limits(memory=128 << 20, timeout=15))
    assert (ran.exit.status, ran.exit.reason) == (137, "memory")


async def test_processes_of_the_whole_tree_are_limited(executor: OpenExecutor) -> None:
    bomb = "import os,time\ntry:\n for _ in range(60):\n  if not os.fork(): time.sleep(20); os._exit(0)\n"
    bomb += "except OSError: pass\ntime.sleep(20)"
    ran = await run(executor, ["python3", "-c", bomb], Limits(pids=20, timeout=15))
    assert (ran.exit.status, ran.exit.reason) == (137, "pids")


async def test_a_senseless_limit_is_refused(executor: OpenExecutor) -> None:
    with pytest.raises(SandboxError, match="memory"):
        await executor.start(["true"], Limits(memory=0))


async def test_a_closed_executor_starts_nothing(executor: OpenExecutor) -> None:
    await executor.aclose()
    with pytest.raises(SandboxError, match="closed"):
        await executor.start(["true"])


async def test_a_hundred_commands_leave_no_descriptor(executor: OpenExecutor) -> None:
    await run(executor, ["true"])
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(100):
        await run(executor, ["true"])
    assert len(os.listdir("/proc/self/fd")) <= before


async def test_programs_for_inside_are_readable_there(executor: OpenExecutor) -> None:
    ran = await run(executor, ["ls", executor.inside])
    assert b"supervisor.py" in ran.out


async def test_direct_takes_no_profile_that_promises_protection(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="danger-full-access"):
        await DirectSandbox().open(Mount(str(tmp_path)), "workspace-write", Limits())


async def test_bubblewrap_never_stands_for_no_sandbox(tmp_path: Path) -> None:
    with pytest.raises(SandboxError):
        await BubblewrapSandbox().open(Mount(str(tmp_path)), "danger-full-access", Limits())
