"""Regular expressions that are compiled at their first use.

Compiling all tables of expressions at import took a fifth of the CPU of a start (0.1 s for 600), and a run needs few.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn")


class _Waiting:
    """Stands for a `re.Pattern` until one of its attributes is asked for; hands its methods through from then on."""

    def __init__(self, source: str | bytes, flags: int) -> None:
        self._source, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self._source, self._flags)
        vars(self).update({method: getattr(compiled, method) for method in _METHODS})
        return getattr(compiled, name)


def expression(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return the expression as `re.compile` would. A fault in it is raised at its first use, as re.error.

    The module functions of `re` take only compiled ones: call the methods.
    """
    return cast("re.Pattern[AnyStr]", _Waiting(source, flags))
