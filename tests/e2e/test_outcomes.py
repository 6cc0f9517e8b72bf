"""Each outcome of the command line: its exit status, what it prints, and what it does to the user's tree."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from tests.e2e.conftest import RIGHT, TEST, User, edit, shell

FIX = {"text": "twice, not thrice", "calls": [edit()], "done": True}


def test_a_fix_is_proven_promoted_recorded_and_undone_byte_for_byte(user: User) -> None:
    before = user.tree()
    ran = user.run("fix", ".", "--test", TEST, "--engine", user.script(FIX), "--json")
    assert ran.status == 0, ran.err
    assert ran.proof["type"] == "proof" and ran.proof["solved"] is True and ran.proof["outcome"] == "solved"
    command = next(c for c in ran.proof["checks"] if c["kind"] == "command")
    assert (command["exit"], command["tests_run"], command["tests_failed"]) == (0, 2, 0)
    assert (user.project / "twice.py").read_text() == RIGHT
    assert user.run("audit", "verify").status == 0
    assert user.run("audit", "verify", "--head", ran.proof["log_head"]).status == 0
    assert user.run("audit", "verify", "--head", "0" * 64).status == 1
    assert user.run("undo").status == 0
    assert user.tree() == before


def test_the_repair_engine_needs_no_script_and_no_key(user: User) -> None:
    ran = user.run("fix", ".", "--test", TEST, "--engine", "repair", "--budget-seconds", "60", "--json")
    assert ran.status == 0, ran.out + ran.err
    namespace: dict[str, object] = {}
    exec((user.project / "twice.py").read_text(), namespace)
    double = namespace["double"]
    assert callable(double) and [double(n) for n in (0, 2)] == [0, 4]


def test_a_false_claim_is_unsolved_and_the_tree_untouched(user: User) -> None:
    before = user.tree()
    wrong = {"text": "all tests pass", "calls": [edit(new="x * 5")], "done": True}
    ran = user.run("fix", ".", "--test", TEST, "--engine", user.script(wrong), "--json")
    assert (ran.status, ran.proof["outcome"], ran.proof["solved"]) == (1, "unsolved", False)
    assert user.tree() == before


def test_tests_that_already_pass_are_answered_and_nothing_changes(user: User) -> None:
    (user.project / "twice.py").write_text(RIGHT)
    before = user.tree()
    ran = user.run("fix", ".", "--test", TEST, "--engine", user.script(FIX), "--json")
    assert (ran.status, ran.proof["outcome"], ran.proof["solved"]) == (0, "answered", None)
    assert user.tree() == before


def test_a_dry_run_proves_and_shows_but_leaves_the_files(user: User) -> None:
    before = user.tree()
    ran = user.run("fix", ".", "--test", TEST, "--engine", user.script(FIX), "--dry-run", "--json")
    assert (ran.status, ran.proof["solved"]) == (0, True)
    assert user.tree() == before
    assert "+    return x * 2" in user.run("diff").out


def test_a_change_without_a_check_is_unproven_until_applied_by_hand(user: User) -> None:
    before = user.tree()
    ran = user.run("exec", "double it", "--engine", user.script(FIX), "--json")
    assert (ran.status, ran.proof["outcome"]) == (3, "unproven")
    assert user.tree() == before
    session = ran.lines[0]["thread_id"]
    assert user.run("apply", session).status == 0
    assert (user.project / "twice.py").read_text() == RIGHT
    assert user.run("undo", session).status == 0
    assert user.tree() == before


def test_a_question_waits_and_is_answered_by_resuming(user: User) -> None:
    asks = {"calls": [{"tool": "ask", "args": {"question": "two or three?"}}]}
    ran = user.run("exec", "double it", "--test", TEST, "--engine", user.script(asks, FIX), "--json")
    assert (ran.status, ran.proof["outcome"]) == (4, "waiting")
    again = user.run("resume", "--last", "two, please", "--json")
    assert (again.status, again.proof["outcome"]) == (0, "solved"), again.out
    assert any("two, please" in str(line) for line in again.lines)


def test_live_mode_lands_what_is_not_proven_and_undo_takes_it_back(user: User) -> None:
    before = user.tree()
    half = {"calls": [edit(new="x * 7")]}
    ran = user.run("exec", "double it", "--test", TEST, "--live", "--engine", user.script(half), "--json")
    assert (ran.status, ran.proof["outcome"]) == (1, "unsolved")
    assert "x * 7" in (user.project / "twice.py").read_text()
    assert user.run("undo").status == 0
    assert user.tree() == before


def test_without_bubblewrap_it_refuses_and_says_what_to_do(user: User) -> None:
    bare = user.home / "bin"
    bare.mkdir()
    for name in ("git", "sh", "env", "python3", "nsenter"):
        found = next((d for d in os.environ["PATH"].split(":") if os.access(f"{d}/{name}", os.X_OK)), None)
        if found:
            (bare / name).symlink_to(f"{found}/{name}")
    ran = user.run(
        "exec", "x", "--engine", user.script({"calls": [shell("touch made")]}), env={**user.env, "PATH": str(bare)}
    )
    assert ran.status == 5, ran.out + ran.err
    assert "bubblewrap" in (ran.out + ran.err)
    assert not (user.project / "made").exists()


@pytest.mark.parametrize("signals", [(signal.SIGINT,), (signal.SIGHUP, signal.SIGHUP)])  # the kernel's and the shell's
def test_an_interrupt_is_130_and_resumable(user: User, signals: tuple[signal.Signals, ...]) -> None:
    script = user.script({"calls": [shell("sleep 30")]}, FIX)
    process = user.start("exec", "double it", "--test", TEST, "--engine", script, "--json")
    assert process.stdout is not None
    for line in process.stdout:
        if "command_execution" in line:
            break
    time.sleep(0.5)
    for number in signals:
        process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert '"outcome":"interrupted"' in out
    again = user.run("resume", "--last", "--json")
    assert (again.status, again.proof["outcome"]) == (0, "solved"), again.out


def test_a_command_that_is_told_to_end_before_it_began_says_that_it_was_interrupted(user: User) -> None:
    process = user.start("exec", "-", stdin=subprocess.PIPE)
    time.sleep(2)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert (out, err.strip(), process.returncode) == ("", "loopwright: interrupted", 130)


LONGER = pytest.mark.real  # than the fast suite has time for


@pytest.mark.parametrize("delay", [pytest.param(0.15, marks=LONGER), 0.6, pytest.param(1.2, marks=LONGER)])
def test_kill_9_loses_nothing_and_does_nothing_twice(user: User, delay: float) -> None:
    steps = [{"calls": [shell("echo x >> count; sleep 0.3")]}, {"when": {"last_failed": False}, **FIX}, FIX]
    process = user.start("exec", "double it", "--test", TEST, "--engine", user.script(*steps), "--json")
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(delay)
    process.kill()
    process.communicate(timeout=30)
    again = user.run("resume", "--last", "go on", "--json")
    assert (again.status, again.proof["outcome"]) == (0, "solved"), again.out + again.err
    assert (user.project / "twice.py").read_text() == RIGHT
    count = user.project / "count"
    assert not count.exists() or count.read_text() == "x\n"
    assert user.run("audit", "verify").status == 0


@pytest.mark.real
def test_a_forked_session_goes_its_own_way(user: User) -> None:
    ran = user.run("exec", "double it", "--test", TEST, "--engine", user.script({"text": "hm"}, FIX), "--json")
    session = ran.lines[0]["thread_id"]
    forked = user.run("fork", session, "--json").lines[0]["session"]
    assert forked != session
    assert user.run("audit", "verify", forked).status == 0
    listed = {line["id"] for line in user.run("sessions", "--json").lines}
    assert {session, forked} <= listed


@pytest.mark.real
def test_an_ephemeral_session_leaves_no_record(user: User) -> None:
    ran = user.run("fix", ".", "--test", TEST, "--engine", user.script(FIX), "--ephemeral", "--json")
    assert ran.status == 0
    assert user.run("sessions", "--json").lines == []


@pytest.mark.real
def test_the_rules_of_agents_md_are_in_the_proof_with_their_lines(user: User) -> None:
    (user.project / "AGENTS.md").write_text("# Rules\n\n- Never run `git push`.\n- Do not edit files under `docs/`.\n")
    (user.project / "docs").mkdir()
    (user.project / "docs" / "a.md").write_text("a\n")
    breaks = {
        "calls": [shell("git push origin main"), {"tool": "write", "args": {"path": "docs/a.md", "content": "b\n"}}]
    }
    ran = user.run("fix", ".", "--test", TEST, "--engine", user.script(breaks, FIX), "--json")
    assert ran.status == 0, ran.out
    declined = [line for line in ran.lines if line.get("item", {}).get("status") == "declined"]
    assert len(declined) == 2
    assert "AGENTS.md:3" in str(declined[0]) and "AGENTS.md:4" in str(declined[1])
    sources = {check["source"]: check["verdict"] for check in ran.proof["checks"] if check["kind"] == "directive"}
    assert sources == {"AGENTS.md:3": "passed", "AGENTS.md:4": "passed"}
    assert (user.project / "docs" / "a.md").read_text() == "a\n"
