"""The network as a command inside sees it: one proxy, and nothing beside it."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from loopwright.core.calls import Approval
from loopwright.core.errors import SandboxError
from loopwright.core.oversight import NetworkRequest, Observation, Oversight
from loopwright.core.ports import Mount
from loopwright.core.running import Limits, Ran, run
from loopwright.sandbox import BubblewrapSandbox
from loopwright.testing.local_site import local_site

pytestmark = pytest.mark.anyio


@pytest.fixture
def server() -> Iterator[int]:
    with local_site() as port:
        yield port


async def inside(tree: Path, code: str, network: str, granted: bool = False) -> tuple[Ran, list[NetworkRequest]]:
    seen: list[NetworkRequest] = []

    def observe(observation: Observation) -> None:
        if isinstance(observation, NetworkRequest):
            seen.append(observation)

    async def ask(_: NetworkRequest) -> Approval:
        return Approval(granted)

    sandbox = BubblewrapSandbox()
    sandbox.oversee(Oversight(observe, ask))
    executor = await sandbox.open(Mount(str(tree)), "workspace-write", Limits(timeout=20, network=network))
    ran = await run(executor, ["python3", "-c", "import os, socket, subprocess, sys, urllib.request as u\n" + code])
    await executor.aclose()
    return ran, seen


FETCH = "print(u.urlopen('http://{host}:{port}/', timeout=5).read().decode())"


async def test_an_allowed_host_is_reached_and_every_request_told(tmp_path: Path, server: int) -> None:
    code = FETCH.format(host="localhost", port=server)
    ran, seen = await inside(tmp_path, code, f"allow:localhost:{server}")
    assert ran.out == b"from the outside\n", ran.text()
    assert [(r.method, r.host, r.port, r.verdict) for r in seen] == [("GET", "localhost", server, "allowed")]


async def test_any_other_is_403_and_told(tmp_path: Path, server: int) -> None:
    ran, seen = await inside(tmp_path, FETCH.format(host="127.0.0.1", port=server), f"allow:localhost:{server}")
    assert b"403" in ran.err
    assert [r.verdict for r in seen] == ["denied"]


@pytest.mark.parametrize("network", ["none", "allow:localhost", "ask"])
async def test_nothing_goes_round_the_proxy(tmp_path: Path, server: int, network: str) -> None:
    code = f"""
for host in ('127.0.0.1', 'localhost', '10.0.2.2', '{socket.gethostname()}'):
    try:
        socket.create_connection((host, {server}), 1)
        print('REACHED', host)
    except OSError: pass
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    s.sendto(b'x', ('8.8.8.8', 53)); print('SENT')
except OSError: pass
"""
    ran, _ = await inside(tmp_path, code, network)
    assert ran.out == b"", ran.text()


async def test_a_relay_inside_reaches_no_further_than_the_proxy_lets_it(tmp_path: Path, server: int) -> None:
    relay = f"""
import threading
listener = socket.create_server(('127.0.0.1', 4000))
def serve():
    while True:
        a, _ = listener.accept(); b = socket.create_connection(('127.0.0.1', 3128))
        def pump(x, y):
            try:
                while d := x.recv(65536): y.sendall(d)
            except OSError: pass
            y.close()
        threading.Thread(target=pump, args=(a, b), daemon=True).start()
        threading.Thread(target=pump, args=(b, a), daemon=True).start()
threading.Thread(target=serve, daemon=True).start()
opener = u.build_opener(u.ProxyHandler({{'http': 'http://127.0.0.1:4000'}}))
try: print(opener.open('http://127.0.0.1:{server}/', timeout=5).read())
except OSError as e: print(e)
"""
    ran, seen = await inside(tmp_path, relay, f"allow:localhost:{server}")
    assert b"403" in ran.out
    assert [r.verdict for r in seen] == ["denied"]


async def test_a_request_is_asked_about_and_passes_with_a_yes_only(tmp_path: Path, server: int) -> None:
    code = FETCH.format(host="127.0.0.1", port=server)
    assert b"403" in (await inside(tmp_path, code, "ask"))[0].err
    assert (await inside(tmp_path, code, "ask", granted=True))[0].out == b"from the outside\n"


async def test_without_network_no_proxy_is_named_and_none_listens(tmp_path: Path) -> None:
    code = "print([n for n in os.environ if 'proxy' in n.lower()])\ntry: socket.create_connection(('127.0.0.1', 3128), 1)\nexcept OSError as e: print(e.errno)"
    ran, _ = await inside(tmp_path, code, "none")
    assert ran.out == b"[]\n111\n"


async def test_a_command_cannot_take_the_proxy_s_place(tmp_path: Path, server: int) -> None:
    code = "try: socket.create_server(('127.0.0.1', 3128)); print('TAKEN')\nexcept OSError: pass\n"
    code += "s = socket.socket(); s.setsockopt(1, 15, 1)\ntry: s.bind(('127.0.0.1', 3128)); s.listen(); print('TAKEN')\nexcept OSError: pass"
    ran, _ = await inside(tmp_path, code, f"allow:localhost:{server}")
    assert ran.out == b""


async def test_a_command_cannot_widen_its_sandbox_s_network(tmp_path: Path) -> None:
    executor = await BubblewrapSandbox().open(Mount(str(tmp_path)), "workspace-write", Limits())
    with pytest.raises(SandboxError, match="share its network"):
        await executor.start(["true"], Limits(network="allow:example.org"))
    await executor.aclose()


async def test_a_network_that_is_no_rule_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="write none, ask or allow"):
        await BubblewrapSandbox().open(Mount(str(tmp_path)), "workspace-write", Limits(network="open"))


async def test_many_requests_leave_nothing_open(tmp_path: Path, server: int) -> None:
    code = f"for _ in range(100): u.urlopen('http://localhost:{server}/').read()"
    before = len(os.listdir("/proc/self/fd"))
    ran, seen = await inside(tmp_path, code, f"allow:localhost:{server}")
    assert ran.ok, ran.text()
    assert len(seen) == 100
    with contextlib.suppress(OSError):
        assert len(os.listdir("/proc/self/fd")) <= before + 1


async def test_a_proxy_that_died_fails_the_request_and_not_the_sandbox(tmp_path: Path, server: int) -> None:
    limits = Limits(timeout=20, network=f"allow:localhost:{server}")
    executor = await BubblewrapSandbox().open(Mount(str(tmp_path)), "workspace-write", limits)
    assert executor._warm and executor._warm.proxy
    await executor._warm.proxy.aclose()
    code = f"import urllib.request as u; u.urlopen('http://localhost:{server}/', timeout=5)"
    ran = await run(executor, ["python3", "-c", code])
    assert (ran.exit.status, ran.exit.reason) == (1, "")
    assert b"Connection refused" in ran.err or b"reset" in ran.err or b"closed" in ran.err, ran.text()
    assert (await run(executor, ["echo", "alive"])).out == b"alive\n"
    await executor.aclose()


async def test_a_socket_that_only_its_owner_reaches_is_masked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    monkeypatch.chdir(tree)  # a socket's name has to be short
    with socket.socket(socket.AF_UNIX) as service:
        service.bind("service")
        service.listen()
        tree.chmod(0o700)
        executor = await BubblewrapSandbox().open(Mount(str(tree)), "read-only", Limits())
        code = "import socket; socket.socket(socket.AF_UNIX).connect('service'); print('OPENED')"
        ran = await run(executor, ["python3", "-c", code])
        await executor.aclose()
    assert b"ConnectionRefusedError" in ran.err, ran
