"""Results of other scanners in SARIF are checks with provenance; a broken or hostile file is one clear line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import pytest

from loopwright.core.checks import Verdict
from loopwright.core.errors import UsageError
from loopwright.core.plan import Requirement
from loopwright.guard.checks.scanners.results import ResultsCheck
from loopwright.guard.checks.scanners.results_sarif import LARGEST, ToolRun, read_sarif
from loopwright.testing.judging import judge_change, write_tree


def result(rule: str = "py/sql-injection", file: str = "a.py", line: int = 2, **more: Any) -> dict[str, Any]:
    place = {"physicalLocation": {"artifactLocation": {"uri": file}, "region": {"startLine": line}}}
    return {
        "ruleId": rule,
        "level": "error",
        "message": {"text": "This query is built from input."},
        "locations": [place],
        **more,
    }


def sarif(*results: dict[str, Any], tool: dict[str, Any] | None = None, **run: Any) -> bytes:
    driver = {"name": "CodeQL", "semanticVersion": "2.20.1", "rules": [], **(tool or {})}
    return json.dumps(
        {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": list(results), **run}]}
    ).encode()


def runs(data: bytes, root: str = "/project") -> tuple[ToolRun, ...]:
    return read_sarif(data, "codeql.sarif", root)


def judge(root: Path, change: dict[str, str | bytes | None], data: bytes) -> Verdict:
    write_tree(root, {"a.py": "x = 1\ny = 2\nz = 3\n", "b.py": "x = 1\n"})

    async def run() -> tuple[Verdict, ...]:
        return await judge_change(root, change, [ResultsCheck(runs(data))], Requirement(goal="x"))

    (verdict,) = anyio.run(run)
    return verdict


def test_a_result_on_a_changed_line_blocks_and_names_tool_version_and_file(tmp_path: Path) -> None:
    verdict = judge(tmp_path, {"a.py": "x = 1\ny = input()\nz = 3\n"}, sarif(result()))
    assert (verdict.check, verdict.kind, verdict.name) == ("scanner.codeql", "scanner", "CodeQL 2.20.1")
    assert (verdict.verdict, verdict.red, verdict.source) == ("failed", True, "codeql.sarif")
    (found,) = verdict.findings
    assert (found.file, found.line, found.name, found.source) == (
        "a.py",
        2,
        "py/sql-injection",
        "codeql.sarif (CodeQL 2.20.1)",
    )


@pytest.mark.parametrize("old", [result(line=1), result(file="b.py", line=1), result(baselineState="unchanged")])
def test_what_the_change_did_not_write_is_old_and_counted(tmp_path: Path, old: dict[str, Any]) -> None:
    verdict = judge(tmp_path, {"a.py": "x = 1\ny = input()\nz = 3\n"}, sarif(old))
    assert (verdict.verdict, verdict.findings) == ("passed", ())
    assert "1 not of this change" in verdict.evidence


def test_what_the_tool_calls_new_is_new_wherever_it_stands(tmp_path: Path) -> None:
    assert judge(tmp_path, {"a.py": "x = 2\n"}, sarif(result(file="b.py", line=1, baselineState="new"))).red


@pytest.mark.parametrize(
    ("changed", "level"),
    [
        ({"level": "error"}, "block"),
        ({"level": "warning"}, "warn"),
        ({"level": "note"}, "warn"),
        ({"level": "warning", "properties": {"security-severity": "9.8"}}, "block"),
        ({"level": "error", "properties": {"security-severity": "3.1"}}, "warn"),
        ({"level": "error", "properties": {"security-severity": "grave"}}, "block"),
    ],
)
def test_errors_and_high_severities_block_and_the_rest_warns(changed: dict[str, Any], level: str) -> None:
    assert runs(sarif(result(**changed)))[0].hits[0].level == level


def test_level_message_and_severity_come_from_the_rule_where_the_result_has_none() -> None:
    rule = {
        "id": "java/xss",
        "messageStrings": {"default": {"text": "{0} reaches {1}"}},
        "defaultConfiguration": {"level": "error"},
    }
    bare = {"ruleIndex": 0, "message": {"id": "default", "arguments": ["input", "the page"]}}
    (hit,) = runs(sarif(bare, tool={"rules": [rule]}))[0].hits
    assert (hit.rule, hit.message, hit.level, hit.file) == ("java/xss", "input reaches the page", "block", "")


@pytest.mark.parametrize(
    ("uri", "more", "file"),
    [
        ("src/a%20b.py", {}, "src/a b.py"),
        ("file:///project/src/a.py", {}, "src/a.py"),
        ("file:///elsewhere/a.py", {}, "/elsewhere/a.py"),
        ("../../etc/passwd", {}, "../../etc/passwd"),
        ("https://example.com/a.py", {}, "https://example.com/a.py"),
    ],
)
def test_places_are_relative_to_the_project_where_they_lie_in_it(uri: str, more: dict[str, Any], file: str) -> None:
    assert runs(sarif(result(file=uri), **more))[0].hits[0].file == file


def test_places_may_hang_on_named_roots_and_on_a_list_of_files() -> None:
    hung = result()
    hung["locations"][0]["physicalLocation"]["artifactLocation"] = {"uri": "a.py", "uriBaseId": "SRC"}
    listed = result()
    listed["locations"][0]["physicalLocation"]["artifactLocation"] = {"index": 0}
    roots = {
        "SRC": {"uri": "src/", "uriBaseId": "ROOT"},
        "ROOT": {"uri": "file:///project/"},
        "C": {"uri": "c", "uriBaseId": "C"},
    }
    files = [{"location": {"uri": "lib/b.py", "uriBaseId": "C"}}]
    found = runs(sarif(hung, listed, originalUriBaseIds=roots, artifacts=files))[0].hits
    assert found[0].file == "src/a.py"
    assert found[1].file.endswith("lib/b.py")


def test_what_was_suppressed_or_did_not_fail_is_left_out_and_counted() -> None:
    suppressed = result(suppressions=[{"kind": "inSource"}])
    refused = result(suppressions=[{"kind": "external", "status": "rejected"}])
    passing = {**result(kind="pass"), "level": "none"}
    (run,) = runs(sarif(suppressed, refused, passing, result(baselineState="absent")))
    assert (len(run.hits), run.left_out) == (1, 2)


@pytest.mark.parametrize(
    "data", [sarif(invocations=[{"executionSuccessful": False}]), sarif().replace(b'"results": []', b'"results": null')]
)
def test_a_run_that_did_not_succeed_is_never_a_pass(tmp_path: Path, data: bytes) -> None:
    verdict = judge(tmp_path, {"a.py": "x = 2\n"}, data)
    assert (verdict.verdict, verdict.red) == ("not_run", True)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b'{"version": "2.1.0"}',
        b'{"version": "2.1.0", "runs": []}',
        b'{"version": "1.0.0", "runs": [{"tool": {"driver": {"name": "x"}}}]}',
        b'{"version": "2.1.0", "runs": [{"results": []}]}',
        b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": {"a": 1}}]}',
        b'{"version": "2.1.0", "runs": ' + b"[" * 200_000,
        sarif(result(line="2; rm -rf /")),  # type: ignore[arg-type]
        b" " * (LARGEST + 1),
    ],
    ids=range(13),
)
def test_what_is_no_sarif_is_one_line_that_names_the_file(data: bytes) -> None:
    with pytest.raises(UsageError) as failed:
        runs(data)
    assert str(failed.value).startswith("codeql.sarif ")
    assert "\n" not in str(failed.value) and len(str(failed.value)) < 300


def test_names_of_a_stranger_stay_on_one_line() -> None:
    (run,) = runs(sarif(result("a\nb: block", message={"text": "x\ny"}), tool={"name": "T\r\n1"}))
    assert (run.tool, run.hits[0].rule, run.hits[0].message) == ("T 1", "a b: block", "x y")
