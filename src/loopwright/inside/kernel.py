"""The C library's functions without the package ctypes, whose import would take a tenth of a sandbox's start.

Numbers are passed as C longs, bytes by their address, None as a null pointer; every result is a C long.
"""

from __future__ import annotations

import _ctypes
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Long(_ctypes._SimpleCData):  # type: ignore[type-arg]  # not generic at run time
    _type_ = "l"


class _Char(_ctypes._SimpleCData):  # type: ignore[type-arg]  # as above
    _type_ = "c"


class _Function(_ctypes.CFuncPtr):
    _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_USE_ERRNO
    _restype_ = _Long


_library = _ctypes.dlopen(None, os.RTLD_NOW)  # type: ignore[arg-type]  # None is this program itself, dlopen(3)
_known: dict[str, _Function] = {}


def call(name: str, *arguments: int | bytes | None) -> int:
    """Call a function of the C library; what went wrong is in `errno`."""
    if name not in _known:
        _known[name] = _Function(_ctypes.dlsym(_library, name))
    return int(_known[name](*(_Long(value) if isinstance(value, int) else value for value in arguments)))


def errno() -> int:
    """The error number of the last call."""
    return int(_ctypes.get_errno())


def checked(result: int, what: str) -> int:
    """The result, where it is no error. Raises OSError that says what failed."""
    if result < 0:
        raise OSError(errno(), f"{what}: {os.strerror(errno())}")
    return result


def number(value: int, width: int) -> bytes:
    """An unsigned number of so many bytes as the machine stores it."""
    return value.to_bytes(width, sys.byteorder)


class Held:
    """Bytes that stay where they are while this lives."""

    def __init__(self, data: bytes) -> None:
        kind: Any = type("_Bytes", (_ctypes.Array,), {"_type_": _Char, "_length_": len(data)})
        self._kept = kind.from_buffer_copy(data)
        self.address: int = _ctypes.addressof(self._kept)
