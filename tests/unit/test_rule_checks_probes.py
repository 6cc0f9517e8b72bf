"""Rules that only a running application shows: it is started, asked and stopped, and what is broken is found."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from loopwright.core.checks import Verdict
from loopwright.core.plan import Requirement
from loopwright.guard.checks.probes.check import ProbeCheck
from loopwright.guard.checks.rules.check import RuleCheck
from loopwright.guard.directives import compile_text
from loopwright.testing.judging import judge_change, write_tree

#: A server of the standard library that keeps every rule below; the tests break one line of it at a time.
APP = '''\
import json, os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

served, left = 0, 100
bcrypt = open(os.environ.get("LOOPWRIGHT_FAULT_LOG", os.devnull), "a")  # stands for the library that is watched


def log(**entry):
    sys.stdout.write(json.dumps({"level": "info", **entry}) + "\\n")
    sys.stdout.flush()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body, kind="application/json"):
        global served
        served += 1
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Strict-Transport-Security", "max-age=1")
        self.end_headers()
        self.wfile.write(data)

    def fail(self, status, message):
        self.answer(status, json.dumps({"error": {"code": status, "message": message}}))

    def do_GET(self):
        global left
        left -= 1
        if left < 0:
            return self.fail(429, "too many requests")
        if self.path == "/":
            return self.answer(200, "{}")
        if self.path == "/metrics":
            return self.answer(200, f"http_requests_total {served}\\n", "text/plain; version=0.0.4")
        if self.path == os.environ.get("LOOPWRIGHT_FAULT"):
            return self.fail(500, "internal error")
        self.fail(404, "not found")

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            password = json.loads(text)["password"]
        except (ValueError, KeyError):
            return self.fail(400, "bad request")
        bcrypt.write(json.dumps({"name": "bcrypt", "hash": "$2b$12$abc"}) + "\\n")
        bcrypt.flush()
        self.answer(201, json.dumps({"id": 1}))

    def log_message(self, format, *values):
        log(message="request", line=format % values)


ROUTES = """router.get("/") router.post("/users")"""
log(message="started")
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
'''
TREE = {"app.py": APP, "Procfile": "web: python3 app.py\n"}
RULES = """\
- Unified JSON error format
- Rate-limit APIs to prevent abuse
- Enforce HTTPS and CORS
- Monitor with Prometheus
- Structured JSON logging
- Store passwords with bcrypt hashing
"""
PLANTED = [
    ("- Unified JSON error format", '{"code": status, "message": message}', '{"code": status, "message": message} if status != 400 else message', "keys"),
    ("- Unified JSON error format", 'self.fail(404, "not found")', 'self.answer(404, "<h1>no</h1>", "text/html")', "no JSON object"),
    ("- Unified JSON error format", '"internal error"', '"Traceback (most recent call last): x"', "stack trace"),
    ("- Rate-limit APIs to prevent abuse", "left -= 1", "pass", "and no 429"),
    ("- Enforce HTTPS and CORS", '"Strict-Transport-Security", "max-age=1"', '"X-Nothing", "1"', "no Strict-Transport-Security"),
    ("- Enforce HTTPS and CORS", '"Content-Type", kind)', '"Content-Type", kind); self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", ""))', "foreign origin"),
    ("- Monitor with Prometheus", "served += 1", "pass", "no counter"),
    ("- Monitor with Prometheus", "http_requests_total {served}", "requests = {served}", "no Prometheus text"),
    ("- Structured JSON logging", 'log(message="started")', 'sys.stdout.write("started\\\\n"); sys.stdout.flush()', "no JSON object"),
    ("- Store passwords with bcrypt hashing", 'json.dumps({"id": 1})', 'json.dumps({"id": password})', "holds the password"),
    ("- Store passwords with bcrypt hashing", "bcrypt.write(", "str(", "was not given the password"),
    ("- Store passwords with bcrypt hashing", "$2b$12$", "$2b$04$", "a cost of 10"),
]  # fmt: skip


def judge(root: Path, rules: str, before: dict[str, str], change: dict[str, str | bytes | None]) -> list[Verdict]:
    write_tree(root, before)
    checks = (RuleCheck(), ProbeCheck())

    async def run() -> tuple[Verdict, ...]:
        return await judge_change(root, change, checks, Requirement(goal="x"), compile_text(rules))

    return list(anyio.run(run))


def test_a_conforming_application_passes_every_probe_with_its_evidence(tmp_path: Path) -> None:
    verdicts = judge(tmp_path, RULES, {}, dict(TREE))
    assert {v.source: v.verdict for v in verdicts} == {f"AGENTS.md:{n}": "passed" for n in range(1, 7)}, [
        v.evidence for v in verdicts
    ]
    evidence = " ".join(v.evidence for v in verdicts)
    for said in (
        "GET /loopwright-probe-of-nothing -> 404",
        "429 at quick request",
        "http_requests_total rose",
        "$2b$12",
    ):
        assert said in evidence


@pytest.mark.parametrize(("rule", "good", "bad", "said"), PLANTED, ids=[f"{p[0][2:20]}-{p[3]}" for p in PLANTED])
def test_a_planted_violation_is_found(tmp_path: Path, rule: str, good: str, bad: str, said: str) -> None:
    assert good in APP
    broken = APP.replace(good, bad.replace("\\\\n", "\\n"))
    (verdict,) = judge(tmp_path, rule, TREE, {"app.py": broken})
    assert (verdict.verdict, verdict.red) == ("failed", True), verdict.evidence
    (found,) = verdict.findings
    assert (found.file, found.source) == ("app.py", "AGENTS.md:1")
    assert said in found.reason


def test_what_the_application_lacked_before_does_not_block(tmp_path: Path) -> None:
    broken = APP.replace("left -= 1", "pass")
    (verdict,) = judge(tmp_path, "- Rate-limit APIs", {**TREE, "app.py": broken}, {"app.py": broken + "\n"})
    assert (verdict.verdict, verdict.red) == ("partly", False)
    assert "as before the change" in verdict.evidence


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({"app.py": "x = 1\n"}, "no way to start"),
        ({"app.py": "x = 1\n", "Procfile": "web: python3 nothing.py\n"}, "ended with status"),
    ],
)
def test_without_a_running_application_the_rule_is_held_in_part_and_says_why(
    tmp_path: Path, tree: dict[str, str], said: str
) -> None:
    (verdict,) = judge(tmp_path, "- Rate-limit APIs", {}, dict(tree))
    assert (verdict.verdict, verdict.red) == ("partly", False)
    assert said in verdict.evidence


def test_nothing_is_started_for_a_change_of_words(tmp_path: Path) -> None:
    (verdict,) = judge(tmp_path, "- Rate-limit APIs", TREE, {"README.md": "x"})
    assert verdict.verdict == "partly" and "nothing that runs" in verdict.evidence


ISOLATED = "- Isolate test data from production\n- `sh test.sh` - run the tests\n"
REACHES = """\
python3 - <<'END'
import os, socket, urllib.parse
at = urllib.parse.urlsplit(os.environ.get("ORDERS_DB_URL", ""))
if at.port: socket.create_connection((at.hostname, at.port)).close()
END
"""


@pytest.mark.parametrize(
    ("script", "verdict", "said"),
    [
        ("exit 0\n", "passed", "passes while production's variables lead nowhere"),
        (REACHES, "failed", "opened 1 connections"),
        ('test -z "$ORDERS_DB_URL"\n', "failed", "passes only while"),
        ("exit 3\n", "passed", "fails anyway"),
    ],
)
def test_tests_that_reach_for_production_are_found(tmp_path: Path, script: str, verdict: str, said: str) -> None:
    tree = {".env.example": "ORDERS_DB_URL=\n", "a.py": "x = 1\n", "test.sh": "exit 0\n"}
    found = judge(tmp_path, ISOLATED, tree, {"test.sh": script, "a.py": "x = 2\n"})
    (isolation,) = [v for v in found if v.source == "AGENTS.md:1"]
    assert isolation.verdict == verdict, isolation.evidence
    assert said in isolation.evidence


JEST = """\
#!/bin/sh
for a in "$@"; do case "$a" in --coverageDirectory=*) at="${a#*=}";; esac; done
echo "{\\"total\\": {\\"lines\\": {\\"total\\": 10, \\"pct\\": $(cat reached)}}}" > "$at/coverage-summary.json"
"""


@pytest.mark.parametrize(
    ("rule", "reached", "verdict"),
    [
        ("- Unit test coverage > 80%", "80.01", "passed"),
        ("- Unit test coverage > 80%", "80", "failed"),
        ("- Unit test coverage of at least 80%", "80", "passed"),
        ("- Unit test coverage of at least 80%", "12.5", "failed"),
        ("- Unit test coverage of at least 80%", "none", "partly"),
    ],
)
def test_the_coverage_that_the_tests_reach_is_measured(tmp_path: Path, rule: str, reached: str, verdict: str) -> None:
    program = tmp_path / "node_modules/.bin/jest"
    program.parent.mkdir(parents=True)
    program.write_text(JEST)
    program.chmod(0o755)
    manifest = '{"devDependencies": {"jest": "1"}, "jest": {"coverageThreshold": {"global": {"lines": 85}}}}'
    (found,) = judge(tmp_path, rule, {"package.json": manifest, "reached": "90"}, {"reached": reached, "a.js": "a()\n"})
    assert found.verdict == verdict, found.evidence
    assert reached == "none" or f"{float(reached):.2f} %" in found.evidence


#: Jest as it would be: what the tests reached is in `lines`.
LINES = """\
#!/bin/sh
for a in "$@"; do case "$a" in --coverageDirectory=*) at="${a#*=}";; esac; done
echo '{"total": {"lines": {"total": 10, "pct": 50}}}' > "$at/coverage-summary.json"
cat lines > "$at/lcov.info"
"""
NEW = "- New code must have at least 75% test coverage.\n"
OLD = "const a = 1;\n"
ADDED = OLD + "\nexports.f = (x) => {\n  if (x) return 1;\n  // none\n  return 2;\n};\n"


@pytest.mark.parametrize(
    ("lines", "change", "verdict", "place"),
    [
        ("SF:src/a.js\nDA:1,0\nDA:3,1\nDA:4,1\nDA:6,1\nend_of_record\n", ADDED, "passed", ("", 0)),
        ("SF:/srv/view/src/a.js\nDA:1,1\nDA:3,1\nDA:4,0\nDA:6,0\nend_of_record\n", ADDED, "failed", ("src/a.js", 4)),
        ("SF:src/b.js\nDA:1,1\nend_of_record\n", ADDED, "failed", ("src/a.js", 3)),  # never loaded by a test
        ("SF:lib/b.js\nDA:1,1\nend_of_record\n", ADDED, "passed", ("", 0)),  # of what coverage does not look at
        ("SF:src/a.js\nDA:1,0\nend_of_record\n", OLD + "// told\n", "passed", ("", 0)),
        ("", ADDED, "partly", ("", 0)),
    ],
)
def test_the_coverage_of_the_changed_lines_is_compared_and_the_first_one_missed_is_named(
    tmp_path: Path, lines: str, change: str, verdict: str, place: tuple[str, int]
) -> None:
    program = tmp_path / "node_modules/.bin/jest"
    program.parent.mkdir(parents=True)
    program.write_text(LINES)
    program.chmod(0o755)
    before = {"package.json": '{"devDependencies": {"jest": "1"}}', "lines": lines, "src/a.js": OLD}
    (found,) = judge(tmp_path, NEW, before, {"src/a.js": change, "src/a.test.js": "it()\n"})
    assert found.verdict == verdict, found.evidence
    assert [(f.file, f.line) for f in found.findings] == ([place] if verdict == "failed" else [])
