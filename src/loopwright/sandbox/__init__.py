"""Sandboxes: where commands run, what they may touch and what they may use."""

from loopwright.sandbox.bubblewrap import BubblewrapSandbox
from loopwright.sandbox.direct import DirectSandbox

__all__ = ["BubblewrapSandbox", "DirectSandbox"]
