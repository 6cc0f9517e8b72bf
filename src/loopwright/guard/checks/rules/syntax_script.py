"""Detectors on the tree-sitter syntax tree of JavaScript and TypeScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from loopwright.core.expression import expression
from loopwright.guard.grammar import Grammar, parse, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

Detector = Callable[["Node"], str]


def find(what: str, text: str, path: str) -> list[tuple[int, str]]:
    """Return (line, reason) of each place of the construct. Raises ImportError where no grammar is installed."""
    detector = DETECTORS.get(what)
    if detector is None or (what == "barrel" and not path.rsplit("/", 1)[-1].startswith("index.")):
        return []
    found = []
    root = parse(grammar_of(path), text)
    for node in walk(root) if root is not None else ():
        if reason := detector(node):
            found.append((node.start_point[0] + 1, reason))
    return found


def grammar_of(path: str) -> Grammar:
    """Return the grammar a file of this name is written in."""
    if path.endswith((".tsx", ".jsx")):
        return "tsx"
    return "typescript" if path.endswith(("ts", "mts", "cts")) else "javascript"


def _is(*types: str, reason: str) -> Detector:
    return lambda node: reason if node.type in types and node.is_named else ""


def _any(node: Node) -> str:
    return "`any` is used as a type" if node.type == "predefined_type" and node.text == b"any" else ""


def _as_any(node: Node) -> str:
    if node.type != "as_expression":
        return ""
    last = node.named_children[-1] if node.named_children else None
    return "`as any` is used" if last is not None and last.text in (b"any",) else ""


def _assertion(node: Node) -> str:
    if node.type == "type_assertion":
        return "a type assertion is used"
    last = text_of(node.children[-1]) if node.type == "as_expression" else ""
    return "`as` is used for a type assertion" if node.type == "as_expression" and last != "const" else ""


def _default_export(node: Node) -> str:
    return (
        "a default export is used"
        if node.type == "export_statement" and any(c.type == "default" for c in node.children)
        else ""
    )


def _class_component(node: Node) -> str:
    if node.type not in ("class_declaration", "class"):
        return ""
    heritage = next((text_of(c) for c in node.children if c.type == "class_heritage"), "")
    return "a class component is defined" if "Component" in heritage else ""


def _arrow_component(node: Node) -> str:
    if node.type != "variable_declarator":
        return ""
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if value is None or value.type != "arrow_function" or not text_of(name)[:1].isupper():
        return ""
    return f"the component {text_of(name)} is an arrow function"


def _arrow(node: Node) -> str:
    if node.type != "arrow_function" or node.parent is None or node.parent.type != "variable_declarator":
        return ""
    return "an arrow function is defined"


def _var(node: Node) -> str:
    return "`var` is used" if node.type == "variable_declaration" and text_of(node).startswith("var") else ""


def _let(node: Node) -> str:
    return "`let` is used" if node.type == "lexical_declaration" and text_of(node).startswith("let") else ""


def _nested_ternary(node: Node) -> str:
    if node.type != "ternary_expression":
        return ""
    inner = [
        c for c in node.named_children for c in ([c] if c.type != "parenthesized_expression" else c.named_children)
    ]
    return "a ternary is nested" if any(c.type == "ternary_expression" for c in inner) else ""


def _barrel(node: Node) -> str:
    exported = node.type == "export_statement" and node.child_by_field_name("source") is not None
    return "names are re-exported from an index file" if exported else ""


def _wildcard(node: Node) -> str:
    if node.type == "namespace_import":
        return "a namespace is imported whole"
    return (
        "everything is re-exported"
        if node.type == "export_statement" and any(c.type == "*" for c in node.children)
        else ""
    )


def _empty_catch(node: Node) -> str:
    body = node.child_by_field_name("body") if node.type == "catch_clause" else None
    return (
        "an error is swallowed"
        if body is not None and not [c for c in body.named_children if c.type != "comment"]
        else ""
    )


def _eval(node: Node) -> str:
    if node.type == "call_expression" and text_of(node.child_by_field_name("function")) == "eval":
        return "`eval` is called"
    return (
        "`new Function` is used" if node.type == "new_expression" and text_of(node).startswith("new Function") else ""
    )


def _require(node: Node) -> str:
    if node.type == "call_expression" and text_of(node.child_by_field_name("function")) == "require":
        return "`require` is called"
    return "`module.exports` is used" if node.type == "member_expression" and text_of(node) == "module.exports" else ""


def _inline_style(node: Node) -> str:
    return (
        "an inline style is used"
        if node.type == "jsx_attribute" and text_of(node.named_children[0] if node.named_children else None) == "style"
        else ""
    )


def _dangerous(node: Node) -> str:
    return (
        "`dangerouslySetInnerHTML` is used"
        if node.type == "jsx_attribute" and text_of(node).startswith("dangerouslySetInnerHTML")
        else ""
    )


def _branching(node: Node) -> str:
    if node.type not in ("if_statement", "switch_statement"):
        return ""
    parent = node.parent
    while parent is not None:
        if parent.type == "call_expression" and text_of(parent.child_by_field_name("function")).split(".")[0] in (
            "it",
            "test",
        ):
            return "a test branches"
        parent = parent.parent
    return ""


def _magic_number(node: Node) -> str:
    if (
        node.type == "number"
        and node.parent is not None
        and node.parent.type == "binary_expression"
        and text_of(node) not in ("0", "1", "2", "-1")
    ):
        return f"the number {text_of(node)} has no name"
    return ""


def _nested_function(node: Node) -> str:
    if node.type != "function_declaration":
        return ""
    parent = node.parent
    while parent is not None:
        if parent.type in ("function_declaration", "arrow_function", "method_definition", "function_expression"):
            return "a function is nested in another"
        parent = parent.parent
    return ""


def _plain_enum(node: Node) -> str:
    return (
        "an enum that is not `const` is defined"
        if node.type == "enum_declaration" and not text_of(node).startswith("const")
        else ""
    )


def _for_in(node: Node) -> str:
    return "`for…in` is used" if node.type == "for_in_statement" and any(c.type == "in" for c in node.children) else ""


def _prisma_include(node: Node) -> str:
    if node.type != "pair" or text_of(node.child_by_field_name("key")) != "include":
        return ""
    parent = node.parent
    while parent is not None:
        if parent.type == "call_expression":
            called = text_of(parent.child_by_field_name("function"))
            return (
                "`include` is used in a query"
                if called.rsplit(".", 1)[-1].startswith(("find", "create", "update", "upsert", "delete"))
                else ""
            )
        parent = parent.parent
    return ""


_BODIES = {
    "if_statement": "consequence",
    "for_statement": "body",
    "for_in_statement": "body",
    "while_statement": "body",
}


def _braceless(node: Node) -> str:
    """A branch or loop whose body stands without braces."""
    if node.type == "else_clause":
        body = node.named_children[-1] if node.named_children else None
        return (
            "" if body is None or body.type in ("statement_block", "if_statement") else "`else` stands without braces"
        )
    body = node.child_by_field_name(_BODIES[node.type]) if node.type in _BODIES else None
    return "" if body is None or body.type in ("statement_block", "empty_statement") else "a body stands without braces"


def _arrow_declaration(node: Node) -> str:
    """An arrow function that a name of the module is given."""
    if node.type != "variable_declarator" or node.parent is None or node.parent.parent is None:
        return ""
    value, above = node.child_by_field_name("value"), node.parent.parent.type
    named = value is not None and value.type == "arrow_function" and above in ("program", "export_statement")
    return "an arrow function is given a name: a function declaration is asked for" if named else ""


def _runs(functions: re.Pattern[str], what: str) -> Detector:
    def found(node: Node) -> str:
        called = node.child_by_field_name("function") if node.type == "call_expression" else None
        name = text_of(called) if called is not None else ""
        return f"`{name}` {what}" if functions.fullmatch(name) else ""

    return found


_SUITES = r"(?:it|test|describe|suite|context|specify)"
_SKIPPED = expression(rf"x{_SUITES}|{_SUITES}(?:\.\w+)*\.(?:skip|todo|failing)(?:\.each)?")
_FOCUSED = expression(rf"f{_SUITES}|{_SUITES}(?:\.\w+)*\.only(?:\.each)?")
DETECTORS: dict[str, Detector] = {
    "any_type": _any,
    "as_any": _as_any,
    "type_assertion": _assertion,
    "non_null": _is("non_null_expression", reason="a non-null assertion is used"),
    "default_export": _default_export,
    "class_component": _class_component,
    "class": _is("class_declaration", "class", reason="a class is defined"),
    "enum": _is("enum_declaration", reason="an enum is defined"),
    "plain_enum": _plain_enum,
    "namespace": _is("internal_module", "module", reason="a namespace is declared"),
    "interface": _is("interface_declaration", reason="an interface is declared"),
    "type_alias": _is("type_alias_declaration", reason="a type alias is declared"),
    "function_declaration": _is("function_declaration", reason="a function declaration is used"),
    "arrow_component": _arrow_component,
    "arrow_declaration": _arrow_declaration,
    "arrow_function": _arrow,
    "var": _var,
    "let": _let,
    "ternary": _is("ternary_expression", reason="a ternary is used"),
    "nested_ternary": _nested_ternary,
    "barrel": _barrel,
    "braceless": _braceless,
    "wildcard_import": _wildcard,
    "empty_catch": _empty_catch,
    "try_except": _is("try_statement", reason="an error is caught"),
    "eval": _eval,
    "throw": _is("throw_statement", reason="an error is thrown"),
    "require_call": _require,
    "inline_style": _inline_style,
    "dangerous_html": _dangerous,
    "branching": _branching,
    "magic_number": _magic_number,
    "nested_function": _nested_function,
    "for_in": _for_in,
    "prisma_include": _prisma_include,
    "skipped_test": _runs(_SKIPPED, "skips a test"),
    "focused_test": _runs(_FOCUSED, "keeps all other tests from running"),
}
