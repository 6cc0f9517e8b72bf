"""A shell script as the tree that all languages have in common: its variables, numbers, loops and branches.

Commands are kept for what they do to the way through a script alone; for what they do otherwise it has no part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.shell import arithmetic
from loopwright.guard.grammar import shell_text_of

if TYPE_CHECKING:
    from tree_sitter import Node

_TESTS = {
    "-lt": "<", "-le": "<=", "-gt": ">", "-ge": ">=", "-eq": "==", "-ne": "!=", "=": "==", "==": "==", "!=": "!=",
    "<": "<", ">": ">",
}  # fmt: skip
#: Commands that give variables a value from elsewhere.
_SETTING = frozenset({"read", "mapfile", "readarray", "getopts", "eval", "source", ".", "shift", "set", "unset"})


def lower(root: Node, functions: dict[str, Node]) -> list[t.Node]:
    """Return the statements of a script, with the names first that its functions set."""
    lowering = _Lowering(functions.keys())
    made = lowering.block(root.named_children)
    bodies = [lowering.body(each) for each in functions.values()]
    names = {name for body in bodies for name in t.names_set(body)}
    return [t.Shared(0, sorted(names)), *made]


def _line(node: Node) -> int:
    return node.start_point[0] + 1


def _nothing(node: Node) -> t.Node:
    return t.Several(_line(node), [])


class _Lowering:
    """Lowers the nodes of one script; `functions`: the names of those that it defines."""

    def __init__(self, functions: Collection[str]) -> None:
        self._functions = functions

    def block(self, nodes: list[Node]) -> list[t.Node]:
        return [self.statement(node) for node in nodes if node.type != "comment"]

    def statement(self, node: Node) -> t.Node:
        act = _STATEMENTS.get(node.type)
        return act(self, node) if act is not None else self.foreign(node)

    def foreign(self, node: Node) -> t.Node:
        """A command, which may be a function of the script, and set what the functions set."""
        name = shell_text_of(node.child_by_field_name("name")) if node.type == "command" else ""
        if node.type == "command" and name not in self._functions and name not in _SETTING:
            return _nothing(node)
        return t.Call(_line(node), t.Name(_line(node), "%foreign"), [])

    def assignment(self, node: Node) -> t.Node:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        held = self.value(value) if value is not None else t.Const(_line(node), "")
        operator = "+" if any(c.type == "+=" for c in node.children) else ""
        target = t.Name(_line(node), shell_text_of(name))
        return t.Assign(_line(node), [target], _nothing(node) if operator else held)

    def value(self, node: Node) -> t.Node:
        """What a word stands for: a number, a text, a variable, what is reckoned."""
        text, line = shell_text_of(node), _line(node)
        inner = node.named_children[0] if node.type == "string" and len(node.named_children) == 1 else None
        if inner is not None and len(shell_text_of(inner)) + 2 == len(text):
            return self.value(inner)
        if node.type in ("raw_string", "string_content") or (node.type == "string" and not node.named_children):
            plain = text[1:-1] if node.type != "string_content" else text
            return t.Const(line, int(plain) if re.fullmatch(r"-?\d{1,18}", plain) else plain)
        if node.type in ("word", "number"):
            return t.Const(line, int(text) if re.fullmatch(r"-?\d{1,18}", text) else text)
        if re.fullmatch(r"\$\{?[A-Za-z_]\w*\}?", text):
            return t.Name(line, text.strip("${}"))
        if node.type == "arithmetic_expansion":
            return arithmetic.parse(text[3:-2] if text.startswith("$((") else text[2:-1], line)
        reckoned = re.fullmatch(r"(?:\$\(|`)\s*expr\s+([^()`|;]+)(?:\)|`)", text)
        return arithmetic.parse(reckoned[1].replace("\\", ""), line) if reckoned else t.Several(line, [])

    def test(self, node: Node | None) -> t.Node:
        """What a condition asks for."""
        if node is None:
            return t.Several(0, [])
        line = _line(node)
        if node.type == "test_command" and len(node.named_children) == 1:
            return self.compared(node.named_children[0])
        if node.type == "compound_statement" and shell_text_of(node).startswith("(("):
            asked = arithmetic.parse(shell_text_of(node)[2:-2], line)
            return t.Several(line, [asked]) if isinstance(asked, t.Assign) else asked
        if node.type == "negated_command" and node.named_children:
            return t.Op(line, "not", self.test(node.named_children[0]), t.Const(line, None))
        if node.type == "list" and len(node.named_children) == 2:
            joined = "and" if any(c.type == "&&" for c in node.children) else "or"
            first, second = (self.test(c) for c in node.named_children)
            return t.Choice(line, first, [second], joined)
        if node.type == "command":
            words = shell_text_of(node).split()
            if words in (["true"], [":"], ["false"]):
                return t.Const(line, words != ["false"])
            if words and words[0] == "test" and len(node.named_children) == 4:
                left, operator, right = node.named_children[1:]
                return self.compare(line, left, shell_text_of(operator), right)
        return t.Several(line, [self.foreign(node)])

    def compared(self, node: Node) -> t.Node:
        if node.type == "binary_expression" and len(node.children) == 3:
            left, operator, right = node.children
            return self.compare(_line(node), left, shell_text_of(operator), right)
        if node.type == "unary_expression" and shell_text_of(node.children[0]) == "!" and len(node.children) == 2:
            return t.Op(_line(node), "not", self.compared(node.children[1]), t.Const(_line(node), None))
        asked = shell_text_of(node.children[0]) if node.type == "unary_expression" and len(node.children) == 2 else ""
        if asked in ("-n", "-z"):
            blank = t.Const(_line(node), "")
            return t.Op(_line(node), "!=" if asked == "-n" else "==", self.value(node.children[1]), blank)
        if node.type in ("simple_expansion", "expansion", "string", "word", "number"):
            return t.Op(_line(node), "!=", self.value(node), t.Const(_line(node), ""))
        return _nothing(node)

    def compare(self, line: int, left: Node, operator: str, right: Node) -> t.Node:
        known = _TESTS.get(operator)
        return t.Op(line, known, self.value(left), self.value(right)) if known else t.Several(line, [])

    def command(self, node: Node) -> t.Node:
        words = node.named_children
        name = shell_text_of(words[0]) if words else ""
        line = _line(node)
        if name in ("break", "continue"):
            return t.Leave(line, name)
        if name in ("exit", "return", "exec"):
            return t.Leave(line, "return")
        if name == "let" and len(words) > 1:
            return t.Block(line, [arithmetic.parse(shell_text_of(w).strip("'\""), line) for w in words[1:]])
        if name in _SETTING:
            given = [w for w in words[1:] if shell_text_of(w).isidentifier()]
            unknown = [t.Assign(line, [t.Name(line, shell_text_of(w))], t.Several(line, [])) for w in given]
            return t.Block(line, [*unknown, self.foreign(node)])
        return self.foreign(node)

    def joined(self, node: Node) -> t.Node:
        """`a && b`, `a || b`."""
        if len(node.named_children) != 2:
            return self.foreign(node)
        first, second = node.named_children
        arms = [[self.statement(second)], []]
        if any(c.type == "||" for c in node.children):
            arms.reverse()
        before = [self.statement(first)] if first.type == "list" else []
        return t.Block(_line(node), [*before, t.Branch(_line(node), [self.test(first)], arms)])

    def branch(self, node: Node) -> t.Node:
        condition = node.child_by_field_name("condition")
        held = [c for c in node.named_children if c.type not in ("elif_clause", "else_clause", "comment")]
        if condition is None or len(node.children_by_field_name("condition")) > 2:
            return self.foreign(node)
        after = [c for c in held if c.start_byte > condition.end_byte]
        otherwise: list[t.Node] = []
        for each in reversed([c for c in node.named_children if c.type in ("elif_clause", "else_clause")]):
            otherwise = (
                self.block(each.named_children) if each.type == "else_clause" else [self.otherwise(each, otherwise)]
            )
        return t.Branch(_line(node), [self.test(condition)], [self.block(after), otherwise])

    def otherwise(self, node: Node, otherwise: list[t.Node]) -> t.Node:
        held = node.named_children
        return t.Branch(_line(node), [self.test(held[0] if held else None)], [self.block(held[1:]), otherwise])

    def cases(self, node: Node) -> t.Node:
        """`case $x in 0) … ;; *) … ;; esac`, as branches where all that it compares with is written plainly."""
        line, subject = _line(node), node.child_by_field_name("value")
        made: list[t.Node] = []
        for item in reversed([c for c in node.named_children if c.type == "case_item"]):
            patterns = item.children_by_field_name("value")
            arm = self.block([c for c in item.named_children if c.type in _STATEMENTS])
            texts = [shell_text_of(p) for p in patterns]
            if texts == ["*"]:
                made = arm
            elif subject is not None and len(texts) == 1 and re.fullmatch(r"[\w-]+", texts[0]):
                made = [t.Branch(line, [t.Op(line, "==", self.value(subject), self.value(patterns[0]))], [arm, made])]
            else:
                made = [t.Branch(line, [t.Several(line, [])], [arm, made])]
        return t.Block(line, made)

    def while_loop(self, node: Node) -> t.Node:
        test = self.test(node.child_by_field_name("condition"))
        if shell_text_of(node).startswith("until"):
            test = t.Op(_line(node), "not", test, t.Const(_line(node), None))
        return t.Loop(_line(node), test, None, None, self.body(node))

    def body(self, node: Node) -> list[t.Node]:
        body = node.child_by_field_name("body")
        return self.block(body.named_children) if body is not None else []

    def counted(self, node: Node) -> t.Node:
        """`for ((i = 0; i < n; i++))`"""
        head = re.match(r"for\s*\(\(([^;]*);([^;]*);(.*?)\)\)\s*(?:;|\n|do|\{)", shell_text_of(node), re.DOTALL)
        if head is None:
            return self.foreign(node)
        first, test, step = (arithmetic.parse(part, _line(node)) for part in head.groups())
        asked = test if head[2].strip() else t.Const(_line(node), True)
        return t.Block(_line(node), [first, t.Loop(_line(node), asked, None, None, self.body(node), step)])

    def each(self, node: Node) -> t.Node:
        target = t.Name(_line(node), shell_text_of(node.child_by_field_name("variable")))
        values: list[t.Node] = [self.value(v) for v in node.children_by_field_name("value")]
        known = all(isinstance(v, t.Const) and "*" not in str(v.value) and "{" not in str(v.value) for v in values)
        over: t.Node = t.Group(_line(node), values) if known and values else t.Several(_line(node), [])
        return t.Loop(_line(node), None, target, over, self.body(node))

    def arithmetic_or_block(self, node: Node) -> t.Node:
        text = shell_text_of(node)
        if text.startswith("(("):
            return t.Block(_line(node), [arithmetic.parse(part, _line(node)) for part in text[2:-2].split(",")])
        return t.Block(_line(node), self.block(node.named_children))

    def declared(self, node: Node) -> t.Node:
        return t.Block(_line(node), [self.statement(c) for c in node.named_children if c.type == "variable_assignment"])

    def function(self, node: Node) -> t.Node:
        return t.Func(_line(node), shell_text_of(node.child_by_field_name("name")), [], self.body(node))

    def redirected(self, node: Node) -> t.Node:
        body = node.child_by_field_name("body")
        return self.statement(body) if body is not None else _nothing(node)


_STATEMENTS: dict[str, Callable[[_Lowering, Node], t.Node]] = {
    "variable_assignment": _Lowering.assignment,
    "command": _Lowering.command,
    "list": _Lowering.joined,
    "if_statement": _Lowering.branch,
    "case_statement": _Lowering.cases,
    "while_statement": _Lowering.while_loop,
    "c_style_for_statement": _Lowering.counted,
    "for_statement": _Lowering.each,
    "compound_statement": _Lowering.arithmetic_or_block,
    "declaration_command": _Lowering.declared,
    "redirected_statement": _Lowering.redirected,
    "function_definition": _Lowering.function,
    "subshell": _Lowering.foreign,
    "pipeline": _Lowering.foreign,
    "test_command": lambda _, node: _nothing(node),
    "negated_command": _Lowering.foreign,
}
