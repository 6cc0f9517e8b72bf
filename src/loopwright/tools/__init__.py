"""The tools an engine may call: each a file and a Markdown description beside it."""

from __future__ import annotations

from typing import Any

from loopwright.core.ports import Tool


def all_tools() -> tuple[Tool[Any], ...]:
    """Return a new set of every built-in tool; one set serves any number of sessions."""
    from loopwright.tools.ask import Ask
    from loopwright.tools.command import Shells
    from loopwright.tools.edit import Edit
    from loopwright.tools.jobs import Jobs, JobsTool
    from loopwright.tools.plan import Plan
    from loopwright.tools.read import Read
    from loopwright.tools.search import Search
    from loopwright.tools.shell import Shell
    from loopwright.tools.write import Write

    shells = Shells()
    jobs = Jobs(shells)
    return (Read(), Edit(), Write(), Search(), Shell(shells, jobs), JobsTool(jobs), Plan(), Ask())
