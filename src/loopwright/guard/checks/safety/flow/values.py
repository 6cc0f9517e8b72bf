"""What is known of a value before the program runs: its constant, what it is called, where it came from."""

from __future__ import annotations

import base64
import binascii
import codecs
from collections.abc import Callable
from typing import TYPE_CHECKING

from loopwright.guard.checks.safety.places import HOLE

if TYPE_CHECKING:
    from loopwright.guard.checks.safety.flow.tree import Class, Func

# Where a value came from, as bits.
REMOTE = 1  # the network
INPUT = 2  # a person or a request
DECODED = 4  # decoded, decrypted or put together from pieces
ENVIRON = 8  # the whole environment
SECRET = 16  # a file of credentials
PRIVATE = 32  # a file that must not leave the machine
COOKIE = 64  # cookies, keystrokes, the clipboard, forms
HOST_NAME, HOST_USER, HOST_DIR = 128, 256, 512  # what tells this machine from others
WALKED = 1024  # a file found by walking through a home or the root
OUTPUT = 2048  # what a command printed
FILE = 4096  # what a file held
ARGUMENT = 8192  # the program's own arguments
TOKEN = 65536  # a variable that is named as a credential
TYPED = 131072  # what is typed into a field for a password or card
FILTERED = 32768  # a constant that sed, cut or awk changed
REQUEST = 262144  # what a client asks for, beside INPUT
VARIABLE = 524288  # one variable of the environment
ENTRY = 1048576  # a name that an archive gives
SETS_ID = 16384  # a mode that runs a program with its owner's rights

ASKED = INPUT | REQUEST
HOST = HOST_NAME | HOST_USER | HOST_DIR
#: Labels that survive an unknown call.
STURDY = REMOTE | INPUT | DECODED | SECRET | COOKIE | WALKED | TYPED | REQUEST

#: What sequences without an end are called.
ENDLESS = frozenset({"itertools.count()", "itertools.cycle()", "%forever"})

#: Longer constants are not folded.
_LONGEST = 200_000
_BITS = 4096
#: What a text of this length is joined to makes no shorter one.
_LARGE = 4096
#: Items of a repeated list that are told apart.
_MOST_REPEATED = 60


class Value:
    """One value. `const` may be a text with HOLEs; `size` is in bytes where it is known without making it."""

    __slots__ = (
        "attrs",
        "bound",
        "const",
        "func",
        "hashed",
        "items",
        "kind",
        "labels",
        "length",
        "ref",
        "size",
        "steps",
        "token",
    )

    def __init__(
        self, const: object = None, ref: str = "", labels: int = 0, func: Func | Class | None = None, size: int = 0
    ) -> None:
        self.const = const
        self.ref = ref
        self.labels = labels
        self.func = func
        self.size = size
        self.items: list[Value] | None = None
        self.attrs: dict[str, Value] | None = None
        self.token = ""  # the service whose credential it is
        self.kind: Class | None = None  # the local class it is an instance of
        self.length = 0  # how many items or letters it has, where that is known to be many
        self.bound = 0  # what a number that a loop counts comes to in the end
        self.steps: range | None = None  # the numbers of a `range` that is known
        self.hashed = False  # looking something up in it takes no search

    @property
    def text(self) -> str:
        """The constant as text, "" where it is none."""
        if isinstance(self.const, bytes):
            return self.const.decode("utf-8", "replace")
        return self.const if isinstance(self.const, str) else ""

    @property
    def number(self) -> int | None:
        """The constant as a whole number."""
        const = self.const
        if isinstance(const, int) and not isinstance(const, bool):
            return const
        return int(const) if isinstance(const, float) and abs(const) < 1e300 and const == int(const) else None

    @property
    def key(self) -> str:
        """What tells a path or command from others: its text, else the identity of the value."""
        text = self.text.removeprefix("./")
        return text if len(text) > 3 else f"={text}" if text and HOLE not in text else f"#{id(self)}"


def origin_of(labels: int) -> str:
    """Return where data with these labels came from, in words; "" where that is harmless."""
    if labels & REMOTE:
        return "came from the network"
    if labels & COOKIE:
        return "came from the page's address, its forms or cookies"
    if labels & INPUT:
        return "came from a person or a request"
    if labels & ARGUMENT:
        return "came from the command line"
    return "was decoded or put together so that it cannot be read" if labels & DECODED else ""


def join(values: list[Value]) -> Value:
    """Return a value that may be made of all of these."""
    made = Value()
    for each in values:
        made.labels |= each.labels
        made.token = made.token or each.token
    return made


def concatenate(parts: list[Value]) -> Value:
    """Return the text that the parts make, with a HOLE for each unknown one."""
    made = join(parts)
    texts = [
        p.text if isinstance(p.const, (str, bytes)) else str(p.const) if p.number is not None else HOLE for p in parts
    ]
    if sum(map(len, texts)) <= _LONGEST and any(x != HOLE for x in texts):
        made.const = "".join(texts)
    return made


def operate(op: str, left: Value, right: Value) -> Value:
    """Return the value of a binary operation as far as it is known."""
    made = join([left, right])
    a, b = left.const, right.const
    if op in ("+", "/") and (isinstance(a, (str, bytes)) or isinstance(b, (str, bytes))):
        joined = concatenate([left, Value("/"), right] if op == "/" else [left, right])
        joined.ref = left.ref if op == "/" else ""
        joined.const = joined.text.replace("//", "/") if op == "/" else joined.const
        joined.size = left.size + right.size
        joined.length = length_of(left) + length_of(right) if left.length or right.length else 0
        return joined
    if op == "%" and isinstance(a, (str, bytes)):
        return _formatted(left, right)
    if op == "+" and left.items is not None:
        made.items = [*left.items, *(right.items if right.items is not None else [right])]
    if op == "*":
        _repeat(made, left, right)
    if op == "not":
        made.const = not a if isinstance(a, (bool, int, str)) else None
        return made
    if op == "**" and right.size > 8 and (left.number or 0) > 1:
        made.size = 1 << 60
    if op in _TOLD and isinstance(a, str) and isinstance(b, str) and HOLE not in a + b:
        made.const = _TOLD[op](a, b)
    x, y = left.number, right.number
    if x is not None and y is not None:
        _arithmetic(made, op, x, y)
    if "%column" in (left.ref, right.ref):
        made.size = 8 * left.length * right.length
    if op in ("+", "-") and left.bound and y is not None:
        made.bound = max(0, left.bound + (y if op == "+" else -y))
    if op == "+" and (left.length >= _LARGE or right.length >= _LARGE) and not (left.length and right.length):
        made.length, made.size = max(left.length, right.length), max(left.size, right.size)
    if op == "+" and left.length and right.length:
        made.length, made.size = left.length + right.length, left.size + right.size
    return made


def length_of(value: Value) -> int:
    """Return how many items or letters a value has, 0 where that is not known."""
    return value.length or (len(value.items) if value.items is not None else len(value.text))


def _arithmetic(made: Value, op: str, x: int, y: int) -> None:
    if op == "**":
        bits = abs(x).bit_length() * y if y >= 0 else 0
        if bits > _BITS:
            made.size = max(1, bits // 8)
        elif y >= 0:
            made.const = x**y
    elif op == "<<" and y >= 0:
        if x.bit_length() + y > _BITS:
            made.size = y // 8
        else:
            made.const = x << y
    elif op in _ARITHMETIC and max(x.bit_length(), y.bit_length()) < _BITS:
        made.const = _ARITHMETIC[op](x, y)
    elif op in ("//", "/", "%") and y:
        made.const = x % y if op == "%" else x // y


_ARITHMETIC = {
    "+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y, "|": lambda x, y: x | y,
    "&": lambda x, y: x & y,
    "^": lambda x, y: x ^ y, "==": lambda x, y: x == y, "<": lambda x, y: x < y, ">": lambda x, y: x > y,
    "<=": lambda x, y: x <= y, ">=": lambda x, y: x >= y, "!=": lambda x, y: x != y,
}  # fmt: skip


#: What is told of two texts.
_TOLD: dict[str, Callable[[str, str], bool]] = {
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b, "in": lambda a, b: a in b, "not in": lambda a, b: a not in b,
}  # fmt: skip


def _repeat(made: Value, left: Value, right: Value) -> None:
    """A sequence times a number: its size is known though it is never made."""
    for sequence, count in ((left, right.number), (right, left.number)):
        if count is None or count < 0:
            continue
        unit = sequence.size
        if isinstance(sequence.const, (str, bytes)):
            unit = len(sequence.const)
            if unit * count <= 4096:
                made.const = sequence.const * count
                return
        elif sequence.items is not None:
            unit = 8 * len(sequence.items)
        if unit:
            made.size = unit * count
            made.length = length_of(sequence) * count
            if sequence.items is not None and made.length <= _MOST_REPEATED:
                made.items = sequence.items * count
            return


def _formatted(left: Value, right: Value) -> Value:
    """`template % values`: each directive becomes the value where it is known."""
    parts = left.text.replace("%%", "\0").split("%")
    given = right.items if right.items is not None else [right]
    made = join([left, right])
    out = [parts[0]]
    for index, part in enumerate(parts[1:]):
        value = given[index] if index < len(given) else Value()
        shown = value.text or (str(value.number) if value.number is not None else HOLE)
        out.append(shown + part.lstrip("-+ #0123456789.")[1:])
    made.const = "".join(out)[:_LONGEST].replace("\0", "%")
    return made


def decode(name: str, value: Value, how: str = "") -> Value:
    """Return what a decoding function makes of a value: DECODED, and the content where it is constant."""
    made = Value(None, "", value.labels | DECODED)
    text = value.text
    if not text or HOLE in text or len(text) > _LONGEST:
        return made
    try:
        made.const = _decoded(name, text, how)
    except (ValueError, binascii.Error, LookupError, UnicodeError):
        made.const = None
    return made


def _decoded(name: str, text: str, how: str) -> str | None:
    raw: bytes
    if name in (
        "b64decode",
        "standard_b64decode",
        "urlsafe_b64decode",
        "decodebytes",
        "decodestring",
        "a2b_base64",
        "atob",
        "base64",
    ):
        raw = base64.b64decode(text.replace("-", "+").replace("_", "/") + "===")
    elif name == "b32decode":
        raw = base64.b32decode(text)
    elif name in ("b85decode", "a85decode"):
        raw = base64.b85decode(text) if name == "b85decode" else base64.a85decode(text)
    elif name in ("fromhex", "unhexlify", "a2b_hex", "b16decode", "hex"):
        raw = bytes.fromhex(text)
    elif name == "decode" and how.replace("-", "").replace("_", "").lower() in ("rot13", "base64", "hex"):
        if how.lower().startswith("rot"):
            return codecs.decode(text, "rot13")
        return _decoded("base64" if how.lower().startswith("b") else "hex", text, "")
    else:
        return None
    return raw.decode("utf-8", "replace")
