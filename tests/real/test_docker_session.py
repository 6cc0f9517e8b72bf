"""Whole sessions in containers, and other runtimes and images."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import pytest

from loopwright.core.ports import Mount
from loopwright.core.running import Limits, run
from loopwright.sandbox.docker import DockerSandbox
from loopwright.sandbox.docker_options import DockerOptions
from tests.e2e.conftest import RIGHT, TEST, WRONG, User, edit, shell
from tests.e2e.conftest import user as project
from tests.real.daemon import Daemon

__all__ = ["project"]

pytestmark = pytest.mark.real
UNITTEST = "import unittest\nfrom twice import double\n\n\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(double(2), 4)\n"
FIX = {"text": "twice, not thrice", "calls": [edit()], "done": True}


@pytest.fixture
def user(project: User, daemon: Daemon) -> User:
    project.env["DOCKER_HOST"] = daemon.env["DOCKER_HOST"]
    return project


def test_a_fix_is_proven_in_containers_and_none_is_left(user: User, daemon: Daemon) -> None:
    words = ["fix", ".", "--test", TEST, "--engine", user.script(FIX), "--backend", "docker", "--json"]
    ran = user.run(*words)
    assert ran.status == 0, ran.out + ran.err
    assert ran.proof["solved"] is True
    command = next(c for c in ran.proof["checks"] if c["kind"] == "command")
    assert (command["exit"], command["tests_run"], command["tests_failed"]) == (0, 2, 0)
    assert (user.project / "twice.py").read_text() == RIGHT
    assert daemon.ours() == []


def test_the_repair_engine_works_in_containers(user: User) -> None:
    words = ["--engine", "repair", "--budget-seconds", "60", "--backend", "docker", "--json"]
    ran = user.run("fix", ".", "--test", TEST, *words)
    assert ran.status == 0, ran.out + ran.err
    assert "* 2" in (user.project / "twice.py").read_text() or "x + x" in (user.project / "twice.py").read_text()


def test_what_a_command_writes_is_seen_by_the_next_and_kept_back_until_proven(user: User) -> None:
    script = user.script(
        {"calls": [shell("echo made > by-shell; id -u")]},
        {"calls": [shell("cat by-shell")]},
    )
    before = user.tree()
    ran = user.run("exec", "look around", "--engine", script, "--backend", "docker", "--json")
    printed = [each["item"].get("aggregated_output", "") for each in ran.lines if each["type"] == "item.completed"]
    assert any("made" in text for text in printed), ran.out + ran.err
    assert not any(text.startswith("0\n") for text in printed)
    assert user.tree() == before, "it was not proven"


def test_a_daemon_that_dies_ends_the_session_with_5_and_nothing_is_lost(user: User, own_daemon: Daemon) -> None:
    user.env["DOCKER_HOST"] = own_daemon.env["DOCKER_HOST"]
    before = user.tree()
    script = user.script({"calls": [edit(), shell("touch started; sleep 60")]}, {"calls": [shell("true")]}, FIX)
    running = user.start("exec", "mend it", "--test", TEST, "--engine", script, "--backend", "docker", "--json")
    deadline = time.monotonic() + 40
    while not own_daemon.ours() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(2)
    own_daemon.kill()
    out, err = running.communicate(timeout=60)
    assert running.returncode == 5, out + err
    assert "Docker" in err + out
    assert user.tree() == before
    own_daemon.start()
    resumed = user.run("resume", "--last", "--json")
    assert resumed.status != 5, resumed.out + resumed.err
    assert user.run("audit", "verify").status == 0


@pytest.mark.anyio
async def test_gvisor_runs_commands_ends_them_and_keeps_the_view(daemon: Daemon, tmp_path: Path) -> None:
    if not daemon.runsc:
        pytest.skip("NOT TESTED: runsc is not installed")
    os.chown(tmp_path, 65534, 65534)
    sandbox = DockerSandbox(daemon.env, DockerOptions(runtime="runsc"))
    executor = await sandbox.open(Mount(str(tmp_path)), "workspace-write", Limits(timeout=20, memory=512 << 20))
    ran = await run(executor, ["sh", "-c", "echo kept > made; cat made; dmesg 2>&1 | head -3; exit 4"])
    assert (ran.exit.status, ran.out[:5]) == (4, b"kept\n"), ran
    assert (tmp_path / "made").read_text() == "kept\n"
    began = time.monotonic()
    slow = await run(executor, ["sh", "-c", "trap '' TERM; (sleep 50 &) ; sleep 50"], Limits(timeout=0.5))
    assert (slow.exit.status, slow.exit.reason) == (124, "timeout") and time.monotonic() - began < 8
    assert (await run(executor, ["cat"], stdin=b"x" * 300_000)).out == b"x" * 300_000
    kernel = (await run(executor, ["cat", "/proc/version"])).out
    assert os.uname().release.encode() not in kernel
    refused = await run(executor, ["python3", "-c", "import socket; socket.create_connection(('127.0.0.1', 9), 1)"])
    assert refused.exit.status != 0
    await executor.aclose()
    assert daemon.ours() == []


def closure() -> bytes:
    """A root file system with this machine's own Python and shell, as a tar file."""
    python = Path("/usr/bin/python3").resolve()
    where = "import sys, sysconfig; print(sysconfig.get_path('stdlib'))"
    library = subprocess.run([python, "-IS", "-c", where], capture_output=True, text=True, check=True).stdout.strip()
    programs = [str(python), "/bin/sh", "/bin/cat", *map(str, Path(library).glob("lib-dynload/*.so"))]
    linked = subprocess.run(["ldd", *programs], capture_output=True, text=True, check=True).stdout
    needed = {word for line in linked.splitlines() for word in line.split() if word.startswith("/") and ":" not in word}
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for path in sorted({*needed, "/bin/sh", "/bin/cat"}):
            tar.add(os.path.realpath(path), path)
        tar.add(str(python), "/usr/bin/python3")
        tar.add(library, library, filter=lambda e: None if "/test" in e.name or "__pycache__" in e.name else e)
    return data.getvalue()


@pytest.mark.anyio
async def test_an_image_by_name_brings_its_own_programs_and_variables(daemon: Daemon, tmp_path: Path) -> None:
    if not Path("/usr/bin/python3").exists():
        pytest.skip("NOT TESTED: there is no system Python to make an image from")
    client = daemon.client()
    changes = ["ENV PATH=/usr/bin:/bin FLAVOUR=plain", "VOLUME /data"]
    client.import_image_from_data(closure(), repository="own-python", tag="1", changes=changes)
    client.close()
    executor = await DockerSandbox(daemon.env, DockerOptions(image="own-python:1")).open(
        Mount(str(tmp_path)), "workspace-write", Limits(timeout=20, disk=1 << 20)
    )
    code = "import os, sys; print(sys.executable, os.environ['FLAVOUR'], os.getcwd()); open('/data/x', 'wb').write(bytes(9 << 20))"
    ran = await run(executor, ["python3", "-S", "-c", code])
    assert ran.out.decode().split() == ["/usr/bin/python3", "plain", str(tmp_path)], ran
    assert b"No space left" in ran.err
    assert (await run(executor, ["ls"])).exit.status == 127
    await executor.aclose()


def test_doctor_tells_what_docker_can_do(user: User) -> None:
    ran = user.run("doctor", "--json")
    found = {item["name"]: item for line in ran.lines for item in line["capabilities"]}
    assert found["docker"]["works"] and found["docker:seccomp"]["works"]
    assert "runc" in found["docker:runtimes"]["detail"]
    assert {"docker:limit:memory", "docker:limit:pids", "docker:limit:cpus"} <= set(found)


def test_an_ordinary_user_of_the_daemon_gets_a_copy_and_their_own_number(daemon: Daemon) -> None:
    python = f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
    if not Path(python).exists() or not shutil.which("setpriv"):
        pytest.skip("NOT TESTED: another user needs a Python of this version outside of private directories")
    place = Path(tempfile.mkdtemp(prefix="loopwright-user-"))
    (place / "project").mkdir()
    (place / "project" / "twice.py").write_text(WRONG)
    (place / "project" / "test_twice.py").write_text(UNITTEST)
    (place / "script").write_text(json.dumps(FIX) + "\n")
    for path in (place, *place.rglob("*")):
        os.chown(path, 1234, 1234)
    daemon.place.chmod(0o711)
    (daemon.place / "docker.sock").chmod(0o666)
    env = {"PATH": "/usr/bin:/bin", "HOME": str(place), "LOOPWRIGHT_HOME": f"{place}/state", "LANG": "C.UTF-8"}
    env |= {"PYTHONPATH": ":".join(p for p in sys.path if p), "DOCKER_HOST": daemon.env["DOCKER_HOST"]}
    words = ["setpriv", "--reuid=1234", "--regid=1234", "--clear-groups", python, "-m", "loopwright"]

    def call(*more: str) -> subprocess.CompletedProcess[str]:
        given = {"cwd": place / "project", "env": env, "capture_output": True, "text": True, "timeout": 100}
        return subprocess.run([*words, *more], check=False, **given)

    probe = call("--version")
    if probe.returncode != 0:
        pytest.skip(f"NOT TESTED: another user cannot start this installation: {probe.stderr.strip()[-100:]}")
    ran = call("sandbox", "--backend", "docker", "--", "sh", "-c", "id -u; echo kept > new")
    assert (ran.returncode, ran.stdout) == (0, "1234\n"), ran.stderr
    assert (place / "project" / "new").stat().st_uid == 1234
    exact = call("sandbox", "--backend", "docker", "--disk", "1M", "--", "true")
    assert exact.returncode == 125 and "--disk cannot be enforced" in exact.stderr
    test = ["--test", "python3 -m unittest -q", "--engine", f"scripted:{place}/script"]
    fixed = call("fix", ".", *test, "--backend", "docker")
    assert fixed.returncode == 0, fixed.stdout + fixed.stderr
    assert (place / "project" / "twice.py").read_text() == RIGHT
    shutil.rmtree(place)
