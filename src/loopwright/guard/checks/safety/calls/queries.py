"""Queries and documents that are put together from what a client sent: SQL, NoSQL, XML."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.calls import elsewhere
from loopwright.guard.checks.safety.calls.running import formula
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.places import HOLE

_SQL = expression(
    r"^\s*(?:select\b.+\bfrom\b|insert\s+into\b|update\b.+\bset\b|delete\s+from\b|drop\s+(?:table|database)\b|"
    r"exec(?:ute)?\s|with\s+\w+\s+as\b|(?:create|alter|grant)\s)",
    re.IGNORECASE | re.DOTALL,
)
#: Statements that remove all of a database: by whoever runs them, and where they reach a server that others use.
_DESTROYS = expression(
    r"^\s*(?:drop\s+schema\s+public\s+cascade|drop\s+database\s+(?:if\s+exists\s+)?\W?\w*prod)", re.IGNORECASE
)
_LOSES_ALL = expression(
    r"^\s*(?:drop\s+(?:database|schema)\s+(?:if\s+exists\s+)?([\w\"`.\ufffd]+)|truncate\s+(?:table\s+)?([\w\"`.\ufffd]+))",
    re.IGNORECASE,
)
_LOSES_TABLE = expression(
    r"^\s*(?:drop\s+table\s+(?:if\s+exists\s+)?([\w\"`.\ufffd]+)|delete\s+from\s+([\w\"`.\ufffd]+)\s*;?\s*$|update\s+([\w\"`.\ufffd]+)\s+set\b(?!.*\bwhere\b))",
    re.IGNORECASE | re.DOTALL,
)
#: A part that is not known, between quotes: text is put into the query as text.
_QUOTED = expression(rf"'[^'\n]{{0,20}}{HOLE}[^'\n]{{0,20}}'")


def document(flow: Flow, called: Called) -> Value | None:
    """`collection.find({$where: text})`: text that the database runs as code."""
    where = (called.arg(0).attrs or {}).get("$where")
    if where is not None and where.labels & (v.INPUT | v.REMOTE):
        flow.report(
            "syntax",
            "block",
            called.line,
            f"`$where` runs code that {v.origin_of(where.labels)}; compare fields by their names",
        )
    return None


def query(flow: Flow, called: Called) -> Value | None:
    """`cursor.execute(sql)`, `connection.query(sql)`: its text must not be made of a request."""
    first = called.arg(0)
    _judge_loss(flow, called, first.text)
    if first.labels & v.INPUT and (_SQL.search(first.text) or (not first.text and first.ref == "")):
        flow.report(
            "syntax",
            "block",
            called.line,
            f"`{called.name}` runs a query that came from a person or a request; "
            "pass values as parameters: execute(sql, (value,))",
        )
    elif _SQL.search(first.text) and _QUOTED.search(first.text):
        flow.report(
            "syntax",
            "block",
            called.line,
            f"`{called.name}` runs a query with a value put between its quotes, which a quote in the value breaks out "
            "of; pass values as parameters: execute(sql, (value,))",
        )
    return None


def stated(flow: Flow, called: Called) -> Value | None:
    """`db.all(sql)`, `db.exec(sql)`: a query, where its text says that it is one."""
    return query(flow, called) if _SQL.search(called.arg(0).text) else None


def clause(flow: Flow, called: Called) -> Value | None:
    """`text("a = " + x)`, `objects.extra(where=[…])`: a part of a query."""
    parts = [called.arg(0), *(called.named.get("where", Value()).items or [])]
    if any(p.labels & v.INPUT for p in parts) and (called.name == "extra" or called.ref.startswith("sqlalchemy.")):
        why = "a part of a query is put together of what a person or a request sent"
        flow.report(
            "syntax", "block", called.line, f"{why}; pass values as parameters: text('a = :a').bindparams(a=value)"
        )
    if called.name == "extra":
        return None
    query(flow, called)
    return (
        Value(called.arg(0).const, "%statement", called.arg(0).labels) if called.ref.startswith("sqlalchemy.") else None
    )


def searched_names(flow: Flow, called: Called) -> Value | None:
    """`connection.search(base, "(uid=" + name + ")")`: a filter of LDAP."""
    for value in (x for a in called.args[1:] for x in (a, *(a.attrs or {}).values())):
        if value.labels & v.INPUT and re.search(rf"\(\w+=[^()]*{HOLE}", value.text):
            why = "a filter for a directory is put together of what a person or a request sent"
            flow.report("syntax", "block", called.line, f"{why}; escape it (escape_filter_chars)")
    return None


#: What a program fills or makes by itself: what is lost of it, it has.
_FILLED = expression(
    r"(?:\bcreate\s+(?:temp(?:orary)?\s+|unlogged\s+)?(?:table|database|schema)\s+(?:if\s+not\s+exists\s+)?"
    r"|\binsert\s+into\s+|^\s*copy\s+)([\w\"`.\ufffd]+)",
    re.IGNORECASE,
)


def _judge_loss(flow: Flow, called: Called, text: str) -> None:
    """Note a statement that removes a database or a table that others use."""
    for name in _FILLED.findall(text):
        flow.facts.setdefault(f"made {name.lower()}", called.line)
    if _DESTROYS.match(text):
        _report_loss(flow, called.line)
        return
    server = elsewhere.of_server(called.receiver)
    lost = _LOSES_ALL.match(text) or (_LOSES_TABLE.match(text) if server else None)
    name = next((g.lower() for g in lost.groups() if g), "") if lost else ""
    if lost and not (server is False or elsewhere.is_of_test(name) or (places.HOLE in text and not server)):
        flow.losses.append((name, called.line))


def _report_loss(flow: Flow, line: int) -> None:
    why = "what a database holds for others is removed"
    flow.report("syntax", "block", line, f"{why}; remove single rows, or what the program made itself")


def judge_losses(flow: Flow) -> None:
    """Report what is removed of a database and not made by the program itself, before or after."""
    for name, line in flow.losses:
        if f"made {name}" not in flow.facts:
            _report_loss(flow, line)


def framed(flow: Flow, called: Called) -> Value | None:
    """`table.query(condition)` of pandas, whose conditions call functions; other queries are no code."""
    return formula(flow, called) if called.receiver.ref.startswith("pandas.") else query(flow, called)


def entities(flow: Flow, called: Called) -> Value | None:
    """`XMLParser(resolve_entities=True)`, and what is parsed with it: entities name files and addresses."""
    if called.name == "XMLParser":
        asked = any(called.arg(9, n).const is True for n in ("resolve_entities", "load_dtd"))
        return Value(None, "%entities") if asked or called.arg(9, "no_network").const is False else None
    if called.arg(1, "parser").ref == "%entities" and called.arg(0).labels & (v.INPUT | v.REMOTE):
        why = "entities of a document from outside are looked up, which gives out files of this machine"
        flow.report("syntax", "block", called.line, f"{why}; resolve_entities=False is fine")
    return None


def path(flow: Flow, called: Called) -> Value | None:
    """`tree.xpath("//user[@name='" + name + "']")`"""
    if called.arg(0).labels & v.INPUT and "[" in called.arg(0).text:
        why = "a search through a document is put together of what a person or a request sent"
        flow.report("syntax", "block", called.line, f"{why}; pass it as a variable: xpath('//a[@b=$b]', b=value)")
    return None
