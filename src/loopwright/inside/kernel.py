"""What the C library and the kernel offer, without the packages ctypes and os: their imports would take a fifth of a
sandbox's start. So what starts with a sandbox takes `posix` for `os`, and from here what only `os` has.

Numbers are passed as C longs, bytes by their address, None as a null pointer; every result is a C long.
"""

import _ctypes
import _stat
import posix as os
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
_kinds: "dict[int, Any]" = {}  # arrays by length: a kind of its own for each would stay for good


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


def text(path: bytes) -> str:
    """A path to show to a person."""
    return path.decode("utf-8", "surrogateescape")


def exists(path: bytes) -> bool:
    """Whether there is anything by this name, be it a link to nowhere."""
    try:
        os.lstat(path)
    except (OSError, ValueError):
        return False
    return True


def is_directory(path: bytes) -> bool:
    """Whether the name leads to a directory."""
    try:
        return _stat.S_ISDIR(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


class Held:
    """Bytes that stay where they are while this lives, for the kernel to read or to write."""

    def __init__(self, data: bytes) -> None:
        if len(data) not in _kinds:
            _kinds[len(data)] = type("_Bytes", (_ctypes.Array,), {"_type_": _Char, "_length_": len(data)})
        self._kept = _kinds[len(data)].from_buffer_copy(data)
        self.address: int = _ctypes.addressof(self._kept)

    @property
    def content(self) -> bytes:
        """What they are now."""
        return bytes(self._kept)
