"""What every EventLog promises: the store's and the one in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from loopwright.core.calls import ToolResult
from loopwright.core.checks import Proof, Ref
from loopwright.core.events import (
    Body,
    Event,
    Finished,
    Prompted,
    Restored,
    Returned,
    SessionStarted,
    chain,
    encode_body,
    timestamp,
)
from loopwright.core.ports import EventLog
from loopwright.core.project import fold
from loopwright.core.state import State
from loopwright.store.sql import Store
from loopwright.testing.log import MemoryLog, Ticks

START = SessionStarted("/repo", Ref("r0", "t0"))
DONE = Finished(Proof("answered", None, "t0"))


@pytest.fixture(params=["sql", "memory"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventLog]:
    if request.param == "memory":
        yield MemoryLog("s", Ticks())
        return
    with Store.open(tmp_path, clock=Ticks()) as store:
        yield store.create("s")


def append(log: EventLog, key: str, body: Body, actor: str = "loop") -> Event:
    return anyio.run(log.append, key, actor, body)


def test_events_are_numbered_from_one_and_read_in_order(log: EventLog) -> None:
    written = [append(log, "a", START), append(log, "b", Prompted("hello")), append(log, "c", DONE)]
    assert [event.seq for event in written] == [1, 2, 3]
    assert log.read() == written
    assert log.read(after=2) == written[2:]
    assert log.read(after=3) == []


def test_the_same_key_twice_is_the_same_event(log: EventLog) -> None:
    first = append(log, "p", Prompted("one"))
    assert append(log, "p", Prompted("two")) == first
    assert log.read() == [first]


def test_an_event_is_found_by_its_key(log: EventLog) -> None:
    event = append(log, "p", Prompted("one"))
    assert log.find("p") == event
    assert log.find("q") is None


def test_each_event_is_chained_to_the_one_before(log: EventLog) -> None:
    previous = ""
    for number in range(4):
        event = append(log, str(number), Prompted(f"text {number}"), actor="user")
        assert event.prev == previous
        at = timestamp(event.at)
        assert event.digest == chain(1, "s", event.seq, at, "user", event.key, encode_body(event.body), previous)
        previous = event.digest


def test_what_is_returned_is_what_is_read(log: EventLog) -> None:
    result = ToolResult("c1", False, 'é\0\u2028 \\ "', {"n": [1, 2.5, None, True], "deep": {"k": "v"}})
    event = append(log, "r", Returned(result, Ref("i", "t")))
    assert event.body == Returned(result, Ref("i", "t"))
    assert log.read() == [event]


def test_moments_are_utc_and_come_from_the_clock(log: EventLog) -> None:
    first, second = append(log, "a", START), append(log, "b", Prompted("x"))
    assert first.at.utcoffset() is not None
    assert (second.at - first.at).total_seconds() >= 1


def test_a_fold_can_go_on_where_it_stopped(log: EventLog) -> None:
    append(log, "a", START)
    half = fold(State(), log.read())
    append(log, "b", Prompted("hello"))
    append(log, "c", DONE)
    assert fold(half, log.read(after=half.seq)) == fold(State(), log.read())


async def followed(log: EventLog, after: int = 0) -> list[str]:
    with anyio.fail_after(5):
        return [event.key async for event in log.follow(after)]


def test_following_ends_with_finished(log: EventLog) -> None:
    for key, body in (("a", START), ("b", Prompted("x")), ("c", DONE)):
        append(log, key, body)
    assert anyio.run(followed, log) == ["a", "b", "c"]
    assert anyio.run(followed, log, 1) == ["b", "c"]


def test_following_goes_on_through_a_session_that_was_taken_up_again(log: EventLog) -> None:
    for key, body in (("a", START), ("b", DONE), ("c", Prompted("more")), ("d", DONE)):
        append(log, key, body)
    assert anyio.run(followed, log) == ["a", "b", "c", "d"]


def test_following_ends_although_something_was_undone_since(log: EventLog) -> None:
    back = Restored(0, Ref("0", "t"))
    for key, body in (("a", START), ("b", Prompted("x")), ("c", DONE), ("d", back)):
        append(log, key, body)
    assert anyio.run(followed, log) == ["a", "b", "c", "d"]


def test_a_follower_sees_events_as_they_come(log: EventLog) -> None:
    seen: list[str] = []

    async def follow() -> None:
        async for event in log.follow():
            seen.append(event.key)

    async def write() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(follow)
            for number in range(3):
                await log.append(str(number), "loop", Prompted("x"))
                with anyio.fail_after(5):
                    while len(seen) <= number:
                        await anyio.lowlevel.checkpoint()
            await log.append("end", "loop", DONE)

    anyio.run(write)
    assert seen == ["0", "1", "2", "end"]


def test_two_followers_see_the_same(log: EventLog) -> None:
    async def both() -> tuple[list[str], list[str]]:
        results: dict[int, list[str]] = {}

        async def one(number: int) -> None:
            results[number] = await followed(log)

        async with anyio.create_task_group() as group:
            group.start_soon(one, 1)
            group.start_soon(one, 2)
            await log.append("a", "loop", START)
            await anyio.lowlevel.checkpoint()
            await log.append("b", "loop", DONE)
        return results[1], results[2]

    assert anyio.run(both) == (["a", "b"], ["a", "b"])
