"""One engine's answer awaited while another goes on searching: whichever has something to do first is heard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio

from loopwright.core.calls import Proposal
from loopwright.core.errors import LoopwrightError

Propose = Callable[[], Awaitable[Proposal]]


async def sooner(answer: Propose, search: Propose) -> Proposal:
    """Return the answer, or what the search would do where it knows that before the answer is there.

    The other one is cancelled. A search that finds nothing, or cannot be made, is no more than silence; what `answer`
    raises is raised.
    """
    made: list[Proposal] = []
    failed: list[Exception] = []
    async with anyio.create_task_group() as group:

        async def ask() -> None:
            try:
                made.append(await answer())
            except Exception as error:  # out of the group as it is, not as a group of one
                failed.append(error)
            group.cancel_scope.cancel()

        async def look() -> None:
            try:
                found = await search()
            except LoopwrightError:
                return
            except Exception as error:
                failed.append(error)
                group.cancel_scope.cancel()
                return
            if found.calls:
                made.append(found)
                group.cancel_scope.cancel()

        group.start_soon(ask)
        group.start_soon(look)
    if not made:
        raise failed[0]
    return made[0]
