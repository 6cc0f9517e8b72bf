"""A Docker daemon of the tests' own: its state, its socket, no bridge, no packet filter, beside any other daemon."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

_PACKAGES = ("docker.io", "runsc")
_STUCK = "#!/bin/sh\nexec sleep 600\n"


class NoDaemon(Exception):
    """Why none can be started here."""


def install() -> None:
    """Debian's packages where they are absent. Raises NoDaemon."""
    if os.geteuid() != 0:
        raise NoDaemon("a Docker daemon of our own needs root")
    if shutil.which("dockerd") and shutil.which("runsc"):
        return
    if not shutil.which("apt-get"):
        raise NoDaemon("dockerd is not installed and there is no apt-get")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True, "check": False, "timeout": 240}
    subprocess.run(["apt-get", "update", "-q"], **quiet)
    wanted = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *_PACKAGES]
    ran = subprocess.run(wanted, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, **quiet)
    if ran.returncode != 0 or not shutil.which("dockerd"):
        raise NoDaemon(f"apt-get install {' '.join(_PACKAGES)}: {str(ran.stderr).strip()[-200:]}")


class Daemon:
    """`stuck` is a runtime that never starts anything."""

    def __init__(self) -> None:
        install()
        self.place = Path(tempfile.mkdtemp(prefix="loopwright-docker-"))
        self.env = {**os.environ, "DOCKER_HOST": f"unix://{self.place}/docker.sock"}
        self.runsc = bool(shutil.which("runsc"))
        self._process: subprocess.Popen[bytes] | None = None
        stuck = self.place / "stuck"
        stuck.write_text(_STUCK)
        stuck.chmod(0o755)
        runtimes: dict[str, object] = {"stuck": {"path": str(stuck)}}
        if self.runsc:
            options = ["--network=none", "--platform=ptrace"]
            runtimes["runsc"] = {"path": shutil.which("runsc"), "runtimeArgs": options}
        (self.place / "daemon.json").write_text(json.dumps({"runtimes": runtimes}))

    def start(self) -> None:
        """Raises NoDaemon with its last words where it does not come up. Its containerd gets a second chance, since on
        a busy machine it may not be up again within the ten seconds that dockerd gives it."""
        for last in (False, True):
            if self._comes_up():
                return
            said = (self.place / "log").read_text()[-300:]
            if last or "timeout waiting for containerd" not in said:
                self.close()
                raise NoDaemon(f"dockerd did not start: {said}")

    def _comes_up(self) -> bool:
        place = self.place
        words = ["dockerd", "--data-root", f"{place}/root", "--exec-root", f"{place}/exec", "--pidfile", f"{place}/pid"]
        words += ["-H", self.env["DOCKER_HOST"], "--bridge=none", "--iptables=false"]
        words += ["--config-file", f"{place}/daemon.json"]
        with (place / "log").open("ab") as log:
            self._process = subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + 30
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def client(self):
        import docker

        return docker.APIClient(base_url=self.env["DOCKER_HOST"], version="auto", timeout=20)

    def ours(self) -> list[str]:
        """Names of all containers it has."""
        client = self.client()
        try:
            return [each["Names"][0].lstrip("/") for each in client.containers(all=True)]
        finally:
            client.close()

    def kill(self) -> None:
        """As if it and its containerd had crashed; what they ran is left."""
        assert self._process
        for process in psutil.Process(self._process.pid).children():
            process.kill()
        self._process.kill()
        self._process.wait()

    def stop(self, patience: float = 25) -> None:
        """In order; it ends what it runs."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                self.kill()

    def close(self) -> None:
        """Stop it, end what it may have left running, and remove its state."""
        self.stop(patience=4)
        for process in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                if process.name.isdigit() and str(self.place).encode() in (process / "cmdline").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)
        for line in Path("/proc/self/mounts").read_text().splitlines()[::-1]:
            if line.split()[1].startswith(str(self.place)):
                subprocess.run(["umount", "-l", line.split()[1]], check=False, capture_output=True)
        shutil.rmtree(self.place, ignore_errors=True)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as there:
            try:
                there.connect(f"{self.place}/docker.sock")
            except OSError:
                return False
            there.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            try:
                return b" 200 " in there.recv(100)
            except OSError:
                return False
