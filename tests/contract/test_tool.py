"""What every tool promises: a small closed schema, ToolFailure and nothing else for what the engine can mend."""

from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loopwright.core.calls import Effect, ToolResult
from loopwright.core.errors import ToolFailure
from loopwright.core.ports import Tool, ToolContext
from loopwright.core.running import Limits
from loopwright.core.specs import spec
from loopwright.testing.host_executor import HostExecutor
from loopwright.testing.memory import MemoryBlobs, MemoryFiles, MemoryWorkspace
from loopwright.tools import all_tools

TOOLS = {tool.name: tool for tool in all_tools()}
EFFECTS = {
    "read": Effect.READ,
    "search": Effect.READ,
    "edit": Effect.WRITE,
    "write": Effect.WRITE,
    "shell": Effect.EXECUTE,
    "jobs": Effect.EXECUTE,
    "plan": Effect.NONE,
    "ask": Effect.NONE,
}
SCRIPTED: dict[str, dict[str, Any]] = {  # the calls that scripts may count on
    "read": {"path": "a", "start": 1, "end": 2},
    "edit": {"path": "a", "old": "1", "new": "2", "all": True},
    "write": {"path": "b", "content": "x"},
    "search": {"pattern": "1", "path": ".", "glob": "*"},
    "shell": {"command": "true", "timeout": 5},
    "plan": {"items": [{"text": "x", "status": "pending"}]},
    "ask": {"question": "?"},
    "jobs": {"action": "list"},
}


def call(tool: Tool[Any], args: dict[str, Any], root: Path) -> ToolResult:
    workspace = MemoryWorkspace(MemoryFiles({"a": b"1\n", "d/e": b"2\n"}), HostExecutor(str(root)), str(root))
    ctx = ToolContext("c7", workspace, lambda delta: None, MemoryBlobs(), Limits(timeout=10.0), "yes")

    async def go() -> ToolResult:
        return await tool.run(msgspec.convert(args, tool.args), ctx)

    return anyio.run(go)


def test_the_tools_and_their_effects_are_these() -> None:
    assert {name: tool.effect for name, tool in TOOLS.items()} == EFFECTS


@pytest.mark.parametrize("name", TOOLS)
def test_the_schema_is_closed_and_stands_alone(name: str) -> None:
    made = spec(TOOLS[name])
    text = msgspec.json.encode(made).decode()
    assert (made.name, made.description) == (name, TOOLS[name].description)
    assert made.description
    assert made.schema["type"] == "object"
    assert made.schema["additionalProperties"] is False
    assert "$ref" not in text
    assert "$defs" not in text


def test_all_schemas_and_descriptions_together_are_small() -> None:
    assert sum(len(msgspec.json.encode(spec(tool))) for tool in TOOLS.values()) < 5000


@pytest.mark.parametrize("name", TOOLS)
def test_the_arguments_scripts_count_on_are_taken_and_the_result_answers_the_call(name: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1\n")
    result = call(TOOLS[name], SCRIPTED[name], tmp_path)
    assert (result.call, result.ok) == ("c7", True)
    assert result.text
    msgspec.json.encode(result)


@pytest.mark.parametrize("name", TOOLS)
def test_unknown_and_wrongly_typed_arguments_are_named(name: str) -> None:
    args = SCRIPTED[name]
    with pytest.raises(msgspec.ValidationError, match="unknown field `surprise`"):
        msgspec.convert({**args, "surprise": 1}, TOOLS[name].args)
    first = next(iter(args))
    with pytest.raises(msgspec.ValidationError, match=first):
        msgspec.convert({**args, first: {"not": "this"}}, TOOLS[name].args)


@pytest.mark.parametrize("name", sorted(TOOLS.keys() - {"shell", "search"}))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_text_as_an_argument_gives_a_result_or_a_tool_failure(
    name: str, tmp_path: Path, data: st.DataObject
) -> None:
    args = {
        key: data.draw(st.text(max_size=20)) if isinstance(value, str) else value
        for key, value in SCRIPTED[name].items()
    }
    if name == "jobs":
        args = {"action": data.draw(st.sampled_from(["list", "read", "end"])), "id": data.draw(st.text(max_size=5))}
    try:
        result = call(TOOLS[name], args, tmp_path)
    except ToolFailure as failure:
        assert str(failure)
    else:
        msgspec.json.encode(result)
