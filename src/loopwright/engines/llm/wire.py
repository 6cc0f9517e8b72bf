"""The history in the provider's own JSON: mapped and encoded once, sent whole.

The libraries map, check and encode every message of the history on every request; in a session of a thousand turns
that costs a second a turn. Here they map only what is new, and what was made of the rest is put before it as bytes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pydantic_ai.messages import ModelMessage

Call = Callable[..., Awaitable[Any]]
HISTORY = ("input", "messages")


class Wire:
    """Stands between a model of the OpenAI family and its client."""

    def __init__(self) -> None:
        self._messages: list[ModelMessage] = []
        self._covered = 0  # of the messages, by what is encoded
        self._encoded = b""  # messages as JSON, parted by commas
        self._sending = b""
        self._plain: dict[str, Any] = {}  # of the request being made: what the client need not look at
        self._tools: tuple[Any, bytes] = (None, b"")  # as last encoded: they are the same in nearly every request

    def tail(self, messages: list[ModelMessage]) -> list[ModelMessage]:
        """Return the messages that the library still has to map; all of them for another conversation."""
        if messages is not self._messages or len(messages) <= self._covered:
            self._messages, self._covered, self._encoded = messages, 0, b""
        return messages[self._covered :]

    def keep(self) -> None:
        """The request was answered: what was sent is what the next one begins with."""
        self._encoded, self._covered = self._sending, len(self._messages)

    def attach(self, resource: Any) -> None:
        """Send the requests of a client's resource with the history before what they are given."""
        vars(resource)["create"] = self._creating(resource.create)
        vars(resource)["_post"] = self._posting(resource._post)

    def _creating(self, create: Call) -> Call:
        """Keep messages and tools from the client: ours are plain JSON, and to check each field of each against its
        types costs it up to two milliseconds a message."""

        async def send(**given: Any) -> Any:
            self._plain = {name: given[name] for name in (*HISTORY, "tools") if isinstance(given.get(name), list)}
            return await create(**{**given, **{name: [] for name in self._plain}})

        return send

    def _posting(self, post: Call) -> Call:
        async def send(path: str, *, body: Mapping[str, Any], options: Mapping[str, Any], **given: Any) -> Any:
            extra = options.get("extra_json") or {}
            content = self._encode({**body, **extra})
            left = {name: value for name, value in options.items() if name != "extra_json"}
            return await post(path, content=content, options=left, **given)

        return send

    def _encode(self, fields: Mapping[str, Any]) -> bytes:
        """Return the request as the client would encode it, the history at its end."""
        from openai._utils._json import openapi_dumps

        name = next(name for name in HISTORY if name in self._plain)
        new = openapi_dumps(self._plain[name])[1:-1]
        self._sending = b",".join(part for part in (self._encoded, new) if part)
        rest = openapi_dumps({field: value for field, value in fields.items() if field not in self._plain})[:-1]
        tools = self._plain.get("tools")
        if tools is not None and tools != self._tools[0]:
            self._tools = (tools, b',"tools":%s' % openapi_dumps(tools))
        return b'%s%s,"%s":[%s]}' % (rest, self._tools[1] if tools is not None else b"", name.encode(), self._sending)
