"""The analysed request and the acyclic graph of tasks made from it."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

from loopwright.core.errors import UsageError
from loopwright.core.fact import Fact


class Requirement(Fact, frozen=True):
    """What is wanted, as understood. `acceptance` are the commands that must pass."""

    goal: str
    role: str = "engineer"
    constraints: tuple[str, ...] = ()
    acceptance: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    tests_may_change: bool = True  # False for `fix`: no test is touched; else a weakened one needs words in the goal
    changes_expected: bool = True  # False where only an answer is wanted
    instructions_may_change: tuple[str, ...] = ()  # files of rules that a person let be changed; "*" = every one


class Task(Fact, frozen=True):
    """One unit of work; `needs` names the tasks that must be done before it."""

    id: str
    goal: str
    needs: tuple[str, ...] = ()
    acceptance: tuple[str, ...] = ()
    role: str = "engineer"


class Plan(Fact, frozen=True):
    """Tasks in the order they were written; acyclic (see `check`)."""

    tasks: tuple[Task, ...]

    def check(self) -> Plan:
        """Return the plan itself. Raises UsageError if ids repeat, a need is unknown or needs form a circle."""
        ids = [task.id for task in self.tasks]
        if len(set(ids)) != len(ids):
            raise UsageError("the plan names a task twice: give every task its own id")
        for task in self.tasks:
            for need in task.needs:
                if need not in ids:
                    raise UsageError(f"task {task.id} needs {need}, which is not in the plan")
        try:
            TopologicalSorter({task.id: task.needs for task in self.tasks}).prepare()
        except CycleError as error:
            raise UsageError(f"the plan goes in a circle: {' -> '.join(error.args[1])}") from None
        return self

    def ready(self, done: frozenset[str]) -> tuple[Task, ...]:
        """Tasks not done whose needs are all done, in written order."""
        return tuple(t for t in self.tasks if t.id not in done and done.issuperset(t.needs))
