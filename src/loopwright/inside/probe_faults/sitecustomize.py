"""Loaded before a Python application under probe: a route that fails, and word of the hashes that bcrypt made."""

from __future__ import annotations

import functools
import importlib.abc
import importlib.machinery
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

_PATH = os.environ.get("LOOPWRIGHT_FAULT", "")
_LOG = os.environ.get("LOOPWRIGHT_FAULT_LOG", "")
_CANARY = os.environ.get("LOOPWRIGHT_CANARY", "")


def fail() -> None:
    """The handler that fails."""
    raise RuntimeError("loopwright fault")


async def fail_soon(request: object) -> None:
    """The same where handlers are given the request."""
    fail()


def _after_init(holder: Any, add: Callable[[Any], None]) -> None:
    original = holder.__init__

    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        add(self)

    holder.__init__ = init


def _fastapi(module: Any) -> None:
    _after_init(module.FastAPI, lambda app: app.add_api_route(_PATH, fail, include_in_schema=False))


def _starlette(module: Any) -> None:
    _after_init(module.Starlette, lambda app: app.add_route(_PATH, fail_soon, include_in_schema=False))


def _flask(module: Any) -> None:
    _after_init(module.Flask, lambda app: app.add_url_rule(_PATH, "loopwright_fault", fail))


def _bcrypt(module: Any) -> None:
    original = module.hashpw

    def hashpw(password: bytes, salt: bytes) -> Any:
        made = original(password, salt)
        if password == _CANARY.encode():
            with Path(_LOG).open("a") as log:
                log.write(json.dumps({"name": "bcrypt", "hash": made.decode("ascii", "replace")}) + "\n")
        return made

    module.hashpw = hashpw


_PATCHES: dict[str, Callable[[Any], None]] = {
    "fastapi.applications": _fastapi,
    "starlette.applications": _starlette,
    "flask.app": _flask,
    "bcrypt": _bcrypt,
}


class _Patching(importlib.abc.Loader):
    """The module's own loader, and the patch after it."""

    def __init__(self, loader: importlib.abc.Loader, patch: Callable[[Any], None]) -> None:
        self._loader, self._patch = loader, patch

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        self._patch(module)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in _PATCHES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Patching(spec.loader, _PATCHES[fullname])
        return spec


if _PATH:
    sys.meta_path.insert(0, _Finder())
