"""Constructs of languages that ast-grep brings a grammar for, found on the syntax tree.

A rule is ast-grep's own kind of rule: the kinds of nodes are those of the published tree-sitter grammar of the
language. A construct that a language does not have (a ternary in Rust) is a rule that nothing matches. Where ast-grep
is not installed, or a text is no whole program of its language, `find` says so, and the text is searched instead.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ast_grep_py import SgNode

Rule = Mapping[str, Any]

#: Of a construct that the language does not have.
_NEVER: Rule = {}


def _kinds(*kinds: str) -> Rule:
    return {"any": [{"kind": kind} for kind in kinds]}


def _like(kind: str, text: str) -> Rule:
    return {"kind": kind, "regex": text}


def _within(inner: Rule, outer: Rule) -> Rule:
    return {**inner, "inside": {**outer, "stopBy": "end"}}


def _bodies(block: str, heads: tuple[str, ...], *fields: str) -> Rule:
    """Bodies of conditions and loops that are no block; `else if` is none."""
    inside: list[Rule] = [{"kind": head, "field": field} for head in heads for field in fields]
    return {"regex": ".", "not": _kinds(block, "if_statement"), "any": [{"inside": i} for i in inside]}


def _c_bodies(*heads: str) -> Rule:
    """The same where `else` has a node of its own."""
    not_a_body = {"any": [*_kinds("compound_statement", "if_statement", "comment")["any"], {"regex": "^else$"}]}
    other = {"regex": ".", "not": not_a_body, "inside": {"kind": "else_clause"}}
    return {"any": [_bodies("compound_statement", heads, "consequence", "body"), other]}


_TERNARY = {
    "java": "ternary_expression",
    "swift": "ternary_expression",
    "ruby": "conditional",
    **dict.fromkeys(("c", "cpp", "csharp", "php", "dart"), "conditional_expression"),
}
_NO_TERNARY = ("go", "rust", "kotlin", "scala", "lua", "elixir")
_EMPTY = r"^\{(?:\s|//[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)*\}$"
_BODIES = ("consequence", "alternative", "body")
_LOOPS = ("for_statement", "while_statement")
_INTERFACE = r"^(?:@\w+\s+|\w+\s+)*?interface\s"
_CATCH_ALL = r"^(?:[\w.]+\s*\|\s*)*(?:java\.lang\.)?(?:Exception|Throwable)\b"

#: Construct -> language -> rule.
RULES: dict[str, dict[str, Rule]] = {
    "unsafe": {
        "rust": {
            "any": [
                {"kind": "unsafe_block"},
                _like("function_modifiers", r"\bunsafe\b"),
                _like("impl_item", r"^unsafe\b"),
                _like("trait_item", r"^(?:pub(?:\([^)]*\))?\s+)?unsafe\b"),
            ]
        },
        "csharp": {"any": [{"kind": "unsafe_statement"}, _like("modifier", "^unsafe$")]},
        "go": {"any": [_like(k, r"^unsafe\.") for k in ("selector_expression", "qualified_type")]},
    },
    "throw": {
        **dict.fromkeys(("java", "cpp"), _kinds("throw_statement")),
        "csharp": _kinds("throw_statement", "throw_expression"),
        **dict.fromkeys(("php", "scala", "dart"), _kinds("throw_expression")),
        "kotlin": _like("jump_expression", r"^throw\b"),
        "swift": _like("control_transfer_statement", r"^throw\b"),
    },
    "goto": dict.fromkeys(("c", "cpp", "csharp", "go", "php", "lua"), _kinds("goto_statement")),
    "lambda": {
        **dict.fromkeys(("java", "cpp", "scala"), _kinds("lambda_expression")),
        "csharp": _kinds("lambda_expression", "anonymous_method_expression"),
        "kotlin": _kinds("lambda_literal", "anonymous_function"),
        "swift": _kinds("lambda_literal"),
        "rust": _kinds("closure_expression"),
        "php": _kinds("arrow_function", "anonymous_function"),
        "ruby": {"any": [{"kind": "lambda"}, _like("call", r"^lambda\b")]},
    },
    "namespace": {
        "cpp": _kinds("namespace_definition"),
        "csharp": _kinds("namespace_declaration", "file_scoped_namespace_declaration"),
    },
    "block_namespace": {"csharp": _kinds("namespace_declaration")},
    "braceless": {
        "java": _bodies("block", ("if_statement", *_LOOPS, "enhanced_for_statement"), *_BODIES),
        "csharp": _bodies("block", ("if_statement", *_LOOPS, "foreach_statement"), *_BODIES),
        "c": _c_bodies("if_statement", *_LOOPS),
        "cpp": _c_bodies("if_statement", *_LOOPS, "for_range_loop"),
    },
    "global": {
        "php": _kinds("global_declaration"),
        "lua": _like("identifier", "^_G$"),
    },
    "interface": {
        **dict.fromkeys(("java", "csharp", "php"), _kinds("interface_declaration")),
        "kotlin": _like("class_declaration", _INTERFACE),
        "go": {"kind": "type_spec", "has": {"kind": "interface_type", "field": "type"}},
    },
    "non_null": {
        "kotlin": _like("postfix_expression", r"!!$"),
        "swift": {"kind": "postfix_expression", "has": {"kind": "bang"}},
        "csharp": _like("postfix_unary_expression", r"!$"),
        "dart": _kinds("null_assertion_expression"),
    },
    "var": {
        "java": _like("type_identifier", "^var$"),
        "csharp": _like("implicit_type", "^var$"),
        "kotlin": _like("binding_pattern_kind", "^var$"),
        "scala": _kinds("var_definition"),
    },
    "wildcard_import": {
        "java": {"kind": "import_declaration", "has": {"kind": "asterisk"}},
        "kotlin": {"kind": "import_header", "has": {"kind": "wildcard_import"}},
        "rust": _kinds("use_wildcard"),
        "go": {"kind": "import_spec", "has": {"kind": "dot"}},
        "scala": {"kind": "import_declaration", "has": {"kind": "namespace_wildcard"}},
    },
    "empty_catch": {
        "java": {"kind": "catch_clause", "has": _like("block", _EMPTY)},
        "csharp": {"kind": "catch_clause", "has": _like("block", _EMPTY)},
        "cpp": {"kind": "catch_clause", "has": _like("compound_statement", _EMPTY)},
        "php": {"kind": "catch_clause", "has": _like("compound_statement", _EMPTY)},
        "kotlin": _like("catch_block", _EMPTY.replace("^", r"\)\s*", 1)),
    },
    "ternary": {
        **{language: _kinds(kind) for language, kind in _TERNARY.items()},
        **dict.fromkeys(_NO_TERNARY, _NEVER),
    },
    "nested_ternary": {
        **{language: _within(_kinds(kind), {"kind": kind}) for language, kind in _TERNARY.items()},
        **dict.fromkeys(_NO_TERNARY, _NEVER),
    },
    "class": {
        **dict.fromkeys(("java", "csharp", "php", "dart"), _kinds("class_declaration")),
        "cpp": _kinds("class_specifier"),
        "ruby": _kinds("class"),
        "scala": _kinds("class_definition"),
        "kotlin": {
            "kind": "class_declaration",
            "not": {"any": [_like("class_declaration", _INTERFACE), {"has": {"kind": "enum_class_body"}}]},
        },
        "swift": _like("class_declaration", r"^(?:@\w+\s+|\w+\s+)*?class\s"),
    },
    "enum": {
        **dict.fromkeys(("java", "csharp", "php", "dart"), _kinds("enum_declaration")),
        **dict.fromkeys(("c", "cpp"), _kinds("enum_specifier")),
        "rust": _kinds("enum_item"),
        "kotlin": {"kind": "class_declaration", "has": {"kind": "enum_class_body"}},
        "swift": {"kind": "class_declaration", "has": {"kind": "enum_class_body"}},
        "scala": _kinds("enum_definition"),
    },
    "unscoped_enum": {
        "cpp": {"kind": "enum_specifier", "not": _like("enum_specifier", r"^enum\s+(class|struct)\b")},
    },
    "try_except": {
        "java": _kinds("try_statement", "try_with_resources_statement"),
        **dict.fromkeys(("csharp", "cpp", "php", "dart"), _kinds("try_statement")),
        **dict.fromkeys(("kotlin", "scala"), _kinds("try_expression")),
        "ruby": _kinds("rescue", "rescue_modifier"),
        "swift": _kinds("catch_block"),
    },
    "any_type": {
        "go": {"any": [_like("interface_type", r"^interface\s*\{\s*\}$"), _like("type_identifier", "^any$")]},
        "kotlin": _like("user_type", "^Any$"),
    },
    "broad_except": {
        "java": _like("catch_type", _CATCH_ALL),
        "csharp": {
            "kind": "catch_clause",
            "any": [
                {"not": {"has": {"kind": "catch_declaration"}}},
                {"has": _like("catch_declaration", r"^\(\s*(?:System\.)?Exception\b")},
            ],
        },
        "kotlin": {"kind": "catch_block", "has": _like("user_type", "^(?:Exception|Throwable)$")},
        "php": {"kind": "catch_clause", "has": _like("type_list", r"(?:^|[|\\\s])(?:Exception|Throwable)\b")},
        "cpp": {"kind": "catch_clause", "has": _like("parameter_list", r"^\(\s*\.\.\.\s*\)$")},
    },
    "skipped_test": {
        "go": _like("call_expression", r"^t\.Skip(?:f|Now)?\("),
        "rust": _like("attribute_item", r"^#\[\s*ignore\b"),
        "java": {"any": [_like(k, r"^@(?:Disabled|Ignore)\b") for k in ("marker_annotation", "annotation")]},
        "kotlin": _like("annotation", r"^@(?:Disabled|Ignore)\b"),
        "csharp": {"any": [_like("attribute", r"^Ignore\b"), _like("attribute_argument", r"^Skip\s*=")]},
    },
}  # fmt: skip


@cache
def installed() -> bool:
    """Return whether ast-grep can be imported."""
    return importlib.util.find_spec("ast_grep_py") is not None


def find(what: str, text: str, language: str) -> list[tuple[int, str]] | None:
    """Return (line, reason) of each place, None where no grammar can tell and the text has to be searched."""
    rule = RULES.get(what, {}).get(language)
    if rule is None or not installed():
        return None
    from ast_grep_py import SgRoot

    root = SgRoot(text, language).root()
    if root.find(kind="ERROR") is not None:
        return None
    reason = f"{what.replace('_', ' ')} is used"
    config: Any = {"rule": dict(rule)}
    found = root.find_all(config) if rule is not _NEVER else []
    return [(_line(what, node) + 1, reason) for node in found]


def _line(what: str, node: SgNode) -> int:
    """Return the line, from 0, a person is sent to: for a body without braces that of the condition ahead of it."""
    ahead = node.prev() if what == "braceless" else None
    return node.range().start.line if ahead is None else ahead.range().end.line
