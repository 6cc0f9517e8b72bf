"""Commands in front and in the background: what comes back, and what is kept of long output."""

from pathlib import Path

import anyio
import pytest

from loopwright.core.calls import Delta, ToolResult
from loopwright.core.errors import ToolFailure
from loopwright.core.ports import ToolContext
from loopwright.core.running import Limits
from loopwright.testing.host_executor import HostExecutor
from loopwright.testing.memory import MemoryBlobs, MemoryFiles, MemoryWorkspace
from loopwright.tools.command import Shells
from loopwright.tools.jobs import Jobs, JobsArgs, JobsTool
from loopwright.tools.shell import Shell, ShellArgs


class Room:
    """A directory to run commands in, and what the tools were given and gave away."""

    def __init__(self, root: Path, limits: Limits = Limits(timeout=20.0), path: str = "/usr/bin:/bin") -> None:
        self.deltas: list[Delta] = []
        self.blobs = MemoryBlobs()
        workspace = MemoryWorkspace(MemoryFiles(), HostExecutor(str(root), path))
        self.ctx = ToolContext("c1", workspace, self.deltas.append, self.blobs, limits)
        self.shells = Shells()
        self.jobs = Jobs(self.shells)

    async def shell(self, command: str, **args: object) -> ToolResult:
        return await Shell(self.shells, self.jobs).run(ShellArgs(command, **args), self.ctx)

    async def job(self, action: str = "list", id: str = "") -> ToolResult:
        return await JobsTool(self.jobs).run(JobsArgs(action, id), self.ctx)

    def run(self, command: str, **args: object) -> ToolResult:
        async def go() -> ToolResult:
            return await self.shell(command, **args)

        return anyio.run(go)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


# ---------------------------------------------------------------- in front


def test_output_and_status_come_back_as_text_and_as_data(room: Room) -> None:
    result = room.run("echo out; echo err >&2; exit 3")
    assert not result.ok
    assert result.text.startswith("out\nerr\n[exit 3, ")
    assert result.data["exit"] == 3
    assert result.data["reason"] == ""
    assert result.data["command"] == "echo out; echo err >&2; exit 3"
    assert 0 <= float(str(result.data["seconds"])) < 10


def test_bash_is_used_where_there_is_one_and_sh_where_not(tmp_path: Path, room: Room) -> None:
    assert room.run("[[ a == a ]] && echo bash").ok
    (tmp_path / "bin").mkdir()
    for program in ("sh", "echo"):
        (tmp_path / "bin" / program).symlink_to(f"/bin/{program}")
    assert Room(tmp_path, path=str(tmp_path / "bin")).run("echo still here").text.startswith("still here\n")


def test_quotes_and_dollars_reach_the_shell_unharmed(room: Room) -> None:
    assert room.run("""printf '%s\\n' "a'b" '$HOME' "\\$x" """).text.startswith("a'b\n$HOME\n$x\n")


def test_output_is_streamed_as_it_comes(room: Room) -> None:
    room.run("echo one; sleep 0.1; echo two")
    assert [d.kind for d in room.deltas] == ["output"] * len(room.deltas)
    assert len(room.deltas) == 2
    assert "".join(d.text for d in room.deltas) == "one\ntwo\n"
    assert {d.call for d in room.deltas} == {"c1"}


def test_a_character_cut_between_two_pieces_is_streamed_whole(room: Room) -> None:
    room.run("printf '\\303'; sleep 0.1; printf '\\251'")
    assert "".join(d.text for d in room.deltas) == "é"


def test_a_command_has_no_input_to_wait_for(room: Room) -> None:
    assert room.run("cat; echo done").text.startswith("done\n")


def test_long_output_keeps_head_and_tail_and_the_rest_in_a_blob(room: Room) -> None:
    result = room.run("seq 1 20000")
    whole = "".join(f"{n}\n" for n in range(1, 20001)).encode()
    assert len(result.text) < 9000
    assert result.text.startswith("1\n2\n3\n")
    assert "\n20000\n[exit 0, " in result.text
    assert room.blobs.get(str(result.data["blob"])) == whole
    assert f'bytes left out; all of it: read {{"path": "blob:{result.data["blob"]}"}}]' in result.text
    assert result.data["bytes"] == len(whole)


def test_output_of_one_endless_line_is_cut_too(room: Room) -> None:
    result = room.run("head -c 100000 /dev/zero | tr '\\0' x")
    assert len(result.text) < 9000
    assert "92000 bytes left out" in result.text


def test_colours_and_overwritten_progress_are_not_shown_to_the_engine(room: Room) -> None:
    result = room.run("printf '\\033[31mred\\033[0m\\n10%%\\r50%%\\r100%%\\nend\\r\\n'")
    assert result.text.startswith("red\n100%\nend\n[exit 0")


def test_undecodable_output_is_replaced(room: Room) -> None:
    assert room.run("printf 'a\\377b\\000c'").text.startswith("a�b\\0c\n[exit 0")


def test_a_command_past_its_timeout_is_killed_and_says_what_to_do(room: Room) -> None:
    result = room.run("echo started; sleep 30", timeout=0.3)
    assert not result.ok
    assert result.text.startswith("started\n[killed: timeout after 0.3 s; if it needs longer raise timeout")
    assert result.data["reason"] == "timeout"


def test_a_timeout_beyond_the_session_is_held_to_it_and_said(tmp_path: Path) -> None:
    result = Room(tmp_path, Limits(timeout=0.3)).run("sleep 30", timeout=500)
    assert result.data["reason"] == "timeout"
    assert "[timeout 500 s is more than the session allows; 0.3 s was used]" in result.text


@pytest.mark.parametrize(("command", "why"), [("  ", "command is empty"), ("echo \0", "NUL")])
def test_an_impossible_command_is_refused(room: Room, command: str, why: str) -> None:
    with pytest.raises(ToolFailure, match=why):
        room.run(command)


def test_a_cancelled_command_is_killed(tmp_path: Path, room: Room) -> None:
    async def go() -> None:
        with anyio.move_on_after(0.2):
            await room.shell(f"sleep 0.6; touch {tmp_path}/survived")
        await anyio.sleep(0.7)

    anyio.run(go)
    assert not (tmp_path / "survived").exists()


# ---------------------------------------------------------------- in the background


def test_a_background_command_is_listed_read_and_ended(room: Room) -> None:
    async def go() -> list[ToolResult]:
        return [
            await room.shell("echo ready; sleep 60", background=True),
            await room.job(),
            await room.job("read", "job1"),
            await room.job("end", "job1"),
            await room.job("read", "job1"),
        ]

    started, listed, read, ended, after = anyio.run(go)
    assert started.ok
    assert started.text == "job1 running: echo ready; sleep 60\nready"
    assert started.data["running"] is True
    assert listed.text == "job1 running: echo ready; sleep 60"
    assert read.text == "job1 running\nready"
    assert ended.text.startswith("job1 killed: stopped, exit 137, ")
    assert after.data == {"id": "job1", "command": "echo ready; sleep 60", "running": False, "exit": 137, "bytes": 6}


def test_a_background_command_that_fails_at_once_is_seen_to_fail(room: Room) -> None:
    result = room.run("echo no such port; exit 2", background=True)
    assert not result.ok
    assert result.text.startswith("job1 exit 2, ")
    assert result.text.endswith("no such port")
    assert result.data["exit"] == 2


def test_only_the_latest_output_of_a_background_command_is_kept(room: Room) -> None:
    async def go() -> ToolResult:
        await room.shell("seq 1 100000; sleep 60", background=True)
        read = await room.job("read", "job1")
        await room.job("end", "job1")
        return read

    read = anyio.run(go)
    assert read.text.endswith("\n100000")
    assert len(read.text) < 9000
    assert "earlier bytes left out]" in read.text


def test_jobs_of_another_session_are_not_seen(tmp_path: Path, room: Room) -> None:
    other = Room(tmp_path)
    other.jobs = room.jobs

    async def go() -> str:
        await room.shell("sleep 60", background=True)
        listed = await other.job()
        with pytest.raises(ToolFailure, match="no background command job1; there are: none was started"):
            await other.job("end", "job1")
        await room.job("end", "job1")
        return listed.text

    assert anyio.run(go) == "No background commands."


def test_a_job_that_is_not_there_names_those_that_are(room: Room) -> None:
    async def go() -> None:
        await room.shell("true", background=True)
        with pytest.raises(ToolFailure, match="no background command job9; there are: job1"):
            await room.job("read", "job9")

    anyio.run(go)


def test_background_commands_are_limited_in_number(room: Room) -> None:
    async def go() -> None:
        for _ in range(8):
            await room.shell("sleep 60", background=True)
        with pytest.raises(ToolFailure, match="8 background commands are running: end one"):
            await room.shell("sleep 60", background=True)
        for n in range(1, 9):
            await room.job("end", f"job{n}")
        assert (await room.shell("true", background=True)).ok

    anyio.run(go)
