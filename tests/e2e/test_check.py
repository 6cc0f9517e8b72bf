"""`loopwright check` as a person and a CI job call it: no agent, no model."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import User

RULES = """\
- Never use `print()` in source code.
- Never edit `schema.sql`.
- `pytest --version` must pass before every commit.
- Write readable code.
"""


def git(user: User, *words: str) -> None:
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *words], cwd=user.project, check=True)


@pytest.fixture
def checked(user: User) -> User:
    for path in user.project.iterdir():
        if path.is_file():
            path.unlink()
    (user.project / "AGENTS.md").write_text(RULES)
    (user.project / "schema.sql").write_text("select 1;\n")
    (user.project / "old.py").write_text("print(1)\n")
    git(user, "init", "-q")
    git(user, "add", ".")
    git(user, "commit", "-qm", "begin")
    return user


@pytest.mark.real
def test_old_violations_are_known_once_the_baseline_is_written_and_new_ones_block(checked: User) -> None:
    first = checked.run("check", "--skip", "command")
    assert first.status == 1 and "old.py:1: block" in first.out
    written = checked.run("check", "--skip", "command", "--write-baseline")
    assert written.status == 0, written.err
    assert checked.run("check", "--skip", "command").status == 0
    (checked.project / "old.py").write_text("# moved\nprint(1)\nprint(2)\n")
    again = checked.run("check", "--skip", "command")
    assert again.status == 1 and "old.py:3: block" in again.out and "old.py:2" not in again.out


def test_a_locale_that_cannot_write_a_name_is_no_hindrance(checked: User) -> None:
    (checked.project / "ünï.py").write_text("print(1)\n")
    checked.env |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    said = checked.run("check", "--skip", "command")
    assert said.status == 1 and said.out.count(".py:1: block") == 2, said.err


def test_where_no_rule_holds_it_is_said(checked: User) -> None:
    (checked.project / "AGENTS.md").write_text("")
    said = checked.run("check", "--skip", "command")
    assert said.status == 0 and "AGENTS.md is not read: it is empty" in said.out, said.out
    (checked.project / "AGENTS.md").unlink()
    assert "no instruction file holds here" in checked.run("check", "--skip", "command").out


@pytest.mark.parametrize(
    ("target", "says"),
    [("../outside.md", "leads out of the project"), ("nowhere.md", "leads nowhere"), (".", "no regular file")],
)
def test_an_instruction_file_that_is_not_read_is_said(checked: User, target: str, says: str) -> None:
    (checked.project / "../outside.md").write_text("- Never use `eval`.\n")
    (checked.project / "AGENTS.md").unlink()
    (checked.project / "AGENTS.md").symlink_to(target)
    said = checked.run("rules")
    assert said.status == 0 and "AGENTS.md is not read: it is" in said.err and says in said.err


def test_what_a_rule_leaves_open_is_named_and_waited_for_by_nobody(checked: User) -> None:
    (checked.project / "AGENTS.md").write_text("- Test coverage must be high.\n")
    said = checked.run("check", "--skip", "command")
    assert said.status == 0 and "AGENTS.md:1 leaves open: How many percent" in said.out
    assert "AGENTS.md:1 leaves open" in checked.run("check", "--skip", "command", "--json").err


@pytest.mark.real
def test_a_change_cannot_excuse_itself(checked: User) -> None:
    (checked.project / "new.py").write_text("print(3)\n")
    assert checked.run("check", "--skip", "command", "--write-baseline").status == 0
    changed = checked.run("check", "--skip", "command", "--base", "HEAD")
    assert changed.status == 1 and "new.py:1: block" in changed.out


@pytest.mark.real
def test_a_whole_tree_is_no_change_so_rules_about_changes_wait_for_one(checked: User) -> None:
    whole = checked.run("check", "--skip", "command", "--json")
    verdicts = {v["source"]: v for v in whole.lines[-1]["verdicts"] if v["kind"] == "directive"}
    assert (verdicts["AGENTS.md:2"]["verdict"], verdicts["AGENTS.md:1"]["verdict"]) == ("advised", "failed")
    assert "--base" in verdicts["AGENTS.md:2"]["evidence"]
    assert verdicts["AGENTS.md:3"]["verdict"] == "not_run" and "--skip command" in verdicts["AGENTS.md:3"]["evidence"]
    (checked.project / "schema.sql").write_text("select 2;\n")
    change = checked.run("check", "--skip", "command", "--base", "HEAD")
    assert change.status == 1 and "schema.sql:1: block" in change.out and "AGENTS.md:2" in change.out


@pytest.mark.real
def test_each_rule_can_be_run_alone_by_its_id_a_command_as_well(checked: User) -> None:
    rules = checked.run("rules", "--json").lines
    for rule in rules:
        if rule["check"]:
            alone = checked.run("check", "--only", rule["check"], "--json").lines[-1]["verdicts"]
            assert [(v["check"], v["source"]) for v in alone] == [(rule["check"], f"AGENTS.md:{rule['line']}")]
    unknown = checked.run("check", "--only", "no-such")
    assert unknown.status == 2 and "no-such" in unknown.err and len(unknown.err.splitlines()) == 1


@pytest.mark.real
def test_results_of_another_scanner_are_judged_with_its_name(checked: User, tmp_path: Path) -> None:
    report = tmp_path / "semgrep.sarif"
    place = {"physicalLocation": {"artifactLocation": {"uri": "old.py"}, "region": {"startLine": 1}}}
    found = {"ruleId": "r1", "level": "error", "message": {"text": "bad"}, "locations": [place]}
    driver = {"name": "Semgrep OSS", "version": "1.9"}
    report.write_text(json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": [found]}]}))
    ran = checked.run("check", "--only", "scanner.semgrep-oss", "--results", str(report), "--json")
    assert ran.status == 1
    assert ran.lines[0]["source"] == "semgrep.sarif (Semgrep OSS 1.9)" and ran.lines[0]["family"] == "scanner"
    assert (
        checked.run("check", "--skip", "scanner", "--skip", "command", "--results", str(report)).out.count("r1: bad")
        == 1
    )
    report.write_text("{}")
    broken = checked.run("check", "--results", str(report))
    assert broken.status == 2 and broken.err.startswith("loopwright: semgrep.sarif is not SARIF")


@pytest.mark.real
def test_files_are_found_from_the_directory_that_is_named(checked: User, tmp_path: Path) -> None:
    (checked.project / "part").mkdir()
    (checked.project / "part/deep.py").write_text("print(1)\n")
    named = checked.run("check", "-C", str(checked.project), "--skip", "command", "part", "schema.sql", cwd=tmp_path)
    assert named.status == 1 and "part/deep.py:1: block" in named.out and "old.py" not in named.out


@pytest.mark.parametrize(
    ("name", "says"), [("lone.yaml", "name its project with -C DIR"), ("nosuch.py", "does not exist")]
)
def test_a_file_that_cannot_be_judged_is_one_line(checked: User, tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "lone.yaml").write_text("a: 1\n")
    ran = checked.run("check", str(tmp_path / name))
    assert ran.status == 2 and says in ran.err and len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("base", [(), ("--base", "HEAD")])
def test_a_file_that_is_too_large_to_read_is_named_and_the_rest_judged(checked: User, base: tuple[str, ...]) -> None:
    with (checked.project / "big.bin").open("wb") as file:
        file.truncate((64 << 20) + 1)
    (checked.project / "new.py").write_text("print(2)\n")
    ran = checked.run("check", "--skip", "command", "--skip", "scanner", *base)
    assert ran.status == 1 and "new.py:1: block" in ran.out, ran.out + ran.err
    assert "not judged: big.bin is too large" in ran.out
