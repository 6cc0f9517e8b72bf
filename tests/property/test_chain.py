"""For any events at all: what is written is what is read, and no single change of the file goes unseen."""

from __future__ import annotations

import tempfile
from pathlib import Path

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st

from loopwright.core.archive import audit_archive, read_archive
from loopwright.core.calls import Proposal, ToolCall, ToolResult
from loopwright.core.checks import Ref
from loopwright.core.events import Body, Noted, Prompted, Proposed, Returned, decode_body, encode_body
from loopwright.core.project import fold
from loopwright.core.state import State
from loopwright.store.redact import Redactor
from loopwright.store.sql import FILE_NAME, Store
from loopwright.testing.log import MemoryLog, Ticks

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.just("long " * 4000) | st.just("\0blob:x")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
OBJECT = st.dictionaries(TEXT, JSON, max_size=3)
CALL = st.builds(ToolCall, id=TEXT, tool=TEXT, args=OBJECT)
BODY: st.SearchStrategy[Body] = st.one_of(
    st.builds(Prompted, TEXT),
    st.builds(Noted, TEXT, data=OBJECT),
    st.builds(
        Returned, st.builds(ToolResult, TEXT, st.booleans(), TEXT, OBJECT), st.none() | st.builds(Ref, TEXT, TEXT)
    ),
    st.builds(
        Proposed,
        st.integers(0, 99),
        st.builds(Proposal, TEXT, st.lists(CALL, max_size=2).map(tuple), st.booleans(), opaque=JSON),
    ),
)
BODIES = st.lists(BODY, min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(BODIES)
def test_the_store_reads_what_was_written_and_folds_as_the_log_in_memory(bodies: list[Body]) -> None:
    memory = MemoryLog("s", Ticks())
    with tempfile.TemporaryDirectory() as directory, Store.open(directory, clock=Ticks()) as store:
        log = store.create("s")

        async def write() -> None:
            for number, body in enumerate(bodies):
                await log.append(str(number), "loop", body)
                await memory.append(str(number), "loop", body)

        anyio.run(write)
        assert [event.body for event in log.read()] == bodies
        assert fold(State(), log.read()).items == fold(State(), memory.read()).items
        assert store.verify("s").ok
        archive = read_archive(list(store.export("s")))
        assert audit_archive(archive).ok
        assert archive.events() == log.read()


@settings(max_examples=300, deadline=None)
@given(BODY)
def test_the_canonical_form_is_one(body: Body) -> None:
    data = encode_body(body)
    assert encode_body(decode_body(data)) == data


@settings(max_examples=80, deadline=None)
@given(BODIES, st.data())
def test_no_change_of_an_archive_goes_unseen(bodies: list[Body], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as directory, Store.open(directory, clock=Ticks()) as store:
        log = store.create("s")

        async def write() -> None:
            for number, body in enumerate(bodies):
                await log.append(str(number), "loop", body)

        anyio.run(write)
        lines = list(store.export("s"))
    original = read_archive(lines)
    number = data.draw(st.integers(0, len(lines) - 1))
    place = data.draw(st.integers(0, len(lines[number]) - 1))
    letter = data.draw(st.characters(exclude_categories=["Cs"], exclude_characters="\n"))
    changed = lines[number][:place] + letter + lines[number][place + 1 :]
    archive = read_archive([*lines[:number], changed, *lines[number + 1 :]])
    assert not audit_archive(archive).ok or archive == original


SECRET = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=5, max_size=40).map("Q7#".__add__)


@settings(max_examples=80, deadline=None)
@given(SECRET, TEXT, OBJECT)
def test_no_secret_of_the_environment_reaches_the_file(secret: str, text: str, data: dict[str, object]) -> None:
    if Redactor({"MY_API_KEY": secret}).text(secret) == secret:  # a common word such as "password"
        return
    body = Noted(f"{text}{secret}{text}", data={"nested": [{"deep": secret + text}], text + secret: data})  # type: ignore[dict-item]
    with tempfile.TemporaryDirectory() as directory:
        with Store.open(directory, environ={"MY_API_KEY": secret}, clock=Ticks()) as store:
            log = store.create("s")
            anyio.run(log.append, f"key {secret}", "loop", body)
            read = "".join(str(event) for event in log.read())
            written = b"".join(file.read_bytes() for file in Path(directory).iterdir())
        assert FILE_NAME in {file.name for file in Path(directory).iterdir()}
    label = b"[redacted:MY_API_KEY]"
    assert secret.encode() not in written.replace(label, b"")
    assert secret not in read.replace(label.decode(), "")
