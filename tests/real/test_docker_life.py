"""A container's life: how it is hardened, what refuses to start, and what is left when something dies."""

from __future__ import annotations

import gc
import os
import socket
import statistics
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from loopwright.core.errors import SandboxError
from loopwright.core.ports import Mount
from loopwright.core.running import Limits, run
from loopwright.sandbox.docker import DockerSandbox
from loopwright.sandbox.docker_options import DockerOptions
from tests.real.daemon import Daemon

pytestmark = [pytest.mark.real, pytest.mark.anyio]


async def opened(daemon: Daemon, tree: Path, limits: Limits = Limits(timeout=20), **options):
    return await DockerSandbox(daemon.env, DockerOptions(**options)).open(Mount(str(tree)), "workspace-write", limits)


@pytest.fixture
def sockets_of_the_sdk() -> Iterator[None]:
    """The SDK forgets to close a socket that could not connect."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


async def until(condition, seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        await anyio.sleep(0.05)
    return True


async def test_what_the_daemon_was_told_and_what_the_kernel_shows(daemon: Daemon, tmp_path: Path) -> None:
    executor = await opened(daemon, tmp_path, Limits(memory=64 << 20, pids=20, cpus=0.5, timeout=20))
    client = daemon.client()
    host = client.inspect_container(daemon.ours()[0])["HostConfig"]
    client.close()
    assert (host["NetworkMode"], host["ReadonlyRootfs"], host["CapDrop"]) == ("none", True, ["ALL"])
    assert (host["Memory"], host["MemorySwap"], host["CpuQuota"]) == (64 << 20, 64 << 20, 50_000)
    assert host["LogConfig"]["Type"] == "none" and host["AutoRemove"] and not host["Privileged"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    ran = await run(executor, ["sh", "-c", "cat /proc/self/status; ls /sys /proc/net/; touch /etc/x /usr/x"])
    shown = dict(line.split(":\t", 1) for line in ran.out.decode().splitlines() if ":\t" in line)
    assert {shown[name] for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (shown["NoNewPrivs"], shown["Seccomp"]) == ("1", "2") and shown["Uid"].split()[0] != "0"
    assert ran.err.count(b"Read-only file system") == 2
    await executor.aclose()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"runtime": "nonesuch"}, "no runtime 'nonesuch'; it has: .*runc"),
        ({"seccomp": "/nonesuch.json"}, "/nonesuch.json cannot be read"),
        ({"seccomp": "/etc/passwd"}, "cannot be read"),
        ({"image": "nonesuch:latest"}, "docker pull nonesuch:latest"),
        ({"start_seconds": -1}, "not positive"),
    ],
)
async def test_what_the_host_lacks_is_refused(daemon: Daemon, tmp_path: Path, options, said: str) -> None:
    with pytest.raises(SandboxError, match=said):
        await opened(daemon, tmp_path, **options)
    assert daemon.ours() == []


async def test_an_apparmor_profile_is_refused_where_none_can_hold(daemon: Daemon, tmp_path: Path) -> None:
    if Path("/sys/module/apparmor/parameters/enabled").is_file():
        pytest.skip("NOT TESTED: AppArmor is active here")
    with pytest.raises(SandboxError, match="AppArmor is not active"):
        await opened(daemon, tmp_path, apparmor="strict")


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("unix:///nonesuch.sock", "does not answer .*start it"),
        ("tcp://127.0.0.1:9", "127.0.0.1:9 is another machine's"),
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.usefixtures("sockets_of_the_sdk")
async def test_a_daemon_that_cannot_serve_is_a_refusal(tmp_path: Path, where: str, said: str) -> None:
    with pytest.raises(SandboxError, match=said):
        await DockerSandbox({**os.environ, "DOCKER_HOST": where}).open(Mount(str(tmp_path)), "read-only", Limits())


async def test_an_image_without_python_is_a_refusal(daemon: Daemon, tmp_path: Path) -> None:
    client = daemon.client()
    frame = client.images("loopwright-host") or client.images()
    client.close()
    if not frame:
        await (await opened(daemon, tmp_path)).aclose()
        client = daemon.client()
        frame = client.images()
        client.close()
    with pytest.raises(SandboxError, match="python3"):
        await opened(daemon, tmp_path, image=frame[0]["Id"])


async def test_a_runtime_that_never_starts_is_given_up_at_the_deadline(own_daemon: Daemon, tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(SandboxError, match="under stuck within 2 s: no answer in time"):
        await opened(own_daemon, tmp_path, runtime="stuck", start_seconds=2.0)
    assert time.monotonic() - began < 15


async def test_read_only_can_write_nothing_but_its_own_places(daemon: Daemon, tmp_path: Path) -> None:
    executor = await DockerSandbox(daemon.env).open(Mount(str(tmp_path)), "read-only", Limits(timeout=20))
    ran = await run(executor, ["sh", "-c", "echo x > here; echo x > /tmp/there && echo wrote"])
    assert ran.out == b"wrote\n" and list(tmp_path.iterdir()) == []
    await executor.aclose()


async def test_who_listens_in_the_workspace_is_not_reached(daemon: Daemon, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        place = os.open(tmp_path, os.O_PATH)
        listener.bind(f"/proc/self/fd/{place}/service")
        os.close(place)
        listener.listen()
        (tmp_path / "service").chmod(0o777)
        executor = await DockerSandbox(daemon.env).open(Mount(str(tmp_path)), "read-only", Limits(timeout=20))
        code = "import socket; socket.socket(socket.AF_UNIX).connect('service')"
        ran = await run(executor, ["python3", "-c", code])
        await executor.aclose()
    assert b"ConnectionRefusedError" in ran.err, ran.text()


async def test_closing_ends_everything_and_leaves_nothing_behind(daemon: Daemon, tmp_path: Path) -> None:
    mounts = Path("/proc/self/mounts").read_text()
    executor = await opened(daemon, tmp_path)
    running = await executor.start(["sh", "-c", "trap '' TERM; setsid sleep 97 & sleep 97"])
    await anyio.sleep(0.1)
    await executor.aclose()
    assert (await running.wait()).status == 137
    assert daemon.ours() == [] and list(tmp_path.iterdir()) == []
    assert Path("/proc/self/mounts").read_text() == mounts


async def test_a_container_that_is_removed_is_a_result_and_built_anew(daemon: Daemon, tmp_path: Path) -> None:
    executor = await opened(daemon, tmp_path)
    running = await executor.start(["sh", "-c", "while :; do echo x >> beat; sleep 0.02; done"])
    await anyio.sleep(0.2)
    client = daemon.client()
    client.remove_container(daemon.ours()[0], force=True)
    client.close()
    ended = await running.wait()
    assert (ended.status, ended.reason) == (137, "sandbox"), ended
    assert (await run(executor, ["cat", "beat"])).out.startswith(b"x\n")
    await executor.aclose()


HOST = """
import asyncio, sys
from loopwright.core.ports import Mount
from loopwright.core.running import Limits
from loopwright.sandbox.docker import DockerSandbox
async def main():
    executor = await DockerSandbox().open(Mount(sys.argv[1]), "workspace-write", Limits())
    await executor.start(["sh", "-c", "trap '' TERM HUP; setsid sleep 98 & sleep 98"])
    print("up", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


async def test_a_killed_host_takes_its_container_along(daemon: Daemon, tmp_path: Path) -> None:
    host = await anyio.open_process([sys.executable, "-c", HOST, str(tmp_path)], stderr=None, env=daemon.env)
    assert host.stdout is not None
    assert (await host.stdout.receive()).strip() == b"up"
    assert len(daemon.ours()) == 1
    host.kill()
    await host.wait()
    await host.aclose()
    assert await until(lambda: daemon.ours() == [])
    await (await opened(daemon, tmp_path)).aclose()  # the next one sweeps up what was mounted
    assert f"loopwright-{host.pid}-" not in Path("/proc/self/mounts").read_text()


async def test_what_a_killed_host_and_a_killed_daemon_left_is_swept(own_daemon: Daemon, tmp_path: Path) -> None:
    host = await anyio.open_process([sys.executable, "-c", HOST, str(tmp_path)], stderr=None, env=own_daemon.env)
    assert host.stdout is not None
    assert (await host.stdout.receive()).strip() == b"up"
    (left,) = own_daemon.ours()
    own_daemon.kill()
    host.kill()
    await host.wait()
    await host.aclose()
    own_daemon.start()
    executor = await opened(own_daemon, tmp_path)
    assert left not in own_daemon.ours() and len(own_daemon.ours()) == 1
    await executor.aclose()


@pytest.mark.parametrize("how", ["stop", "kill"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.usefixtures("sockets_of_the_sdk")
async def test_a_daemon_that_goes_is_a_result_then_a_refusal_then_served_again(
    own_daemon: Daemon, tmp_path: Path, how: str
) -> None:
    executor = await opened(own_daemon, tmp_path)
    running = await executor.start(["sh", "-c", "echo kept > work; sleep 60"], Limits(timeout=30))
    assert await until((tmp_path / "work").exists)
    await anyio.to_thread.run_sync(getattr(own_daemon, how))
    ended = await running.wait()
    assert (ended.status, ended.reason) == (137, "sandbox"), ended
    with pytest.raises(SandboxError, match="Docker"):
        await executor.start(["true"])
    own_daemon.start()
    assert (await run(executor, ["cat", "work"])).out == b"kept\n"
    await executor.aclose()


async def test_a_warm_command_is_no_slower_than_the_sdks_exec(daemon: Daemon, tmp_path: Path) -> None:
    executor = await opened(daemon, tmp_path)
    client = daemon.client()
    name = daemon.ours()[0]
    ours, theirs = [], []
    for _ in range(20):
        began = time.perf_counter()
        assert (await run(executor, ["true"])).ok
        ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        client.exec_start(client.exec_create(name, ["true"])["Id"])
        theirs.append(time.perf_counter() - began)
    client.close()
    await executor.aclose()
    print(f"warm {statistics.median(ours) * 1e3:.1f} ms, SDK exec {statistics.median(theirs) * 1e3:.1f} ms")
    assert statistics.median(ours) < statistics.median(theirs)
