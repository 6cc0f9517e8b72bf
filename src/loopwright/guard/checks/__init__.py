"""Checks: acceptance commands and gates, weakened tests, rules, safety, scanners; one file a family."""

from __future__ import annotations

from loopwright.core.ports import Check
from loopwright.guard.checks.commands.check import CommandCheck
from loopwright.guard.checks.instructions import InstructionCheck
from loopwright.guard.checks.probes.check import ProbeCheck
from loopwright.guard.checks.rules.check import RuleCheck
from loopwright.guard.checks.safety import SafetyCheck
from loopwright.guard.checks.scanners.audits import AuditCheck
from loopwright.guard.checks.scanners.check import ScannerCheck
from loopwright.guard.checks.suite.check import TestsCheck


def checks() -> tuple[Check, ...]:
    """The built-in checks, cheap to dear; those of one session keep what they learned of its base."""
    return (
        InstructionCheck(),
        SafetyCheck(),
        TestsCheck(),
        RuleCheck(),
        ScannerCheck(),
        AuditCheck(),
        ProbeCheck(),
        CommandCheck(),
    )
