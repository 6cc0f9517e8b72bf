"""Queries and documents that are put together from what a client sent: SQL, NoSQL, XML."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
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
_DESTROYS = expression(
    r"drop\s+schema\s+public\s+cascade|drop\s+database\s+(?:if\s+exists\s+)?\W?\w*prod", re.IGNORECASE
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
    if _DESTROYS.search(first.text):
        why = "all that a database holds is removed; remove single tables, or a database made for the test"
        flow.report("syntax", "block", called.line, why)
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


def clause(flow: Flow, called: Called) -> Value | None:
    """`text("a = " + x)`, `objects.extra(where=[…])`: a part of a query."""
    parts = [called.arg(0), *(called.named.get("where", Value()).items or [])]
    if any(p.labels & v.INPUT for p in parts) and (called.name == "extra" or called.ref.startswith("sqlalchemy.")):
        why = "a part of a query is put together of what a person or a request sent"
        flow.report("syntax", "block", called.line, f"{why}; pass values as parameters: text('a = :a').bindparams(a=value)")
    return query(flow, called) if called.name != "extra" else None


def searched_names(flow: Flow, called: Called) -> Value | None:
    """`connection.search(base, "(uid=" + name + ")")`: a filter of LDAP."""
    for value in called.args[1:]:
        if value.labels & v.INPUT and re.search(rf"\(\w+=[^()]*{HOLE}", value.text):
            why = "a filter for a directory is put together of what a person or a request sent"
            flow.report("syntax", "block", called.line, f"{why}; escape it (escape_filter_chars)")
    return None


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
