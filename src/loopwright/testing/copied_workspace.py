"""A workspace made of plain copies, and an executor without any sandbox: for tests of what stands on these ports."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import signal
import stat
import tempfile
import time
import weakref
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from loopwright.core.checks import Change, FileChange, Promotion, Ref
from loopwright.core.errors import ToolFailure
from loopwright.core.ports import Blobs, Entry
from loopwright.core.running import Chunk, Exit, Limits, Process, Usage

_INSIDE = str(Path(__file__).parents[1] / "inside")


def replace_bytes(path: Path, data: bytes) -> None:
    """Write a file so that no compiled file of its last content seems to be of this one: a later second of change."""
    old = int(path.stat().st_mtime) if path.exists() else -1
    path.write_bytes(data)
    if int(path.stat().st_mtime) <= old:
        os.utime(path, (old + 1, old + 1))


class OpenProcess:
    """A child in its own process group; its output is held until it has ended."""

    def __init__(self, child: asyncio.subprocess.Process, timeout: float | None) -> None:
        self._child, self._timeout, self._began, self._late = child, timeout, time.monotonic(), False

    async def send(self, data: bytes) -> None:
        if self._child.stdin:
            self._child.stdin.write(data)

    async def send_eof(self) -> None:
        if self._child.stdin:
            self._child.stdin.close()

    async def output(self) -> AsyncIterator[Chunk]:
        if self._child.stdout is None:
            return
        try:
            data = await asyncio.wait_for(self._child.stdout.read(), self._timeout)
        except TimeoutError:
            self._late = True
            await self.kill()
            data = await self._child.stdout.read()
        yield Chunk("out", data)

    async def wait(self) -> Exit:
        code = await self._child.wait()
        usage = Usage(wall=time.monotonic() - self._began)
        return Exit(128 - code if code < 0 else code, "timeout" if self._late else "", usage=usage)

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)


class OpenHandedExecutor:
    """Starts processes on this machine with no sandbox around them."""

    inside = _INSIDE

    def __init__(self, root: Path, env: Mapping[str, str]) -> None:
        self._root, self._env = root, dict(env)

    async def start(
        self,
        argv: Sequence[str],
        limits: Limits = Limits(),
        *,
        cwd: str = "",
        env: Mapping[str, str] | None = None,
    ) -> Process:
        child = await asyncio.create_subprocess_exec(
            *argv,
            cwd=self._root / cwd,
            env={**self._env, **(env or {})},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        return OpenProcess(child, limits.timeout)


class CopiedFiles:
    """Files below one directory."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _at(self, path: str) -> Path:
        if path.startswith("/") or ".." in Path(path).parts:
            raise ToolFailure(f"{path} is outside the workspace")
        return self._root / path

    def read(self, path: str, limit: int = 64 << 20) -> bytes:
        try:
            data = self._at(path).read_bytes()
        except OSError as error:
            raise ToolFailure(f"{path}: {error.strerror}") from None
        if len(data) > limit:
            raise ToolFailure(f"{path} is larger than {limit} bytes")
        return data

    def write(self, path: str, data: bytes, mode: int | None = None) -> None:
        self._at(path).parent.mkdir(parents=True, exist_ok=True)
        replace_bytes(self._at(path), data)
        if mode is not None:
            self._at(path).chmod(mode)

    def delete(self, path: str) -> None:
        try:
            self._at(path).unlink()
        except OSError as error:
            raise ToolFailure(f"{path}: {error.strerror}") from None

    def stat(self, path: str) -> Entry | None:
        try:
            found = self._at(path).lstat()
        except OSError:
            return None
        kind = {stat.S_IFREG: "file", stat.S_IFDIR: "dir", stat.S_IFLNK: "link"}.get(stat.S_IFMT(found.st_mode))
        return Entry(path, kind or "other", found.st_size, found.st_mode & 0o7777)  # type: ignore[arg-type]  # of dict.get

    def entries(self, path: str = "") -> list[Entry]:
        prefix = f"{path}/" if path else ""
        names = sorted(child.name for child in self._at(path).iterdir())
        return [entry for name in names if (entry := self.stat(prefix + name))]

    def walk(self, path: str = "") -> list[Entry]:
        found: list[Entry] = []
        for entry in self.entries(path):
            name = entry.path.rsplit("/", 1)[-1]
            if entry.kind == "dir" and name not in (".git", ".pytest_cache"):
                found += self.walk(entry.path)
            elif entry.kind in ("file", "link"):
                found.append(entry)
        return found


class CopiedWorkspace:
    """A view of `root` as a plain copy of it; every checkpoint is another copy. Small trees only."""

    def __init__(
        self,
        root: Path,
        blobs: Blobs,
        env: Mapping[str, str],
        base: Ref | None = None,
        refs: Mapping[str, Path] | None = None,
    ) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="copied-"))
        weakref.finalize(self, shutil.rmtree, self._home, ignore_errors=True)
        self._view = self._home / "view"
        shutil.copytree(root, self._view, symlinks=True)
        self._env, self._blobs = dict(env), blobs
        self.root = str(root)
        self.note = ""
        self.files = CopiedFiles(self._view)
        self.executor = OpenHandedExecutor(self._view, env)
        self._refs: dict[str, Path] = dict(refs or {})
        self.base = base or self._keep()

    def _keep(self) -> Ref:
        tree = self._hash(self._view)
        kept = self._home / tree
        if not kept.exists():
            shutil.copytree(self._view, kept, symlinks=True)
        self._refs[tree] = kept
        return Ref(tree, tree)

    def _hash(self, root: Path) -> str:
        files = CopiedFiles(root)
        digest = hashlib.sha256()
        for entry in files.walk():
            digest.update(f"{entry.path}\0{entry.mode & 0o111}\0".encode() + files.read(entry.path) + b"\0")
        return digest.hexdigest()

    async def checkpoint(self) -> Ref:
        return self._keep()

    async def restore(self, ref: Ref) -> None:
        shutil.rmtree(self._view)
        shutil.copytree(self._refs[ref.id], self._view, symlinks=True)

    async def change(self, ref: Ref) -> Change:
        before, after = CopiedFiles(self._refs[self.base.id]), CopiedFiles(self._refs[ref.id])
        old, new = ({e.path: e.mode for e in files.walk()} for files in (before, after))
        changes: list[FileChange] = []
        for path in sorted(old.keys() | new.keys()):
            was = self._blobs.put(before.read(path)) if path in old else None
            now = self._blobs.put(after.read(path)) if path in new else None
            if was != now:
                kind = "add" if was is None else "delete" if now is None else "update"
                changes.append(FileChange(path, kind, was, now, old.get(path, 0), new.get(path, 0)))  # type: ignore[arg-type]  # the three literals
        return Change(self.base.tree, ref.tree, tuple(changes))

    @asynccontextmanager
    async def fresh(self, ref: Ref, patch: Mapping[str, bytes | None] | None = None) -> AsyncIterator[CopiedWorkspace]:
        view = CopiedWorkspace(self._refs[ref.id], self._blobs, self._env, base=self.base, refs=self._refs)
        try:
            for path, data in (patch or {}).items():
                if data is not None:
                    view.files.write(path, data)
                elif view.files.stat(path):
                    view.files.delete(path)
            yield view
        finally:
            await view.aclose()

    async def inputs(self) -> dict[str, str]:
        return {}

    async def stale(self, ref: Ref) -> tuple[str, ...]:
        return ()

    async def promote(self, ref: Ref) -> Promotion:
        shutil.copytree(self._refs[ref.id], self.root, symlinks=True, dirs_exist_ok=True)
        return Promotion(ref, (await self.change(ref)).paths)

    async def aclose(self) -> None:
        shutil.rmtree(self._home, ignore_errors=True)
