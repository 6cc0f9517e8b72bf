"""Frames to and from the first process of a container (see inside/container_agent.py for what they mean)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loopwright.core.errors import SandboxError

HEAD = 9
#: No honest frame is longer: output comes in pieces of 64 KiB.
_LONGEST = 1 << 20
_ATTACH_HEAD = 8
_STDOUT, _STDERR = 1, 2
_COMPLAINT = 4096


@dataclass(frozen=True)
class Frame:
    """One message. `ident` is the command's number, 0 for the container itself."""

    kind: bytes
    ident: int
    payload: bytes

    def fields(self) -> list[bytes]:
        """The payload's fields."""
        return self.payload.split(b"\0")


def encode(kind: bytes, ident: int, payload: bytes = b"") -> bytes:
    """One frame as bytes."""
    return len(payload).to_bytes(4, "big") + kind + ident.to_bytes(4, "big") + payload


class Decoder:
    """Takes an attached stream apart: Docker's own headers (Engine API, "attach": STREAM 0 0 0 LENGTH), then frames."""

    def __init__(self) -> None:
        self._raw = bytearray()
        self._frames = bytearray()
        self._said = bytearray()

    def complaint(self) -> str:
        """The last line that came over standard error."""
        lines = self._said.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete now. Raises SandboxError for what is no frame."""
        self._raw += data
        while len(self._raw) >= _ATTACH_HEAD:
            end = _ATTACH_HEAD + int.from_bytes(self._raw[4:8], "big")
            if len(self._raw) < end:
                break
            stream, payload = self._raw[0], self._raw[_ATTACH_HEAD:end]
            del self._raw[:end]
            if stream == _STDOUT:
                self._frames += payload
            elif stream == _STDERR:
                self._said = (self._said + payload)[-_COMPLAINT:]
        yield from self._take()

    def _take(self) -> Iterator[Frame]:
        while len(self._frames) >= HEAD:
            length = int.from_bytes(self._frames[:4], "big")
            if length > _LONGEST:
                raise SandboxError("the container's first process does not keep to its protocol")
            if len(self._frames) < HEAD + length:
                return
            kind, ident = bytes(self._frames[4:5]), int.from_bytes(self._frames[5:9], "big")
            payload = bytes(self._frames[HEAD : HEAD + length])
            del self._frames[: HEAD + length]
            yield Frame(kind, ident, payload)
