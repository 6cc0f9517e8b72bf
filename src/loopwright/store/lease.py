"""Who writes a session: one process at a time, found dead or alive by what the kernel says of it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import msgspec

from loopwright.core.errors import UsageError
from loopwright.store.database import Database


class Holder(msgspec.Struct, frozen=True):
    """A process: its id means nothing without the boot it belongs to and the moment it started."""

    pid: int
    boot: str
    start: str
    token: str

    @staticmethod
    def current() -> Holder:
        """This process, with a new token."""
        return Holder(os.getpid(), _boot(), _start(os.getpid()), secrets.token_hex(8))

    def alive(self) -> bool:
        """False only where it is certain that the process has ended."""
        if self.boot != _boot():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass  # another user's process: it is there
        return not self.start or _start(self.pid) == self.start


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _start(pid: int) -> str:
    """Clock ticks from boot to the start of a process (proc(5), stat field 22), "" where it cannot be told."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def take(database: Database, session: str) -> Holder:
    """Take the lease of a session. Raises UsageError where a live process holds it, StoreError."""
    mine = Holder.current()
    with database.write():
        row = database.row("SELECT holder FROM session WHERE id=?", (session,))
        if row is None:
            raise UsageError(f"there is no session {session}: `loopwright sessions` lists them")
        if row[0]:
            other = msgspec.json.decode(row[0], type=Holder)
            if other.alive():
                raise UsageError(f"session {session} is being written by process {other.pid}: stop that one first")
        database.execute("UPDATE session SET holder=?, token=? WHERE id=?", (_encode(mine), mine.token, session))
    return mine


def give_back(database: Database, session: str, holder: Holder) -> None:
    """End a lease; one that was taken over meanwhile is left alone."""
    with database.write():
        database.execute(
            "UPDATE session SET holder='', token='' WHERE id=? AND token=?",
            (session, holder.token),
        )


def _encode(holder: Holder) -> str:
    return msgspec.json.encode(holder).decode()
