"""The history in the provider's own JSON: mapped once, sent whole.

The libraries map and check every message of the history on every request; in a session of a thousand turns that
costs a second a turn. Here they map only what is new, and what they made of the rest is put before it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from pydantic_ai.messages import ModelMessage

Create = Callable[..., Awaitable[Any]]
HISTORY = ("input", "messages")


class Wire:
    """Stands between a model of the OpenAI family and its client's `create`."""

    def __init__(self) -> None:
        self._messages: list[ModelMessage] = []
        self._covered = 0  # of the messages, by what is mapped
        self._mapped: list[Any] = []
        self._sending: list[Any] = []

    def tail(self, messages: list[ModelMessage]) -> list[ModelMessage]:
        """Return the messages that the library still has to map; all of them for another conversation."""
        if messages is not self._messages or len(messages) <= self._covered:
            self._messages, self._covered, self._mapped = messages, 0, []
        return messages[self._covered :]

    def keep(self) -> None:
        """The request was answered: what was sent is what the next one begins with."""
        self._mapped, self._covered = self._sending, len(self._messages)

    def wrap(self, create: Create) -> Create:
        """Return `create` with the mapped history put before what it is given.

        Both go by `extra_body`, which the client takes as it is: ours is plain JSON, and to check each field of
        each message against its types costs it up to two milliseconds a message.
        """

        async def send(**given: Any) -> Any:
            name = next(name for name in HISTORY if name in given)
            self._sending = [*self._mapped, *given[name]]
            plain: dict[str, Any] = {name: self._sending}
            if isinstance(given.get("tools"), list):
                plain["tools"] = given["tools"]
            extra = {**(given.pop("extra_body", None) or {}), **plain}
            return await create(**{**given, **{key: [] for key in plain}}, extra_body=extra)

        return send
