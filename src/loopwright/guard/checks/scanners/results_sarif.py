"""Reads SARIF 2.1.0 (OASIS standard): which tool found what, where, and how grave it is. The file is not trusted."""

from __future__ import annotations

import posixpath
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from loopwright.core.errors import UsageError
from loopwright.core.fact import Fact
from loopwright.core.rules import Level

#: A larger report is not read.
LARGEST = 64 << 20
#: `security-severity` from which a finding blocks: high, as CVSS and code hosts have it.
_HIGH = 7.0


class Hit(Fact, frozen=True):
    """One result. `file` is relative to the root where it lies inside; `new` is what the tool's own baseline says."""

    rule: str
    message: str
    level: Level
    file: str = ""
    line: int = 0
    new: bool | None = None


class ToolRun(Fact, frozen=True):
    """What one run of one tool says. `wrong` says why it is no full run; `left_out` counts suppressed results."""

    tool: str
    version: str
    source: str  # the file it was read from
    hits: tuple[Hit, ...] = ()
    wrong: str = ""
    left_out: int = 0


class _Text(msgspec.Struct, rename="camel"):
    text: str = ""
    markdown: str = ""
    id: str = ""
    arguments: list[str] = []


class _Artifact(msgspec.Struct, rename="camel"):
    uri: str = ""
    uri_base_id: str = ""
    index: int = -1


class _Region(msgspec.Struct, rename="camel"):
    start_line: int = 0


class _Physical(msgspec.Struct, rename="camel"):
    artifact_location: _Artifact = msgspec.field(default_factory=_Artifact)
    region: _Region = msgspec.field(default_factory=_Region)


class _Location(msgspec.Struct, rename="camel"):
    physical_location: _Physical = msgspec.field(default_factory=_Physical)


class _Reference(msgspec.Struct, rename="camel"):
    id: str = ""
    index: int = -1
    tool_component: dict[str, Any] = {}


class _Suppression(msgspec.Struct, rename="camel"):
    status: str = "accepted"


class _Result(msgspec.Struct, rename="camel"):
    message: _Text = msgspec.field(default_factory=_Text)
    rule_id: str = ""
    rule_index: int = -1
    rule: _Reference = msgspec.field(default_factory=_Reference)
    level: str = ""
    kind: str = "fail"
    baseline_state: str = ""
    locations: list[_Location] = []
    suppressions: list[_Suppression] | None = None
    properties: dict[str, Any] = {}


class _Configuration(msgspec.Struct, rename="camel"):
    level: str = "warning"


class _Rule(msgspec.Struct, rename="camel"):
    id: str = ""
    name: str = ""
    short_description: _Text = msgspec.field(default_factory=_Text)
    message_strings: dict[str, _Text] = {}
    default_configuration: _Configuration = msgspec.field(default_factory=_Configuration)
    properties: dict[str, Any] = {}


class _Driver(msgspec.Struct, rename="camel"):
    name: str
    version: str | None = ""
    semantic_version: str | None = ""
    rules: list[_Rule] = []


class _Tool(msgspec.Struct, rename="camel"):
    driver: _Driver
    extensions: list[_Driver] = []


class _Invocation(msgspec.Struct, rename="camel"):
    execution_successful: bool = True


class _ArtifactEntry(msgspec.Struct, rename="camel"):
    location: _Artifact = msgspec.field(default_factory=_Artifact)


class _Run(msgspec.Struct, rename="camel"):
    tool: _Tool
    results: list[_Result] | None = None
    invocations: list[_Invocation] = []
    original_uri_base_ids: dict[str, _Artifact] = {}
    artifacts: list[_ArtifactEntry] = []


class _Log(msgspec.Struct, rename="camel"):
    version: str
    runs: list[_Run]


def read_sarif(data: bytes, source: str, root: str) -> tuple[ToolRun, ...]:
    """Return the runs of a SARIF file named `source`; places are made relative to `root`. Raises UsageError."""
    if len(data) > LARGEST:
        raise UsageError(f"{source} has more than {LARGEST >> 20} MiB: it is not read as SARIF")
    try:
        log = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Log)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:160]
        raise UsageError(f"{source} is not SARIF 2.1.0: {reason}") from None
    if not log.version.startswith("2.1"):
        raise UsageError(f"{source} is SARIF {log.version[:20]!r}: have the tool write 2.1.0")
    if not log.runs:
        raise UsageError(f"{source} holds no run of a tool: it says nothing about this tree")
    return tuple(_tool_run(run, source, root) for run in log.runs)


def _tool_run(run: _Run, source: str, root: str) -> ToolRun:
    driver = run.tool.driver
    wrong = ""
    if any(not each.execution_successful for each in run.invocations):
        wrong = "its run did not succeed"
    elif run.results is None:
        wrong = "it wrote no list of results, so nothing was scanned"
    hits: list[Hit] = []
    left_out = 0
    for result in run.results or ():
        if result.kind != "fail" and result.level in ("", "none"):
            continue
        if _is_suppressed(result) or result.baseline_state == "absent":
            left_out += 1
            continue
        hits.append(_hit(result, run, root))
    version = (driver.semantic_version or driver.version or "")[:60]
    return ToolRun(
        " ".join(driver.name.split())[:60] or "a tool without name", version, source, tuple(hits), wrong, left_out
    )


def _is_suppressed(result: _Result) -> bool:
    return bool(result.suppressions) and all(s.status == "accepted" for s in result.suppressions or ())


def _hit(result: _Result, run: _Run, root: str) -> Hit:
    rule = _rule_of(result, run)
    place = result.locations[0].physical_location if result.locations else _Physical()
    new = {"new": True, "updated": True, "unchanged": False}.get(result.baseline_state)
    return Hit(
        " ".join((result.rule_id or result.rule.id or rule.id or "result").split())[:120],
        _message(result, rule),
        _level(result, rule),
        _path(place.artifact_location, run, root),
        max(0, place.region.start_line),
        new,
    )


def _rule_of(result: _Result, run: _Run) -> _Rule:
    component = result.rule.tool_component.get("index")
    extensions = run.tool.extensions
    inside = isinstance(component, int) and 0 <= component < len(extensions)
    rules = extensions[component].rules if inside and isinstance(component, int) else run.tool.driver.rules
    index = result.rule_index if result.rule_index >= 0 else result.rule.index
    if 0 <= index < len(rules):
        return rules[index]
    wanted = result.rule_id or result.rule.id
    every = (r for driver in (run.tool.driver, *extensions) for r in driver.rules)
    return next((r for r in every if wanted and r.id == wanted), _Rule())


def _message(result: _Result, rule: _Rule) -> str:
    text = result.message.text or result.message.markdown
    if not text and result.message.id in rule.message_strings:
        text = rule.message_strings[result.message.id].text
        for number, argument in enumerate(result.message.arguments):
            text = text.replace(f"{{{number}}}", argument)
    return " ".join((text or rule.short_description.text or rule.name or "no message").split())[:600]


def _level(result: _Result, rule: _Rule) -> Level:
    severity = result.properties.get("security-severity", rule.properties.get("security-severity"))
    try:
        grave = float(severity) >= _HIGH if isinstance(severity, str | float | int) else None
    except ValueError:
        grave = None
    if grave is not None:
        return "block" if grave else "warn"
    return "block" if (result.level or rule.default_configuration.level) == "error" else "warn"


def _path(place: _Artifact, run: _Run, root: str) -> str:
    """The file, relative to the root; as it is written where it lies outside."""
    if not place.uri and 0 <= place.index < len(run.artifacts):
        place = run.artifacts[place.index].location
    parts = urlsplit(_joined(place, run)) if place.uri else None
    if parts is None or parts.scheme not in ("", "file"):
        return place.uri
    path = posixpath.normpath(unquote(parts.path))
    if path.startswith("/"):
        inside = posixpath.relpath(path, root)
        return path if inside.startswith("..") else inside
    return path


def _joined(place: _Artifact, run: _Run) -> str:
    uri, base = place.uri, place.uri_base_id
    for _ in range(5):  # a base may name another; a circle names itself
        outer = run.original_uri_base_ids.get(base)
        if not base or outer is None or not outer.uri:
            break
        uri, base = f"{outer.uri.rstrip('/')}/{uri}", outer.uri_base_id
    return uri
