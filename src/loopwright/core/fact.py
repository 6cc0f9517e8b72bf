"""The base of every value that may be written to the log."""

from __future__ import annotations

import msgspec

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Frozen data with a closed set of fields; a field at its default is left out when written."""
