"""Verdicts as SARIF 2.1.0, the format code hosts and scanners exchange (OASIS standard)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from loopwright import __version__
from loopwright.core.checks import Finding, Verdict

_LEVEL = {"block": "error", "ask": "warning", "warn": "note"}


def to_sarif(verdicts: Sequence[Verdict]) -> str:
    """Return one SARIF run with a rule for each check and a result for each finding."""
    rules = {v.check: {"id": v.check, "shortDescription": {"text": v.name}} for v in verdicts}
    results = [_result(finding) for verdict in verdicts for finding in verdict.findings]
    driver = {"name": "loopwright", "version": __version__, "rules": list(rules.values())}
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _result(finding: Finding) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.check,
        "level": _LEVEL[finding.level],
        "message": {"text": finding.reason + (f" [{finding.source}]" if finding.source else "")},
    }
    if finding.file:
        region = {"region": {"startLine": finding.line}} if finding.line else {}
        result["locations"] = [{"physicalLocation": {"artifactLocation": {"uri": finding.file}, **region}}]
    return result
