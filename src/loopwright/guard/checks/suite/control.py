"""The mutation control: a planted failure must turn a run red, or its green proves nothing."""

from __future__ import annotations

from loopwright.core.running import Executor, Limits
from loopwright.guard.checks.suite.probe import FAILED, Orders, Probed, Session, run_probed

_MOST_SESSIONS = 4


async def control(executor: Executor, command: str, seen: Probed, limits: Limits) -> tuple[str, ...]:
    """Plant failures in each test session of the command; return what is wrong, nothing where all went red.

    The run collects everything again, in a process of its own, so what it collected is compared with what ran.
    """
    wrong: list[str] = []
    for session in seen.sessions[:_MOST_SESSIONS]:
        if not any(o in ("passed", "xpassed") for o in session.outcomes.values()):
            continue  # nothing passed here, so there is nothing that a swallowed failure could hide in
        planted = await run_probed(executor, command, Orders("plant", session=session.number), limits)
        wrong += _judge_planted(planted, session)
    return tuple(wrong)


def _judge_planted(planted: Probed, ran: Session) -> list[str]:
    told = next((s for s in planted.sessions if s.number == ran.number), None)
    if told is None or not told.planted:
        return ["the control run could not plant a failing test: the tests cannot be shown to fail"]
    fates = [told.outcomes.get(test, "nothing") for test in told.planted]
    wrong: list[str] = []
    if planted.ran.exit.status == 0:
        wrong.append(
            f"a planted failing test ({told.planted[0]}) did not turn the command red: "
            "its exit status does not depend on the tests, or something swallows failures"
        )
    elif not any(fate in FAILED for fate in fates):
        wrong.append(f"a planted failing test ({told.planted[0]}) was reported as {fates[0]}: failures are swallowed")
    return wrong + compare(ran, told)


def compare(ran: Session, told: Session) -> list[str]:
    """Return in what the tests that ran differ from those another process collected."""
    tests = set(ran.outcomes)
    collected = {test.id for test in told.collected}
    if not collected or tests == collected:
        return []
    never, extra = sorted(collected - tests), sorted(tests - collected)
    if len(never) == len(extra):  # names that differ from run to run, such as an address in a parameter
        return []
    if never and len(tests) < len(collected):
        return [f"{len(collected)} tests were collected and {len(tests)} ran; missing: {_some(never)}"]
    return [f"{len(tests)} tests are said to have run but {len(collected)} were collected; extra: {_some(extra)}"]


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
