"""Runs a command with the probe in its test processes and returns what the probe told."""

from __future__ import annotations

import secrets
from typing import Literal

import msgspec

from loopwright.core.expression import expression
from loopwright.core.fact import Fact
from loopwright.core.running import Executor, Limits, Ran, run

Mode = Literal["run", "collect", "plant"]
#: What ran, as opposed to what was skipped or was expected to fail.
RAN = frozenset({"passed", "xpassed", "failed", "error"})
FAILED = frozenset({"failed", "error"})
_READ_LIMIT = 64 << 20
# The probe comes first on the path and leaves what the sandbox put there; the command itself stays as it is written.
_SHELL = (
    'PYTHONPATH="$1${PYTHONPATH:+:$PYTHONPATH}"; PYTEST_PLUGINS="$2${PYTEST_PLUGINS:+,$PYTEST_PLUGINS}"; '
    'export PYTHONPATH PYTEST_PLUGINS; exec sh -c "$3"'
)
_PLUGIN = "loopwright_probe.pytest_plugin"
_OWN_PATH = expression(r"(?<![\w$])PYTHONPATH=")
_DEAF = expression(r"No module named '?loopwright_probe|Error importing plugin \"loopwright_probe")


class Orders(Fact, frozen=True):
    """What the probe is told. `clock` shifts now by seconds, `hide` hides what tells code that it is tested.

    `unnamed` with `hide` takes from tests the names by which code that looks at its callers could know them.
    """

    mode: Mode = "run"
    session: int = 0  # the session, counted from 0 in one command, in which failures are planted
    only: tuple[str, ...] | None = None
    prefer: tuple[str, ...] = ()
    clock: float = 0.0
    hide: bool = False
    unnamed: bool = False


class Collected(Fact, frozen=True, array_like=True):
    """A collected test: its mark (skip, xfail or nothing) and the file its code is from."""

    id: str
    mark: str = ""
    origin: str = ""


class Session(Fact, frozen=True):
    """What one test process told. `ended` is False where it was cut off."""

    number: int
    kind: str
    collected: tuple[Collected, ...] = ()
    outcomes: dict[str, str] = {}
    planted: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()  # what tests judge with, and was another thing at the end
    ended: bool = False


class Probed(Fact, frozen=True):
    """A command's run and what its test sessions told. `deaf`: the probe could not be loaded and broke the run."""

    ran: Ran
    sessions: tuple[Session, ...] = ()
    deaf: bool = False

    @property
    def outcomes(self) -> dict[str, str]:
        """Outcome by test; of one that several sessions had, the one that ran, and the one that failed before all."""
        found: dict[str, str] = {}
        for session in self.sessions:
            for test, outcome in session.outcomes.items():
                if _weight(outcome) >= _weight(found.get(test, "")):
                    found[test] = outcome
        return found

    @property
    def tests_run(self) -> int:
        return sum(outcome in RAN for s in self.sessions for outcome in s.outcomes.values())

    @property
    def tests_failed(self) -> int:
        return sum(outcome in FAILED for s in self.sessions for outcome in s.outcomes.values())


def _weight(outcome: str) -> int:
    return (outcome in RAN) + (outcome in FAILED)


class _Record(msgspec.Struct):
    event: str
    kind: str = ""
    id: str = ""
    outcome: str = ""
    tests: tuple[Collected, ...] = ()
    ids: tuple[str, ...] = ()


async def run_probed(
    executor: Executor, command: str, orders: Orders, limits: Limits, env: dict[str, str] | None = None
) -> Probed:
    """Run `sh -c command` to its end with the probe told `orders`. Raises SandboxError."""
    folder = f"/tmp/.probe-{secrets.token_hex(8)}"  # noqa: S108 - of the sandbox, not of this machine
    path = f"{executor.inside}/probe_path"
    told = msgspec.to_builtins(orders) | {"mode": orders.mode, "folder": folder}
    ran = await run(
        executor,
        ("sh", "-c", _SHELL, "sh", path, _PLUGIN, _OWN_PATH.sub(f"PYTHONPATH={path}:", command)),
        limits,
        env={**(env or {}), "LOOPWRIGHT_PROBE": msgspec.json.encode(told).decode()},
    )
    if ran.exit.reason:  # the sandbox may be gone, and nothing that was told would make this run a pass
        return Probed(ran)
    script = 'for f in "$1"/*.jsonl; do [ -f "$f" ] && echo "$f" && cat "$f"; done; rm -rf "$1"'
    told_back = await run(executor, ("sh", "-c", script, "sh", folder), Limits(output=_READ_LIMIT))
    return Probed(ran, parse(told_back.out), deaf=bool(_DEAF.search(ran.text())))


async def run_plain(executor: Executor, command: str, limits: Limits, env: dict[str, str] | None = None) -> Ran:
    """Run `sh -c command` with nothing of ours in it. Raises SandboxError."""
    return await run(executor, ("sh", "-c", command), limits, env=env)


def parse(data: bytes) -> tuple[Session, ...]:
    """Return the sessions in the order they began. A line that is no record is a record cut off, and ignored."""
    sessions: list[Session] = []
    for line in data.splitlines():
        if line.startswith(b"/") and line.endswith(b".jsonl"):
            sessions.append(Session(len(sessions), ""))
        elif sessions:
            try:
                record = msgspec.json.decode(line, type=_Record)
            except (msgspec.DecodeError, msgspec.ValidationError):
                continue
            sessions[-1] = _add(sessions[-1], record)
    return tuple(s for s in sessions if s.kind)


def _add(session: Session, record: _Record) -> Session:
    replace = msgspec.structs.replace
    match record.event:
        case "start":
            return replace(session, kind=record.kind)
        case "collected":
            return replace(session, collected=(*session.collected, *record.tests))
        case "planted":
            return replace(session, planted=(*session.planted, *record.ids))
        case "test":
            if session.outcomes.get(record.id) not in FAILED:
                session.outcomes[record.id] = record.outcome
            return session
        case "altered":
            return replace(session, altered=(*session.altered, *record.ids))
        case "end":
            return replace(session, ended=True)
        case _:
            return session
