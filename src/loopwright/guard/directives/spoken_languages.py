"""Which programming languages an instruction file speaks of, and which a rule's check knows.

A check that knows Python alone catches nothing in a project in C#: there its rule must not be called enforced.
"""

from __future__ import annotations

import re

import msgspec

from loopwright.guard.directives.rule import Rule

_MARKS = {
    "python": r"\.pyi?\b|\bpython\b|\bpy(?:test|project|right|lint)\b|\bpip\b|\bruff\b|\bmypy\b|\bdjango\b|"
    "\bfastapi\b|\bflask\b",
    "javascript": r"\.[mc]?jsx?\b|\bjavascript\b|\bnpm\b|\bpnpm\b|\byarn\b|\bnode(?:\.js)?\b|\beslint\b|\bbun\b|"
    "\breact\b|\bvue\b",
    "typescript": r"\.[mc]?tsx?\b|\btypescript\b|\btsc\b|\btsconfig\b|\bdeno\b|\bangular\b",
    "go": r"\.go\b|\bgolang\b|`go (?:test|build|vet|run|mod|fmt|generate)\b|^\s*go (?:test|build|vet|run)\b|\bgofmt\b|"
    r"\bgolangci",
    "rust": r"\.rs\b|\brust\b|\bcargo\b|\bclippy\b|\brustfmt\b",
    "java": r"\.java\b|\bjava\b|\bjavadoc\b|\bjdk\b|\bmaven\b|\bmvnw?\b|\bspring boot\b",
    "kotlin": r"\.kts?\b|\bkotlin\b|\bktlint\b|\bdetekt\b",
    "csharp": r"\.cs(?:proj)?\b|\bc#|\bdotnet\b|\.net\b|\bnuget\b|\bxunit\b",
    "php": r"\.php\b|\bphp(?:unit|stan)?\b|\bcomposer\b|\blaravel\b|\bsymfony\b",
    "ruby": r"\.rb\b|\bruby\b|\brspec\b|\brubocop\b|\brails\b",
    "swift": r"\.swift\b|\bswift(?:ui|lint|format)?\b|\bxcode\w*\b",
    "cpp": r"\.(?:cpp|cc|hpp|cxx)\b|c\+\+|\bcmake\b|\bclang\b",
    "c": r"\.[ch]\b|\bclang\b|\bgcc\b",
    "dart": r"\.dart\b|\bdart\b|\bflutter\b",
    "scala": r"\.scala\b|\bscala\b|\bsbt\b",
    "elixir": r"\.exs?\b|\belixir\b|`mix \w",
    "lua": r"\.lua\b|\blua\b",
}
_ANY_MARK = re.compile("|".join(f"(?P<{name}>{marks})" for name, marks in _MARKS.items()), re.IGNORECASE | re.MULTILINE)
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
    "unsafe": frozenset({"rust", "csharp", "go"}),
    "namespace": frozenset({"typescript", "cpp", "csharp"}),
    "braceless": _SCRIPT | {"java", "csharp", "c", "cpp", "php", "dart", "kotlin", "scala"},
    "block_namespace": frozenset({"csharp"}),
    "non_null": frozenset({"typescript", "kotlin", "swift", "csharp", "dart"}),
    "var": _SCRIPT | {"java", "csharp", "kotlin"},
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
    return frozenset(found.lastgroup for found in _ANY_MARK.finditer(text) if found.lastgroup)


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
