"""What a run may spend before it stops, and when it goes in circles."""

from __future__ import annotations

from loopwright.core.fact import Fact
from loopwright.core.state import State

#: The same failure, or the same call on the same tree, this often in a row: the engine is told to change its approach.
REPEATS_TOLD = 3
#: The same rule broken this often, whatever else was red: the engine is told to go about it in another way.
RULE_TOLD = 2
#: The same call on an unchanged tree this often: the run stops.
CALLS_STOP = 6
#: The same failure this often, whatever was tried between: the run stops.
FAILURES_STOP = 12
#: Answers in a row that cannot be read.
BAD_PROPOSALS = 3


class Budget(Fact, frozen=True):
    """Limits of one run; None = none. `seconds` is wall clock, `usd` and `tokens` count proposals of this run."""

    turns: int | None = 200
    seconds: float | None = None
    tokens: int | None = None
    usd: float | None = None


def exceeded(budget: Budget, state: State, seconds: float) -> str:
    """Return why the run must stop, "" where it may go on. `seconds` is the run's age."""
    spent, before = state.cost, state.spent_before
    tokens = spent.input_tokens + spent.output_tokens - before.input_tokens - before.output_tokens
    if budget.turns is not None and spent.turns - before.turns >= budget.turns:
        return f"the budget of {budget.turns} turns is spent"
    if budget.seconds is not None and seconds >= budget.seconds:
        return f"the budget of {budget.seconds:g} seconds is spent"
    if budget.tokens is not None and tokens >= budget.tokens:
        return f"the budget of {budget.tokens} tokens is spent ({tokens} used)"
    if budget.usd is None:
        return ""
    if spent.usd is None:
        if not (spent.input_tokens or spent.output_tokens):
            return ""  # nothing was asked that has a price
        return f"the price of this model is not known, so a budget of ${budget.usd:g} cannot be kept"
    cost = spent.usd - (before.usd or 0.0)
    return f"the budget of ${budget.usd:g} is spent (${cost:.4f} used)" if cost >= budget.usd else ""


def repeats(state: State) -> int:
    """How often the run has seen the same failure, or made the same call on the same tree."""
    return max([0, *state.fingerprints.values(), *state.calls_seen.values()])


def circles(state: State) -> str:
    """Return why the run goes in circles and must stop, "" where it does not."""
    calls, failures = max([0, *state.calls_seen.values()]), max([0, *state.fingerprints.values()])
    if calls >= CALLS_STOP:
        return f"stuck: the same call came {calls} times on an unchanged tree"
    if failures >= FAILURES_STOP:
        return f"stuck: the same failure came {failures} times"
    return ""
