"""Bad input: a clear line or a right result, and nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import RIGHT, TEST, WRONG, Ran, User, edit

FIX = {"text": "twice, not thrice", "calls": [edit()], "done": True}


def one_line(ran: Ran) -> str:
    assert ran.out == ""
    assert len(ran.err.strip().splitlines()) == 1, ran.err
    assert ran.err.startswith("loopwright: ") and "Traceback" not in ran.err
    return ran.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["fix", "nowhere", "--test", "x"], "nowhere"),
        (["fix", "."], "--test"),
        (["fix", ".", "--test", "no-such-program -q"], "no-such-program"),
        (["fix", ".", "--test", "python 'unclosed"], "cannot be read"),
        (["fix", ".", "--test", TEST, "--engine", "nonsense"], "nonsense"),
        (["fix", ".", "--test", TEST, "--engine", "scripted:missing.jsonl"], "missing.jsonl"),
        (["exec", "x", "--engine", "scripted"], "--engine scripted:FILE"),
        (["exec"], "give a request"),
        (["resume", "nothing-like-it"], "no session"),
        (["undo"], "no session"),
        (["nonsense"], "nonsense"),
        (["fix", ".", "--test", TEST, "-c", "limits.memory=lots"], "lots"),
        (["fix", ".", "--test", TEST, "-c", "nonsense=1"], "nonsense"),
        (["config", "set", "sandbox", "open"], "sandbox"),
        (["config", "set", "engine", "nonsense"], "nonsense"),
        (["exec", "x", "--test", ""], "--test needs a command"),
        (["exec", "x", "--output-schema", "list.json"], "must be an object"),
    ],
)
def test_a_usage_error_is_one_line_and_exit_2(user: User, words: list[str], says: str) -> None:
    (user.project / "list.json").write_text("[]")
    before = user.tree()
    ran = user.run(*words)
    assert ran.status == 2, ran.out + ran.err
    assert says in one_line(ran)
    assert user.tree() == before


def test_a_file_that_is_no_log_is_named_and_not_every_line_of_it_told(user: User) -> None:
    other = user.project / "notes.txt"
    other.write_text("no event\n" * 500)
    ran = user.run("audit", "verify", str(other))
    lines = ran.out.splitlines()
    assert ran.status == 1 and len(lines) < 30
    assert str(other) in lines[0] and "line 1 is not a line of an exported log" in lines[0]
    assert "more faults" in lines[-1]


def test_no_model_says_which_variables_it_looked_for(user: User) -> None:
    ran = user.run("exec", "write a poem", "--engine", "llm")
    assert ran.status == 2
    assert "OPENAI_API_KEY" in ran.err and "ANTHROPIC_API_KEY" in ran.err


@pytest.mark.real
def test_a_directory_without_git_works(user: User) -> None:
    shutil.rmtree(user.project / ".git")
    ran = user.run("fix", ".", "--test", TEST, "--engine", user.script(FIX), "--json")
    assert ran.status == 0, ran.out + ran.err
    assert (user.project / "twice.py").read_text() == RIGHT


def test_crlf_and_bytes_that_are_not_utf_8_survive(user: User) -> None:
    (user.project / "twice.py").write_bytes(b"# caf\xe9\r\n" + WRONG.replace("\n", "\r\n").encode())
    text = b"# -*- coding: latin-1 -*-\r\n" + (user.project / "twice.py").read_bytes()
    (user.project / "twice.py").write_bytes(text)
    ran = user.run("fix", ".", "--test", TEST, "--engine", user.script(FIX), "--json")
    assert ran.status == 0, ran.out
    assert (user.project / "twice.py").read_bytes() == text.replace(b"x * 3", b"x * 2")


@pytest.mark.real
def test_a_symlink_loop_and_a_broken_link_are_left_as_they_are(user: User) -> None:
    (user.project / "loop").symlink_to(".")
    (user.project / "broken").symlink_to("nowhere")
    before = user.tree()
    ran = user.run("fix", ".", "--test", TEST, "--engine", user.script(FIX), "--json")
    assert ran.status == 0, ran.out
    assert {k: v for k, v in user.tree().items() if k != "twice.py"} == {
        k: v for k, v in before.items() if k != "twice.py"
    }


@pytest.mark.real
def test_a_file_of_2_gb_is_neither_read_nor_copied(user: User) -> None:
    with (user.project / "big.bin").open("wb") as file:
        file.truncate(2 << 30)
    script = user.script({"calls": [{"tool": "read", "args": {"path": "big.bin"}}]}, FIX)
    ran = user.run("fix", ".", "--test", TEST, "--engine", script, "--json")
    assert ran.status == 0, ran.out + ran.err


@pytest.mark.real
def test_tests_that_hang_end_at_their_limit(user: User) -> None:
    (user.project / "test_twice.py").write_text("import time\n\n\ndef test_hang():\n    time.sleep(600)\n")
    words = ["--engine", user.script(FIX), "--json", "-c", "limits.timeout=2"]
    ran = user.run("fix", ".", "--test", TEST, *words)
    assert ran.status == 1
    assert "timeout" in ran.out or "timed out" in ran.out


@pytest.mark.real
def test_a_repository_of_another_user_works(user: User) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a repository to another user")
    subprocess.run(["chown", "-R", "12345:12345", str(user.project)], check=True)
    ran = user.run("fix", ".", "--test", TEST, "--engine", user.script(FIX), "--json")
    assert ran.status == 0, ran.out + ran.err
    assert (user.project / "twice.py").stat().st_uid == 12345


@pytest.mark.real
def test_a_tree_that_cannot_be_written_is_one_clear_line(user: User, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs a mount")
    shown = tmp_path / "shown"
    shown.mkdir()
    script = f"mount --bind {user.project} {shown} && mount -o remount,ro,bind {shown} && exec "
    script += f"{sys.executable} -m loopwright fix {shown} --test '{TEST}' --engine {user.script(FIX)} --json"
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script], env=user.env, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode in (1, 2), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert (user.project / "twice.py").read_text() == WRONG


def test_a_full_disk_under_the_state_is_one_clear_line(user: User, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs a mount")
    small = tmp_path / "small"
    small.mkdir()
    script = f"mount -t tmpfs -o size=64k none {small} && exec {sys.executable} -m loopwright fix . "
    script += f"--test '{TEST}' --engine {user.script(FIX)}"
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script],
        cwd=user.project,
        env={**user.env, "LOOPWRIGHT_HOME": str(small)},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 5, done.stdout + done.stderr
    assert "Traceback" not in done.stderr and "full" in done.stderr
    assert (user.project / "twice.py").read_text() == WRONG


def test_an_open_standard_input_never_holds_a_run_up(user: User) -> None:
    reading, writing = os.pipe()
    try:
        process = subprocess.run(
            [sys.executable, "-m", "loopwright", "exec", "x", "--engine", user.script({"text": "hi", "done": True})],
            stdin=reading,
            cwd=user.project,
            env=user.env,
            capture_output=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(reading)
        os.close(writing)
    assert process.returncode == 0


def test_the_users_change_meanwhile_is_a_conflict_and_nothing_is_overwritten(user: User) -> None:
    script = user.script({"calls": [{"tool": "shell", "args": {"command": "sleep 2"}}]}, FIX)
    process = user.start("exec", "double it", "--test", TEST, "--engine", script, "--json")
    assert process.stdout is not None
    for line in process.stdout:
        if "command_execution" in line:
            break
    (user.project / "twice.py").write_text("# mine\n" + WRONG)
    out, err = process.communicate(timeout=60)
    assert (user.project / "twice.py").read_text() in ("# mine\n" + WRONG, "# mine\n" + RIGHT), out + err
    assert "# mine" in (user.project / "twice.py").read_text()


def test_a_setting_that_nobody_set_is_shown_with_its_default(user: User) -> None:
    assert user.run("config", "get", "engine").out.strip() == '"auto"'
    assert 'limits.network = "none"' in user.run("config", "get").out.splitlines()
