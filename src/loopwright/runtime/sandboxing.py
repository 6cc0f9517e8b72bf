"""One command in the sandbox, its output passed on as it comes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from loopwright.core.errors import SandboxError, UsageError
from loopwright.core.ports import Mount, Profile
from loopwright.core.running import DEFAULT_LIMITS, Exit, Limits
from loopwright.runtime.host import Host
from loopwright.runtime.settings import make_settings
from loopwright.runtime.wire import make_sandbox

#: Exit status where the sandbox refused to start the command.
REFUSED = 125


async def run_once(
    host: Host,
    directory: Path,
    command: Sequence[str],
    limits: Limits,
    profile: Profile,
    backend: str | None,
    writable: Sequence[str],
    readable: Sequence[str],
    names: Sequence[str],
    errors_only: bool,
) -> Exit:
    """Run command over `directory` itself: under workspace-write its writes stay. Never raises for the sandbox.

    Standard output goes to standard error where `errors_only`. A limit that cannot be enforced is a refusal.
    """
    root = directory.resolve()
    settings = make_settings(host.config, backend=backend)
    asked = {name: value for name in Limits.__struct_fields__ if (value := getattr(limits, name)) is not None}
    whole = msgspec.structs.replace(DEFAULT_LIMITS, **asked)
    mount = Mount(str(root), at=str(root))
    try:
        sandbox = make_sandbox(host.hub, settings, host.env)
        executor = await sandbox.open(mount, profile, whole)
    except (SandboxError, UsageError) as error:
        return Exit(REFUSED, "sandbox", str(error))
    try:
        process = await executor.start(command, whole)
        await process.send_eof()
        async for chunk in process.output():
            stream = sys.stderr if errors_only or chunk.stream == "err" else sys.stdout
            stream.buffer.write(chunk.data)
            stream.flush()
        return await process.wait()
    except SandboxError as error:
        return Exit(REFUSED, "sandbox", str(error))
    finally:
        await executor.aclose()
