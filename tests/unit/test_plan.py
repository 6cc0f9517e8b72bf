"""A plan is acyclic, and gives the tasks that are ready."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopwright.core.errors import UsageError
from loopwright.core.plan import Plan, Task


def task(name: str, *needs: str) -> Task:
    return Task(id=name, goal=name, needs=needs)


def test_a_task_is_ready_once_its_needs_are_done() -> None:
    plan = Plan((task("build"), task("test", "build"), task("docs"))).check()
    assert [t.id for t in plan.ready(frozenset())] == ["build", "docs"]
    assert [t.id for t in plan.ready(frozenset({"build"}))] == ["test", "docs"]
    assert plan.ready(frozenset({"build", "test", "docs"})) == ()


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (Plan((task("a"), task("a"))), "twice"),
        (Plan((task("a", "b"),)), "b"),
        (Plan((task("a", "b"), task("b", "a"))), "circle"),
        (Plan((task("a", "a"),)), "circle"),
    ],
)
def test_a_plan_that_cannot_be_done_is_refused(plan: Plan, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        plan.check()


@given(st.lists(st.sets(st.integers(0, 9)), max_size=10), st.randoms(use_true_random=False))
def test_doing_what_is_ready_does_every_task_after_its_needs(needs: list[set[int]], random: object) -> None:
    tasks = tuple(task(str(n), *(str(m) for m in sorted(wanted) if m < n)) for n, wanted in enumerate(needs))
    plan, done = Plan(tasks).check(), frozenset[str]()
    while ready := plan.ready(done):
        chosen = random.choice(ready)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
        assert done.issuperset(chosen.needs)
        done |= {chosen.id}
    assert len(done) == len(tasks)
