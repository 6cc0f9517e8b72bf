"""Sandboxes: where commands run, what they may touch and what they may use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loopwright.sandbox.bubblewrap import BubblewrapSandbox as BubblewrapSandbox
    from loopwright.sandbox.direct import DirectSandbox as DirectSandbox

_MODULES = {"BubblewrapSandbox": "bubblewrap", "DirectSandbox": "direct"}


def __getattr__(name: str) -> Any:
    """Load a sandbox when it is first named: options are read by commands that start none."""
    if name not in _MODULES:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"loopwright.sandbox.{_MODULES[name]}"), name)
