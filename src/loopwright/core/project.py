"""Pure folds of the log: events in, the state of a run out, and the View of it that an engine sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from loopwright.core import events as e
from loopwright.core.calls import Tokens, ToolSpec
from loopwright.core.checks import Cost, Verdict
from loopwright.core.state import Acted, Item, Observed, Said, State, View, size


def fold(state: State, events: Iterable[e.Event]) -> State:
    """Apply events in order and return the state after them.

    New items are gathered and joined on once, so that a long log is not copied for each of its events.
    """
    items: list[Item] = []
    seqs: list[int] = []
    for event in events:
        if isinstance(event.body, e.Restored | e.Compacted):  # these look at the items
            state, items, seqs = _join(state, items, seqs), [], []
        changes = _changes_at(state, event)
        if item := changes.pop("item", None):
            items.append(item)
            seqs.append(event.seq)
        state = msgspec.structs.replace(state, **changes)
    return _join(state, items, seqs)


def apply(state: State, event: e.Event) -> State:
    """Return the state after one more event."""
    return fold(state, (event,))


def _join(state: State, items: list[Item], seqs: list[int]) -> State:
    if not items:
        return state
    return msgspec.structs.replace(state, items=(*state.items, *items), item_seqs=(*state.item_seqs, *seqs))


def _changes_at(state: State, event: e.Event) -> dict[str, Any]:
    """What changes with the event: fields of the state, and under `item` what is put after the others."""
    changes = _changes(state, event.body, event)
    if state.open and state.at is not None and "spent_before" not in changes:
        cost = changes.get("cost", state.cost)
        seconds = max(0.0, (event.at - state.at).total_seconds())
        changes["cost"] = msgspec.structs.replace(cost, seconds=state.cost.seconds + seconds)
    return changes | {"seq": event.seq, "head": event.digest, "session": event.session, "at": event.at}


#: Who decides on changes of instruction files.
INSTRUCTIONS = "safety:instructions"


def _changes(state: State, body: e.Body, event: e.Event) -> dict[str, Any]:
    match body:
        case e.SessionStarted():
            ref = state.ref if body.forked_from else body.base  # a fork goes on from the checkpoint it branched at
            return {"workspace": body.workspace, "base": body.base, "ref": ref, "settings": body.settings}
        case e.Resumed():
            return {
                "settings": {**state.settings, **body.settings},
                "proof": None,
                "reason": "",
                "spent_before": state.cost,
                "engine_failures": 0,
                "fingerprints": {},
                "calls_seen": {},
            }
        case e.Prompted():
            return _say(state, "user", body.text) | {
                "prompt": body.text,
                "prompt_seq": event.seq,
                "proof": None,
                "requirement": None,
                "plan": None,
                "done_tasks": frozenset(),
                "verification": None,
                "prompt_turn": state.turn,
                "spent_before": state.cost,
                "proposal": None,
                "last_failed": False,
                "fingerprints": {},
                "calls_seen": {},
                "engine_failures": 0,
                "reason": "",
            }
        case e.Steered():
            return _say(state, "steer", body.text)
        case e.RequirementAnalysed():
            return {"requirement": body.requirement}
        case e.DirectivesLoaded():
            return {"directives": body.directives, "instructions": body.prompt, "instruction_files": body.files}
        case e.InstructionsMet():
            return _say(state, "loopwright", body.text) | {"met": state.met | {body.path}}
        case e.Planned():
            return {"plan": body.plan}
        case e.TaskEnded():
            return {"done_tasks": state.done_tasks | {body.task}, "proposal": None}
        case e.Recalled():
            return {"lessons": body.lessons, "dropped": state.dropped | frozenset(body.dropped)}
        case e.Proposed():
            return _proposed(state, body)
        case e.EngineFailed():
            told = _say(state, "loopwright", body.message) if body.retry else {}
            return told | {"engine_failures": state.engine_failures + 1, "cost": _spent(state.cost, body.tokens)}
        case e.Decided():
            return {"decisions": {**state.decisions, body.call: body.decision}}
        case e.Asked():  # what is no pending call (a request to the network) holds up a command, not the run
            return {"asked": body.call} if any(c.id == body.call for c in state.pending) else {}
        case e.Answered():
            asked = "" if state.asked == body.call else state.asked
            return {"answers": {**state.answers, body.call: body.approval}, "asked": asked} | _consent(state, body)
        case e.Returned():
            return _returned(state, body)
        case e.Diagnosed():
            seen = {**state.fingerprints}
            seen[body.diagnosis.fingerprint] = seen.get(body.diagnosis.fingerprint, 0) + 1
            return {"diagnosis": body.diagnosis, "fingerprints": seen}
        case e.Verified():
            return _verified(state, body)
        case e.Promoted():
            landed = state.landed if body.promotion.conflicts else body.promotion.ref
            return {"promoted": (*state.promoted, body.promotion), "landed": landed}
        case e.Restored():
            return _restored(state, body)
        case e.Compacted():
            return _compacted(state, body, event)
        case e.Interrupted() | e.LessonLearned() | e.Noted() | e.NetworkRequested() | e.SystemCallsSeen():
            return {}
        case e.Finished():
            return {"proof": body.proof, "reason": body.reason, "asked": ""}


def _consent(state: State, body: e.Answered) -> dict[str, Any]:
    """What a person let be changed of the rules themselves: the file that the call names, else any."""
    decision = state.decisions.get(body.call)
    if not body.approval.granted or decision is None or decision.by != INSTRUCTIONS:
        return {}
    call = next((c for c in state.pending if c.id == body.call), None)
    path = call.args.get("path") if call else None
    return {"consented": (*state.consented, path if isinstance(path, str) else "*")}


def _say(state: State, by: str, text: str) -> dict[str, Any]:
    return _add(state, Said(by, text))


def _add(state: State, item: Item) -> dict[str, Any]:
    return {"item": item, "shown": state.shown + size(item)}


def _proposed(state: State, body: e.Proposed) -> dict[str, Any]:
    repeats: dict[str, int] = {}
    for call in body.proposal.calls:
        same = msgspec.json.encode([call.tool, call.args], order="deterministic").decode()
        repeats[same] = state.calls_seen.get(same, 0) + 1
    return _add(state, Acted(body.turn, body.proposal)) | {
        "turn": body.turn,
        "proposal": body.proposal,
        "pending": body.proposal.calls,
        "decisions": {},
        "answers": {},
        "calls_seen": repeats,
        "engine_failures": 0,
        "last_failed": False,
        "cost": _spent(state.cost, body.proposal.tokens, turns=1),
    }


def _spent(cost: Cost, tokens: Tokens, turns: int = 0) -> Cost:
    """Return the cost after one more answer of the engine, or after an attempt at one (`turns` = 0)."""
    free = tokens == Tokens()  # of an engine that uses no tokens
    known = cost.usd if cost.input_tokens or cost.output_tokens else cost.usd or 0.0
    return Cost(
        turns=cost.turns + turns,
        seconds=cost.seconds,
        input_tokens=cost.input_tokens + tokens.input,
        cached_tokens=cost.cached_tokens + tokens.cached,
        output_tokens=cost.output_tokens + tokens.output,
        usd=cost.usd if free else None if tokens.usd is None or known is None else known + tokens.usd,
    )


def _returned(state: State, body: e.Returned) -> dict[str, Any]:
    moved = body.ref is not None and body.ref.tree != state.ref.tree
    return _add(state, Observed(body.result)) | {
        "pending": tuple(c for c in state.pending if c.id != body.result.call),
        "ref": body.ref or state.ref,
        "todo": state.todo if body.result.todo is None else body.result.todo,
        "last_failed": state.last_failed or not body.result.ok,
        "verification": None if moved else state.verification,
        "calls_seen": {} if moved else state.calls_seen,
    }


def _verified(state: State, body: e.Verified) -> dict[str, Any]:
    red = [v for v in body.verification.verdicts if v.red]
    changes: dict[str, Any] = {"verification": body.verification, "last_failed": bool(red)}
    if body.tokens != Tokens():
        changes["cost"] = _spent(state.cost, body.tokens)
    if red:
        same = "red: " + " ".join(sorted(v.check for v in red))
        changes |= _say(state, "loopwright", _findings(red))
        changes |= {
            "proposal": None,  # the claim is refuted: the engine is asked again
            "fingerprints": _count(state.fingerprints, [same, *(f"rule: {v.check}" for v in red if v.source)]),
        }
    return changes


def _count(seen: dict[str, int], again: Sequence[str]) -> dict[str, int]:
    return {**seen, **{name: seen.get(name, 0) + 1 for name in again}}


def _findings(red: Sequence[Verdict]) -> str:
    lines = ["Not proven yet. These checks are red:"]
    for verdict in red:
        lines.append(f"- {verdict.name}" + (f" ({verdict.source})" if verdict.source else "") + f": {verdict.evidence}")
    return "\n".join(lines)


def _restored(state: State, body: e.Restored) -> dict[str, Any]:
    items, seqs = state.items, state.item_seqs
    undone = [kept for kept in state.shortened if kept[0] > body.to]
    if undone:
        _, items, seqs = undone[0]
    keep = sum(1 for seq in seqs if seq <= body.to)
    return {
        "items": items[:keep],
        "item_seqs": seqs[:keep],
        "shown": sum(map(size, items[:keep])),
        "shortened": tuple(kept for kept in state.shortened if kept[0] <= body.to),
        "ref": body.ref,
        "landed": body.promotion.ref if body.promotion else state.landed,
        "pending": (),
        "verification": None,
        "proposal": None,
    }


def _compacted(state: State, body: e.Compacted, event: e.Event) -> dict[str, Any]:
    drop = sum(1 for seq in state.item_seqs if seq <= body.upto)
    summary = Said("summary", body.summary)
    return {
        "items": (summary, *state.items[drop:]),
        "item_seqs": (body.upto, *state.item_seqs[drop:]),
        "shown": state.shown - sum(map(size, state.items[:drop])) + size(summary),
        "shortened": (*state.shortened, (event.seq, state.items, state.item_seqs)),
    }


def view(state: State, tools: tuple[ToolSpec, ...]) -> View:
    """Return what an engine may see now. The requirement, the rules, the todo list and the plan are always whole."""
    task = state.task
    if state.requirement is None or task is None:
        raise AssertionError("a view is made only of an analysed and planned request")
    return View(
        session=state.session,
        workspace=state.workspace,
        role=task.role,
        turn=state.turn - state.prompt_turn + 1,
        task=task,
        requirement=state.requirement,
        items=state.items,
        instructions=state.instructions,
        directives=state.directives or (),
        todo=state.todo,
        tools=tools,
        last_failed=state.last_failed,
        diagnosis=state.diagnosis,
        lessons=state.lessons,
        verification=state.verification,
    )
