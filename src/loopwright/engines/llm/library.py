"""The provider libraries, imported in a thread while sandbox and rules start: they cost a second of processor time."""

from __future__ import annotations

import importlib
import threading
from typing import TYPE_CHECKING

import anyio.to_thread

from loopwright.core.errors import ConfigError

if TYPE_CHECKING:
    from loopwright.engines.llm import dialogue

NEEDED = "loopwright.engines.llm.dialogue"


class Library:
    """The part of the engine that stands on the provider libraries, loaded once and late."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._load, name="load-model-library", daemon=True)
        self._started = threading.Lock()
        self._error: ImportError | None = None

    def warm(self) -> None:
        """Begin to import, if that has not begun. Returns at once."""
        if self._started.acquire(blocking=False):
            self._thread.start()

    async def dialogue(self) -> type[dialogue.Dialogue]:
        """Return the class that talks to a model. Raises ConfigError where the libraries are not installed."""
        self.warm()
        if self._thread.is_alive():
            await anyio.to_thread.run_sync(self._thread.join, abandon_on_cancel=True)
        if self._error is not None:
            raise ConfigError(f"the model engine is not installed ({self._error}): pip install 'loopwright[llm]'")
        loaded: type[dialogue.Dialogue] = importlib.import_module(NEEDED).Dialogue
        return loaded

    def _load(self) -> None:
        try:
            importlib.import_module(NEEDED)
        except ImportError as error:
            self._error = error
