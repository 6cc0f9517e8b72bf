"""`init` and `scaffold` as a person calls them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from loopwright.core.commands import Approve
from loopwright.runtime.host import Host
from tests.e2e.conftest import RIGHT, User, shell

GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@localhost"]


def commit(user: User, message: str, **files: str) -> None:
    for name, text in files.items():
        path = user.project / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    subprocess.run([*GIT, "add", "-A"], cwd=user.project, check=True)
    subprocess.run([*GIT, "commit", "-q", "--allow-empty", "-m", message], cwd=user.project, check=True)


def write(user: User, **files: str) -> None:
    for name, text in files.items():
        path = user.project / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


# ------------------------------------------------------------ init


@pytest.mark.real
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_only_commands_that_pass_are_written_and_the_others_are_told(user: User) -> None:
    scripts = {"lint": "touch left-behind && true", "test": "echo no good; exit 3"}
    write(
        user,
        **{
            "twice.py": RIGHT,
            "pyproject.toml": "[project]\nname='x'\n",
            "package.json": json.dumps({"scripts": scripts}),
        },
    )
    before = user.tree()
    ran = user.run("init")
    assert ran.status == 0, ran.err
    text = (user.project / "AGENTS.md").read_text()
    assert "`python -m pytest -q` must pass" in text and "`npm run lint` must pass" in text and "npm test" not in text
    assert "2 of 3 commands pass" in ran.out and "red, left out: npm test (exit 3" in ran.out
    assert {**before, "AGENTS.md": text.encode()} == user.tree()  # the commands ran on a view
    rules = user.run("rules", "--json").lines
    assert {tuple(r["params"]["commands"]) for r in rules if r["kind"] == "command"} == {
        ("python -m pytest -q",),
        ("npm run lint",),
    }


@pytest.mark.real
@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_what_is_tried_is_said_and_how_long_it_may_take_can_be_set(user: User) -> None:
    for path in user.project.glob("*.py"):
        path.unlink()
    write(user, Makefile="test:\n\tsleep 20\n", **{"a.c": "int a;\n"})
    ran = user.run("init", "-c", "limits.timeout=1")
    assert ran.status == 0 and "red, left out: make test (not done in 1 seconds" in ran.out, ran.out
    assert ran.err.startswith("trying: make test (1 seconds at most")


def test_init_writes_over_nothing(user: User) -> None:
    write(user, **{"AGENTS.md": "mine\n"})
    ran = user.run("init")
    assert ran.status == 2 and "exists already" in ran.err and (user.project / "AGENTS.md").read_text() == "mine\n"
    shown = user.run("init", "--print", "--json").lines[0]
    assert shown["written"] is False and shown["commands"] == {"python -m pytest -q": False}
    assert shown["red"][0]["why"].startswith("exit 1: assert ") and "test_twice.py:" in shown["red"][0]["why"]
    assert user.run("init", "--hook", "--print").status == 2


def test_the_style_of_the_history_is_a_rule(user: User) -> None:
    subprocess.run([*GIT, "commit", "-q", "--amend", "-m", "SHOP-1: start"], cwd=user.project, check=True)
    for number in range(2, 7):
        commit(user, f"SHOP-{number}: work")
    made = user.run("init", "--print", "--json").lines[0]
    assert "Commit messages follow the form `SHOP-<number>: <subject>`." in made["text"]
    assert made["style"]["follow"] == 6


@pytest.mark.real
def test_update_proposes_what_happened_since_and_writes_nothing(user: User) -> None:
    commit(user, "Rules", **{"AGENTS.md": "- Do not run `npm publish`.\n"})
    for number in (1, 2):
        name = f"shop__a{number}.py"
        commit(user, "Add a thing\n\nCo-authored-by: Claude <noreply@localhost>", **{name: "print(1)\nx = 1\n"})
        commit(user, "Clean up", **{name: "x = 1\n", "CHANGELOG.md": f"{number}\n"})
    before = user.tree()
    found = user.run("init", "--update", "--json").lines[0]
    rules = {p["rule"]: p for p in found["proposals"]}
    assert found["commits"] == 4 and set(rules) == {
        "Do not use `print` outside tests.",
        "When changing `shop/**`, update `CHANGELOG.md`.",
    }
    assert all(p["status"] == "enforced" and len(p["evidence"]) == 2 for p in rules.values())
    ran = user.run("init", "--update")
    assert "nothing was written" in ran.out and user.tree() == before


@pytest.mark.anyio
async def test_update_reads_the_answers_in_the_sessions_of_the_directory(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(user, **{"AGENTS.md": "- Do not push to `main` directly.\n", "infra.txt": "a\n"})
    script = user.script({"calls": [shell("rm infra.txt")]})
    ran = user.run("exec", "tidy", "--engine", script, "-a", "always", "--json")
    assert ran.status == 4, ran.out + ran.err
    monkeypatch.setenv("LOOPWRIGHT_HOME", str(user.home))
    async with Host.here().resume(ran.lines[0]["thread_id"], observer=lambda seen: None) as session:
        await session.submit(Approve(session.awaited, False, "keep it"))
    found = user.run("init", "--update", "--json").lines[0]
    assert [p["rule"] for p in found["proposals"]] == ["Do not run `rm infra.txt`."]
    assert "keep it" in found["proposals"][0]["evidence"][0]


def test_update_needs_a_file(user: User) -> None:
    ran = user.run("init", "--update")
    assert ran.status == 2 and "loopwright init" in ran.err and len(ran.err.splitlines()) == 1


# ------------------------------------------------------------ the hook


@pytest.mark.real
def test_the_hook_stops_a_commit_that_breaks_a_rule(user: User) -> None:
    commit(user, "Rules", **{"AGENTS.md": "- Do not use `breakpoint()`.\n"})
    assert user.run("init", "--hook").status == 0
    script = user.home / "loopwright"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m loopwright "$@"\n')
    script.chmod(0o755)
    env = user.env | {"PATH": f"{user.home}{os.pathsep}{user.env['PATH']}"}
    (user.project / "more.py").write_text("def f():\n    breakpoint()\n")
    subprocess.run([*GIT, "add", "-A"], cwd=user.project, check=True)
    done = subprocess.run(
        [*GIT, "commit", "-m", "x"], cwd=user.project, env=env, capture_output=True, text=True, check=False
    )
    assert (
        done.returncode == 1
        and "breakpoint" in done.stdout + done.stderr
        and "AGENTS.md:1" in done.stdout + done.stderr
    )
    (user.project / "more.py").write_text("def f():\n    return 1\n")
    subprocess.run([*GIT, "add", "-A"], cwd=user.project, check=True)
    done = subprocess.run(
        [*GIT, "commit", "-m", "x"], cwd=user.project, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_hook_that_is_there_is_kept(user: User, tmp_path: Path) -> None:
    hook = user.project / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("mine")
    ran = user.run("init", "--hook")
    assert ran.status == 2 and "loopwright check --base HEAD" in ran.err and hook.read_text() == "mine"
    hook.unlink()
    (user.project / ".pre-commit-config.yaml").write_text("repos: []\n")
    assert "pre-commit writes the hooks here" in user.run("init", "--hook").err and not hook.exists()
    empty = tmp_path / "empty"
    empty.mkdir()
    assert (
        "no git repository" in user.run("-C", str(empty), "init", "--hook").err
        or "no git repository" in user.run("init", "--hook", "-C", str(empty)).err
    )


# ------------------------------------------------------------ scaffold


@pytest.mark.real
def test_scaffold_makes_the_checks_of_its_rules_green(user: User) -> None:
    rules = "- Unit test coverage > 80%\n- Deploy with Docker containers\n- Support rolling updates\n"
    write(user, **{"AGENTS.md": rules, "requirements.txt": "flask\n", "app.py": "app = Flask(__name__)\n"})
    red = {v["source"] for v in verdicts(user) if v["verdict"] == "failed" and v["kind"] == "directive"}
    assert red == {"AGENTS.md:1", "AGENTS.md:2", "AGENTS.md:3"}
    before = user.tree()
    shown = user.run("scaffold", "--dry-run")
    assert "would write Dockerfile (AGENTS.md:2" in shown.out and user.tree() == before
    made = user.run("scaffold", "--json").lines[0]
    assert all(f["written"] and f["rules"] for f in made["files"])
    assert {f["path"] for f in made["files"]} >= {"Dockerfile", ".dockerignore", ".coveragerc", "compose.yaml"}
    assert not [v for v in verdicts(user) if v["verdict"] == "failed" and v["kind"] == "directive"]
    after = user.tree()
    again = user.run("scaffold")
    assert again.status == 0 and "nothing to write" in again.out and user.tree() == after


def verdicts(user: User) -> list[dict[str, str]]:
    found: list[dict[str, str]] = user.run("check", "--json").lines[-1]["verdicts"]
    return found


def test_scaffold_is_told_what_it_cannot_see(user: User) -> None:
    write(user, **{"AGENTS.md": "- Deploy with Docker containers\n", "requirements.txt": ""})
    assert "--start" in user.run("scaffold", "--dry-run").out
    assert user.run("scaffold", "--start", "python -m http.server 9000", "--port", "9000").status == 0
    text = (user.project / "Dockerfile").read_text()
    assert 'CMD ["python", "-m", "http.server", "9000"]' in text and "EXPOSE 9000" in text
    assert user.run("scaffold", "--start", "'open").status == 2


def test_scaffold_writes_nothing_through_a_link_out_of_the_project(user: User, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (user.project / "deploy").symlink_to(outside)
    write(user, **{"AGENTS.md": "- Monitor with Prometheus\n", "requirements.txt": "flask\n"})
    ran = user.run("scaffold")
    assert ran.status == 2 and "link" in ran.err and list(outside.iterdir()) == []
