"""The loop, over fakes: what it does with each kind of answer, and that a crash anywhere changes nothing."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from loopwright.core import events as e
from loopwright.core.budget import Budget
from loopwright.core.calls import Approval, Proposal, Tokens, ToolCall
from loopwright.core.checks import Change, Proof, Verdict
from loopwright.core.errors import BadProposal, ContextOverflow, ProviderUnavailable
from loopwright.core.ports import CheckContext
from loopwright.core.project import fold
from loopwright.core.running import DEFAULT_LIMITS
from loopwright.core.specs import spec
from loopwright.core.state import Said, State
from loopwright.knowledge.analyser import Analyser
from loopwright.loop.journal import Journal
from loopwright.loop.ports import Ports
from loopwright.loop.run import run
from loopwright.runtime.landing import land_live, land_when_proven
from loopwright.testing.copied_workspace import CopiedWorkspace
from loopwright.testing.log import MemoryBlobs, MemoryLog
from loopwright.testing.looping import (
    SMALL,
    TOOLS,
    AllowAll,
    Answers,
    ExitAnalyser,
    FileSays,
    NoRules,
    Person,
    Remembered,
    Seconds,
    call,
    ignore,
)

DONE = Proposal(text="it is done", done=True)


class Run:
    """One run over a copied workspace that holds `a.txt`."""

    def __init__(self, root: Path, engine: Any, **ports: Any) -> None:
        (root / "a.txt").write_text("old")
        self.root, self.log, self.blobs = root, MemoryLog(), MemoryBlobs()
        self.view = CopiedWorkspace(root, self.blobs, {"PATH": os.environ["PATH"]})
        self.memory = Remembered()
        given: dict[str, Any] = {
            "engine": engine,
            "workspace": self.view,
            "tools": TOOLS,
            "specs": tuple(spec(tool) for tool in TOOLS.values()),
            "policy": AllowAll(),
            "approver": Person(),
            "checks": (FileSays("a.txt", "new"),),
            "directives": NoRules(),
            "analyser": ExitAnalyser(),
            "recall": self.memory,
            "blobs": self.blobs,
            "land": land_when_proven(self.view),
            "emit": ignore,
            "clock": Seconds(),
            "budget": SMALL,
            "limits": DEFAULT_LIMITS,
            "judge": None,
            "window": 100_000,
        }
        self.ports = Ports(**{**given, **ports})

    async def start(self, prompt: str = "make it new") -> None:
        await self.log.append("start", "host", e.SessionStarted(str(self.root), self.view.base))
        await self.log.append("prompt", "user", e.Prompted(prompt))

    async def go(self) -> Proof:
        await self.start()
        return await run(self.ports, Journal(self.log))

    def bodies(self, kind: type) -> list[Any]:
        return [event.body for event in self.log.read() if isinstance(event.body, kind)]

    @property
    def state(self) -> State:
        return fold(State(), self.log.read())


def results(run_: Run) -> list[tuple[bool, str]]:
    return [(body.result.ok, body.result.text) for body in run_.bodies(e.Returned)]


@pytest.mark.anyio
class TestOutcomes:
    async def test_a_proven_change_lands_and_is_solved(self, tmp_path: Path) -> None:
        ran = Run(tmp_path, Answers(call("put", path="a.txt", text="new"), DONE))
        proof = await ran.go()
        assert (proof.outcome, proof.solved) == ("solved", True)
        assert (tmp_path / "a.txt").read_text() == "new"
        assert proof.tree == ran.state.ref.tree
        assert proof.log_head == ran.log.read()[-1].prev

    async def test_a_false_claim_is_refuted_and_the_engine_told_why(self, tmp_path: Path) -> None:
        engine = Answers(DONE, call("put", path="a.txt", text="new"), DONE)
        proof = await Run(tmp_path, engine).go()
        assert proof.outcome == "solved"
        told = engine.views[1].items[-1]
        assert isinstance(told, Said) and "test a.txt" in told.text and engine.views[1].last_failed

    async def test_an_engine_with_nothing_more_to_say_leaves_the_tree_alone(self, tmp_path: Path) -> None:
        ran = Run(tmp_path, Answers(call("put", path="a.txt", text="wrong")))
        proof = await ran.go()
        assert (proof.outcome, proof.solved) == ("unsolved", False)
        assert (tmp_path / "a.txt").read_text() == "old"

    async def test_what_was_last_left_is_solved_if_it_is_proven_even_without_a_claim(self, tmp_path: Path) -> None:
        assert (await Run(tmp_path, Answers(call("put", path="a.txt", text="new"))).go()).outcome == "solved"

    async def test_an_answer_that_changes_nothing_is_answered(self, tmp_path: Path) -> None:
        proof = await Run(tmp_path, Answers(DONE), checks=()).go()
        assert (proof.outcome, proof.solved) == ("answered", None)

    async def test_a_change_without_any_check_is_unproven_and_does_not_land(self, tmp_path: Path) -> None:
        proof = await Run(tmp_path, Answers(call("put", path="a.txt", text="new"), DONE), checks=()).go()
        assert (proof.outcome, proof.solved) == ("unproven", False)
        assert (tmp_path / "a.txt").read_text() == "old"

    async def test_live_mode_lands_each_turn(self, tmp_path: Path) -> None:
        ran = Run(tmp_path, Answers(call("put", path="a.txt", text="half")))
        ran.ports = replace(ran.ports, land=land_live(ran.view))
        assert (await ran.go()).outcome == "unsolved"
        assert (tmp_path / "a.txt").read_text() == "half"
        assert len(ran.bodies(e.Promoted)) == 1


@pytest.mark.anyio
class TestCalls:
    async def test_every_call_has_exactly_one_result_in_call_order(self, tmp_path: Path) -> None:
        calls = tuple(
            ToolCall("same", tool, args)
            for tool, args in (
                ("get", {"path": "a.txt"}),
                ("get", {"path": "missing"}),
                ("nothing", {}),
                ("put", {"path": 1}),
                ("sh", {"command": "exit 3"}),
            )
        )
        ran = Run(tmp_path, Answers(Proposal(calls=calls)))
        await ran.go()
        found = [body.result.call for body in ran.bodies(e.Returned)]
        assert found == ["1.1", "1.2", "1.3", "1.4", "1.5"]
        oks = [ok for ok, _ in results(ran)]
        texts = [text for _, text in results(ran)]
        assert oks == [True, False, False, False, False]
        assert "there is no tool named nothing" in texts[2]
        assert "wrong arguments for put" in texts[3] and "path" in texts[3]

    async def test_a_denied_call_never_runs_and_says_which_rule_denied_it(self, tmp_path: Path) -> None:
        ran = Run(tmp_path, Answers(call("put", path="a.txt", text="new")), policy=AllowAll(deny=["put"]))
        await ran.go()
        assert results(ran) == [(False, "refused: put is not for you [AGENTS.md:3]")]
        assert ran.view.files.read("a.txt") == b"old"

    async def test_a_question_waits_when_nobody_is_there_and_goes_on_with_the_answer(self, tmp_path: Path) -> None:
        engine = Answers(call("put", path="a.txt", text="new"), DONE)
        ran = Run(tmp_path, engine, policy=AllowAll(ask=["put"]))
        assert (await ran.go()).outcome == "waiting"
        assert ran.state.pending and not ran.bodies(e.Returned)
        await ran.log.append("again", "host", e.Resumed("test"))
        await ran.log.append("yes", "user", e.Answered("1.1", Approval(True)))
        assert (await run(ran.ports, Journal(ran.log))).outcome == "solved"

    async def test_a_refused_question_is_a_result_the_engine_reads(self, tmp_path: Path) -> None:
        ran = Run(
            tmp_path,
            Answers(call("put", path="a.txt", text="new")),
            policy=AllowAll(ask=["put"]),
            approver=Person(Approval(False)),
        )
        assert (await ran.go()).outcome == "unsolved"
        assert results(ran) == [(False, "refused by the user: may put run?")]

    async def test_a_failed_command_is_diagnosed(self, tmp_path: Path) -> None:
        ran = Run(tmp_path, Answers(call("sh", command="exit 3")))
        await ran.go()
        assert ran.bodies(e.Diagnosed)[0].diagnosis.fingerprint == "exit 3=3"


@pytest.mark.anyio
class TestLimits:
    async def test_the_budget_of_turns_stops_the_run(self, tmp_path: Path) -> None:
        engine = Answers(*[call("put", path="b", text=str(n)) for n in range(50)])
        ran = Run(tmp_path, engine, budget=Budget(turns=4))
        assert (await ran.go()).outcome == "unsolved"
        assert len(ran.bodies(e.Proposed)) == 4
        assert "4 turns" in ran.state.reason

    async def test_the_budget_of_money_needs_a_known_price(self, tmp_path: Path) -> None:
        asked = msgspec.structs.replace(call("get", path="a.txt"), tokens=Tokens(input=9, output=1))
        ran = Run(tmp_path, Answers(asked, DONE), budget=Budget(usd=1.0))
        assert (await ran.go()).outcome == "unsolved"
        assert "price" in ran.state.reason

    async def test_the_budget_of_seconds_is_counted_by_the_given_clock(self, tmp_path: Path) -> None:
        engine = Answers(*[call("put", path="b", text=str(n)) for n in range(50)])
        ran = Run(tmp_path, engine, budget=Budget(seconds=5), clock=Seconds(2.0))
        assert (await ran.go()).outcome == "unsolved"
        assert "5 seconds" in ran.state.reason

    async def test_the_same_call_again_and_again_is_told_and_then_stopped(self, tmp_path: Path) -> None:
        engine = Answers(*[call("get", path="a.txt")] * 20)
        ran = Run(tmp_path, engine)
        assert (await ran.go()).outcome == "unsolved"
        assert "stuck" in ran.state.reason
        assert len(ran.bodies(e.Steered)) == 1 and len(ran.bodies(e.Proposed)) == 6

    async def test_a_claim_repeated_without_any_change_ends(self, tmp_path: Path) -> None:
        ran = Run(tmp_path, Answers(*[DONE] * 40))
        assert (await ran.go()).outcome == "unsolved"
        assert "stuck" in ran.state.reason


class RanTooLong:
    """A check whose command was ended by its time limit, and printed nothing that says so."""

    id, cost = "slow", 1

    async def run(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]:
        verdict = Verdict("slow", "command", "sleep 99", "failed", exit=137, reason="timeout", evidence="working")
        return (verdict,)


class Allowed:
    """Notes what time each run of it is allowed."""

    id, cost = "allowed", 1

    def __init__(self) -> None:
        self.seconds: list[float | None] = []

    async def run(self, change: Change, ctx: CheckContext) -> tuple[Verdict, ...]:
        self.seconds.append(ctx.limits.timeout)
        return (Verdict("allowed", "command", "test", "passed" if change.files else "failed", exit=0),)


@pytest.mark.anyio
async def test_an_endless_test_of_the_tree_as_given_leaves_time_to_mend_it(tmp_path: Path) -> None:
    check, budget = Allowed(), msgspec.structs.replace(SMALL, seconds=100.0)
    ran = Run(tmp_path, Answers(DONE, call("put", path="a.txt", text="new"), DONE), checks=(check,), budget=budget)
    assert (await ran.go()).outcome == "solved"
    assert check.seconds == [20.0, DEFAULT_LIMITS.timeout]


@pytest.mark.anyio
async def test_a_check_that_ran_too_long_is_diagnosed_as_that(tmp_path: Path) -> None:
    ran = Run(tmp_path, Answers(DONE, Proposal(spent=True)), checks=(RanTooLong(),), analyser=Analyser())
    await ran.go()
    assert {found.diagnosis.kind for found in ran.bodies(e.Diagnosed)} == {"timeout"}


@pytest.mark.anyio
class TestEngineTrouble:
    async def test_an_unreadable_answer_is_told_and_asked_again(self, tmp_path: Path) -> None:
        engine = Answers(BadProposal("no JSON"), call("put", path="a.txt", text="new"), DONE)
        ran = Run(tmp_path, engine)
        assert (await ran.go()).outcome == "solved"
        assert any(isinstance(item, Said) and "no JSON" in item.text for item in engine.views[1].items)

    async def test_three_unreadable_answers_in_a_row_end_the_run(self, tmp_path: Path) -> None:
        ran = Run(tmp_path, Answers(*[BadProposal("no JSON")] * 5))
        assert (await ran.go()).outcome == "unsolved"
        assert len(ran.bodies(e.EngineFailed)) == 3

    async def test_what_an_attempt_cost_is_counted_though_nothing_came_of_it(self, tmp_path: Path) -> None:
        lost = BadProposal("no JSON", Tokens(input=900, output=100, usd=0.25))
        spent = msgspec.structs.replace(DONE, tokens=Tokens(input=1000, output=10, usd=0.5))
        ran = Run(tmp_path, Answers(lost, call("put", path="a.txt", text="new"), spent))
        proof = await ran.go()
        assert (proof.cost.turns, proof.cost.usd) == (2, 0.75)
        assert (proof.cost.input_tokens, proof.cost.output_tokens) == (1900, 110)

    async def test_the_last_attempt_counts_too(self, tmp_path: Path) -> None:
        ran = Run(tmp_path, Answers(ProviderUnavailable("gone", Tokens(input=5, output=7, usd=0.1))))
        proof = await ran.go()
        assert (proof.cost.turns, proof.cost.output_tokens, proof.cost.usd) == (0, 7, 0.1)

    async def test_failed_attempts_are_within_the_budget(self, tmp_path: Path) -> None:
        lost = BadProposal("no JSON", Tokens(input=900, output=100, usd=0.25))
        ran = Run(tmp_path, Answers(lost, DONE), budget=Budget(turns=30, usd=0.2))
        assert (await ran.go()).outcome == "unsolved"
        assert "the budget of $0.2 is spent" in ran.state.reason

    async def test_an_absent_provider_ends_the_run_with_its_reason(self, tmp_path: Path) -> None:
        ran = Run(tmp_path, Answers(ProviderUnavailable("429 for ten minutes")))
        assert (await ran.go()).outcome == "unsolved"
        assert ran.state.reason == "429 for ten minutes"

    async def test_an_overflow_compacts_once_and_keeps_requirement_and_todo(self, tmp_path: Path) -> None:
        (tmp_path / "big").write_text("x" * 60_000)
        turns: list[Any] = [call("get", path="big"), call("put", path="b", text="1")] * 4
        engine = Answers(*turns, ContextOverflow("too long"), call("put", path="a.txt", text="new"), DONE)
        ran = Run(tmp_path, engine)
        assert (await ran.go()).outcome == "solved"
        assert len(ran.bodies(e.Compacted)) == 1
        after = engine.views[-1]
        assert after.requirement.goal == "make it new"
        assert isinstance(after.items[0], Said) and after.items[0].by == "summary"
        assert len(ran.log.read()) > 20


@pytest.mark.anyio
async def test_a_long_conversation_is_compacted_before_it_fills_the_window(tmp_path: Path) -> None:
    (tmp_path / "big").write_text("x" * 9_000)
    turns: list[Any] = [
        step for n in range(9) for step in (call("get", path="big"), call("put", path="b", text=str(n)))
    ]
    engine = Answers(*turns, call("put", path="a.txt", text="new"), DONE)
    ran = Run(tmp_path, engine, window=8_000)
    assert (await ran.go()).outcome == "solved"
    assert ran.bodies(e.Compacted)
    for view in engine.views:
        size = sum(len(str(msgspec.to_builtins(item))) for item in view.items)
        assert size < 4 * 8_000 * 1.3


@pytest.mark.anyio
async def test_a_lesson_is_kept_after_a_failure_was_overcome(tmp_path: Path) -> None:
    engine = Answers(call("sh", command="exit 3"), call("put", path="a.txt", text="new"), DONE)
    ran = Run(tmp_path, engine)
    await ran.go()
    assert [lesson.fingerprint for lesson in ran.memory.lessons] == ["exit 3=3"]
    assert len(ran.bodies(e.LessonLearned)) == 1


@pytest.mark.anyio
async def test_nothing_is_learned_where_nothing_failed(tmp_path: Path) -> None:
    ran = Run(tmp_path, Answers(call("put", path="a.txt", text="new"), DONE))
    await ran.go()
    assert ran.memory.lessons == []


@pytest.mark.anyio
async def test_a_steer_reaches_the_engine_at_its_next_turn(tmp_path: Path) -> None:
    engine = Answers(call("get", path="a.txt"), call("put", path="a.txt", text="new"), DONE)
    ran = Run(tmp_path, engine)
    await ran.start()
    journal = Journal(ran.log)
    await ran.log.append("steer", "user", e.Steered("mind the gap"))
    await run(ran.ports, journal)
    assert any(isinstance(item, Said) and item.text == "mind the gap" for item in engine.views[0].items)


class DyingLog:
    """A log whose process is gone once the event `at` is durable."""

    def __init__(self, log: MemoryLog, at: int, scope: anyio.CancelScope) -> None:
        self._log, self._at, self._scope = log, at, scope
        self.session, self.find, self.read, self.follow = log.session, log.find, log.read, log.follow

    async def append(self, key: str, actor: str, body: e.Body) -> e.Event:
        event = await self._log.append(key, actor, body)
        if event.seq >= self._at:
            self._scope.cancel()
            await anyio.lowlevel.checkpoint()
        return event


@pytest.mark.anyio
async def test_a_crash_after_any_event_ends_the_same_when_resumed(tmp_path: Path) -> None:
    def engine() -> Answers:
        return Answers(
            call("sh", command="printf x >> count"),
            Proposal(
                calls=(ToolCall("", "get", {"path": "a.txt"}), ToolCall("", "put", {"path": "a.txt", "text": "new"}))
            ),
            DONE,
            call("put", path="a.txt", text="new"),
            DONE,
        )

    (tmp_path / "whole").mkdir()
    whole = Run(tmp_path / "whole", engine())
    await whole.go()
    total = len(whole.log.read())
    for at in range(3, total):
        root = tmp_path / str(at)
        root.mkdir()
        ran = Run(root, engine())
        await ran.start()
        with anyio.CancelScope() as scope:
            log = ran.log
            await run(ran.ports, Journal(DyingLog(log, at, scope)))
        assert ran.log.read()[-1].seq == at
        await ran.view.restore(ran.state.ref)
        await log.append("resumed", "host", e.Resumed("test"))
        proof = await run(ran.ports, Journal(log))
        assert proof.outcome == "solved", [str(event.body)[:160] for event in log.read()[at - 2 :]]
        assert proof.tree in (whole.state.ref.tree, ran.state.ref.tree)
        calls = [body.result.call for body in ran.bodies(e.Returned)]
        assert len(calls) == len(set(calls)), at
        assert (root / "a.txt").read_text() == "new"
        count = (root / "count").read_text() if (root / "count").exists() else ""
        assert count in ("x", ""), "an interrupted command is never run twice"
