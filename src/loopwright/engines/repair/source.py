"""One source file: its text, its syntax tree, and edits as splices that leave everything else as it was."""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass, field
from functools import cached_property

from loopwright.core.expression import expression
from loopwright.engines.repair.changes import blocks

Function = ast.FunctionDef | ast.AsyncFunctionDef
_LINE = expression(r"[^\r\n]*(?:\r\n|\r|\n|$)")


def split(text: str) -> list[str]:
    """Lines with their ends, split where Python splits them."""
    return [line for line in _LINE.findall(text) if line]


class Unreadable(Exception):
    """The file is not Python that this interpreter can parse."""


@dataclass(frozen=True)
class Splice:
    """Replace the characters from start to end of the text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Unit:
    """An outermost function: the part of a file that can be compiled by itself and swapped in."""

    node: Function
    around: tuple[ast.stmt, ...]  # compound statements it stands in, outermost first

    @property
    def path(self) -> tuple[str, ...]:
        return (*(s.name for s in self.around if isinstance(s, ast.ClassDef)), self.node.name)

    @property
    def first(self) -> int:
        return min([self.node.lineno, *(d.lineno for d in self.node.decorator_list)])


@dataclass
class Source:
    """A parsed file. `path` is relative to the workspace root. Offsets count characters of `text`."""

    path: str
    data: bytes
    encoding: str = field(init=False)
    text: str = field(init=False)
    tree: ast.Module = field(init=False)

    def __post_init__(self) -> None:
        try:
            self.encoding, _ = tokenize.detect_encoding(io.BytesIO(self.data).readline)
            self.text = self.data.decode(self.encoding)
            self.tree = ast.parse(self.text)
        except SyntaxError as error:
            place = f"{self.path}:{error.lineno}" if error.lineno else self.path
            raise Unreadable(f"{place}: {error.msg}") from None
        except (ValueError, LookupError, RecursionError, MemoryError) as error:
            raise Unreadable(f"{self.path}: {error}") from None

    @cached_property
    def _texts(self) -> dict[ast.AST, str]:
        return {}

    @cached_property
    def lines(self) -> list[str]:
        """Lines with their ends, split where Python splits them."""
        return split(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [0], 0
        for line in self.lines:
            at += len(line)
            starts.append(at)
        return starts

    @cached_property
    def _ascii(self) -> bool:
        return self.text.isascii()

    def offset(self, line: int, column: int) -> int:
        """The character at this line (from 1) and UTF-8 column, as the syntax tree counts them."""
        start = self._starts[line - 1]
        if self._ascii:
            return start + column
        return start + len(self.lines[line - 1].encode()[:column].decode("utf-8", "ignore"))

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where the node's text starts and ends."""
        place = node  # every node asked for has a place
        return (
            self.offset(place.lineno, place.col_offset),  # type: ignore[attr-defined]
            self.offset(place.end_lineno, place.end_col_offset),  # type: ignore[attr-defined]
        )

    def of(self, node: ast.AST) -> str:
        """The node's text as written."""
        if node not in self._texts:
            start, end = self.span(node)
            self._texts[node] = self.text[start:end]
        return self._texts[node]

    def line_at(self, offset: int) -> int:
        """The line (from 1) that holds this character."""
        low, high = 0, len(self._starts) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._starts[middle] <= offset:
                low = middle
            else:
                high = middle - 1
        return low + 1

    @cached_property
    def newline(self) -> str:
        """How the file ends its lines."""
        first = self.lines[0] if self.lines else "\n"
        return "\r\n" if first.endswith("\r\n") else "\r" if first.endswith("\r") else "\n"

    def indent(self, node: ast.stmt) -> str:
        """The white space ahead of the statement."""
        line = self.lines[node.lineno - 1]
        return line[: len(line) - len(line.lstrip())]

    def edited(self, splices: tuple[Splice, ...]) -> str:
        """The text with the splices applied."""
        text = self.text
        for splice in sorted(splices, key=lambda s: -s.start):
            text = text[: splice.start] + splice.text + text[splice.end :]
        return text

    def encode(self, text: str) -> bytes:
        """Bytes as they stood in the file. Raises UnicodeEncodeError where the encoding lacks a character."""
        return text.encode(self.encoding)

    def bytes_at(self, splice: Splice) -> tuple[int, int, str]:
        """The splice in bytes of the file as it stands on the disk; the new bytes one character each."""
        codec = "utf-8" if self.encoding == "utf-8-sig" else self.encoding
        mark = 3 if self.encoding == "utf-8-sig" else 0
        if self._ascii:
            start, end = splice.start, splice.end
        else:
            start = len(self.text[: splice.start].encode(codec))
            end = start + len(self.text[splice.start : splice.end].encode(codec))
        return start + mark, end + mark, splice.text.encode(codec).decode("latin-1")

    def changes(self, text: str) -> list[tuple[str, str]]:
        """Old and new parts that turn this text into the other, each old part unique."""
        return blocks(self.lines, split(text))

    @cached_property
    def _examples(self) -> list[tuple[int, int]]:
        """Where the docstrings stand that hold examples: they are tests as well."""
        return [
            self.span(node.body[0])
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Module | ast.ClassDef | Function)
            and ">>> " in (ast.get_docstring(node, False) or "")
        ]

    def keeps_examples(self, splices: tuple[Splice, ...]) -> bool:
        """True where every docstring with examples stays as it is, or is moved whole."""
        for start, end in self._examples:
            over = [splice.text for splice in splices if splice.start < end and start < splice.end]
            if over and self.text[start:end] not in "".join(over):
                return False
        return True

    @cached_property
    def units(self) -> list[Unit]:
        """Outermost functions in the order they stand in."""
        found: list[Unit] = []

        def visit(body: list[ast.stmt], around: tuple[ast.stmt, ...]) -> None:
            for statement in body:
                if isinstance(statement, Function):
                    found.append(Unit(statement, around))
                    continue
                for part in ("body", "orelse", "finalbody"):
                    visit(getattr(statement, part, []) or [], (*around, statement))
                for handler in getattr(statement, "handlers", []):
                    visit(handler.body, (*around, statement))

        visit(self.tree.body, ())
        return found

    def unit_at(self, line: int) -> Unit | None:
        """The outermost function whose lines (decorators included) hold this one."""
        for unit in self.units:
            if unit.first <= line <= (unit.node.end_lineno or 0):
                return unit
        return None

    def snippet(self, unit: Unit, splices: tuple[Splice, ...]) -> str:
        """The edited function alone, at its own lines and indentation, inside stand-ins for what it stands in."""
        start = self._starts[unit.node.lineno - 1]
        end = self._starts[unit.node.end_lineno or 0]
        body = self.text[start:end]
        for splice in sorted(splices, key=lambda s: -s.start):
            body = body[: splice.start - start] + splice.text + body[splice.end - start :]
        heads = [self.indent(s) + (f"class {s.name}:" if isinstance(s, ast.ClassDef) else "if 1:") for s in unit.around]
        blank = max(0, unit.node.lineno - 1 - len(heads))
        return "\n" * blank + "".join(head + "\n" for head in heads) + body
