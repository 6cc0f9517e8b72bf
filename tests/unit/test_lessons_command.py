"""`loopwright lessons`, as a user calls it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from loopwright.core.knowledge import OPERATOR, Lesson
from loopwright.frontends.cli.app import run
from loopwright.runtime.builtins import make_hub
from loopwright.runtime.plugins import EngineOrder
from loopwright.store.lessons import SqlLessons


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOOPWRIGHT_HOME", str(tmp_path / "home"))
    here = tmp_path / "shop"
    here.mkdir()
    monkeypatch.chdir(here)
    assert run(["lessons", "list", "-q"]) == 0
    (home,) = (tmp_path / "home").rglob("lessons.db")
    table = SqlLessons.open(home.parent)
    table.put(Lesson("aa11", "f", "divide by \x1b[31m100", "s1", 7, str(here), 2, 1))
    table.put(Lesson("ab22", OPERATOR + "number", "a number cured", "s2", 9, "/elsewhere", 1, 1))
    table.close()
    return here


def test_what_holds_here_is_listed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["lessons", "list", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert (found["id"], found["kind"], found["tried"], found["helped"], found["expired"]) == (
        "aa11",
        "cure",
        2,
        1,
        False,
    )
    assert run(["lessons", "list", "--all", "--json"]) == 0
    assert {json.loads(x)["kind"] for x in capsys.readouterr().out.splitlines()} == {"cure", "edit"}
    assert run(["lessons"]) == 0
    assert "aa11" in capsys.readouterr().out


def test_without_a_command_the_options_are_those_of_the_list(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["lessons", "--all", "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert run(["lessons", "--json", "show", "aa"]) == 2
    assert "behind the command: lessons show" in capsys.readouterr().err
    assert run(["lessons", "export", "-"]) == 0
    assert '"aa11"' in capsys.readouterr().out and not (project / "-").exists()


def test_one_is_shown_with_where_it_came_from(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["lessons", "show", "aa"]) == 0
    shown = capsys.readouterr().out
    assert "session s1, event 7" in shown and "1 of 2 times" in shown and "\x1b" not in shown


def test_export_forget_import_goes_round(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lessons", "export", "out.jsonl", "--all"]) == 0
    assert run(["lessons", "forget", "--all"]) == 0
    capsys.readouterr()
    assert run(["lessons", "import", "out.jsonl", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"imported": 2, "known": 0}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["show", "zz"], "there is no lesson zz"),
        (["show", "a"], "2 lessons begin with a"),
        (["forget"], "name the lessons to forget, or give --all"),
        (["forget", "aa", "--all"], "name the lessons to forget, or give --all"),
        (["import", "gone"], "gone cannot be read"),
        (["import", "."], "is not a regular file"),
        (["export", "no/such/dir/file"], "cannot be written"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    project: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    capsys.readouterr()
    assert run(["lessons", *words]) == 2
    told = capsys.readouterr()
    assert told.out == "" and says in told.err and told.err.count("\n") == 1
    assert run(["lessons", "list", "--all", "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2, "nothing was changed"


def test_the_repair_engine_asks_the_memory(tmp_path: Path) -> None:
    def priors(shares: Mapping[str, float]) -> dict[str, float]:
        return {"number": 2.0}

    hub = make_hub()
    made = hub.engines["repair"](EngineOrder("", "", {}, {"priors": priors}, hub))
    assert made._how.priors is priors  # type: ignore[attr-defined]
