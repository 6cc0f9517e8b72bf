"""Figures with their aims, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure; `aim` is the most (`at_least`: the least) it should be, `beside` the bare measure of it."""

    name: str
    value: float
    unit: str
    aim: float | None = None
    beside: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """None where there is no aim."""
        if self.aim is None:
            return None
        return self.value >= self.aim if self.at_least else self.value <= self.aim

    @property
    def ratio(self) -> float | None:
        """The figure as a multiple of the bare one."""
        return self.value / self.beside if self.beside and self.beside > 0 else None

    def to_json(self) -> dict[str, object]:
        """Return every field and what follows from them."""
        return asdict(self) | {"met": self.met, "ratio": None if self.ratio is None else round(self.ratio, 2)}


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as aligned text."""
    rows = [("figure", "value", "bare", "ratio", "aim", "")]
    rows += [(f.name, _number(f.value, f.unit), *_beside(f), _aim(f), _verdict(f)) for f in figures]
    widths = [max(len(row[n]) for row in rows) for n in range(6)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, *numbers, verdict = row
    aligned = [number.rjust(width) for number, width in zip(numbers, widths[1:-1], strict=True)]
    return "  ".join([name.ljust(widths[0]), *aligned, verdict]).rstrip()


def _number(value: float, unit: str) -> str:
    digits = {"ms": 2, "s": 2, "MB": 0, "B": 0, "%": 0, "": 0}[unit]
    return f"{value:,.{digits}f} {unit}".rstrip()


def _beside(figure: Figure) -> tuple[str, str]:
    if figure.beside is None:
        return "", ""
    return _number(figure.beside, figure.unit), "" if figure.ratio is None else f"{figure.ratio:.1f}x"


def _aim(figure: Figure) -> str:
    return "" if figure.aim is None else f"{'>=' if figure.at_least else '<='} {_number(figure.aim, figure.unit)}"


def _verdict(figure: Figure) -> str:
    return {True: "met", False: "MISSED", None: ""}[figure.met]
