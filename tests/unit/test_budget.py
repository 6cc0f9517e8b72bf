"""What a run may spend, and when it goes in circles."""

from __future__ import annotations

import pytest

from loopwright.core.budget import CALLS_STOP, FAILURES_STOP, Budget, circles, exceeded
from loopwright.core.checks import Cost
from loopwright.core.state import State

SPENT = State(cost=Cost(turns=5, input_tokens=900, output_tokens=100, usd=0.5), spent_before=Cost(turns=2))


@pytest.mark.parametrize(
    ("budget", "seconds", "says"),
    [
        (Budget(turns=None), 1e9, ""),
        (Budget(turns=4), 0, ""),
        (Budget(turns=3), 0, "3 turns"),
        (Budget(seconds=10), 9.9, ""),
        (Budget(seconds=10), 10.0, "10 seconds"),
        (Budget(tokens=1001), 0, ""),
        (Budget(tokens=1000), 0, "1000 tokens"),
        (Budget(usd=0.51), 0, ""),
        (Budget(usd=0.5), 0, "$0.5"),
    ],
)
def test_a_budget_stops_the_run_when_it_is_spent_and_not_before(budget: Budget, seconds: float, says: str) -> None:
    reason = exceeded(budget, SPENT, seconds)
    assert says in reason and bool(reason) == bool(says)


def test_money_cannot_be_kept_to_where_the_price_is_not_known() -> None:
    assert "price" in exceeded(Budget(usd=1.0), State(cost=Cost(turns=1, input_tokens=9, usd=None)), 0)
    assert exceeded(Budget(usd=1.0), State(), 0) == "", "nothing was spent yet"
    assert exceeded(Budget(usd=1.0), State(cost=Cost(turns=1)), 0) == "", "an engine that uses no tokens"


def test_only_what_this_run_spent_counts() -> None:
    again = State(cost=Cost(turns=9, usd=2.0), spent_before=Cost(turns=9, usd=2.0))
    assert exceeded(Budget(turns=1, usd=0.1), again, 0) == ""


def test_circles_are_the_same_call_on_the_same_tree_or_the_same_failure() -> None:
    assert circles(State(calls_seen={"x": CALLS_STOP - 1}, fingerprints={"y": FAILURES_STOP - 1})) == ""
    assert "same call" in circles(State(calls_seen={"x": CALLS_STOP}))
    assert "same failure" in circles(State(fingerprints={"y": FAILURES_STOP}))
