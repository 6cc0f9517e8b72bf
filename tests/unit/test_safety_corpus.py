"""What the five safety checks must catch, and what they must leave alone."""

from __future__ import annotations

import functools
import random
import sysconfig
from pathlib import Path

import pytest
from tests.corpus.cases import Case, dangerous, ordinary

from loopwright.core.checks import Finding
from loopwright.guard.checks.safety import judge_source
from loopwright.guard.checks.safety.finding import NAMES

_PACKAGES = (
    "click",
    "rich",
    "httpx",
    "jinja2",
    "pygments",
    "anyio",
    "packaging",
    "urllib3",
    "requests",
    "pluggy",
    "tomlkit",
    "idna",
    "_pytest",
    "hypothesis",
)


@functools.cache
def _judged(case: Case) -> tuple[Finding, ...]:
    return judge_source(case.path, case.text, case.language)


def _blocks(case: Case) -> bool:
    return any(f.level == "block" for f in _judged(case))


def test_nearly_every_dangerous_program_is_blocked_in_every_language():
    cases = dangerous()
    missed = [str(c) for c in cases if not _blocks(c)]
    assert len(cases) > 600
    assert len(missed) <= 0.05 * len(cases), missed
    for language in ("python", "shell", "javascript", "typescript"):
        own = [c for c in cases if c.language == language]
        assert sum(_blocks(c) for c in own) >= 0.95 * len(own)


@pytest.mark.parametrize("name", NAMES)
def test_a_danger_is_reported_by_the_check_that_it_is_one_for(name):
    cases = [c for c in dangerous() if c.check == name]
    assert len(cases) >= 60
    wrong = [str(c) for c in cases if not any(f.level == "block" and f.name == name for f in _judged(c))]
    assert len(wrong) <= 0.08 * len(cases), wrong


@pytest.mark.parametrize("kind", sorted({c.kind for c in dangerous()}))
def test_no_kind_of_danger_is_left_out(kind):
    own = [c for c in dangerous() if c.kind == kind]
    assert sum(_blocks(c) for c in own) >= 0.8 * len(own)


def test_ordinary_commands_and_programs_that_look_dangerous_are_left_alone():
    cases = ordinary()
    assert sum(c.kind == "command" for c in cases) >= 900
    alarms = [str(c) for c in cases if _blocks(c)]
    assert len(alarms) <= 0.01 * len(cases), alarms


def test_the_source_of_popular_packages_is_left_alone():
    files = [p for name in _PACKAGES for p in sorted(Path(sysconfig.get_path("purelib"), name).rglob("*.py"))]
    assert len(files) > 100, "no packages to judge"
    sample = random.Random(7).sample(files, min(len(files), 300))
    judged = {str(p): judge_source(str(p), p.read_text("utf-8", "replace")) for p in sample}
    alarms = {p: [f.reason for f in found if f.level == "block"] for p, found in judged.items()}
    alarms = {p: reasons for p, reasons in alarms.items() if reasons}
    assert len(alarms) <= 0.01 * len(sample), alarms


def test_every_finding_names_its_check_its_place_and_a_reason():
    for case in dangerous():
        for found in _judged(case):
            assert found.name in NAMES
            assert found.check == f"safety.{found.name}"
            assert found.file == case.path
            assert 1 <= found.line <= case.text.count("\n") + 1
            assert len(found.reason.split()) >= 4
            assert ";" in found.reason or "fine" in found.reason, "it says what to do instead"
