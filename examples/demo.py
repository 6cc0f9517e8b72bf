"""`make demo`: a broken package is repaired, proven and taken back; no key, no network, under a minute."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SHOP = Path(__file__).parent / "01_broken_shop"
TEST = "python -m pytest -q"


def main() -> int:
    """Run the demonstration in a scratch copy and return its exit status."""
    scratch = Path(tempfile.mkdtemp(prefix="loopwright-demo-"))
    shop = scratch / "shop"
    shutil.copytree(SHOP, shop, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    # The demonstration's own interpreter has pytest; the sandbox finds it through PATH as any user's would be found.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    env = {**os.environ, "LOOPWRIGHT_HOME": str(scratch / "home"), "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}

    def say(text: str) -> None:
        print(f"\n\033[1m── {text}\033[0m" if sys.stdout.isatty() else f"\n-- {text}", flush=True)

    def step(*command: str, quiet: bool = False) -> int:
        print(f"$ {' '.join(repr(word) if ' ' in word else word for word in command)}", flush=True)
        return subprocess.run(command, cwd=shop, env=env, check=False).returncode

    say("1. A small shop whose tests are red")
    step("python", "-m", "pytest", "-q", "--tb=no", "-p", "no:cacheprovider")
    say("2. What its AGENTS.md asks for, and how each rule is enforced")
    step("loopwright", "rules", "-q")
    say("3. Repair: search in the sandbox, prove on the exact final tree, then promote")
    status = step("loopwright", "fix", ".", "--test", TEST, "--engine", "repair", "--budget-seconds", "100")
    if status:
        print(f"the demonstration failed: loopwright fix ended with {status}", file=sys.stderr)
        return status
    say("4. What was changed")
    step("loopwright", "diff")
    say("5. The record is unbroken, and the proof is bound to its head")
    status |= step("loopwright", "audit", "verify")
    say("6. Everything can be taken back, byte for byte")
    status |= step("loopwright", "undo")
    same = subprocess.run(
        ["diff", "-r", "-x", "__pycache__", "-x", ".pytest_cache", str(SHOP), str(shop)], check=False
    ).returncode
    print("the shop is as it was" if same == 0 else "the shop is NOT as it was")
    shutil.rmtree(scratch, ignore_errors=True)
    return status or same


if __name__ == "__main__":
    sys.exit(main())
