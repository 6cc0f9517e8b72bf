"""What a word of a shell line stands for: quotes, variables and substitutions resolved as far as they are known."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from typing import TYPE_CHECKING

from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.shell.arithmetic import evaluate
from loopwright.guard.checks.safety.shell.expansions import expansion
from loopwright.guard.checks.safety.shell.seen import Scripted
from loopwright.guard.grammar import shell_text, shell_text_of

if TYPE_CHECKING:
    from tree_sitter import Node


def expand(shell: Scripted, node: Node) -> Value:
    """Return a word without its quotes, variables and substitutions filled in as far as they are known."""
    raw = shell_text_of(node)
    match node.type:
        case "word" | "number" | "variable_name" | "extglob_pattern" | "regex" | "test_operator":
            return Value(re.sub(r"\\(.)", r"\1", raw, flags=re.DOTALL))
        case "raw_string":
            return Value(raw[1:-1])
        case "ansi_c_string":
            plain = _ansi(raw[2:-1])
            hidden = plain != raw[2:-1] and ("\\x" in raw or re.search(r"\\[0-7]{3}", raw))
            return Value(plain, "", v.DECODED if hidden else 0)
        case "string" | "concatenation" | "translated_string" | "heredoc_body":
            return pieces(shell, node)
        case "simple_expansion" | "expansion":
            return expansion(shell, raw.lstrip())
        case "command_substitution" | "process_substitution":
            return _substituted(shell, node)
        case "arithmetic_expansion":
            known = evaluate(raw[3:-2], lambda name: "" if shell.looping else shell.names.get(name, _UNSET).text)
            if known is not None:
                return Value(str(known))
            for child in node.named_children:
                if child.type in ("binary_expression", "command_substitution", "parenthesized_expression"):
                    _inside(shell, child)
            return Value(places.HOLE)
        case _:
            return Value(raw)


def _substituted(shell: Scripted, node: Node) -> Value:
    """What a command prints that stands in the place of a word."""
    here, read = shell.names["PWD"], node.type == "command_substitution"
    printed = shell.body(node)
    if shell.lasting and read:
        why = "this is to be read to its end and never ends; `timeout 60` or `head -n 100` is fine"
        shell.report("time", "block", shell.lasting, why)
    shell.lasting = 0
    if printed.ref == "endless" and read:
        line = node.start_point[0] + 1
        shell.report("resources", "block", line, "a variable is filled without end; `head -c 10M` is fine")
    text = printed.text.rstrip("\n") if printed.const is not None else places.HOLE
    made = Value(text, printed.ref, printed.labels)
    shell.names["PWD"] = here
    if made.text == places.HOLE:
        made.labels |= v.OUTPUT
    return made


_UNSET = Value()


def _inside(shell: Scripted, node: Node) -> None:
    """Follow the commands in an arithmetic expression."""
    if node.type == "command_substitution":
        expand(shell, node)
    else:
        for child in node.named_children:
            _inside(shell, child)


def pieces(shell: Scripted, node: Node) -> Value:
    """Join the parts of a quoted or composed word; what stands between the parts is literal."""
    parts: list[Value] = []
    source = node.text or b""
    quoted = node.type in ("string", "translated_string")
    at, end = (1, len(source) - 1) if quoted else (0, len(source))
    for child in node.named_children:
        start = child.start_byte - node.start_byte
        if start > at:
            parts.append(Value(_unquote(shell_text(source[at:start]), quoted)))
        if child.type in ("string_content", "heredoc_content"):
            parts.append(Value(_unquote(shell_text_of(child), quoted)))
        else:
            held = shell_text_of(child)
            if held[:1].isspace():  # the grammar puts the blank between `"$a $b"` into the second
                parts.append(Value(held[: len(held) - len(held.lstrip())]))
            parts.append(expand(shell, child))
        at = child.end_byte - node.start_byte
    if at < end:
        parts.append(Value(_unquote(shell_text(source[at:end]), quoted)))
    made = v.concatenate(parts) if parts else Value("")
    if made.const is None:
        made.const = places.HOLE
    made.ref = next((p.ref for p in parts if p.ref), "")
    made.items = parts[0].items if len(parts) == 1 else None  # `"$@"`
    return made


def arguments(words: list[Value]) -> Value:
    """`$@`: of the first word, which is what a wrapper runs."""
    made = v.concatenate([x for w in words for x in (w, Value(" "))]) if words else Value("")
    made.labels = words[0].labels if words else 0
    made.items = words
    return made


def split_words(shell: Scripted, words: list[Value], raw: str) -> list[Value]:
    """Split the words that hold a program with its options, or `${IFS}`; `raw`: the command as it is written."""
    if not words:
        return words
    first = words[0]
    between = shell.names["IFS"].text.strip() if raw.startswith("$") else ""
    if between and places.HOLE not in between and any(c in first.text for c in between):
        return [*_split(Value(re.sub(f"[{re.escape(between)}]", " ", first.text), "", first.labels)), *words[1:]]
    head = _split(first) if " " in first.text.strip() and first.ref in ("split", "") else [first]
    return [*head, *(part for w in words[1:] for part in (_split(w) if w.ref == "split" else [w]))]


def _split(word: Value) -> list[Value]:
    return [Value(part, "", word.labels) for part in word.text.split()]


def _unquote(text: str, quoted: bool) -> str:
    return re.sub(r'\\(["\\$`\n])' if quoted else r"\\(.)", r"\1", text)


def _ansi(text: str) -> str:
    try:
        return text.encode("latin-1", "replace").decode("unicode_escape", "replace")
    except UnicodeError:
        return text


def program_name(word: str) -> str:
    """Return the program a word names, wildcards in it resolved: `/bin/r?` is rm."""
    name = posixpath.basename(word)
    if word == "$0" or not re.search(r"[?*\[]", name):
        return name
    known = ("rm", "sh", "bash", "dd", "nc", "cat", "curl", "wget", "chmod", "base64", "python3", "mkfs", "shred")
    return next((k for k in known if fnmatch.fnmatchcase(k, name)), name)
