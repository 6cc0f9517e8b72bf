"""Everything one run of the loop is given. Composed in the runtime, never looked up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from loopwright.core.budget import Budget
from loopwright.core.calls import ToolSpec
from loopwright.core.checks import Promotion, Ref
from loopwright.core.ports import (
    Analyser,
    Approver,
    Blobs,
    Check,
    Clock,
    Directives,
    Emit,
    Engine,
    Judge,
    Policy,
    Recall,
    Tool,
    Workspace,
)
from loopwright.core.running import Limits

#: Lands a checkpoint in the user's tree, or does not: "turn" after each turn, "proof" once proven.
Land = Callable[[str, Ref], Awaitable[Promotion | None]]


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one run."""

    engine: Engine
    workspace: Workspace
    tools: Mapping[str, Tool[Any]]
    specs: tuple[ToolSpec, ...]
    policy: Policy
    approver: Approver
    checks: tuple[Check, ...]
    directives: Directives
    analyser: Analyser
    recall: Recall
    blobs: Blobs
    land: Land
    emit: Emit
    clock: Clock
    budget: Budget
    limits: Limits
    judge: Judge | None
    window: int  # tokens of context the engine may be shown
