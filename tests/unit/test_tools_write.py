"""`write`, `plan` and `ask`."""

import anyio
import pytest

from loopwright.core.calls import TodoItem, ToolResult
from loopwright.core.errors import ToolFailure
from loopwright.core.ports import ToolContext
from loopwright.core.running import Limits
from loopwright.testing.host_executor import HostExecutor
from loopwright.testing.memory import MemoryBlobs, MemoryFiles, MemoryWorkspace
from loopwright.tools.ask import Ask, AskArgs
from loopwright.tools.plan import Plan, PlanArgs
from loopwright.tools.write import Write, WriteArgs


def context(files: MemoryFiles, answer: str = "") -> ToolContext:
    workspace = MemoryWorkspace(files, HostExecutor("/"))
    return ToolContext("c1", workspace, lambda delta: None, MemoryBlobs(), Limits(), answer)


def write(files: MemoryFiles, path: str, content: str) -> ToolResult:
    return anyio.run(Write().run, WriteArgs(path, content), context(files))


def plan(*items: TodoItem) -> ToolResult:
    return anyio.run(Plan().run, PlanArgs(items), context(MemoryFiles()))


def test_a_new_file_is_created_with_its_directories() -> None:
    files = MemoryFiles()
    assert write(files, "a/b/c.txt", "x\ny\n").text == "created a/b/c.txt (+2 -0)"
    assert files.contents == {"a/b/c.txt": b"x\ny\n"}


def test_a_file_that_is_there_is_replaced_and_keeps_its_mode() -> None:
    files = MemoryFiles({"run": b"1\n2\n"})
    files.modes["run"] = 0o755
    assert write(files, "run", "1\n3\n4\n").text == "updated run (+2 -1)"
    assert files.modes["run"] == 0o755


def test_the_content_is_written_as_it_is() -> None:
    files = MemoryFiles()
    write(files, "f", "é\r\nno end")
    assert files.contents["f"] == "é\r\nno end".encode()


@pytest.mark.parametrize(
    ("path", "content", "why"),
    [
        ("d", "", "d is a directory"),
        (".", "", "is a directory"),
        ("../x", "", "outside"),
        ("d/x/y", "", "d/x is a file, not a directory"),
        ("n", "\ud800", "has no place for"),
    ],
)
def test_what_cannot_be_written_is_refused(path: str, content: str, why: str) -> None:
    files = MemoryFiles({"d/x": b"1"})
    with pytest.raises(ToolFailure, match=why):
        write(files, path, content)
    assert files.contents == {"d/x": b"1"}


def test_the_plan_becomes_the_todo_list() -> None:
    items = (TodoItem("read", "completed"), TodoItem("write", "in_progress"), TodoItem("test"))
    result = plan(*items)
    assert result.todo == items
    assert result.text == "1 of 3 done; now: write"


def test_a_plan_may_be_emptied() -> None:
    assert plan().todo == ()


def test_two_items_in_progress_or_one_without_text_are_refused() -> None:
    with pytest.raises(ToolFailure, match="2 items are in_progress: keep one"):
        plan(TodoItem("a", "in_progress"), TodoItem("b", "in_progress"))
    with pytest.raises(ToolFailure, match="an item has no text"):
        plan(TodoItem(" "))


def test_the_answer_is_the_result() -> None:
    result = anyio.run(Ask().run, AskArgs("Which port?"), context(MemoryFiles(), "8080"))
    assert (result.ok, result.text) == (True, "8080")


def test_a_question_without_an_answer_or_without_words_is_told() -> None:
    with pytest.raises(ToolFailure, match="nobody answered: go on with the safest assumption"):
        anyio.run(Ask().run, AskArgs("Which port?"), context(MemoryFiles()))
    with pytest.raises(ToolFailure, match="question is empty"):
        anyio.run(Ask().run, AskArgs(" "), context(MemoryFiles(), "x"))
