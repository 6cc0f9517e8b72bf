"""Follows a shell script through variables, pipes and substitutions: a command is judged on what it is given."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from loopwright.core.rules import Level
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.calls.transport import judge_variable
from loopwright.guard.checks.safety.finding import Found, Name, SafetyConfig
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.seen import Command as Command

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

Judge = Callable[[str, str, int, int], None]
_DEEPEST = 40
#: Variables that say where package managers look.
_INDEXES = frozenset(
    {"pip_index_url", "pip_extra_index_url", "goproxy", "npm_config_registry", "uv_index_url", "uv_default_index"}
)
_STATEMENTS = frozenset(
    {
        "command", "pipeline", "list", "redirected_statement", "subshell", "compound_statement", "if_statement",
        "while_statement", "for_statement", "c_style_for_statement",
        "function_definition", "case_statement", "variable_assignment", "variable_assignments",
        "declaration_command", "negated_command", "do_group", "unset_command", "elif_clause", "else_clause",
        "case_item", "ERROR",
    }
)  # fmt: skip


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


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
            "OLDPWD": Value(places.HOLE),
        }
        self.functions: dict[str, Node] = {}
        self.dropped: dict[str, int] = {}  # files from the network, by their last name
        self.bare: set[str] = set()  # those of them from an address without a name or encryption
        self.files: dict[str, int] = {}  # origins of what the script writes to files
        self.raw = ""  # the command being judged as it is written
        self.foreign = False  # an archive or repository from an address that nobody vouches for
        self.checked = False  # a digest or signature is compared
        self.endless = False
        self.root: Node | None = None
        self.calls: dict[str, int] = {}  # how often each function calls itself
        self._judge = judge
        self._run_command = run_command
        self._deep = 0
        self._turns = 1  # how often the current place runs, as far as counted loops tell
        self._running: list[str] = []

    def report(self, name: Name, level: Level, line: int, reason: str) -> None:
        key = (name, line, reason)
        self.found.setdefault(key, Found(name, self.config.capped(name, level), line, reason))

    def judge(self, language: str, text: str, line: int) -> None:
        if text.strip():
            self._judge(language, text, line, self.depth + 1)

    def run(self, text: str) -> bool:
        """Follow a script; return whether all of it could be parsed."""
        root = _parser().parse(text.encode("utf-8", "replace")).root_node
        for child in root.named_children:
            if child.type == "function_definition":
                self._define(child)
        self.root = root
        self.body(root)
        return not root.has_error

    # ------------------------------------------------------------ statements

    def body(self, node: Node, stdin: Value | None = None) -> Value:
        """Follow the statements below a node and return what they print."""
        printed: list[Value] = []
        children = node.children
        for index, child in enumerate(children):
            if child.type in _STATEMENTS:
                background = index + 1 < len(children) and children[index + 1].type == "&"
                printed.append(self.statement(child, stdin or Value(), background))
        return printed[0] if len(printed) == 1 else v.concatenate(printed) if printed else Value()

    def statement(self, node: Node, stdin: Value, background: bool = False) -> Value:
        self._deep += 1
        try:
            if self._deep > _DEEPEST:
                return Value()
            handler = getattr(self, f"_{node.type}", None)
            if node.type == "command":
                return self._command(node, stdin, background)
            if handler is not None and node.type in _STATEMENTS:
                result = handler(node, stdin)
                return result if isinstance(result, Value) else Value()
            return self.body(node, stdin)
        finally:
            self._deep -= 1

    def _pipeline(self, node: Node, stdin: Value) -> Value:
        stream = stdin
        for child in node.named_children:
            if child.type in _STATEMENTS:
                stream = self.statement(child, stream)
        return stream

    def _redirected_statement(self, node: Node, stdin: Value) -> Value:
        given, writes, after = self._redirects(node, stdin)
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

    def _redirects(self, node: Node, stdin: Value) -> tuple[Value, list[Value], list[Node]]:
        writes: list[Value] = []
        after: list[Node] = []
        for child in node.named_children:
            if child.type == "file_redirect":
                target = child.child_by_field_name("destination")
                if target is None:
                    continue
                word = self.word(target)
                operator = "".join(c.type for c in child.children if not c.is_named)
                if ">" in operator and not (operator == ">&" and word.text.isdecimal()):
                    writes.append(word)
                elif "<" in operator:
                    stdin = (
                        word if target.type == "process_substitution" else self.content(word, child.start_point[0] + 1)
                    )
            elif child.type == "herestring_redirect":
                stdin = (
                    v.join([self.word(c) for c in child.named_children])
                    if len(child.named_children) != 1
                    else self.word(child.named_children[0])
                )
            elif child.type == "heredoc_redirect":
                stdin = self._heredoc(child)
                after += [c for c in child.named_children if c.type in _STATEMENTS]
                for inner in child.named_children:
                    if (
                        inner.type == "file_redirect"
                        and (target := inner.child_by_field_name("destination")) is not None
                    ):
                        writes.append(self.word(target))
        return stdin, writes, after

    def _heredoc(self, node: Node) -> Value:
        start = next((c for c in node.named_children if c.type == "heredoc_start"), None)
        body = next((c for c in node.named_children if c.type == "heredoc_body"), None)
        if body is None:
            return Value("")
        raw = _text(body)
        if start is None or _text(start)[:1] in "'\"\\":
            return Value(raw)
        return self._pieces(body)

    def _variable_assignment(self, node: Node, stdin: Value) -> None:
        name = _text(node.child_by_field_name("name"))
        target = node.child_by_field_name("value")
        value = self.word(target) if target is not None else Value("")
        if self.endless and target is not None and _text(target).count(f"${name}") >= 2:
            self.report(
                "resources",
                "block",
                node.start_point[0] + 1,
                f"`{name}` doubles in a loop that never ends; a loop with a count is fine",
            )
        self.preload(name, value, node.start_point[0] + 1)
        value.attrs = None
        self.names[name] = value

    def preload(self, name: str, value: Value, line: int) -> None:
        """Judge a variable that changes what programs load and from where packages come."""
        if name.lower() in _INDEXES and (places.is_bare(value.text) or places.is_drop(value.text)):
            self.report(
                "imports", "block", line, f"{name} takes packages from {value.text[:60]}, which nobody vouches for"
            )
        judge_variable(self.report, name, value.text, line)
        if (
            name == "LD_PRELOAD"
            and value.text.replace(places.HOLE, "").strip(": ")
            and not re.search(r"jemalloc|tcmalloc|mimalloc|[atlu]b?san|faketime|fakeroot|eatmydata", value.text)
        ):
            self.report(
                "privilege",
                "block",
                line,
                "LD_PRELOAD puts foreign code into another program; LD_LIBRARY_PATH or linking it is fine",
            )

    def _declaration_command(self, node: Node, stdin: Value) -> None:
        for child in node.named_children:
            if child.type == "variable_assignment":
                self._variable_assignment(child, stdin)

    def _function_definition(self, node: Node, stdin: Value) -> None:
        name = self._define(node)
        body = node.child_by_field_name("body")
        if body is not None and name not in self._running:
            self._running.append(name)
            self.body(body)
            self._running.pop()

    def _define(self, node: Node) -> str:
        name = _text(node.child_by_field_name("name"))
        self.functions[name] = node
        return name

    def _for_statement(self, node: Node, stdin: Value) -> Value:
        values = [self.word(c) for c in node.children_by_field_name("value")]
        self.names[_text(node.child_by_field_name("variable"))] = (
            values[0] if len(values) == 1 and not values[0].ref else v.join(values)
        )
        written = " ".join(_text(c) for c in node.children_by_field_name("value"))
        return self._counted(node, stdin, written)

    def _counted(self, node: Node, stdin: Value, text: str) -> Value:
        from loopwright.guard.checks.safety.shell.loops import judge_counted

        around = self._turns
        self._turns = judge_counted(self, node, text, around)
        printed = self._loop_body(node, stdin, self.endless)
        self._turns = around
        return printed

    def _c_style_for_statement(self, node: Node, stdin: Value) -> Value:
        from loopwright.guard.checks.safety.shell.turns import turns

        text = _text(node)[:200]
        return self._counted(node, stdin, text) if turns(text) else self._repeat(node, stdin)

    def _while_statement(self, node: Node, stdin: Value) -> Value:
        condition = node.child_by_field_name("condition")
        if condition is not None and condition.type in _STATEMENTS:
            self.statement(condition, stdin)
        if stdin.ref == "endless":
            from loopwright.guard.checks.safety.shell.loops import judge_stream

            judge_stream(self, node)
        return self._repeat(node, stdin)

    def _repeat(self, node: Node, stdin: Value) -> Value:
        from loopwright.guard.checks.safety.shell.loops import judge_loop

        endless = judge_loop(self, node)
        return self._loop_body(node, stdin, endless or self.endless)

    def _loop_body(self, node: Node, stdin: Value, endless: bool) -> Value:
        before, self.endless = self.endless, endless
        body = node.child_by_field_name("body")
        printed = self.body(body, stdin) if body is not None else Value()
        self.endless = before
        return printed

    # ------------------------------------------------------------ commands

    def _command(self, node: Node, stdin: Value, background: bool = False, writes: list[Value] | None = None) -> Value:
        words: list[Value] = []
        env: dict[str, Value] = {}
        stdin, more, _ = self._redirects(node, stdin)
        for child in node.named_children:
            if child.type == "variable_assignment":
                given = child.child_by_field_name("value")
                env[_text(child.child_by_field_name("name"))] = self.word(given) if given is not None else Value("")
            elif child.type == "command_name":
                words.append(self.word(child.named_children[0]) if child.named_children else Value(_text(child)))
            elif not child.type.endswith("redirect"):
                words.append(self.word(child))
        words = _split_first(words)
        self.raw = _text(node)[:2000]
        command = Command(words, stdin, node.start_point[0] + 1)
        command.env, command.writes, command.background = env, [*(writes or []), *more], background
        for name, value in env.items():
            self.preload(name, value, command.line)
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
            self.names["@"] = _arguments(command.words[1:])
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

    # ------------------------------------------------------------ words

    def word(self, node: Node) -> Value:
        """Return a word without its quotes, variables and substitutions filled in as far as they are known."""
        raw = _text(node)
        match node.type:
            case "word" | "number" | "variable_name" | "extglob_pattern" | "regex" | "test_operator":
                return Value(re.sub(r"\\(.)", r"\1", raw, flags=re.DOTALL))
            case "raw_string":
                return Value(raw[1:-1])
            case "ansi_c_string":
                return Value(
                    _ansi(raw[2:-1]),
                    "",
                    0
                    if _ansi(raw[2:-1]) == raw[2:-1]
                    else v.DECODED
                    if "\\x" in raw or re.search(r"\\[0-7]{3}", raw)
                    else 0,
                )
            case "string" | "concatenation" | "translated_string" | "heredoc_body":
                return self._pieces(node)
            case "simple_expansion" | "expansion":
                return self._expansion(node)
            case "command_substitution" | "process_substitution":
                here = self.names["PWD"]
                printed = self.body(node)
                if printed.ref == "endless" and node.type == "command_substitution":
                    line = node.start_point[0] + 1
                    self.report("resources", "block", line, "a variable is filled without end; `head -c 10M` is fine")
                made = Value(
                    printed.text.rstrip("\n") if printed.const is not None else places.HOLE, printed.ref, printed.labels
                )
                self.names["PWD"] = here
                if made.text == places.HOLE:
                    made.labels |= v.OUTPUT
                return made
            case "brace_expression":
                return Value(raw)
            case "arithmetic_expansion":
                return Value(places.HOLE)
            case _:
                return Value(raw)

    def _pieces(self, node: Node) -> Value:
        """Join the parts of a quoted or composed word; what stands between the parts is literal."""
        parts: list[Value] = []
        source = node.text or b""
        quoted = node.type in ("string", "translated_string")
        at, end = (1, len(source) - 1) if quoted else (0, len(source))
        for child in node.named_children:
            start = child.start_byte - node.start_byte
            if start > at:
                parts.append(Value(_unquote(source[at:start].decode("utf-8", "replace"), quoted)))
            if child.type in ("string_content", "heredoc_content"):
                parts.append(Value(_unquote(_text(child), quoted)))
            else:
                parts.append(self.word(child))
            at = child.end_byte - node.start_byte
        if at < end:
            parts.append(Value(_unquote(source[at:end].decode("utf-8", "replace"), quoted)))
        made = v.concatenate(parts) if parts else Value("")
        if made.const is None:
            made.const = places.HOLE
        made.ref = next((p.ref for p in parts if p.ref), "")
        return made

    def _expansion(self, node: Node) -> Value:
        raw = _text(node)
        named = re.match(r"\$\{?[!#]?([A-Za-z_]\w*|[0-9@*#?$!-])", raw)
        name = named[1] if named else ""
        if name == "IFS":
            return Value(" ", "split")
        if name in ("@", "*") and name not in self.names:
            return Value("", "arguments")
        if name == "0":
            return Value("$0")
        known = self.names.get(name)
        if known is not None and re.match(r"^\$(?:\w+|\{\w+\})$", raw):
            return known
        if known is None and re.match(r"^\$\{\w+:?\?", raw):
            return Value(places.HOLE, "guarded")
        part = re.match(r"^\$\{\w+:(\d+)(?::(\d+))?\}$", raw)
        if part and known is not None and places.HOLE not in known.text:
            end = int(part[1]) + int(part[2]) if part[2] else None
            return Value(known.text[int(part[1]) : end], "", known.labels | v.DECODED)
        default = re.match(r"^\$\{\w+:?[-=](.*)\}$", raw, re.DOTALL)
        if default and known is None and default[1] and "$" not in default[1]:
            return Value(default[1].strip("\"'"))
        labels = known.labels if known else v.TOKEN if re.search(r"(?:TOKEN|SECRET|PASSWORD|_KEY)$", name) else 0
        return Value(places.HOLE, f"unset:{name}" if known is None else "", labels)


def _arguments(words: list[Value]) -> Value:
    """`$@`: of the first word, which is what a wrapper runs."""
    made = v.concatenate([x for w in words for x in (w, Value(" "))]) if words else Value("")
    made.labels = words[0].labels if words else 0
    return made


def _split_first(words: list[Value]) -> list[Value]:
    """A program and its options in one word, split by `${IFS}`."""
    braced = re.match(r"^\{([^{}]+,[^{}]*)\}$", words[0].text) if len(words) == 1 else None
    if braced:
        return [Value(p) for p in braced[1].split(",")]
    if words and " " in words[0].text.strip() and words[0].ref in ("split", ""):
        parts = words[0].text.split()
        return [Value(p, "", words[0].labels) for p in parts] + words[1:]
    return words


def _unquote(text: str, quoted: bool) -> str:
    return re.sub(r'\\(["\\$`\n])' if quoted else r"\\(.)", r"\1", text)


def _ansi(text: str) -> str:
    try:
        return text.encode("latin-1", "replace").decode("unicode_escape", "replace")
    except UnicodeError:
        return text


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def program_name(word: str) -> str:
    """Return the program a word names, wildcards in it resolved: `/bin/r?` is rm."""
    name = posixpath.basename(word)
    if word == "$0" or not re.search(r"[?*\[]", name):
        return name
    known = ("rm", "sh", "bash", "dd", "nc", "cat", "curl", "wget", "chmod", "base64", "python3", "mkfs", "shred")
    return next((k for k in known if fnmatch.fnmatchcase(k, name)), name)
