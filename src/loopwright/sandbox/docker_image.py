"""What a container is made of: an image by name, or the host's own system in an empty frame, without any registry."""

from __future__ import annotations

import hashlib
import io
import os
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loopwright.core.errors import SandboxError
from loopwright.sandbox.binds import Layout, bind_system
from loopwright.sandbox.docker_engine import explained
from loopwright.sandbox.docker_view import Shown
from loopwright.sandbox.toolchain import Toolchain

_FRAME = "loopwright-host"
_DIRECTORIES = {"tmp": 0o1777, "var/tmp": 0o1777, "dev": 0o755, "proc": 0o755, "sys": 0o755, "run": 0o755, "etc": 0o755}


@dataclass(frozen=True)
class Image:
    """`variables` are the image's own; `volumes` are directories it would have writable without a limit."""

    name: str
    python: str
    shown: tuple[Shown, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    volumes: tuple[str, ...] = ()


def named_image(client: Any, name: str) -> Image:
    """An image the daemon has. Raises SandboxError where it has none of this name: nothing is fetched."""
    with explained(f"there is no image {name!r}, and none is fetched while sessions run: docker pull {name}"):
        config = client.inspect_image(name).get("Config") or {}
    variables = dict(pair.split("=", 1) for pair in config.get("Env") or () if "=" in pair)
    return Image(name, "python3", (), variables, tuple(config.get("Volumes") or ()))


def host_image(client: Any, toolchain: Toolchain) -> Image:
    """The system and the toolchain of this machine, bound read-only into a frame of empty directories.

    The frame is named by its content and imported once. Raises SandboxError.
    """
    links, shown = _system()
    places = {os.path.realpath(p) for p in (sys.base_prefix, sys.base_exec_prefix)} - {"/usr"}
    for path in (*toolchain.binds, *sorted(places)):
        if Path(path).exists() and not any(path == s.at or path.startswith(s.at + "/") for s in shown):
            shown.append(Shown(path, path))
    frame = make_frame(links)
    name = f"{_FRAME}:{hashlib.sha256(frame).hexdigest()[:16]}"
    with explained("the host's image cannot be looked up"):
        known = client.images(name)
    if not known:
        repository, _, tag = name.partition(":")
        with explained("the host's image cannot be imported"):
            client.import_image_from_data(frame, repository=repository, tag=tag)
    python = os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)
    return Image(name, python, tuple(shown))


def make_frame(links: Mapping[str, str]) -> bytes:
    """A tar file of empty directories and links; the same input gives the same bytes."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name, mode in sorted(_DIRECTORIES.items()):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            tar.addfile(entry)
        for name, target in sorted(links.items()):
            entry = tarfile.TarInfo(name.lstrip("/"))
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            tar.addfile(entry)
    return data.getvalue()


def _system() -> tuple[dict[str, str], list[Shown]]:
    """Links and directories of the system, as the bubblewrap sandbox shows them."""
    layout = Layout()
    bind_system(layout)
    links: dict[str, str] = {}
    shown: list[Shown] = []
    words = iter(layout.words)
    for option in words:
        first = next(words)
        if option == "--symlink":
            links[next(words)] = first
        elif option != "--dir":
            target = next(words)
            if Path(first).exists():
                shown.append(Shown(os.path.realpath(first), target))
    if not shown:
        raise SandboxError("this machine has no system directories to show: name an image")
    return links, shown
