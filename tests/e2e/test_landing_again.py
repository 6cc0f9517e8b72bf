"""What was proven lands whenever the user's tree does not hold it, whatever became of an earlier landing."""

from __future__ import annotations

import pytest

from .conftest import RIGHT, TEST, WRONG, User, edit, shell

pytestmark = pytest.mark.real  # several whole runs each


def twice(user: User) -> str:
    """The same change for two requests."""
    return user.script(
        {"calls": [edit()], "done": True, "when": {"contains": "first"}},
        {"calls": [edit()], "done": True, "when": {"contains": "second"}},
    )


@pytest.mark.parametrize("forked", [False, True])
def test_what_was_taken_back_lands_when_it_is_proven_again(user: User, forked: bool) -> None:
    assert user.run("exec", "first", "--test", TEST, "--engine", twice(user)).status == 0
    assert user.run("undo").status == 0
    assert (user.project / "twice.py").read_text() == WRONG
    session = ["--last"]
    if forked:
        first = user.run("sessions", "--json").lines[0]["id"]
        session = [user.run("fork", first).out.strip()]
    again = user.run("resume", *session, "second", "--json")
    assert (again.status, again.proof["solved"]) == (0, True)
    assert (user.project / "twice.py").read_text() == RIGHT
    assert user.run("undo").status == 0
    assert (user.project / "twice.py").read_text() == WRONG


@pytest.mark.parametrize("live", [[], ["--live"]])
def test_a_conflict_that_the_user_has_removed_is_none_any_more(user: User, live: list[str]) -> None:
    script = user.script(
        {"calls": [edit(), shell("sleep 3")], "done": True, "when": {"contains": "first"}},
        {"text": "still right", "done": True, "when": {"contains": "second"}},
    )
    running = user.start("exec", "first", "--test", TEST, "--engine", script, "--json", *live)
    assert running.stdout is not None
    while not ("item.completed" in (line := running.stdout.readline()) and "file_change" in line):
        assert line
    (user.project / "twice.py").write_text(WRONG + "# mine\n")
    _, err = running.communicate(timeout=100)
    assert running.returncode == 1, err
    assert (user.project / "twice.py").read_text() == WRONG + "# mine\n"
    (user.project / "twice.py").write_text(WRONG)
    again = user.run("resume", "--last", "second", "--json")
    assert (again.status, again.proof["solved"]) == (0, True), again.out
    assert (user.project / "twice.py").read_text() == RIGHT


def test_undo_without_a_name_takes_back_what_stands_not_what_came_last(user: User) -> None:
    before = user.tree()
    assert (
        user.run(
            "exec", "double it", "--test", TEST, "--engine", user.script({"calls": [edit()], "done": True}), "--json"
        ).status
        == 0
    )
    assert user.run("exec", "hello", "--engine", user.script({"text": "hello", "done": True}), "--json").status == 0
    assert user.run("undo").status == 0
    assert user.tree() == before
