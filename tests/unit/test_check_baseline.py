"""A baseline file: what a project began with does not block, and nothing new hides behind it."""

from __future__ import annotations

import pytest

from loopwright.core.checks import Finding, Verdict
from loopwright.core.errors import UsageError
from loopwright.guard.checks.baseline import Baseline, make_baseline, read_baseline, without_known, write_baseline

TEXT = ["first()", "  eval(x)", "", "eval(x)"]


def line_of(file: str, number: int) -> str:
    return TEXT[number - 1]


def failed(*findings: Finding) -> Verdict:
    return Verdict("rule-1", "directive", "no eval", "failed", evidence="many", findings=findings)


def at(line: int, file: str = "a.py", reason: str = "eval is used") -> Finding:
    return Finding("rule-1", "forbid_call", reason, file=file, line=line)


KNOWN = make_baseline([failed(at(2))], line_of)


def test_a_known_finding_does_not_block_wherever_its_line_went() -> None:
    (held,), gone = without_known([failed(at(4))], KNOWN, line_of)
    assert (held.verdict, held.red, held.findings, gone) == ("partly", False, (), 0)
    assert held.evidence == "1 known from the baseline"


@pytest.mark.parametrize(
    "new", [at(1), at(2, "b.py"), Finding("rule-2", "forbid_call", "eval is used", file="a.py", line=2)]
)
def test_another_line_file_or_check_is_new(new: Finding) -> None:
    (still,), gone = without_known([failed(new)], KNOWN, line_of)
    assert (still.verdict, still.findings, gone) == ("failed", (new,), 1)


def test_the_same_line_a_second_time_is_new() -> None:
    (still,), _ = without_known([failed(at(2), at(4))], KNOWN, line_of)
    assert still.red and still.findings == (at(4),)
    assert "a.py:4" in still.evidence and "1 known" in still.evidence


def test_a_finding_without_a_place_is_known_by_its_words() -> None:
    whole = Finding("rule-1", "coverage_min", "no threshold is set")
    known = make_baseline([failed(whole)], line_of)
    assert not without_known([failed(whole)], known, line_of)[0][0].red
    other = Finding("rule-1", "coverage_min", "the threshold is 10")
    assert without_known([failed(other)], known, line_of)[0][0].red


def test_what_did_not_run_is_never_excused() -> None:
    missing = Verdict("commands", "command", "make test", "not_run", evidence="make is not there")
    (kept,), _ = without_known([missing], make_baseline([missing], line_of), line_of)
    assert kept.red


def test_the_file_is_read_as_it_was_written_and_holds_no_text_of_the_project() -> None:
    data = write_baseline(KNOWN)
    assert read_baseline(data) == KNOWN
    assert b"eval" not in data and data.count(b"\n") == 3
    assert read_baseline(write_baseline(Baseline())) == Baseline()


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"version": 2}', b'{"findings": [{"file": 1}]}', b'{"findings": ' + b"[" * 100_000]
)
def test_what_is_no_baseline_is_one_line(data: bytes) -> None:
    with pytest.raises(UsageError, match=r"^\.loopwright/baseline\.json is not a baseline \(.*--write-baseline$"):
        read_baseline(data)
