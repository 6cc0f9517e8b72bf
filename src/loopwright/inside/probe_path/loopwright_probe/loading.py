"""Run by `__init__` as its own body: finds this package's modules and compiles them under a name that is no file."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

_FOLDER = Path(__file__).parent


class _Loader(importlib.abc.Loader):
    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        source = (_FOLDER / f"{name.rpartition('.')[2]}.py").read_text(encoding="utf-8")
        exec(compile(source, f"<{name}>", "exec"), module.__dict__)  # noqa: S102 - our own file


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        package, _, name = fullname.rpartition(".")
        if package != "loopwright_probe" or not (_FOLDER / f"{name}.py").is_file():
            return None
        return importlib.util.spec_from_loader(fullname, _Loader())


def become_unittest(shim: str) -> None:
    """Put the standard `unittest`, with the probe's hook, in the place of the module that stands before it."""
    elsewhere = [entry for entry in sys.path if entry != shim]
    spec = importlib.machinery.PathFinder.find_spec("unittest", elsewhere)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError("No module named 'unittest'", name="unittest")
    module = importlib.util.module_from_spec(spec)
    sys.modules["unittest"] = module
    spec.loader.exec_module(module)
    if "LOOPWRIGHT_PROBE" in os.environ:
        importlib.import_module("loopwright_probe.unittest_hook").install()


# With a path, pytest's own finder would come first and compile the modules under their files' names.
__path__: list[str] = []
sys.meta_path.append(_Finder())
