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
