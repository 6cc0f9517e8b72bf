"""Bytecode of the programs that run inside: nothing can be written there, and to compile them takes as long as all the
rest of a start. An installation does not always bring it along."""

from __future__ import annotations

import functools
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source
from pathlib import Path

#: What stands in a sandbox as `launch.INSIDE`.
PROGRAMS = Path(__file__).parent.parent / "inside"


@functools.cache
def compile_programs(directory: Path = PROGRAMS) -> None:
    """Bring the bytecode up to date where this process may write it; where not, they start more slowly."""
    for source in directory.glob("*.py"):
        compiled = Path(cache_from_source(source))
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            SourceFileLoader(source.stem, str(source)).get_code(source.stem)
