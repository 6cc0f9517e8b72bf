"""What happens once before the first turn of a request: rules, requirement, plan."""

from __future__ import annotations

from loopwright.core import events as e
from loopwright.loop.intake import analyse
from loopwright.loop.journal import Journal
from loopwright.loop.planner import make_plan
from loopwright.loop.ports import Ports


async def prepare(ports: Ports, journal: Journal) -> None:
    """Record the rules in force, the analysed requirement, what is remembered of it, and the plan."""
    state = journal.state
    if state.requirement is not None and state.plan is not None:
        return
    asked = state.prompt_seq
    if state.directives is None:
        loaded = ports.directives.load(ports.workspace.root, ports.workspace.files)
        await journal.record("directives", loaded)
    requirement = analyse(state.prompt, state.settings)
    await journal.record(f"{asked}/requirement", e.RequirementAnalysed(requirement))
    if lessons := await ports.recall.recall(requirement):
        await journal.record(f"{asked}/recalled", e.Recalled(lessons))
    await journal.record(f"{asked}/plan", e.Planned(make_plan(requirement)))
