"""JavaScript and TypeScript source as a tree for the safety checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from loopwright.guard.checks.safety.flow import tree as t

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|(\r?\n)|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


@lru_cache(maxsize=2)
def _parser(typed: bool) -> Parser:
    from tree_sitter import Language, Parser

    if typed:
        import tree_sitter_typescript

        return Parser(Language(tree_sitter_typescript.language_tsx()))
    import tree_sitter_javascript

    return Parser(Language(tree_sitter_javascript.language()))


def parse(text: str, typed: bool) -> tuple[list[t.Node], bool]:
    """Return the statements, and whether all of the text could be parsed. Raises ImportError without a grammar."""
    root = _parser(typed).parse(text.encode("utf-8", "replace")).root_node
    return [lower(c) for c in root.named_children], not root.has_error


def lower(node: Node) -> t.Node:
    """Return one syntax node as a node of the checks' tree."""
    make = _MAKERS.get(node.type)
    if make is not None:
        return make(node)
    return t.Several(_line(node), [lower(c) for c in node.named_children])


def unescape(text: str) -> str:
    """Return a string literal's content with its escapes resolved."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits:
        return chr(min(int(digits, 16), 0x10FFFF))
    return "" if found[4] else _LETTERS.get(found[5], found[5])


def _line(node: Node) -> int:
    return node.start_point[0] + 1


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def _field(node: Node, name: str) -> t.Node:
    child = node.child_by_field_name(name)
    return lower(child) if child is not None else t.Several(_line(node), [])


def _optional(node: Node, name: str) -> t.Node | None:
    child = node.child_by_field_name(name)
    return lower(child) if child is not None else None


def _nothing(node: Node) -> t.Node:
    return t.Several(_line(node), [])


def _body(node: Node | None) -> list[t.Node]:
    if node is None:
        return []
    return [lower(c) for c in node.named_children] if node.type in ("statement_block", "class_body") else [lower(node)]


def _string(node: Node) -> t.Node:
    return t.Const(_line(node), unescape(_text(node)[1:-1]))


def _number(node: Node) -> t.Node:
    raw = _text(node).replace("_", "").rstrip("n").lower()
    try:
        value: object = int(raw, 0) if re.match(r"0[xob]", raw) else float(raw) if re.search(r"[.e]", raw) else int(raw)
    except ValueError:
        value = None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e300:
        value = int(value)
    return t.Const(_line(node), value)


def _template(node: Node) -> t.Node:
    parts: list[t.Node] = []
    for child in node.named_children:
        if child.type == "template_substitution":
            parts += [lower(c) for c in child.named_children]
        else:
            parts.append(t.Const(_line(child), unescape(_text(child))))
    return t.Text(_line(node), parts)


def _wrapped(node: Node) -> t.Node:
    """Parentheses, `as`, `!`: the value is the first part; of a sequence the last."""
    inner = [c for c in node.named_children if c.type != "comment"]
    return lower(inner[0]) if inner else _nothing(node)


def _spread(node: Node) -> t.Node:
    return t.Call(_line(node), t.Name(_line(node), "%spread"), [_wrapped(node)])


def _sequence(node: Node) -> t.Node:
    parts = [lower(c) for c in node.named_children]
    if all(isinstance(p, t.Const) for p in parts[:-1]):  # (0, eval)
        return parts[-1]
    return t.Several(_line(node), parts)


def _member(node: Node) -> t.Node:
    prop = node.child_by_field_name("property")
    line = prop.start_point[0] + 1 if prop is not None else _line(node)
    return t.Attr(line, _field(node, "object"), _text(prop))


def _call(node: Node) -> t.Node:
    args = node.child_by_field_name("arguments")
    given = [] if args is None else [args] if args.type == "template_string" else args.named_children
    values = [lower(a) for a in given if a.type != "comment"]
    if node.type == "new_expression":
        return t.Call(_line(node), _field(node, "constructor"), values)
    func = node.child_by_field_name("function")
    if func is not None and func.type == "import":
        return t.Call(_line(node), t.Name(_line(node), "import"), values)
    return t.Call(_line(node), _field(node, "function"), values)


def _binary(node: Node) -> t.Node:
    chain: list[Node] = []
    left: Node | None = node
    while left is not None and left.type == "binary_expression":
        chain.append(left)
        left = left.child_by_field_name("left")
    made = lower(left) if left is not None else _nothing(node)
    if len(chain) > t.LONGEST_CHAIN:
        parts = [made, *(_field(each, "right") for each in reversed(chain))]
        joins = all(_text(each.child_by_field_name("operator")) == "+" for each in chain)
        return t.Text(_line(node), parts) if joins else t.Several(_line(node), parts)
    for each in reversed(chain):
        operator = _text(each.child_by_field_name("operator"))
        right = _field(each, "right")
        if operator in ("&&", "||", "??"):
            made = t.Choice(_line(each), made, [right])
        else:
            made = t.Op(_line(each), {"===": "==", "!==": "!="}.get(operator, operator), made, right)
    return made


def _unary(node: Node) -> t.Node:
    operator = _text(node.child_by_field_name("operator"))
    operand = _field(node, "argument")
    if operator == "-":
        return t.Op(_line(node), "-", t.Const(_line(node), 0), operand)
    if operator == "!":
        return t.Op(_line(node), "not", operand, t.Const(_line(node), None))
    return t.Several(_line(node), [operand])


def _update(node: Node) -> t.Node:
    operator = _text(node.child_by_field_name("operator"))[:1]
    return t.Assign(_line(node), [_field(node, "argument")], t.Const(_line(node), 1), operator)


def _table(node: Node) -> t.Node:
    pairs: list[tuple[t.Node | None, t.Node]] = []
    for child in node.named_children:
        line = _line(child)
        if child.type == "pair":
            pairs.append((_key(child), _field(child, "value")))
        elif child.type in ("shorthand_property_identifier", "shorthand_property_identifier_pattern"):
            pairs.append((t.Const(line, _text(child)), t.Name(line, _text(child))))
        elif child.type == "method_definition":
            pairs.append((t.Const(line, _text(child.child_by_field_name("name"))), _function(child)))
        elif child.type == "spread_element":
            pairs.append((None, _wrapped(child)))
    return t.Table(_line(node), pairs)


def _key(node: Node) -> t.Node:
    key = node.child_by_field_name("key")
    if key is None:
        return _nothing(node)
    if key.type == "computed_property_name":
        return _wrapped(key)
    return _string(key) if key.type == "string" else t.Const(_line(key), _text(key))


def _bind(target: Node | None, value: t.Node) -> Iterator[t.Node]:
    """Yield the assignments that a pattern stands for."""
    if target is None:
        return
    line = _line(target)
    if target.type in ("object_pattern", "array_pattern"):
        base = value if isinstance(value, t.Name) else t.Name(line, f"%{target.start_byte}")
        if base is not value:
            yield t.Assign(line, [base], value)
        for child in target.named_children:
            if child.type == "shorthand_property_identifier_pattern":
                yield t.Assign(line, [t.Name(line, _text(child))], t.Attr(line, base, _text(child)))
            elif child.type == "pair_pattern":
                yield from _bind(
                    child.child_by_field_name("value"),
                    t.Attr(line, base, _text(child.child_by_field_name("key")).strip("'\"")),
                )
            elif child.type == "object_assignment_pattern":
                left = child.child_by_field_name("left")
                yield t.Assign(line, [t.Name(line, _text(left))], t.Attr(line, base, _text(left)))
            else:
                yield from _bind(child, t.Index(line, base, t.Several(line, [])))
    elif target.type in ("assignment_pattern", "rest_pattern", "rest_element"):
        held = target.child_by_field_name("left")
        yield from _bind(held or (target.named_children[0] if target.named_children else None), value)
    else:
        yield t.Assign(line, [lower(target)], value)


def _declaration(node: Node) -> t.Node:
    made: list[t.Node] = []
    for each in node.named_children:
        value = each.child_by_field_name("value") if each.type == "variable_declarator" else None
        if value is not None:
            lowered = lower(value)
            name = each.child_by_field_name("name")
            if isinstance(lowered, t.Func) and not lowered.name and name is not None and name.type == "identifier":
                lowered.name = _text(name)
            made += _bind(name, lowered)
    return made[0] if len(made) == 1 else t.Block(_line(node), made)


def _assignment(node: Node) -> t.Node:
    left = node.child_by_field_name("left")
    value = _field(node, "right")
    made = list(_bind(left, value))
    return made[0] if len(made) == 1 else t.Several(_line(node), made)


def _augmented(node: Node) -> t.Node:
    operator = _text(node.child_by_field_name("operator")).removesuffix("=")
    return t.Assign(_line(node), [_field(node, "left")], _field(node, "right"), operator)


def _function(node: Node) -> t.Node:
    names: list[str] = []
    prologue: list[t.Node] = []
    defaults: dict[str, t.Node] = {}
    rest = ""
    params = node.child_by_field_name("parameters")
    given = params.named_children if params is not None else [p for p in (node.child_by_field_name("parameter"),) if p]
    for each in given:
        target = each.child_by_field_name("pattern") or each if each.type.endswith("_parameter") else each
        default = each.child_by_field_name("value") or each.child_by_field_name("right")
        further = target.type == "rest_pattern"
        while target.type in ("assignment_pattern", "rest_pattern") and target.named_children:
            target = target.named_children[0]
        if target.type in ("identifier", "this"):
            names.append(_text(target))
            rest = names[-1] if further else rest
        elif target.type != "comment":
            names.append(f"%{target.start_byte}")
            prologue += _bind(target, t.Name(_line(target), names[-1]))
        if default is not None and names:
            defaults[names[-1]] = lower(default)
    body = node.child_by_field_name("body")
    line = _line(node)
    if body is not None and body.type != "statement_block":
        lowered: list[t.Node] = [t.Leave(line, "return", lower(body))]
    else:
        lowered = _body(body)
    if node.type.startswith("generator") or any(c.type == "*" for c in node.children[:3]):
        lowered.insert(0, t.Pause(line, None))
    marks: list[t.Node] = [t.Name(line, "property")] if any(c.type == "get" for c in node.children[:3]) else []
    return t.Func(line, _text(node.child_by_field_name("name")), names, prologue + lowered, marks, defaults, "", rest)


def _class(node: Node) -> t.Node:
    name = _text(node.child_by_field_name("name"))
    heritage = [lower(c) for c in node.named_children if c.type == "class_heritage"]
    body = _body(node.child_by_field_name("body"))
    for each in body:
        if isinstance(each, t.Func):
            each.owner = name or "class"
    return t.Class(_line(node), name, heritage, body)


def _class_field(node: Node) -> t.Node:
    value = node.child_by_field_name("value")
    prop = node.child_by_field_name("property") or node.child_by_field_name("name")
    if value is None:
        return _nothing(node)
    return t.Assign(_line(node), [t.Attr(_line(node), t.Name(_line(node), "this"), _text(prop))], lower(value))


def _import(node: Node) -> t.Node:
    source = node.child_by_field_name("source")
    module = _text(source)[1:-1]
    names: list[tuple[str, str]] = []
    pending = [c for c in node.named_children if c.type == "import_clause"]
    if any(c.type == "type" for c in node.children):
        return _nothing(node)
    while pending:
        child = pending.pop()
        if child.type == "import_specifier":
            name = _text(child.child_by_field_name("name"))
            names.append((_text(child.child_by_field_name("alias")) or name, name))
        elif child.type == "identifier":
            names.append((_text(child), ""))
        else:
            pending.extend(child.named_children)
    return t.Import(_line(node), module, names, module.startswith("."))


def _export(node: Node) -> t.Node:
    source = node.child_by_field_name("source")
    if source is not None:
        return t.Import(_line(node), _text(source)[1:-1], [], _text(source)[1:2] == ".")
    return t.Block(_line(node), [lower(c) for c in node.named_children if c.type != "export_clause"])


def _if(node: Node) -> t.Node:
    other = node.child_by_field_name("alternative")
    arms = [_body(node.child_by_field_name("consequence")), [lower(c) for c in other.named_children] if other else []]
    return t.Branch(_line(node), [_field(node, "condition")], arms)


def _switch(node: Node) -> t.Node:
    body = node.child_by_field_name("body")
    arms = [] if body is None else [[lower(s) for s in c.named_children] for c in body.named_children]
    # `break` ends a case here, not the loop around it.
    for arm in arms:
        arm[:] = [s for s in arm if not (isinstance(s, t.Leave) and s.kind == "break")]
    return t.Branch(_line(node), [_field(node, "value")], arms)


def _while(node: Node) -> t.Node:
    return t.Loop(_line(node), _field(node, "condition"), None, None, _body(node.child_by_field_name("body")))


def _for(node: Node) -> t.Node:
    start = node.child_by_field_name("initializer")
    condition = node.child_by_field_name("condition")
    empty = condition is None or condition.type in ("empty_statement", ";")
    test: t.Node = t.Const(_line(node), True) if empty or condition is None else lower(condition)
    loop = t.Loop(_line(node), test, None, None, _body(node.child_by_field_name("body")), _optional(node, "increment"))
    return loop if start is None else t.Block(_line(node), [lower(start), loop])


def _for_in(node: Node) -> t.Node:
    over: t.Node = _field(node, "right")
    if any(c.type == "await" for c in node.children):
        over = t.Pause(_line(node), over)
    left = node.child_by_field_name("left")
    names = list(_bind(left, over)) if left is not None and left.type.endswith("_pattern") else []
    target: t.Node = t.Name(_line(node), "%each") if names or left is None else lower(left)
    return t.Loop(_line(node), None, target, over, names + _body(node.child_by_field_name("body")))


def _try(node: Node) -> t.Node:
    handler = node.child_by_field_name("handler")
    last = node.child_by_field_name("finalizer")
    rescue = [_body(handler.child_by_field_name("body"))] if handler is not None else []
    return t.Try(
        _line(node),
        _body(node.child_by_field_name("body")),
        rescue,
        _body(last.child_by_field_name("body")) if last is not None else [],
    )


def _leave(kind: str) -> Callable[[Node], t.Node]:
    def make(node: Node) -> t.Node:
        value = next((c for c in node.named_children if c.type not in ("comment", "statement_identifier")), None)
        return t.Leave(_line(node), kind, lower(value) if value is not None else None)

    return make


def _pause(node: Node) -> t.Node:
    value = next((c for c in node.named_children if c.type != "comment"), None)
    return t.Pause(_line(node), lower(value) if value is not None else None)


def _regex(node: Node) -> t.Node:
    pattern = t.Const(_line(node), _text(node.child_by_field_name("pattern")))
    return t.Call(_line(node), t.Name(_line(node), "RegExp"), [pattern])


def _branches(node: Node) -> t.Node:
    arms = [_field(node, "consequence"), _field(node, "alternative")]
    return t.Choice(_line(node), _field(node, "condition"), arms)


_MAKERS: dict[str, Callable[[Node], t.Node]] = {
    "identifier": lambda n: t.Name(_line(n), _text(n)),
    "this": lambda n: t.Name(_line(n), "this"),
    "string": _string,
    "number": _number,
    "true": lambda n: t.Const(_line(n), True),
    "false": lambda n: t.Const(_line(n), False),
    "null": lambda n: t.Const(_line(n), None),
    "template_string": _template,
    "parenthesized_expression": _wrapped,
    "as_expression": _wrapped,
    "satisfies_expression": _wrapped,
    "non_null_expression": _wrapped,
    "type_assertion": lambda n: lower(n.named_children[-1]) if n.named_children else _nothing(n),
    "sequence_expression": _sequence,
    "expression_statement": _wrapped,
    "spread_element": _spread,
    "member_expression": _member,
    "subscript_expression": lambda n: t.Index(_line(n), _field(n, "object"), _field(n, "index")),
    "call_expression": _call,
    "new_expression": _call,
    "binary_expression": _binary,
    "unary_expression": _unary,
    "update_expression": _update,
    "ternary_expression": _branches,
    "array": lambda n: t.Group(_line(n), [lower(c) for c in n.named_children]),
    "object": _table,
    "lexical_declaration": _declaration,
    "variable_declaration": _declaration,
    "assignment_expression": _assignment,
    "augmented_assignment_expression": _augmented,
    "function_declaration": _function,
    "function_expression": _function,
    "generator_function_declaration": _function,
    "generator_function": _function,
    "arrow_function": _function,
    "method_definition": _function,
    "class_declaration": _class,
    "abstract_class_declaration": _class,
    "class": _class,
    "field_definition": _class_field,
    "public_field_definition": _class_field,
    "import_statement": _import,
    "export_statement": _export,
    "statement_block": lambda n: t.Block(_line(n), _body(n)),
    "if_statement": _if,
    "switch_statement": _switch,
    "while_statement": _while,
    "do_statement": _while,
    "for_statement": _for,
    "for_in_statement": _for_in,
    "try_statement": _try,
    "return_statement": _leave("return"),
    "throw_statement": _leave("raise"),
    "break_statement": _leave("break"),
    "continue_statement": _leave("continue"),
    "await_expression": _pause,
    "yield_expression": _pause,
    "regex": _regex,
    "type_annotation": _nothing,
    "type_arguments": _nothing,
    "type_parameters": _nothing,
    "interface_declaration": _nothing,
    "type_alias_declaration": _nothing,
    "comment": _nothing,
}
