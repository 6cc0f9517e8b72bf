"""What only a package registry can show of scaffolded files."""

from __future__ import annotations

import json
import shutil
import subprocess
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
