"""Decides and runs the pending calls: every call gets exactly one result, recorded in call order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import anyio
import msgspec

from loopwright.core import events as e
from loopwright.core.calls import Decision, Effect, ToolCall, ToolResult
from loopwright.core.checks import Ref
from loopwright.core.errors import ToolFailure
from loopwright.core.knowledge import Diagnosis
from loopwright.core.ports import ToolContext
from loopwright.core.running import Exit, Ran, Reason
from loopwright.loop.condense import condense, whole_output
from loopwright.loop.instructions import meet, rewritten
from loopwright.loop.journal import Journal
from loopwright.loop.learn import record_failure
from loopwright.loop.ports import Ports

_CUT_OFF = "interrupted: Loopwright stopped while this ran, so it may have run in part; look before you repeat it"


async def dispatch(ports: Ports, journal: Journal, in_flight: frozenset[str]) -> None:
    """Run what is pending, or leave it pending where a person is awaited. `in_flight` were cut off by a crash."""
    for batch in _batches(journal.state.pending, ports):
        for call in batch:
            if not await _decide(call, ports, journal):
                return
        results: list[ToolResult | None] = [None] * len(batch)
        if len(batch) == 1:
            results[0] = await _result(batch[0], ports, journal, in_flight)
        else:
            async with anyio.create_task_group() as group:
                for n, call in enumerate(batch):
                    group.start_soon(_into, results, n, call, ports, journal, in_flight)
        for call, result in zip(batch, results, strict=True):
            await _record(call, result, ports, journal)
    await meet(ports, journal)
    if journal.state.ref == journal.state.base or await rewritten(ports, journal):
        return
    if landed := await ports.land("turn", journal.state.ref):
        await journal.record(f"{journal.state.turn}/promoted", e.Promoted(landed))


def _batches(calls: Sequence[ToolCall], ports: Ports) -> Iterator[list[ToolCall]]:
    """Neighbouring READ calls go together; everything else goes alone."""
    batch: list[ToolCall] = []
    for call in calls:
        reads = _effect(call, ports) == Effect.READ
        if batch and not reads:
            yield batch
            batch = []
        batch.append(call)
        if not reads:
            yield batch
            batch = []
    if batch:
        yield batch


def _effect(call: ToolCall, ports: Ports) -> Effect:
    tool = ports.tools.get(call.tool)
    return tool.effect if tool else Effect.NONE


async def _decide(call: ToolCall, ports: Ports, journal: Journal) -> bool:
    """Record what may happen to the call. Returns False where a person is awaited and nobody is there."""
    decision = journal.state.decisions.get(call.id)
    if decision is None:
        decision = await ports.policy.decide(call, _effect(call, ports), journal.state)
        await journal.record(f"{call.id}/decided", e.Decided(call.id, decision), decision.by or "policy")
    if decision.verdict != "ask" or call.id in journal.state.answers:
        return True
    answer = await ports.approver.approve(call, decision)
    if answer is None:
        await journal.record(f"{call.id}/asked/{journal.state.seq}", e.Asked(call.id, decision.reason))
        return False
    await journal.record(f"{call.id}/answered", e.Answered(call.id, answer), answer.by)
    return True


async def _into(
    results: list[ToolResult | None],
    n: int,
    call: ToolCall,
    ports: Ports,
    journal: Journal,
    in_flight: frozenset[str],
) -> None:
    results[n] = await _result(call, ports, journal, in_flight)


async def _result(call: ToolCall, ports: Ports, journal: Journal, in_flight: frozenset[str]) -> ToolResult:
    decision, answer = journal.state.decisions[call.id], journal.state.answers.get(call.id)
    if refusal := _refusal(decision, None if answer is None else answer.granted):
        return ToolResult(call.id, False, refusal, {"refused": True, "by": decision.by})
    tool = ports.tools.get(call.tool)
    if tool is None:
        return ToolResult(call.id, False, f"there is no tool named {call.tool}; there are: {', '.join(ports.tools)}")
    asked = decision.verdict == "ask"
    if call.id in in_flight and not asked and tool.effect != Effect.READ:
        return ToolResult(call.id, False, _CUT_OFF, {"interrupted": True})
    calling = ToolContext(
        call.id, ports.workspace, ports.emit, ports.blobs, ports.limits, answer.text if answer else ""
    )
    try:
        args = msgspec.convert(call.args, tool.args)
        return await tool.run(args, calling)
    except msgspec.ValidationError as error:
        return ToolResult(call.id, False, f"wrong arguments for {call.tool}: {error}")
    except ToolFailure as error:
        return ToolResult(call.id, False, str(error))


def _refusal(decision: Decision, granted: bool | None) -> str:
    by = f" [{decision.by}]" if decision.by else ""
    if decision.verdict == "deny":
        return f"refused: {decision.reason}{by}"
    if decision.verdict == "ask" and not granted:
        return f"refused by the user: {decision.reason}{by}"
    return ""


async def _record(call: ToolCall, result: ToolResult | None, ports: Ports, journal: Journal) -> None:
    if result is None:
        raise AssertionError("every call has a result")
    ref: Ref | None = None
    ran = not result.data.get("refused") and not result.data.get("interrupted")
    if ran and _effect(call, ports) & (Effect.WRITE | Effect.EXECUTE):
        ref = await ports.workspace.checkpoint()
    result = msgspec.structs.replace(result, call=call.id)
    found = _diagnosis(call, result, ports) if not result.ok and "exit" in result.data else None
    if found is not None:
        result = condense(result, found, ports.blobs)
    await journal.record(f"{call.id}/returned", e.Returned(result, ref), call.tool)
    if found is not None:
        await record_failure(ports, journal, f"{call.id}/diagnosed", found)


def _diagnosis(call: ToolCall, result: ToolResult, ports: Ports) -> Diagnosis | None:
    status, reason = result.data.get("exit"), result.data.get("reason")
    ran = Ran(
        argv=(str(call.args.get("command", call.tool)),),
        exit=Exit(status=status if isinstance(status, int) else 1, reason=msgspec.convert(reason or "", Reason)),
        merged=whole_output(result, ports.blobs),
    )
    return ports.analyser.diagnose(ran, call.id)
