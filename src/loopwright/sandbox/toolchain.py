"""The programs a user's PATH resolves to, wherever they are kept, shown in the sandbox without configuration."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from loopwright.sandbox.versions import shim_directories

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store")
#: Directories beside `bin` that make its parent an installation of its own.
_INSTALLED = ("lib", "lib64", "libexec", "pyvenv.cfg", "conda-meta", "include", "Cellar")
#: Per-user directories that hold other things than programs: only these parts of them are shown.
_SHARED_PREFIXES = {
    ".local": ("bin", "lib", "libexec", "share/pipx", "share/uv/tools", "share/uv/python"),
    ".cargo": ("bin",),
}
_VERSION_HOMES = {"RUSTUP_HOME": ".rustup", "VOLTA_HOME": ".volta", "GOROOT": "", "JAVA_HOME": "", "NVM_DIR": ""}
_MOST_ENTRIES = 2000


@dataclass(frozen=True)
class Toolchain:
    """What to bind read-only at its own path, the PATH to use inside, and variables that name a shown directory."""

    binds: tuple[str, ...]
    path: str
    variables: Mapping[str, str] = field(default_factory=dict)


def find_toolchain(root: str, environment: Mapping[str, str]) -> Toolchain:
    """Follow PATH, an active virtual environment and the workspace's own to what they need. Starts no process."""
    home = environment.get("HOME") or str(Path.home())
    collector = _Collector(home, root)
    for directory in environment.get("PATH", os.defpath).split(":"):
        if not directory.startswith("/"):
            continue  # the current directory, as a command sees it, is no toolchain
        with contextlib.suppress(PermissionError):  # what the caller cannot read, a sandbox cannot show
            for shown in shim_directories(os.path.normpath(directory), root, environment):
                collector.add_bin(shown)
    variables: dict[str, str] = {}
    for venv in (environment.get("VIRTUAL_ENV", ""), f"{root}/.venv", f"{root}/venv"):
        with contextlib.suppress(PermissionError):
            if venv and collector.add_venv(venv) and venv == environment.get("VIRTUAL_ENV"):
                variables["VIRTUAL_ENV"] = venv
    for name, default in _VERSION_HOMES.items():
        value = environment.get(name) or (f"{home}/{default}" if default else "")
        with contextlib.suppress(PermissionError):
            if value and collector.add_tree(value):
                variables[name] = value
    parent = os.path.dirname(root)
    while parent not in ("/", home, ""):
        collector.add_tree(f"{parent}/node_modules")
        parent = os.path.dirname(parent)
    return Toolchain(tuple(collector.binds), ":".join(collector.path), variables)


class _Collector:
    """Gathers directories to bind, each once and none within another."""

    def __init__(self, home: str, root: str) -> None:
        self.home = os.path.normpath(home)
        self.root = os.path.normpath(root)
        self.binds: list[str] = []
        self.path: list[str] = []

    def add_bin(self, directory: str) -> None:
        """One directory of PATH: its installation, and what its links lead to."""
        if directory in self.path or not os.path.isdir(directory):
            return
        self.path.append(directory)
        if self._shown(directory):
            return
        prefix = os.path.dirname(directory)
        if os.path.isfile(f"{prefix}/pyvenv.cfg"):
            self.add_venv(prefix)
        elif not self.add_installation(directory):
            self._bind_programs(directory)
        self._follow_links(directory)

    def _bind_programs(self, directory: str) -> None:
        """Bind a directory of programs; of one that is a home, or holds one, the programs alone."""
        if f"{self.home}/".startswith(f"{os.path.normpath(directory)}/"):
            with os.scandir(directory) as entries:
                for entry in sorted(entries, key=lambda e: e.name)[:_MOST_ENTRIES]:
                    if entry.is_file(follow_symlinks=False) and os.access(entry.path, os.X_OK):
                        self._bind(entry.path)
            return
        self._bind(directory)

    def add_installation(self, directory: str) -> bool:
        """Bind the tree whose `bin` this is; False where it is not part of one that may be shown whole."""
        prefix, name = os.path.split(directory)
        above, own = os.path.split(prefix)
        if above == self.home and own in _SHARED_PREFIXES:
            for part in _SHARED_PREFIXES[own]:
                self.add_tree(f"{prefix}/{part}")
            return True
        if name not in ("bin", "sbin", "Scripts"):
            return False
        return any(os.path.lexists(f"{prefix}/{part}") for part in _INSTALLED) and self.add_tree(prefix)

    def add_venv(self, venv: str) -> bool:
        """Bind a virtual environment and the installation its interpreter comes from.

        One inside the workspace may be the work of whoever wrote the repository: its links lead to nothing but an
        installation of Python, and its path files to nothing at all.
        """
        if not os.path.isfile(f"{venv}/pyvenv.cfg") or not os.path.lexists(f"{venv}/bin/python"):
            return False
        own = not os.path.realpath(venv).startswith(os.path.realpath(self.root) + "/")
        if own:
            self.add_tree(venv)
        link = Path(venv, "bin", "python")
        while link.is_symlink():  # the links in between must exist inside as well
            link = Path(os.path.normpath(link.parent / link.readlink()))
            if own or _is_python(link):
                self._add_program(str(link))
        for listed in Path(venv, "lib").glob("python*/site-packages/*.pth") if own else ():
            self._add_listed(listed)
        return True

    def add_tree(self, tree: str) -> bool:
        """Bind a directory unless that would show a home or the system whole; True where it is shown."""
        tree = os.path.normpath(tree)
        if not os.path.isdir(tree):
            return False
        if self._shown(tree):
            return True
        if tree == "/" or self.home == tree or self.home.startswith(tree + "/"):
            return False
        self._bind(tree)
        return True

    def _add_program(self, program: str) -> None:
        path = Path(program)
        if not self._shown(program) and not self.add_installation(str(path.parent)) and path.exists():
            self._bind(program)

    def _add_listed(self, listed: Path) -> None:
        """Directories that a .pth file puts on the import path (editable installations)."""
        try:
            lines = listed.read_text(errors="replace").splitlines()
        except OSError:
            return
        for line in lines[:100]:
            if line.startswith("/"):
                self.add_tree(line.strip())

    def _follow_links(self, directory: str) -> None:
        try:
            entries = sorted(os.scandir(directory), key=lambda e: e.name)[:_MOST_ENTRIES]
        except OSError:
            return
        for entry in entries:
            if entry.is_symlink() and "/" in os.readlink(entry.path):  # else it leads to a neighbour, which is shown
                target = os.path.realpath(entry.path)
                if not self._shown(target) and os.path.isfile(target):
                    self._add_program(target)

    def _shown(self, path: str) -> bool:
        return any(path == top or path.startswith(top + "/") for top in (*_SYSTEM, self.root, *self.binds))

    def _bind(self, path: str) -> None:
        self.binds = [b for b in self.binds if not b.startswith(path + "/")]
        self.binds.append(path)


def _is_python(program: Path) -> bool:
    """True for the interpreter of an installation of Python."""
    library = program.parent.parent / "lib"
    return program.name.startswith("python") and any(library.glob("python3.*/os.py"))
