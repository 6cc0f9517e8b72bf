"""The scaffolded Dockerfile is built by a real daemon from an imported base, offline, and what it starts is healthy."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import User
from tests.real.daemon import Daemon

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

BASE, IMAGE = "loopwright-test-base:1", "loopwright-test-image:1"
PROGRAMS = ("sh", "id", "env", "mkdir", "rm", "cp", "chmod", "true")
SERVER = """import http.server


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()


http.server.ThreadingHTTPServer(("0.0.0.0", 9000), Handler).serve_forever()
"""
SICK = "import time\n\ntime.sleep(1000)\n"


@pytest.fixture
def user(tmp_path: Path) -> User:
    (tmp_path / "home").mkdir()
    (tmp_path / "project").mkdir()
    return User(tmp_path / "home", tmp_path / "project")


@pytest.fixture
def based(daemon: Daemon) -> Iterator[Daemon]:
    """A daemon that has this machine's own Python as an image: no registry is asked."""
    if not shutil.which("docker"):
        pytest.skip("NOT TESTED: there is no docker command")
    change = f"ENV PATH={sys.base_prefix}/bin:/usr/bin:/bin"
    imported = ["docker", "import", "--change", change, "-", BASE]
    done = subprocess.run(imported, input=_base(), env=daemon.env, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    try:
        yield daemon
    finally:
        subprocess.run(["docker", "rmi", "-f", IMAGE, BASE], env=daemon.env, check=False, capture_output=True)


def _base() -> bytes:
    """A file system of this Python, a shell and the libraries that both load."""
    prefix = Path(sys.base_prefix)
    programs = [Path(found).resolve() for name in PROGRAMS if (found := shutil.which(name))]
    loads = [*programs, Path(sys.executable).resolve(), *prefix.glob("lib/python3*/lib-dynload/*.so")]
    told = subprocess.run(["ldd", *map(str, loads)], capture_output=True, text=True, check=False).stdout
    libraries = {Path(path) for path in re.findall(r"(?:=> )?(/\S+) \(0x", told)}
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name in PROGRAMS:
            tar.add(str(Path(shutil.which(name) or name).resolve()), f"usr/bin/{name}")
        for library in sorted(each for each in libraries if not each.is_relative_to(prefix)):
            tar.add(str(library.resolve()), str(library).lstrip("/"))
        tar.add(str(prefix), str(prefix).lstrip("/"), filter=_needed)
        for link, to in (("bin", "usr/bin"),):
            entry = tarfile.TarInfo(link)
            entry.type, entry.linkname = tarfile.SYMTYPE, to
            tar.addfile(entry)
        place = tarfile.TarInfo("tmp")
        place.type, place.mode = tarfile.DIRTYPE, 0o1777
        tar.addfile(place)
    return made.getvalue()


def _needed(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    left_out = r"/(?:test|tests|idlelib|tkinter|__pycache__|site-packages|share|include|config-3[^/]*)(?:/|$)|\.a$"
    return None if re.search(left_out, entry.name) else entry


def _scaffold(user: User, daemon: Daemon, server: str) -> None:
    (user.project / "AGENTS.md").write_text("- Deploy with Docker containers\n")
    (user.project / "main.py").write_text(server)
    (user.project / "requirements.txt").write_text("")
    made = user.run("scaffold", "--start", "python main.py", "--port", "9000")
    assert made.status == 0, made.err
    build = ["docker", "build", "--network", "none", "--build-arg", f"BASE_IMAGE={BASE}", "-t", IMAGE, "."]
    built = subprocess.run(build, cwd=user.project, env=daemon.env | {"DOCKER_BUILDKIT": "0"}, capture_output=True)
    assert built.returncode == 0, (built.stdout + built.stderr).decode()[-3000:]


@pytest.mark.parametrize(("server", "health"), [(SERVER, "healthy"), (SICK, "unhealthy")])
def test_the_image_is_built_offline_and_its_health_is_that_of_what_it_starts(
    user: User,
    based: Daemon,
    server: str,
    health: str,
) -> None:
    _scaffold(user, based, server)
    quick = ["--health-interval", "1s", "--health-start-period", "0s", "--health-retries", "3"]
    words = ["docker", "run", "-d", "--read-only", "--network", "none", *quick, IMAGE]
    name = subprocess.run(words, env=based.env, capture_output=True, text=True, check=True).stdout.strip()
    try:
        assert _health(name, based) == health
        who = subprocess.run(["docker", "exec", name, "id", "-u"], env=based.env, capture_output=True, text=True)
        assert who.stdout.strip() == "10001"
    finally:
        subprocess.run(["docker", "rm", "-f", name], env=based.env, check=False, capture_output=True)


def _health(name: str, daemon: Daemon) -> str:
    for _ in range(120):
        ask = ["docker", "inspect", "-f", "{{.State.Health.Status}}", name]
        found = subprocess.run(ask, env=daemon.env, capture_output=True, text=True, check=True).stdout.strip()
        if found != "starting":
            return found
        time.sleep(1)
    logs = subprocess.run(["docker", "logs", name], env=daemon.env, capture_output=True, text=True, check=False)
    return f"starting: {logs.stdout}{logs.stderr}"
