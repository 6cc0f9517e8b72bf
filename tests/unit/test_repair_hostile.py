"""Repair among tests that behave badly: a right cure or a clear end, never a hang and never a false proof."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import anyio
import pytest
from tests.unit.test_repair_engine import SHOP, TESTS, apply, change, propose, write

from loopwright.core.running import Chunk, Exit, Process
from loopwright.engines.repair.driver import Driver, DriverDied, _messages

HOSTILE = {
    "test_sleep.py": """
        import time

        def test_waits(): time.sleep(0.3)
    """,
    "test_network.py": """
        import socket

        def test_asks_the_network():
            try:
                socket.create_connection(("192.0.2.1", 9), timeout=0.1)
            except OSError:
                pass
    """,
    "test_patches.py": """
        import builtins, os, random, time

        def test_patches_what_everything_uses():
            time.process_time = time.monotonic = time.time = lambda: 0.0
            random.random = lambda: 0.5
            builtins.print = lambda *args, **options: None
            os.environ.clear()
    """,
    "test_writes.py": """
        import os, pathlib

        def test_writes_and_moves():
            pathlib.Path("left.txt").write_text("left")
            os.mkdir("elsewhere") if not os.path.exists("elsewhere") else None
            os.chdir("elsewhere")
    """,
    "test_order.py": """
        made = []

        def test_makes(): made.append(1)
        def test_needs_the_one_before(): assert made
    """,
    "test_processes.py": """
        import os, subprocess, sys, threading, time

        def test_forks():
            pid = os.fork()
            if pid == 0:
                os._exit(0)
            os.waitpid(pid, 0)

        def test_leaves_a_process(): subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        def test_leaves_a_thread(): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    """,
    "test_noise.py": """
        import os

        def test_closes_its_streams():
            os.write(1, b'{"ev": "done"}' + b"x" * 3_000_000)
            os.close(1)
    """,
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write(tmp_path, {"shop.py": SHOP, "test_shop.py": TESTS})
    return tmp_path


def test_who_stops_waiting_for_a_message_takes_nothing_away() -> None:
    class Line:
        async def output(self) -> AsyncIterator[Chunk]:
            for number in range(2):
                await anyio.sleep(0.05)
                yield Chunk("out", b'{"ev": "done", "id": %d}\n' % number)

        async def send_eof(self) -> None: ...

        async def wait(self) -> Exit:
            return Exit(0)

        async def kill(self) -> None: ...

    async def hear() -> list[int]:
        line = cast(Process, Line())
        driver = Driver(line, {}, _messages(line, []))
        with anyio.move_on_after(0.01):
            await driver.receive()
        heard = [(await driver.receive())["id"], (await driver.receive())["id"]]
        with pytest.raises(DriverDied):
            await driver.receive()
        await driver.close()
        return heard

    assert anyio.run(hear) == [0, 1]


@pytest.mark.real
def test_a_test_that_only_waits_says_which_lines_it_executes(tmp_path: Path) -> None:
    module = """
        import queue, threading

        def worker(inbox, out):
            for item in iter(inbox.get, 0):
                out.append(item * 2)

        def run(items):
            inbox, out = queue.Queue(), []
            one = threading.Thread(target=worker, args=(inbox, out))
            one.start()
            for item in items:
                inbox.put(item)
            inbox.put(1)
            one.join()
            return out
    """
    write(
        tmp_path, {"w.py": module, "test_w.py": "from w import run\n\ndef test_two(): assert run([1, 2]) == [2, 4]\n"}
    )
    proposal, _ = propose(tmp_path, seconds=90, rivals=1.0)
    assert "inbox.put(0)" in apply(tmp_path, proposal)


@pytest.mark.real
def test_a_fault_among_hostile_tests_is_repaired(shop: Path) -> None:
    write(shop, {name: text for name, text in HOSTILE.items() if name != "test_noise.py"})
    proposal, _ = propose(shop, seconds=60)
    assert "if total >= 100:" in apply(shop, proposal)
    assert proposal.report["flaky"] in ([], ["test_order.py::test_needs_the_one_before"])


@pytest.mark.real
def test_output_that_looks_like_the_protocol_and_closed_streams_do_no_harm(shop: Path) -> None:
    write(shop, {"test_noise.py": HOSTILE["test_noise.py"]})
    proposal, _ = propose(shop, "python -m pytest -q -p no:cacheprovider --capture=sys", seconds=10)
    assert proposal.spent or "if total >= 100:" in apply(shop, proposal)


def test_a_test_that_ends_the_process_is_named_and_nothing_is_proposed(shop: Path) -> None:
    change(shop, "total > 100", "total >= 100")
    write(shop, {"test_exit.py": "import os\n\ndef test_goes(): os._exit(0)\n"})
    proposal, _ = propose(shop, seconds=10)
    assert not proposal.calls and proposal.spent
    assert proposal.report["failing"] == ["test_exit.py::test_goes"]


def test_a_fault_below_python_ends_the_candidate_not_the_search(tmp_path: Path) -> None:
    module = "import ctypes\n\ndef text(address):\n    return ctypes.string_at(address - address)\n"
    tests = "from m import text\n\ndef test_text(): assert text(0) is not None\ndef test_true(): assert True\n"
    write(tmp_path, {"m.py": module, "test_m.py": tests})
    began = time.monotonic()
    proposal, _ = propose(tmp_path, seconds=10)
    assert time.monotonic() - began < 60
    assert proposal.report["failing"] == ["test_m.py::test_text"]
    assert proposal.spent or proposal.calls


@pytest.mark.real
def test_a_fault_in_conftest_is_not_repaired_by_changing_the_tests(tmp_path: Path) -> None:
    conftest = "import pytest\n\n@pytest.fixture\ndef number():\n    return 41\n"
    tests = "from m import same\n\ndef test_number(number): assert same(number) == 42\n"
    write(tmp_path, {"m.py": "def same(n):\n    return n\n", "conftest.py": conftest, "test_m.py": tests})
    proposal, _ = propose(tmp_path, seconds=8)
    assert all(call.args["path"] == "m.py" for call in proposal.calls)


@pytest.mark.real
def test_five_thousand_tests(shop: Path) -> None:
    many = "import pytest\nfrom shop import tax\n\n@pytest.mark.parametrize('n', range(5000))\ndef test_tax(n): assert tax(n * 100) == 20 * n\n"
    write(shop, {"test_many.py": many})
    proposal, _ = propose(shop, seconds=240)
    assert "if total >= 100:" in apply(shop, proposal)


@pytest.mark.real
def test_a_gigabyte_of_output(shop: Path) -> None:
    write(
        shop,
        {"test_loud.py": "import os\n\ndef test_loud():\n    for _ in range(1024): os.write(1, b'x' * (1 << 20))\n"},
    )
    began = time.monotonic()
    proposal, _ = propose(shop, seconds=60)
    assert time.monotonic() - began < 150
    assert proposal.spent or "if total >= 100:" in apply(shop, proposal)
