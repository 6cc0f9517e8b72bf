"""Folds: incremental and whole agree, order is all that counts, and every call has one result."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from loopwright.core import events as e
from loopwright.core.calls import Decision, Proposal, Tokens, ToolCall, ToolResult
from loopwright.core.checks import Ref
from loopwright.core.project import apply, fold
from loopwright.core.state import State, size

START = datetime(2026, 1, 1, tzinfo=UTC)

bodies = st.one_of(
    st.builds(e.Prompted, text=st.text(max_size=20)),
    st.builds(e.Steered, text=st.text(max_size=20)),
    st.builds(lambda c: e.Decided(c, Decision("allow")), st.sampled_from(["1.1", "1.2"])),
    st.builds(
        lambda c, ok, tree: e.Returned(ToolResult(c, ok, "out"), Ref(tree, tree)),
        st.sampled_from(["1.1", "1.2"]),
        st.booleans(),
        st.sampled_from(["a", "b"]),
    ),
    st.builds(
        lambda turn, calls, tokens: e.Proposed(
            turn,
            Proposal(calls=tuple(ToolCall(c, "read", {}) for c in calls), tokens=Tokens(input=tokens, usd=0.25)),
        ),
        st.integers(1, 5),
        st.lists(st.sampled_from(["1.1", "1.2"]), unique=True),
        st.integers(0, 1000),
    ),
    st.builds(lambda upto: e.Compacted("short", upto), st.integers(0, 20)),
    st.builds(lambda to: e.Restored(to, Ref("a", "a")), st.integers(0, 20)),
)


def events(found: list[e.Body]) -> list[e.Event]:
    return [
        e.Event(1, "s", n, START + timedelta(seconds=n), "test", str(n), body, str(n - 1), str(n))
        for n, body in enumerate(found, 1)
    ]


@given(st.lists(bodies, max_size=30), st.integers(0, 30))
def test_folding_in_two_steps_is_folding_at_once(found: list[e.Body], cut: int) -> None:
    log = events(found)
    assert fold(fold(State(), log[:cut]), log[cut:]) == fold(State(), log)


@given(st.lists(bodies, max_size=30))
def test_what_is_shown_only_grows_at_its_end_but_for_compaction_and_rewind(found: list[e.Body]) -> None:
    state = State()
    for event in events(found):
        after = apply(state, event)
        assert len(after.items) == len(after.item_seqs)
        assert after.shown == sum(map(size, after.items))
        if not isinstance(event.body, e.Compacted | e.Restored):
            assert after.items[: len(state.items)] == state.items
        state = after


@given(st.lists(bodies, max_size=30))
def test_cost_never_falls_and_counts_every_proposal(found: list[e.Body]) -> None:
    state, turns = State(), 0
    for event in events(found):
        after = apply(state, event)
        turns += isinstance(event.body, e.Proposed)
        assert after.cost.turns == turns and after.cost.input_tokens >= state.cost.input_tokens
        assert after.cost.usd in (None, 0.25 * turns)
        state = after


@given(st.lists(bodies, max_size=30))
def test_a_result_closes_its_call_and_no_other(found: list[e.Body]) -> None:
    state = State()
    for event in events(found):
        after = apply(state, event)
        if isinstance(event.body, e.Returned):
            assert {c.id for c in after.pending} == {c.id for c in state.pending} - {event.body.result.call}
        state = after


def test_going_back_past_a_compaction_brings_the_conversation_back() -> None:
    found: list[e.Body] = [e.Steered(word) for word in "abc"] + [e.Compacted("short", 2), e.Steered("d")]
    log = events(found)
    back = fold(State(), [*log, *events([*found, e.Restored(3, Ref("a", "a"))])[-1:]])
    assert back.items == fold(State(), log[:3]).items
