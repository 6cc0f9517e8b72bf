"""What only a package registry or a container daemon can show of scaffolded files."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import User

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

# Five statements on lines of their own, `let` to `module.exports`: four reached is 80 % exactly.
CODE = """function f(x) {
  let y = x;
  if (x > 1) {
    y += 2;
  }
  return y;
}

module.exports = { f };
"""
SERVER = """import http.server


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()


http.server.ThreadingHTTPServer(("0.0.0.0", 9000), Handler).serve_forever()
"""


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
@pytest.mark.parametrize(
    ("rule", "calls", "status"), [("> 80%", "[1]", 1), (">= 80%", "[1]", 0), ("> 80%", "[1, 2]", 0)]
)
def test_the_jest_gate_is_red_at_the_threshold_only_where_the_rule_says_more(
    user: User, rule: str, calls: str, status: int
) -> None:
    manifest = {"name": "five", "scripts": {"test": "jest"}, "devDependencies": {"jest": "*"}}
    test = f"const {{ f }} = require('../src/five');\ntest('f', () => {{ for (const x of {calls}) expect(f(x)).toBeGreaterThan(0); }});\n"
    write(user.project, {"AGENTS.md": f"- Unit test coverage {rule}\n- Use Jest as the test framework\n"})
    write(user.project, {"package.json": json.dumps(manifest), "src/five.js": CODE, "tests/five.test.js": test})
    for name in ("twice.py", "test_twice.py"):
        (user.project / name).unlink()
    assert user.run("scaffold").status == 0
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=user.project, check=True)
    done = subprocess.run(["npm", "test"], cwd=user.project, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert ("Lines        : 80%" if calls == "[1]" else "Lines        : 100%") in said and done.returncode == status, (
        said
    )


def _daemon() -> bool:
    return (
        bool(shutil.which("docker"))
        and not subprocess.run(["docker", "info"], capture_output=True, check=False).returncode
    )


@pytest.mark.skipif(not _daemon(), reason="there is no container daemon")
def test_the_image_is_built_from_an_imported_base_and_becomes_healthy(user: User) -> None:
    """No registry is asked: the base is this machine's own Python, imported as an image."""
    write(user.project, {"AGENTS.md": "- Deploy with Docker containers\n", "main.py": SERVER})
    write(user.project, {"requirements.txt": ""})
    assert user.run("scaffold", "--start", "python main.py", "--port", "9000").status == 0
    places = [
        p
        for p in ("bin", "lib", "lib64", "usr/bin", "usr/lib", "usr/lib64", "etc/ld.so.cache", "usr/local")
        if Path("/", p).exists()
    ]
    python = str(Path(sys.base_prefix).relative_to("/"))
    base, image = "loopwright-test-base:1", "loopwright-test-image:1"
    with subprocess.Popen(["tar", "-C", "/", "-c", *dict.fromkeys([*places, python])], stdout=subprocess.PIPE) as tar:
        change = f"ENV PATH={sys.base_prefix}/bin:/usr/bin:/bin"
        subprocess.run(["docker", "import", "--change", change, "-", base], stdin=tar.stdout, check=True)
    build = ["docker", "build", "--network", "none", "--build-arg", f"BASE_IMAGE={base}", "-t", image, "."]
    subprocess.run(build, cwd=user.project, check=True)
    name = subprocess.run(
        ["docker", "run", "-d", "--read-only", "--health-interval", "1s", image],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    try:
        assert _health(name) == "healthy"
        who = subprocess.run(["docker", "exec", name, "id", "-u"], capture_output=True, text=True, check=True)
        assert who.stdout.strip() == "10001"
    finally:
        subprocess.run(["docker", "rm", "-f", name], check=False)
        subprocess.run(["docker", "rmi", "-f", image, base], check=False)


def _health(name: str) -> str:
    for _ in range(60):
        ask = ["docker", "inspect", "-f", "{{.State.Health.Status}}", name]
        found = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
        if found != "starting":
            return found
        time.sleep(1)
    return "starting"
