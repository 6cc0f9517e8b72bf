"""The first process of a container, run here without one: what the host sends it is what it and its supervisor take."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import loopwright.inside
from loopwright.sandbox.container_frames import HEAD, Frame, encode
from loopwright.sandbox.docker import setup_fields
from loopwright.sandbox.docker_view import View

INSIDE = str(Path(loopwright.inside.__file__).parent)
MAIN = "import sys;sys.path.insert(0,sys.argv[1]);import container_agent;container_agent.main()"


class Agent:
    """Speaks frames with the process."""

    def __init__(self) -> None:
        words = [sys.executable, "-ISc", MAIN, INSIDE]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)

    def send(self, kind: bytes, ident: int, *fields: str | bytes) -> None:
        assert self.process.stdin
        words = [field if isinstance(field, bytes) else field.encode() for field in fields]
        self.process.stdin.write(encode(kind, ident, b"\0".join(words)))
        self.process.stdin.flush()

    def hear(self) -> Frame:
        assert self.process.stdout
        head = self.process.stdout.read(HEAD)
        return Frame(
            head[4:5], int.from_bytes(head[5:9], "big"), self.process.stdout.read(int.from_bytes(head[:4], "big"))
        )

    def until_exit(self, ident: int) -> tuple[bytes, int]:
        """Standard output and the status of a command."""
        out = b""
        while True:
            frame = self.hear()
            if frame.kind == b"o" and frame.ident == ident:
                out += frame.payload
            if frame.kind == b"x" and frame.ident == ident:
                return out, int(frame.fields()[0])


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    made = Agent()
    view = View(str(tmp_path), str(tmp_path), (), (), (0, 0), False, "", (), (), 0.0)
    fields = setup_fields(view, ())
    fields[3] = ""  # no home is made on this machine
    made.send(b"s", 0, *fields)
    assert made.hear().fields()[0] == b"ready"
    yield made
    made.process.stdin.close()
    made.process.wait(5)
    made.process.stdout.close()


def test_commands_run_one_after_the_other_and_together(agent: Agent) -> None:
    agent.send(b"r", 1, "/", "0", "3", "sh", "-c", "echo $GREETING; exit 3", "GREETING=hello", "PATH=/usr/bin:/bin")
    assert agent.until_exit(1) == (b"hello\n", 3)
    agent.send(b"r", 2, "/", "0", "1", "cat", "PATH=/usr/bin:/bin")
    agent.send(b"r", 3, "/", "0", "2", "echo", "beside", "PATH=/usr/bin:/bin")
    assert agent.until_exit(3) == (b"beside\n", 0)
    agent.send(b"i", 2, b"typed")
    taken = agent.hear()
    assert (taken.kind, taken.payload) == (b"w", b"5")
    agent.send(b"c", 2, b"")
    assert agent.until_exit(2) == (b"typed", 0)


def test_a_tree_is_measured_and_ended(agent: Agent) -> None:
    agent.send(b"r", 1, "/", "0", "3", "sh", "-c", "sleep 50 & echo up; sleep 50", "PATH=/usr/bin:/bin")
    assert agent.hear().payload == b"up\n"
    agent.send(b"l", 1)
    seen = agent.hear()
    memory, threads, last = map(int, seen.fields())
    assert seen.kind == b"v" and memory > 0 and threads >= 2 and last > 0
    agent.send(b"k", 1)
    assert agent.until_exit(1) == (b"", 137)


def test_it_ends_when_the_host_hangs_up(agent: Agent) -> None:
    agent.send(b"r", 1, "/", "0", "2", "sleep", "50", "PATH=/usr/bin:/bin")
    agent.process.stdin.close()
    assert agent.process.wait(5) == 0
