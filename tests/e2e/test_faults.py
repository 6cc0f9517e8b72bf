"""What fails from outside in the middle of a session: it goes on with a result the engine sees, or stops and says why."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.e2e.conftest import RIGHT, TEST, WRONG, Ran, User, edit, shell

FIX = {"text": "twice, not thrice", "calls": [edit()], "done": True}


def named_below(running: subprocess.Popen[str]) -> dict[psutil.Process, str]:
    """The processes below one, with their names; those that end meanwhile are left out."""
    found = {}
    for process in psutil.Process(running.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            found[process] = process.name()
    return found


def kill_sandbox_of(running: subprocess.Popen[str]) -> None:
    """End the sandbox once its command sleeps, as the kernel out of memory might."""
    for _ in range(400):
        below = named_below(running)
        if "sleep" in below.values():
            for process, name in below.items():
                if name == "bwrap":
                    process.kill()
            return
        time.sleep(0.05)
    running.kill()
    raise AssertionError("no command slept: " + "".join(running.communicate()))


def finished(running: subprocess.Popen[str]) -> Ran:
    out, err = running.communicate(timeout=60)
    return Ran(running.returncode, out, err)


@pytest.mark.real
def test_a_sandbox_killed_in_the_middle_of_a_command_is_a_result_and_the_session_goes_on(user: User) -> None:
    look = {"when": {"last_failed": True, "contains": "sandbox"}, "calls": [shell("cat made")]}
    script = user.script({"calls": [shell("echo before > made; sleep 40")]}, look, FIX)
    running = user.start("exec", "mend it", "--test", TEST, "--engine", script, "--json")
    kill_sandbox_of(running)
    ran = finished(running)
    assert ran.status == 0, ran.out + ran.err
    commands = [line["item"] for line in ran.lines if line.get("item", {}).get("type") == "command_execution"]
    told = [c["aggregated_output"] for c in commands if c["status"] != "in_progress"]
    assert "killed: sandbox" in told[0]
    assert told[1].startswith("before\n"), "what it had written is still there"
    assert (user.project / "twice.py").read_text() == RIGHT


@pytest.mark.real
def test_where_it_cannot_start_again_the_session_stops_with_5_and_can_be_resumed(user: User, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    bwrap = programs / "bwrap"
    bwrap.symlink_to(str(shutil.which("bwrap")))
    env = {**user.env, "PATH": f"{programs}:{user.env['PATH']}"}
    script = user.script(
        {"calls": [edit(), shell("sleep 40")]}, {"calls": [shell("true")]}, {"text": "x", "done": True}
    )
    running = user.start("exec", "mend it", "--test", TEST, "--engine", script, "--json", env=env)
    for _ in range(400):
        if "sleep" in named_below(running).values():
            break
        time.sleep(0.05)
    bwrap.unlink()
    bwrap.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    bwrap.chmod(0o755)
    kill_sandbox_of(running)
    ran = finished(running)
    assert ran.status == 5, ran.out + ran.err
    assert ran.proof["outcome"] == "refused"
    assert (user.project / "twice.py").read_text() == WRONG, "nothing was landed"
    again = user.run("resume", "--last", "--json")
    assert again.status == 0, again.out + again.err
    assert (user.project / "twice.py").read_text() == RIGHT, "nothing was lost"


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk is mounted")
def test_a_full_disk_stops_the_session_in_one_line_and_loses_nothing(user: User, tmp_path: Path) -> None:
    home = tmp_path / "small"
    home.mkdir()
    script = user.script({"calls": [edit(), shell("head -c 12M /dev/urandom > big")]}, {"text": "x", "done": True})
    words = ["exec", "mend it", "--test", TEST, "--engine", script, "--json"]
    mounted = (
        f'mount -t tmpfs -o size=4m none {home}; {sys.executable} -m loopwright "$@"; echo $? > {tmp_path}/status; '
        f"mount -o remount,size=64m {home}; {sys.executable} -m loopwright audit verify --json > {tmp_path}/verified; "
        f"{sys.executable} -m loopwright diff > {tmp_path}/diff"
    )
    env = {**user.env, "LOOPWRIGHT_HOME": str(home)}
    ran = subprocess.run(
        ["unshare", "-m", "sh", "-c", mounted, "sh", *words], cwd=user.project, env=env, capture_output=True, text=True,
        check=False, timeout=90,
    )  # fmt: skip
    status = int((tmp_path / "status").read_text())
    assert status == 5, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
    assert "full" in ran.stderr or "space" in ran.stderr
    assert (user.project / "twice.py").read_text() == WRONG
    verified = [json.loads(line) for line in (tmp_path / "verified").read_text().splitlines()]
    assert all(each.get("ok", True) for each in verified)
    assert "x * 2" in (tmp_path / "diff").read_text(), "the edit before is kept"
