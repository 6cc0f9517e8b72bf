"""Directives as projects of many kinds and languages word them: each compiles to its kind, descriptions to none."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopwright.core.fact import JsonValue
from loopwright.core.rules import Directive
from loopwright.guard.directives import compile_text
from loopwright.guard.directives.recognisers.places import globs_of_part
from loopwright.guard.policy_call import path_matches

CORPUS = Path(__file__).parents[1] / "corpus" / "directives.txt"


def _cases() -> list[tuple[str, str]]:
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    return [
        (kind, text) for kind, found, text in (line.partition(" :: ") for line in lines) if found and kind[0] != "#"
    ]


def _hard(text: str) -> list[Directive]:
    return [d for d in compile_text(f"- {text}\n") if d.status in ("enforced", "partly")]


@pytest.mark.parametrize(("kind", "text"), _cases())
def test_a_directive_compiles_to_its_kind_and_a_description_to_no_check(kind: str, text: str) -> None:
    kinds = {d.kind for d in _hard(text)}
    assert kinds == set() if kind == "told" else kind in kinds


@pytest.mark.parametrize(
    "text",
    [
        "Never commit notebooks with outputs.",
        "Never commit code that does not compile.",
        "Never submit a PR with an empty body.",
        "Do not commit data files or checkpoints.",
    ],
)
def test_an_act_on_one_object_is_not_forbidden_as_a_whole(text: str) -> None:
    assert "forbid_command" not in {d.kind for d in _hard(text)}


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("Never raise `HTTPException` from services, only from routes.", {"outside": True}),
        ("Don't use `fetch` directly in components.", {"within": True}),
        ("Do not access `process.env` outside `src/config/`.", {"outside": True}),
        ("Never write `using namespace std;` in headers.", {"within": True}),
    ],
)
def test_a_ban_is_limited_to_the_part_it_names(text: str, params: dict[str, JsonValue]) -> None:
    (rule,) = _hard(text)
    assert all(rule.params.get(key) for key in params), rule.params


def test_a_common_word_forbidden_in_a_place_unknown_is_pointed_out_only() -> None:
    (rule,) = _hard("Never use `dict` in route signatures.")
    assert (rule.status, rule.level) == ("partly", "warn")


@pytest.mark.parametrize(
    ("text", "kind", "params"),
    [
        ("Internal packages must not import each other.", "layer", {"siblings": "internal"}),
        ("The domain layer must not depend on the infrastructure layer.", "layer", {"from": "domain", "forbid": ["infrastructure"]}),
        ("Unidirectional flow: shared → features → app", "layer", {"order": ["app", "features", "shared"]}),
        ("Layers: handlers → services → repositories", "layer", {"order": ["handlers", "services", "repositories"]}),
        ("Components: `kebab-case.tsx` (e.g. `user-card.tsx`)", "naming", {"within": ["*.tsx"]}),
        ("Never create large PRs (>500 lines)", "diff_size", {"n": 500, "unit": "lines"}),
        ("Never push directly to `develop` or `main`.", "branch_rule", {"protected": ["develop", "main"]}),
        ("Install only via `pip install -r requirements.txt`, never `pip install <package>` directly.", "forbid_command", {"commands": ["pip install"], "with": ["-r"]}),
        ("Do not rely on raw `uv`, `pytest` or `ruff` commands.", "forbid_command", {"commands": ["uv", "pytest", "ruff"]}),
        ("Prefer `#[expect()]` over `#[allow()]`.", "forbid_text", {"texts": ["#[allow("]}),
        ("Naming: initialisms (`URL`, `ID`), not `Url`, `Id`", "forbid_call", {"names": ["Url", "Id"], "part": True}),
        ("No `unsafe` without a `// SAFETY:` comment.", "require_syntax", {"near": "unsafe", "text": "SAFETY:"}),
        ("Commit subjects: `[SHOP-123] message` is the format of commit messages.", "commit_format", {"shape": "[SHOP-<n>] message"}),
        ("Follow DCO sign-off (`Signed-off-by: Name`).", "commit_format", {"contains": "Signed-off-by:"}),
        ("Register every new handler in `src/app/routes.py`.", "companion_change", {"need": ["src/app/routes.py"]}),
    ],
)  # fmt: skip
def test_what_a_rule_names_is_what_its_check_looks_for(text: str, kind: str, params: dict[str, JsonValue]) -> None:
    rule = next(d for d in _hard(text) if d.kind == kind)
    assert {key: rule.params.get(key) for key in params} == params


def test_each_clause_of_a_bullet_is_a_rule_of_its_own() -> None:
    kinds = [d.kind for d in _hard("Swift: 2-space indent; 100-char line limit; types `PascalCase`; never `print()`")]
    assert kinds == ["indentation", "max_line_length", "naming", "forbid_call"]


@pytest.mark.parametrize("fence", ["pwsh", "console", "cmd", "txt", "fish"])
def test_commands_are_read_from_the_fences_of_any_shell(fence: str) -> None:
    (rule,) = [d for d in compile_text(f"```{fence}\ndotnet test\n```\n") if d.status == "enforced"]
    assert rule.params["commands"] == ["dotnet test"]


def test_lines_that_begin_with_a_bold_label_are_told_apart() -> None:
    text = "**Setup**: `uv sync`\n**Lint**: `make lint`\n**Test**: `make test`\n"
    gates = [(d.line, d.params["commands"]) for d in compile_text(text) if d.status == "enforced"]
    assert gates == [(2, ["make lint"]), (3, ["make test"])]


def test_tests_of_a_kind_have_the_place_their_section_gives_them() -> None:
    found = [
        d for d in compile_text("## Testing\n\n- Unit tests: `tests/unit/`, no database\n") if d.status == "enforced"
    ]
    assert [(d.kind, d.params["pattern"]) for d in found] == [("test_location", "tests/unit/**")]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Never use `as any`, `@ts-ignore`, or `type: ignore`.", ["forbid_syntax", "forbid_text"]),
        ("Never use `eval()`, `exec()` or `pickle.load()`.", ["forbid_syntax", "forbid_call"]),
        ("No enums, no namespaces, no `any`.", ["forbid_syntax"] * 3),
        ("Never use `any`; use `unknown`.", ["forbid_syntax"]),
    ],
)
def test_all_that_a_sentence_forbids_is_forbidden(text: str, kinds: list[str]) -> None:
    assert [d.kind for d in _hard(text)] == kinds


@pytest.mark.parametrize(
    ("text", "names", "limited"),
    [
        ("Interfaces begin with `I`, abstract classes with `A`.", {"kind": "interface", "prefix": "I"}, False),
        ("Service classes end in `Service`.", {"kind": "class", "suffix": "Service"}, True),
        ("All exceptions end in `Error`.", {"kind": "class", "suffix": "Error"}, False),
    ],
)
def test_a_suffix_holds_for_what_it_is_said_of(text: str, names: dict[str, str], limited: bool) -> None:
    (rule,) = _hard(text)
    assert rule.params["names"] == [names]
    assert ("within" in rule.params) == limited


def test_a_suffix_of_classes_that_no_path_shows_is_no_more_than_partly_held() -> None:
    (rule,) = _hard("Gizmo classes must use the `Gizmo` suffix.")
    assert rule.status == "partly"


def test_what_a_bullet_under_never_asks_for_is_forbidden() -> None:
    found = [d for d in compile_text("## Never\n\n- Use `exec()` or `pickle.load()`\n") if d.status == "enforced"]
    assert [(d.kind, d.params["names"]) for d in found] == [("forbid_call", ["exec()", "pickle.load()"])]


def test_a_clause_that_goes_on_about_the_one_before_it_is_no_rule_of_its_own() -> None:
    (gate,) = _hard("Run `python -m pytest -q`; it must pass before a change is done.")
    assert (gate.params["gate"], gate.level) == ("explicit", "block")


@pytest.mark.parametrize(
    ("part", "of_it", "others"),
    [
        (
            "services",
            ["src/services/a.ts", "Services/A.cs", "src/userService.ts", "app/user_service.rb"],
            ["disservice.py"],
        ),
        ("core", ["core/a.py", "src/core/x.go"], ["src/score.py", "encore.ts"]),
        ("views", ["app/views.py", "src/views/a.ts", "UserView.swift"], ["review.ts"]),
        ("repositories", ["a/repositories/x.py", "UserRepository.java"], ["b.py"]),
    ],
)
def test_a_part_of_an_application_is_known_by_its_folder_and_its_files(
    part: str, of_it: list[str], others: list[str]
) -> None:
    globs = globs_of_part(part)
    assert all(any(path_matches(path, glob) for glob in globs) for path in of_it)
    assert not any(path_matches(path, glob) for path in others for glob in globs)


@pytest.mark.parametrize(
    "text",
    [
        "No `goto`, except for clean-up in drivers.",
        "Avoid `update_all` unless you have a reason and say so.",
        "Expose `StateFlow`, not `MutableStateFlow`, from view models.",
        "`BigDecimal` for premiums, never `double`.",
        "Don't use `String.to_atom/1` on user input.",
        "Don't use `pickle` for anything that leaves the machine.",
        "Use full names: `ansible.builtin.copy`, not `copy`.",
        "Never run `ansible-playbook` against anything but localhost.",
    ],
)
def test_a_case_that_no_line_shows_is_pointed_out_only(text: str) -> None:
    assert {d.status for d in _hard(text)} == {"partly"}


@pytest.mark.parametrize(
    "text",
    [
        "`dist/` is build output; never commit it.",
        "`notebooks/` holds drafts. Never push them.",
        "`null=True` on a `CharField` is not allowed.",
        "Resources are named in `snake_case` (`bucket.logs`, not `bucket.logs_bucket`).",
        "Put shared test fixtures in `core/src/testFixtures`.",
        "We use no Hamcrest and no JUnit 4.",
    ],
)
def test_what_stands_beside_a_rule_is_not_forbidden_with_it(text: str) -> None:
    held = [(d.kind, d.params) for d in _hard(text)]
    assert not any(
        kind in ("forbid_command", "replace_api", "test_location")
        or "CharField" in str(params)
        or "jupiter" in str(params)
        for kind, params in held
    )


def test_items_behind_never_and_ask_first_are_rules_of_their_own() -> None:
    text = "- Never: commit secrets, edit `gradle/wrapper/`, push to `main`.\n- Ask first: new dependencies, anything in `infra/`.\n"
    assert [(d.kind, d.level) for d in compile_text(text)] == [
        ("no_secrets", "block"),
        ("path_protected", "block"),
        ("branch_rule", "block"),
        ("new_dependency", "ask"),
        ("path_protected", "ask"),
    ]


def test_how_an_agent_talks_is_no_rule_about_files() -> None:
    assert not [d for d in compile_text("## Tone\n\nShort answers. No emoji.\n") if d.status == "enforced"]
