"""Recorded sessions must decode, verify and fold for ever, byte for byte as they are."""

from __future__ import annotations

import typing
from pathlib import Path

import anyio
import pytest

from loopwright.core.checks import Ref
from loopwright.core.events import Body, Finished, Prompted, SessionStarted, encode_body
from loopwright.core.project import fold
from loopwright.core.state import Observed, Said, State
from loopwright.store.audit import audit_file
from loopwright.testing.log import MemoryLog, read_golden, write_golden

HERE = Path(__file__).parent
SESSION = HERE / "session-v1.jsonl"
LOGS = sorted(HERE.glob("*.jsonl"))


@pytest.mark.parametrize("file", LOGS, ids=lambda file: file.name)
def test_a_golden_log_is_whole(file: Path) -> None:
    audit = audit_file(file)
    assert audit.faults == ()
    assert audit.events == len(read_golden(file))


def test_the_golden_logs_hold_every_kind_of_event() -> None:
    kinds = {type(event.body) for file in LOGS for event in read_golden(file)}
    assert kinds == set(typing.get_args(Body))


def test_the_written_form_has_not_changed() -> None:
    for file in LOGS:
        text = file.read_text(encoding="utf-8")
        for event in read_golden(file):
            data = encode_body(event.body)
            assert len(data) > 16_384 or data.decode() in text


def test_a_golden_log_folds_to_the_state_it_was_in() -> None:
    state = fold(State(), read_golden(SESSION))
    assert (state.session, state.seq, state.turn) == ("golden", 27, 1)
    assert (state.base, state.ref) == (Ref("", "tree-0"), Ref("", "tree-0")), "restored to event 14"
    assert state.settings == {"engine": "llm", "checks": ["python -m pytest -q"]}
    assert state.items[0] == Said("user", "mend the cart: naïve 🐍")  # it went back past the compaction
    assert state.item_seqs == (2, 7, 8, 10, 14), "what came after event 14 was taken back"
    assert state.proof is not None
    assert (state.proof.outcome, state.open, state.cost.input_tokens) == ("solved", False, 100)


def test_long_output_is_whole_again() -> None:
    state = fold(State(), read_golden(SESSION)[:14])
    assert isinstance(state.items[-1], Observed)
    assert state.items[-1].result.text == "long output\n" * 2000


def test_a_log_in_memory_can_become_a_golden_log(tmp_path: Path) -> None:
    log = MemoryLog("mine")

    async def write() -> None:
        await log.append("a", "host", SessionStarted("/repo", Ref("", "t")))
        await log.append("b", "user", Prompted("x" * 20_000))

    anyio.run(write)
    write_golden(log, tmp_path / "mine.jsonl")
    assert read_golden(tmp_path / "mine.jsonl") == log.read()
    assert audit_file(tmp_path / "mine.jsonl").ok
    assert not any(isinstance(event.body, Finished) for event in log.read())
