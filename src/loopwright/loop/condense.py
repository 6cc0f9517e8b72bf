"""A long failed output with a known cause is cut to its end; the diagnosis says the rest, the whole is a call away."""

from __future__ import annotations

import msgspec

from loopwright.core.calls import ToolResult
from loopwright.core.errors import StoreError
from loopwright.core.knowledge import Diagnosis
from loopwright.core.ports import Blobs

#: Lines and characters of a failed output above which it is condensed, and those of its end that stay.
LONG_LINES, LONG, KEPT_LINES, KEPT = 60, 4000, 20, 2000


def whole_output(result: ToolResult, blobs: Blobs) -> bytes:
    """Return everything the command printed: from the blob where what is shown was cut."""
    address = result.data.get("blob")
    if isinstance(address, str):
        try:
            return blobs.get(address)
        except StoreError:
            pass  # what is shown will do
    return result.text.encode("utf-8", "surrogateescape")


def condense(result: ToolResult, found: Diagnosis, blobs: Blobs) -> ToolResult:
    """Return the result with its end alone, where it is long and the diagnosis knows more than that it failed."""
    lines = result.text.splitlines()
    if found.kind == "unknown" or (len(lines) <= LONG_LINES and len(result.text) <= LONG):
        return result
    known = result.data.get("blob")
    data = result.text.encode("utf-8", "surrogateescape")
    address = known if isinstance(known, str) else blobs.put(data)
    end = "\n".join(lines[-KEPT_LINES:])[-KEPT:]
    note = f'[its diagnosis and its end are shown; all of it: read {{"path": "blob:{address}"}}]'
    return msgspec.structs.replace(result, text=f"{note}\n{end}", data={**result.data, "blob": address})
