"""What headings, lines above, tables and the rest of a sentence make of a directive."""

from __future__ import annotations

import pytest

from loopwright.core.fact import JsonValue
from loopwright.core.rules import Directive
from loopwright.guard.directives import compile_text
from loopwright.guard.directives.reading import glosses


def _hard(text: str) -> list[Directive]:
    return [d for d in compile_text(text) if d.status in ("enforced", "partly")]


@pytest.mark.parametrize(
    "title",
    [
        "Protected files",
        "Files and directories agents must NOT modify",
        "Do not edit these files",
    ],
)
def test_a_list_under_a_title_that_protects_is_protected(title: str) -> None:
    (rule,) = _hard(f"## {title}\n\n- `dist/` — output of the build\n")
    assert (rule.kind, rule.params["globs"]) == ("path_protected", ["dist/**"])


@pytest.mark.parametrize("title", ["Important patterns", "Common pitfalls of the old code", "Layout"])
def test_a_list_under_another_title_is_not(title: str) -> None:
    assert _hard(f"## {title}\n\n- `dist/` — output of the build\n") == []


def test_new_files_may_come_where_only_old_ones_are_held() -> None:
    (rule,) = _hard("## Protected files\n\n- `db/migrations/` — immutable once released; only append new ones\n")
    assert rule.params == {"globs": ["db/migrations/**"], "existing": True}


def test_what_is_left_out_under_a_title_of_mistakes_is_asked_for() -> None:
    (rule,) = _hard("## Common mistakes\n\n- Not running `make check` before pushing\n")
    assert (rule.kind, rule.params["commands"], rule.params["gate"]) == ("command", ["make check"], "explicit")


def test_rows_of_settings_and_names_are_rules() -> None:
    text = "| Rule | Value |\n|---|---|\n| Max line length | 100 characters |\n| Quotes | Single quotes |\n"
    text += "\n| Element | Convention |\n|---|---|\n| Classes | PascalCase |\n| Meaning | none |\n"
    assert [d.kind for d in _hard(text)] == ["max_line_length", "quotes", "naming"]


def test_layers_may_be_named_by_the_title_alone() -> None:
    (rule,) = _hard("## Layering\n\n- `web/` → `service/` → `store/`\n")
    assert (rule.kind, rule.params) == ("layer", {"order": ["web", "service", "store"]})
    assert _hard("## How a request flows\n\n- `web/` → `service/` → `store/`\n") == []


def test_a_full_width_colon_leads_a_list() -> None:
    (rule,) = _hard("禁止修改：\n\n- `dist/`\n")
    assert rule.kind == "path_protected"


def test_a_test_runner_in_a_list_of_what_there_is_is_not_asked_for() -> None:
    assert _hard("## Tech stack\n\n- Testing: Vitest\n") == []
    assert [d.kind for d in _hard("## Conventions\n\n- Testing: Vitest\n")] == ["framework_required"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Do not rely on `t.Skip` to isolate tests.", "forbid_call"),
        ("Never call `cli.reset()` before `cli.load()`.", "forbid_call"),
        ("If the table is empty at start, never call `store.addRange()`.", "forbid_call"),
        ("Update `DESIGN.md` when requirements, data flow, storage, or deployment change.", "companion_change"),
    ],
)
def test_what_no_line_shows_is_pointed_out_only(text: str, kind: str) -> None:
    (rule,) = _hard(f"- {text}\n")
    assert (rule.kind, rule.status, rule.level) == (kind, "partly", "warn")


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("`getenv()` only inside `config/`", {"names": ["getenv()"], "outside": ["config/**"]}),
        ("Never call `log.Warn/Error` directly.", {"names": ["log.Warn", "log.Error"]}),
        ("Do not edit `example/a.json`.", {"globs": ["example/a.json"]}),
        ("Imports in `.ts` files use `.js` extensions.", {"form": "extension", "prefix": ".js"}),
        ("Module-level constants: `UPPER_SNAKE_CASE` at top of file.", {"names": [{"kind": "constant", "case": "UPPER_SNAKE_CASE"}]}),
    ],
)  # fmt: skip
def test_what_is_meant_is_what_is_looked_for(text: str, params: dict[str, JsonValue]) -> None:
    (rule,) = _hard(f"- {text}\n")
    assert {key: rule.params.get(key) for key in params} == params


def test_a_gate_that_names_no_command_is_no_gate() -> None:
    assert _hard("- Ensure the required checks listed there pass.\n") == []


def test_english_with_words_that_another_language_shares_is_english() -> None:
    text = "Use the TODO list at https://example.com before you execute todo items, para 3 of the SEM report."
    assert glosses.languages_of(text) == ()
    assert "portuguese" in glosses.languages_of("Nunca altere o código sem executar os testes.")
