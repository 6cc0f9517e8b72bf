"""The provider libraries, loaded in a thread while sandbox and rules start: they cost a second of processor time."""

from __future__ import annotations

import gc
import importlib
import threading
from typing import TYPE_CHECKING

import anyio.to_thread

from loopwright.core.errors import ConfigError
from loopwright.engines.llm.asking import Asking
from loopwright.engines.llm.catalog import Endpoint

if TYPE_CHECKING:
    from loopwright.engines.llm.dialogue import Dialogue

NEEDED = "loopwright.engines.llm.dialogue"


class Library:
    """Makes the one Dialogue of an engine, late and off the event loop: imports, client, certificates."""

    def __init__(self, endpoint: Endpoint, asking: Asking) -> None:
        self._endpoint = endpoint
        self._asking = asking
        self._thread = threading.Thread(target=self._load, name="load-model-library", daemon=True)
        self._begun = threading.Lock()
        self._made: Dialogue | None = None
        self._error: Exception | None = None

    def warm(self) -> None:
        """Begin to load, if that has not begun. Returns at once."""
        if self._begun.acquire(blocking=False):
            self._thread.start()

    async def dialogue(self) -> Dialogue:
        """Return the dialogue. Raises ConfigError where a library is not installed or refuses the model's name."""
        self.warm()
        if self._thread.is_alive():
            await anyio.to_thread.run_sync(self._thread.join, abandon_on_cancel=True)
        if self._error is not None:
            raise self._error
        if self._made is None:
            raise AssertionError("a loading thread ends with a dialogue or with an error")
        return self._made

    async def aclose(self) -> None:
        """Close the connections, if any were made. A load that nobody waits for is not waited for either."""
        if self._made is not None:
            await self._made.aclose()

    def _load(self) -> None:
        try:
            module = importlib.import_module(NEEDED)
            self._made = module.Dialogue(self._endpoint, self._asking)
            gc.freeze()  # these objects stay: each full search for garbage among them takes a tenth of a second
        except ImportError as error:
            self._error = ConfigError(f"the model engine is not installed ({error}): pip install 'loopwright[llm]'")
        except Exception as error:  # raised again where it can be told to somebody
            self._error = error
