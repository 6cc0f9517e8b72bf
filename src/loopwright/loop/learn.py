"""Records what failed and what is known of it, and keeps what cured it once that is proven."""

from __future__ import annotations

import hashlib

import msgspec

from loopwright.core import events as e
from loopwright.core.knowledge import Diagnosis, Lesson
from loopwright.core.state import Acted
from loopwright.loop.journal import Journal
from loopwright.loop.ports import Ports


async def record_failure(ports: Ports, journal: Journal, key: str, found: Diagnosis) -> None:
    """Record the diagnosis of a failure, and the lessons of earlier sessions that are about it."""
    await journal.record(key, e.Diagnosed(found), "analyser")
    known = journal.state.lessons
    new = [lesson for lesson in await ports.recall.recall(found) if lesson.id not in {k.id for k in known}]
    if new:
        await journal.record(f"{key}/recalled", e.Recalled((*known, *new)), "recall")


async def learn(ports: Ports, journal: Journal) -> None:
    """Record one lesson for the failure that this run met and overcame; none where it met none."""
    state = journal.state
    if state.diagnosis is None:
        return
    said = [item.proposal.text for item in state.items if isinstance(item, Acted) and item.proposal.text.strip()]
    cure = said[-1].strip().splitlines()[0] if said else ""
    text = f"{state.diagnosis.kind}: {state.diagnosis.message} -> {cure}"[:600]
    identity = hashlib.sha256(f"{state.diagnosis.fingerprint}\n{text}".encode()).hexdigest()[:16]
    lesson = Lesson(
        id=identity,
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
            await ports.recall.keep(msgspec.structs.replace(lesson, tried=1, helped=int(helped)))
