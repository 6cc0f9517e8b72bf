"""JavaScript's expressions as the checks' tree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.script.nodes import (
    Maker,
    field,
    line_of,
    lower,
    nothing,
    unescape,
)
from loopwright.guard.checks.safety.script.statements import lower_function
from loopwright.guard.grammar import text_of

if TYPE_CHECKING:
    from tree_sitter import Node


def _string(node: Node) -> t.Node:
    return t.Const(line_of(node), unescape(text_of(node)[1:-1]))


def _number(node: Node) -> t.Node:
    raw = text_of(node).replace("_", "").rstrip("n").lower()
    try:
        value: object = int(raw, 0) if re.match(r"0[xob]", raw) else float(raw) if re.search(r"[.e]", raw) else int(raw)
    except ValueError:
        value = None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e300:
        value = int(value)
    return t.Const(line_of(node), value)


def _template(node: Node) -> t.Node:
    parts: list[t.Node] = []
    for child in node.named_children:
        if child.type == "template_substitution":
            parts += [lower(c) for c in child.named_children]
        else:
            parts.append(t.Const(line_of(child), unescape(text_of(child))))
    return t.Text(line_of(node), parts)


def wrapped(node: Node) -> t.Node:
    """Parentheses, `as`, `!`: the value is the first part; of a sequence the last."""
    inner = [c for c in node.named_children if c.type != "comment"]
    return lower(inner[0]) if inner else nothing(node)


def _spread(node: Node) -> t.Node:
    return t.Call(line_of(node), t.Name(line_of(node), "%spread"), [wrapped(node)])


def _sequence(node: Node) -> t.Node:
    parts = [lower(c) for c in node.named_children]
    if all(isinstance(p, t.Const) for p in parts[:-1]):  # (0, eval)
        return parts[-1]
    return t.Several(line_of(node), parts)


def _member(node: Node) -> t.Node:
    prop = node.child_by_field_name("property")
    line = prop.start_point[0] + 1 if prop is not None else line_of(node)
    return t.Attr(line, field(node, "object"), text_of(prop))


def _call(node: Node) -> t.Node:
    args = node.child_by_field_name("arguments")
    given = [] if args is None else [args] if args.type == "template_string" else args.named_children
    values = [lower(a) for a in given if a.type != "comment"]
    if node.type == "new_expression":
        return t.Call(line_of(node), field(node, "constructor"), values)
    func = node.child_by_field_name("function")
    if func is not None and func.type == "import":
        return t.Call(line_of(node), t.Name(line_of(node), "import"), values)
    return t.Call(line_of(node), field(node, "function"), values)


def _binary(node: Node) -> t.Node:
    chain: list[Node] = []
    left: Node | None = node
    while left is not None and left.type == "binary_expression":
        chain.append(left)
        left = left.child_by_field_name("left")
    made = lower(left) if left is not None else nothing(node)
    if len(chain) > t.LONGEST_CHAIN:
        parts = [made, *(field(each, "right") for each in reversed(chain))]
        joins = all(text_of(each.child_by_field_name("operator")) == "+" for each in chain)
        return t.Text(line_of(node), parts) if joins else t.Several(line_of(node), parts)
    for each in reversed(chain):
        operator = text_of(each.child_by_field_name("operator"))
        right = field(each, "right")
        if operator in ("&&", "||", "??"):
            made = t.Choice(line_of(each), made, [right], "and" if operator == "&&" else "or")
        else:
            made = t.Op(line_of(each), {"===": "==", "!==": "!="}.get(operator, operator), made, right)
    return made


def _unary(node: Node) -> t.Node:
    operator = text_of(node.child_by_field_name("operator"))
    operand = field(node, "argument")
    if operator == "-":
        return t.Op(line_of(node), "-", t.Const(line_of(node), 0), operand)
    if operator == "!":
        return t.Op(line_of(node), "not", operand, t.Const(line_of(node), None))
    if operator == "typeof":
        return t.Op(line_of(node), "typeof", operand, t.Const(line_of(node), 0))
    if operator == "delete":
        return t.Assign(line_of(node), [operand], t.Const(line_of(node), None), "del")
    return t.Several(line_of(node), [operand])


def _update(node: Node) -> t.Node:
    operator = text_of(node.child_by_field_name("operator"))[:1]
    return t.Assign(line_of(node), [field(node, "argument")], t.Const(line_of(node), 1), operator)


def _table(node: Node) -> t.Node:
    pairs: list[tuple[t.Node | None, t.Node]] = []
    for child in node.named_children:
        line = line_of(child)
        if child.type == "pair":
            pairs.append((_key(child), field(child, "value")))
        elif child.type in ("shorthand_property_identifier", "shorthand_property_identifier_pattern"):
            pairs.append((t.Const(line, text_of(child)), t.Name(line, text_of(child))))
        elif child.type == "method_definition":
            method = lower_function(child)
            if isinstance(method, t.Func):
                method.owner = "object"
            pairs.append((t.Const(line, text_of(child.child_by_field_name("name"))), method))
        elif child.type == "spread_element":
            pairs.append((None, wrapped(child)))
    return t.Table(line_of(node), pairs)


def _key(node: Node) -> t.Node:
    key = node.child_by_field_name("key")
    if key is None:
        return nothing(node)
    if key.type == "computed_property_name":
        return wrapped(key)
    return _string(key) if key.type == "string" else t.Const(line_of(key), text_of(key))


def _pause(node: Node) -> t.Node:
    value = next((c for c in node.named_children if c.type != "comment"), None)
    return t.Pause(line_of(node), lower(value) if value is not None else None, node.type == "yield_expression")


def _regex(node: Node) -> t.Node:
    parts = [node.child_by_field_name(name) for name in ("pattern", "flags")]
    given: list[t.Node] = [t.Const(line_of(node), text_of(part) if part is not None else "") for part in parts]
    return t.Call(line_of(node), t.Name(line_of(node), "RegExp"), given)


def _branches(node: Node) -> t.Node:
    arms = [field(node, "consequence"), field(node, "alternative")]
    return t.Choice(line_of(node), field(node, "condition"), arms)


EXPRESSIONS: dict[str, Maker] = {
    "identifier": lambda n: t.Name(line_of(n), text_of(n)),
    "this": lambda n: t.Name(line_of(n), "this"),
    "string": _string,
    "number": _number,
    "true": lambda n: t.Const(line_of(n), True),
    "false": lambda n: t.Const(line_of(n), False),
    "null": lambda n: t.Const(line_of(n), None),
    "template_string": _template,
    "parenthesized_expression": wrapped,
    "as_expression": wrapped,
    "satisfies_expression": wrapped,
    "non_null_expression": wrapped,
    "type_assertion": lambda n: lower(n.named_children[-1]) if n.named_children else nothing(n),
    "sequence_expression": _sequence,
    "expression_statement": wrapped,
    "spread_element": _spread,
    "member_expression": _member,
    "subscript_expression": lambda n: t.Index(line_of(n), field(n, "object"), field(n, "index")),
    "call_expression": _call,
    "new_expression": _call,
    "binary_expression": _binary,
    "unary_expression": _unary,
    "update_expression": _update,
    "ternary_expression": _branches,
    "array": lambda n: t.Group(line_of(n), [lower(c) for c in n.named_children]),
    "object": _table,
    "await_expression": _pause,
    "yield_expression": _pause,
    "regex": _regex,
    "meta_property": lambda n: t.Name(line_of(n), text_of(n)),
    "type_annotation": nothing,
    "type_arguments": nothing,
    "type_parameters": nothing,
    "interface_declaration": nothing,
    "type_alias_declaration": nothing,
    "comment": nothing,
}
