"""What a sandbox sees is in the log soon: a run that is killed has told it."""

from __future__ import annotations

import threading
from typing import Any

import anyio
import pytest

from loopwright.core import events as e
from loopwright.core.errors import StoreError
from loopwright.core.oversight import Anomaly, NetworkRequest, Oversight, Sample, SystemCall, Thresholds
from loopwright.runtime.asking import ask_nobody
from loopwright.runtime.overseeing import SOON, Witness
from loopwright.testing.log import MemoryLog

pytestmark = pytest.mark.anyio


class FullLog(MemoryLog):
    """A log on a disk that is full now and then."""

    full = False

    async def append(self, key: str, actor: str, body: e.Body) -> e.Event:
        if self.full:
            raise StoreError("the disk is full")
        return await super().append(key, actor, body)


def request(host: str) -> NetworkRequest:
    return NetworkRequest("CONNECT", host, 443, "denied", "not allowed")


def watched(log: MemoryLog) -> tuple[Witness, Oversight]:
    witness = Witness(log, lambda seen: None, ask_nobody)
    return witness, witness.oversight(Thresholds(), asks=False)


def told(log: MemoryLog) -> list[Any]:
    return [getattr(event.body, "request", event.body) for event in log.read()]


async def test_requests_and_anomalies_are_written_while_a_command_still_runs() -> None:
    log = MemoryLog("s")
    _, oversight = watched(log)
    oversight.observe(request("one.example"))
    teller = threading.Thread(target=oversight.observe, args=(Anomaly("process storm", "many"),))
    teller.start()
    teller.join()
    oversight.observe(Sample(1.0))
    oversight.observe(SystemCall("execve", 1, "/bin/sh"))
    assert log.read() == []
    await anyio.sleep(SOON * 2)
    assert [type(event.body) for event in log.read()] == [e.NetworkRequested, e.Noted]
    oversight.observe(request("two.example"))
    await anyio.sleep(SOON * 2)
    assert told(log)[0].host == "one.example" and told(log)[2].host == "two.example"


async def test_what_could_not_be_written_stands_before_the_next_event() -> None:
    log = FullLog("s")
    witness, oversight = watched(log)
    log.full = True
    oversight.observe(request("one.example"))
    await anyio.sleep(SOON * 2)
    assert log.read() == []
    log.full = False
    oversight.observe(request("two.example"))
    await witness.log.append("next", "loop", e.Noted("next"))
    assert [getattr(body, "host", "next") for body in told(log)] == ["one.example", "two.example", "next"]
    assert len({event.key for event in log.read()}) == 3
