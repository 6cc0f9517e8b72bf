"""Judges one source text: its language's parser, what the program does, and the code that it holds as text."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.calls.queries import judge_losses
from loopwright.guard.checks.safety.calls.waiting import judge_waits
from loopwright.guard.checks.safety.finding import Found, SafetyConfig
from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow.entering import follow
from loopwright.guard.checks.safety.flow.expressions import EXPRESSIONS
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.language import Language
from loopwright.guard.checks.safety.flow.recursion import judge_recursion
from loopwright.guard.checks.safety.flow.statements import STATEMENTS
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.packages import judge_module
from loopwright.guard.checks.safety.python import parse as python
from loopwright.guard.checks.safety.python.known import PYTHON
from loopwright.guard.checks.safety.script import parse as script
from loopwright.guard.checks.safety.script.known import SCRIPT
from loopwright.guard.checks.safety.shell.commands import run as run_command
from loopwright.guard.checks.safety.shell.functions import judge_functions, judge_restart
from loopwright.guard.checks.safety.shell.known import judge_line
from loopwright.guard.checks.safety.shell.lowering import lower
from loopwright.guard.checks.safety.shell.shell import Command, Shell
from loopwright.guard.checks.safety.text import judge_text, judge_unread
from loopwright.guard.checks.safety.trial.run import judge_trial

#: What is said of a text on which the checks themselves fail.
UNJUDGED = "the checks failed on this text; read it before it runs"
#: What may turn for ever in a shell script.
_LOOPS = expression(r"\b(?:while|until)\b|\bfor\s*\(\(")
_SEARCHED = "it is searched for what is plain to see, so read it before it runs"
#: Code in code in code deeper than this is not judged.
_DEEPEST = 4
_PYTHON_2 = (
    (expression(r"^(\s*)print[ \t]+(?![=(])(?:>>\s*\S+\s*,)?(.*)$", re.MULTILINE), r"\1print(\2)"),
    (expression(r"^(\s*except\s+[\w.()\s,]+?),\s*(\w+)\s*:", re.MULTILINE), r"\1 as \2:"),
    (expression(r"^(\s*)exec[ \t]+(?![=(])(.+)$", re.MULTILINE), r"\1exec(\2)"),
    (expression(r"^(\s*raise\s+\w+)\s*,\s*(.+)$", re.MULTILINE), r"\1(\2)"),
    (expression(r"\bur?(?=['\"])"), ""),
    (expression(r"\b0([0-7]{3,4})\b"), r"0o\1"),
)


def judge(text: str, language: str, config: SafetyConfig, depth: int = 0) -> list[Found]:
    """Return the findings of a text. Never raises."""
    try:
        found = _judge(text, language, config, depth)
    except ImportError:
        found = [
            Found("syntax", "ask", 1, "no grammar for this language is installed: pip install 'loopwright[checks]'"),
            *judge_unread(text),
        ]
    except (RecursionError, MemoryError):
        found = [
            Found("syntax", "warn", 1, f"this is nested too deep to be followed; {_SEARCHED}"),
            *judge_unread(text),
        ]
    except Exception as fault:  # a judge that fails must not let the text pass unseen, nor stop the session
        found = [Found("syntax", "ask", 1, f"{UNJUDGED} ({type(fault).__name__})"), *judge_unread(text)]
    if depth == 0:
        found += judge_text(text, language in ("javascript", "typescript"))
    return list(dict.fromkeys(found))


def _judge(text: str, language: str, config: SafetyConfig, depth: int) -> list[Found]:
    match language:
        case "python":
            return _judge_python(text, config, depth)
        case "shell":
            return _judge_shell(text, config, depth)
        case "argv":
            return _judge_words(text.split("\0"), config, depth)
        case _:
            body, whole = script.parse(text, language == "typescript")
            found = _follow(body, SCRIPT, config, depth)
            return found if whole else [*found, *_unparsed(text, depth)]


def _unparsed(text: str, depth: int) -> list[Found]:
    """What is plain to see in a text of which parts have no tree; a file's own says so."""
    said = [Found("syntax", "warn", 1, f"parts of this cannot be parsed; {_SEARCHED}")] if depth == 0 else []
    return [*said, *judge_unread(text)]


def _judge_python(text: str, config: SafetyConfig, depth: int) -> list[Found]:
    try:
        body = python.parse(text)
    except python.Unreadable as wrong:
        older = text
        for pattern, new in _PYTHON_2:
            older = pattern.sub(new, older)
        try:
            body = python.parse(older)
        except python.Unreadable:
            if depth:
                return list(judge_unread(text))
            return [
                Found("syntax", "warn", wrong.line, f"this is not read as Python ({wrong}); {_SEARCHED}"),
                *judge_unread(text),
            ]
    return _follow(body, PYTHON, config, depth)


def _follow(body: list[t.Node], language: Language, config: SafetyConfig, depth: int) -> list[Found]:
    nested: list[Found] = []

    def held(kind: str, text: str, line: int, level: int) -> None:
        if level <= _DEEPEST and len(nested) < 500:
            nested.extend(Found(f.name, f.level, line, f.reason) for f in judge(text, kind, config, level))

    flow = Flow(language, config, held, EXPRESSIONS | STATEMENTS, depth)
    follow(flow, body)
    _judge_whole(flow)
    judge_waits(flow, body)
    _judge_imports(flow, language.name, config)
    tried, given = judge_trial(body, language.name != "python")
    return [*flow.found.values(), *nested, *judge_recursion(body, given), *tried]


def _judge_whole(flow: Flow) -> None:
    """What takes two places of a file to be a danger."""
    judge_losses(flow)
    for key, line in flow.dropped.items():
        name = key.rsplit("/", 1)[-1]
        run = flow.ran.get(key)
        if run is None:
            run = next(
                (
                    at
                    for command, at in flow.shells
                    if len(name) > 1 and not name.startswith("#") and places.HOLE not in name and name in command
                ),
                None,
            )
        if run is not None:
            flow.report(
                "syntax",
                "block",
                run,
                (
                    f"what was loaded from the network (line {line}) is run; compare its digest first, "
                    "or install it as a dependency"
                ),
            )
    for key, line in flow.dropped.items():
        name = key.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        if re.search(r"\.(?:py|[cm]?js|so|node)$", key) and name in {m.rsplit("/", 1)[-1] for m in flow.modules}:
            why = f"`{name}` was loaded from the network (line {line}) and is imported"
            flow.report("imports", "block", flow.modules.get(name, line), f"{why}; install it as a dependency")
    if "manifest" in flow.facts and any("npm publish" in command for command, _ in flow.shells):
        flow.report(
            "syntax",
            "block",
            flow.facts["manifest"],
            (
                "a package is changed and published by the program itself, as worms do; a release job "
                "that a person starts is fine"
            ),
        )
    if "pty" in flow.facts and "socket" in flow.facts:
        flow.report(
            "syntax", "block", flow.facts["pty"], "a terminal is opened beside a network connection (a reverse shell)"
        )
    if "clipboard paste" in flow.facts and "clipboard copy" in flow.facts and flow.facts.get("payment"):
        flow.report(
            "privilege",
            "block",
            flow.facts["clipboard copy"],
            "the clipboard is read and replaced, as is done to exchange addresses of payments",
        )


def _judge_imports(flow: Flow, language: str, config: SafetyConfig) -> None:
    for module, line in flow.modules.items():
        verdict = judge_module(module, language, config)
        if verdict is not None:
            flow.report("imports", verdict[0], line, verdict[1])


def _shell(config: SafetyConfig, depth: int, nested: list[Found]) -> Shell:
    def held(kind: str, text: str, line: int, level: int) -> None:
        if level <= _DEEPEST and len(nested) < 500:
            nested.extend(
                Found(f.name, f.level, line, f.reason)
                for f in judge(text, kind, config, level)
                if not shell.elsewhere or f.name in shell.elsewhere
            )

    shell = Shell(config, held, run_command, depth)
    return shell


def _judge_shell(text: str, config: SafetyConfig, depth: int) -> list[Found]:
    nested: list[Found] = []
    shell = _shell(config, depth, nested)
    whole = shell.run(text)
    judge_functions(shell)
    tried: list[Found] = []
    if shell.root is not None:
        judge_restart(shell, shell.root)
        if _LOOPS.search(text):
            tried, _ = judge_trial(lower(shell.root, shell.functions), False)
    for alias in re.findall(r"(?m)^\s*(\w+)=[\"']?\$\{?0\}?[\"']?\s*$", text):
        text = re.sub(rf"\$(?:{alias}\b|\{{{alias}\}})", "$0", text)
    own = re.findall(
        r"(?:^|[;&|])\s*(?:(?:ba)?sh\s+)?[\"']?(?:\./)?\$0[\"']?\s*(?=&(?!&)|\|(?!\|))", text, re.MULTILINE
    )
    if len(own) >= 2 or re.search(r"\$0[\"']?\s*\|\s*[\"']?(?:\./)?\$0", text):
        shell.report(
            "resources",
            "block",
            1,
            "the script starts itself again and again (a fork bomb); a loop with a count is fine",
        )
    if not whole:
        for number, line in enumerate(text.splitlines(), 1):
            for name, why in judge_line(line.split()):
                shell.report(name, "block", number, why)
    found = [*shell.found.values(), *nested, *tried]
    return found if whole else [*found, *_unparsed(text, depth)]


def _judge_words(words: list[str], config: SafetyConfig, depth: int) -> list[Found]:
    """Judge a program with its words already apart."""
    nested: list[Found] = []
    shell = _shell(config, depth, nested)
    command = Command([Value(w) for w in words], Value(), 1)
    shell.execute(command)
    return [*shell.found.values(), *nested]
