"""kill -9 right after each append of a scripted run, with the real sandbox: every resume comes to the same end."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.e2e.conftest import RIGHT, TEST, WRONG, User, edit, shell

#: Runs the command line in a process that dies at its nth append, once the event is durable.
DYING = """
import os, signal, sys
from loopwright.frontends.cli.app import run
from loopwright.store.log import SqlLog

left, append = int(sys.argv.pop(1)), SqlLog.append

async def dying(self, key, actor, body):
    global left
    event = await append(self, key, actor, body)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return event

SqlLog.append = dying
sys.exit(run(sys.argv[1:]))
"""


def script(user: User) -> str:
    return user.script(
        {"calls": [shell("echo x >> count")]},
        {"text": "twice, not thrice", "calls": [{"tool": "read", "args": {"path": "twice.py"}}, edit()], "done": True},
        {"when": {"last_failed": True, "contains": "interrupted"}, "calls": [edit()], "done": True},
        {"text": "is it?", "done": True},
        {"when": {"last_failed": True}, "calls": [edit()], "done": True},
        {"text": "it is", "done": True},
    )


def events(user: User, session: str = "") -> int:
    return len(user.run("log", *([session] if session else []), "--json").lines)


@pytest.mark.real
@pytest.mark.timeout(900)
def test_a_kill_after_any_append_is_resumed_to_the_same_end(user: User) -> None:
    lines = script(user)
    words = ["exec", "double it", "--test", TEST, "--engine", lines, "--json"]
    assert user.run(*words).proof["outcome"] == "solved"
    total = events(user)
    assert total > 12
    for at in range(2, total):
        assert user.run("undo").status in (0, 2)
        (user.project / "count").unlink(missing_ok=True)
        (user.project / "twice.py").write_text(WRONG)
        died = subprocess.run(
            [sys.executable, "-c", DYING, str(at), *words],
            cwd=user.project,
            env=user.env,
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=100,
        )
        assert died.returncode == -9, (at, died.stdout[-300:], died.stderr[-300:])
        assert user.run("audit", "verify").status == 0
        if at == 2:
            continue  # killed before the request was recorded: there is nothing yet to resume
        again = user.run("resume", "--last", "--json")
        assert again.status == 0, (at, again.out[-2000:], again.err)
        assert (user.project / "twice.py").read_text() == RIGHT, at
        count = user.project / "count"
        assert not count.exists() or count.read_text() == "x\n", at
        assert user.run("audit", "verify").status == 0
