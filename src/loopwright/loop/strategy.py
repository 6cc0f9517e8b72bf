"""Tells an engine that goes in circles to change its approach."""

from __future__ import annotations

from loopwright.core import events as e
from loopwright.core.budget import REPEATS_TOLD, RULE_TOLD, repeats
from loopwright.loop.journal import Journal

_CHANGE_APPROACH = (
    "The same failure, or the same call, has now come {times} times without progress. Do not repeat it: look at the "
    "cause from another side, or say what is missing."
)

_CHANGE_FOR_RULE = (
    "This rule has now been broken {times} times, so what you do about it does not work: {rule} ({source}). Leave that "
    "approach: undo what breaks the rule and reach the goal by a way that the rule allows, or say why there is none."
)


async def advise(journal: Journal) -> None:
    """Tell the engine to change its approach: once a rule at its second breach, else at the third repetition."""
    state = journal.state
    for rule in state.directives or ():
        if rule.check and state.fingerprints.get(f"rule: {rule.check}") == RULE_TOLD:
            text = _CHANGE_FOR_RULE.format(times=RULE_TOLD, rule=rule.text[:300], source=rule.source)
            await journal.record(f"{state.prompt_seq}/advised/{rule.check}", e.Steered(text))
    state = journal.state
    if repeats(state) == REPEATS_TOLD:
        text = _CHANGE_APPROACH.format(times=REPEATS_TOLD)
        await journal.record(f"{state.prompt_seq}/advised/{state.turn}", e.Steered(text))
