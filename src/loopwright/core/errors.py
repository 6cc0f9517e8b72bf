"""Errors that end something. What the engine can act on is data (ToolResult, Verdict), not an exception."""

from __future__ import annotations

from loopwright.core.calls import Tokens


class LoopwrightError(Exception):
    """Every error Loopwright raises on purpose; its text is one line that says what to do."""


class UsageError(LoopwrightError):
    """The person can fix it: exit status 2."""


class ConfigError(UsageError):
    """A configuration file or an option is wrong."""


class PluginError(UsageError):
    """A plugin named in the user's configuration cannot be loaded."""


class WorkspaceError(UsageError):
    """The directory cannot be worked on."""


class EngineError(LoopwrightError):
    """The engine could not make a proposal and will not by being asked again.

    `tokens` is what the attempts cost all the same, None where they cost nothing or nothing is known.
    """

    def __init__(self, message: str = "", tokens: Tokens | None = None) -> None:
        super().__init__(message)
        self.tokens = tokens


class ProviderUnavailable(EngineError):
    """The provider did not answer, or answered 429 or 5xx, more often than the retries allow."""


class ContextOverflow(EngineError):
    """The request is larger than the model accepts: compact, then try once more."""


class BadProposal(EngineError):
    """The engine's answer cannot be read; the engine is told, three times in a row at most."""


class SandboxError(LoopwrightError):
    """The sandbox itself failed: fail closed, exit status 5, nothing runs without it."""


class StoreError(LoopwrightError):
    """The log cannot be appended to: stop at once, an unrecorded action must not happen."""


class ToolFailure(LoopwrightError):
    """Raised by a tool; dispatch turns it into a result with ok=False that the engine reads."""
