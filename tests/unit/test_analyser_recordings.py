"""What the analyser makes of planted faults as the real tools told of them (see tests/recordings/record.py).

`seen` was looked at while the analyser was written, `aside` was not.
"""

from __future__ import annotations

import importlib.util
import re
import time
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from loopwright.core.knowledge import Diagnosis
from loopwright.core.running import Exit, Ran
from loopwright.knowledge.analyser import Analyser

RECORDINGS = Path(__file__).parents[1] / "recordings"


def _recorder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("record", RECORDINGS / "record.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RECORDER = _recorder()
FAULTS: dict[str, dict[str, Any]] = {fault["name"]: fault for fault in RECORDER.faults()}


def half(name: str) -> list[str]:
    return [fault for fault in FAULTS if RECORDER.half(fault) == name]


def recording(name: str) -> tuple[str, int]:
    head, _, output = (RECORDINGS / RECORDER.half(name) / f"{name}.txt").read_text(encoding="utf-8").partition("\n\n")
    return output, int(head.rpartition("exit: ")[2])


def diagnose(output: str, status: int) -> Diagnosis:
    found = Analyser().diagnose(Ran(("sh",), Exit(status), merged=output.encode()))
    assert found is not None
    return found


def placed(name: str, found: Diagnosis) -> bool:
    """True where the file and the line are those of the planted fault."""
    file, line = FAULTS[name]["file"], RECORDER.planted_line(FAULTS[name])
    same = found.file == file or found.file.endswith(f"/{file}") if file else not found.file
    return same and line in (found.line, 0, -1)


@pytest.mark.parametrize("name", half("seen"))
def test_a_recording_that_was_looked_at_is_understood(name: str) -> None:
    found = diagnose(*recording(name))
    assert found.kind == FAULTS[name]["kind"]
    assert placed(name, found), (found.file, found.line)


def test_recordings_set_aside_are_understood() -> None:
    """The aims: 95 % right in kind, 90 % right in file and line."""
    found = {name: diagnose(*recording(name)) for name in half("aside")}
    wrong_kind = [name for name, seen in found.items() if seen.kind != FAULTS[name]["kind"]]
    wrong_place = [name for name, seen in found.items() if not placed(name, seen)]
    assert len(found) > 80
    assert len(wrong_kind) <= 0.05 * len(found), wrong_kind
    assert len(wrong_place) <= 0.10 * len(found), wrong_place


def moved(output: str) -> str:
    """The same failure elsewhere: another directory, forty lines further down, at other addresses, on another day."""
    output = output.replace("/home/user/project", "/srv/build/7/checkout").replace("/home/user", "/Users/ann")
    output = re.sub(r"(\.\w+):(\d+)(?=[:,)\s]|$)", lambda m: f"{m[1]}:{int(m[2]) + 40}", output, flags=re.MULTILINE)
    output = re.sub(r"(\bline )(\d+)", lambda m: f"{m[1]}{int(m[2]) + 40}", output)
    output = re.sub(r"(\.java:\[)(\d+)", lambda m: f"{m[1]}{int(m[2]) + 40}", output)
    output = re.sub(r"0x[0-9a-f]{6,}", "0x7ffdeadbeef0", output)
    return re.sub(r"\b\d+(\.\d+)?( ?m?s\b)", r"17\2", output)


@pytest.mark.parametrize("name", FAULTS)
def test_the_same_failure_elsewhere_has_the_same_fingerprint(name: str) -> None:
    output, status = recording(name)
    assert diagnose(moved(output), status).fingerprint == diagnose(output, status).fingerprint


def test_different_faults_have_different_fingerprints() -> None:
    prints = Counter(diagnose(*recording(name)).fingerprint for name in FAULTS)
    assert len(prints) > 0.85 * len(FAULTS), [p for p, times in prints.items() if times > 1]


def test_no_recording_tells_of_the_machine_it_was_made_on() -> None:
    texts = "".join(file.read_text(encoding="utf-8") for file in RECORDINGS.glob("*/*.txt"))
    assert not re.findall(r"/root/|/work/|registry\.(?!example)|pypi|npmjs|proxy\.golang", texts)


@pytest.mark.parametrize(
    "piece", ["a", "/a/b/c/", "a.b.c.", "\n", " > x:\n", "E   ", "1) t\n      y\n", "panic: x\ngoroutine 1\n"]
)
def test_no_output_takes_long_to_read(piece: str) -> None:
    began = time.process_time()
    diagnose(piece * (300_000 // len(piece)), 1)
    assert time.process_time() - began < 4.0
