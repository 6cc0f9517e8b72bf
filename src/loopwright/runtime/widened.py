"""A sandbox that shows more: directories and variables that a person asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from loopwright.core.errors import UsageError
from loopwright.core.ports import Bind, Capability, Mount, OpenExecutor, Profile, Sandbox
from loopwright.core.running import Limits


class WidenedSandbox:
    """Implements the Sandbox port over another one: every mount carries the directories and variables as well."""

    def __init__(self, sandbox: Sandbox, extra: tuple[Bind, ...], env: Mapping[str, str]) -> None:
        self.name = sandbox.name
        self.inside: str = getattr(sandbox, "inside", "")
        self._sandbox, self._extra, self._env = sandbox, extra, dict(env)

    async def open(self, mount: Mount, profile: Profile, limits: Limits) -> OpenExecutor:
        """Raises SandboxError as the sandbox below."""
        return await self._sandbox.open(self._widen(mount, profile), profile, limits)

    def _widen(self, mount: Mount, profile: Profile) -> Mount:
        """The mount with what was asked for; over a passing view, or for reading only, that can only be read."""
        narrow = mount.passing or profile == "read-only"
        extra = tuple(Bind(bind.path) for bind in self._extra) if narrow else self._extra
        return msgspec.structs.replace(mount, extra=(*mount.extra, *extra), env={**mount.env, **self._env})

    def probe(self) -> tuple[Capability, ...]:
        return self._sandbox.probe()


def binds(readable: Sequence[str], writable: Sequence[str]) -> tuple[Bind, ...]:
    """The directories as binds. Raises UsageError for one that is not there."""
    found = [Bind(_checked(path)) for path in readable]
    found += [Bind(_checked(path), writable=True) for path in writable]
    return tuple(found)


def kept_variables(names: Sequence[str], env: Mapping[str, str]) -> dict[str, str]:
    """The caller's variables of these names. Raises UsageError for a name that cannot be one."""
    for name in names:
        if not name or "=" in name:
            raise UsageError(f"{name!r} is not the name of a variable: --env takes NAME, its value is the caller's")
    return {name: env[name] for name in names if name in env}


def _checked(path: str) -> str:
    resolved = Path(path).expanduser().resolve()
    if not resolved.exists():
        raise UsageError(f"{path} is not there: correct --add-dir, --readable, --writable or the configuration")
    return str(resolved)
