"""Every attack, run in the sandbox and, where that harms nothing, without one, to prove that it could have worked."""

from __future__ import annotations

import contextlib
import os
import platform
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from loopwright.core.ports import Mount, Sandbox
from loopwright.core.running import Limits, run
from loopwright.sandbox import BubblewrapSandbox

from .attacks import ATTACKS, HEAD, SECRET, Attack, Seen
from .variants import VARIANTS

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the system call numbers are those of x86_64"),
]

ALL = (*ATTACKS, *VARIANTS)


class Range:
    """A throw-away place to attack, and the eyes outside it."""

    def __init__(self, base: Path) -> None:
        self.workspace = base / "workspace"
        self.outside = base / "outside"
        self.connections: list[str] = []
        self._sockets: list[socket.socket] = []
        self.victim = subprocess.Popen(["sleep", "600"])
        for path in (self.workspace / ".git" / "hooks", self.workspace / "nested" / ".git", self.outside):
            path.mkdir(parents=True)
        (self.workspace / ".git" / "HEAD").write_text(HEAD)
        (self.workspace / ".git" / "objects").mkdir()
        (self.workspace / ".git" / "refs").mkdir()
        (self.outside / "secret").write_text(SECRET)
        (self.outside / "linked").write_text("as it was")
        (self.workspace / "hard").hardlink_to(self.outside / "linked")
        (self.workspace / "way").symlink_to(self.outside)
        self.fds = [os.open(self.outside / "secret", os.O_RDONLY), os.open(self.outside, os.O_RDONLY)]
        for fd in self.fds:
            os.set_inheritable(fd, True)
        self.names = {
            "outside": str(self.outside),
            "tcp": self._listen(socket.AF_INET, ("127.0.0.1", 0)),
            "tcp6": self._listen(socket.AF_INET6, ("::1", 0)),
            "udp": self._listen(socket.AF_INET, ("127.0.0.1", 0), socket.SOCK_DGRAM),
            "udp6": self._listen(socket.AF_INET6, ("::1", 0), socket.SOCK_DGRAM),
            "mark": f"pwned-{secrets.token_hex(6)}",
            "abstract": f"loopwright-test-{os.getpid()}-{id(self)}",
            "victim": self.victim.pid,
        }
        self._listen(socket.AF_UNIX, "\0" + str(self.names["abstract"]))
        self._listen(socket.AF_UNIX, f"\0{self.names['abstract']}-datagrams", socket.SOCK_DGRAM)
        self._listen(socket.AF_UNIX, self._short(self.outside / "socket"))
        self._listen(socket.AF_UNIX, self._short(self.workspace / "service"))

    def _short(self, path: Path) -> str:
        """The path as it fits into a socket's address."""
        if len(str(path)) < 100:
            return str(path)
        fd = os.open(path.parent, os.O_PATH)
        return f"/proc/self/fd/{fd}/{path.name}"

    def _listen(self, family: int, address: object, kind: int = socket.SOCK_STREAM) -> int:
        listener = socket.socket(family, kind)
        listener.bind(address)  # type: ignore[arg-type]  # each family has its own form of address
        self._sockets.append(listener)
        threading.Thread(target=self._serve, args=(listener, kind), daemon=True).start()
        return listener.getsockname()[1] if family in (socket.AF_INET, socket.AF_INET6) else 0

    def _serve(self, listener: socket.socket, kind: int) -> None:
        with contextlib.suppress(OSError):
            if kind == socket.SOCK_DGRAM:
                self.connections.append(str(listener.recv(10)))
                return
            listener.listen()
            connection, peer = listener.accept()
            self.connections.append(str(peer))
            connection.close()

    def code(self, attack: Attack) -> str:
        """The attack's shell text with the names of this place."""
        text = attack.code
        for name, value in self.names.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def look(self, output: str) -> Seen:
        """What the outside sees now."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.victim.wait(0.03)
        files = [p for p in self.workspace.rglob("*") if not p.is_symlink()]
        git = {str(p.relative_to(self.workspace / ".git")) for p in (self.workspace / ".git").rglob("*")}
        git |= {"nested/" + p.name for p in (self.workspace / "nested" / ".git").iterdir()}
        return Seen(
            output=output,
            outside={p.name for p in self.outside.iterdir()},
            connections=list(self.connections),
            victim_alive=self.victim.poll() is None,
            setuid=[p.name for p in files if p.stat().st_mode & 0o6000],
            git=git,
            head=(self.workspace / ".git" / "HEAD").read_text() if (self.workspace / ".git" / "HEAD").is_file() else "",
            repositories={str(p.relative_to(self.workspace)) for p in self.workspace.rglob("*") if _is_repository(p)},
            linked=(self.outside / "linked").read_text() != "as it was",
            capable=[p.name for p in files if "security.capability" in os.listxattr(p)],
            left=self._left(),
        )

    def _left(self) -> list[str]:
        mark = str(self.names["mark"])
        found = [str(path) for place in ("/tmp", "/dev/shm") for path in Path(place).glob(f"*{mark}*")]
        for process in psutil.process_iter(["cmdline"]):
            if mark in (process.info["cmdline"] or [""])[0]:
                found.append(f"process {process.pid}")
        key = int.from_bytes(mark[-3:].encode(), "big")
        segments = [line.split() for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]]
        return found + [f"segment {words[1]}" for words in segments if int(words[0]) == key]

    def close(self) -> None:
        for left in self._left():
            kind, _, rest = left.partition(" ")
            if kind == "process":
                os.kill(int(rest), 9)
            elif kind == "segment":
                subprocess.run(["ipcrm", "-m", rest], check=False)
            else:
                Path(left).unlink()
        self.victim.kill()
        self.victim.wait()
        for fd in self.fds:
            os.close(fd)
        for listener in self._sockets:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()


def _is_repository(path: Path) -> bool:
    bare = all((path / name).exists() for name in ("HEAD", "objects", "refs", "config"))
    return path.name.lower() == ".git" or bare


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Range]:
    made = Range(tmp_path)
    yield made
    made.close()


#: What once got through, or nearly: looked at every time.
ALWAYS = ("set-user-ID by openat2", "a socket in the workspace", "a bare repository that git would trust")
SEEN_EVERY_TIME = (*ATTACKS, *(a for a in VARIANTS if a.name in ALWAYS))


async def contained(attack: Attack, place: Range, sandbox: Sandbox) -> None:
    """Run the attack and look, from outside, for what it did: at once, and when its writes were kept."""
    mount = Mount(str(place.workspace), layered=True)
    executor = await sandbox.open(mount, "workspace-write", Limits(timeout=20))
    ran = await run(executor, ["sh", "-c", place.code(attack)])
    assert (await run(executor, ["echo", "alive"])).out == b"alive\n"
    seen = place.look(ran.text())
    assert not attack.worked(seen), seen
    await executor.aclose()
    seen = place.look("")
    assert not attack.worked(seen), f"when its writes were kept: {seen}"


@pytest.mark.parametrize(
    "attack",
    [*SEEN_EVERY_TIME, *(pytest.param(a, marks=pytest.mark.real) for a in VARIANTS if a.name not in ALWAYS)],
    ids=lambda a: a.name.replace(" ", "-"),
)
async def test_contained(attack: Attack, place: Range) -> None:
    sandbox = BubblewrapSandbox({**os.environ, "SOME_API_KEY": SECRET})
    await contained(attack, place, sandbox)


@pytest.mark.real
@pytest.mark.parametrize("attack", ALL, ids=lambda a: a.name.replace(" ", "-"))
def test_contained_by_the_command(attack: Attack, place: Range, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "loopwright", "sandbox", "-C", str(place.workspace), "--timeout", "20", "--"]
    ran = subprocess.run(
        [*words, "sh", "-c", place.code(attack)],
        env={**os.environ, "SOME_API_KEY": SECRET, "LOOPWRIGHT_HOME": str(tmp_path / "home")},
        capture_output=True,
        timeout=60,
        check=False,
        pass_fds=place.fds,
    )
    seen = place.look((ran.stdout + ran.stderr).decode(errors="replace"))
    assert not attack.worked(seen), seen


def test_there_are_enough_of_them() -> None:
    assert len({attack.name for attack in ALL}) == len(ALL) >= 140


def _works_here(attack: Attack) -> bool:
    return attack.control == "anyone" or (attack.control == "root" and os.geteuid() == 0)


@pytest.mark.real
@pytest.mark.parametrize("attack", [a for a in ALL if _works_here(a)], ids=lambda a: a.name.replace(" ", "-"))
def test_control(attack: Attack, place: Range) -> None:
    ran = subprocess.run(
        ["sh", "-c", place.code(attack)],
        cwd=place.workspace,
        env={**os.environ, "SOME_API_KEY": SECRET, "HOME": str(place.outside)},
        capture_output=True,
        timeout=120,
        check=False,
        pass_fds=place.fds,
    )
    seen = place.look((ran.stdout + ran.stderr).decode(errors="replace"))
    assert attack.worked(seen), f"this attack proves nothing here: {seen}"
