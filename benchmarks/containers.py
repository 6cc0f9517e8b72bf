"""A command in a warm container beside the same one by `docker exec` of Docker's own library."""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure
from benchmarks.sandbox import in_turn
from loopwright.core.ports import Mount
from loopwright.core.running import Limits, run
from loopwright.sandbox.docker import DockerSandbox

_TIMES = 30


def warm(home: Path) -> Iterator[Figure]:
    """Nothing where there is no daemon and none can be started."""
    with _daemon() as environment:
        if environment is not None:
            ours, sdk = asyncio.run(_warm(home, environment))
            middle, beside = statistics.median(ours) * 1000, statistics.median(sdk) * 1000
            yield Figure("Docker: warm command, median (bare: exec of its SDK)", middle, "ms", beside, beside)


async def _warm(home: Path, environment: Mapping[str, str]) -> tuple[list[float], list[float]]:
    import docker

    tree = home / "container"
    tree.mkdir(exist_ok=True)
    executor = await DockerSandbox(environment).open(Mount(str(tree)), "workspace-write", Limits(timeout=60))
    client: Any = docker.APIClient(base_url=environment.get("DOCKER_HOST"), version="auto")
    name = client.containers(filters={"status": "running"})[0]["Id"]

    async def ours() -> None:
        await run(executor, ["true"])

    def sdk() -> None:
        made = client.exec_create(name, ["true"])
        client.exec_start(made["Id"])

    try:
        return await in_turn(_TIMES, ours, sdk)
    finally:
        client.close()
        await executor.aclose()


@contextmanager
def _daemon() -> Iterator[Mapping[str, str] | None]:
    """The environment of a daemon: the one that is there, else one of the tests' own, else None."""
    try:
        import docker

        docker.from_env().close()
        docker.from_env().ping()
    except Exception:
        if os.geteuid() != 0 or not shutil.which("dockerd"):
            yield None
            return
    else:
        yield dict(os.environ)
        return
    from tests.real.daemon import Daemon

    made = Daemon()
    made.start()
    try:
        yield made.env
    finally:
        made.close()
