"""What a person and a program are shown of a run."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from rich.console import Console

from loopwright.core import events as e
from loopwright.core.calls import Delta, Proposal, ToolCall, ToolResult
from loopwright.core.checks import Cost, Outcome, Promotion, Proof, Ref
from loopwright.frontends.show.ending import hint
from loopwright.frontends.show.jsonl import JsonLines
from loopwright.frontends.show.plain import PlainView
from loopwright.frontends.show.visible import visible

HOSTILE = "\x1b]52;c;aGk=\x07 \x1b[2J \x9b31m \u202e [bold]x[/] [/]"


def event(body: e.Body) -> e.Event:
    now = datetime.now(UTC)
    return e.Event(v=1, session="s", seq=1, at=now, actor="engine", key="k", prev="", digest="", body=body)


@pytest.mark.parametrize(
    "body",
    [
        e.Prompted(HOSTILE),
        e.Noted(HOSTILE),
        e.Proposed(1, Proposal(text=HOSTILE, calls=(ToolCall("1.1", "shell", {"command": HOSTILE}),))),
        e.EngineFailed(1, "EngineError", HOSTILE, retry=False),
        e.SessionStarted(HOSTILE, Ref("", ""), {}),
        e.DirectivesLoaded((), (), open=(HOSTILE,)),
    ],
)
def test_a_terminal_acts_on_nothing_that_a_run_brings_up(body: e.Body) -> None:
    out = io.StringIO()
    view = PlainView(Console(file=out, width=200))
    view(event(body))
    shown = out.getvalue()
    assert "\\x1b[2J" in shown and "[bold]x[/]" in shown
    assert not set(shown) & set("\x1b\x07\x9b\r\u202e")


def test_the_status_line_and_a_failed_call_are_as_safe() -> None:
    out = io.StringIO()
    view = PlainView(Console(file=out, width=200))
    view(Delta("output", HOSTILE))
    call = ToolCall("1.1", "write", {"path": HOSTILE})
    for body in (e.Proposed(1, Proposal(calls=(call,))), e.Returned(ToolResult("1.1", False, HOSTILE))):
        view(event(body))
    assert "\x1b" not in out.getvalue() + view._doing.plain


def test_line_ends_and_tabs_and_every_script_stay_as_they_are() -> None:
    assert visible("a\tb\r\nc é😀漢\n") == "a\tb\nc é😀漢\n"


def told(*bodies: e.Body, quiet: bool = False) -> str:
    out = io.StringIO()
    view = PlainView(Console(file=out, width=200), quiet)
    for body in bodies:
        view(event(body))
    return out.getvalue()


def ended(outcome: Outcome, reason: str = "") -> e.Finished:
    return e.Finished(Proof(outcome, None, "", (), (), {}, "", Cost()), reason)


@pytest.mark.parametrize("outcome", ["unsolved", "unproven", "interrupted"])
def test_what_a_live_run_left_in_the_files_is_never_called_unchanged(outcome: Outcome) -> None:
    landed = e.Promoted(Promotion(Ref("1", "t"), ("a.py",), (), "undo"))
    back = e.Restored(0, Ref("0", "t"), Promotion(Ref("0", "t"), ("a.py",)))
    assert "is in your files" in told(e.Prompted("go"), landed, ended(outcome))
    assert "your files are as they were" in told(e.Prompted("go"), ended(outcome))
    assert "your files are as they were" in told(e.Prompted("go"), landed, back, ended(outcome))
    assert hint(outcome, "s1", landed=True).endswith("undo it: loopwright undo s1")
    assert "undo" not in hint(outcome, "s1", landed=False) and "apply" not in hint(outcome, "s1", landed=True)


def test_a_proof_that_did_not_land_is_taken_by_hand() -> None:
    assert hint("solved", "s1", landed=True) == "undo it: loopwright undo s1"
    assert hint("solved", "s1", landed=False).endswith("take it: loopwright apply s1")


def test_the_quiet_view_still_gives_the_answer_and_the_question() -> None:
    answer = e.Proposed(1, Proposal(text="It is 42.", done=True))
    assert told(e.Prompted("?"), answer, ended("answered"), quiet=True).startswith("It is 42.")
    assert "Which one?" in told(ended("waiting", "Which one?"), quiet=True)


def test_what_rules_leave_open_is_said_to_a_person_and_to_a_program() -> None:
    loaded = e.DirectivesLoaded((), (), open=("AGENTS.md:3 leaves open: How many percent?",))
    out, lines = io.StringIO(), list[str]()
    PlainView(Console(file=out, width=200))(event(loaded))
    JsonLines(lines.append)(event(loaded))
    assert "AGENTS.md:3 leaves open" in out.getvalue()
    assert [json.loads(line)["item"]["message"] for line in lines] == [*loaded.open]
