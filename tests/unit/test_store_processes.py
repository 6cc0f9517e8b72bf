"""Several processes on one file: one writer a session, nothing lost by kill -9, leases of the dead taken over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import msgspec
import pytest

from loopwright.core.errors import StoreError, UsageError
from loopwright.core.events import Noted
from loopwright.store.lease import Holder
from loopwright.store.sql import Store

HEAD = """
    import anyio, itertools, sys
    from loopwright.core.events import Finished, Noted
    from loopwright.core.checks import Proof
    from loopwright.store.sql import Store
    store = Store.open(sys.argv[1])
"""


@contextmanager
def process(directory: Path, code: str) -> Iterator[subprocess.Popen[str]]:
    source = textwrap.dedent(HEAD) + textwrap.dedent(code)
    argv = [sys.executable, "-c", source, str(directory)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as child:
        try:
            yield child
        finally:
            child.kill()


def line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


APPEND_FOR_EVER = """
    log = store.create("s")
    async def main():
        for n in itertools.count(1):
            log.blobs.put(b"%d" % n * 1000)
            await log.append(f"k{n}", "loop", Noted(f"{n} " * 6000 if n % 7 == 0 else f"{n}"))
            print(n, flush=True)
    anyio.run(main)
"""


@pytest.mark.parametrize("acknowledged", [1, 7, 40, 200])
def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path, acknowledged: int) -> None:
    with process(tmp_path, APPEND_FOR_EVER) as child:
        while int(line(child)) < acknowledged:
            pass
        child.send_signal(signal.SIGKILL)
        child.wait()
    with Store.open(tmp_path) as store:
        audit = store.verify("s")
        assert audit.ok, audit.faults
        assert audit.events >= acknowledged
        log = store.log("s")  # the lease of the dead is taken over
        expected = [Noted(f"{n} " * 6000 if n % 7 == 0 else f"{n}") for n in range(1, audit.events + 1)]
        assert [event.body for event in log.read()] == expected
        again = anyio.run(log.append, f"k{acknowledged}", "loop", Noted("not written a second time"))
        assert again == log.read()[acknowledged - 1]
        assert anyio.run(log.append, "next", "loop", Noted("next")).seq == audit.events + 1


def test_a_session_has_one_writer(tmp_path: Path) -> None:
    hold = """
    log = store.create("s")
    print("held", flush=True)
    sys.stdin.read()
    """
    with process(tmp_path, hold) as child, Store.open(tmp_path) as store:
        assert line(child) == "held"
        with pytest.raises(UsageError, match=f"session s is being written by process {child.pid}"):
            store.log("s")
        with pytest.raises(UsageError, match="is being written"):
            store.delete("s")
        assert store.reader("s").read() == []
        child.kill()
        child.wait()
        assert store.log("s").read() == []


def test_the_same_process_does_not_write_a_session_twice(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        log = store.create("s")
        with pytest.raises(UsageError, match=f"process {os.getpid()}"):
            store.log("s")
        log.close()
        store.log("s")


@pytest.mark.parametrize(
    "change", [{"boot": "another"}, {"start": "1"}, {"pid": 2**22 + 1}], ids=["boot", "reused pid", "no such process"]
)
def test_a_lease_from_before_a_restart_or_with_a_reused_pid_is_dead(change: dict[str, object]) -> None:
    holder = Holder.current()
    assert holder.alive()
    assert not msgspec.structs.replace(holder, **change).alive()


def test_a_writer_whose_lease_went_elsewhere_stops(tmp_path: Path) -> None:
    with Store.open(tmp_path) as one, Store.open(tmp_path) as two:
        first = one.create("s")
        anyio.run(first.append, "a", "loop", Noted("a"))
        two._database.execute("UPDATE session SET holder='', token=''")  # as if this process had been taken for dead
        second = two.log("s")
        with pytest.raises(StoreError, match="taken session s over"):
            anyio.run(first.append, "b", "loop", Noted("b"))
        first.close()
        anyio.run(second.append, "b", "loop", Noted("b"))
        assert [event.key for event in second.read()] == ["a", "b"]


def test_two_processes_write_their_sessions_at_once(tmp_path: Path) -> None:
    many = """
    name = sys.stdin.read()
    async def main():
        log = store.create(name)
        for n in range(150):
            await log.append(f"k{n}", "loop", Noted(f"{name} {n}"))
            log.blobs.put(b"the same for all %d" % (n // 10))
    anyio.run(main)
    store.close()
    """
    source = textwrap.dedent(HEAD) + textwrap.dedent(many)
    argv = [sys.executable, "-c", source, str(tmp_path)]
    children = [subprocess.Popen(argv, stdin=subprocess.PIPE, text=True) for _ in range(3)]
    for number, child in enumerate(children):
        assert child.stdin is not None
        child.stdin.write(f"session-{number}")
        child.stdin.close()
    assert [child.wait(60) for child in children] == [0, 0, 0]
    with Store.open(tmp_path) as store:
        for number in range(3):
            name = f"session-{number}"
            assert [event.body for event in store.reader(name).read()] == [Noted(f"{name} {n}") for n in range(150)]
            assert store.verify(name).ok


def test_a_follower_sees_what_another_process_writes(tmp_path: Path) -> None:
    write = """
    log = store.create("s")
    async def main():
        for n in range(5):
            await log.append(f"k{n}", "loop", Noted(f"{n}"))
            print(n, flush=True)
            await anyio.sleep(0.01)
        await log.append("end", "loop", Finished(Proof("answered", None, "t")))
    anyio.run(main)
    """
    with process(tmp_path, write) as child, Store.open(tmp_path) as store:
        line(child)

        async def follow() -> list[str]:
            with anyio.fail_after(20):
                return [event.key async for event in store.reader("s").follow()]

        assert anyio.run(follow) == ["k0", "k1", "k2", "k3", "k4", "end"]
