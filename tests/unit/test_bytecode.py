"""What starts inside a sandbox is compiled beforehand, since nothing can be written there."""

from __future__ import annotations

import os
from importlib.util import cache_from_source
from pathlib import Path

from loopwright.sandbox.bytecode import compile_programs


def test_a_program_without_bytecode_gets_it(tmp_path: Path) -> None:
    program = tmp_path / "supervisor.py"
    program.write_text("ready = 1\n")

    compile_programs(tmp_path)

    assert Path(cache_from_source(str(program))).exists()


def test_bytecode_older_than_its_program_is_made_again(tmp_path: Path) -> None:
    program = tmp_path / "supervisor.py"
    program.write_text("ready = 1\n")
    compiled = Path(cache_from_source(str(program)))
    compiled.parent.mkdir()
    compiled.write_bytes(b"stale")
    os.utime(compiled, (1, 1))

    compile_programs(tmp_path)

    assert compiled.read_bytes() != b"stale"


def test_where_nothing_can_be_written_the_programs_start_without(tmp_path: Path) -> None:
    (tmp_path / "supervisor.py").write_text("ready = 1\n")
    (tmp_path / "__pycache__").write_text("a file in the place of the directory")

    compile_programs(tmp_path)
