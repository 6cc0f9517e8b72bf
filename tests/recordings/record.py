"""Records what real tools print of planted faults: `python tests/recordings/record.py [NAME...]`.

Run once, before the analyser is taught anything of them. Which half a recording belongs to follows from its name alone:
`seen` may be looked at while the analyser is written, `aside` may not. Tools that are absent are passed over. The
classpath of JUnit 4 is taken from JUNIT, the Maven command from MVN, a project file for Maven from POM, packages for
node from NODE_MODULES, and further places to be replaced from PLACES (`place=name,...`).
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FAULTS = HERE / "faults"
PLANT = "¶"
VERSIONS = {
    "pytest": "python -m pytest --version",
    "unittest": "python --version",
    "python": "python --version",
    "mypy": "python -m mypy --version",
    "ruff": "ruff --version",
    "pip": "python -m pip --version | cut -d' ' -f1,2",
    "vitest": "vitest --version",
    "jest": "jest --version",
    "mocha": "mocha --version",
    "node": "node --version",
    "npm": "npm --version 2>/dev/null",
    "tsc": "tsc --version",
    "eslint": "eslint --version",
    "go": "go version",
    "cargo": "cargo --version",
    "javac": "javac -version",
    "java": "java -version 2>&1 | head -1",
    "junit": "java -cp $JUNIT junit.runner.Version",
    "maven": "mvn -version | head -1",
    "gcc": "gcc --version | head -1",
    "clang": "clang --version | head -1",
    "make": "make --version | head -1",
    "docker": "docker --version",
    "shell": "bash --version | head -1",
}


def faults() -> Iterator[dict[str, Any]]:
    """Every planted fault."""
    for file in sorted(FAULTS.glob("*.toml")):
        yield from tomllib.loads(file.read_text(encoding="utf-8"))["fault"]


def half(name: str) -> str:
    """Return `seen` or `aside`, by the name alone."""
    return "aside" if hashlib.sha256(name.encode()).digest()[0] % 2 else "seen"


def planted_line(fault: dict[str, Any]) -> int:
    """Return the line that a diagnosis should name: the marked one; 0 = none, -1 = any."""
    if "line" in fault:
        return int(fault["line"])
    for text in fault.get("files", {}).values():
        for number, line in enumerate(text.lstrip("\n").split("\n"), 1):
            if PLANT in line:
                return number
    return 0


def plant(fault: dict[str, Any], root: Path) -> None:
    """Write the fault's files."""
    for name, text in fault.get("files", {}).items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if text == "@pom":
            text = Path(os.environ["POM"]).read_text(encoding="utf-8")
        place.write_text(text.lstrip("\n").replace(PLANT, ""), encoding="utf-8")


def redact(text: str, root: Path) -> str:
    """Replace this machine's places by common ones."""
    places = [(str(root.resolve()), "/home/user/project"), (str(root), "/home/user/project")]
    places += [(str(Path(sys.prefix)), "/home/user/venv"), (sys.base_prefix, "/usr/local")]
    places += [tuple(pair.split("=", 1)) for pair in os.environ.get("PLACES", "").split(",") if pair]
    for place, name in places:
        text = text.replace(place, name)
    text = re.sub(r"npm warn Unknown user config .*\n", "", text)
    text = re.sub(r"/tmp/(?!cc)[\w.-]+", "/tmp/scratch", text)
    text = re.sub(r"https?://[\w.:-]+", "https://host.example", text)
    text = re.sub(r"\b[\w.-]*docker\.io\b", "registry.example", text)
    text = re.sub(r"\b\d+\.\d+\.\d+\.\d+:53\b", "192.0.2.1:53", text)
    return re.sub(r"/root/[\w./-]*", "/home/user/.cache/x", text)


def record(fault: dict[str, Any]) -> str:
    """Run the fault's command and return the recording: a head, an empty line, both streams as they came."""
    env = {k: v for k, v in os.environ.items() if not k.lower().startswith(("npm_config_", "pip_"))}
    env |= {"NO_COLOR": "1", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PIP_CONFIG_FILE": os.devnull, "GOPROXY": "off"}
    env |= {"PYTHONDONTWRITEBYTECODE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "DOCKER_BUILDKIT": "0"}
    env |= {"npm_config_cache": "/tmp/scratch-npm", "npm_config_update_notifier": "false"}
    run = {"shell": True, "env": env, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with tempfile.TemporaryDirectory(prefix="scratch-") as made:
        root = Path(made)
        plant(fault, root)
        if "NODE_MODULES" in os.environ:
            (root / "node_modules").symlink_to(os.environ["NODE_MODULES"])
        version = subprocess.run(VERSIONS[fault["tool"]], check=False, cwd=root, **run).stdout.strip()
        ran = subprocess.run(fault["run"], check=False, cwd=root, timeout=120, errors="replace", **run)
    shown = re.sub(r"\$JUNIT", "junit4.jar", fault["run"]).replace("$MVN", "mvn -B")
    head = f"tool: {fault['tool']} {version}\nargv: {shown}\nexit: {ran.returncode if ran.returncode >= 0 else 128 - ran.returncode}"
    return redact(f"{head}\n\n{ran.stdout}", root)


def main(names: list[str]) -> None:
    for fault in faults():
        if names and fault["name"] not in names:
            continue
        place = HERE / half(fault["name"]) / f"{fault['name']}.txt"
        place.parent.mkdir(exist_ok=True)
        place.write_text(record(fault), encoding="utf-8")
        print(place.relative_to(HERE), fault["tool"])


if __name__ == "__main__":
    main(sys.argv[1:])
