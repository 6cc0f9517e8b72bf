"""The sandbox of choice on Linux: bubblewrap's namespaces and explicit binds, our supervisor as its first process.

As root, bubblewrap builds the sandbox with root's rights, so that toolchains and trees under a private home can be
shown, and the supervisor gives up uid, groups and capabilities before it takes the first request (docs/adr/0002).
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from loopwright.core.errors import SandboxError
from loopwright.core.ports import Capability, Mount, Profile
from loopwright.core.running import Limits
from loopwright.sandbox.binds import Layout, bind_system, identity_files
from loopwright.sandbox.cgroups import Hierarchy, find_hierarchy
from loopwright.sandbox.environment import HOME, clean_environment
from loopwright.sandbox.executor import WarmExecutor
from loopwright.sandbox.identity import choose_identity
from loopwright.sandbox.launch import INSIDE, SERVE, Launched, spawn
from loopwright.sandbox.metadata import metadata_binds
from loopwright.sandbox.probe import advice, probe
from loopwright.sandbox.seccomp import program
from loopwright.sandbox.toolchain import Toolchain, find_toolchain

#: Writable directories in memory, the sandbox's own.
PRIVATE = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108
_TMP_BYTES, _TMP_INODES = 512 << 20, 100_000


class BubblewrapSandbox:
    """Implements the Sandbox port. `environment` is the caller's, this process's own by default: its PATH says what
    the toolchain is, and nothing else of it comes along but language and terminal."""

    name = "bubblewrap"

    inside = INSIDE

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = dict(os.environ if environment is None else environment)
        self._toolchains: dict[str, Toolchain] = {}
        self._hierarchy: Hierarchy | None = None
        self._looked = False

    async def open(self, mount: Mount, profile: Profile, limits: Limits) -> WarmExecutor:
        """A warm sandbox over the mount. Raises SandboxError with what to do where it cannot start."""
        if profile == "danger-full-access":
            raise SandboxError("danger-full-access is not a profile of the bubblewrap sandbox: ask for it by name")
        root = os.path.normpath(mount.at or mount.path)
        if not self._looked:
            self._hierarchy, self._looked = find_hierarchy(), True
        if root not in self._toolchains:
            self._toolchains[root] = find_toolchain(root, self._environment)
        launcher = BubblewrapLauncher(mount, root, profile, self._toolchains[root], self._environment)
        executor = WarmExecutor(launcher, limits, self._hierarchy)
        try:
            await executor.open()
        except BaseException:
            await executor.aclose()
            raise
        return executor

    def probe(self) -> tuple[Capability, ...]:
        """What works on this machine, for `doctor`."""
        return probe(find_hierarchy())


class BubblewrapLauncher:
    """Starts bubblewrap over one mount."""

    inside = INSIDE
    direct = False

    def __init__(
        self, mount: Mount, root: str, profile: Profile, toolchain: Toolchain, environment: Mapping[str, str]
    ) -> None:
        self.root = root
        self.limited = mount.mount_namespace is not None
        self.view = "" if self.limited else mount.path
        self.environment = clean_environment(environment, toolchain)
        self._mount = mount
        self._profile = profile
        self._toolchain = toolchain
        self._python = os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)
        self._identity = choose_identity(mount)
        self.own_users = not self._identity.drop
        self._undo: list[Callable[[], None]] = []
        self.setup: list[str | bytes | int] = [
            "drop" if self._identity.drop else "remap", self._identity.uid, self._identity.gid, HOME,
            _TMP_BYTES, _TMP_INODES, root if self._identity.mapped else "", program().hex(), *self._landlock_rules(),
        ]  # fmt: skip

    def launch(self) -> Launched:
        """Start bubblewrap; the answer to `setup` says whether the sandbox stands."""
        bwrap = shutil.which("bwrap")
        if not bwrap:
            raise SandboxError("bubblewrap is not installed: install the package `bubblewrap` (program `bwrap`)")
        data = {name: _memory_file(content) for name, content in self._identity_files().items()}
        fds = [*data.values(), *self._namespaces()]
        try:
            prefix = [*self._enter(), bwrap, *self._arguments(data), "--"]
            return spawn(
                prefix, [self._python, "-ISc", SERVE.format(INSIDE)], fds, {"PATH": os.defpath, "LANG": "C.UTF-8"}
            )
        except OSError as error:
            raise SandboxError(f"the sandbox cannot be started: {error}") from None
        finally:
            for fd in data.values():
                os.close(fd)

    def explain(self, answer: str, complaint: str) -> str:
        """What failed and what to do."""
        return advice(complaint or answer)

    def close(self) -> None:
        """Remove the empty `.git` that masked an absent one."""
        while self._undo:
            self._undo.pop()()

    def _identity_files(self) -> dict[str, bytes]:
        return identity_files(self._identity.uid, self._identity.gid, HOME)

    def _namespaces(self) -> list[int]:
        return [fd for fd in (self._mount.user_namespace, self._mount.mount_namespace) if fd is not None]

    def _enter(self) -> list[str]:
        """The way into the view's namespaces, and out of root where root may not build the sandbox itself."""
        words: list[str] = []
        if self._namespaces():
            words = ["nsenter"]
            if self._mount.user_namespace is not None:
                words += ["--preserve-credentials", f"--user=/proc/self/fd/{self._mount.user_namespace}"]
            if self._mount.mount_namespace is not None:
                words.append(f"--mount=/proc/self/fd/{self._mount.mount_namespace}")
            words.append("--")
        if self._identity.drop_first:
            uid, gid = self._identity.uid, self._identity.gid
            words += ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--"]
        return words

    def _arguments(self, data: Mapping[str, int]) -> list[str]:
        words = ["--die-with-parent", "--as-pid-1", "--new-session", "--hostname", "sandbox", "--clearenv"]
        words += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        words += self._identity.arguments()
        layout = Layout()
        bind_system(layout)
        layout.words += ["--proc", "/proc", "--dev", "/dev"]
        for place in PRIVATE:
            layout.private(place, _TMP_BYTES)
        for name, fd in data.items():
            layout.file(fd, name)
        for path in (*self._toolchain.binds, *self._interpreter()):
            layout.bind(path, path, "--ro-bind-try")
        layout.bind(str(Path(__file__).parent.parent / "inside"), INSIDE)
        writable = self._profile == "workspace-write"
        layout.bind(self._mount.path, self.root, "--bind" if writable else "--ro-bind")
        if writable:
            layout.words += metadata_binds(self._mount, self.root, self._undo)
        return [*words, *layout.words, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]

    def _interpreter(self) -> list[str]:
        """The interpreter the supervisor runs on, where no other bind shows it."""
        places = {os.path.realpath(sys.base_prefix), os.path.realpath(sys.base_exec_prefix)}
        shown = ("/usr", *self._toolchain.binds)
        return [p for p in places if not any(p == top or p.startswith(top + "/") for top in shown)]

    def _landlock_rules(self) -> list[str]:
        writable = [*PRIVATE, "/dev", "/proc"]
        if self._profile == "workspace-write":
            writable.append(self.root)
        return ["r /", *(f"w {path}" for path in writable)]


def _memory_file(content: bytes) -> int:
    fd = os.memfd_create("data", os.MFD_CLOEXEC)
    os.write(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
