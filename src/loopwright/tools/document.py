"""A text file as text, and back to the very bytes it came from."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

from loopwright.core.errors import ToolFailure

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SNIFFED = 8192  # bytes looked at for a NUL, as git does
_MAGIC = {
    b"\x89PNG": "PNG image",
    b"\xff\xd8\xff": "JPEG image",
    b"GIF8": "GIF image",
    b"%PDF": "PDF",
    b"PK\x03\x04": "zip archive",
    b"\x1f\x8b": "gzip data",
    b"\x7fELF": "ELF program",
    b"SQLite format 3": "SQLite database",
}


@dataclass(frozen=True)
class Document:
    """Text with what is needed to write it back: byte order mark, encoding, and what became of undecodable bytes."""

    text: str
    encoding: str = "utf-8"
    errors: str = "strict"
    bom: bytes = b""

    @property
    def newline(self) -> str:
        """The line ending of the first line, as formatters take it."""
        first = self.text.find("\n")
        return "\r\n" if first > 0 and self.text[first - 1] == "\r" else "\n"

    @property
    def mixed(self) -> bool:
        """True where both line endings occur."""
        return 0 < self.text.count("\r\n") < self.text.count("\n")

    @property
    def note(self) -> str:
        """What is unusual about the file, for the engine; empty where nothing is."""
        notes = []
        if self.mixed:
            notes.append("mixed CRLF and LF line endings")
        elif self.newline == "\r\n":
            notes.append("CRLF line endings")
        if self.errors != "strict":
            notes.append("some bytes are not UTF-8, shown as \\xNN")
        elif self.encoding != "utf-8":
            notes.append(f"{self.encoding} encoding")
        if self.bom:
            notes.append("byte order mark")
        if self.text and not self.text.endswith("\n"):
            notes.append("no newline at the end")
        return ", ".join(notes)

    def shown(self) -> str:
        """The text with undecodable bytes written as \\xNN, fit for any encoder."""
        if self.errors == "strict":
            return self.text
        return re.sub("[\udc80-\udcff]", lambda m: f"\\x{ord(m[0]) - 0xDC00:02x}", self.text)

    def having(self, text: str) -> Document:
        """The same file with another text."""
        return replace(self, text=text)

    def encode(self) -> bytes:
        """Raises ToolFailure where the file's encoding has no place for a character of the text."""
        try:
            return self.bom + self.text.encode(self.encoding, self.errors)
        except UnicodeEncodeError as error:
            character = self.text[error.start]
            raise ToolFailure(
                f"the file is {self.encoding} and has no place for {character!r} (U+{ord(character):04X}): "
                "use characters of that encoding, or write the whole file anew as UTF-8"
            ) from None


def binary(data: bytes) -> str:
    """Say what a binary file is; empty where it is text. A NUL byte makes it binary, unless the mark says UTF-16."""
    if any(data.startswith(bom) for bom, _ in _BOMS):
        return ""
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            return kind
    return "binary data" if b"\0" in data[:_SNIFFED] else ""


def decode(data: bytes) -> Document:
    """Return the text of data: by its mark, else UTF-8, else UTF-8 with stray bytes kept, else Latin-1."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return Document(data[len(bom) :].decode(encoding), encoding, bom=bom)
            except UnicodeDecodeError:
                break
    try:
        return Document(data.decode())
    except UnicodeDecodeError:
        text = data.decode(errors="surrogateescape")
    if any(ord(c) > 0x7F and not 0xDC80 <= ord(c) <= 0xDCFF for c in text):
        return Document(text, errors="surrogateescape")
    return Document(data.decode("latin-1"), "latin-1")
