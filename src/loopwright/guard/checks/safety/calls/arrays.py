"""Arrays, tables and pictures by their shape: what they would take in memory."""

from __future__ import annotations

import math
from collections.abc import Iterator

from loopwright.guard.checks.safety.calls import native
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value

#: Bytes of an item, by the name of its kind.
_WIDTHS = {
    "int8": 1, "uint8": 1, "bool": 1, "bool_": 1, "float16": 2, "int16": 2, "bfloat16": 2, "half": 2, "float32": 4,
    "int32": 4, "uint32": 4, "float": 8, "float64": 8, "int64": 8, "complex128": 16, "object": 8, "double": 8,
}  # fmt: skip
_MODULES = ("np", "numpy", "torch", "tensorflow", "jax.numpy", "cupy", "dask.array")
_SHAPED = "zeros ones empty full rand randn random random_sample ranf standard_normal standard_exponential"
_DRAWN = "random.rand random.randn random.random random.random_sample random.normal random.uniform random.randint"
_PAIRED = "subtract add multiply divide maximum minimum equal less greater power hypot"
#: What a generator of `default_rng` draws.
_GENERATED = "random normal uniform integers standard_normal choice"


def shaped(flow: Flow, called: Called) -> Value | None:
    """`np.zeros((n, m))`, `torch.rand(n, m)`, `np.random.normal(size=(n, m))`."""
    return _made(flow, called, math.prod(_shape(called)))


def _shape(called: Called) -> list[int]:
    named = called.named.get("shape") or called.named.get("size")
    first = named or called.arg(0)
    if first.items is not None:
        return [i.number or 1 for i in first.items]
    if named is not None or (called.name in ("zeros", "ones", "empty", "full") and not called.ref.startswith("torch.")):
        return [first.number or 0]
    sizes = [a for a in called.args if a.items is not None]
    if sizes and sizes[-1].items:  # normal(mean, deviation, (n, m))
        return [i.number or 1 for i in sizes[-1].items]
    return [a.number or 0 for a in called.args] or [0]


def _made(flow: Flow, called: Called, count: int, wide: int = 8) -> Value:
    kind = called.named.get("dtype")
    width = _WIDTHS.get((kind.text or kind.ref.rsplit(".", 1)[-1]) if kind is not None else "", wide)
    if called.ref.startswith(("torch.", "tensorflow.")) and kind is None:
        width = 4
    made = Value(None, f"{called.ref}()", called.all.labels & v.STURDY, None, count * width)
    made.length, made.hashed = count, True
    if made.size >= flow.config.memory:
        flow.oversize(called.line, made.size)
    return made


def square(flow: Flow, called: Called) -> Value | None:
    """`np.eye(n)`."""
    return _made(flow, called, (called.arg(0).number or 0) * (called.arg(1).number or called.arg(0).number or 0))


def ranged(flow: Flow, called: Called) -> Value | None:
    """`np.arange(n)`, `np.linspace(a, b, n)`."""
    numbers = [a.number or 0 for a in called.args]
    if called.name == "linspace":
        return _made(flow, called, called.arg(2, "num").number or 50)
    count = numbers[0] if len(numbers) == 1 else (numbers[1] - numbers[0]) // (numbers[2] or 1) if numbers[2:] else 0
    count = numbers[1] - numbers[0] if len(numbers) == 2 else count
    return _made(flow, called, max(0, count))


def crossed(flow: Flow, called: Called) -> Value | None:
    """`np.outer(a, b)`, `np.meshgrid(a, b)`, `np.kron(a, b)`: each with each."""
    lengths = [a.length for a in called.args]
    many = len(lengths) if called.name == "meshgrid" else 1
    return _made(flow, called, math.prod(lengths) * many) if len(lengths) > 1 else None


def repeated(flow: Flow, called: Called) -> Value | None:
    """`np.tile(a, (n, m))`, `np.repeat(a, n)`."""
    times = called.arg(1)
    count = math.prod(i.number or 1 for i in times.items) if times.items is not None else times.number or 0
    return _made(flow, called, v.length_of(called.arg(0)) * count)


def table(flow: Flow, called: Called) -> Value | None:
    """`pd.DataFrame(0, index=range(n), columns=range(m))`."""
    held = (called.arg(0, "data").attrs or {}).values()
    if any(x.ref == "range()" and x.size >= flow.config.memory for x in held):
        flow.oversize(called.line, sum(x.size for x in held))
    lengths = [called.named[k].length for k in ("index", "columns") if k in called.named]
    return _made(flow, called, math.prod(lengths)) if len(lengths) == 2 else None


def on_disk(flow: Flow, called: Called) -> Value | None:
    """`np.memmap(path, shape=(n, m))`."""
    size = 8 * math.prod(_shape(called)) if "shape" in called.named else 0
    if size >= flow.config.disk:
        flow.oversize(called.line, size)
    return None


def picture(flow: Flow, called: Called) -> Value | None:
    """`Image.new("RGB", (width, height))`."""
    sides = [i.number or 1 for i in called.arg(1, "size").items or []]
    return _made(flow, called, math.prod(sides) if sides else 0, {"L": 1, "1": 1, "RGBA": 4}.get(called.arg(0).text, 3))


def figure(flow: Flow, called: Called) -> Value | None:
    """`plt.figure(figsize=(w, h), dpi=n)`: a picture of so many points."""
    sides = [i.number or 1 for i in called.arg(0 if called.name == "figure" else 9, "figsize").items or []]
    dots = called.named.get("dpi", Value(100)).number or 100
    if len(sides) == 2 and 4 * math.prod(sides) * dots * dots >= flow.config.memory:
        flow.oversize(called.line, 4 * math.prod(sides) * dots * dots)
    return None


def mapped(flow: Flow, called: Called) -> Value | None:
    """`mmap.mmap(-1, n)`: memory that no file stands for."""
    if called.arg(0).number == -1 or called.arg(0).const is None:
        size = called.arg(1, "length").number or 0
        if size >= 4 * flow.config.memory:
            flow.oversize(called.line, size)
    return native.execute_memory(flow, called)


def typed(flow: Flow, called: Called) -> Value | None:
    """`array("d", items)`."""
    made = Value(None, "", called.arg(1).labels)
    made.length = v.length_of(called.arg(1))
    made.size = 8 * made.length
    return made


def _each() -> Iterator[tuple[str, object]]:
    for module in _MODULES:
        yield from ((f"{module}.{name}", shaped) for name in (_SHAPED + " " + _DRAWN).split())
        yield from ((f"{module}.{name}", square) for name in ("eye", "identity"))
        yield from ((f"{module}.{name}", ranged) for name in ("arange", "linspace", "range"))
        yield from ((f"{module}.{name}", crossed) for name in ("outer", "meshgrid", "kron"))
        yield from ((f"{module}.{name}.outer", crossed) for name in _PAIRED.split())
        yield from ((f"{module}.{name}", repeated) for name in ("tile", "repeat"))
    yield from ((f"np.random.default_rng().{name}", shaped) for name in _GENERATED.split())


ARRAYS: dict[str, object] = {
    **dict(_each()),
    "pandas.DataFrame": table,
    "PIL.Image.new": picture,
    "matplotlib.pyplot.figure": figure,
    "matplotlib.pyplot.subplots": figure,
    "mmap.mmap": mapped,
    "array.array": typed,
}
