"""Edits: an edit and its inverse are the identity, a patch made from two texts gives the second, no input crashes."""

import difflib

import anyio
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from loopwright.core.errors import ToolFailure
from loopwright.core.patch import AddFile, DeleteFile, parse
from loopwright.core.ports import ToolContext
from loopwright.core.running import Limits
from loopwright.testing.host_executor import HostExecutor
from loopwright.testing.memory import MemoryBlobs, MemoryFiles, MemoryWorkspace
from loopwright.tools.document import decode
from loopwright.tools.edit import Edit, EditArgs

# Few different lines, so that they repeat; white space and signs, so that they look alike.
LINE = st.one_of(
    st.sampled_from(
        ["", " ", "a", "b", " a", "a ", "\ta", "-a", "+a", "@@", "@@ a", "*** End of File", "}", "“a”", '"a"']
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=8),
)
TEXT = st.lists(LINE, max_size=14).map(lambda lines: "".join(line + "\n" for line in lines))
PIECE = st.text(st.sampled_from("ab \n\r\té"), max_size=6)


def edit(files: MemoryFiles, **args: object) -> None:
    workspace = MemoryWorkspace(files, HostExecutor("/"))
    anyio.run(Edit().run, EditArgs(**args), ToolContext("c", workspace, lambda d: None, MemoryBlobs(), Limits()))


def unified(before: str, after: str) -> str:
    """The hunks of a patch with three lines of context, each header naming the line above where there is one."""
    old, new = before.split("\n")[:-1], after.split("\n")[:-1]
    parts: list[str] = []
    for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(3):
        parts.append("@@")
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                parts += [" " + line for line in old[i1:i2]]
                continue
            parts += ["-" + line for line in old[i1:i2]] + ["+" + line for line in new[j1:j2]]
        if group[-1][2] == len(old):
            parts.append("*** End of File")
    return "".join(part + "\n" for part in parts)


@settings(deadline=None, max_examples=300)
@given(before=PIECE, old=PIECE, after=PIECE, new=PIECE, crlf=st.booleans())
@example(before="\n", old="a", after="", new="\n\r", crlf=True)  # what was put in overlaps itself
def test_an_edit_then_its_inverse_is_the_identity(before: str, old: str, after: str, new: str, crlf: bool) -> None:
    content = before + old + after
    if crlf:
        content = content.replace("\r", "").replace("\n", "\r\n")
    files = MemoryFiles({"f": content.encode()})
    try:
        edit(files, path="f", old=old, new=new)
    except ToolFailure:
        assert files.contents["f"] == content.encode()
        return
    middle = files.contents["f"]
    try:
        edit(files, path="f", old=new, new=old)
    except ToolFailure:
        assert files.contents["f"] == middle  # what was put in is empty or occurs elsewhere as well
        return
    # Where both endings occur or the edit took out the only one, which of them was meant is not to be known.
    assume(not decode(content.encode()).mixed and not decode(middle).mixed)
    assume(b"\n" not in content.encode() or b"\n" in middle)
    assume((b"\r\n" in content.encode()) == (b"\r\n" in middle))  # a lone CR put before an LF makes a CRLF file
    assert files.contents["f"] == content.encode()


@settings(deadline=None, max_examples=400)
@given(before=TEXT, after=TEXT, crlf=st.booleans())
@example(before="a\n", after="", crlf=False)
def test_a_patch_made_from_two_texts_gives_exactly_the_second(before: str, after: str, crlf: bool) -> None:
    assume(before and before != after and "\0" not in before + after)
    first, second = (t.replace("\n", "\r\n") if crlf else t for t in (before, after))
    files = MemoryFiles({"f": first.encode()})
    whole = f"*** Begin Patch\n*** Update File: f\n{unified_at_lines(before, after)}*** End Patch"
    edit(files, patch=whole)
    assert files.contents["f"] == second.encode()


def unified_at_lines(before: str, after: str) -> str:
    """One hunk over the whole text: context that repeats cannot mislead it."""
    old, new = before.split("\n")[:-1], after.split("\n")[:-1]
    parts = ["@@"]
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts += [" " + line for line in old[i1:i2]]
        else:
            parts += ["-" + line for line in old[i1:i2]] + ["+" + line for line in new[j1:j2]]
    return "".join(part + "\n" for part in [*parts, "*** End of File"])


@settings(deadline=None, max_examples=300)
@given(lines=st.lists(LINE, min_size=1, max_size=30, unique_by=str.strip), data=st.data())
def test_several_hunks_between_different_lines_give_exactly_the_second(lines: list[str], data: st.DataObject) -> None:
    before = "".join(line + "\n" for line in lines)
    keep = data.draw(st.lists(st.booleans(), min_size=len(lines), max_size=len(lines)))
    after = "".join(
        line + "\n" if kept else f"new {n}\n" for n, (line, kept) in enumerate(zip(lines, keep, strict=True))
    )
    assume(before != after and "\0" not in before)
    files = MemoryFiles({"f": before.encode()})
    edit(files, patch=f"*** Begin Patch\n*** Update File: f\n{unified(before, after)}*** End Patch")
    assert files.contents["f"] == after.encode()


PATHS = ["a", "b", "d/a", "d/e/b"]
BODY = st.lists(st.sampled_from(["1", "2", " 2", "x y", "", "é"]), min_size=1, max_size=5).map(
    lambda lines: "".join(line + "\n" for line in lines)
)
STEP = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(PATHS), BODY),
    st.tuples(st.just("delete"), st.sampled_from(PATHS), st.just("")),
    st.tuples(st.just("move"), st.sampled_from(PATHS), st.sampled_from(PATHS)),
    st.tuples(st.just("update"), st.sampled_from(PATHS), BODY),
)


@settings(deadline=None, max_examples=300)
@given(start=st.dictionaries(st.sampled_from(PATHS), BODY, max_size=3), steps=st.lists(STEP, min_size=1, max_size=6))
def test_sections_act_one_after_the_other_and_all_or_none(
    start: dict[str, str], steps: list[tuple[str, str, str]]
) -> None:
    """Against a model that is a dictionary; the patch back gives what was there at first."""
    model: dict[str, str] | None = dict(start)
    parts: list[str] = []
    for kind, path, other in steps:
        parts.append(_section(kind, path, other, (model or {}).get(path, "")))
        if kind != "add" and model is not None and path not in model:
            model = None
        if model is not None:
            text = model.pop(path, "")
            model |= {"add": {path: other}, "update": {path: other}, "move": {other: text}}.get(kind, {})
    files = MemoryFiles({path: text.encode() for path, text in start.items()})
    try:
        edit(files, patch="*** Begin Patch\n" + "".join(parts) + "*** End Patch")
    except ToolFailure:
        assert model is None
        assert files.contents == {path: text.encode() for path, text in start.items()}
        return
    assert model is not None
    assert files.contents == {path: text.encode() for path, text in model.items()}
    back = [_section("delete", path, "", "") for path in model if path not in start]
    back += [_section("add", path, text, "") for path, text in start.items()]
    if back:
        edit(files, patch="*** Begin Patch\n" + "".join(back) + "*** End Patch")
    assert files.contents == {path: text.encode() for path, text in start.items()}


def _section(kind: str, path: str, other: str, now: str) -> str:
    match kind:
        case "add":
            return f"*** Add File: {path}\n" + "".join(f"+{line}\n" for line in other.split("\n")[:-1])
        case "delete":
            return f"*** Delete File: {path}\n"
        case "move":
            return f"*** Update File: {path}\n*** Move to: {other}\n"
        case _:
            lines = [f"-{line}\n" for line in now.split("\n")[:-1]] + [f"+{line}\n" for line in other.split("\n")[:-1]]
            return f"*** Update File: {path}\n@@\n" + "".join(lines) + "*** End of File\n"


@settings(deadline=None, max_examples=200)
@given(content=TEXT)
def test_adding_gives_exactly_the_content_and_deleting_takes_it_away(content: str) -> None:
    added = "".join("+" + line + "\n" for line in content.split("\n")[:-1])
    sections = parse(f"*** Begin Patch\n*** Add File: f\n{added}*** Delete File: g\n*** End Patch")
    assert sections == (AddFile("f", content), DeleteFile("g"))


MARKERS = """*** Begin Patch|*** End Patch|*** Update File: f|*** Update File: g|*** Add File: n|*** Delete File: f
|*** Move to: m|*** Move to:|*** End of File|@@|@@ a|@@ -1 +1 @@| a|-a|+b||<<EOF|EOF""".replace("\n", "").split("|")
PATCH_LINE = st.one_of(st.sampled_from(MARKERS), LINE)


@settings(deadline=None, max_examples=500)
@given(lines=st.lists(PATCH_LINE, max_size=15), framed=st.booleans())
def test_whatever_the_patch_it_applies_or_is_refused_with_nothing_changed(lines: list[str], framed: bool) -> None:
    patch = "\n".join(["*** Begin Patch", *lines, "*** End Patch"] if framed else lines)
    files = MemoryFiles({"f": b"a\nb\na\n", "g": b"\xff\r\n"})
    before = dict(files.contents)
    try:
        edit(files, patch=patch)
    except ToolFailure as failure:
        assert str(failure)
        assert files.contents == before


@settings(deadline=None, max_examples=300)
@given(data=st.binary(max_size=60))
def test_any_bytes_survive_being_read_as_text(data: bytes) -> None:
    assert decode(data).encode() == data
    decode(data).shown().encode()
