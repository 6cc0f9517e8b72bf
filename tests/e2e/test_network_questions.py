"""`--network ask` in a session: a question in the log, answered at the terminal or by nobody, and a yes that holds."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from loopwright.testing.local_site import local_site

from .conftest import User


@pytest.fixture
def site() -> Iterator[int]:
    with local_site() as port:
        yield port


def fetching(user: User, port: int, times: int = 1) -> list[str]:
    code = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{port}/', timeout=20).read().decode())"
    calls = [{"tool": "shell", "args": {"command": f'python3 -c "{code}"'}} for _ in range(times)]
    turns = [{"text": "fetch", "calls": calls}, {"text": "done", "done": True}]
    script = user.script(*turns, *turns)
    return ["exec", "look outside", "--engine", script, "--network", "ask"]


def bodies(user: User) -> list[dict]:
    lines = [json.loads(line) for line in user.run("audit", "export").out.splitlines()]
    return [line["body"] for line in lines if line["type"] == "event"]


def test_with_no_terminal_the_answer_is_no_and_everybody_is_told(user: User, site: int) -> None:
    ran = user.run(*fetching(user, site), "--json", start_new_session=True)
    told = [line["item"]["message"] for line in ran.lines if line.get("item", {}).get("type") == "error"]
    assert any("nobody is there to be asked" in text for text in told), ran.out
    seen = bodies(user)
    asked = next(b for b in seen if b["type"] == "asked")
    assert asked == {
        "type": "asked", "call": f"network:127.0.0.1:{site}", "question": f"Let the command reach 127.0.0.1:{site}?",
    }  # fmt: skip
    answer = next(b for b in seen if b["type"] == "answered")
    assert not answer["approval"]["granted"]
    request = next(b for b in seen if b["type"] == "network_requested")["request"]
    assert (request["method"], request["host"], request["port"], request["verdict"]) == (
        "GET", "127.0.0.1", site, "denied",
    )  # fmt: skip
    returned = next(b for b in seen if b["type"] == "returned")
    assert "403" in returned["result"]["text"], "the engine sees why its command failed"
    assert ran.proof["outcome"] == "answered", "a question that held up a command does not hold up the run"


def at_a_terminal(user: User, words: list[str], answer: bytes) -> str:
    """Run as a person at a terminal does, who types `answer` at the first question."""
    ours, theirs = pty.openpty()
    ran = subprocess.Popen(
        [sys.executable, "-c", _TAKE_TERMINAL, *words], stdin=theirs, stdout=theirs, stderr=theirs, cwd=user.project,
        env={**user.env, "TERM": "xterm"}, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown, deadline = b"", time.monotonic() + 40
    while time.monotonic() < deadline:
        try:
            shown += os.read(ours, 65536)
        except OSError:
            break
        if b"[y/N]" in shown and answer:
            os.write(ours, answer)
            answer = b""
    ran.wait(10)
    os.close(ours)
    return shown.decode(errors="replace")


_TAKE_TERMINAL = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from loopwright.__main__ import main
sys.argv = ["loopwright", *sys.argv[1:]]
main()
"""


def test_a_yes_at_the_terminal_holds_for_the_session(user: User, site: int) -> None:
    shown = at_a_terminal(user, fetching(user, site, times=2), b"yes\n")
    assert shown.count("[y/N]") == 1, shown
    seen = bodies(user)
    granted = [b["approval"]["granted"] for b in seen if b["type"] == "answered"]
    requests = [b["request"] for b in seen if b["type"] == "network_requested"]
    assert granted == [True]
    assert [r["verdict"] for r in requests] == ["allowed", "allowed"]
    assert all(r["sent"] > 0 and r["received"] > 0 for r in requests)
    again = user.run("resume", "--last", "once more", "--json", start_new_session=True)
    assert again.proof["outcome"] == "answered"
    assert sum(b["type"] == "asked" for b in bodies(user)) == 1, (
        "a yes is remembered when the session is taken up again"
    )


def test_a_session_that_asks_nobody_does_not_ask(user: User, site: int) -> None:
    user.run(*fetching(user, site), "-a", "never")
    assert not [b for b in bodies(user) if b["type"] == "asked"]


@pytest.mark.parametrize("network", ["open", "allow:", "allow:http://x", "allow:a b"])
def test_a_permission_that_is_none_is_one_line(user: User, network: str) -> None:
    for words in (["--network", network], ["-c", f'limits.network="{network}"']):
        ran = user.run("exec", "x", "--engine", user.script({"text": "x", "done": True}), *words)
        assert ran.status == 2
        assert "network" in ran.err.splitlines()[0]
        assert len(ran.err.splitlines()) == 1
