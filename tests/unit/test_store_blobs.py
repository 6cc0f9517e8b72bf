"""Blobs: content-addressed, checked on every read."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from loopwright.core.errors import StoreError
from loopwright.core.ports import Blobs
from loopwright.store.sql import FILE_NAME, Store
from loopwright.testing.memory import MemoryBlobs


@pytest.fixture(params=["sql", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Blobs]:
    if request.param == "memory":
        yield MemoryBlobs()
        return
    with Store.open(tmp_path) as store:
        yield store.create("s").blobs


@pytest.mark.parametrize(
    "data",
    [b"", b"x", b"text " * 50_000, os.urandom(300_000), b"\0" * 3_000_000],
    ids=["empty", "one", "text", "noise", "zeros"],
)
def test_what_was_put_is_got(blobs: Blobs, data: bytes) -> None:
    address = blobs.put(data)
    assert address == hashlib.sha256(data).hexdigest()
    assert blobs.put(data) == address
    assert blobs.get(address) == data


def test_an_unknown_address_is_named(blobs: Blobs) -> None:
    with pytest.raises(StoreError, match="0" * 64):
        blobs.get("0" * 64)


@pytest.mark.parametrize("content", ["x'00'", "'text'", "x''"])
@pytest.mark.parametrize("original", [b"short", b"long and compressed " * 1000])
def test_a_changed_blob_is_not_given_out(tmp_path: Path, original: bytes, content: str) -> None:
    with Store.open(tmp_path) as store:
        stored = store.create("s").blobs
        address = stored.put(original)
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
            connection.execute(f"UPDATE blob SET data={content}")
            connection.commit()
        with pytest.raises(StoreError, match=f"blob {address} was changed"):
            stored.get(address)


def test_a_blob_is_there_for_another_process_when_put_returns(tmp_path: Path) -> None:
    with Store.open(tmp_path) as one, Store.open(tmp_path) as two:
        address = one.create("s").blobs.put(b"checkpoint")
        assert two.reader("s").blobs.get(address) == b"checkpoint"


def test_text_is_compressed(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.create("s").blobs.put(b"the same line again\n" * 100_000)
    assert (tmp_path / FILE_NAME).stat().st_size < 200_000


def test_threads_can_put_at_once(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        blobs = store.create("s").blobs
        found: list[str] = []

        def put(number: int) -> None:
            found.extend(blobs.put(f"{number}-{i % 10}".encode()) for i in range(40))

        threads = [Thread(target=put, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 160
        assert {blobs.get(address) for address in found} == {f"{n}-{i}".encode() for n in range(4) for i in range(10)}
