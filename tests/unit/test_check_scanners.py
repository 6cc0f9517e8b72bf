"""The bundled scanners: what a change brings is found with its line, what was there is not, what is missing is said."""

from __future__ import annotations

import json
import time
from pathlib import Path

import anyio
import pytest

from loopwright.core.checks import Verdict
from loopwright.core.plan import Requirement
from loopwright.core.ports import Check
from loopwright.core.running import Limits
from loopwright.guard.checks.rules import tools as rule_tools
from loopwright.guard.checks.scanners import tools
from loopwright.guard.checks.scanners.audits import AuditCheck
from loopwright.guard.checks.scanners.check import ScannerCheck
from loopwright.guard.checks.scanners.tools import SCANNERS
from loopwright.testing.copied_workspace import CopiedWorkspace
from loopwright.testing.judging import clean_environment, judge_in, write_tree
from loopwright.testing.memory import MemoryBlobs

KEY = "AKIA" + "Q3EGRTZ5MQY2LK7X"
RUFF = ScannerCheck([s for s in SCANNERS if s.name == "ruff"])
WEAK = "import hashlib\n\n\ndef name(data: bytes) -> str:\n    return hashlib.md5(data).hexdigest()\n"


def judge(
    root: Path,
    before: dict[str, str],
    change: dict[str, str | bytes | None],
    check: Check,
    path: str = "",
    network: str = "none",
) -> dict[str, Verdict]:
    write_tree(root, before)

    async def run() -> tuple[Verdict, ...]:
        blobs = MemoryBlobs()
        environment = clean_environment()
        workspace = CopiedWorkspace(root, blobs, environment | ({"PATH": path} if path else {}))
        try:
            limits = Limits(timeout=60.0, network=network)
            return await judge_in(workspace, blobs, change, [check], Requirement(goal="x"), (), limits)
        finally:
            await workspace.aclose()

    return {v.check: v for v in anyio.run(run)}


def test_a_grave_finding_of_the_change_blocks_at_its_line_and_is_told_once(tmp_path: Path) -> None:
    found = judge(tmp_path, {"a.py": "x = 1\n"}, {"a.py": WEAK, "b.py": f"KEY = '{KEY}'\n"}, ScannerCheck())
    first = found["scanner.ruff"].findings[0]
    assert (first.file, first.line, first.name, first.level) == ("a.py", 5, "S324", "block")
    assert found["scanner.ruff"].red and found["scanner.ruff"].kind == "scanner"
    assert "B324" not in {f.name for f in found["scanner.bandit"].findings}
    (secret,) = (f for f in found["scanner.detect-secrets"].findings if f.level == "block")
    assert (secret.file, secret.line, KEY in secret.reason) == ("b.py", 1, False)


def test_what_the_file_held_before_is_old_wherever_its_line_went(tmp_path: Path) -> None:
    found = judge(tmp_path, {"a.py": WEAK}, {"a.py": "# moved\n" + WEAK + "x = 1\n"}, RUFF)
    assert {v.verdict for v in found.values()} == {"passed"}
    twice = judge(tmp_path, {"a.py": WEAK}, {"a.py": WEAK + "y = hashlib.md5(b'')\n"}, RUFF)
    assert [f.line for f in twice["scanner.ruff"].findings] == [6]


def test_a_comment_that_silences_makes_it_less_grave_and_is_still_told(tmp_path: Path) -> None:
    silenced = WEAK.replace("hexdigest()", "hexdigest()  # noqa: S324")
    found = judge(tmp_path, {}, {"a.py": silenced}, RUFF)
    assert [(f.name, f.level) for f in found["scanner.ruff"].findings] == [("S324", "warn")]
    assert not any(v.red for v in found.values())


def test_configuration_of_the_project_silences_nothing(tmp_path: Path) -> None:
    quiet = '[tool.ruff.lint]\nignore = ["S"]\n[tool.bandit]\nskips = ["B324"]\n'
    assert judge(tmp_path, {}, {"a.py": WEAK, "pyproject.toml": quiet}, RUFF)["scanner.ruff"].red


def test_tests_are_not_held_to_what_concerns_running_code(tmp_path: Path) -> None:
    found = judge(tmp_path, {}, {"tests/test_a.py": f"{WEAK}KEY = '{KEY}'\n"}, ScannerCheck())
    assert list(found) == ["scanner.detect-secrets"] and not found["scanner.detect-secrets"].red


def test_a_scanner_that_is_not_installed_is_said_and_never_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_tools.sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setattr(rule_tools.shutil, "which", lambda name, path=None: None)
    found = judge(tmp_path, {}, {"a.py": WEAK, "Dockerfile": "FROM a:1\n"}, ScannerCheck())
    assert {v.verdict for v in found.values()} == {"not_run"} and len(found) == len(SCANNERS)
    assert "bandit is not installed" in found["scanner.bandit"].evidence


def test_hadolint_tells_what_a_change_brings_into_a_dockerfile_whatever_its_name(tmp_path: Path) -> None:
    old = "FROM debian\n"  # no tag: as before
    new = old + "# hadolint ignore=DL3020\nADD a.txt /srv/\nWORKDIR app\n"
    quiet = {".hadolint.yaml": "ignored: [DL3000, DL3020]\n"}
    changed: dict[str, str | bytes | None] = {"build/api.Dockerfile": new, "Containerfile": "FROM a:1\nUSER root\n"}
    found = judge(tmp_path, {"build/api.Dockerfile": old} | quiet, changed, ScannerCheck())["scanner.hadolint"]
    assert {(f.file, f.line, f.name) for f in found.findings} == {
        ("build/api.Dockerfile", 3, "DL3020"),
        ("build/api.Dockerfile", 4, "DL3000"),
        ("Containerfile", 2, "DL3002"),
    }
    assert found.verdict == "failed" and not found.red


def test_any_text_is_judged_or_said_not_to_be(tmp_path: Path) -> None:
    texts = ["def f(:\n", "\x00", "x = 1\n", '"' * 5000, "(" * 2000]
    for verdict in judge(tmp_path, {}, {f"a{n}.py": t for n, t in enumerate(texts)}, ScannerCheck()).values():
        assert verdict.verdict in ("passed", "not_run")


def auditor(root: Path, name: str, printed: object, status: int = 1) -> str:
    """A program of that name that prints a report; returns the search path that finds it."""
    folder = root / "bin"
    folder.mkdir(exist_ok=True)
    (folder / "report").write_text(json.dumps(printed))
    (folder / name).write_text(f"#!/bin/sh\ncat {folder}/report\nexit {status}\n")
    (folder / name).chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


NPM = {
    "auditReportVersion": 2,
    "vulnerabilities": {
        "lodash": {"severity": "high", "via": [{"title": "Prototype Pollution", "range": "<4.17.19", "url": ""}]},
        "old": {"severity": "critical", "via": [{"title": "Known long", "range": "*"}]},
        "parent": {"severity": "high", "via": ["lodash"]},
    },
}
MANIFEST = {"app/package.json": '{"dependencies": {\n"old": "1"}}\n'}
ADDS = {"app/package.json": '{"dependencies": {\n"lodash": "4.17.0",\n"old": "1"}}\n'}


def test_an_advisory_on_what_the_change_adds_blocks_and_older_ones_warn(tmp_path: Path) -> None:
    path = auditor(tmp_path, "npm", NPM)
    found = judge(tmp_path / "p", MANIFEST, dict(ADDS), AuditCheck(), path, "allow:example.com")["scanner.npm-audit"]
    assert found.red and [(f.name, f.level, f.file) for f in found.findings] == [
        ("lodash", "block", "app/package.json"),
        ("old", "warn", "app/package.json"),
    ]


def test_python_advisories_are_read_as_well(tmp_path: Path) -> None:
    advice = {"id": "PYSEC-1", "fix_versions": ["2.0"]}
    path = auditor(tmp_path, "pip-audit", {"dependencies": [{"name": "thing", "version": "1.0", "vulns": [advice]}]})
    found = judge(
        tmp_path / "p", {"a": ""}, {"requirements.txt": "Thing==1.0\n"}, AuditCheck(), path, "allow:example.com"
    )
    assert found["scanner.pip-audit"].red
    assert "PYSEC-1 in 1.0, mended in 2.0" in found["scanner.pip-audit"].findings[0].reason


@pytest.mark.parametrize(
    ("printed", "network", "says"),
    [
        (NPM, "none", "no network is allowed"),
        ({"error": {"code": "ENOLOCK"}}, "allow:example.com", "gave no result"),
        ([], "allow:example.com", "gave no result"),
    ],
)
def test_an_audit_that_could_not_be_made_is_said_and_never_passes(
    tmp_path: Path, printed: object, network: str, says: str
) -> None:
    path = auditor(tmp_path, "npm", printed)
    found = judge(tmp_path / "p", MANIFEST, dict(ADDS), AuditCheck(), path, network)["scanner.npm-audit"]
    assert (found.verdict, found.level) == ("not_run", "warn") and says in found.evidence


def test_nothing_is_asked_where_no_manifest_was_touched(tmp_path: Path) -> None:
    assert judge(tmp_path, MANIFEST, {"app/a.js": "1;\n"}, AuditCheck(), network="allow:example.com") == {}


def test_many_texts_are_shared_among_processes_and_none_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "_SHARE", 2)
    files = {f"part{n}.py": f"KEY = '{KEY}'\n" if n % 3 == 0 else f"x = {n}\n" for n in range(7)}
    found = judge(tmp_path, {}, files, ScannerCheck([s for s in SCANNERS if s.name == "detect-secrets"]))
    marked = {finding.file for finding in found["scanner.detect-secrets"].findings}
    assert marked == {"part0.py", "part3.py", "part6.py"}


@pytest.mark.anyio
async def test_a_run_that_is_interrupted_does_not_wait_for_a_scanner() -> None:
    texts = {f"part{n}.py": f"KEY{n} = '{KEY}'\n" * 2000 for n in range(40)}
    began = time.monotonic()
    with anyio.move_on_after(0.3) as scope:
        await tools.scan_secrets(texts)
    assert scope.cancelled_caught and time.monotonic() - began < 3
