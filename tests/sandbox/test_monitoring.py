"""What is told of a running command, and what it is ended for."""

from __future__ import annotations

import time
from pathlib import Path

import anyio
import pytest

from loopwright.core.oversight import Anomaly, NetworkRequest, Observation, Oversight, Sample, Thresholds
from loopwright.core.ports import Mount
from loopwright.core.running import Limits, Ran, run
from loopwright.sandbox import BubblewrapSandbox
from loopwright.sandbox.anomalies import Anomalies

pytestmark = pytest.mark.anyio


async def watched(
    tree: Path, script: str, thresholds: Thresholds, network: str = "none"
) -> tuple[Ran, list[Observation]]:
    seen: list[Observation] = []
    sandbox = BubblewrapSandbox()
    sandbox.oversee(Oversight(seen.append, thresholds=thresholds))
    limits = Limits(timeout=20, network=network, disk=64 << 20)
    executor = await sandbox.open(Mount(str(tree), layered=True), "workspace-write", limits)
    ran = await run(executor, ["sh", "-c", script])
    await executor.aclose()
    return ran, seen


async def test_samples_show_what_a_command_uses(tmp_path: Path) -> None:
    script = "python3 -c 'import time; b = bytearray(50 << 20); time.sleep(1)' & head -c 8M /dev/zero > f; echo printed; wait"
    _, seen = await watched(tmp_path, script, Thresholds())
    samples = [sample for sample in seen if isinstance(sample, Sample)]
    assert len(samples) >= 4
    last = samples[-1]
    assert last.seconds > samples[0].seconds
    assert max(sample.memory for sample in samples) > 40 << 20  # the last may be taken while it ends
    assert last.pids >= 1
    assert last.disk >= 8 << 20
    assert last.inodes >= 1
    assert last.output == len("printed\n")


STORMS = {
    "process storm": ("while :; do (:); done", Thresholds(forks=20, seconds=0.3)),
    "files made": ("i=0; while :; do i=$((i+1)); : > f$i; /bin/true; done", Thresholds(files_made=50, seconds=0.3)),
    "files deleted": (
        "touch $(seq 2000); for i in $(seq 2000); do rm $i; done",
        Thresholds(files_made=None, files_deleted=20, seconds=0.2),
    ),
    "disk flood": ("while :; do head -c 1M /dev/zero >> f; sleep 0.02; done", Thresholds(disk=1 << 20, seconds=0.3)),
    "output flood": ("while :; do head -c 1000 /dev/zero; done", Thresholds(output=20_000, seconds=0.3)),
}  # fmt: skip


@pytest.mark.parametrize("kind", STORMS)
async def test_a_storm_is_ended_with_its_reason(tmp_path: Path, kind: str) -> None:
    script, thresholds = STORMS[kind]
    ran, seen = await watched(tmp_path, script, thresholds)
    assert (ran.exit.status, ran.exit.reason) == (137, "anomaly"), ran
    assert ran.exit.detail.startswith(kind)
    assert [found.kind for found in seen if isinstance(found, Anomaly)] == [kind]


async def test_repeated_denied_requests_are_an_anomaly(tmp_path: Path) -> None:
    script = "while :; do python3 -c \"import urllib.request as u\nfor _ in range(50):\n try: u.urlopen('http://no.example')\n except OSError: pass\"; done"
    ran, seen = await watched(tmp_path, script, Thresholds(denied=5), network="allow:other.example")
    assert ran.exit.reason == "anomaly"
    assert sum(isinstance(x, NetworkRequest) and x.verdict == "denied" for x in seen) > 5


async def test_an_ordinary_command_is_no_anomaly(tmp_path: Path) -> None:
    script = "for i in $(seq 300); do sh -c : ; echo $i > f$i; done; rm f*; seq 100000"
    ran, _ = await watched(tmp_path, script, Thresholds())
    assert ran.ok, ran


def test_a_rate_has_to_last() -> None:
    judge = Anomalies(Thresholds(forks=100, seconds=1.0))
    assert judge.judge(Sample(0.0), 0) is None
    assert judge.judge(Sample(0.5), 200) is None, "half a second is too short to tell"
    assert judge.judge(Sample(1.5), 5000) is not None
    calm = Anomalies(Thresholds(forks=100, seconds=1.0))
    for tick in range(50):
        assert calm.judge(Sample(tick / 5), tick * 10) is None


async def test_no_threshold_is_no_anomaly() -> None:
    judge = Anomalies(Thresholds(None, None, None, None, None, None, 0.1))
    assert judge.judge(Sample(0.0), 0) is None
    assert judge.judge(Sample(1.0, disk=1 << 40, inodes=1 << 30, output=1 << 40, denied=9999), 1 << 30) is None


@pytest.mark.real
async def test_watching_costs_little(tmp_path: Path) -> None:
    sandbox = BubblewrapSandbox()
    executor = await sandbox.open(Mount(str(tmp_path), layered=True), "workspace-write", Limits(timeout=60))
    running = await executor.start(["sh", "-c", "for i in 1 2 3 4 5 6 7 8; do sleep 20 & done; wait"])
    shares = []
    for _ in range(4):  # the least of them: other work on the machine makes the same work dearer, never cheaper
        began = time.thread_time()
        await anyio.sleep(1.5)
        shares.append((time.thread_time() - began) / 1.5)
    await running.kill()
    await executor.aclose()
    assert min(shares) < 0.03
