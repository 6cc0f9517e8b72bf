"""Content-addressed bytes in the log's own file, so that no event can outlive what it names."""

from __future__ import annotations

import zlib

from loopwright.core.errors import StoreError
from loopwright.core.stored import address_of
from loopwright.store.database import Database

#: Bytes below which compressing is not worth its row.
COMPRESS_FROM = 512
#: Bytes of the sample that decides whether the whole is compressed.
SAMPLE = 64 << 10
PLAIN, ZLIB = 0, 1


class SqlBlobs:
    """The blobs of one session; equal contents are stored once for all sessions."""

    def __init__(self, database: Database, session: str) -> None:
        self._database = database
        self._session = session

    def put(self, data: bytes) -> str:
        """Return the address (SHA-256, hex) of data; it is committed when this returns. Raises StoreError."""
        address = address_of(data)
        if not _is_used(self._database, self._session, address):
            with self._database.write():
                put_blob(self._database, self._session, address, data)
        return address

    def get(self, address: str) -> bytes:
        """Raises StoreError where the address is unknown or its content was changed."""
        return get_blob(self._database, address)


def put_blob(database: Database, session: str, address: str, data: bytes) -> None:
    """Store data for a session, within the caller's transaction. Raises StoreError."""
    if database.row("SELECT 1 FROM blob WHERE address=?", (address,)) is None:
        form, stored = _pack(data)
        database.execute(
            "INSERT INTO blob(address, size, form, data) VALUES(?,?,?,?)", (address, len(data), form, stored)
        )
    database.execute("INSERT OR IGNORE INTO blob_use(log, address) VALUES(?,?)", (session, address))


def get_blob(database: Database, address: str) -> bytes:
    """Raises StoreError where the address is unknown or its content was changed."""
    row = database.row("SELECT form, data FROM blob WHERE address=?", (address,))
    if row is None:
        raise StoreError(f"blob {address} is missing: `loopwright audit verify` shows what else is")
    form, stored = row
    try:
        data = zlib.decompress(stored) if form == ZLIB else bytes(stored)
    except (zlib.error, TypeError):
        data = b""
    if address_of(data) != address:
        raise StoreError(f"blob {address} was changed: `loopwright audit verify` shows what else was")
    return data


def _is_used(database: Database, session: str, address: str) -> bool:
    return database.row("SELECT 1 FROM blob_use WHERE log=? AND address=?", (session, address)) is not None


def _pack(data: bytes) -> tuple[int, bytes]:
    if len(data) < COMPRESS_FROM:
        return PLAIN, data
    sample = data[:SAMPLE]
    small = zlib.compress(sample, 1)
    if len(small) > len(sample) * 0.9:
        return PLAIN, data
    return ZLIB, small if len(sample) == len(data) else zlib.compress(data, 1)
