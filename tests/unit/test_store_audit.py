"""Whoever edits the file, every way of tampering shows."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from loopwright.core.archive import audit_archive, read_archive
from loopwright.core.audit import Audit
from loopwright.core.checks import Proof, Ref
from loopwright.core.errors import UsageError
from loopwright.core.events import Body, Finished, Noted, Prompted, SessionStarted, chain, encode_body
from loopwright.store.audit import audit_file
from loopwright.store.sql import FILE_NAME, Store
from loopwright.testing.log import Ticks

LONG = "a long line of output\n" * 2000


async def write(store: Store) -> str:
    """Write a session of eight events, its proof naming the head before it; return that head."""
    log = store.create("s")
    await log.append("1", "host", SessionStarted("/repo", Ref("r0", "t0")))
    await log.append("2", "user", Prompted("mend it"))
    for number in (3, 4, 5):
        await log.append(str(number), "loop", Noted(f"note {number}"))
    await log.append("6", "tool", Noted(LONG))
    head = (await log.append("7", "loop", Noted("note 7"))).digest
    await log.append("8", "loop", Finished(Proof("answered", None, "t0", log_head=head)))
    log.blobs.put(b"the content of a file")
    return head


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path, clock=Ticks()) as opened:
        anyio.run(write, opened)
        yield opened


def edit(tmp_path: Path, *statements: str) -> None:
    """Change the file as somebody with a SQLite shell would."""
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def kinds(audit: Audit) -> set[tuple[int, str]]:
    return {(fault.seq, fault.kind) for fault in audit.faults}


def test_an_untouched_log_is_whole(store: Store) -> None:
    audit = store.verify("s")
    assert (audit.ok, audit.events) == (True, 8)
    assert audit.head == store.reader("s").read()[-1].digest


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("body", """CAST('{"text":"note X","type":"noted"}' AS BLOB)"""),
        ("body", "CAST(replace(CAST(body AS TEXT), 'note 4', 'note 5') AS BLOB)"),
        ("body", '\'{"text":"as text","type":"noted"}\''),
        ("body", "x'00ff'"),
        ("actor", "'user'"),
        ("key", "'other'"),
        ("at", "'2020-01-01T00:00:00.000000Z'"),
        ("at", "'yesterday'"),
        ("v", "2"),
        ("v", "'one'"),
        ("session", "'t'"),
        ("prev", "'00'"),
        ("digest", "'00'"),
    ],
)
def test_a_changed_field_shows_at_its_event(store: Store, tmp_path: Path, column: str, value: str) -> None:
    edit(tmp_path, f"UPDATE event SET {column}={value} WHERE seq=4")
    assert (4, "changed") in kinds(store.verify("s"))


def test_a_removed_event_shows(store: Store, tmp_path: Path) -> None:
    edit(tmp_path, "DELETE FROM event WHERE seq=4")
    audit = store.verify("s")
    assert {(4, "removed"), (5, "broken")} <= kinds(audit)
    assert "event 4 is missing" in [fault.text for fault in audit.faults]


def test_removed_events_that_were_renumbered_show(store: Store, tmp_path: Path) -> None:
    edit(tmp_path, "DELETE FROM event WHERE seq=4", "UPDATE event SET seq=seq-1 WHERE seq>4")
    assert {(4, "changed"), (4, "broken"), (8, "cut")} <= kinds(store.verify("s"))


def test_swapped_events_show(store: Store, tmp_path: Path) -> None:
    edit(tmp_path, *(f"UPDATE event SET seq={to} WHERE seq={seq}" for seq, to in ((4, 99), (5, 4), (99, 5))))
    assert {(4, "changed"), (5, "changed")} <= kinds(store.verify("s"))


def test_an_inserted_event_shows(store: Store, tmp_path: Path) -> None:
    edit(
        tmp_path,
        "UPDATE event SET seq=seq+100 WHERE seq>4",
        "UPDATE event SET seq=seq-99 WHERE seq>100",
        "INSERT INTO event SELECT log, 5, v, session, at, actor, 'new', body, digest, 'd' FROM event WHERE seq=4",
    )
    assert {(5, "changed"), (6, "changed"), (6, "broken")} <= kinds(store.verify("s"))


def test_a_cut_tail_shows(store: Store, tmp_path: Path) -> None:
    edit(tmp_path, "DELETE FROM event WHERE seq>5")
    audit = store.verify("s")
    assert kinds(audit) == {(6, "cut")}
    assert "ends at event 5, but 8 were written" in audit.faults[0].text


def test_a_cut_tail_whose_record_was_mended_shows_against_the_proof(tmp_path: Path) -> None:
    with Store.open(tmp_path, clock=Ticks()) as store:
        head = anyio.run(write, store)
        mend = "UPDATE session SET seq=5, head=(SELECT digest FROM event WHERE seq=5)"
        edit(tmp_path, "DELETE FROM event WHERE seq>5", mend)
        assert store.verify("s").ok, "nothing in the file itself can show this"
        assert kinds(store.verify("s", head)) == {(6, "cut")}


def rechain(tmp_path: Path) -> None:
    """Change event 4 and compute every digest after it anew, the record of the head as well."""
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        rows = connection.execute("SELECT v, session, seq, at, actor, key, body FROM event ORDER BY seq").fetchall()
        prev = ""
        for v, session, seq, at, actor, key, body in rows:
            body = encode_body(Noted("nothing happened")) if seq == 4 else body
            digest = chain(v, session, seq, at, actor, key, body, prev)
            connection.execute("UPDATE event SET body=?, prev=?, digest=? WHERE seq=?", (body, prev, digest, seq))
            prev = digest
        connection.execute("UPDATE session SET head=?", (prev,))
        connection.commit()


def test_a_chain_computed_anew_does_not_match_its_own_proof(store: Store, tmp_path: Path) -> None:
    rechain(tmp_path)
    assert kinds(store.verify("s")) == {(8, "cut")}


def test_a_chain_computed_anew_does_not_match_a_proof_kept_elsewhere(tmp_path: Path) -> None:
    with Store.open(tmp_path, clock=Ticks()) as store:
        head = anyio.run(write, store)
        rechain(tmp_path)
        assert (9, "cut") in kinds(store.verify("s", head))


@pytest.mark.parametrize("content", [zlib.compress(b"nothing to see"), b"not compressed", b""])
def test_a_changed_blob_shows_at_the_event_that_names_it(store: Store, tmp_path: Path, content: bytes) -> None:
    edit(tmp_path, f"UPDATE blob SET data=x'{content.hex()}' WHERE size={len(LONG)}")
    assert kinds(store.verify("s")) == {(6, "blob")}


def test_a_removed_blob_shows(store: Store, tmp_path: Path) -> None:
    edit(tmp_path, "DELETE FROM blob_use", f"DELETE FROM blob WHERE size={len(LONG)}")
    assert kinds(store.verify("s")) == {(6, "blob")}


def test_a_changed_file_content_shows(store: Store, tmp_path: Path) -> None:
    edit(tmp_path, "UPDATE blob SET data=x'00' WHERE size=21")
    assert kinds(store.verify("s")) == {(0, "blob")}


def test_a_removed_record_shows(store: Store, tmp_path: Path) -> None:
    edit(tmp_path, "PRAGMA foreign_keys=OFF", "DELETE FROM session")
    assert "s" in store.logs()
    assert (0, "removed") in kinds(store.verify("s"))


def test_an_event_of_another_session_shows(store: Store, tmp_path: Path) -> None:
    anyio.run(store.create("t").append, "k", "host", SessionStarted("/other", Ref("r", "t")))
    edit(
        tmp_path,
        "INSERT INTO event SELECT 's', 9, v, session, at, actor, key, body, prev, digest FROM event WHERE log='t'",
    )
    assert {(9, "changed"), (9, "inserted")} <= kinds(store.verify("s"))


def test_an_unknown_session_is_a_usage_error(store: Store) -> None:
    with pytest.raises(UsageError, match="no session nobody"):
        store.verify("nobody")
    with pytest.raises(UsageError, match="no session nobody"):
        store.export("nobody")


# ---------------------------------------------------------------- archives


def export(store: Store) -> list[str]:
    return list(store.export("s"))


def check(lines: list[str], head: str = "") -> Audit:
    return audit_archive(read_archive(lines), head=head)


def test_an_archive_proves_itself_elsewhere(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "s.jsonl"
    file.write_text("\n".join(export(store)) + "\n")
    audit = audit_file(file)
    assert (audit.ok, audit.session, audit.events) == (True, "s", 8)
    assert read_archive(export(store)).events() == store.reader("s").read()


def test_an_archive_written_with_other_blanks_and_order_is_still_whole(store: Store) -> None:
    import json

    lines = [json.dumps(dict(reversed(json.loads(line).items())), ensure_ascii=True) for line in export(store)]
    assert check(lines).ok


def swap(lines: list[str]) -> list[str]:
    return [*lines[:2], lines[3], lines[2], *lines[4:]]


def reseal(lines: list[str]) -> list[str]:
    """Cut the tail and write a head line that fits."""
    import msgspec

    from loopwright.core.archive import HeadLine

    cut = lines[:4]
    digest = msgspec.json.decode(cut[-1])["digest"]
    return [*cut, '{"type":"head",' + msgspec.json.encode(HeadLine("s", 4, digest)).decode().split(",", 1)[1]]


TAMPERED: dict[str, tuple[Callable[[list[str]], list[str]], tuple[int, str]]] = {
    "a changed body": (lambda ls: [ls[0], ls[1].replace("mend", "break"), *ls[2:]], (2, "changed")),
    "a changed field": (lambda ls: [ls[0], ls[1].replace('"user"', '"loop"'), *ls[2:]], (2, "changed")),
    "a removed event": (lambda ls: ls[:2] + ls[3:], (3, "removed")),
    "swapped events": (swap, (3, "reordered")),
    "a repeated event": (lambda ls: [*ls[:3], ls[2], *ls[3:]], (3, "reordered")),
    "a cut tail": (lambda ls: ls[:-3] + ls[-1:], (7, "cut")),
    "no head line": (lambda ls: ls[:-1], (8, "cut")),
    "two head lines": (lambda ls: [*ls, ls[-1]], (8, "inserted")),
    "an event after the head line": (lambda ls: [*ls, ls[2]], (8, "inserted")),
    "a changed blob": (lambda ls: [line.replace("a long line", "a short one", 1) for line in ls], (5, "blob")),
    "a removed blob": (lambda ls: [line for line in ls if '"blob"' not in line[:16]], (6, "blob")),
    "a line of something else": (lambda ls: [*ls[:4], "hello", *ls[4:]], (4, "format")),
    "a field more": (lambda ls: [ls[0], ls[1].replace('"seq"', '"note":"x","seq"'), *ls[2:]], (1, "format")),
    "a key twice": (lambda ls: [ls[0], ls[1].replace('"text"', '"text":"x","text"'), *ls[2:]], (1, "format")),
    "an empty file": (lambda ls: [], (0, "cut")),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_changed_archive_is_found_out(store: Store, what: str) -> None:
    tamper, fault = TAMPERED[what]
    assert fault in kinds(check(tamper(export(store))))


def test_a_shorter_archive_with_a_fitting_head_line_shows_against_the_proof(tmp_path: Path) -> None:
    with Store.open(tmp_path, clock=Ticks()) as store:
        head = anyio.run(write, store)
        lines = reseal(export(store))
        assert check(lines).ok
        assert kinds(check(lines, head)) == {(5, "cut")}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"hello\n", b"[1]\n{}\nnull\n", b'{"type":"event"}\n'])
def test_a_file_that_is_no_archive_is_not_whole(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x"
    file.write_bytes(content)
    assert not audit_file(file).ok


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*No such file"):
        audit_file(tmp_path / "none")


def body_of(store: Store, seq: int) -> Body:
    return store.reader("s").read(after=seq - 1)[0].body


def test_a_long_string_is_a_blob_line_in_the_archive(store: Store) -> None:
    assert body_of(store, 6) == Noted(LONG)
    blobs = [line for line in export(store) if line.startswith('{"type":"blob"')]
    assert len(blobs) == 1
