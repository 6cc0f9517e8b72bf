"""One command in the sandbox: its streams passed on as they come, its writes kept when it has ended."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import anyio
import msgspec

from loopwright.core.errors import SandboxError, UsageError
from loopwright.core.fact import Fact
from loopwright.core.oversight import NetworkRequest, Observation, Oversight, SystemCall
from loopwright.core.ports import Mount, OpenExecutor, Profile, Sandbox
from loopwright.core.running import DEFAULT_LIMITS, Exit, Limits, Process
from loopwright.runtime.asking import ask_person
from loopwright.runtime.host import Host
from loopwright.runtime.settings import make_settings
from loopwright.runtime.streams import pass_input, pass_output
from loopwright.runtime.widened import WidenedSandbox, binds, kept_variables
from loopwright.runtime.wire import make_sandbox, oversee

#: Exit status where the sandbox refused to start the command, or the directory did not take its writes.
REFUSED = 125
#: Limits that hold exactly in a layer only.
_EXACT = ("disk", "inodes")
_MOST_CALLS = 1000


@dataclass(frozen=True)
class Order:
    """What is to be run and within what; None and () leave it to the configuration."""

    command: Sequence[str]
    limits: Limits
    profile: Profile = "workspace-write"
    backend: str | None = None
    writable: Sequence[str] = ()
    readable: Sequence[str] = ()
    names: Sequence[str] = ()
    trace: str = ""  # a file for every system call


class Outcome(Fact, frozen=True):
    """How it ended, how many of its writes were kept, which were not (path, reason), and what it asked for outside."""

    exit: Exit
    kept: int = 0
    left_out: tuple[tuple[str, str], ...] = ()
    requests: tuple[NetworkRequest, ...] = ()
    calls: tuple[SystemCall, ...] = ()


async def run_once(host: Host, directory: Path, order: Order, errors_only: bool) -> Outcome:
    """Run the command over `directory`. Never raises for the sandbox: a refusal is an Exit.

    Under workspace-write the writes go into a layer, where limits on disk and files are exact, and from there into the
    directory when all that was started has ended. Standard output goes to standard error where `errors_only`.
    """
    try:
        return await _Run(host, directory.resolve(), order, errors_only).run()
    except (SandboxError, UsageError) as error:
        return Outcome(Exit(REFUSED, "sandbox", str(error)))


@dataclass
class _Run:
    host: Host
    root: Path
    order: Order
    errors_only: bool
    stopped: int = 0  # the signal that was sent to us
    requests: list[NetworkRequest] = field(default_factory=list)
    calls: list[SystemCall] = field(default_factory=list)

    async def run(self) -> Outcome:
        order, config = self.order, self.host.config
        asked = _given(order.limits)
        limits = msgspec.structs.replace(DEFAULT_LIMITS, **{**_given(config.limits), **asked})
        settings = make_settings(config, backend=order.backend)
        extra = binds(config.readable, config.writable)
        env = kept_variables((*config.env, *order.names), self.host.env)
        backend = make_sandbox(self.host.hub, settings, self.host.env)
        oversee(backend, Oversight(self._observe, ask_person, config.anomalies, audit=True, trace=order.trace))
        sandbox = WidenedSandbox(backend, extra, env)
        executor = await self._open(sandbox, limits, [name for name in _EXACT if name in asked])
        try:
            ended = await self._drive(executor, limits)
        finally:
            with anyio.CancelScope(shield=True):
                await executor.aclose()
        return self._outcome(ended, executor)

    def _observe(self, seen: Observation) -> None:
        """Called from any thread."""
        if isinstance(seen, NetworkRequest):
            self.requests.append(seen)
        elif isinstance(seen, SystemCall) and len(self.calls) < _MOST_CALLS:
            self.calls.append(seen)

    async def _open(self, sandbox: Sandbox, limits: Limits, exact: list[str]) -> OpenExecutor:
        """Over a layer; in place where none can be mounted, unless a limit was asked for that only a layer has."""
        profile = self.order.profile
        asked = binds(self.order.readable, self.order.writable)  # for this command, whatever its profile says of DIR
        layered = profile == "workspace-write" or any(bind.writable for bind in asked)
        mount = Mount(str(self.root), at=str(self.root), layered=layered, extra=asked)
        try:
            return await sandbox.open(mount, profile, limits)
        except SandboxError as error:
            if "mount a layer" not in str(error):
                raise
            if exact:
                raise SandboxError(f"--{exact[0]} cannot be enforced in {self.root}: {error}") from None
            return await sandbox.open(msgspec.structs.replace(mount, layered=False), profile, limits)

    async def _drive(self, executor: OpenExecutor, limits: Limits) -> Exit:
        process = await executor.start(self.order.command, limits)
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._heed_signals, process)
                group.start_soon(pass_input, process)
                await pass_output(process, self.errors_only)
                ended = await process.wait()
                group.cancel_scope.cancel()
        except BaseException:
            with anyio.CancelScope(shield=True):
                await process.kill()
            raise
        if self.stopped and ended.reason == "stopped":
            return msgspec.structs.replace(ended, status=128 + self.stopped)
        return ended

    async def _heed_signals(self, process: Process) -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM, signal.SIGHUP) as signals:
            async for number in signals:
                self.stopped = self.stopped or number
                with contextlib.suppress(SandboxError):
                    await process.kill()

    def _outcome(self, ended: Exit, executor: OpenExecutor) -> Outcome:
        kept = getattr(executor, "kept", None)
        if kept is None:
            return Outcome(ended, requests=tuple(self.requests), calls=tuple(self.calls))
        if kept.failed and ended.status == 0:
            where, reason = kept.left_out[-1] if kept.left_out else (str(self.root), "failed")
            ended = msgspec.structs.replace(
                ended, status=REFUSED, reason="sandbox", detail=f"{where} could not be written: {reason}"
            )
        return Outcome(ended, kept.count, tuple(kept.left_out), tuple(self.requests), tuple(self.calls))


def trace_file(host: Host) -> str:
    """A new file for a trace, among the user's own. Raises UsageError."""
    place = host.home.state / "traces"
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise UsageError(f"{place} cannot be made: {error.strerror}") from None
    return str(place / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.txt")


def _given(limits: Limits) -> dict[str, object]:
    return {name: value for name in Limits.__struct_fields__ if (value := getattr(limits, name)) is not None}
