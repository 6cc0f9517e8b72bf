"""Sessions in one file: made, listed, forked, deleted; and what is said when the file cannot be used."""

from __future__ import annotations

import gc
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import anyio
import pytest

from loopwright.core.calls import Proposal, ToolCall, ToolResult
from loopwright.core.checks import Proof, Ref
from loopwright.core.errors import StoreError, UsageError
from loopwright.core.events import Body, Finished, Noted, Prompted, Proposed, Restored, Returned, SessionStarted
from loopwright.core.project import fold
from loopwright.core.state import State
from loopwright.store.log import SqlLog
from loopwright.store.sql import FILE_NAME, Store
from loopwright.testing.log import Ticks

START = SessionStarted("/repo", Ref("r0", "t0"), {"engine": "repair"})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "state", clock=Ticks()) as opened:
        yield opened


def write(log: SqlLog, *bodies: Body) -> None:
    async def append() -> None:
        for body in bodies:
            await log.append(f"k{len(log.read()) + 1}", "loop", body)

    anyio.run(append)


def edit(store: Path, statement: str) -> None:
    with closing(sqlite3.connect(store / FILE_NAME)) as connection:
        connection.execute(statement)
        connection.commit()


# ---------------------------------------------------------------- sessions


def test_sessions_are_listed_last_written_first(store: Store) -> None:
    one, two = store.create("one"), store.create("two")
    write(two, START, Prompted("second"))
    write(one, SessionStarted("/other", Ref("r", "t")), Prompted("first"), Prompted("again"))
    store.create("empty")
    assert [(s.id, s.workspace, s.prompt, s.events) for s in store.sessions()] == [
        ("one", "/other", "first", 3),
        ("two", "/repo", "second", 2),
    ]
    assert [s.id for s in store.sessions(workspace="/repo")] == ["two"]
    assert [s.id for s in store.sessions(limit=1)] == ["one"]


def test_the_outcome_is_that_of_the_last_run(store: Store) -> None:
    log = store.create("s")
    write(log, START, Prompted("x"), Finished(Proof("unsolved", False, "t0")))
    assert store.sessions()[0].outcome == "unsolved"
    write(log, Prompted("try again"))
    assert store.sessions()[0].outcome == ""


def test_moments_are_ordered_and_in_utc(store: Store) -> None:
    write(store.create("s"), START, Prompted("x"))
    (summary,) = store.sessions()
    assert summary.created < summary.updated
    assert str(summary.created.tzinfo) == "UTC"


def test_a_session_is_found_by_the_beginning_of_its_id(store: Store) -> None:
    for name in ("abc1", "abd2", "abd22"):
        store.create(name)
    assert store.find("abc") == "abc1"
    assert store.find("abd2") == "abd2"
    with pytest.raises(UsageError, match="give more of its id"):
        store.find("ab")
    for nothing in ("zz", "", "%"):
        with pytest.raises(UsageError, match="there is no session"):
            store.find(nothing)


def test_an_id_is_used_once(store: Store) -> None:
    store.create("s").close()
    with pytest.raises(UsageError, match="session s exists already"):
        store.create("s")


def test_an_unknown_session_cannot_be_opened(store: Store) -> None:
    for open_log in (store.log, store.reader):
        with pytest.raises(UsageError, match="there is no session s"):
            open_log("s")


def test_a_reader_cannot_write(store: Store) -> None:
    store.create("s")
    with pytest.raises(StoreError, match="reading only"):
        write(store.reader("s"), START)


# ---------------------------------------------------------------- fork


def test_a_fork_shares_the_past_and_goes_its_own_way(store: Store) -> None:
    parent = store.create("p")
    call = Proposed(1, Proposal("reading", (ToolCall("c1", "read", {}),)))
    write(parent, START, Prompted("x"), call, Returned(ToolResult("c1", True, "long " * 5000), Ref("r1", "t1")))
    write(parent, Prompted("only in the parent"))
    child = store.fork("p", 4, "c")
    assert child.read()[:4] == parent.read()[:4]
    first = child.read()[4]
    assert first.body == SessionStarted("/repo", Ref("r0", "t0"), {"engine": "repair"}, "p", 4)
    assert (first.session, first.seq, first.prev) == ("c", 5, parent.read()[3].digest)

    write(child, Prompted("only in the fork"))
    state = fold(State(), child.read())
    assert (state.session, state.ref, state.base, len(state.items)) == ("c", Ref("r1", "t1"), Ref("r0", "t0"), 4)
    assert store.verify("c").ok
    assert store.verify("p").ok
    assert store.sessions()[0].forked_from == "p"


def test_a_fork_outlives_its_parent(store: Store) -> None:
    parent = store.create("p")
    write(parent, START, Prompted("y" * 20_000))
    address = parent.blobs.put(b"a checkpoint")
    child = store.fork("p", 2, "c")
    store.delete("p")
    assert child.read()[1].body == Prompted("y" * 20_000)
    assert child.blobs.get(address) == b"a checkpoint"
    assert store.verify("c").ok


def test_a_fork_of_a_fork_is_whole(store: Store) -> None:
    write(store.create("a"), START, Prompted("one"))
    write(store.fork("a", 2, "b"), Prompted("two"))
    grandchild = store.fork("b", 4, "c")
    assert [event.session for event in grandchild.read()] == ["a", "a", "b", "b", "c"]
    assert store.verify("c").ok


def test_a_fork_needs_an_event_to_start_from(store: Store) -> None:
    write(store.create("p"), START)
    for at in (0, 2):
        with pytest.raises(UsageError, match=f"has no event {at}"):
            store.fork("p", at, "c")
    assert [s.id for s in store.sessions()] == ["p"]


# ---------------------------------------------------------------- delete


def test_a_deleted_session_leaves_nothing_in_the_file(tmp_path: Path) -> None:
    with Store.open(tmp_path, clock=Ticks()) as store:
        gone, kept = store.create("gone"), store.create("kept")
        shared = kept.blobs.put(b"shared by both")
        assert gone.blobs.put(b"shared by both") == shared
        write(gone, START, Prompted("a word nobody else says: xylophone"), Noted("xylophone " * 3000))
        write(kept, START)
        store.delete("gone")
        assert [s.id for s in store.sessions()] == ["kept"]
        assert kept.blobs.get(shared) == b"shared by both"
        with pytest.raises(StoreError, match="reading only"):
            write(gone, START)
        left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert b"xylophone" not in left


# ---------------------------------------------------------------- the file


def test_the_file_and_its_directory_are_the_owners_alone(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        with Store.open(tmp_path / "state"):
            pass
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "state" / FILE_NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to look at " * 40, b"SQLite format 3\0" * 300]
)
def test_a_damaged_file_is_named_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(StoreError, match="damaged") as raised:
        Store.open(tmp_path)
    assert str(tmp_path / FILE_NAME) in str(raised.value)
    assert "\n" not in str(raised.value)
    assert (tmp_path / FILE_NAME).read_bytes() == content


def test_damage_in_the_middle_is_found_when_it_is_read(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        write(store.create("s"), START, *(Noted("x" * 3000) for _ in range(50)))
    file = tmp_path / FILE_NAME
    data = bytearray(file.read_bytes())
    data[8192:-8192] = b"\xff" * (len(data) - 16384)
    file.write_bytes(data)
    with Store.open(tmp_path) as store, pytest.raises(StoreError, match="damaged"):
        store.verify("s")


def test_another_format_is_refused(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    edit(tmp_path, "PRAGMA user_version=99")
    with pytest.raises(StoreError, match="has format 99, this Loopwright knows 1"):
        Store.open(tmp_path)


def test_an_event_of_a_later_version_is_refused(store: Store, tmp_path: Path) -> None:
    log = store.create("s")
    write(log, START)
    edit(tmp_path / "state", "UPDATE event SET v=2")
    with pytest.raises(StoreError, match="event 1 has version 2"):
        log.read()


def test_an_unreadable_body_is_refused(store: Store, tmp_path: Path) -> None:
    log = store.create("s")
    write(log, START)
    edit(tmp_path / "state", 'UPDATE event SET body=CAST(\'{"type":"unheard_of"}\' AS BLOB)')
    with pytest.raises(StoreError, match=r"cannot be read .*audit verify"):
        log.read()


def test_a_path_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot open"):
        Store.open(tmp_path / "file" / "state")


def test_a_locked_file_is_said_to_be_locked(tmp_path: Path) -> None:
    with Store.open(tmp_path, busy_seconds=0.05) as store:
        log = store.create("s")
        with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="locked; try again"):
                write(log, START)
        write(log, START)
        assert len(log.read()) == 1


def limited(store: Store, pragma: str) -> None:
    """Take from the store's own connection what a full or read-only disk would take."""
    store._database.execute(pragma)


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    with Store.open(tmp_path, clock=Ticks()) as store:
        log = store.create("s")
        write(log, START)
        limited(store, "PRAGMA max_page_count=1")
        with pytest.raises(StoreError, match="the disk is full"):
            write(log, Noted(os.urandom(30_000).hex()))
        limited(store, "PRAGMA max_page_count=1000000")
        assert [event.body for event in log.read()] == [START]
        assert store.verify("s").ok
        write(log, Noted("goes on"))
        assert len(log.read()) == 2


def test_a_read_only_file_is_said_to_be_read_only(store: Store) -> None:
    log = store.create("s")
    limited(store, "PRAGMA query_only=ON")
    with pytest.raises(StoreError, match="read-only; make it writable"):
        write(log, START)
    limited(store, "PRAGMA query_only=OFF")
    assert log.read() == []


# ---------------------------------------------------------------- what is kept


def test_landmarks_and_plain_events_alike_survive_reopening(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        log = store.create("s")
        write(log, START, Noted("x"), Restored(1, Ref("r", "t")))
        events = log.read()
    with Store.open(tmp_path) as store:
        assert store.reader("s").read() == events


@pytest.mark.parametrize("text", ["\0blob:", "\0blob:" + "0" * 64, "x\0blob:" + "0" * 64, '",\0blob:' + "0" * 64])
def test_text_that_looks_like_a_mark_is_read_as_it_was(store: Store, text: str) -> None:
    log = store.create("s")
    write(log, Noted(text, data={"deep": [text, {"k": text}]}))
    assert log.read()[0].body == Noted(text, data={"deep": [text, {"k": text}]})
    assert store.verify("s").ok


@pytest.mark.parametrize("length", [16_383, 16_384, 16_385])
@pytest.mark.parametrize("letter", ["x", "é", "\0", "\U0001f40d"])
def test_long_text_is_read_as_it_was(store: Store, length: int, letter: str) -> None:
    log = store.create("s")
    write(log, Noted(letter * length))
    assert log.read()[0].body == Noted(letter * length)
    assert store.verify("s").ok


def test_equal_long_text_is_stored_once(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        log = store.create("s")
        noise = os.urandom(100_000).hex()
        write(log, *(Noted(noise) for _ in range(20)))
        assert [event.body for event in log.read()] == [Noted(noise)] * 20
    assert (tmp_path / FILE_NAME).stat().st_size < 400_000


def test_a_lone_surrogate_becomes_the_replacement_character(store: Store) -> None:
    log = store.create("s")
    write(log, Noted("a\udc80b", data={"\udfff": "\ud800"}))
    assert log.read()[0].body == Noted("a\ufffdb", data={"\ufffd": "\ufffd"})


def test_a_store_that_nobody_holds_any_more_is_closed(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "state", clock=Ticks())
    assert _open_files(FILE_NAME)
    del store
    gc.collect()
    assert not _open_files(FILE_NAME)


def _open_files(name: str) -> list[str]:
    found = []
    for link in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # the listing's own is gone by now
            found.append(os.readlink(f"/proc/self/fd/{link}"))
    return [path for path in found if name in path]
