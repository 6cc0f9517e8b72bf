"""Follows a shell script through variables, pipes and substitutions: a command is judged on what it is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from loopwright.core.rules import Level
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.finding import Found, Name, SafetyConfig
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.lasting import lasts, passes_on
from loopwright.guard.checks.safety.shell.braces import written_out
from loopwright.guard.checks.safety.shell.reading import read_command
from loopwright.guard.checks.safety.shell.redirects import read_redirects
from loopwright.guard.checks.safety.shell.seen import Command as Command
from loopwright.guard.checks.safety.shell.statements import STATEMENTS
from loopwright.guard.checks.safety.shell.variables import judge_preload, set_variable
from loopwright.guard.checks.safety.shell.words import arguments, expand
from loopwright.guard.grammar import parse, shell_text_of

if TYPE_CHECKING:
    from tree_sitter import Node

Judge = Callable[[str, str, int, int], None]
_DEEPEST = 40
#: Words of a loop for each of which its body is followed.
_EACH = 6
#: Statements of which a part may not run.
_PERHAPS = frozenset({"if_statement", "case_statement", "function_definition", "for_statement"})


class Shell:
    """One script. `run_command` judges a command and returns what it prints."""

    def __init__(
        self, config: SafetyConfig, judge: Judge, run_command: Callable[[Shell, Command], Value], depth: int
    ) -> None:
        self.config = config
        self.depth = depth
        self.found: dict[tuple[str, int, str], Found] = {}
        self.names: dict[str, Value] = {
            "HOME": Value("~"),
            "PWD": Value(places.HOLE),
            "IFS": Value(" "),
            "SHELL": Value("/bin/sh"),
            "OLDPWD": Value(places.HOLE),
        }
        self.functions: dict[str, Node] = {}
        self.dropped: dict[str, int] = {}  # files from the network, by their last name
        self.bare: set[str] = set()  # those of them from an address without a name or encryption
        self.files: dict[str, int] = {}  # origins of what the script writes to files
        self.raw = ""  # the command being judged as it is written
        self.foreign = False  # an archive or repository from an address that nobody vouches for
        self.elsewhere: frozenset[str] = frozenset()  # the checks that hold where the command runs, empty for all
        self.checked = False  # a digest or signature is compared
        self.endless = False
        self.looping = 0  # loops around the current place
        self.lasting = 0  # the line of what the current place never gets past, 0 where there is none
        self.root: Node | None = None
        self.calls: dict[str, int] = {}  # how often each function calls itself
        self._judge = judge
        self._run_command = run_command
        self._deep = 0
        self.turns = 1  # how often the current place runs, as far as counted loops tell
        self._running: list[str] = []
        self.turning = 1  # how often the current place runs, though it may wait
        self._traps = False  # something else may come in between
        self._over = False  # in a loop that is followed for each of its words

    @property
    def within(self) -> bool:
        """True where a program runs the command."""
        return self.depth > 0

    @property
    def in_function(self) -> bool:
        return bool(self._running)

    def report(self, name: Name, level: Level, line: int, reason: str) -> None:
        if self.elsewhere and name not in self.elsewhere:
            return
        key = (name, line, reason)
        self.found.setdefault(key, Found(name, self.config.capped(name, level), line, reason))

    def judge(self, language: str, text: str, line: int) -> None:
        if text.strip():
            self._judge(language, text, line, self.depth + 1)

    def run(self, text: str) -> bool:
        """Follow a script; return whether all of it could be parsed."""
        root = parse("bash", text)
        if root is not None and root.has_error and (plain := written_out(text)) != text:
            root = parse("bash", plain)
        if root is None:
            return False
        for child in root.named_children:
            if child.type == "function_definition":
                self._define(child)
        self.root, self._traps = root, "trap " in text
        self.body(root)
        return not root.has_error

    # ------------------------------------------------------------ statements

    def body(self, node: Node, stdin: Value | None = None) -> Value:
        """Follow the statements below a node and return what they print."""
        printed: list[Value] = []
        children = node.children
        for index, child in enumerate(children):
            if child.type in STATEMENTS:
                background = index + 1 < len(children) and children[index + 1].type == "&"
                printed.append(self.statement(child, stdin or Value(), background))
                self._lasts(child, background, children[index + 1 :])
                if node.type == "program" and child.type in ("command", "pipeline") and not background:
                    self._unending(printed[-1], child)
        return printed[0] if len(printed) == 1 else v.concatenate(printed) if printed else Value()

    def _lasts(self, node: Node, background: bool, following: list[Node]) -> None:
        """Report what never ends where something follows that then never runs."""
        if background or node.type in _PERHAPS or self._traps:
            self.lasting = 0
        if self.lasting and any(f.type in STATEMENTS and f.type != "function_definition" for f in following):
            self.report(
                "time",
                "block",
                self.lasting,
                "this never ends, so what follows is never run; with `timeout 60`, a count or `&` it is fine",
            )
            self.lasting = 0

    def _unending(self, printed: Value, node: Node) -> None:
        if printed.ref == "endless":
            line = node.start_point[0] + 1
            self.report("time", "block", line, "this prints without end; `| head -n 100` or `timeout 10` is fine")

    def statement(self, node: Node, stdin: Value, background: bool = False) -> Value:
        self._deep += 1
        try:
            if self._deep > _DEEPEST:
                return Value()
            handler = getattr(self, f"_{node.type}", None)
            if node.type == "command":
                return self._command(node, stdin, background)
            if handler is not None and node.type in STATEMENTS:
                result = handler(node, stdin)
                return result if isinstance(result, Value) else Value()
            return self.body(node, stdin)
        finally:
            self._deep -= 1

    def _pipeline(self, node: Node, stdin: Value) -> Value:
        stream = stdin
        for child in node.named_children:
            if child.type in STATEMENTS:
                lasting = self.lasting
                stream = self.statement(child, stream)
                if lasting and not self.lasting and passes_on(shell_text_of(child)):
                    self.lasting = lasting
                elif lasting == self.lasting and not passes_on(shell_text_of(child)):
                    self.lasting = 0
        return stream

    def _redirected_statement(self, node: Node, stdin: Value) -> Value:
        given, writes, after = read_redirects(self, node, stdin)
        body = node.child_by_field_name("body")
        if body is None:
            printed = given
        elif body.type == "command":
            printed = self._command(body, given, False, writes)
            writes = []
        else:
            printed = self.statement(body, given)
        for target in writes:
            self.write(target, printed, node.start_point[0] + 1)
        for each in after:
            printed = self.statement(each, printed)
        return printed

    def _variable_assignment(self, node: Node, stdin: Value) -> None:
        set_variable(self, node)

    def preload(self, name: str, value: Value, line: int) -> None:
        """Judge a variable that changes what programs load and from where packages come."""
        judge_preload(self, name, value, line)

    def _declaration_command(self, node: Node, stdin: Value) -> None:
        for child in node.named_children:
            if child.type == "variable_assignment":
                self._variable_assignment(child, stdin)

    def _function_definition(self, node: Node, stdin: Value) -> None:
        name = self._define(node)
        body = node.child_by_field_name("body")
        if body is not None and name not in self._running:
            kept = dict(self.names)
            self._running.append(name)
            self.body(body)
            self._running.pop()
            self.lasting, self.names = 0, kept

    def _define(self, node: Node) -> str:
        name = shell_text_of(node.child_by_field_name("name"))
        self.functions[name] = node
        return name

    def _for_statement(self, node: Node, stdin: Value) -> Value:
        values = [expand(self, c) for c in node.children_by_field_name("value")]
        self.names[shell_text_of(node.child_by_field_name("variable"))] = (
            values[0] if len(values) == 1 and not values[0].ref else v.join(values)
        )
        written = " ".join(shell_text_of(c) for c in node.children_by_field_name("value"))
        name = shell_text_of(node.child_by_field_name("variable"))
        plain = [x for x in values if x.text and places.HOLE not in x.text][:_EACH]
        if len(values) > 1 and self.turns == 1 and not self._over:
            self._over = True
            for each in plain:
                self.names[name] = Value(each.const, "", each.labels)
                self._counted(node, stdin, written)
            self._over = False
        self.names[name] = v.join(values) if len(values) != 1 or values[0].ref else values[0]
        return self._counted(node, stdin, written)

    def _counted(self, node: Node, stdin: Value, text: str) -> Value:
        from loopwright.guard.checks.safety.shell.loops import judge_counted

        around = self.turns
        self.turns = judge_counted(self, node, text, around)
        self.turning = self.turns
        printed = self._loop_body(node, stdin, self.endless)
        self.turns = self.turning = around
        return printed

    def _c_style_for_statement(self, node: Node, stdin: Value) -> Value:
        from loopwright.guard.checks.safety.shell.turns import turns

        text = shell_text_of(node)[:200]
        return self._counted(node, stdin, text) if turns(text) else self._repeat(node, stdin)

    def _while_statement(self, node: Node, stdin: Value) -> Value:
        condition = node.child_by_field_name("condition")
        if condition is not None and condition.type in STATEMENTS:
            self.statement(condition, stdin)
        if stdin.ref == "endless":
            from loopwright.guard.checks.safety.shell.loops import judge_stream

            judge_stream(self, node)
        return self._repeat(node, stdin)

    def _repeat(self, node: Node, stdin: Value) -> Value:
        from loopwright.guard.checks.safety.shell.loops import judge_loop, judge_turns
        from loopwright.guard.checks.safety.shell.turns import counted_turns

        endless = judge_loop(self, node)
        lasting, self.lasting = self.lasting, 0
        around = self.turns
        self.turns = around * max(1, counted_turns(self, node))
        judge_turns(self, self.turns if self.turns > around else 0, node.start_point[0] + 1)
        printed = self._loop_body(node, stdin, endless or self.endless)
        self.lasting, self.turns = lasting, around
        return printed

    def _loop_body(self, node: Node, stdin: Value, endless: bool) -> Value:
        before, self.endless = self.endless, endless
        self.looping += 1
        body = node.child_by_field_name("body")
        printed = self.body(body, stdin) if body is not None else Value()
        self.endless = before
        self.looping -= 1
        return printed

    # ------------------------------------------------------------ commands

    def _command(self, node: Node, stdin: Value, background: bool = False, writes: list[Value] | None = None) -> Value:
        command = read_command(self, node, stdin, writes or [])
        command.background = background
        self.raw = shell_text_of(node)[:2000]
        for name, value in command.env.items():
            self.preload(name, value, command.line)
        if not background and lasts(command.argv):
            self.lasting = command.line
        printed = self.execute(command)
        for target in command.writes:
            self.write(target, printed, command.line, command)
        return printed

    def execute(self, command: Command) -> Value:
        """Judge a command with its words known."""
        name = command.words[0].text if command.words else ""
        if name in self.functions and name not in self._running and len(self._running) < 5:
            body = self.functions[name].child_by_field_name("body")
            kept: dict[str, Value] = {k: self.names[k] for k in ("1", "2", "@") if k in self.names}
            self.names.update({str(i): w for i, w in enumerate(command.words[1:], 1)})
            self.names["@"] = arguments(command.words[1:])
            self._running.append(name)
            printed = self.body(body, command.stdin) if body is not None else Value()
            self._running.pop()
            self.names.update(kept)
            return printed
        if name in self._running:
            self.calls[name] = self.calls.get(name, 0) + 1
        return self._run_command(self, command)

    def write(self, target: Value, data: Value, line: int, command: Command | None = None) -> None:
        """Judge a redirection."""
        from loopwright.guard.checks.safety.shell.files import judge_write

        judge_write(self, target, data, line, command)

    def content(self, path: Value, line: int) -> Value:
        """Return what is read from a file."""
        from loopwright.guard.checks.safety.shell.files import read_file

        return read_file(self, path, line)
