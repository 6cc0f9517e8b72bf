"""Stands before the standard `unittest` on the path of a probed run and becomes it at once, with the probe's hook.

A `sitecustomize` would do as well, but there can be only one and the user may have it.
"""

from importlib import import_module  # pragma: no cover
from pathlib import Path  # pragma: no cover

import_module("loopwright_probe").become_unittest(str(Path(__file__).resolve().parents[1]))  # pragma: no cover
