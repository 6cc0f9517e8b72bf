"""Which instruction files hold, in which order, what of them reaches the prompt, and what is said about the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopwright.guard.directives import InstructionReader, is_instruction
from loopwright.testing.memory import MemoryFiles

RULE = "- Never run `npm publish`.\n"


def write(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def test_override_beats_agents_beats_fall_backs(tmp_path: Path) -> None:
    files = {"AGENTS.override.md": "one", "AGENTS.md": "two", "CLAUDE.md": "three"}
    for name in ("AGENTS.override.md", "AGENTS.md", "CLAUDE.md"):
        loaded = InstructionReader().load(str(write(tmp_path, files)), None)
        assert [f.path for f in loaded.files] == [name]
        (tmp_path / name).unlink()
        del files[name]


def test_global_then_top_of_the_repository_then_nearer_ones(tmp_path: Path) -> None:
    home = write(tmp_path / "home", {"AGENTS.md": "mine"})
    top = write(tmp_path / "repo", {"AGENTS.md": "top", "app/AGENTS.md": "app", "app/web/x.txt": ""})
    (top / ".git").mkdir()
    loaded = InstructionReader(home).load(str(top / "app"), None)
    assert [f.path for f in loaded.files] == ["~/AGENTS.md", "../AGENTS.md", "AGENTS.md"]
    assert [loaded.prompt.index(w) for w in ("mine", "top", "app")] == sorted(
        loaded.prompt.index(w) for w in ("mine", "top", "app")
    )


def test_rules_of_a_nested_file_hold_below_it_and_are_known_from_the_start() -> None:
    files = MemoryFiles({"AGENTS.md": b"root", "web/AGENTS.md": RULE.encode()})
    loaded = InstructionReader().load("/work", files)
    rule = next(d for d in loaded.directives if d.kind == "forbid_command")
    assert (rule.file, rule.line, rule.scope) == ("web/AGENTS.md", 1, "web")
    assert "read this file before you change anything below web/" in loaded.prompt
    assert "npm publish" not in loaded.prompt


def test_the_prompt_is_cut_farthest_first_and_says_so_while_rules_come_from_whole_files(tmp_path: Path) -> None:
    home = write(tmp_path / "home", {"AGENTS.md": "far " * 100 + "\n\n" + RULE})
    root = write(tmp_path / "repo", {"AGENTS.md": "near " * 100})
    loaded = InstructionReader(home, budget=600).load(str(root), None)
    far, near = loaded.files
    assert (near.shown, near.note) == (near.bytes, "")
    assert far.shown < far.bytes and "cut after" in far.note
    assert "did not fit" in loaded.prompt
    assert [d.file for d in loaded.directives if d.kind == "forbid_command"] == ["~/AGENTS.md"]
    assert sum(f.shown for f in loaded.files) <= 600


def test_imports_are_followed_below_the_root_and_nowhere_else() -> None:
    files = MemoryFiles(
        {
            "AGENTS.md": b"Read @docs/rules.md and @../secret.md.\n\n```\n@docs/no.md\n```\n",
            "docs/rules.md": b"- Never run `npm publish`.\n@more.md\n",
            "docs/more.md": b"@rules.md\n- Never edit `uv.lock`.\n",
            "docs/no.md": b"- Never edit `b.lock`.\n",
        }
    )
    loaded = InstructionReader().load("/work", files)
    assert {f.path for f in loaded.files} == {"AGENTS.md", "docs/rules.md", "docs/more.md", "../secret.md"}
    outside = next(f for f in loaded.files if f.path == "../secret.md")
    assert outside.bytes == 0 and "not read" in outside.note
    assert {d.kind for d in loaded.directives if d.status == "enforced"} == {"forbid_command", "path_protected"}


@pytest.mark.parametrize("text", ["CLAUDE.md", "See `CLAUDE.md` for instructions.", "@CLAUDE.md"])
def test_a_file_that_only_points_to_another_is_followed(text: str) -> None:
    files = MemoryFiles({"AGENTS.md": text.encode(), "CLAUDE.md": RULE.encode()})
    loaded = InstructionReader().load("/work", files)
    assert [(d.file, d.kind) for d in loaded.directives if d.status == "enforced"] == [("CLAUDE.md", "forbid_command")]


def test_rule_files_with_globs_hold_for_those_paths_alone() -> None:
    files = MemoryFiles(
        {".cursor/rules/ts.mdc": b"---\nglobs: src/**/*.ts\nalwaysApply: false\n---\n- Never use `any`.\n"}
    )
    (rule,) = InstructionReader().load("/work", files).directives
    assert rule.params["only"] == ["src/**/*.ts"]
    assert rule.line == 5


def test_empty_and_unreadable_files_are_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_bytes(b"  \n")
    (tmp_path / "CLAUDE.md").write_bytes(b"\xff\xfe- Never run `npm publish`.\n")
    loaded = InstructionReader().load(str(tmp_path), None)
    assert [f.path for f in loaded.files] == ["CLAUDE.md"]
    assert InstructionReader().load(str(tmp_path / "missing"), None).files == ()


def test_every_byte_is_accounted_for(tmp_path: Path) -> None:
    loaded = InstructionReader().load(str(write(tmp_path, {"AGENTS.md": RULE})), None)
    (file,) = loaded.files
    assert (file.bytes, file.shown, len(file.digest)) == (len(RULE), len(RULE), 64)


@pytest.mark.parametrize(
    "path",
    [
        "AGENTS.md",
        "a/b/AGENTS.override.md",
        "CLAUDE.md",
        ".cursor/rules/a.mdc",
        ".github/copilot-instructions.md",
        ".loopwright/config.toml",
    ],
)
def test_instruction_files_are_known_by_their_path(path: str) -> None:
    assert is_instruction(path)
    assert not is_instruction("src/agents.py")


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf# Rules\n\nNever use `eval`.\n",
        b"# Rules\r\rNever use `eval`.\r",
        b"# Rules\r\n\r\nNever use `eval`.\r\n",
        "# Rules\n\nNever use `eval`.\n".encode("utf-16"),
    ],
    ids=["mark", "old line ends", "Windows line ends", "UTF-16"],
)
def test_marks_line_ends_and_encodings_of_other_systems_change_no_rule(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "AGENTS.md").write_bytes(data)
    loaded = InstructionReader().load(str(tmp_path), None)
    assert [(rule.line, rule.text, rule.kind) for rule in loaded.directives] == [
        (3, "Never use `eval`.", "forbid_syntax")
    ]
    assert loaded.prompt == "# AGENTS.md\n# Rules\n\nNever use `eval`."
