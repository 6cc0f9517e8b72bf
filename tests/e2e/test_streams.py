"""Standard input and output in every state that a shell, a CI system or a cron job gives them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import User, edit

DONE = {"text": "nothing to do", "done": True}


def sh(user: User, line: str) -> subprocess.CompletedProcess[str]:
    """Run a shell line in which $LW is the command line."""
    env = {**user.env, "LW": f"{sys.executable} -m loopwright", "SCRIPT": user.script(DONE)}
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=user.project,
        env=env,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_closed_standard_input_is_no_request_and_no_hindrance(user: User) -> None:
    assert sh(user, "$LW exec look --engine $SCRIPT <&-").returncode == 0
    without = sh(user, "$LW exec --engine $SCRIPT <&-")
    assert without.returncode == 2 and len(without.stderr.splitlines()) == 1


def test_an_endless_standard_input_is_refused(user: User) -> None:
    ran = sh(user, "$LW exec look --engine $SCRIPT < <(yes)")
    assert ran.returncode == 2 and "more than" in ran.stderr and len(ran.stderr.splitlines()) == 1


def test_an_open_standard_input_that_sends_nothing_holds_nothing_up(user: User) -> None:
    began = time.monotonic()
    assert sh(user, "$LW exec look --engine $SCRIPT < <(exec sleep 60 2>/dev/null)").returncode == 0
    assert time.monotonic() - began < 40


@pytest.mark.real
def test_what_is_piped_in_with_pauses_is_kept_whole(user: User) -> None:
    assert sh(user, "(echo first; sleep 1; echo second) | $LW exec look --engine $SCRIPT").returncode == 0
    assert "first\\nsecond" in user.run("log", "--json").out


@pytest.mark.parametrize("json_lines", ["--json", pytest.param("", marks=pytest.mark.real)])
def test_output_that_nobody_takes_ends_no_run(user: User, json_lines: str) -> None:
    for sink in (" | head -c 1", " >/dev/full"):
        ran = sh(user, f"$LW exec look --engine $SCRIPT {json_lines}{sink}")
        assert ran.returncode == 0 and "Traceback" not in ran.stderr, ran.stderr
        outcomes = [json.loads(line)["outcome"] for line in user.run("sessions", "--json").out.splitlines()]
        assert set(outcomes) == {"answered"}


@pytest.mark.parametrize(
    "words",
    [
        ("exec", "é😀"),
        pytest.param(("sessions",), marks=pytest.mark.real),
        pytest.param(("log",), marks=pytest.mark.real),
    ],
)
def test_a_locale_without_the_character_is_no_failure(user: User, words: tuple[str, ...]) -> None:
    script = user.script({"text": "é😀", "done": True})
    user.run("exec", "é😀", "--engine", script)
    user.env |= {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    options = ("--engine", script) if words[0] == "exec" else ()
    plain = user.run(*words, *options)
    assert plain.status == 0 and "\\xe9" in plain.out
    machine = subprocess.run(
        [sys.executable, "-m", "loopwright", *words, *options, "--json"],
        cwd=user.project,
        env=user.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert all(json.loads(line.decode("utf-8")) for line in machine.stdout.splitlines()) and machine.returncode == 0


def test_a_file_that_cannot_be_written_is_refused_before_the_work(user: User, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "none" / "file")
    script = user.script({"calls": [edit()], "done": True})
    for words in (("exec", "x", "--engine", script, "-o", nowhere), ("check", "--sarif", nowhere)):
        ran = user.run(*words)
        assert ran.status == 2 and "cannot be written" in ran.err and len(ran.err.splitlines()) == 1, ran.err
    assert user.run("sessions", "--all", "--json").out == ""


@pytest.mark.parametrize("option", ["--budget-seconds", "--budget-usd"])
@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_budget_is_a_number(user: User, option: str, value: str) -> None:
    ran = user.run("exec", "x", "--engine", user.script(DONE), option, value)
    assert ran.status == 2 and len(ran.err.splitlines()) == 1, ran.err


def test_an_engine_that_says_nothing_has_not_answered(user: User) -> None:
    ran = user.run("exec", "add a page", "--engine", user.script({"when": {"turn": 9}, **DONE}), "--json")
    assert (ran.status, ran.proof["outcome"]) == (1, "unsolved")


def test_a_piped_diff_keeps_every_byte_and_a_terminal_is_not_told_to_act(user: User) -> None:
    call = {"tool": "write", "args": {"path": "colours.txt", "content": "\x1b[31mred\x1b[0m\n"}}
    user.run("exec", "x", "--engine", user.script({"calls": [call]}, DONE))
    assert "+\x1b[31mred\x1b[0m\n" in user.run("diff").out
    terminal = subprocess.run(
        ["script", "-qec", f"{sys.executable} -m loopwright diff", "/dev/null"],
        cwd=user.project,
        env=user.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "+\\x1b[31mred" in terminal.stdout and "\x1b" not in terminal.stdout


def test_a_reader_that_has_seen_enough_ends_a_command_without_a_word(user: User) -> None:
    ran = sh(user, "$LW sandbox -- yes | head -n 1")
    assert (ran.returncode, ran.stdout, ran.stderr) == (141, "y\n", "")
