"""The sandbox of choice on Linux: bubblewrap's namespaces and explicit binds, our supervisor as its first process.

As root, bubblewrap builds the sandbox with root's rights, so that toolchains and trees under a private home can be
shown, and the supervisor gives up uid, groups and capabilities before it takes the first request (docs/adr/0002).
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from loopwright.core.errors import SandboxError
from loopwright.core.oversight import Oversight
from loopwright.core.ports import Capability, Mount, Profile
from loopwright.core.running import Limits
from loopwright.sandbox.binds import Layout, bind_system, identity_files
from loopwright.sandbox.cgroups import Hierarchy, find_hierarchy
from loopwright.sandbox.environment import HOME, clean_environment, proxy_environment
from loopwright.sandbox.executor import WarmExecutor
from loopwright.sandbox.identity import choose_identity
from loopwright.sandbox.keeping import Keeper, Kept
from loopwright.sandbox.launch import INSIDE, Launched, memory_file, spawn
from loopwright.sandbox.limits import effective_limits
from loopwright.sandbox.metadata import find_sockets, metadata_binds, metadata_shields
from loopwright.sandbox.places import Place, find_places
from loopwright.sandbox.probe import advice, probe
from loopwright.sandbox.proxy import PORT
from loopwright.sandbox.seccomp import audit_program, program
from loopwright.sandbox.secrets import find_secrets
from loopwright.sandbox.toolchain import Toolchain, find_toolchain

#: Writable directories in memory, the sandbox's own.
PRIVATE = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108
_TMP_BYTES, _TMP_INODES = 512 << 20, 100_000
#: What a layer needs for itself.
_SPARE_INODES = 8
#: As inside/layers.py has it.
LAYERS = "/run/loopwright/layers"


class BubblewrapSandbox:
    """Implements the Sandbox port. `environment` is the caller's, this process's own by default: its PATH says what
    the toolchain is, and nothing else of it comes along but language and terminal."""

    name = "bubblewrap"

    inside = INSIDE

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = dict(os.environ if environment is None else environment)
        self._toolchains: dict[str, Toolchain] = {}
        self._hierarchies: list[Hierarchy | None] = []
        self._oversight = Oversight()

    def oversee(self, oversight: Oversight) -> None:
        """Tell what is seen from now on."""
        self._oversight = oversight

    async def open(self, mount: Mount, profile: Profile, limits: Limits) -> WarmExecutor:
        """A warm sandbox over the mount. Raises SandboxError with what to do where it cannot start."""
        if profile == "danger-full-access":
            raise SandboxError("danger-full-access is not a profile of the bubblewrap sandbox: ask for it by name")
        root = os.path.normpath(mount.at or mount.path)
        toolchain = functools.partial(self._find_toolchain, root)
        launcher = BubblewrapLauncher(
            mount, root, profile, effective_limits(Limits(), limits), toolchain, self._environment
        )
        launcher.audits = self._oversight.audit
        executor = WarmExecutor(launcher, limits, self._find_hierarchy, self._oversight)
        try:
            await executor.open()
        except BaseException:
            await executor.aclose()
            raise
        return executor

    def _find_toolchain(self, root: str) -> Toolchain:
        if root not in self._toolchains:
            self._toolchains[root] = find_toolchain(root, self._environment)
        return self._toolchains[root]

    def _find_hierarchy(self) -> Hierarchy | None:
        if not self._hierarchies:
            self._hierarchies.append(find_hierarchy())
        return self._hierarchies[0]

    def probe(self) -> tuple[Capability, ...]:
        """What works on this machine, for `doctor`."""
        return probe(find_hierarchy())


@functools.lru_cache(maxsize=1)
def _find_bubblewrap(path: str) -> str | None:
    return shutil.which("bwrap", path=path)


class BubblewrapLauncher:
    """Starts bubblewrap over one mount. What it is to show is looked for while it loads, `find_toolchain` as well."""

    inside = INSIDE
    direct = False

    def __init__(
        self,
        mount: Mount,
        root: str,
        profile: Profile,
        limits: Limits,
        find_toolchain: Callable[[], Toolchain],
        environment: Mapping[str, str],
    ) -> None:
        self.root = root
        self.environment: dict[str, str] = {}
        self.arguments: list[str] = []
        self.listens = limits.network != "none"
        self.audits = False
        self._mount = mount
        self._find_toolchain, self._caller = find_toolchain, environment
        self._python = os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)
        self._identity = choose_identity(mount)
        self._places = find_places(mount, root, profile, self._identity)
        self._layered = [place for place in self._places if place.lower]
        self.measured = next((place.at for place in self._layered), root)
        self.limited = mount.mount_namespace is not None or bool(self._layered)
        watched = [p.source for p in self._places if p.writable and not p.lower]
        self.watched = tuple(path for path in watched if path != mount.path or not self.limited)
        self.own_users = not self._identity.drop
        self.limits = limits
        self._began = 0.0
        self.kept = Kept()
        self._undo: list[Callable[[], None]] = []

    def setup(self, processors: Sequence[int]) -> list[str | bytes | int]:
        """The fields of the request by which the supervisor gives up its rights."""
        return [
            "drop" if self._identity.drop else "remap", self._identity.uid, self._identity.gid, HOME,
            ",".join(map(str, processors)), program(fixed_processors=bool(processors)).hex(),
            audit_program().hex() if self.audits else "", *(word for step in self._steps() for word in step),
        ]  # fmt: skip

    def launch(self) -> Launched:
        """Start bubblewrap; the answer to `setup` says whether the sandbox stands."""
        bwrap = _find_bubblewrap(os.environ.get("PATH", os.defpath))
        if not bwrap:
            raise SandboxError("bubblewrap is not installed: install the package `bubblewrap` (program `bwrap`)")
        self._began = time.time()
        data = {name: memory_file(content) for name, content in self._identity_files().items()}
        reading, writing = os.pipe()
        fds = [reading, *data.values(), *self._namespaces()]
        try:
            prefix = [*self._enter(), bwrap, "--args", str(reading), "--"]
            launched = spawn(prefix, self._python, INSIDE, fds, {"PATH": os.defpath, "LANG": "C.UTF-8"})
        except OSError as error:
            os.close(writing)
            raise SandboxError(f"the sandbox cannot be started: {error}") from None
        finally:
            for fd in (reading, *data.values()):
                os.close(fd)
        try:
            toolchain = self._find_toolchain()
            self.environment = self._environment(toolchain)
            self.arguments = self._arguments(data, toolchain)
            _write_words(writing, self.arguments)
        except OSError as error:
            launched.abandon()
            raise SandboxError(f"the sandbox cannot be started: {error}") from None
        except BaseException:
            launched.abandon()
            raise
        finally:
            os.close(writing)
        return launched

    def explain(self, answer: str, complaint: str) -> str:
        """What failed and what to do."""
        return advice(complaint or answer)

    def keep(self, layers: Sequence[int]) -> None:
        """Bring what was written into the layers to the directories below them."""
        user = (self._identity.uid, self._identity.gid)
        for place, layer in zip(self._layered, layers, strict=False):
            try:
                Keeper(place.source, self._began, user, self.kept).keep(layer)
            except OSError as error:
                self.kept.fail(place.source, error)

    def close(self) -> None:
        """Remove the empty `.git` that masked an absent one."""
        while self._undo:
            self._undo.pop()()

    def _environment(self, toolchain: Toolchain) -> dict[str, str]:
        proxy = proxy_environment(PORT) if self.listens else {}
        return {**clean_environment(self._caller, toolchain), **proxy, **self._mount.env}

    def _identity_files(self) -> dict[str, bytes]:
        shown = {place.at for place in self._places}
        files = identity_files(self._identity.uid, self._identity.gid, HOME)
        return {name: content for name, content in files.items() if name not in shown}

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

    def _arguments(self, data: Mapping[str, int], toolchain: Toolchain) -> list[str]:
        words = ["--die-with-parent", "--as-pid-1", "--new-session", "--hostname", "sandbox", "--clearenv"]
        words += ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
        words += self._identity.arguments(bool(self._layered))
        layout = Layout()
        bind_system(layout)
        layout.words += ["--proc", "/proc", "--dev", "/dev"]
        for private in PRIVATE:
            layout.private(private, _TMP_BYTES)
        for name, fd in data.items():
            layout.file(fd, name)
        for path in (*toolchain.binds, *_interpreter(toolchain)):
            layout.bind(path, path, "--ro-bind-try")
        layout.bind(str(Path(__file__).parent.parent / "inside"), INSIDE)
        if self._layered:
            layout.private(LAYERS, self.limits.disk or _TMP_BYTES)
        for place in self._places:
            self._show(place, layout)
        return [*words, *layout.words, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]

    def _show(self, place: Place, layout: Layout) -> None:
        if place.lower:
            layout.bind(place.source, place.lower)
            layout.make_parents(f"{place.at}/below")
            return
        layout.bind(place.source, place.at, "--bind" if place.writable else "--ro-bind")
        if place.writable and Path(place.source).is_dir():
            layout.words += metadata_binds(self._mount, place, self._undo)

    def _steps(self) -> list[tuple[str, str, str]]:
        """What the supervisor does to the mounts and then allows (see inside/isolate.py)."""
        size, inodes = self.limits.disk or _TMP_BYTES, self.limits.inodes or _TMP_INODES
        private = f"{min(size, _TMP_BYTES)},{min(inodes, _TMP_INODES)}"
        steps = [("limit", path, private) for path in PRIVATE]
        if self._layered:
            spare = _SPARE_INODES * len(self._layered)
            steps.append(("limit", LAYERS, f"{size},{inodes + spare}"))
        for place in self._places:
            if place.owner:
                steps.append(("own", place.lower or place.at, f"{place.owner[0]},{place.owner[1]}"))
            if place.lower:
                steps.append(("layer", place.lower, place.at))
                steps += metadata_shields(self._mount, place)
            steps += [("mask", f"{place.at}/{path}", "") for path in find_sockets(self._mount, place)]
            for path, directory in find_secrets(place, self._caller):
                steps.append(("shield", "", path) if directory else ("mask", path, ""))
        if self._layered:
            steps += [("hide", place.lower, "") for place in self._layered] + [("hide", LAYERS, "")]
        if self.listens:
            steps.append(("listen", str(PORT), ""))
        writable = [*PRIVATE, "/dev", "/proc", *(place.at for place in self._places if place.writable)]
        return [*steps, ("allow", "/", "r"), *(("allow", path, "w") for path in writable)]


def _interpreter(toolchain: Toolchain) -> list[str]:
    """The interpreter the supervisor runs on, where no other bind shows it."""
    places = {os.path.realpath(sys.base_prefix), os.path.realpath(sys.base_exec_prefix)}
    shown = ("/usr", *toolchain.binds)
    return [p for p in places if not any(p == top or p.startswith(top + "/") for top in shown)]


def _write_words(pipe: int, words: Sequence[str]) -> None:
    """Tell bubblewrap its arguments. One that ended before has said why by itself."""
    data = b"".join(os.fsencode(word) + b"\0" for word in words)
    with contextlib.suppress(BrokenPipeError):
        while data:
            data = data[os.write(pipe, data) :]
