"""Records what failed and what is known of it, and keeps what cured it once that is proven."""

from __future__ import annotations

import hashlib

import msgspec

from loopwright.core import events as e
from loopwright.core.budget import REPEATS_TOLD
from loopwright.core.calls import Proposal
from loopwright.core.fact import JsonValue
from loopwright.core.knowledge import OPERATOR, Diagnosis, Lesson
from loopwright.core.state import Acted, State
from loopwright.loop.journal import Journal
from loopwright.loop.ports import Ports


async def record_failure(ports: Ports, journal: Journal, key: str, found: Diagnosis) -> None:
    """Record the diagnosis of a failure, and the lessons of earlier sessions that are about it."""
    await journal.record(key, e.Diagnosed(found), "analyser")
    state = journal.state
    failed = [x for x in state.lessons if x.fingerprint == found.fingerprint and _again(state, x)]
    known = [x for x in state.lessons if x not in failed]
    gone = state.dropped | {x.id for x in (*known, *failed)}
    new = [lesson for lesson in await ports.recall.recall(found) if lesson.id not in gone]
    if new or failed:
        dropped = tuple(x.id for x in failed)
        await journal.record(f"{key}/recalled", e.Recalled((*known, *new), dropped), "recall")
    for lesson in failed:
        await ports.recall.keep(msgspec.structs.replace(lesson, tried=1, helped=0, used=""))


def _again(state: State, lesson: Lesson) -> bool:
    """True where the failure that a lesson is of came as often as tells an engine to change its approach."""
    return state.fingerprints.get(lesson.fingerprint, 0) >= REPEATS_TOLD


async def record_flaky(journal: Journal, turn: int, proposal: Proposal) -> None:
    """Record the tests that a search found to pass or fail without any change, where it had nothing to propose."""
    names = proposal.report.get("flaky")
    if proposal.calls or not isinstance(names, list) or not names:
        return
    first = str(names[0])
    found = Diagnosis(
        kind="flaky",
        message=f"passes or fails without any change: {first}",
        fingerprint=_identity("flaky", first),
        tool=proposal.engine,
        file=first.partition("::")[0] if "::" in first else "",
        test=first,
        count=len(names),
    )
    await journal.record(f"{turn}/flaky", e.Diagnosed(found), "analyser")


async def learn(ports: Ports, journal: Journal) -> None:
    """Record what a proven run teaches: the cure of the failure it met, and the kinds of edit that a search chose."""
    await _learn_cure(ports, journal)
    await _learn_kinds(ports, journal)


async def _learn_kinds(ports: Ports, journal: Journal) -> None:
    state = journal.state
    for kind in dict.fromkeys(str(row.get("operator", ""))[:60] for row in _chosen(state)):
        if not kind:
            continue
        lesson = Lesson(
            id=_identity(f"{OPERATOR}{kind}", state.workspace),
            fingerprint=f"{OPERATOR}{kind}",
            text=f"an edit of the kind {kind} cured a failure here",
            session=state.session,
            seq=state.seq,
            scope=state.workspace,
            tried=1,
            helped=1,
        )
        await journal.record(f"{state.turn}/lesson/{kind}", e.LessonLearned(lesson))
        await ports.recall.keep(lesson)


def _chosen(state: State) -> list[dict[str, JsonValue]]:
    """The edits of the last proposal, where a search made it: it reports them as `chosen`."""
    made = [item.proposal for item in state.items if isinstance(item, Acted) and item.proposal.calls]
    chosen = made[-1].report.get("chosen") if made else None
    return [row for row in chosen if isinstance(row, dict)] if isinstance(chosen, list) else []


def _edit(row: dict[str, JsonValue]) -> str:
    """An edit in a few words: the file, what went, what came."""
    lines = [line for line in str(row.get("diff", "")).splitlines() if not line.startswith(("---", "+++"))]
    gone = " ".join(line[1:].strip() for line in lines if line.startswith("-"))
    came = " ".join(line[1:].strip() for line in lines if line.startswith("+"))
    return f"{row.get('file', '')}: {gone[:200]} => {came[:200]}"


def _identity(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


async def _learn_cure(ports: Ports, journal: Journal) -> None:
    state = journal.state
    if state.diagnosis is None or state.diagnosis.kind == "flaky":
        return
    said = [item.proposal.text for item in state.items if isinstance(item, Acted) and item.proposal.text.strip()]
    edits = "; ".join(map(_edit, _chosen(state)))
    cure = edits or (said[-1].strip().splitlines()[0] if said else "")
    text = f"{state.diagnosis.kind}: {state.diagnosis.message} -> {cure}"[:600]
    lesson = Lesson(
        id=_identity(state.diagnosis.fingerprint, text),
        fingerprint=state.diagnosis.fingerprint,
        text=text,
        session=state.session,
        seq=state.seq,
        scope=state.workspace,
        tried=1,
        helped=1,
    )
    await journal.record(f"{state.turn}/lesson", e.LessonLearned(lesson))
    await ports.recall.keep(lesson)


async def weigh(ports: Ports, journal: Journal, helped: bool) -> None:
    """Count for each recalled lesson of a failure that this run met whether it helped."""
    state = journal.state
    for lesson in state.lessons:
        if lesson.fingerprint in state.fingerprints:
            await ports.recall.keep(msgspec.structs.replace(lesson, tried=1, helped=int(helped), used=""))
