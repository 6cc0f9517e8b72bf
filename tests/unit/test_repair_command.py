"""Which test commands the repair engine can look into."""

import pytest

from loopwright.engines.repair.command import parse


@pytest.mark.parametrize(
    ("shell", "kind", "python", "args"),
    [
        ("python -m pytest -q", "pytest", ("python",), ("-q",)),
        ("python3.12 -X dev -W error -m pytest tests -k 'a and b'", "pytest", ("python3.12", "-X", "dev", "-W", "error"), ("tests", "-k", "a and b")),
        ("pytest -q tests", "pytest", ("python",), ("-q", "tests")),
        ("uv run pytest", "pytest", ("uv", "run", "python"), ()),
        ("uv run python -m pytest -x", "pytest", ("uv", "run", "python"), ("-x",)),
        (".venv/bin/python -m unittest discover -s t", "unittest", (".venv/bin/python",), ("discover", "-s", "t")),
        ("python tests/run.py --fast", "script", ("python",), ("--fast",)),
        ("python -m mytests", "module", ("python",), ()),
        ("timeout 60 nice env A=1 pytest -q", "pytest", ("python",), ("-q",)),
        ("python -m coverage run --branch -m pytest -q", "pytest", ("python",), ("-q",)),
    ],
)  # fmt: skip
def test_python_test_programs_are_taken_apart(
    shell: str, kind: str, python: tuple[str, ...], args: tuple[str, ...]
) -> None:
    command = parse(shell)
    assert (command.kind, command.python, command.args) == (kind, python, args)


def test_environment_and_directory_are_kept() -> None:
    command = parse("cd sub/dir && A=1 B='x y' python -m pytest")
    assert (command.cwd, command.env, command.kind) == ("sub/dir", (("A", "1"), ("B", "x y")), "pytest")


@pytest.mark.parametrize(
    "shell",
    [
        "make test",
        "tox",
        "pytest | tee log",
        "pytest; true",
        "npm test",
        "pytest 'a",
        "python -c 'x'",
        "python -m pytest $OPTS",
    ],
)
def test_everything_else_is_opaque(shell: str) -> None:
    assert parse(shell).kind == "opaque"
