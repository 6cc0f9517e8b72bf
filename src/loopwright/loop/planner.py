"""Makes the plan of a request: one task, unless a plan was given."""

from __future__ import annotations

from loopwright.core.plan import Plan, Requirement, Task


def make_plan(requirement: Requirement) -> Plan:
    """Return a plan of one task that carries the whole request."""
    task = Task(id="main", goal=requirement.goal, acceptance=requirement.acceptance, role=requirement.role)
    return Plan((task,)).check()
