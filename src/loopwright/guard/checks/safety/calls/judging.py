"""Programs that say of themselves that they passed."""

from __future__ import annotations

from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value


def outcome(flow: Flow, called: Called) -> Value | None:
    """`report.outcome = "passed"`, `session.exitstatus = 0`."""
    value = called.arg(0)
    if value.text == "passed" or (called.name == "exitstatus=" and value.number == 0):
        why = "the outcome of a test run is set by hand, so that failing tests pass; mend the code or the test"
        flow.report("syntax", "block", called.line, why)
    return None
