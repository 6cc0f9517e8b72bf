"""Tells an engine that goes in circles to change its approach."""

from __future__ import annotations

from loopwright.core import events as e
from loopwright.core.budget import REPEATS_TOLD, repeats
from loopwright.loop.journal import Journal

_CHANGE_APPROACH = (
    "The same failure, or the same call, has now come {times} times without progress. Do not repeat it: look at the "
    "cause from another side, or say what is missing."
)


async def advise(journal: Journal) -> None:
    """Tell the engine once, at the third repetition, to change its approach."""
    state = journal.state
    if repeats(state) == REPEATS_TOLD:
        text = _CHANGE_APPROACH.format(times=REPEATS_TOLD)
        await journal.record(f"{state.prompt_seq}/advised/{state.turn}", e.Steered(text))
