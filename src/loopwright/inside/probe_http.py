"""Starts a web application on loopback, waits until it answers, sends it requests, and stops it.

Runs inside the sandbox with the standard library alone. The plan is a JSON object in the first argument; what was
observed is one line on standard output. Nothing is judged here.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loopwright.inside import probe_requests
else:
    import probe_requests

#: What precedes the observations on their line: an application's own output may stand around it.
MARK = "LOOPWRIGHT-PROBE "
_LINES = 300  # of each stream that are reported
_STOPS = 3.0  # seconds that the application is given to end by itself


class Application:
    """A started application: its process group, its output in two files, and the port it listens on."""

    def __init__(self, command: str, env: dict[str, str], folder: Path) -> None:
        self.wanted = _free_port()
        self._out: IO[bytes] = (folder / "out").open("w+b")
        self._err: IO[bytes] = (folder / "err").open("w+b")
        self._child = subprocess.Popen(
            ["/bin/sh", "-c", command],
            env={**os.environ, **env, "PORT": str(self.wanted)},
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=self._err,
            start_new_session=True,
        )
        self.port = 0

    def wait(self, seconds: float) -> str:
        """Return "" once it answers a request, else why it does not."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            status = self._child.poll()
            if status is not None:
                return f"it ended with status {status}"
            for port in self._ports():
                if probe_requests.healthy(port):
                    self.port = port
                    return ""
            time.sleep(0.05)
        return f"it did not answer within {seconds:g} seconds"

    def _ports(self) -> list[int]:
        """Ports its processes listen on, the one it was given first."""
        inodes = _sockets(self._child.pid)
        ports = [port for port, inode in _listening() if inode in inodes]
        return sorted(set(ports), key=lambda port: port != self.wanted)

    def lines(self) -> tuple[list[str], list[str]]:
        """What it wrote so far to standard output and standard error."""
        return _lines(self._out.name), _lines(self._err.name)

    def stop(self) -> None:
        """End its whole process group: asked first, then made to."""
        for sent, seconds in ((signal.SIGTERM, _STOPS), (signal.SIGKILL, _STOPS)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, sent)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(seconds)
        self._out.close()
        self._err.close()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _sockets(session: int) -> set[str]:
    """Return the inodes of all sockets that processes of a session hold."""
    found = set()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) != session:
                continue
            links = [link.readlink() for link in (folder / "fd").iterdir()]
        except (OSError, ValueError, IndexError):
            continue
        found |= {str(link)[8:-1] for link in links if str(link).startswith("socket:[")}
    return found


def _listening() -> list[tuple[int, str]]:
    """Return (port, inode) of each TCP socket that listens."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for row in Path(table).read_text().splitlines()[1:]:
                fields = row.split()
                if fields[3] == "0A":
                    found.append((int(fields[1].rpartition(":")[2], 16), fields[9]))
    return found


def _lines(path: object) -> list[str]:
    text = Path(str(path)).read_bytes()[: 1 << 20].decode("utf-8", "replace")
    return [line for line in text.splitlines() if line.strip()][:_LINES]


def observe(plan: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Start the application as the plan says and return what was seen; `why` says why nothing was."""
    env = {**plan["env"], "LOOPWRIGHT_FAULT_LOG": str(folder / "faults"), "PYTHONUNBUFFERED": "1"}
    application = Application(plan["command"], env, folder)
    began = time.time()
    try:
        why = application.wait(plan["seconds"])
        if why:
            out, err = application.lines()
            return {"why": why, "tail": [*out[-5:], *err[-12:]]}
        seen = probe_requests.ask(application.port, plan)
        out, err = application.lines()
        if "rate_limit" in plan["wants"]:  # last: it uses up what the application allows
            seen["limit"] = probe_requests.exhaust(application.port, plan)
        seen["hashes"] = _records(folder / "faults")
        seen["written"] = _written(plan["canary"], began, {folder})
        return {"why": "", "out": out, "err": err, **seen}
    finally:
        application.stop()


def _records(path: Path) -> list[Any]:
    try:
        return [json.loads(line) for line in path.read_text().splitlines()]
    except (OSError, ValueError):
        return []


def _written(canary: str, since: float, skipped: set[Path]) -> list[str]:
    """Return files changed since then that hold the canary in plain text."""
    found = []
    for top, folders, names in os.walk("."):
        folders[:] = [f for f in folders if f not in ("node_modules", ".git", ".venv", "venv")]
        for name in names:
            path = Path(top, name)
            with contextlib.suppress(OSError):
                stat = path.stat()
                recent = stat.st_mtime >= since - 1 and stat.st_size < 1 << 24 and path.parent not in skipped
                if recent and canary.encode() in path.read_bytes():
                    found.append(str(path))
    return found


def main() -> None:
    """Run the plan and print what was seen."""
    plan = json.loads(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="loopwright-probe-") as name:
        print(MARK + json.dumps(observe(plan, Path(name))), flush=True)


if __name__ == "__main__":
    main()
