"""Constructs found on the trees of ast-grep's grammars: each rule finds what it is for, and not what only reads like it."""

from __future__ import annotations

import pytest

from loopwright.guard.checks.rules import syntax_grammar as grammar
from loopwright.guard.checks.rules import syntax_text as text

pytest.importorskip("ast_grep_py")

#: Construct, language, source; the construct stands on the lines that end with a mark in a comment.
PLANTED = [
    ("unsafe", "rust", "unsafe fn f() {} //!\nfn g() {\n    unsafe { f() } //!\n}\nunsafe impl Send for X {} //!\n"),
    ("unsafe", "csharp", "class C {\n    unsafe void F() { } //!\n    void G() {\n        unsafe { } //!\n    }\n}\n"),
    ("unsafe", "go", 'package p\n\nimport "unsafe"\n\nvar p = unsafe.Pointer(q) //!\n'),
    ("throw", "java", "class A {\n    void f() {\n        throw new X(); //!\n    }\n}\n"),
    ("throw", "kotlin", "fun f() {\n    throw X() //!\n}\n"),
    ("throw", "cpp", "void f() {\n    throw 1; //!\n}\n"),
    ("goto", "c", "int f(void) {\n    goto out; //!\nout:\n    return 1;\n}\n"),
    ("goto", "go", "package p\n\nfunc f() {\n\tgoto out //!\nout:\n}\n"),
    ("lambda", "java", "class A {\n    Runnable r = () -> x(); //!\n}\n"),
    ("lambda", "cpp", "auto f = [&](int x) { return x; }; //!\nint a[3];\n"),
    ("lambda", "rust", "fn f() {\n    let c = |x: u8| x + 1; //!\n    let d = a | b;\n}\n"),
    ("lambda", "swift", "let f = { (a: Int) -> Int in a } //!\n"),
    ("namespace", "cpp", "namespace n { //!\nusing namespace std;\n}\n"),
    ("block_namespace", "csharp", "namespace A.B { //!\n}\n"),
    ("braceless", "java", "class A {\n    void f() {\n        if (a) //!\n            b();\n        while (c) { d(); }\n    }\n}\n"),
    ("braceless", "c", "int f(void) {\n    if (a) { b(); }\n    else //!\n        c();\n    if (x) { } else if (y) { }\n}\n"),
    ("braceless", "cpp", "void f() {\n    for (auto x : xs) //!\n        g(x);\n}\n"),
    ("global", "php", "<?php\nfunction f() {\n    global $x; //!\n}\n"),
    ("global", "lua", "_G.x = 1 --!\nlocal y = 2\n"),
    ("interface", "go", "package p\n\ntype I interface { //!\n\tM()\n}\n"),
    ("interface", "kotlin", "interface I //!\nclass A : I\n"),
    ("non_null", "kotlin", "val y = x!!.z //!\nval n = !done\n"),
    ("non_null", "swift", "let y = x!.z //!\nlet n = !done\nlet d = a != b\n"),
    ("non_null", "csharp", "class C {\n    int F() => y!.Z; //!\n    bool G() => !h;\n}\n"),
    ("var", "java", "class A {\n    void f() {\n        var y = 1; //!\n        int var2 = 2;\n    }\n}\n"),
    ("var", "kotlin", "class A(var x: Int) //!\nval y = 1\n"),
    ("wildcard_import", "java", "import a.b.*; //!\nimport a.b.C;\n"),
    ("wildcard_import", "rust", "use a::b::*; //!\nuse a::c;\n"),
    ("wildcard_import", "rust", "use a::{b::*, c}; //!\n"),
    ("wildcard_import", "go", 'package p\n\nimport (\n\t. "fmt" //!\n\t"os"\n)\n'),
    ("empty_catch", "java", "class A {\n    void f() {\n        try { a(); }\n        catch (X e) { } //!\n        try { a(); } catch (X e) { b(); }\n    }\n}\n"),
    ("empty_catch", "kotlin", "fun f() {\n    try { q() }\n    catch (e: X) { } //!\n}\n"),
    ("ternary", "java", "class A {\n    int q = a ? b : c; //!\n}\n"),
    ("nested_ternary", "java", "class A {\n    int p = a ? b : c;\n    int q = a ? b : (c ? d : e); //!\n}\n"),
    ("class", "kotlin", "class A //!\nenum class E { X }\ninterface I\n"),
    ("enum", "rust", "enum E { A } //!\nstruct S;\n"),
    ("enum", "kotlin", "enum class E { A } //!\nclass S\n"),
    ("try_except", "kotlin", "fun f() {\n    try { q() } catch (e: X) { r() } //!\n}\n"),
    ("any_type", "go", "package p\n\nfunc f(x any) {} //!\nfunc g(y interface{}) {} //!\nfunc h(i interface{ M() }) {}\n"),
    ("any_type", "kotlin", "fun f(): Any = 1 //!\nfun g(): Anything = h()\n"),
    ("broad_except", "java", "class A {\n    void f() {\n        try { a(); }\n        catch (IOException | Exception e) { b(); } //!\n    }\n}\n"),
    ("broad_except", "csharp", "class C {\n    void F() {\n        try { }\n        catch { } //!\n        try { }\n        catch (IOException e) { }\n    }\n}\n"),
    ("broad_except", "php", "<?php\ntry { a(); }\ncatch (A | \\Throwable $e) { } //!\n"),
    ("broad_except", "cpp", "void f() {\n    try { a(); }\n    catch (...) { } //!\n}\n"),
    ("skipped_test", "go", "package p\n\nfunc TestA(t *testing.T) {\n\tt.Skip(1) //!\n}\n"),
    ("skipped_test", "rust", "#[ignore] //!\n#[test]\nfn t() {}\n"),
    ("skipped_test", "java", "class A {\n    @Disabled //!\n    void t() { }\n}\n"),
]  # fmt: skip

#: Sources that hold nothing of the construct, though a search of the text finds it there.
READS_LIKE = [
    ("ternary", "rust", "fn f() -> R {\n    let x = g()?.map(|y: u8| y);\n}\n"),
    ("nested_ternary", "rust", "fn f() -> R {\n    let x = g()?.h(k()?, |y: u8| y);\n}\n"),
    ("unsafe", "rust", 'fn f() -> &\'static str {\n    r#"an "unsafe" word"#\n}\n'),
    ("lambda", "csharp", "class C {\n    int P => 3;\n}\n"),
    ("class", "kotlin", "enum class E { X }\n"),
    ("ternary", "kotlin", "fun f(x: A?): B {\n    return g(x?.y, z = { k: Int -> k })\n}\n"),
]


def lines(what: str, source: str, language: str) -> set[int]:
    found = grammar.find(what, source, language)
    assert found is not None
    return {line for line, _ in found}


@pytest.mark.parametrize(("what", "language", "source"), PLANTED)
def test_a_construct_is_found_where_it_stands(what: str, language: str, source: str) -> None:
    marked = {n for n, line in enumerate(source.splitlines(), 1) if line.endswith("!") and line[-3:-1] in ("//", "--")}
    assert lines(what, source, language) == marked


@pytest.mark.parametrize(("what", "language", "source"), READS_LIKE)
def test_what_only_reads_like_it_is_left_alone(what: str, language: str, source: str) -> None:
    assert text.find(what, source, language)
    assert not lines(what, source, language)


@pytest.mark.parametrize(("what", "language"), [(w, language) for w, by in grammar.RULES.items() for language in by])
def test_every_rule_fits_the_grammar_that_is_installed(what: str, language: str) -> None:
    assert grammar.find(what, "", language) == []


def test_a_text_that_is_no_program_is_left_to_the_search_of_its_text() -> None:
    assert grammar.find("throw", "class A { void f() { throw new ( ; ]] } }", "java") is None
    assert grammar.find("throw", "throw", "cobol") is None
