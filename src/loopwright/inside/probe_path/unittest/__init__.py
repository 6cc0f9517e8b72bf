"""Stands before the standard `unittest` on the path of a probed run and becomes it at once, with the probe's hook.

A `sitecustomize` would do as well, but there can be only one and the user may have it.
"""

from __future__ import annotations

import importlib
import os
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path

_PATH = str(Path(__file__).resolve().parents[1])


def _become() -> None:
    spec = PathFinder.find_spec("unittest", [entry for entry in sys.path if entry != _PATH])
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError("No module named 'unittest'", name="unittest")
    module = module_from_spec(spec)
    sys.modules["unittest"] = module
    spec.loader.exec_module(module)
    if "LOOPWRIGHT_PROBE" in os.environ:
        importlib.import_module("loopwright_probe.unittest_hook").install()


_become()
