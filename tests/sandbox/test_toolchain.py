"""The programs a user's PATH resolves to work inside with no configuration, and nothing else of a home comes along."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from loopwright.core.errors import SandboxError
from loopwright.core.ports import Mount, Profile
from loopwright.core.running import Limits, run
from loopwright.sandbox import BubblewrapSandbox
from loopwright.sandbox.toolchain import find_toolchain


def program(path: Path, text: str = "#!/bin/sh\necho $0\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    return made


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "tree"
    made.mkdir()
    return made


def found(root: Path, home: Path, *path: Path | str, **variables: str) -> tuple[tuple[str, ...], list[str]]:
    environment = {"HOME": str(home), "PATH": ":".join(map(str, path)), **variables}
    toolchain = find_toolchain(str(root), environment)
    return toolchain.binds, toolchain.path.split(":")


def python_installation(prefix: Path) -> Path:
    (prefix / "lib" / "python3.12").mkdir(parents=True)
    (prefix / "lib" / "python3.12" / "os.py").write_text("")
    return program(prefix / "bin" / "python3")


def test_an_installation_is_shown_whole_and_system_directories_need_no_bind(root: Path, home: Path) -> None:
    node = home / ".nvm" / "versions" / "node" / "v22"
    program(node / "bin" / "node")
    (node / "lib").mkdir()
    assert found(root, home, node / "bin", "/usr/bin") == ((str(node),), [str(node / "bin"), "/usr/bin"])


def test_of_a_home_on_the_path_the_programs_alone_are_shown(root: Path, home: Path) -> None:
    tool = program(home / "tool")
    (home / ".ssh").mkdir()
    (home / "notes").write_text("private")
    assert found(root, home, home) == ((str(tool),), [str(home)])


def test_a_version_manager_that_cannot_be_read_is_passed_over(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(directory: str, *_: object) -> list[str]:
        if directory.endswith("shims"):
            raise PermissionError(13, "", directory)
        return [directory]

    monkeypatch.setattr("loopwright.sandbox.toolchain.shim_directories", closed)
    assert found(root, home, home / ".pyenv" / "shims", "/usr/bin") == ((), ["/usr/bin"])


def test_a_bin_directory_in_a_home_shows_nothing_else_of_it(root: Path, home: Path) -> None:
    program(home / "bin" / "tool")
    (home / "lib").mkdir()
    assert found(root, home, home / "bin")[0] == (str(home / "bin"),)


def test_of_cargo_and_local_only_the_programs_are_shown(root: Path, home: Path) -> None:
    program(home / ".cargo" / "bin" / "cargo")
    (home / ".cargo" / "credentials.toml").write_text("token")
    program(home / ".local" / "bin" / "tool")
    (home / ".local" / "share" / "keyrings").mkdir(parents=True)
    binds = found(root, home, home / ".cargo" / "bin", home / ".local" / "bin")[0]
    assert binds == (str(home / ".cargo" / "bin"), str(home / ".local" / "bin"))


@pytest.mark.parametrize(("file", "version"), [("3.11.7\n", "3.11.7"), ("3.12  # latest\n", "3.12.10"), ("", "3.11.7")])
def test_a_shim_stands_for_the_version_the_directory_asks_for(root: Path, home: Path, file: str, version: str) -> None:
    pyenv = home / ".pyenv"
    program(pyenv / "shims" / "python")
    for name in ("3.11.7", "3.12.9", "3.12.10"):
        python_installation(pyenv / "versions" / name)
    (pyenv / "version").write_text("3.11.7\n")
    if file:
        (root / ".python-version").write_text(file)
    binds, path = found(root, home, pyenv / "shims", PYENV_ROOT=str(pyenv))
    assert (binds, path) == ((f"{pyenv}/versions/{version}",), [f"{pyenv}/versions/{version}/bin"])


def test_a_version_file_cannot_name_a_path(root: Path, home: Path) -> None:
    python_installation(home / ".pyenv" / "versions" / "3.11.7")
    (root / ".python-version").write_text("../../secrets\n")
    assert found(root, home, home / ".pyenv" / "shims")[0] == ()


def test_a_virtual_environment_brings_its_interpreter(root: Path, home: Path) -> None:
    python = python_installation(home / "pythons" / "3.12")
    venv = home / "venvs" / "mine"
    (venv / "bin").mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text("")
    (venv / "bin" / "python").symlink_to(python)
    binds, _ = found(root, home, venv / "bin", VIRTUAL_ENV=str(venv))
    assert set(binds) == {str(venv), str(home / "pythons" / "3.12")}


def test_a_planted_virtual_environment_shows_nothing_but_a_python(root: Path, home: Path) -> None:
    secret = home / ".ssh" / "id_ed25519"
    secret.parent.mkdir()
    secret.write_text("key")
    packages = root / ".venv" / "lib" / "python3.12" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "x.pth").write_text(f"{secret.parent}\n")
    (root / ".venv" / "pyvenv.cfg").write_text("")
    (root / ".venv" / "bin").mkdir()
    (root / ".venv" / "bin" / "python").symlink_to(secret)
    assert found(root, home, "/usr/bin")[0] == ()


def test_a_home_is_never_shown_whole(root: Path, home: Path) -> None:
    (home / "lib").mkdir()
    program(home / "bin" / "x")
    assert str(home) not in found(root, home, home / "bin", GOROOT=str(home))[0]


def said_outside(words: list[str], place: Path) -> str:
    try:
        return subprocess.run(words, cwd=place, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"{words[0]} is not on this machine's PATH")


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["python3", "node", "npm", "make", "git", "rg", "pytest"])
async def test_programs_of_this_machine_say_the_same_inside(tmp_path: Path, name: str) -> None:
    words = [name, "--version"]
    outside = said_outside(words, tmp_path)
    executor = await BubblewrapSandbox().open(Mount(str(tmp_path)), "workspace-write", Limits())
    ran = await run(executor, words)
    await executor.aclose()
    assert ran.out.decode() == outside, ran.text()


@pytest.mark.anyio
async def test_an_active_virtual_environment_works_inside(tmp_path: Path) -> None:
    if sys.prefix == sys.base_prefix:
        pytest.skip("the tests do not run in a virtual environment")
    environment = {**os.environ, "VIRTUAL_ENV": sys.prefix, "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}"}
    executor = await BubblewrapSandbox(environment).open(Mount(str(tmp_path)), "workspace-write", Limits())
    ran = await run(executor, ["python", "-c", "import sys, msgspec; print(sys.prefix)"])
    await executor.aclose()
    assert ran.out.decode().strip() == sys.prefix, ran.text()


@pytest.mark.anyio
@pytest.mark.parametrize("profile", ["workspace-write", "read-only"])
@pytest.mark.parametrize("above", [False, True])
async def test_a_workspace_that_is_a_home_shows_no_keys(home: Path, profile: Profile, above: bool) -> None:
    for name in (".ssh/id", ".config/gh/hosts.yml", ".netrc", "project/f"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("SECRET" if name.startswith(".") else "plain")
    (home / ".aws").symlink_to("project")
    sandbox = BubblewrapSandbox({"HOME": str(home), "PATH": "/usr/bin:/bin"})
    mount = Mount(str(home.parent if above else home), layered=profile == "workspace-write")
    executor = await sandbox.open(mount, profile, Limits())
    ran = await run(
        executor, ["sh", "-c", f"cd {home}; cat .ssh/id .config/gh/hosts.yml .netrc; echo x > .ssh/id; ls -A .ssh"]
    )
    await executor.aclose()
    assert ran.out == b""
    assert (home / ".ssh" / "id").read_text() == (home / ".netrc").read_text() == "SECRET"


@pytest.mark.anyio
async def test_more_is_shown_than_a_pipe_holds_at_once(root: Path, home: Path) -> None:
    deep = home / "-".join(["tools"] * 30)
    places = [program(deep / str(number) / "bin" / "tool").parent for number in range(250)]
    sandbox = BubblewrapSandbox({"HOME": str(home), "PATH": ":".join([*map(str, places), "/usr/bin:/bin"])})
    home.chmod(0o755)
    executor = await sandbox.open(Mount(str(root)), "workspace-write", Limits())
    ran = await run(executor, [f"{places[-1]}/tool"])
    assert sum(len(word) + 1 for word in executor._launcher.arguments) > 1 << 16
    await executor.aclose()
    assert ran.out.decode().strip() == f"{places[-1]}/tool", ran.text()


@pytest.mark.anyio
async def test_no_process_is_left_where_the_toolchain_cannot_be_found(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError(5, "the disk is broken")

    monkeypatch.setattr("loopwright.sandbox.bubblewrap.find_toolchain", fails)
    with pytest.raises(SandboxError, match="the disk is broken"):
        await BubblewrapSandbox().open(Mount(str(root)), "workspace-write", Limits())
    assert not [p for p in psutil.Process().children() if p.name() == "bwrap"]
