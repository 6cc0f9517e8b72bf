"""The sandbox for machines that have Docker: one hardened container for a session, kept warm, no network.

The container's first process is our supervisor, so a command costs a message over the attached stream, not a `docker
exec` (docs/adr/0012).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
from collections.abc import Mapping, Sequence
from typing import Any

from loopwright.core.errors import SandboxError
from loopwright.core.oversight import Oversight
from loopwright.core.ports import Capability, Mount, Profile
from loopwright.core.running import Limits
from loopwright.sandbox.container_counters import Counters, open_counters
from loopwright.sandbox.container_executor import ContainerExecutor
from loopwright.sandbox.container_limits import check_container_limits
from loopwright.sandbox.disk import Gauge
from loopwright.sandbox.docker_container import (
    PRIVATE,
    Container,
    first_process,
    new_name,
    remove,
    start_container,
    sweep,
)
from loopwright.sandbox.docker_engine import connect, explained
from loopwright.sandbox.docker_image import Image, host_image, named_image
from loopwright.sandbox.docker_options import DockerOptions, check_options, read_daemon, read_profile
from loopwright.sandbox.docker_probe import probe
from loopwright.sandbox.docker_view import View, expose, keep, sweep_places, take_back
from loopwright.sandbox.environment import HOME, clean_environment, proxy_environment
from loopwright.sandbox.keeping import Kept
from loopwright.sandbox.launch import INSIDE
from loopwright.sandbox.lending import borrow, may_borrow
from loopwright.sandbox.limits import effective_limits
from loopwright.sandbox.network_rules import parse_network
from loopwright.sandbox.proxy import PORT
from loopwright.sandbox.seccomp import audit_program, program
from loopwright.sandbox.toolchain import Toolchain, find_toolchain


class DockerSandbox:
    """Implements the Sandbox port. `environment` is the caller's: DOCKER_HOST and its like name the daemon."""

    name = "docker"

    inside = INSIDE

    def __init__(self, environment: Mapping[str, str] | None = None, options: DockerOptions = DockerOptions()) -> None:
        self._environment = dict(os.environ if environment is None else environment)
        self._options = options
        self._toolchains: dict[str, Toolchain] = {}
        self._oversight = Oversight()

    @property
    def plain_views(self) -> bool:
        """Whether a view must be a copy: an ordinary user's overlay cannot be shown to a daemon."""
        return os.geteuid() != 0

    async def open(self, mount: Mount, profile: Profile, limits: Limits) -> ContainerExecutor:
        """A warm container over the mount. Raises SandboxError with what to do where it cannot start."""
        if profile == "danger-full-access":
            raise SandboxError("danger-full-access is not a profile of the Docker sandbox: ask for it by name")
        if self._oversight.trace:
            raise SandboxError("--trace does not reach into a container: use --backend bubblewrap for it")
        limits = effective_limits(Limits(), limits)
        check_container_limits(limits, limits)
        parse_network(limits.network)
        if limits.network != "none" and not self._may_borrow:
            raise SandboxError(
                f"network={limits.network} in a container needs Loopwright as root and Docker's own runtime: "
                "use none, or --backend bubblewrap"
            )
        builder = await asyncio.to_thread(self._prepare, mount, profile, limits)
        executor = ContainerExecutor(builder, limits, self._options.start_seconds, self._oversight)
        try:
            await executor.open()
        except BaseException:
            await executor.aclose()
            raise
        return executor

    def configured(self, options: DockerOptions) -> DockerSandbox:
        """The same with these options."""
        return DockerSandbox(self._environment, options)

    def oversee(self, oversight: Oversight) -> None:
        """Tell what is seen from now on. A trace is refused at the next start."""
        self._oversight = oversight

    @property
    def _may_borrow(self) -> bool:
        return may_borrow(self._options.runtime)

    def probe(self) -> tuple[Capability, ...]:
        """What works on this machine, for `doctor`."""
        return probe(self._environment, self._options)

    def _prepare(self, mount: Mount, profile: Profile, limits: Limits) -> DockerBuilder:
        client = connect(self._environment, self._options.start_seconds)
        try:
            return self._make_builder(client, mount, profile, limits)
        except BaseException:
            client.close()
            raise

    def _make_builder(self, client: Any, mount: Mount, profile: Profile, limits: Limits) -> DockerBuilder:
        with explained("the daemon does not tell what it can"):
            daemon = read_daemon(client.info())
        check_options(self._options, daemon)
        filter_ = read_profile(self._options)
        sweep(client)
        sweep_places()
        root = os.path.normpath(mount.at or mount.path)
        if root not in self._toolchains:
            self._toolchains[root] = find_toolchain(root, self._environment)
        image, variables = self._image(client, self._toolchains[root])
        view = expose(mount, profile, limits, new_name(), daemon.has("rootless"), self._environment)
        if limits.network != "none":
            variables = {**variables, **proxy_environment(PORT)}
        builder = DockerBuilder(client, image, view, {**variables, **mount.env}, limits, self._options, filter_)
        builder.audits = self._oversight.audit and self._may_borrow
        return builder

    def _image(self, client: Any, toolchain: Toolchain) -> tuple[Image, dict[str, str]]:
        """The image, and the variables a command starts with."""
        if not self._options.image and platform.system() != "Linux":
            raise SandboxError("containers run Linux programs: name an image that has Python ([docker] image = …)")
        if not self._options.image:
            return host_image(client, toolchain), clean_environment(self._environment, toolchain)
        image = named_image(client, self._options.image)
        own = Toolchain((), image.variables.get("PATH", os.defpath))
        return image, {**image.variables, **clean_environment(self._environment, own)}


class DockerBuilder:
    """Makes the containers of one executor."""

    inside = INSIDE

    def __init__(
        self,
        client: Any,
        image: Image,
        view: View,
        environment: Mapping[str, str],
        limits: Limits,
        options: DockerOptions,
        profile: str,
    ) -> None:
        self.root = view.root
        self.kept = Kept()
        self.environment = environment
        self.audits = False
        self._client, self._image, self._view = client, image, view
        self._limits, self._options, self._profile = limits, options, profile
        self._tree = os.open(view.measured, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    @property
    def setup(self) -> bytes:
        """The first request to the container's first process."""
        listens = self._limits.network != "none"
        fields = setup_fields(self._view, self._image.volumes, audits=self.audits, listens=listens)
        return b"\0".join(os.fsencode(field) for field in fields)

    async def build(self) -> Container:
        """Start a container. Raises SandboxError."""
        return await asyncio.to_thread(
            start_container,
            self._client,
            new_name(),
            self._image,
            self._view,
            self._limits,
            self._options,
            self._profile,
        )

    async def discard(self, container: Container) -> str:
        """Remove a container; returns why it had ended."""
        return await asyncio.to_thread(remove, self._client, container.name)

    def counters(self, container: Container) -> Counters | None:
        """The container's control group, as this process sees it."""
        pid = first_process(self._client, container.name)
        return open_counters(pid) if pid else None

    def borrow(self, container: Container, numbers: Sequence[int]) -> list[int]:
        """Descriptors of the container's first process. Raises SandboxError where they cannot be taken."""
        return borrow(first_process(self._client, container.name), numbers)

    def gauge(self, limits: Limits) -> Gauge | None:
        """Judges writing by the view's own file system, or by a plain directory's change."""
        if self._tree < 0:
            return None
        return Gauge(self._tree, self._view.watched, limits, self._view.limited)

    def close(self) -> None:
        """Keep what was written into layers, and take the view back from the daemon."""
        if self._tree >= 0:
            os.close(self._tree)
            self._tree = -1
            keep(self._view, self.kept)
            take_back(self._view)
        with contextlib.suppress(Exception):  # the daemon may be gone, and the library raises what its transport does
            self._client.close()


def setup_fields(view: View, volumes: tuple[str, ...], *, audits: bool = False, listens: bool = False) -> list[str]:
    """What the first process gives up (inside/isolate.py): system calls, and by Landlock all writing but in places."""
    writable = [*PRIVATE, *volumes, "/dev", "/proc", *(shown.at for shown in view.shown if shown.writable)]
    rules = ["listen", str(PORT), ""] if listens else []
    rules += ["allow", "/", "r", *(word for path in writable for word in ("allow", path, "w"))]
    return ["stay", "0", "0", HOME, "", program().hex(), audit_program().hex() if audits else "", *rules]
