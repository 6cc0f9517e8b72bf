"""What is seen of a container while it works, and its way to the network, as of the bubblewrap sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loopwright.core.calls import Approval
from loopwright.core.errors import SandboxError
from loopwright.core.oversight import Anomaly, NetworkRequest, Observation, Oversight, Sample, SystemCall, Thresholds
from loopwright.core.ports import Mount, OpenExecutor
from loopwright.core.running import Limits, run
from loopwright.sandbox.docker import DockerSandbox
from loopwright.sandbox.docker_options import DockerOptions
from loopwright.testing.local_site import local_site
from tests.real.daemon import Daemon

pytestmark = [pytest.mark.real, pytest.mark.anyio]


@pytest.fixture
def site() -> Iterator[int]:
    with local_site() as port:
        yield port


async def opened(
    daemon: Daemon, tree: Path, seen: list[Observation], network: str = "none", runtime: str = "", granted: bool = False
) -> OpenExecutor:
    async def ask(_: NetworkRequest) -> Approval:
        return Approval(granted)

    sandbox = DockerSandbox(daemon.env, DockerOptions(runtime=runtime))
    sandbox.oversee(Oversight(seen.append, ask, Thresholds(forks=100.0, seconds=0.5), audit=True))
    return await sandbox.open(Mount(str(tree)), "workspace-write", Limits(timeout=20, network=network))


def fetch(port: int, host: str = "127.0.0.1") -> list[str]:
    return ["python3", "-c", f"import urllib.request as u; print(u.urlopen('http://{host}:{port}/', timeout=9).read())"]


async def test_what_is_allowed_is_reached_and_nothing_else(daemon: Daemon, tmp_path: Path, site: int) -> None:
    seen: list[Observation] = []
    executor = await opened(daemon, tmp_path, seen, f"allow:localhost:{site}")
    allowed = await run(executor, fetch(site, "localhost"))
    denied = await run(executor, fetch(site))
    around = await run(executor, ["bash", "-c", f"echo x > /dev/tcp/127.0.0.1/{site}"])
    await executor.aclose()
    assert b"from the outside" in allowed.out, allowed.text()
    assert b"403" in denied.err
    assert not around.ok
    requests = [each for each in seen if isinstance(each, NetworkRequest)]
    assert [(r.host, r.verdict) for r in requests] == [("localhost", "allowed"), ("127.0.0.1", "denied")]


@pytest.mark.parametrize("granted", [True, False])
async def test_a_request_is_asked_about(daemon: Daemon, tmp_path: Path, site: int, granted: bool) -> None:
    executor = await opened(daemon, tmp_path, [], "ask", granted=granted)
    ran = await run(executor, fetch(site))
    await executor.aclose()
    assert (b"from the outside" in ran.out) is granted


async def test_started_programs_are_told_and_a_storm_of_them_is_ended(daemon: Daemon, tmp_path: Path) -> None:
    seen: list[Observation] = []
    executor = await opened(daemon, tmp_path, seen)
    ran = await run(executor, ["sh", "-c", "while :; do /bin/true; done"])
    await executor.aclose()
    assert (ran.exit.status, ran.exit.reason) == (137, "anomaly"), ran
    assert [each.kind for each in seen if isinstance(each, Anomaly)] == ["process storm"]
    assert any(isinstance(each, Sample) and each.pids for each in seen)
    assert "/bin/true" in {each.target for each in seen if isinstance(each, SystemCall)}


async def test_a_kernel_of_its_own_has_samples_and_refuses_a_network(daemon: Daemon, tmp_path: Path) -> None:
    if not daemon.runsc:
        pytest.skip("NOT TESTED: runsc is not installed")
    seen: list[Observation] = []
    executor = await opened(daemon, tmp_path, seen, runtime="runsc")
    ran = await run(executor, ["sh", "-c", "sleep 1; exit 3"])
    await executor.aclose()
    assert (ran.exit.status, ran.exit.reason) == (3, "")
    assert any(isinstance(each, Sample) and each.memory for each in seen)
    with pytest.raises(SandboxError, match="Docker's own runtime"):
        await opened(daemon, tmp_path, seen, "ask", "runsc")
