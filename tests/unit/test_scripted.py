"""The scripted engine: the public format, and what is used up after a resume, a fork or a rewind."""

from __future__ import annotations

from pathlib import Path

import anyio
import msgspec
import pytest

from loopwright.core.calls import Delta, Proposal, ToolCall, ToolResult
from loopwright.core.errors import UsageError
from loopwright.core.knowledge import Diagnosis
from loopwright.core.plan import Requirement, Task
from loopwright.core.ports import EngineContext
from loopwright.core.state import Acted, Item, Observed, Said, View
from loopwright.engines.scripted import load

START = (Said("user", "make it pass"),)


def view(items: tuple[Item, ...] = START, turn: int = 1, **given: object) -> View:
    base = View(
        session="s",
        workspace="/w",
        role="engineer",
        turn=turn,
        task=Task(id="t1", goal="the goal"),
        requirement=Requirement(goal="the goal"),
        items=items,
    )
    return msgspec.structs.replace(base, **given)


def ask(path: Path, seen: View, said: list[Delta] | None = None) -> Proposal:
    """Ask a new engine each time: nothing may be remembered outside the View."""

    async def propose() -> Proposal:
        ctx = EngineContext(emit=(said if said is not None else []).append, blobs=None, seconds=None, scratch=None)  # type: ignore[arg-type]
        return await load(path).propose(seen, ctx)

    return anyio.run(propose)


def script(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "script.jsonl"
    path.write_text(text, encoding="utf-8")
    return path


def play(path: Path, told: list[Item], turns: int) -> list[Proposal]:
    """Run turns, each followed by the same items, and return the proposals."""
    items: tuple[Item, ...] = START
    proposals = []
    for turn in range(1, turns + 1):
        proposal = ask(path, view(items, turn))
        proposals.append(proposal)
        items = (*items, Acted(turn, proposal), *told)
    return proposals


def test_lines_answer_in_order_and_then_the_engine_is_spent(tmp_path: Path) -> None:
    path = script(
        tmp_path,
        '{"text":"look","calls":[{"tool":"read","args":{"path":"a.py"}},{"tool":"shell","args":{"command":"ls"}}]}\n'
        "\n"
        '{"text":"finished","done":true}\n',
    )
    first, second, third = play(path, [], 3)
    assert (first.text, first.done, first.spent) == ("look", False, False)
    assert first.calls == (ToolCall("", "read", {"path": "a.py"}), ToolCall("", "shell", {"command": "ls"}))
    assert (second.text, second.done) == ("finished", True)
    assert third.spent and not third.calls and not third.done


def test_a_script_costs_nothing_and_says_so(tmp_path: Path) -> None:
    proposal = ask(script(tmp_path, '{"text":"x"}'), view())
    assert proposal.tokens.usd == 0.0
    assert proposal.engine == "scripted"


def test_text_is_shown_as_it_is_said(tmp_path: Path) -> None:
    said: list[Delta] = []
    ask(script(tmp_path, '{"text":"hello"}'), view(), said)
    assert said == [Delta("text", "hello")]


@pytest.mark.parametrize(
    ("when", "fits", "misses"),
    [
        ({"task": "t1"}, {}, {"task": Task(id="t2", goal="g")}),
        ({"role": "engineer"}, {}, {"role": "reviewer"}),
        ({"turn": 2}, {"turn": 2}, {"turn": 3}),
        ({"last_failed": True}, {"last_failed": True}, {"last_failed": False}),
        ({"last_failed": False}, {"last_failed": False}, {"last_failed": True}),
        ({"contains": "make it"}, {}, {"items": (Said("user", "other"),)}),
        ({"contains": "the goal"}, {}, {"task": Task(id="t1", goal="another")}),
        ({"role": "engineer", "turn": 2}, {"turn": 2}, {"turn": 2, "role": "reviewer"}),
    ],
)
def test_when(tmp_path: Path, when: dict[str, object], fits: dict[str, object], misses: dict[str, object]) -> None:
    path = script(tmp_path, msgspec.json.encode({"when": when, "text": "it fits"}).decode())
    assert ask(path, view(**fits)).text == "it fits"  # type: ignore[arg-type]
    assert ask(path, view(**misses)).spent  # type: ignore[arg-type]


def test_contains_reads_what_came_since_the_last_proposal_and_nothing_before(tmp_path: Path) -> None:
    path = script(
        tmp_path,
        '{"text":"first"}\n{"when":{"contains":"boom"},"text":"mend"}\n{"when":{"contains":"make it"},"text":"again"}\n',
    )
    first = ask(path, view())
    failed = Observed(ToolResult("1.1", ok=False, text="AssertionError: boom"))
    assert ask(path, view((*START, Acted(1, first), failed))).text == "mend"
    assert ask(path, view((*START, Acted(1, first)))).spent
    steered = (*START, Acted(1, first), Said("steer", "make it faster"))
    assert ask(path, view(steered)).text == "again"


def test_contains_reads_the_diagnosis_of_a_failure(tmp_path: Path) -> None:
    path = script(tmp_path, '{"when":{"contains":"off by one"},"text":"aha"}')
    diagnosis = Diagnosis(kind="logic", message="off by one", fingerprint="f")
    assert ask(path, view(last_failed=True, diagnosis=diagnosis)).text == "aha"
    assert ask(path, view(last_failed=False, diagnosis=diagnosis)).spent


def test_the_goal_of_a_new_task_is_told_once(tmp_path: Path) -> None:
    path = script(tmp_path, '{"when":{"contains":"second goal"},"text":"go","repeat":true}\n{"text":"start"}')
    first = ask(path, view())
    assert first.text == "start"
    items = (*START, Acted(1, first))
    second = ask(path, view(items, task=Task(id="t2", goal="second goal")))
    assert second.text == "go"
    assert ask(path, view((*items, Acted(2, second)), task=Task(id="t2", goal="second goal"))).spent


def test_a_repeating_line_is_never_used_up(tmp_path: Path) -> None:
    path = script(tmp_path, '{"when":{"role":"engineer"},"calls":[{"tool":"plan","args":{}}],"repeat":true}')
    assert [p.spent for p in play(path, [], 5)] == [False] * 5


def test_used_lines_survive_compaction_of_the_turns_that_used_them(tmp_path: Path) -> None:
    path = script(tmp_path, "\n".join(f'{{"text":"line {n}"}}' for n in range(4)))
    proposals = play(path, [], 3)
    compacted = (Said("summary", "earlier turns"), Acted(3, proposals[2]))
    assert ask(path, view(compacted, 4)).text == "line 3"


def test_a_fork_or_rewind_gives_back_the_lines_after_it(tmp_path: Path) -> None:
    path = script(tmp_path, "\n".join(f'{{"text":"line {n}"}}' for n in range(4)))
    first = ask(path, view())
    assert ask(path, view((*START, Acted(1, first)))).text == "line 1"
    assert ask(path, view(START)).text == "line 0"


def test_lines_used_out_of_order_are_remembered(tmp_path: Path) -> None:
    path = script(
        tmp_path, '{"when":{"turn":3},"text":"third"}\n{"text":"a"}\n{"when":{"turn":9},"text":"no"}\n{"text":"b"}\n'
    )
    assert [p.text for p in play(path, [], 4)] == ["a", "b", "third", ""]


def test_what_other_engines_proposed_uses_up_nothing(tmp_path: Path) -> None:
    path = script(tmp_path, '{"text":"mine"}')
    other = Acted(1, Proposal(text="theirs", engine="repair", opaque={"used": "0"}))
    assert ask(path, view((*START, other))).text == "mine"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("not json", ":1:"),
        ('{"text":"ok"}\n[1]', ":2:"),
        ('{"text":"ok"}\n\n{"txt":"typo"}', ":3:"),
        ('{"when":{"tool":"x"},"text":"a"}', "tool"),
        ('{"calls":[{"args":{}}]}', "tool"),
        ('{"when":{"turn":"1"},"text":"a"}', "turn"),
        ("{}", "proposes nothing"),
        ('{"text":"for ever","repeat":true}', "never ends"),
        ('{"calls":[{"tool":"read","args":[1]}]}', "args"),
    ],
)
def test_a_bad_line_is_named_with_file_and_number(tmp_path: Path, text: str, says: str) -> None:
    path = script(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        load(tmp_path / "none.jsonl")
    (tmp_path / "latin").write_bytes(b'{"text":"caf\xe9"}')
    with pytest.raises(UsageError, match="not UTF-8"):
        load(tmp_path / "latin")
    with pytest.raises(UsageError, match="cannot read"):
        load(tmp_path)


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "script.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text":"a"}\r\n{"text":"b"}\r\n')
    assert [p.text for p in play(path, [], 2)] == ["a", "b"]
