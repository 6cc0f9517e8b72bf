"""What a client's request may choose, a file, an amount, an expression, a page: fine where it is compared first."""

from __future__ import annotations

import re

from loopwright.guard.checks.safety.flow import tree as t
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.names import words

#: Calls by which a path is held against where it may lie.
_PATH_CHECKED = words(
    "startswith startsWith is_relative_to relative_to commonpath commonprefix safe_join secure_filename "
    "basename resolve ",
    "realpath abspath normalize includes has exists is_file match test fullmatch send_from_directory "
    "sanitize safe_path",
)
_ESCAPED = words("escape quote sanitize clean bleach int float render_template")
#: Calls by which an amount is kept within bounds.
_AMOUNT_CHECKED = words("min clip clamp Math.min max")
_COMPARING = words("< > <= >= in not in == != === !== instanceof")


def judge_path(flow: Flow, path: Value, line: int, done: str) -> None:
    """Report a file that a request names."""
    named = v.REQUEST | (v.ENTRY if done == "written" else 0)
    if path.labels & named and not _checked(flow, _PATH_CHECKED, frozenset({"in", "not in"})):
        who = "a request" if path.labels & v.REQUEST else "an archive"
        why = f"a file that {who} names is {done}, which `../` makes any file of the machine"
        flow.report("syntax", "block", line, f"{why}; hold the resolved path against its directory first")


def judge_amount(flow: Flow, amount: Value, line: int, check: str, done: str) -> None:
    """Report an amount that a request names."""
    asked = amount.labels & v.REQUEST and amount.const is None
    if asked and not _checked(flow, _AMOUNT_CHECKED, _COMPARING - {"in", "not in"}):
        why = f"{done} as much as a request says, without a bound"
        flow.report("time" if check == "time" else "resources", "block", line, f"{why}; min(n, 1000) is fine")


def judge_expression(flow: Flow, text: Value, line: int) -> None:
    """Report a regular expression that a request brings."""
    if text.labels & v.REQUEST and not _checked(flow, words("escape escapeRegExp"), frozenset()):
        why = "a regular expression comes from a request, and may be one that takes exponential time"
        flow.report("time", "block", line, f"{why}; search for the text itself (re.escape)")


def _checked(flow: Flow, calls: frozenset[str], operators: frozenset[str]) -> bool:
    """True where the function that is followed, or one that calls it, compares what it is given."""
    pending: list[t.Node] = [each for func in flow.active[-3:] for each in func.body] or list(flow.body)
    while pending:
        node = pending.pop()
        if isinstance(node, t.Op) and node.op in operators:
            return True
        if isinstance(node, t.Call):
            name = (
                node.func.name
                if isinstance(node.func, t.Attr)
                else node.func.id
                if isinstance(node.func, t.Name)
                else ""
            )
            if name in calls:
                return True
        pending.extend(t.inner(node))
    return False


def judge_page(flow: Flow, value: Value, line: int, answered: bool = False) -> None:
    """Report a page that a handler of requests answers with, in which what the client sent stands as it is."""
    answers = answered or (bool(flow.active) and id(flow.active[-1]) in flow.from_outside)
    made = value.labels & v.REQUEST and re.match(r"\s*<[a-z!]", value.text, re.IGNORECASE)
    if answers and made and not _checked(flow, _ESCAPED, frozenset()):
        why = "what a request sent becomes part of a page as it is, with the scripts in it"
        flow.report("syntax", "block", line, f"{why}; escape it, or give it to a template")
