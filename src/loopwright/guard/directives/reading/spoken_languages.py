"""Which programming languages an instruction file speaks of, and which a rule's check knows.

A check that knows Python alone catches nothing in a project in C#: there its rule must not be called enforced.
"""

from __future__ import annotations

import msgspec

from loopwright.core.expression import expression
from loopwright.guard.directives.rule import Rule

#: Language -> words that name it, its tools and the endings of its files.
_MARKS = {
    "python": ".py .pyi python pytest pyproject pyright pylint pip ruff mypy django fastapi flask",
    "javascript": ".js .jsx .mjs .cjs javascript npm pnpm yarn nodejs eslint bun react vue",
    "typescript": ".ts .tsx .mts .cts typescript tsc tsconfig deno angular",
    "go": ".go golang gofmt gofumpt goimports golangci",
    "rust": ".rs rust cargo clippy rustfmt",
    "java": ".java java javadoc jdk maven mvn mvnw",
    "kotlin": ".kt .kts kotlin ktlint detekt",
    "csharp": ".cs .csproj c# dotnet .net nuget xunit",
    "php": ".php php phpunit phpstan composer laravel symfony",
    "ruby": ".rb ruby rspec rubocop rails",
    "swift": ".swift swift swiftui swiftlint swiftformat xcode xcodebuild",
    "cpp": ".cpp .cc .hpp .cxx c++ cmake clang",
    "c": ".c .h clang gcc",
    "dart": ".dart dart flutter",
    "scala": ".scala scala sbt",
    "elixir": ".ex .exs elixir",
    "lua": ".lua lua",
    "gdscript": ".gd gdscript godot gdlint",
    "hcl": ".tf terraform tflint",
}
_LANGUAGES_OF: dict[str, frozenset[str]] = {
    word: frozenset(name for name, words in _MARKS.items() if word in words.split())
    for marks in _MARKS.values()
    for word in marks.split()
}
_WORD = expression(r"\.?[a-z]+(?:\+\+|#)?")
#: "Go" is a word of English too: its command tells the language.
_GO = expression(r"\bgo (?:test|build|vet|run|mod|fmt|generate)\b|\bgo \d")
#: A node is a machine too: its version tells the runtime.
_NODE = expression(r"\bnode(?:\.js\b|:|\W{0,3}(?:v|>=|≥)?\d)|`node ")
_SCRIPT = frozenset({"javascript", "typescript"})
_BRACES = frozenset({"java", "kotlin", "csharp", "php", "swift", "cpp", "c", "dart", "scala", "go", "rust"})
_EVERY = frozenset(_MARKS)

#: Construct -> the languages its detector knows; what is not here is known in every language.
CONSTRUCTS: dict[str, frozenset[str]] = {
    "any_type": _SCRIPT | {"python", "go", "kotlin"},
    "dict_any": frozenset({"python"}),
    "bare_except": frozenset({"python"}),
    "broad_except": frozenset({"python", "java", "csharp", "kotlin", "php", "ruby", "cpp"}),
    "empty_catch": _SCRIPT | (_BRACES - {"go", "rust"}) | {"python"},
    "mutable_default": frozenset({"python"}),
    "global": frozenset({"python", "php", "lua"}),
    "assert": frozenset({"python"}),
    "fstring_logging": frozenset({"python"}),
    "parametrize_form": frozenset({"python"}),
    "branching": _SCRIPT | {"python"},
    "inheritance": frozenset({"python"}),
    "barrel": _SCRIPT | {"python"},
    "magic_number": _SCRIPT | {"python"},
    "nested_function": _SCRIPT | {"python"},
    "wildcard_import": _SCRIPT | {"python", "java", "kotlin", "rust", "go"},
    "lambda": _BRACES - {"go", "scala", "dart"} | {"python", "ruby"},
    **dict.fromkeys(("enum", "interface", "inline_style"), _EVERY - {"python"}),
    "goto": _EVERY - _SCRIPT - {"python"},
    "skipped_test": _SCRIPT | {"python", "go", "rust", "java", "kotlin", "csharp", "ruby", "php", "swift"},
    "focused_test": _SCRIPT,
    "unsafe": frozenset({"rust", "csharp", "go"}),
    "namespace": frozenset({"typescript", "cpp", "csharp"}),
    "braceless": _SCRIPT | {"java", "csharp", "c", "cpp", "php", "dart", "kotlin", "scala"},
    "block_namespace": frozenset({"csharp"}),
    "unscoped_enum": frozenset({"cpp"}),
    "non_null": frozenset({"typescript", "kotlin", "swift", "csharp", "dart"}),
    "var": _SCRIPT | {"java", "csharp", "kotlin", "scala"},
    **dict.fromkeys(
        [
            "as_any",
            "type_assertion",
            "default_export",
            "class_component",
            "plain_enum",
            "type_alias",
            "function_declaration",
            "arrow_component",
            "arrow_declaration",
            "arrow_function",
            "let",
            "require_call",
            "dangerous_html",
            "for_in",
            "prisma_include",
        ],
        _SCRIPT,
    ),
}
#: Kind of rule -> the languages its check knows.
_KINDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("max_parameters", "max_nesting"), _SCRIPT | {"python"}),
    "require_docstring": _SCRIPT | _BRACES - {"c", "cpp", "dart", "scala"} | {"python"},
    "docstring_style": frozenset({"python"}),
    "type_annotations": frozenset({"python", "typescript"}),
    "require_decorator": frozenset({"python"}),
    "api_parity": frozenset({"python"}),
    "import_form": _SCRIPT | {"python", "rust", "kotlin", "swift", "scala"},
}
_TOOLS = {"ruff": frozenset({"python"}), "eslint": _SCRIPT}
_FILES = {"tsconfig.json": frozenset({"typescript"}), "pyproject.toml": frozenset({"python"})}


def languages_spoken_of(text: str) -> frozenset[str]:
    """Return the languages a text names, directly or by their tools and files; none where nothing tells."""
    lower = text.lower()
    found = {name for word in set(_WORD.findall(lower)) for name in _LANGUAGES_OF.get(word, ())}
    found |= {"go"} if _GO.search(lower) else set()
    return frozenset(found | {"javascript"} if _NODE.search(lower) else found)


def within_reach(rule: Rule, spoken: frozenset[str]) -> Rule:
    """Call a rule no more than partly held where its check knows none of the languages the file speaks of."""
    if rule.status != "enforced" or not spoken or (known := _known(rule)) & spoken:
        return rule
    why = f"judged in {', '.join(sorted(known))}; the instructions speak of {', '.join(sorted(spoken))}"
    return msgspec.structs.replace(rule, status="partly", why=why)


def _known(rule: Rule) -> frozenset[str]:
    if rule.kind == "forbid_syntax":
        return CONSTRUCTS.get(str(rule.params.get("what")), _EVERY)
    if rule.kind == "lint_rule":
        return _TOOLS.get(str(rule.params.get("tool")), _EVERY)
    if rule.kind == "config_value":
        return _FILES.get(str(rule.params.get("file")), _EVERY)
    return _KINDS.get(rule.kind, _EVERY)
