"""The patch format: what applies, what does not, and that it applies whole or not at all."""

import anyio
import pytest

from loopwright.core.calls import ToolResult
from loopwright.core.errors import ToolFailure
from loopwright.core.patch import parse, touched
from loopwright.core.ports import ToolContext
from loopwright.core.running import Limits
from loopwright.testing.host_executor import HostExecutor
from loopwright.testing.memory import MemoryBlobs, MemoryFiles, MemoryWorkspace
from loopwright.tools.edit import Edit, EditArgs


def apply(files: MemoryFiles, body: str) -> ToolResult:
    return apply_whole(files, f"*** Begin Patch\n{body}*** End Patch\n")


def apply_whole(files: MemoryFiles, patch: str) -> ToolResult:
    workspace = MemoryWorkspace(files, HostExecutor("/"))
    ctx = ToolContext("c1", workspace, lambda delta: None, MemoryBlobs(), Limits())
    return anyio.run(Edit().run, EditArgs(patch=patch), ctx)


def updated(content: str, hunks: str) -> str:
    files = MemoryFiles({"f": content.encode()})
    apply(files, f"*** Update File: f\n{hunks}")
    return files.contents["f"].decode()


# ---------------------------------------------------------------- sections


def test_one_patch_adds_updates_deletes_and_moves() -> None:
    files = MemoryFiles({"keep": b"1\n2\n3\n", "gone": b"x\n", "old/name": b"a\nb\n"})
    files.modes["old/name"] = 0o755
    result = apply(
        files,
        "*** Add File: new/file.txt\n+hello\n+world\n"
        "*** Update File: keep\n@@\n 1\n-2\n+two\n 3\n"
        "*** Delete File: gone\n"
        "*** Update File: old/name\n*** Move to: lib/name\n@@\n a\n-b\n+B\n",
    )
    assert files.contents == {"keep": b"1\ntwo\n3\n", "new/file.txt": b"hello\nworld\n", "lib/name": b"a\nB\n"}
    assert files.modes["lib/name"] == 0o755
    assert result.text == (
        "created new/file.txt (+2 -0)\nupdated keep (+1 -1)\ndeleted gone (+0 -1)\nmoved old/name to lib/name (+1 -1)"
    )
    assert {c["path"]: c["kind"] for c in result.data["changes"]} == {
        "new/file.txt": "add",
        "keep": "update",
        "gone": "delete",
        "old/name": "delete",
        "lib/name": "add",
    }


def test_add_replaces_a_file_that_is_there() -> None:
    files = MemoryFiles({"f": b"old\n"})
    apply(files, "*** Add File: f\n+new\n")
    assert files.contents == {"f": b"new\n"}


def test_move_replaces_a_file_that_is_there() -> None:
    files = MemoryFiles({"a": b"1\n", "b": b"other\n"})
    apply(files, "*** Update File: a\n*** Move to: b\n@@\n-1\n+2\n")
    assert files.contents == {"b": b"2\n"}


def test_a_move_needs_no_change_of_content() -> None:
    files = MemoryFiles({"a": b"\0binary"})
    apply(files, "*** Update File: a\n*** Move to: b\n")
    assert files.contents == {"b": b"\0binary"}


def test_an_added_file_may_be_empty() -> None:
    files = MemoryFiles()
    apply(files, "*** Add File: pkg/__init__.py\n")
    assert files.contents == {"pkg/__init__.py": b""}


def test_later_sections_see_what_earlier_ones_did() -> None:
    files = MemoryFiles({"f": b"1\n"})
    apply(files, "*** Update File: f\n@@\n-1\n+2\n*** Update File: f\n@@\n-2\n+3\n")
    assert files.contents == {"f": b"3\n"}
    with pytest.raises(ToolFailure, match="no such file: f"):
        apply(files, "*** Delete File: f\n*** Update File: f\n@@\n-3\n+4\n")


def test_a_file_may_become_a_directory() -> None:
    files = MemoryFiles({"m": b"1\n"})
    apply(files, "*** Delete File: m\n*** Add File: m/x\n+1\n")
    assert files.contents == {"m/x": b"1\n"}


def test_touched_names_every_path_a_patch_writes_or_removes() -> None:
    patch = (
        "*** Begin Patch\n*** Add File: a\n+1\n*** Update File: b\n*** Move to: c\n@@\n-1\n+2\n"
        "*** Delete File: d\n*** Update File: b\n@@\n-1\n+2\n*** End Patch"
    )
    assert touched(parse(patch)) == ("a", "b", "c", "d")


# ---------------------------------------------------------------- hunks


def test_several_hunks_apply_in_file_order() -> None:
    assert updated("1\n2\n3\n4\n5\n", "@@\n 1\n-2\n+two\n@@\n 4\n-5\n+five\n") == "1\ntwo\n3\n4\nfive\n"


def test_the_first_hunk_needs_no_header() -> None:
    assert updated("a\nb\n", " a\n-b\n+B\n") == "a\nB\n"


def test_a_header_says_where_to_look() -> None:
    content = "def f():\n    x = 1\n\ndef g():\n    x = 1\n"
    assert updated(content, "@@ def g():\n-    x = 1\n+    x = 2\n") == "def f():\n    x = 1\n\ndef g():\n    x = 2\n"


def test_headers_nest() -> None:
    content = "class A:\n    def f(self):\n        x = 1\n\nclass B:\n    def f(self):\n        x = 1\n"
    made = updated(content, "@@ class B:\n@@     def f(self):\n-        x = 1\n+        x = 2\n")
    assert made == content[: content.rindex("1")] + "2\n"


def test_a_header_may_be_repeated_as_context_or_cut_short() -> None:
    content = "def f(a, b):\n    x = 1\n"
    assert updated(content, "@@ def f(a, b):\n def f(a, b):\n-    x = 1\n+    x = 2\n").endswith("x = 2\n")
    assert updated(content, "@@ def f\n-    x = 1\n+    x = 2\n").endswith("x = 2\n")


def test_headers_of_unified_diffs_are_read_over() -> None:
    assert updated("a\nb\n", "@@ -1,2 +1,2 @@ def nothing\n a\n-b\n+B\n\\ No newline at end of file\n") == "a\nB\n"


def test_additions_alone_go_below_their_header_else_to_the_end() -> None:
    assert updated("import os\nx = 1\n", "@@ import os\n+import re\n") == "import os\nimport re\nx = 1\n"
    assert updated("1\n2\n", "@@\n+3\n+4\n") == "1\n2\n3\n4\n"


def test_additions_alone_leave_the_place_where_the_next_hunk_is_sought() -> None:
    hunks = "@@\n+end\n+of it\n@@\n 1\n-2\n+two\n@@\n+last\n*** End of File\n"
    assert updated("1\n2\n3\n", hunks) == "1\ntwo\n3\nend\nof it\nlast\n"
    assert updated("def f():\n    pass\n", "@@ def f():\n+x = 1\n*** End of File\n").endswith("pass\nx = 1\n")


def test_the_line_that_a_unified_diff_names_is_a_hint() -> None:
    content = "class A:\n    x = 1\n\nclass B:\n    x = 1\n"
    made = updated(content, "@@ -4,2 +4,2 @@ class B:\n-    x = 1\n+    x = 2\n")
    assert made == content[: content.rindex("1")] + "2\n"
    assert updated(content, "@@ -4,2 +4,2 @@ class B:\n class A:\n-    x = 1\n+    x = 2\n").startswith(
        "class A:\n    x = 2"
    )


def test_an_empty_line_that_is_not_there_is_taken_for_the_last_newline() -> None:
    assert updated("1\n2\n", "@@\n-2\n+two\n \n") == "1\ntwo\n"
    assert updated("1\n2\n", "@@\n 1\n-2\n-\n+two\n+\n") == "1\ntwo\n"
    assert updated("1\n\n2\n", "@@\n-2\n+two\n \n*** End of File\n") == "1\n\ntwo\n"
    assert updated("1\n\n2\n", "@@\n 1\n-\n-2\n+two\n") == "1\ntwo\n"


def test_end_of_file_ties_a_hunk_to_the_end() -> None:
    assert updated("x\ny\nx\n", "@@\n-x\n+z\n*** End of File\n") == "x\ny\nz\n"
    assert updated("x\ny\nx\n", "@@\n-x\n+z\n") == "z\ny\nx\n"
    assert updated("a\nb\n", "@@\n a\n-b\n+B\n\n*** End of File\n") == "a\nB\n"
    assert updated("a\nb\n\n", "@@\n-b\n+B\n*** End of File\n") == "a\nB\n\n"
    with pytest.raises(ToolFailure, match=r"at line 1, not at the end of the file: leave out '\*\*\* End of File'"):
        updated("a\nb\n", "@@\n-a\n+A\n*** End of File\n")


def test_an_empty_line_in_a_hunk_is_context_and_between_hunks_is_not() -> None:
    assert updated("a\n\nb\nc\n", "@@\n a\n\n-b\n+B\n\n@@\n-c\n+C\n\n") == "a\n\nB\nC\n"


def test_lines_may_only_be_taken_out() -> None:
    assert updated("1\n2\n3\n", "@@\n 1\n-2\n 3\n") == "1\n3\n"
    assert updated("1\n", "@@\n-1\n") == ""


# ---------------------------------------------------------------- rough matches


@pytest.mark.parametrize(
    ("content", "context", "ignored"),
    [
        ("a  \nb\n", "a", "trailing white space"),
        ("\ta\nb\n", "    a", "white space"),
        ("“a” – it’s\u00a0so\nb\n", '"a" - it\'s so', "punctuation"),
    ],
)
def test_context_may_differ_in_white_space_or_punctuation_and_stays_as_in_the_file(
    content: str, context: str, ignored: str
) -> None:
    files = MemoryFiles({"f": content.encode()})
    result = apply(files, f"*** Update File: f\n@@\n {context}\n-b\n+B\n")
    assert files.contents["f"].decode() == content.replace("b", "B")
    assert f"hunk 1 of 1 (patch line 3) matched ignoring {ignored}; check line 1" in result.text


def test_an_exact_match_further_down_beats_a_rough_one() -> None:
    assert updated("  a\na\n", "@@\n-a\n+A\n") == "  a\nA\n"


# ---------------------------------------------------------------- endings, encodings


def test_crlf_endings_are_kept_and_a_crlf_patch_is_read() -> None:
    files = MemoryFiles({"f": b"a\r\nb\r\n"})
    apply(files, "*** Update File: f\n@@\n a\n-b\n+B\n+C\n")
    assert files.contents["f"] == b"a\r\nB\r\nC\r\n"
    apply_whole(files, "*** Begin Patch\r\n*** Update File: f\r\n@@\r\n-B\r\n+D\r\n*** End Patch\r\n")
    assert files.contents["f"] == b"a\r\nD\r\nC\r\n"


def test_a_patched_text_ends_with_a_newline_and_that_is_said() -> None:
    files = MemoryFiles({"f": b"a\r\nb\r\nc"})
    result = apply(files, "*** Update File: f\n@@\n-a\n+A\n")
    assert files.contents == {"f": b"A\r\nb\r\nc\r\n"}
    assert "f: it ended without a newline and now ends with one" in result.text
    assert updated("no newline", "@@\n-no newline\n+one\n+two\n") == "one\ntwo\n"
    assert updated("a", "@@\n a\n+b\n") == "a\nb\n"
    assert updated("a", "@@\n+b\n") == "a\nb\n"


def test_a_file_that_only_moves_keeps_its_bytes() -> None:
    files = MemoryFiles({"f": b"a\r\nb"})
    apply(files, "*** Update File: f\n*** Move to: g\n")
    assert files.contents == {"g": b"a\r\nb"}


def test_kept_lines_keep_their_endings_and_new_ones_end_as_the_first_does() -> None:
    files = MemoryFiles({"f": b"1\r\n2\n3\r\n4\n", "g": b"same\r\nsame\n"})
    apply(files, "*** Update File: f\n@@\n 1\n 2\n-3\n+three\n 4\n*** Update File: g\n@@\n-same\n same\n")
    assert files.contents == {"f": b"1\r\n2\nthree\r\n4\n", "g": b"same\n"}


def test_a_mark_and_latin_1_are_kept() -> None:
    files = MemoryFiles({"f": b"\xef\xbb\xbfa\n", "g": b"caf\xe9\nb\n"})
    apply(files, "*** Update File: f\n@@\n-a\n+b\n*** Update File: g\n@@\n café\n-b\n+ü\n")
    assert files.contents == {"f": b"\xef\xbb\xbfb\n", "g": b"caf\xe9\n\xfc\n"}


# ---------------------------------------------------------------- wrappers


@pytest.mark.parametrize(
    "wrapped",
    [
        "<<'EOF'\n{}\nEOF",
        'apply_patch <<"PATCH"\n{}\nPATCH\n',
        "```diff\n{}\n```",
        "\n\n  {}  \n\n",
        "cat <<-EOF\n{}\nEOF",
    ],
)
def test_wrappers_and_padding_are_taken_off(wrapped: str) -> None:
    files = MemoryFiles({"f": b"1\n"})
    apply_whole(files, wrapped.format("*** Begin Patch\n  *** Update File: f  \n@@\n-1\n+2\n*** End Patch"))
    assert files.contents == {"f": b"2\n"}


# ---------------------------------------------------------------- refusals: nothing is changed


@pytest.mark.parametrize(
    ("patch", "why"),
    [
        ("", "the first line must be '*** Begin Patch'"),
        ("*** Update File: f\n@@\n-1\n+2\n", "the first line must be '*** Begin Patch'"),
        ("*** Begin Patch\n*** Update File: f\n@@\n-1\n+2\n", "the last line must be '*** End Patch'"),
        ("*** Begin Patch\n*** Delete File: f\n*** End Patch\nDone.", "leave out what follows it"),
        ("*** Begin Patch\n*** End Patch", "it holds no"),
        ("*** Begin Patch\n*** Update File: f\n*** End Patch", "patch line 3: the update of f holds no change"),
        ("*** Begin Patch\n*** Update File:\n@@\n-1\n+2\n*** End Patch", "patch line 2: a path is missing"),
        ("*** Begin Patch\n*** Frobnicate File: f\n*** End Patch", "patch line 2: expected '*** Add File: PATH'"),
        ("*** Begin Patch\n*** Move to: f\n*** End Patch", "patch line 2: expected '*** Add File: PATH'"),
        (
            "*** Begin Patch\n*** Update File: f\n@@\nbare\n*** End Patch",
            "patch line 4: a change needs lines that start",
        ),
        ("*** Begin Patch\n*** Update File: f\n@@\n-1\n+2\nbare\n*** End Patch", "patch line 6: expected '@@'"),
        ("*** Begin Patch\n*** Add File: n\n+1\nbare\n*** End Patch", "patch line 4: every line of an added file"),
        ("*** Begin Patch\n*** Update File: g\n@@\n-1\n+2\n*** End Patch", "no such file: g"),
        ("*** Begin Patch\n*** Delete File: g\n*** End Patch", "no such file: g"),
        ("*** Begin Patch\n*** Delete File: d\n*** End Patch", "d is a directory"),
        ("*** Begin Patch\n*** Add File: d\n+1\n*** End Patch", "d is a directory"),
        ("*** Begin Patch\n*** Add File: f/x\n+1\n*** End Patch", "f is a file, not a directory"),
        ("*** Begin Patch\n*** Add File: ../x\n+1\n*** End Patch", "../x is outside the workspace"),
        ("*** Begin Patch\n*** Update File: f\n*** Move to: /x\n@@\n-1\n+2\n*** End Patch", "/x is outside"),
    ],
)
def test_what_is_no_patch_or_does_not_fit_is_refused(patch: str, why: str) -> None:
    files = MemoryFiles({"f": b"1\n", "d/x": b"x\n"})
    with pytest.raises(ToolFailure) as failure:
        apply_whole(files, patch)
    assert why in str(failure.value)
    assert files.contents == {"f": b"1\n", "d/x": b"x\n"}


def test_a_hunk_that_does_not_fit_is_named_with_the_nearest_lines() -> None:
    content = "def f():\n    total = price * count\n    return total\n"
    with pytest.raises(ToolFailure) as failure:
        updated(content, "@@\n-    return nothing\n+    return 1\n@@\n-x\n+y\n")
    assert str(failure.value).startswith(
        "f: hunk 1 of 2 (patch line 3): its lines are not in the file; the nearest are\n3\t    return total"
    )
    with pytest.raises(ToolFailure, match=r"hunk 1 of 1 \(patch line 3\): no line 'class X' \(after @@\) below line 0"):
        updated(content, "@@ class X\n-    return total\n+    return 1\n")


def test_hunks_out_of_order_are_told_so() -> None:
    with pytest.raises(ToolFailure, match="its lines are at line 1, above the place searched: give hunks in the order"):
        updated("a\nb\n", "@@\n-b\n+B\n@@\n-a\n+A\n")


def test_one_hunk_that_does_not_fit_leaves_every_file_alone() -> None:
    files = MemoryFiles({"f": b"1\n", "g": b"2\n"})
    with pytest.raises(ToolFailure):
        apply(
            files,
            "*** Add File: n\n+n\n*** Update File: f\n@@\n-1\n+one\n*** Delete File: g\n*** Update File: f\n@@\n-x\n+y\n",
        )
    assert files.contents == {"f": b"1\n", "g": b"2\n"}


def test_a_write_that_fails_midway_restores_what_was_written() -> None:
    before = {"a": b"1\n", "b": b"2\n", "c": b"3\n"}
    files = MemoryFiles(before)
    files.modes["a"] = 0o755
    files.fail_on = "z"
    with pytest.raises(ToolFailure, match="z: no space left; nothing was changed"):
        apply(files, "*** Delete File: b\n*** Update File: a\n*** Move to: m\n@@\n-1\n+one\n*** Add File: z\n+z\n")
    assert files.contents == before
    assert files.modes["a"] == 0o755


def test_a_patch_that_changes_nothing_says_so() -> None:
    result = apply(MemoryFiles({"f": b"1\n"}), "*** Update File: f\n@@\n-1\n+1\n")
    assert result.ok
    assert result.text == "Nothing to change: the files already hold this."
