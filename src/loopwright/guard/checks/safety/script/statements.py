"""JavaScript's statements, functions and classes as the checks' tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.script.nodes import (
    Maker,
    body_of,
    field,
    line_of,
    lower,
    nothing,
    optional,
)
from loopwright.guard.grammar import text_of

if TYPE_CHECKING:
    from tree_sitter import Node


def _bind(target: Node | None, value: t.Node) -> Iterator[t.Node]:
    """Yield the assignments that a pattern stands for."""
    if target is None:
        return
    line = line_of(target)
    if target.type in ("object_pattern", "array_pattern"):
        base = value if isinstance(value, t.Name) else t.Name(line, f"%{target.start_byte}")
        if base is not value:
            yield t.Assign(line, [base], value)
        for child in target.named_children:
            if child.type == "shorthand_property_identifier_pattern":
                yield t.Assign(line, [t.Name(line, text_of(child))], t.Attr(line, base, text_of(child)))
            elif child.type == "pair_pattern":
                yield from _bind(
                    child.child_by_field_name("value"),
                    t.Attr(line, base, text_of(child.child_by_field_name("key")).strip("'\"")),
                )
            elif child.type == "object_assignment_pattern":
                left = child.child_by_field_name("left")
                yield t.Assign(line, [t.Name(line, text_of(left))], t.Attr(line, base, text_of(left)))
            else:
                yield from _bind(child, _placed(target, child, base))
    elif target.type in ("assignment_pattern", "rest_pattern", "rest_element"):
        held = target.child_by_field_name("left")
        yield from _bind(held or (target.named_children[0] if target.named_children else None), value)
    else:
        yield t.Assign(line, [lower(target)], value)


def _placed(pattern: Node, child: Node, base: t.Node) -> t.Node:
    """What stands at the place of a part of `[a, , ...rest]`."""
    line = line_of(pattern)
    if pattern.type != "array_pattern":
        return t.Index(line, base, t.Several(line, []))
    place = t.Const(line, sum(c.type == "," and c.start_byte < child.start_byte for c in pattern.children))
    if child.type in ("rest_pattern", "rest_element"):
        return t.Op(line, "[:]", base, t.Several(line, [place, t.Const(line, None)]))
    return t.Index(line, base, place)


def _declaration(node: Node) -> t.Node:
    made: list[t.Node] = []
    for each in node.named_children:
        value = each.child_by_field_name("value") if each.type == "variable_declarator" else None
        if value is not None:
            lowered = lower(value)
            name = each.child_by_field_name("name")
            if isinstance(lowered, t.Func) and not lowered.name and name is not None and name.type == "identifier":
                lowered.name = text_of(name)
            made += _bind(name, lowered)
    return made[0] if len(made) == 1 else t.Block(line_of(node), made)


def _assignment(node: Node) -> t.Node:
    left = node.child_by_field_name("left")
    value = field(node, "right")
    made = list(_bind(left, value))
    return made[0] if len(made) == 1 else t.Several(line_of(node), made)


def _augmented(node: Node) -> t.Node:
    operator = text_of(node.child_by_field_name("operator")).removesuffix("=")
    return t.Assign(line_of(node), [field(node, "left")], field(node, "right"), operator)


#: Decorators of parameters that hold what a request sent.
_REQUESTED = frozenset({"Query", "Body", "Param", "Headers", "Req", "Request", "QueryParam", "BodyParam"})


def _is_answered(parameter: Node) -> bool:
    """True for `@Query("host") host: string`."""
    return any(
        c.type == "decorator" and text_of(c).lstrip("@").split("(")[0] in _REQUESTED for c in parameter.named_children
    )


def lower_function(node: Node) -> t.Node:
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
            names.append(text_of(target))
            if _is_answered(each):
                told = t.Attr(line_of(each), t.Name(line_of(each), "%request"), "query")
                prologue.append(t.Assign(line_of(each), [t.Name(line_of(each), names[-1])], told))
            rest = names[-1] if further else rest
        elif target.type != "comment":
            names.append(f"%{target.start_byte}")
            prologue += _bind(target, t.Name(line_of(target), names[-1]))
        if default is not None and names:
            defaults[names[-1]] = lower(default)
    body = node.child_by_field_name("body")
    line = line_of(node)
    if body is not None and body.type != "statement_block":
        lowered: list[t.Node] = [t.Leave(line, "return", lower(body))]
    else:
        lowered = body_of(body)
    if node.type.startswith("generator") or any(c.type == "*" for c in node.children[:3]):
        lowered.insert(0, t.Pause(line, None, True))
    kinds = {c.type for c in node.children[:3]}
    words = (("property", "get"), ("setter", "set"), ("static", "static"))
    marks: list[t.Node] = [t.Name(line, mark) for mark, word in words if word in kinds]
    later = any(c.type in ("async", "*") for c in node.children[:3]) or node.type.startswith("generator")
    name = text_of(node.child_by_field_name("name"))
    return t.Func(line, name, names, prologue + lowered, marks, defaults, "", rest, later)


def _class(node: Node) -> t.Node:
    name = text_of(node.child_by_field_name("name"))
    heritage = [lower(c) for c in node.named_children if c.type == "class_heritage"]
    body = body_of(node.child_by_field_name("body"))
    for each in body:
        if isinstance(each, t.Func):
            each.owner = name or "class"
    return t.Class(line_of(node), name, heritage, body)


def _class_field(node: Node) -> t.Node:
    value = node.child_by_field_name("value")
    prop = node.child_by_field_name("property") or node.child_by_field_name("name")
    if value is None:
        return nothing(node)
    return t.Assign(line_of(node), [t.Attr(line_of(node), t.Name(line_of(node), "this"), text_of(prop))], lower(value))


def _import(node: Node) -> t.Node:
    source = node.child_by_field_name("source")
    module = text_of(source)[1:-1]
    names: list[tuple[str, str]] = []
    pending = [c for c in node.named_children if c.type == "import_clause"]
    if any(c.type == "type" for c in node.children):
        return nothing(node)
    while pending:
        child = pending.pop()
        if child.type == "import_specifier":
            name = text_of(child.child_by_field_name("name"))
            names.append((text_of(child.child_by_field_name("alias")) or name, name))
        elif child.type == "identifier":
            names.append((text_of(child), ""))
        else:
            pending.extend(child.named_children)
    return t.Import(line_of(node), module, names, module.startswith("."))


def _export(node: Node) -> t.Node:
    source = node.child_by_field_name("source")
    if source is not None:
        return t.Import(line_of(node), text_of(source)[1:-1], [], text_of(source)[1:2] == ".")
    return t.Block(line_of(node), [lower(c) for c in node.named_children if c.type != "export_clause"])


def _if(node: Node) -> t.Node:
    other = node.child_by_field_name("alternative")
    arms = [body_of(node.child_by_field_name("consequence")), [lower(c) for c in other.named_children] if other else []]
    return t.Branch(line_of(node), [field(node, "condition")], arms)


def _switch(node: Node) -> t.Node:
    body = node.child_by_field_name("body")
    # A case without statements of its own is the next one.
    cases = [c for c in body.named_children if c.children_by_field_name("body")] if body is not None else []
    arms = [[lower(s) for s in c.named_children] for c in cases]
    # `break` ends a case here, not the loop around it.
    for arm in arms:
        arm[:] = [s for s in arm if not (isinstance(s, t.Leave) and s.kind == "break")]
    return t.Branch(line_of(node), [field(node, "value")], arms)


def _while(node: Node) -> t.Node:
    return t.Loop(line_of(node), field(node, "condition"), None, None, body_of(node.child_by_field_name("body")))


def _do(node: Node) -> t.Node:
    body = body_of(node.child_by_field_name("body"))
    return t.Loop(line_of(node), field(node, "condition"), None, None, body, None, [], True)


def _for(node: Node) -> t.Node:
    start = node.child_by_field_name("initializer")
    condition = node.child_by_field_name("condition")
    empty = condition is None or condition.type in ("empty_statement", ";")
    test: t.Node = t.Const(line_of(node), True) if empty or condition is None else lower(condition)
    loop = t.Loop(
        line_of(node), test, None, None, body_of(node.child_by_field_name("body")), optional(node, "increment")
    )
    return loop if start is None else t.Block(line_of(node), [lower(start), loop])


def _for_in(node: Node) -> t.Node:
    over: t.Node = field(node, "right")
    if any(c.type == "await" for c in node.children):
        over = t.Pause(line_of(node), over)
    left = node.child_by_field_name("left")
    names = list(_bind(left, over)) if left is not None and left.type.endswith("_pattern") else []
    target: t.Node = t.Name(line_of(node), "%each") if names or left is None else lower(left)
    return t.Loop(line_of(node), None, target, over, names + body_of(node.child_by_field_name("body")))


def _try(node: Node) -> t.Node:
    handler = node.child_by_field_name("handler")
    last = node.child_by_field_name("finalizer")
    rescue = [body_of(handler.child_by_field_name("body"))] if handler is not None else []
    return t.Try(
        line_of(node),
        body_of(node.child_by_field_name("body")),
        rescue,
        body_of(last.child_by_field_name("body")) if last is not None else [],
        bool(rescue),
    )


def _leave(kind: str) -> Callable[[Node], t.Node]:
    def make(node: Node) -> t.Node:
        value = next((c for c in node.named_children if c.type not in ("comment", "statement_identifier")), None)
        return t.Leave(line_of(node), kind, lower(value) if value is not None else None)

    return make


STATEMENTS: dict[str, Maker] = {
    "lexical_declaration": _declaration,
    "variable_declaration": _declaration,
    "assignment_expression": _assignment,
    "augmented_assignment_expression": _augmented,
    "function_declaration": lower_function,
    "function_expression": lower_function,
    "generator_function_declaration": lower_function,
    "generator_function": lower_function,
    "arrow_function": lower_function,
    "method_definition": lower_function,
    "class_declaration": _class,
    "abstract_class_declaration": _class,
    "class": _class,
    "field_definition": _class_field,
    "public_field_definition": _class_field,
    "import_statement": _import,
    "export_statement": _export,
    "statement_block": lambda n: t.Block(line_of(n), body_of(n)),
    "if_statement": _if,
    "switch_statement": _switch,
    "while_statement": _while,
    "do_statement": _do,
    "for_statement": _for,
    "for_in_statement": _for_in,
    "try_statement": _try,
    "return_statement": _leave("return"),
    "throw_statement": _leave("raise"),
    "break_statement": _leave("break"),
    "continue_statement": _leave("continue"),
}
