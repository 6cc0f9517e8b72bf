"""Every kind of rule that is called enforced: a change that conforms passes, one that breaks it is stopped at its line."""

from __future__ import annotations

import pytest

from loopwright.core.checks import Change, FileChange, Verdict
from loopwright.core.rules import Directive
from loopwright.guard.checks.rules.check import judge_all
from loopwright.guard.checks.rules.delta import Delta
from loopwright.guard.checks.rules.judges import AT_THE_CALL, JUDGES
from loopwright.guard.directives import compile_text
from loopwright.testing.memory import MemoryBlobs, MemoryFiles

Tree = dict[str, str]


def judge(rules: str, before: Tree, after: Tree) -> tuple[Verdict, ...]:
    """Compile the rules and judge the change from one tree to the other."""
    blobs = MemoryBlobs()
    changes = []
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old != new:
            kind = "add" if old is None else "delete" if new is None else "update"
            changes.append(
                FileChange(
                    path,
                    kind,
                    None if old is None else blobs.put(old.encode()),
                    None if new is None else blobs.put(new.encode()),
                )
            )
    tree = MemoryFiles({path: text.encode() for path, text in after.items()})
    return judge_all(enforceable(rules), Delta(Change("a", "b", tuple(changes)), blobs, tree))


def enforceable(rules: str) -> tuple[Directive, ...]:
    return tuple(d for d in compile_text(rules) if d.status in ("enforced", "partly"))


class Case:
    """A rule, the kind it compiles to, a base tree, what conforms, what breaks it and where."""

    def __init__(self, rule: str, kind: str, good: Tree, bad: Tree, at: str, base: Tree | None = None) -> None:
        self.rule, self.kind, self.good, self.bad, self.at, self.base = rule, kind, good, bad, at, base or {}


TS, PY = "src/cart.ts", "src/shop/cart.py"
CASES = [
    # paths
    Case("- Never edit `*.generated.ts` files", "path_protected", {TS: "x\n"}, {"src/api.generated.ts": "x\n"}, "src/api.generated.ts:1"),
    Case("- Do not modify files in `vendor/`", "path_protected", {TS: "x\n"}, {"vendor/lib/a.js": "x\n"}, "vendor/lib/a.js:1"),
    Case("- The `uv.lock` file is committed. Never hand-edit it.", "path_protected", {TS: "x\n"}, {"uv.lock": "a\nc\n"}, "uv.lock:2", {"uv.lock": "a\nb\n"}),
    Case("- Generated code must not be edited by hand.", "path_protected", {TS: "x\n"}, {"src/generated/client.ts": "x\n"}, "src/generated/client.ts:1"),
    Case("- Prefer TypeScript for new files (`.ts`/`.tsx`).", "forbid_path", {TS: "x\n"}, {"src/cart.js": "x\n"}, "src/cart.js:1"),
    # what is listed together, confined, called by another name
    Case("- `//libs` must never depend on `//apps`.", "layer", {"libs/a/BUILD.bazel": 'cc_library(\n    name = "a",\n    visibility = ["//apps:__subpackages__"],\n    deps = ["//libs/b"],\n)\n'}, {"libs/a/BUILD.bazel": 'cc_library(\n    name = "a",\n    deps = [\n        "//apps/x:y",\n    ],\n)\n'}, "libs/a/BUILD.bazel:4"),
    Case("- Nothing outside `//base` depends on `//lab`.", "forbid_import", {"base/BUILD": 'a(deps = ["//lab/x"])\n'}, {"web/BUILD": 'a(\n    deps = ["//lab/x"],\n)\n'}, "web/BUILD:2"),
    Case("- Never use `subprocess.call` or `shell=True`.", "forbid_call", {PY: "run(['a'])\n"}, {PY: "x = 1\nrun('a', shell=True)\n"}, f"{PY}:2"),
    Case("- Raw `yaml.dump(data, handle)` is forbidden.", "forbid_call", {PY: "dump_yaml(a, b)\n"}, {PY: "x = 1\nyaml.dump(rules, out)\n"}, f"{PY}:2"),
    Case("- Never use `str(path.relative_to(base))`.", "forbid_text", {PY: "portable(a, b)\n"}, {PY: "x = 1\nb = str(where.relative_to(root))\n"}, f"{PY}:2"),
    Case("- Hard-coded colours (`#fff`, `rgb(...)`) are not allowed.", "forbid_call", {"a.css": "a { color: var(--ink); }\n"}, {"a.css": "a {\n  color: #12ab34;\n}\n"}, "a.css:2"),
    Case("- Never use `default_scope` or `update_column(s)`.", "forbid_call", {"a.rb": "a.update(b: 1)\n"}, {"a.rb": "x = 1\na.update_columns(b: 1)\n"}, "a.rb:2"),
    Case("- `enum class`, never plain `enum`.", "forbid_syntax", {"a.cpp": "enum class A { b };\n"}, {"a.cpp": "int x;\nenum A { b };\n"}, "a.cpp:2"),
    Case("- `domain` has no Spring annotations.", "layer", {"web/A.java": "import org.springframework.A;\n"}, {"domain/A.java": "import java.util.List;\nimport org.springframework.stereotype.Service;\n"}, "domain/A.java:2"),
    Case("- Don't panic; return errors.", "forbid_call", {"a.go": "package a\n\nvar x = fail(1)\n"}, {"a.go": 'package a\n\nfunc f() { panic("x") }\n'}, "a.go:3"),
    Case("- No `std::mutex`, use the queues in `engine/rt`.", "forbid_call", {"a.cpp": "int a;\n"}, {"gui/a.cpp": "int a;\nstd::mutex m;\n"}, "gui/a.cpp:2"),
    Case("- Do not import UIKit or AppKit outside `Sources/Views`.", "forbid_import", {"Sources/Views/A.swift": "import AppKit\n"}, {"Sources/Core/A.swift": "import AppKit\n"}, "Sources/Core/A.swift:1"),
    Case("- `make_token` must only be called inside the session layer (`auth/session.py`, `auth/renew.py`) or tests.", "forbid_call", {"auth/renew.py": "make_token()\n", "tests/test_a.py": "make_token()\n"}, {"web/a.py": "x = 1\nmake_token()\n"}, "web/a.py:2"),
    Case("- `third/` holds copies. Don't modify code in there; patches go to `patches/`.", "path_protected", {"patches/a.patch": "x\n"}, {"third/a.c": "y\n"}, "third/a.c:1", {"third/a.c": "x\n"}),
    Case("- Code under `build/generated` or `src/generated` is off limits.", "path_protected", {"src/a.ts": "x\n"}, {"build/generated/a.ts": "y\n"}, "build/generated/a.ts:1", {"build/generated/a.ts": "x\n"}),
    Case("- Put `foo_test.cpp` next to `foo.cpp`.", "test_location", {"src/bar_test.cpp": "x\n"}, {"tests/bar_test.cpp": "x\n"}, "tests/bar_test.cpp:1", {"src/bar.cpp": "x\n"}),
    Case("| Instead of | Use |\n|---|---|\n| `doc.getSelection()` | `readSelection(root)` |", "replace_api", {TS: "readSelection(root)\n"}, {TS: "const a = 1\ndoc.getSelection()\n"}, f"{TS}:2"),
    Case("- `#pragma once` for header guards", "require_text", {"a.h": "#pragma once\nint f();\n"}, {"a.h": "int f();\n"}, "a.h:1"),
    # as prose tells it: frozen, kept out, confined, unwelcome
    Case("- Treat `legacy/` as frozen.", "path_protected", {TS: "x\n"}, {"legacy/a.c": "y\n"}, "legacy/a.c:1", {"legacy/a.c": "x\n"}),
    Case("- The version is in `.ruby-version`; don't change it.", "path_protected", {TS: "x\n"}, {".ruby-version": "3.4\n"}, ".ruby-version:1", {".ruby-version": "3.3\n"}),
    Case("- Model weights (`*.pt`, `*.onnx`) must not be committed.", "forbid_path", {"models/a.txt": "x\n"}, {"models/a.onnx": "x\n"}, "models/a.onnx:1"),
    Case("- `process.env` belongs in `src/env.ts` only.", "forbid_call", {"src/env.ts": "const a = process.env.A;\n"}, {TS: "const a = process.env.A;\n"}, f"{TS}:1"),
    Case("- `unsafe` is confined to `crates/alloc`.", "forbid_syntax", {"crates/alloc/src/a.rs": "unsafe fn a() {}\n"}, {"crates/plan/src/a.rs": "fn a() { unsafe { b() } }\n"}, "crates/plan/src/a.rs:1"),
    Case("- `assert` is for tests only.", "forbid_syntax", {"tests/test_a.py": "assert a\n"}, {PY: "assert a\n"}, f"{PY}:1"),
    Case("- No default exports, except where Next.js wants them (`page.tsx`, `layout.tsx`).", "forbid_syntax", {"app/page.tsx": "export default 1;\n"}, {TS: "export default 1;\n"}, f"{TS}:1"),
    Case("- No raw `new`/`delete`.", "forbid_call", {"a.cpp": "struct A { A(const A&) = delete; };\n"}, {"a.cpp": "auto* a = new A();\n"}, "a.cpp:1"),
    Case("- `Carbon` is not allowed; use `CarbonImmutable`.", "forbid_call", {"a.php": "<?php\nuse Carbon\\CarbonImmutable;\n"}, {"a.php": "<?php\n$a = Carbon::now();\n"}, "a.php:2"),
    Case("- Never use `Process.sleep/1` in tests.", "forbid_call", {"lib/a.ex": "Process.sleep(1)\n"}, {"test/a_test.exs": "Process.sleep(1)\n"}, "test/a_test.exs:1"),
    Case("- Don't add `type: ignore` without an error code.", "forbid_text", {PY: "a = 1  # type: ignore[misc]\n"}, {PY: "a = 1  # type: ignore\n"}, f"{PY}:1"),
    Case('- Never write "simply" or "of course".', "forbid_text", {"docs/a.md": "Read it.\n"}, {"docs/a.md": "You simply go.\n"}, "docs/a.md:1"),
    Case("- AutoMapper is not welcome.", "forbid_dependency", {"A.csproj": '<Project><PackageReference Include="MediatR" /></Project>\n'}, {"A.csproj": '<Project><PackageReference Include="AutoMapper" /></Project>\n'}, "A.csproj:1"),
    Case("- Don't use testify's `suite` package.", "forbid_import", {"a_test.go": 'package a\n\nimport "github.com/stretchr/testify/require"\n\nvar suite = 1\n'}, {"a_test.go": 'package a\n\nimport "github.com/stretchr/testify/suite"\n'}, "a_test.go:3"),
    Case("- Do not import `ref` or `computed` by hand.", "forbid_import", {TS: "const ref = 1;\n"}, {TS: "import { ref } from 'vue';\n"}, f"{TS}:1"),
    Case("- Values come from `app.config.ts`; never read `process.env` elsewhere.", "forbid_call", {"app.config.ts": "const a = process.env.A;\n"}, {TS: "const a = process.env.A;\n"}, f"{TS}:1"),
    Case("- TypeScript everywhere, no `.js` files in `src/`.", "forbid_path", {"babel.config.js": "x\n"}, {"src/a/b.js": "x\n"}, "src/a/b.js:1"),
    Case("- Getters have no `Get` prefix.", "naming", {"a.go": "package a\n\nfunc (c *C) Name() string { return c.Get() }\n"}, {"a.go": "package a\n\nfunc (c *C) GetName() string { return c.n }\n"}, "a.go:3"),
    Case("- No `init()` functions.", "forbid_call", {"a.go": "package a\n\nfunc initialise() {}\n"}, {"a.go": "package a\n\nfunc init() {}\n"}, "a.go:3"),
    Case("- Bump the version in `plugin.php` and `package.json` together.", "companion_change", {"plugin.php": "2\n", "package.json": "2\n"}, {"plugin.php": "2\n", "package.json": "1\n"}, "plugin.php:1", {"plugin.php": "1\n", "package.json": "1\n"}),
    Case("- File names are kebab-case.", "naming", {"docs/my-page.md": "x\n", "docs/README.md": "x\n"}, {"docs/MyPage.md": "x\n"}, "docs/MyPage.md:1"),
    Case("- Don't use `var` in Scala.", "forbid_syntax", {"a.scala": "val x = 1\n"}, {"a.scala": "var x = 1\n"}, "a.scala:1"),
    # names and uses in further languages
    Case("- Constants are `UPPER_SNAKE_CASE`.", "naming", {"A.java": "class A { static final int MAX_SIZE = 1; }\n"}, {"A.java": "class A { static final int maxSize = 1; }\n"}, "A.java:1"),
    Case("- Constants in `UPPER_SNAKE_CASE`.", "naming", {"a.rs": "pub const MAX: u8 = 1;\n"}, {"a.rs": "pub const Max: u8 = 1;\n"}, "a.rs:1"),
    Case("- `_t` suffix for types, `g_` prefix for globals.", "naming", {"a.h": "typedef struct { int a; } cart_t;\n"}, {"a.h": "typedef struct { int a; } Cart;\n"}, "a.h:1"),
    Case("- Don't use `yield`.", "forbid_call", {"a.gd": "# yield\nawait b\n"}, {"a.gd": "yield(b)\n"}, "a.gd:1"),
    Case("- Never use `local-exec` or `timestamp()` in modules.", "forbid_call", {"modules/a/main.tf": "a = 1\n"}, {"modules/a/main.tf": "a = timestamp()\n"}, "modules/a/main.tf:1"),
    Case("- Never import `k8s.io/kubernetes` from staging.", "forbid_import", {"pkg/a.go": 'package a\n\nimport "k8s.io/kubernetes/b"\n'}, {"staging/a.go": 'package a\n\nimport "k8s.io/kubernetes/b"\n'}, "staging/a.go:3"),
    # layers
    Case("- `internal/rating` imports nothing from `internal/store`.", "layer", {"internal/api/a.go": 'package api\n\nimport "x/y/internal/store"\n'}, {"internal/rating/a.go": 'package rating\n\nimport "x/y/internal/store"\n'}, "internal/rating/a.go:3"),
    Case("- `crates/plan` must not depend on `crates/exec`.", "layer", {"crates/exec/src/a.rs": "use plan::A;\n"}, {"crates/plan/src/a.rs": "use ferrite_exec::A;\n"}, "crates/plan/src/a.rs:1"),
    Case("- A feature module never depends on another feature module.", "layer", {"feature/a/A.kt": "import core.B\n"}, {"feature/a/A.kt": "import feature.b.B\n"}, "feature/a/A.kt:1"),
    Case("- `domain` imports neither FastAPI nor SQLAlchemy.", "layer", {"api/a.py": "import fastapi\n"}, {"domain/a.py": "import sqlalchemy\n"}, "domain/a.py:1"),
    # what goes with what
    Case("- When you touch `fmt/`, bump the number in `src/lib.rs` and add an entry to `docs/fmt.md`.", "companion_change", {"fmt/a.rs": "y\n", "src/lib.rs": "y\n", "docs/fmt.md": "y\n"}, {"fmt/a.rs": "y\n", "docs/fmt.md": "y\n", "src/lib.rs": "x\n"}, "fmt/a.rs:1", {"fmt/a.rs": "x\n", "src/lib.rs": "x\n", "docs/fmt.md": "x\n"}),
    Case("- Keep `src/a.pyi` in sync with `src/a.c`.", "companion_change", {"src/a.pyi": "y\n", "src/a.c": "x\n"}, {"src/a.pyi": "x\n", "src/a.c": "y\n"}, "src/a.c:1", {"src/a.pyi": "x\n", "src/a.c": "x\n"}),
    Case("- `a.json` and `b.json` carry one version; change both or none.", "companion_change", {"a.json": "2\n", "b.json": "2\n"}, {"a.json": "1\n", "b.json": "2\n"}, "b.json:1", {"a.json": "1\n", "b.json": "1\n"}),
    Case("- Each change in `models.py` comes with a migration.", "companion_change", {"app/models.py": "y\n", "app/migrations/0002.py": "y\n"}, {"app/models.py": "y\n"}, "app/models.py:1", {"app/models.py": "x\n"}),
    Case("## Tests\n\n- Unit tests are in `tests/A.UnitTests`, integration tests in `tests/A.IntegrationTests`.", "test_location", {"tests/A.IntegrationTests/CartTests.cs": "x\n"}, {"src/CartTests.cs": "x\n"}, "src/CartTests.cs:1"),
    Case("- Each module has `main.tf` and `README.md`.", "file_required", {"modules/a/main.tf": "x\n", "modules/a/README.md": "x\n"}, {"modules/a/main.tf": "x\n"}, "modules/a/README.md:0"),
    # what comes new and asks for more: nothing else in the same place does
    Case("- New endpoints must be documented in `docs/api.md`.", "companion_change", {"app/api/a.py": "@router.get('/a')\ndef a():\n    return 2\n", "docs/api.md": "a\n"}, {"app/api/a.py": "@router.get('/a')\ndef a():\n    return 1\n\n@router.get('/b')\ndef b(): ...\n", "docs/api.md": "a\n"}, "app/api/a.py:5", {"app/api/a.py": "@router.get('/a')\ndef a():\n    return 1\n", "docs/api.md": "a\n"}),
    Case("- When adding an endpoint, update `openapi.yaml`.", "companion_change", {"src/server.ts": "app.get('/a', g);\n", "openapi.yaml": "a\n"}, {"src/server.ts": "app.get('/a', f);\napp.post('/a', f);\n", "openapi.yaml": "a\n"}, "src/server.ts:2", {"src/server.ts": "app.get('/a', f);\n", "openapi.yaml": "a\n"}),
    Case("- New CLI commands must be documented in `docs/cli.md`.", "companion_change", {"shop/cli.py": "@app.command()\ndef a(): pass\n"}, {"shop/cli.py": "@app.command()\ndef a(): ...\n\n@app.command()\ndef b(): ...\n"}, "shop/cli.py:4", {"shop/cli.py": "@app.command()\ndef a(): ...\n"}),
    Case("- New environment variables go into `.env.example`.", "companion_change", {TS: "const a = process.env.OLD_KEY ?? 1;\n", ".env.example": "OLD_KEY=\n"}, {TS: "const a = process.env.NEW_KEY;\n", ".env.example": "OLD_KEY=\n"}, f"{TS}:1", {".env.example": "OLD_KEY=\n"}),
    Case("- When adding a provider in `src/providers/`, update `docs/providers.md`.", "companion_change", {"src/providers/a.ts": "y\n"}, {"src/providers/a.ts": "x\n", "src/providers/b.ts": "x\n"}, "src/providers/b.ts:1", {"src/providers/a.ts": "x\n"}),
    Case("- New classes in `core/` need a test `core/tests/tst_<class>.cpp`.", "companion_change", {"core/a.h": "class A { int b; };\n"}, {"core/a.h": "class A {};\nclass B {};\n"}, "core/a.h:2", {"core/a.h": "class A {};\n"}),
    Case("- Update `docs/api.md` when changing the public API.", "companion_change", {"lib/a.go": "package a\n\nfunc Go() { b() }\n"}, {"lib/a.go": "package a\n\nfunc Go(n int) {}\n"}, "lib/a.go:3", {"lib/a.go": "package a\n\nfunc Go() {}\n"}),
    Case("- Every new command needs a test.", "test_required", {"cmd/a.go": "package cmd\n\nvar a = &cobra.Command{Use: \"b\"}\n"}, {"cmd/a.go": "package cmd\n\nvar a = &cobra.Command{}\n\nvar b = &cobra.Command{}\n"}, "cmd/a.go:5", {"cmd/a.go": "package cmd\n\nvar a = &cobra.Command{}\n"}),
    Case("- When you add a new page, add a test for it.", "test_required", {"src/pages/A.tsx": "y\n"}, {"src/pages/A.tsx": "x\n", "src/pages/B.tsx": "x\n"}, "src/pages/B.tsx:1", {"src/pages/A.tsx": "x\n"}),
    # said in other words
    Case("- `unwrap()` and `expect()` are acceptable in tests and nowhere else.", "forbid_call", {"tests/a.rs": "a.unwrap();\n"}, {"src/a.rs": "fn f() {\n    a.expect(\"x\");\n}\n"}, "src/a.rs:2"),
    Case("- `println!` and `dbg!` may only occur in `shop-cli`.", "forbid_call", {"shop-cli/src/a.rs": "println!(\"a\");\n"}, {"shop-core/src/a.rs": "dbg!(a);\n"}, "shop-core/src/a.rs:1"),
    Case("- Time comes from `clock.Clock`; calling `time.Now` is only fine in `clock/`.", "forbid_call", {"clock/a.go": "package clock\n\nvar a = time.Now()\n"}, {"pkg/a.go": "package a\n\nvar b = time.Now()\n"}, "pkg/a.go:3"),
    Case("- `Model.query` is legacy.", "forbid_call", {PY: "a = select(Model)\n"}, {PY: "a = Model.query.all()\n"}, f"{PY}:1"),
    Case("- `Thread.sleep` in a test fails review.", "forbid_call", {"src/main/A.java": "Thread.sleep(1);\n"}, {"src/test/ATest.java": "Thread.sleep(1);\n"}, "src/test/ATest.java:1"),
    Case("- `Double` and `Float` have no place in `domain`.", "forbid_call", {"src/web/A.kt": "val a: Double = 1.0\n"}, {"src/domain/A.kt": "val a: Float = 1f\n"}, "src/domain/A.kt:1"),
    Case("- New-style connect only: the `SIGNAL()`/`SLOT()` macros are forbidden.", "forbid_call", {"a.cpp": "connect(a, &A::b, c, &C::d);\n"}, {"a.cpp": "connect(a, SIGNAL(b()), c, SLOT(d()));\n"}, "a.cpp:1"),
    Case("- Golden files in `testdata/` are updated with `-update`, never by hand.", "path_protected", {TS: "x\n"}, {"testdata/a.golden": "y\n"}, "testdata/a.golden:1", {"testdata/a.golden": "x\n"}),
    Case("- `pnpm-lock.yaml` is only ever changed by pnpm.", "path_protected", {TS: "x\n"}, {"pnpm-lock.yaml": "y\n"}, "pnpm-lock.yaml:1", {"pnpm-lock.yaml": "x\n"}),
    Case("- Code in `3rdparty/` is vendored; fix things upstream instead.", "path_protected", {TS: "x\n"}, {"3rdparty/a.c": "y\n"}, "3rdparty/a.c:1", {"3rdparty/a.c": "x\n"}),
    Case("- Never edit `.snap` files.", "path_protected", {TS: "x\n"}, {"src/a.snap": "y\n"}, "src/a.snap:1", {"src/a.snap": "x\n"}),
    Case("- `shop-core` must not depend on tokio, sqlx or axum.", "layer", {"shop-http/src/a.rs": "use axum::Router;\n"}, {"shop-core/src/a.rs": "use tokio::sync::Mutex;\n"}, "shop-core/src/a.rs:1"),
    Case("- Controllers must not call mappers directly.", "layer", {"src/service/A.java": "import shop.mapper.B;\n"}, {"src/controller/A.java": "import shop.mapper.B;\n"}, "src/controller/A.java:1"),
    Case("- Handlers never use repositories.", "layer", {"app/services/a.py": "from app.repositories import b\n"}, {"app/handlers/a.py": "from app.repositories import b\n"}, "app/handlers/a.py:1"),
    Case("- The dependency arrow is http → store → core.", "layer", {"http/a.go": 'package a\n\nimport "x/store"\n'}, {"core/a.go": 'package a\n\nimport "x/http"\n'}, "core/a.go:3"),
    Case("- Modules are files: `foo.rs` rather than `foo/mod.rs`.", "forbid_path", {"src/foo.rs": "x\n"}, {"src/foo/mod.rs": "x\n"}, "src/foo/mod.rs:1"),
    Case("- Headers start with `#pragma once`.", "require_text", {"a.h": "#pragma once\n"}, {"a.h": "int a;\n"}, "a.h:1"),
    Case("- `permissions:` must be set in each workflow.", "require_text", {".github/workflows/a.yml": "permissions: {}\n"}, {".github/workflows/a.yml": "on: push\n"}, ".github/workflows/a.yml:1"),
    Case("- Pin third-party actions to a commit SHA.", "require_syntax", {".github/workflows/a.yml": f"  - uses: a/b@{'0' * 40} # v1\n  - uses: actions/checkout@v4\n  - uses: ./x\n"}, {".github/workflows/a.yml": "x\n  - uses: a/b@v1\n"}, ".github/workflows/a.yml:2"),
    Case("## Terraform\n\n- Every variable has a `description` and a `type`.", "require_syntax", {"a.tf": 'variable "a" {\n  type = string\n  description = "x"\n}\n'}, {"a.tf": 'variable "a" {\n  type = string\n}\n'}, "a.tf:1"),
    Case("- Scripts in `db/migration` are called `V<number>__<text>.sql`.", "naming", {"db/migration/V1__a.sql": "x\n", "db/b.sql": "x\n"}, {"db/migration/a.sql": "x\n"}, "db/migration/a.sql:1"),
    Case("- Files are all lower case.", "naming", {"src/plotwidget.cpp": "x\n"}, {"src/PlotWidget.cpp": "x\n"}, "src/PlotWidget.cpp:1"),
    Case("- C++20, no compiler extensions.", "language_version", {"CMakeLists.txt": "set(CMAKE_CXX_STANDARD 20)\n"}, {"CMakeLists.txt": "set(CMAKE_CXX_STANDARD 17)\n"}, "CMakeLists.txt:1"),
    Case("## PRs\n\n- Fewer than 10 changed lines.", "diff_size", {TS: "x\n"}, {TS: "x\n" * 19}, ":0"),
    Case("- 不要引入 jQuery。", "forbid_dependency", {"package.json": '{"dependencies": {"vue": "3"}}'}, {"package.json": '{"dependencies": {"jquery": "3"}}'}, "package.json:1"),
    Case("- No unwrap/expect/panic in src/, tests are fine.", "forbid_call", {"src/a.rs": "#[cfg(test)]\nmod tests {\n    fn t() { a().unwrap(); }\n}\n"}, {"src/a.rs": "fn f() {\n    panic!();\n}\n\n#[cfg(test)]\nmod tests {}\n"}, "src/a.rs:2"),
    Case("- `@Disabled` without a reason is not allowed.", "forbid_text", {"ATest.java": '@Disabled("slow on CI")\n'}, {"ATest.java": "@Disabled\n"}, "ATest.java:1"),
    Case("- Loading with `torch.load` needs `weights_only=True`.", "require_syntax", {PY: "a = torch.load(\n    b,\n    weights_only=True,\n)\n"}, {PY: "a = torch.load(b)  # weights_only=True\n"}, f"{PY}:1"),
    Case("- Domain errors extend `ShopException`.", "class_base", {"A.java": "class BadPriceException extends ShopException {}\n"}, {"A.java": "class BadPriceException extends RuntimeException {}\n"}, "A.java:1"),
    Case("- `LocalDateTime` is forbidden in `ledger-core`.", "forbid_call", {"ledger-app/A.java": "LocalDateTime a;\n"}, {"ledger-core/A.java": "LocalDateTime a;\n"}, "ledger-core/A.java:1"),
    Case("- No default exports except in files where Next.js demands them.", "forbid_syntax", {"app/page.tsx": "export default 1;\n"}, {TS: "export default 1;\n"}, f"{TS}:1"),
    Case("- No new dependencies without approval.", "new_dependency", {"pubspec.yaml": "dependencies:\n  dio: ^5.0.0\n"}, {"pubspec.yaml": "dependencies:\n  dio: ^5.0.0\n  get: ^4.0.0\n"}, "pubspec.yaml:3", {"pubspec.yaml": "dependencies:\n  dio: ^5.0.0\n"}),
    Case("- Never commit anything from `DerivedData`.", "forbid_path", {"App/a.swift": "x\n"}, {"DerivedData/a/b.o": "x\n"}, "DerivedData/a/b.o:1"),
    Case("- Never use `select *` outside of staging.", "forbid_text", {"models/staging/a.sql": "select * from a\n"}, {"models/marts/a.sql": "select * from a\n"}, "models/marts/a.sql:1"),
    Case("- `sleep` hides races. `time.sleep` is worse. Don't use it.", "forbid_call", {PY: "a = 1\n"}, {PY: "time.sleep(1)\n"}, f"{PY}:1"),
    Case("- `!!` is forbidden, `requireNotNull` with a message is fine.", "forbid_text", {"A.kt": 'val a = requireNotNull(b) { "x" }\n'}, {"A.kt": "val a = b!!\n"}, "A.kt:1"),
    Case("- `testify/require` is allowed, `testify/mock` is not.", "forbid_import", {"a_test.go": 'package a\n\nimport "github.com/stretchr/testify/require"\n'}, {"a_test.go": 'package a\n\nimport "github.com/stretchr/testify/mock"\n'}, "a_test.go:3"),
    Case("- `inferSchema` must not be used.", "forbid_call", {"A.scala": "val a = spark.read.schema(s) // inferSchema\n"}, {"A.scala": 'val a = spark.read.option("inferSchema", "true")\n'}, "A.scala:1"),
    Case("- Don't use `latest.release` or `+` versions.", "forbid_text", {"build.gradle.kts": 'a("b:c:1.0")\n'}, {"build.gradle.kts": 'a("b:c:latest.release")\n'}, "build.gradle.kts:1"),
    Case("- Only repositories talk to `dio`.", "forbid_import", {"lib/repositories/a.dart": "import 'package:dio/dio.dart';\n"}, {"lib/screens/a.dart": "import 'package:dio/dio.dart';\n"}, "lib/screens/a.dart:1"),
    Case("- `jobs` depend on `transform`, `transform` on `model`, never the other way.", "layer", {"src/jobs/A.scala": "import x.transform.B\n"}, {"src/model/A.scala": "import x.transform.B\n"}, "src/model/A.scala:1"),
    Case("- No underscores in package names.", "naming", {"pkg/tokens/a.go": "package tokens\n"}, {"pkg/my_tokens/a.go": "package my_tokens\n"}, "pkg/my_tokens:0"),
    Case("- No GetX, no Provider.", "forbid_dependency", {"pubspec.yaml": "dependencies:\n  dio: ^5.0.0\n"}, {"pubspec.yaml": "dependencies:\n  get: ^4.0.0\n"}, "pubspec.yaml:2"),
    Case("## Testing\n\nVitest.", "framework_required", {"package.json": '{"devDependencies": {"vitest": "2"}}'}, {"package.json": '{"devDependencies": {"vitest": "2"}}', "a.test.ts": "import { it } from '@jest/globals';\n"}, "a.test.ts:1"),
    Case("- `patches/` holds diffs: ask before changing them.", "path_protected", {TS: "x\n"}, {"patches/a.patch": "y\n"}, "patches/a.patch:1", {"patches/a.patch": "x\n"}),
    Case("## Templates\n\n- Indent with two spaces.", "indentation", {"templates/a.html": "<a>\n  <b></b>\n</a>\n"}, {"templates/a.html": "<a>\n\t<b></b>\n</a>\n"}, "templates/a.html:2"),
    Case("- Never block on async code (`.Result`, `.Wait()`).", "forbid_call", {"A.cs": "var a = await b();\n"}, {"A.cs": "var a = b().Result;\n"}, "A.cs:1"),
    Case("- No module called `utils` or `helpers`.", "forbid_path", {PY: "x = 1\n"}, {"src/shop/utils.py": "x = 1\n"}, "src/shop/utils.py:1"),
    Case("- No abbreviations in names (`cfg`, `mgr`).", "forbid_call", {PY: "config = 1\n"}, {PY: "my_cfg = 1\n"}, f"{PY}:1"),
    Case("- `logging` and `print` are not used in application code.", "forbid_call", {"tests/test_a.py": "print(1)\n"}, {PY: "import logging\n"}, f"{PY}:1"),
    Case("- `core` is pure Python: no FastAPI, no SQLAlchemy.", "layer", {"api/a.py": "import fastapi\n"}, {"core/a.py": "import fastapi\n"}, "core/a.py:1"),
    Case("- `StyleSheet.create` only; inline style objects are rejected.", "forbid_text", {"a.tsx": "const a = <A style={styles.a} />;\n"}, {"a.tsx": "const a = <A style={{ margin: 1 }} />;\n"}, "a.tsx:1"),
    Case("- `null_resource` and provisioners are not accepted.", "forbid_call", {"a.tf": 'resource "aws_a" "b" {}\n'}, {"a.tf": 'resource "null_resource" "b" {}\n'}, "a.tf:1"),
    Case("- `Text` from our `ui` package, not from `react-native`.", "forbid_import", {TS: "import { View } from 'react-native';\n"}, {TS: "import { Text } from 'react-native';\n"}, f"{TS}:1"),
    Case("## 7. Forbidden\n\nTouching `infra/`.", "path_protected", {TS: "x\n"}, {"infra/a.tf": "y\n"}, "infra/a.tf:1", {"infra/a.tf": "x\n"}),
    Case("## Module rules\n\n- Structure: `main.tf`, `README.md`.", "file_required", {"modules/a/main.tf": "x\n", "modules/a/README.md": "x\n"}, {"modules/a/main.tf": "x\n"}, "modules/a/README.md:0"),
    Case("- `Drivers/A` and `Drivers/B` come from the vendor: read only.", "path_protected", {TS: "x\n"}, {"Drivers/B/a.c": "y\n"}, "Drivers/B/a.c:1", {"Drivers/B/a.c": "x\n"}),
    Case("- `src/gen/p.c` is produced from `p.yaml` - change the YAML.", "path_protected", {"p.yaml": "x\n"}, {"src/gen/p.c": "y\n"}, "src/gen/p.c:1", {"src/gen/p.c": "x\n"}),
    Case("- 1 ファイル 300 行以内。", "max_file_lines", {TS: "x\n"}, {TS: "x\n" * 400}, f"{TS}:301"),
    Case("- `print` and `display` are for notebooks only.", "forbid_call", {"notebooks/a.py": "display(1)\n"}, {PY: "display(1)\n"}, f"{PY}:1"),
    Case("## Notebooks\n\n- Strip outputs before committing.", "diff_rule", {"a.ipynb": '{"cells": [{"outputs": []}]}'}, {"a.ipynb": '{"cells": [{"outputs": [{"output_type": "stream"}]}]}'}, "a.ipynb:1", {"a.ipynb": '{"cells": []}'}),
    Case("- `Time.now` → `Time.current`.", "replace_api", {"a.rb": "Time.current\n"}, {"a.rb": "Time.now\n"}, "a.rb:1"),
    Case("- `runBlocking` is only allowed in tests and `main`.", "forbid_call", {"src/commonTest/A.kt": "runBlocking { }\n", "src/Main.kt": "fun main() = runBlocking { }\n"}, {"src/commonMain/A.kt": "runBlocking { }\n"}, "src/commonMain/A.kt:1"),
    Case("- Time comes from `Clock`, `time.Now()` only in `main.go`.", "forbid_call", {"main.go": "package main\n\nvar a = time.Now()\n"}, {"world/a.go": "package world\n\nvar a = time.Now()\n"}, "world/a.go:3"),
    Case("- Twig: never use `|raw`.", "forbid_text", {"a.twig": "{{ a }}\n"}, {"a.twig": "{{ a|raw }}\n"}, "a.twig:1"),
    Case("- JavaScript in behaviours, no jQuery.", "forbid_dependency", {"package.json": '{"dependencies": {"a": "1"}}'}, {"package.json": '{"dependencies": {"jquery": "3"}}'}, "package.json:1"),
    Case("- Replays in `testdata/replays` are sacred.", "path_protected", {TS: "x\n"}, {"testdata/replays/a.bin": "y\n"}, "testdata/replays/a.bin:1", {"testdata/replays/a.bin": "x\n"}),
    Case("- `models/` holds what was approved. Do not modify, replace or delete it.", "path_protected", {TS: "x\n"}, {"models/a.bin": "y\n"}, "models/a.bin:1", {"models/a.bin": "x\n"}),
    Case("- Only `shop/cli.py` may call `sys.exit` or `print`.", "forbid_call", {"shop/cli.py": "print(1)\n"}, {"shop/a.py": "sys.exit(1)\n"}, "shop/a.py:1"),
    Case("- Don't use stores from `svelte/store`.", "forbid_import", {TS: "import { a } from 'svelte';\n"}, {TS: "import { writable } from 'svelte/store';\n"}, f"{TS}:1"),
    Case("- `openssl` is out, we use rustls.", "forbid_dependency", {"Cargo.toml": '[dependencies]\nrustls = "1"\n'}, {"Cargo.toml": '[dependencies]\nopenssl = "1"\n'}, "Cargo.toml:2"),
    Case("- Changelogs in `db/changelog`, YAML, never modified after release.", "path_protected", {"db/changelog/2.yaml": "x\n"}, {"db/changelog/1.yaml": "y\n"}, "db/changelog/1.yaml:1", {"db/changelog/1.yaml": "x\n"}),
    Case("- Comments in English.", "text_language", {TS: "// A cart.\n"}, {TS: "// Корзина\n"}, f"{TS}:1"),
    Case("- No dependency except `click`.", "new_dependency", {PY: "x = 1\n"}, {"pyproject.toml": '[project]\ndependencies = ["six"]\n'}, "pyproject.toml:2", {"pyproject.toml": "[project]\ndependencies = []\n"}),
    Case("- Max 150 lines, then it becomes Python.", "max_file_lines", {"a.sh": "a\n"}, {"a.sh": "a\n" * 200}, "a.sh:151"),
    Case("- No `SELECT *`.", "forbid_text", {PY: "q = 'SELECT a FROM b'\n"}, {PY: "q = 'SELECT * FROM b'\n"}, f"{PY}:1"),
    Case("- `java.util.Random` must not be used, `SecureRandom` only.", "forbid_call", {"A.java": "SecureRandom a;\n"}, {"A.java": "import java.util.Random;\n"}, "A.java:1"),
    Case("- SNMP code is in `internal/snmp`; `a.b/snmp` must not be imported anywhere else.", "forbid_import", {"internal/snmp/a.go": 'package snmp\n\nimport "a.b/snmp"\n'}, {"pkg/a.go": 'package a\n\nimport "a.b/snmp"\n'}, "pkg/a.go:3"),
    Case("2.5 Be kind.\n2.6 `!!` is not used.", "forbid_text", {"A.kt": "val a = b\n"}, {"A.kt": "val a = b!!\n"}, "A.kt:1"),
    Case("- Styles in `src/styles`, no inline styles.", "forbid_syntax", {"src/styles/a.css": "a {}\n"}, {"src/a.tsx": "const a = <A style={{ b: 1 }} />;\n"}, "src/a.tsx:1"),
    # containers
    Case("- Docker images must not run as root.", "dockerfile_rule", {"Dockerfile": "FROM python:3.12-slim\nUSER app\n"}, {"Dockerfile": "FROM python:3.12-slim\nUSER root\n"}, "Dockerfile:2"),
    Case("- Never use the `latest` tag for Docker images.", "dockerfile_rule", {"Dockerfile": "FROM node:22 AS build\nFROM build\n"}, {"Dockerfile": "ARG A=1\nFROM node:latest\n"}, "Dockerfile:2"),
    Case("- Features must not import from each other.", "layer", {"src/Features/Cart/A.cs": "using Shop.Features.Cart;\n"}, {"src/Features/Cart/A.cs": "using Shop.Features.Orders;\n"}, "src/Features/Cart/A.cs:1"),
    Case("- Dockerfiles must pass `hadolint`.", "dockerfile_rule", {"Dockerfile": "FROM a:1\nWORKDIR /srv\n"}, {"Dockerfile": "FROM a:1\nWORKDIR srv\n"}, "Dockerfile:2"),
    Case("- Pin base images by digest.", "dockerfile_rule", {"Dockerfile": "FROM node:22@sha256:ab\n"}, {"Dockerfile": "FROM node:22\n"}, "Dockerfile:1"),
    Case("- Dockerfiles use multi-stage builds.", "dockerfile_rule", {"Dockerfile": "FROM a:1 AS b\nFROM c:2\n"}, {"Dockerfile": "FROM a:1\nRUN x\n"}, "Dockerfile:1"),
    Case("- Every Dockerfile has a HEALTHCHECK.", "dockerfile_rule", {"Dockerfile": "FROM a:1\nHEALTHCHECK CMD x\n"}, {"Dockerfile": "FROM a:1\nCMD x\n"}, "Dockerfile:2"),
    # versions of dependencies
    Case("- Dependencies must be pinned to exact versions.", "pinned_versions", {"package.json": '{"dependencies": {"a": "1.2.3"}}\n'}, {"package.json": '{\n "dependencies": {\n  "a": "^1.2.3"\n }\n}\n'}, "package.json:3"),
    Case("- Pin all dependency versions in `requirements.txt`.", "pinned_versions", {"requirements.txt": "a==1\n"}, {"requirements.txt": "a==1\nb>=2\n"}, "requirements.txt:2"),
    Case("- Pin all dependencies.", "pinned_versions", {"pyproject.toml": "[project]\ndependencies = [\n 'a==1',\n]\n"}, {"pyproject.toml": "[project]\ndependencies = [\n 'a',\n]\n"}, "pyproject.toml:3"),
    # amounts
    Case("- Functions take at most three parameters.", "max_parameters", {PY: "class A:\n    def f(self, a, b, c): ...\n"}, {PY: "x = 1\ndef f(a, b, c, d): ...\n"}, f"{PY}:2"),
    Case("- No more than 2 arguments per function.", "max_parameters", {TS: "const f = (a, b) => a;\n"}, {TS: "const f = (a, b, c) => a;\n"}, f"{TS}:1"),
    Case("- Nesting depth must not exceed 2.", "max_nesting", {PY: "def f():\n    if a:\n        b()\n    elif c:\n        if d:\n            e()\n"}, {PY: "def f():\n    if a:\n        for b in c:\n            if d:\n                e()\n"}, f"{PY}:4"),
    Case("- No more than 2 levels of nesting.", "max_nesting", {TS: "function f() { if (a) { b() } else if (c) { while (d) e() } }\n"}, {TS: "function f() {\n if (a) {\n  for (;;) {\n   if (b) c();\n  }\n }\n}\n"}, f"{TS}:4"),
    # tests that do not run
    Case("- Never disable failing tests.", "forbid_syntax", {"tests/test_a.py": "def test_a(): ...\n"}, {"tests/test_a.py": "import pytest\n\n@pytest.mark.skip\ndef test_a(): ...\n"}, "tests/test_a.py:3"),
    Case("- Don't use `it.skip`.", "forbid_syntax", {"a.test.ts": "it('a', f);\n"}, {"a.test.ts": "it.skip('a', f);\n"}, "a.test.ts:1"),
    Case("- Never commit `.only` in tests.", "forbid_syntax", {"a.test.ts": "it('a', f);\n"}, {"a.test.ts": "describe.only('a', f);\n"}, "a.test.ts:1"),
    # calls, text
    Case("- Never use `console.log` in source code.", "forbid_call", {TS: "log.info('x') // console.log\n"}, {TS: "a()\nconsole.log('x')\n"}, f"{TS}:2"),
    Case("- Avoid using `typing.cast`.", "forbid_call", {PY: "x = 1\n"}, {PY: "import typing\n\nx = typing.cast(int, 1)\n"}, f"{PY}:3"),
    Case("- Avoid using `typing.cast`.", "forbid_call", {PY: "x = 1\n"}, {PY: "from typing import cast\n"}, f"{PY}:1"),
    Case("- Do not use `useMemo` or `useCallback`.", "forbid_call", {TS: "use()\n"}, {TS: "const a = 1\nconst b = useCallback(() => a)\n"}, f"{TS}:2"),
    Case("- AVOID using `panic!`, `.unwrap()` and `unreachable!`.", "forbid_call", {"src/a.rs": "let x = y?;\n"}, {"src/a.rs": "fn f() {\n  y.unwrap();\n}\n"}, "src/a.rs:2"),
    Case("- Never call `time.sleep()` in tests.", "forbid_call", {"src/a.py": "import time\ntime.sleep(1)\n"}, {"tests/test_a.py": "import time\ntime.sleep(1)\n"}, "tests/test_a.py:2"),
    Case("- Prefer `pathlib` over `os.path` everywhere.", "lint_rule", {PY: "from pathlib import Path\n"}, {PY: "import os.path\n\nx = os.path.join('a', 'b')\n"}, f"{PY}:3"),
    Case("- Outside tests, use `DataView` instead of `Buffer`.", "replace_api", {"tests/a.test.ts": "Buffer.from('')\n"}, {TS: "const x = Buffer.from('')\n"}, f"{TS}:1"),
    Case("- Don't use `// @ts-ignore` comments.", "forbid_text", {TS: "a()\n"}, {TS: "a()\n// @ts-ignore\nb()\n"}, f"{TS}:2"),
    Case("- Do not use emojis in code.", "forbid_text", {PY: "x = 'ok'\n"}, {PY: "x = '🚀'\n"}, f"{PY}:1"),
    Case("- Do not add section divider comments.", "forbid_comment", {PY: "# plain\n"}, {PY: "x = 1\n# ------ helpers ------\n"}, f"{PY}:2"),
    Case("- ALWAYS write `SAFETY` comments when writing `unsafe` code.", "require_syntax", {"a.rs": "// SAFETY: checked\nunsafe { f() }\n"}, {"a.rs": "let a = 1;\nunsafe { f() }\n"}, "a.rs:2"),
    Case("- Never use `fmt.Print*`.", "forbid_call", {"a.go": "log.Print(1)\n"}, {"a.go": "\nfmt.Println(1)\n"}, "a.go:2"),
    Case("- Use `fetch()` only in `src/api/`.", "forbid_call", {"src/api/a.ts": "fetch('a')\n"}, {TS: "fetch('a')\n"}, f"{TS}:1"),
    Case("- Never `import { expect } from 'vitest'`.", "forbid_import", {TS: "import { it } from 'vitest'\n"}, {TS: "import { it, expect } from 'vitest'\n"}, f"{TS}:1"),
    Case("- Do not write \"Given\" or \"Then\" comments.", "forbid_comment", {"A.cs": "// Why: given\n"}, {"A.cs": "int a;\n// Given\n"}, "A.cs:2"),
    Case("- Never put links in code comments.", "forbid_comment", {TS: "const a = 'https://a.b'\n"}, {TS: "// https://a.b\n"}, f"{TS}:1"),
    Case("- Always use curly braces for control flow.", "forbid_syntax", {TS: "if (a) {\n  b()\n} else if (c) {\n  d()\n}\n"}, {TS: "let a\nif (a) b()\n"}, f"{TS}:2"),
    Case("- Always use curly braces for control flow.", "forbid_syntax", {"A.java": "if (a(1) && b()) {\n}\n"}, {"A.java": "if (a)\n  b();\n"}, "A.java:1"),
    Case("- Function declarations over arrow functions for exported functions.", "forbid_syntax", {TS: "f((a) => a)\n"}, {TS: "export const a = () => 1\n"}, f"{TS}:1"),
    Case("- Prefer file-scoped namespaces.", "forbid_syntax", {"A.cs": "namespace Shop;\n"}, {"A.cs": "namespace Shop\n{\n}\n"}, "A.cs:1"),
    Case("- Every file ends with a newline.", "lint_rule", {PY: "a = 1\n"}, {PY: "a = 1"}, f"{PY}:1"),
    Case("- No trailing whitespace in Markdown files.", "lint_rule", {"a.md": "a\n", PY: "a = 1 \n"}, {"a.md": "a \n"}, "a.md:1"),
    Case("- XML doc comments on all public types and methods.", "require_docstring", {"A.cs": "/// <summary>A.</summary>\n[Serializable]\npublic class A\n{\n}\n"}, {"A.cs": "public class A\n{\n}\n"}, "A.cs:1"),
    Case("- Every public function needs a doc comment.", "require_docstring", {"a.php": "<?php\n/** A. */\nclass A {}\n"}, {"a.php": "<?php\nclass A {}\n"}, "a.php:2"),
    Case("- Test files: `kebab-case.test.ts`", "naming", {"src/my-cart.test.ts": "it('a')\n"}, {"src/myCart.test.ts": "it('a')\n"}, "src/myCart.test.ts:1"),
    Case("- New examples in `examples/` must include a `README.md`.", "file_required", {"examples/a/README.md": "x\n", "examples/a/b.py": "1\n"}, {"examples/a/b.py": "1\n"}, "examples/a/README.md:0"),
    Case("- Apply the style defined in `.editorconfig`.", "formatter", {PY: "if a:\n    b()\n"}, {PY: "if a:\n\tb()\n"}, f"{PY}:2", {".editorconfig": "[*.{py,pyi}]\nindent_style = space\n"}),
    # the same in other languages
    Case("- No lambdas.", "forbid_syntax", {"a.cpp": "int a[3] = {1};\n"}, {"a.cpp": "auto f = [](int a) { return a; };\n"}, "a.cpp:1"),
    Case("- Do not use the `!` operator for non-null assertions.", "forbid_syntax", {"a.kt": "val a = b?.c\n"}, {"a.kt": "val a = b!!.c\n"}, "a.kt:1"),
    Case("- No inline styles.", "forbid_syntax", {"t.html": "<p class='a'></p>\n"}, {"t.html": "<p>\n<p style='a:b'></p>\n"}, "t.html:2"),
    Case("- Types are `PascalCase`.", "naming", {"a.cpp": "struct Good {};\n"}, {"a.cpp": "struct bad_type {};\n"}, "a.cpp:1"),
    Case("- Functions are `snake_case`.", "naming", {"a.cpp": "int good_one() {\n  return other(1);\n}\n"}, {"a.cpp": "\nint BadOne() {\n}\n"}, "a.cpp:2"),
    Case("- Methods are `camelCase`.", "naming", {"A.java": "class A {\n  private int good(int a) {\n    return Other(1);\n  }\n}\n"}, {"A.java": "class A {\n  public String Bad_One() {\n  }\n}\n"}, "A.java:2"),
    Case("- Functions are `camelCase`.", "naming", {"a.kt": "fun good() = 1\n"}, {"a.kt": "fun Bad_one() = 1\n"}, "a.kt:1"),
    Case("- PREFER top-level imports over local imports.", "import_form", {"a.rs": "use a::b;\nmod tests {\n    use c::d;\n}\n"}, {"a.rs": "fn f() {\n    use std::fs;\n}\n"}, "a.rs:2"),
    Case("- Initialisms in capitals, not `Url`.", "forbid_call", {"a.go": "var baseURL string\nvar Urls int\n"}, {"a.go": "\nfunc GetUrl() {}\n"}, "a.go:2"),
    Case("- Every Python file must start with `# ours`.", "require_text", {"a.py": "# ours\nx = 1\n"}, {"a.py": "x = 1\n"}, "a.py:1"),
    Case("- All pages must contain the text `data-testid`.", "require_text", {"src/other.ts": "x\n"}, {"src/pages/a.ts": "x\n"}, "src/pages/a.ts:1", {"src/pages/a.ts": "data-testid\n"}),
    Case("- Layers: screens → services → models", "layer", {"lib/screens/a.dart": "import '../services/b.dart';\n"}, {"lib/services/a.dart": "import '../screens/b.dart';\n"}, "lib/services/a.dart:1"),
    Case("- `core/` must not import `ui/`.", "layer", {"core/a.cpp": '#include "base/b.h"\n'}, {"core/a.cpp": '\n#include "ui/window.h"\n'}, "core/a.cpp:2"),
    Case("- Test modules: `test_*.py`", "naming", {"tests/test_a.py": "def test_a(): pass\n", "tests/data.py": "x = 1\n"}, {"tests/checks.py": "def test_a(): pass\n"}, "tests/checks.py:1"),
    # syntax
    Case("- The type `any` must not be used; do not use `any` anywhere.", "forbid_syntax", {TS: "const any1: unknown = 'any'\n"}, {TS: "const a = 1\nlet b: any\n"}, f"{TS}:2"),
    Case("- Never use `as any`.", "forbid_syntax", {TS: "const a = b as Shop\n"}, {TS: "\nconst a = b as any\n"}, f"{TS}:2"),
    Case("- Do not use the `!` operator for non-null assertions.", "forbid_syntax", {TS: "if (!a) b()\n"}, {TS: "const a = b!.c\n"}, f"{TS}:1"),
    Case("- Do not write classes.", "forbid_syntax", {TS: "const className = 'a'\n"}, {TS: "class Cart {}\n"}, f"{TS}:1"),
    Case("- No default exports.", "forbid_syntax", {TS: "export const a = 1\n"}, {TS: "const a = 1\nexport default a\n"}, f"{TS}:2"),
    Case("- Prefer named exports over default exports.", "forbid_syntax", {TS: "export const a = 1\n"}, {TS: "export default 1\n"}, f"{TS}:1"),
    Case("- Use function declarations for components, not arrow functions.", "forbid_syntax", {"src/Cart.tsx": "export function Cart() { return null }\n"}, {"src/Cart.tsx": "export const Cart = () => null\n"}, "src/Cart.tsx:1"),
    Case("- No nested ternaries.", "forbid_syntax", {TS: "const a = b ? 1 : 2\n"}, {TS: "const a = b ? 1 : c ? 2 : 3\n"}, f"{TS}:1"),
    Case("- Avoid barrel exports.", "forbid_syntax", {"src/index.ts": "start()\n"}, {"src/index.ts": "export * from './cart'\n"}, "src/index.ts:1"),
    Case("- No bare `except:` clauses.", "forbid_syntax", {PY: "try:\n    f()\nexcept ValueError:\n    g()\n"}, {PY: "try:\n    f()\nexcept:\n    g()\n"}, f"{PY}:3"),
    Case("- Avoid `except Exception`.", "forbid_syntax", {PY: "try:\n    f()\nexcept ValueError:\n    g()\n"}, {PY: "try:\n    f()\nexcept Exception:\n    g()\n"}, f"{PY}:3"),
    Case("- Never use wildcard imports.", "forbid_syntax", {PY: "from a import b\n"}, {PY: "from a import *\n"}, f"{PY}:1"),
    Case("- Avoid mutable default arguments.", "lint_rule", {PY: "def f(a=None):\n    return a\n"}, {PY: "def f(a=[]):\n    return a\n"}, f"{PY}:1"),
    Case("- Avoid `Any` type annotations.", "forbid_syntax", {PY: "x: int = 1\n"}, {PY: "from typing import Any\n\nx: Any = 1\n"}, f"{PY}:3"),
    Case("- Do not use plain `assert` in source code.", "forbid_syntax", {PY: "x = 1\n"}, {PY: "x = 1\nassert x\n"}, f"{PY}:2"),
    Case("- Avoid `unsafe` code.", "forbid_syntax", {"a.rs": "// unsafe\nlet a = 1;\n"}, {"a.rs": "let a = 1;\nunsafe { f() }\n"}, "a.rs:2"),
    # imports
    Case("- Never import from `src/legacy/`.", "forbid_import", {TS: "import a from './b'\n"}, {TS: "import a from 'src/legacy/b'\n"}, f"{TS}:1"),
    Case("- Do not import `lodash`.", "forbid_import", {TS: "import a from 'a'\n"}, {TS: "import a from 'a'\nimport { map } from 'lodash/fp'\n"}, f"{TS}:2"),
    Case("- Use top-level imports, never inside functions.", "import_form", {PY: "import os\n"}, {PY: "def f():\n    import os\n    return os\n"}, f"{PY}:2"),
    Case("- Use absolute imports.", "import_form", {PY: "from shop.a import b\n"}, {PY: "from .a import b\n"}, f"{PY}:1"),
    Case("- Use the `node:` protocol for Node.js built-ins.", "import_form", {TS: "import fs from 'node:fs'\n"}, {TS: "import fs from 'fs'\n"}, f"{TS}:1"),
    Case("- Types must be brought in with `import type`.", "import_form", {TS: "import { a } from './a'\na()\n"}, {TS: "import { Shop } from './a'\nexport function f(s: Shop): Shop { return s }\n"}, f"{TS}:1"),
    Case("- Imports in `.ts` files use `.js` extensions.", "import_form", {TS: "import { a } from './a.js'\nimport b from 'b'\n"}, {TS: "import { a } from './a'\n"}, f"{TS}:1"),
    Case("- Always use ES modules.", "import_form", {TS: "import { a } from './a'\n"}, {TS: "const a = require('./a')\n"}, f"{TS}:1"),
    Case("- `Order::query()` — never `DB::` for plain reads", "replace_api", {"a.php": "<?php\n$a = Order::query();\n"}, {"a.php": "<?php\n$a = DB::table('a');\n"}, "a.php:2"),
    Case("- `getenv()` only inside `config/`", "forbid_call", {"config/a.php": "<?php\n$a = getenv('A');\n"}, {"app/a.php": "<?php\n$a = getenv('A');\n"}, "app/a.php:2"),
    Case("- Never call `log.Warn/Error` directly.", "forbid_call", {"a.go": "package a\n\nvar x = report(1)\n"}, {"a.go": "package a\n\nvar x = log.Error(1)\n"}, "a.go:3"),
    Case("- Module-level constants: `UPPER_SNAKE_CASE` at top of file.", "naming", {TS: "const MAX_SIZE = 1\n"}, {TS: "const maxSize = 1\n"}, f"{TS}:1"),
    Case("- Services: PascalCase with `Service` suffix", "naming", {"src/services/a.ts": "export class CartService {}\n"}, {"src/services/a.ts": "export class CartThing {}\n"}, "src/services/a.ts:1"),
    Case("- Commands extend `BaseCommand<Args, Out>`", "class_base", {TS: "class ListCommand extends BaseCommand<A, B> {}\n"}, {TS: "class ListCommand {}\n"}, f"{TS}:1"),
    Case("- `web` and `cli` depend on `core`, never the reverse.", "layer", {"web/a.ts": "import { x } from '../core/x'\n"}, {"core/a.ts": "import { x } from '../web/x'\n"}, "core/a.ts:1"),
    Case("## PHP\n\n- `declare(strict_types=1)` in every file", "require_text", {"a.php": "<?php\ndeclare(strict_types=1);\n"}, {"a.php": "<?php\n"}, "a.php:1"),
    Case("- The options live in `app/options.py` and must stay in sync with `.env.example`.", "companion_change", {"app/options.py": "A = 1\n", ".env.example": "A=1\n"}, {"app/options.py": "A = 1\n"}, "app/options.py:1"),
    Case("## Protected files\n\n- `db/migrations/` — immutable; only append new ones", "path_protected", {"db/migrations/2.sql": "b\n"}, {"db/migrations/1.sql": "c\n"}, "db/migrations/1.sql:1", {"db/migrations/1.sql": "a\n"}),
    Case('- Always import yup as `import * as yup from "yup"`.', "import_form", {TS: "import * as yup from 'yup'\n"}, {TS: "import { yup } from 'yup'\n"}, f"{TS}:1"),
    Case("- `core/` must not import from `plugins/`.", "layer", {"core/a.py": "import os\n"}, {"core/a.py": "import os\nfrom app.plugins import x\n"}, "core/a.py:2"),
    Case("- Follow the MVC pattern", "layer", {"src/routes/a.js": "import x from '../controllers/a'\n"}, {"src/models/a.js": "import x from '../controllers/a'\n"}, "src/models/a.js:1"),
    Case("- All database access goes through the repository pattern", "layer", {"src/repositories/a.js": "import m from 'mongoose'\n"}, {"src/controllers/a.js": "const m = require('mongoose')\n"}, "src/controllers/a.js:1"),
    # names
    Case("- functions and variables: `snake_case`", "naming", {PY: "def add_item(x_y):\n    z_a = 1\n"}, {PY: "x = 1\n\n\ndef addItem():\n    return x\n"}, f"{PY}:4"),
    Case("- Class names use `PascalCase`", "naming", {PY: "class CartItem:\n    pass\n"}, {PY: "class cart_item:\n    pass\n"}, f"{PY}:1"),
    Case("- Functions and variables are written in camelCase", "naming", {TS: "const addItem = () => 1\n"}, {TS: "function add_item() {}\n"}, f"{TS}:1"),
    Case("- Constants use UPPER_SNAKE_CASE", "naming", {PY: "MAX_ITEMS = 3\n"}, {PY: "x = f()\nmaxItems = 3\n"}, f"{PY}:2"),
    Case("- File and folder names: kebab-case", "naming", {"src/my-cart.ts": "a\n"}, {"src/myCart.ts": "a\n"}, "src/myCart.ts:1"),
    Case("- Components must be named in PascalCase", "naming", {"src/Cart.tsx": "export function Cart() { return <a/> }\n"}, {"src/cart.tsx": "export function cart_row() {\n  return <a/>\n}\n"}, "src/cart.tsx:1"),
    Case("- Test files are named `test_*.py`", "naming", {"tests/test_a.py": "a\n"}, {"tests/cart_tests.py": "def test_a(): ...\n"}, "tests/cart_tests.py:1"),
    Case("- Never name tests `TestIssue1234`.", "naming", {"a_test.go": "func TestCart(t *testing.T) {}\n"}, {"a_test.go": "func TestIssue99(t *testing.T) {}\n"}, "a_test.go:1"),
    Case("- Prefix hooks with `use`.", "naming", {"src/hooks/cart.ts": "export function useCart() {}\n"}, {"src/hooks/cart.ts": "export function getCart() {}\n"}, "src/hooks/cart.ts:1"),
    # shape
    Case("- All custom exceptions must inherit from `ShopError`.", "class_base", {PY: "class CartError(ShopError):\n    pass\n\n\nclass Cart:\n    pass\n"}, {PY: "x = 1\n\n\nclass CartError(Exception):\n    pass\n"}, f"{PY}:4"),
    Case("- Services extend `BaseService`.", "class_base", {TS: "class CartService extends BaseService {}\n"}, {TS: "a()\nexport class CartService {}\n"}, f"{TS}:2"),
    Case("- Mark all tests with `@pytest.mark.shop`.", "require_decorator", {"tests/test_a.py": "@pytest.mark.shop\ndef test_a():\n    pass\n"}, {"tests/test_a.py": "def test_a():\n    pass\n"}, "tests/test_a.py:1"),
    Case("- All public methods need both sync and async variants", "api_parity", {PY: "class Cart:\n    def add(self): ...\n    async def aadd(self): ...\n"}, {PY: "class Cart:\n    def add(self): ...\n"}, f"{PY}:2"),
    Case("- Avoid formatting-only changes.", "diff_rule", {PY: "x = [1, 2]\ny = 2\n"}, {PY: "x = [ 1 ]\ny = 1\n"}, f"{PY}:1", {PY: "x = [1]\ny = 1\n"}),
    # layout and documentation
    Case("- Maximum line length is 80 characters.", "max_line_length", {PY: "x = 1\n"}, {PY: "x = 1\ny = [" + "1, " * 40 + "]\n"}, f"{PY}:2"),
    Case("- Keep files under 20 lines.", "max_file_lines", {PY: "x = 1\n" * 20}, {PY: "x = 1\n" * 22}, f"{PY}:21"),
    Case("| File | Max lines |\n|---|---|\n| `.py` | 20 |\n", "max_file_lines", {TS: "x\n" * 30}, {PY: "x = 1\n" * 22}, f"{PY}:21"),
    Case("- Functions should be under 5 lines", "max_file_lines", {PY: "def f():\n    return 1\n"}, {PY: "x = 1\ndef f():\n" + "    g()\n" * 6}, f"{PY}:2"),
    Case("- Keep PRs under 10 lines", "diff_size", {PY: "x = 1\n"}, {PY: "x = 1\n" * 12}, ":0"),
    Case("- Use 2 spaces for indentation", "indentation", {TS: "if (a) {\n  b()\n}\n"}, {TS: "if (a) {\n\tb()\n}\n"}, f"{TS}:2"),
    Case("- Use single quotes", "quotes", {TS: "a('b')\n"}, {TS: 'a()\nb("c")\n'}, f"{TS}:2"),
    Case("- Add docstrings to all public functions.", "require_docstring", {PY: 'def f():\n    """Return 1."""\n    return 1\n'}, {PY: "def f():\n    return 1\n"}, f"{PY}:1"),
    Case("- Exported functions need JSDoc comments", "require_docstring", {TS: "/** Adds. */\nexport function f() {}\n"}, {TS: "const a = 1\nexport function f() {}\n"}, f"{TS}:2"),
    Case("- Use type hints on all functions.", "type_annotations", {PY: "def f(a: int) -> int:\n    return a\n"}, {PY: "x = 1\n\n\ndef f(a):\n    return a\n"}, f"{PY}:4"),
    Case("- All Python is formatted with `black`.", "formatter", {PY: "x = 1\n"}, {PY: "x = 1\ny   =  2\n"}, f"{PY}:2"),
    Case("- Unused imports must be removed.", "lint_rule", {PY: "import os\n\nos.getcwd()\n"}, {PY: "import os\n"}, f"{PY}:1"),
    Case("- Annotate with built-in generics such as `list[int]`.", "lint_rule", {PY: "x: list[int] = []\n"}, {PY: "from typing import List\n\nx: List[int] = []\n"}, f"{PY}:3"),
    Case("- Follow PEP 8.", "lint_rule", {PY: "x = 1\n"}, {PY: "x = 1\nif x == None: pass\n"}, f"{PY}:2"),
    Case("- Follow the Airbnb style guide", "lint_rule", {"a.js": "const a = 'b';\n"}, {"a.js": "const a = 'b';\nvar c = 'd';\n"}, "a.js:2"),
    # change
    Case("- When you change `schema.prisma`, update `docs/schema.md`.", "companion_change", {"schema.prisma": "b\n", "docs/schema.md": "b\n"}, {"schema.prisma": "b\n"}, "schema.prisma:1", {"schema.prisma": "a\n"}),
    Case("- If you add or update dependencies, update the lockfile.", "companion_change", {"package.json": '{"dependencies":{"a":"1"}}', "package-lock.json": "b"}, {"package.json": '{"dependencies":{"a":"1"}}'}, "package.json:1", {"package.json": "{}"}),
    Case("- New features and bug fixes MUST include tests.", "test_required", {PY: "def f():\n    return 1\n", "tests/test_cart.py": "def test_f(): ...\n"}, {PY: "def f():\n    return 1\n"}, f"{PY}:1"),
    Case("- Place unit tests in `tests/unit/`.", "test_location", {"tests/unit/test_a.py": "x\n"}, {"src/test_a.py": "x\n"}, "src/test_a.py:1"),
    Case("- Co-locate tests as `*.test.ts` next to the source file.", "test_location", {"src/a.ts": "x\n", "src/a.test.ts": "x\n"}, {"tests/a.test.ts": "x\n"}, "tests/a.test.ts:1"),
    Case("- Put hooks in `src/hooks/`.", "file_location", {"src/hooks/useCart.ts": "x\n"}, {"src/lib/useCart.ts": "x\n"}, "src/lib/useCart.ts:1"),
    Case("- Each package must have a `README.md`.", "file_required", {"packages/a/README.md": "x\n", "packages/a/b.ts": "x\n"}, {"packages/a/b.ts": "x\n"}, "packages/a/README.md:0"),
    Case("- Every `.go` file needs the SPDX license header.", "license_header", {"a.go": "// SPDX-License-Identifier: MIT\npackage a\n"}, {"a.go": "package a\n"}, "a.go:1"),
    Case("- Do not hard-code API keys or passwords.", "no_secrets", {PY: "key = os.environ['API_KEY']\n"}, {PY: "x = 1\nAPI_KEY = 'q7Hs82jdKa01LmZp'\n"}, f"{PY}:2"),
    Case("- The service is deployed as Docker containers", "file_required", {PY: "x\n", "Dockerfile": "FROM a:1\nUSER app\n", ".dockerignore": "x\n"}, {"Dockerfile": "FROM a:1\nUSER root\n"}, "Dockerfile:3", {"Dockerfile": "FROM a:1\nUSER app\n", ".dockerignore": "x\n"}),
    # manifests
    Case("- Tests are written with Jest", "framework_required", {"a.test.js": "import x from './x'\n"}, {"a.test.js": "import { it } from 'vitest'\n"}, "a.test.js:1", {"package.json": '{"devDependencies":{"jest":"1"}}'}),
    Case("- Write tests with `pytest`, never with `unittest`.", "framework_required", {"test_a.py": "import pytest\n"}, {"test_a.py": "import os\nimport unittest\n"}, "test_a.py:2", {"pyproject.toml": "[project]\nname = 'a'\n"}),
    Case("- Stack: Express, MongoDB", "require_dependency", {TS: "x\n"}, {"package.json": '{"dependencies":{"mongodb":"1"}}'}, "package.json:1", {"package.json": '{"dependencies":{"express":"4","mongodb":"1"}}'}),
    Case("- You must not install `vitest`.", "forbid_dependency", {"package.json": '{"devDependencies":{"jest":"1"}}'}, {"package.json": '{"devDependencies":{\n"vitest":"1"}}'}, "package.json:2"),
    Case("- Python 3.12+ is required.", "language_version", {"pyproject.toml": '[project]\nrequires-python = ">=3.12"\n'}, {"pyproject.toml": '[project]\nrequires-python = ">=3.9"\n'}, "pyproject.toml:2", {"pyproject.toml": '[project]\nrequires-python = ">=3.13"\n'}),
    Case("- TypeScript strict mode must stay on", "config_value", {"tsconfig.json": '{"strict": true}'}, {"tsconfig.json": '{\n"strict": false}'}, "tsconfig.json:2", {"tsconfig.json": '{\n"strict": true}'}),
    Case("- Don't add new dependencies without approval.", "new_dependency", {"package.json": "{}"}, {"package.json": '{"dependencies":{\n"left-pad":"1"}}'}, "package.json:2"),
    Case("- Keep test data isolated from production", "config_value", {"tests/a.js": "connect('mongodb://localhost/test')\n"}, {"tests/a.js": "x()\nconnect('mongodb://db.prod.shop.com/main')\n"}, "tests/a.js:2"),
    # ideas
    Case("- Passwords are hashed with bcrypt", "forbid_call", {"src/u.js": "user.password = bcrypt.hash(p, 12)\n"}, {"src/u.js": "const p = 1\nuser.password = crypto.createHash('md5').update(p)\n"}, "src/u.js:2", {"package.json": '{"dependencies":{"bcrypt":"5"}}'}),
    Case("- Environment variables are read in one centralized config module", "forbid_call", {"src/config/env.js": "export const port = process.env.PORT\n"}, {"src/app.js": "a()\nlisten(process.env.PORT)\n"}, "src/app.js:2"),
    Case("- Logs must be structured JSON", "forbid_call", {"src/app.js": "logger.info('x')\n"}, {"src/app.js": "a()\nconsole.log('x')\n"}, "src/app.js:2"),
    Case("- Require HTTPS and restrict CORS", "runtime_probe", {"src/app.js": "app.use(cors({ origin: ['https://a'] }))\n"}, {"src/app.js": "x()\napp.use(cors({ origin: '*' }))\n"}, "src/app.js:2"),
    Case("- Every endpoint answers with a consistent error format", "runtime_probe", {"src/a.js": "res.status(404).json({ error: { code: 1 } })\n"}, {"src/a.js": "res.status(404).send('not found')\n"}, "src/a.js:1"),
    Case("- Endpoints are RESTful", "naming", {"src/r.js": "router.get('/orders/:id', f)\n"}, {"src/r.js": "router.get('/getOrders', f)\n"}, "src/r.js:1"),
    Case("- Validate all request input", "require_syntax", {"src/r.js": "const d = schema.parse(req.body)\n"}, {"src/r.js": "f()\nsave(req.body)\n"}, "src/r.js:2"),
    Case("- Validate all request input", "require_syntax", {"src/routes/r.js": "r.post('/a', validate(newA), orders.make)\n", "src/controllers/orders.js": "save(req.body)\n"}, {"src/routes/r.js": "r.post('/b', orders.add)\nr.post('/a', validate(newA), orders.make)\n", "src/controllers/orders.js": "f()\nsave(req.body)\n"}, "src/controllers/orders.js:2"),
    Case("- Follow the MVC pattern, in layers", "layer", {"src/routes/r.js": "const { newA } = require('../models/a')\n"}, {"src/routes/r.js": "const a = require('../repositories/a')\n"}, "src/routes/r.js:1"),
    Case("- Environment variables are read in one centralized config module", "forbid_call", {"tests/setup.js": "process.env.STORE = 'memory'\n"}, {"src/app.js": "listen(process.env.PORT)\n"}, "src/app.js:1"),
    Case("- Encrypt personal data at rest", "judge", {"src/a.js": "const c = crypto.createCipheriv('aes-256-gcm', key, iv)\n"}, {"src/a.js": "x()\nconst c = crypto.createCipheriv('aes-128-ecb', key, null)\n"}, "src/a.js:2"),
    Case("- Encrypt sensitive fields", "judge", {"src/a.py": "f = Fernet(key)\n"}, {"src/a.py": "f = Fernet(b'c2VjcmV0')\n"}, "src/a.py:1"),
    Case("- User-facing strings are translated (i18n)", "i18n_no_hardcoded", {"src/A.tsx": "<p>{t('cart.empty')}</p>\n"}, {"src/A.tsx": "<p>Your cart is empty</p>\n"}, "src/A.tsx:1"),
    # prose, tools and images
    Case("- Comments and documentation must be written in English.", "text_language", {PY: "# adds both\nx = 1\n"}, {PY: "x = 1\n# складывает числа\n"}, f"{PY}:2"),
    Case("- Comments and documentation must be written in English.", "text_language", {PY: "x = 'складывает'\n", "locales/ru.md": "складывает\n"}, {"docs/a.md": "\nскладывает\n"}, "docs/a.md:2"),
    Case("- Docstrings are written in English.", "text_language", {PY: 'def f():\n    """Adds."""\n'}, {PY: 'def f():\n    """合計を返す。"""\n'}, f"{PY}:2"),
    Case("- 代码注释使用中文。", "text_language", {PY: "# 返回总和\nx = 1\n"}, {PY: "x = 1\n# returns the sum of both values\n"}, f"{PY}:2"),
    Case("- Use American spelling.", "text_language", {PY: "# the color is normalized\n"}, {PY: "x = 1\n# the colour is kept\n"}, f"{PY}:2"),
    Case("- British English spelling throughout", "text_language", {PY: "# the colour is kept\n"}, {PY: "x = 1\n# it is initialized\n"}, f"{PY}:2"),
    Case("- Build system: Gradle", "require_tool", {PY: "x\n", "build.gradle.kts": "a\n"}, {PY: "x\n"}, ":0"),
    Case("- Docker base image: `node:22-slim`", "dockerfile_rule", {"Dockerfile": "FROM node:22-slim AS build\nFROM build\n"}, {"web.Dockerfile": "# x\nFROM node:20\n"}, "web.Dockerfile:2"),
    Case("- Nullable reference types are enabled.", "config_value", {"A.csproj": "<Nullable>enable</Nullable>\n"}, {"A.csproj": "<Project>\n<Nullable>disable</Nullable>\n"}, "A.csproj:2"),
    Case("- Never enable `allowUnreachableCode`.", "config_value", {"tsconfig.json": '{"strict": true}'}, {"tsconfig.json": '{\n"allowUnreachableCode": true}'}, "tsconfig.json:2"),
    Case("- Do not add new packages to the root `package.json` without approval.", "new_dependency", {"web/package.json": '{"dependencies":{"a":"1"}}'}, {"package.json": '{"dependencies":{\n"a":"1"}}'}, "package.json:2"),
    # where tests and files lie
    Case("- The test tree must mirror the source tree.", "test_location", {"src/shop/cart.py": "x\n", "tests/shop/test_cart.py": "x\n"}, {"src/shop/cart.py": "x\n", "tests/web/test_cart.py": "x\n"}, "tests/web/test_cart.py:1"),
    Case("- Test directory: `spec/`", "test_location", {"spec/a.test.ts": "x\n"}, {"lib/a.test.ts": "x\n"}, "lib/a.test.ts:1"),
    Case("- Java sources live in `app/main` and tests in `app/test`.", "test_location", {"app/test/CartTest.java": "x\n"}, {"app/main/CartTest.java": "x\n"}, "app/main/CartTest.java:1"),
    Case("- Put `<name>_plan.py` files in `src/plans/`.", "file_location", {"src/plans/cart_plan.py": "x\n"}, {"src/cart_plan.py": "x\n"}, "src/cart_plan.py:1"),
    Case("- Do not add documentation files.", "forbid_path", {PY: "x\n"}, {"docs/plan.md": "x\n"}, "docs/plan.md:1"),
    # text and places
    Case("- Never use the `GROUP CONCAT` clause.", "forbid_text", {"a.sql": "select 1\n"}, {"a.sql": "\nselect group concat\nGROUP CONCAT\n"}, "a.sql:3"),
    Case("- Never write `|>`.", "forbid_text", {"a.ex": "a(b)\n"}, {"a.ex": "\nb |> a()\n"}, "a.ex:2"),
    Case("- No code regions.", "forbid_text", {"A.cs": "int a;\n"}, {"A.cs": "int a;\n#region b\n"}, "A.cs:2"),
    Case("- Never suppress compiler warnings.", "forbid_text", {"A.java": "int a;\n"}, {"A.java": "int a;\n@SuppressWarnings(\"all\")\n"}, "A.java:2"),
    Case("- Never touch code related to `SHOP_SANDBOX`.", "forbid_text", {PY: "x = 1\n"}, {PY: "x = 1\ny = env['SHOP_SANDBOX']\n"}, f"{PY}:2"),
    Case("- Never import `shop-kernel` from frontend code.", "forbid_import", {"api/a.ts": "import a from 'shop-kernel'\n"}, {"frontend/a.ts": "import a from 'shop-kernel'\n"}, "frontend/a.ts:1"),
    Case("- In `shop-core`, functions must not call `session.flush()`.", "forbid_call", {"web/a.py": "session.flush()\n"}, {"shop-core/a.py": "\nsession.flush()\n"}, "shop-core/a.py:2"),
    Case("- Never use `any` (relaxed in `*.stories.ts`).", "forbid_syntax", {"src/a.stories.ts": "let b: any\n"}, {TS: "let b: any\n"}, f"{TS}:1"),
    Case("- Business errors extend ShopBaseError.", "class_base", {TS: "class CartError extends ShopBaseError {}\n"}, {TS: "a()\nclass CartError extends Error {}\n"}, f"{TS}:2"),
    Case("- Update `README.md` whenever user-facing behaviour changes.", "companion_change", {PY: "x = 1\n", "README.md": "x\n"}, {PY: "x = 1\n"}, f"{PY}:1"),
    Case("- If you change dependencies (`shop.toml`), refresh the lockfile `shop.bazel.lock`: update it too.", "companion_change", {"shop.toml": "b\n", "shop.bazel.lock": "b\n"}, {"shop.toml": "b\n"}, "shop.toml:1", {"shop.toml": "a\n"}),
    Case("- Applied migrations are immutable: never edit migrations.", "path_protected", {"db/migrations/2.sql": "b\n"}, {"db/migrations/1.sql": "b\n"}, "db/migrations/1.sql:1", {"db/migrations/1.sql": "a\n"}),
    # names, layers and comments
    Case("- Async methods end with `Async`.", "naming", {"A.cs": "class A {\n  public async Task LoadAsync() {\n  }\n  public int Count() {\n  }\n}\n"}, {"A.cs": "class A {\n  public async Task Load() {\n  }\n}\n"}, "A.cs:2"),
    Case("- Test files are named `*-test.ts` or `*-test.tsx`.", "naming", {"src/a-test.ts": "it('a', f)\n", "src/b-test.tsx": "it('b', f)\n"}, {"src/c.test.ts": "it('c', f)\n"}, "src/c.test.ts:1"),
    Case("- Crates are named `kebab-case`.", "naming", {"a/Cargo.toml": '[package]\nname = "shop-cart"\n'}, {"a/Cargo.toml": '[package]\nname = "shop_cart"\n'}, "a/Cargo.toml:2"),
    Case("- A `// SAFETY:` comment above every `unsafe` block.", "require_syntax", {"a.rs": "// SAFETY: owned\nunsafe { a() }\n"}, {"a.rs": "a();\nunsafe { a() }\n"}, "a.rs:2"),
    Case("- Python: classes are `PascalCase`.", "naming", {TS: "class cart_a {}\n", PY: "class Cart:\n    pass\n"}, {PY: "x = 1\nclass cart_a:\n    pass\n"}, f"{PY}:2"),
    Case("- No `@author` tags.", "forbid_text", {"A.java": "int a;\n"}, {"A.java": "/**\n * @author Ada\n */\n"}, "A.java:2"),
    Case("- tracing for logging (never println! or eprintln!)", "forbid_call", {"a.rs": "info!(\"a\");\n"}, {"a.rs": "a();\nprintln!(\"a\");\n"}, "a.rs:2"),
    Case("- Do not use Directory.SetCurrentDirectory in tests.", "forbid_call", {"src/A.cs": "Directory.SetCurrentDirectory(a);\n"}, {"tests/ATests.cs": "\nDirectory.SetCurrentDirectory(a);\n"}, "tests/ATests.cs:2"),
    Case("- serde_yml for YAML (not serde_yaml which is deprecated)", "forbid_dependency", {"Cargo.toml": '[dependencies]\nserde_yml = "1"\n'}, {"Cargo.toml": '[dependencies]\nserde_yaml = "1"\n'}, "Cargo.toml:2"),
    Case("- Changes to `api.toml` require parallel changes in `client/api.toml`.", "companion_change", {"api.toml": "b\n", "client/api.toml": "b\n"}, {"api.toml": "b\n"}, "api.toml:1", {"api.toml": "a\n", "client/api.toml": "a\n"}),
    Case("- Never change Directory.Build.props.", "path_protected", {"Build.props": "x\n"}, {"Directory.Build.props": "x\n"}, "Directory.Build.props:1"),
    Case("- Runtime code must not reference deployment classes.", "layer", {"deployment/A.java": "import shop.runtime.B;\n"}, {"runtime/A.java": "package a;\nimport shop.deployment.B;\n"}, "runtime/A.java:2"),
    Case("- All public functions must be documented.", "require_docstring", {PY: 'def f():\n    """Adds."""\n'}, {PY: "x = 1\ndef f():\n    return 1\n"}, f"{PY}:2"),
    Case("- Never edit `.sql.out` files.", "path_protected", {"a.sql": "x\n"}, {"test/a.sql.out": "x\n"}, "test/a.sql.out:1"),
    Case("- Pages under `docs/ja`, `docs/ko` and `docs/zh` are generated; do not edit them by hand.", "path_protected", {"docs/en/a.md": "x\n"}, {"docs/zh/a.md": "x\n"}, "docs/zh/a.md:1"),
    Case("- All control statements must have braces.", "forbid_syntax", {TS: "if (a) {\n  b()\n}\n"}, {TS: "a()\nif (a) b()\n"}, f"{TS}:2"),
    Case("- Use `#pragma once` (no include guards).", "require_text", {"a.h": "#pragma once\nint a;\n"}, {"a.h": "int a;\n"}, "a.h:1"),
    Case("- Every new string must have an entry in `po/en.po`.", "companion_change", {PY: "x = 1\n", "po/en.po": "b\n"}, {PY: "x = 1\n"}, f"{PY}:1"),
    Case("- Code blocks must name a language tag.", "lint_rule", {"a.md": "```py\nx\n```\n"}, {"a.md": "a\n\n```\nx\n```\n"}, "a.md:3"),
    Case("- Headings must not skip levels.", "lint_rule", {"a.md": "# a\n\n## b\n"}, {"a.md": "# a\n\n### b\n"}, "a.md:3"),
    Case("- Use ATX-style headings.", "lint_rule", {"a.md": "---\nt: a\n---\n# a\n"}, {"a.md": "a\n=\n"}, "a.md:2"),
    Case("- Lists must be surrounded by blank lines.", "lint_rule", {"a.md": "a:\n\n- b\n- c\n  d\n- e\n"}, {"a.md": "a:\n- b\n"}, "a.md:2"),
    Case("- Use `-` for unordered lists.", "lint_rule", {"a.md": "- a\n\n**b**\n"}, {"a.md": "- a\n* b\n"}, "a.md:2"),
    Case("- No inline HTML in Markdown.", "lint_rule", {"a.md": "a `<b>` <https://c.d>\n\n```html\n<b>\n```\n"}, {"a.md": "a\n<br/> b\n"}, "a.md:2"),
    Case("- Docs: use lists instead of tables.", "lint_rule", {"a.md": "- a | b\n"}, {"a.md": "a | b\n--- | ---\n"}, "a.md:2"),
    Case('- Avoid the verb "click".', "forbid_text", {"a.md": "Clicks are counted.\n"}, {"a.md": "a\nNow click it.\n"}, "a.md:2"),
    Case('- Use the name "Loopwright" in full, and not "LW".', "forbid_text", {"a.md": "LWS\n"}, {"a.md": "a\nLW runs\n"}, "a.md:2"),
    Case("- Every TODO must reference an issue.", "forbid_text", {PY: "x = 1  # TODO(#12): mend\n"}, {PY: "x = 1\ny = 2  # TODO mend\n"}, f"{PY}:2"),
    Case("- Do not mark tests with `@pytest.mark.asyncio`.", "forbid_call", {"tests/test_a.py": "async def test_a():\n    pass\n"}, {"tests/test_a.py": "x = 1\n@pytest.mark.asyncio\nasync def test_a():\n    pass\n"}, "tests/test_a.py:2"),
    Case("- Use `CartLog`, not console.log.", "replace_api", {TS: "cartLog.info('a')\n"}, {TS: "a()\nconsole.log('a')\n"}, f"{TS}:2"),
    Case("- Use pino instead of console.log.", "forbid_call", {TS: "pino.info('a')\n"}, {TS: "a()\nconsole.log('a')\n"}, f"{TS}:2"),
    Case("- ASCII only in source files.", "forbid_text", {"de.json": '{"a": "\u00e4"}\n', PY: "x = 1\n"}, {PY: "x = 1\ny = 'caf\u00e9'\n"}, f"{PY}:2"),
    Case("- No em dashes or smart quotes.", "forbid_text", {PY: "x = 'caf\u00e9 - 1'\n"}, {PY: "x = 1\n# a \u2014 b\n"}, f"{PY}:2"),
    Case("- Never use sleep to wait for events.", "forbid_call", {PY: "import time\n"}, {"tests/test_a.py": "import time\ntime.sleep(1)\n"}, "tests/test_a.py:2"),
    Case("- Avoid unnecessary use of typing.cast.", "forbid_call", {PY: "x = 1\n"}, {PY: "import typing\ny = typing.cast(int, x)\n"}, f"{PY}:2"),
    Case("- No sleeps in tests.", "forbid_call", {PY: "import time\ntime.sleep(1)\n"}, {"tests/test_a.py": "import time\ntime.sleep(1)\n"}, "tests/test_a.py:2"),
    Case("- `cart_env.py` is the only place that reads `os.environ`.", "forbid_call", {"src/cart_env.py": "import os\nA = os.environ['A']\n"}, {PY: "import os\nA = os.environ['A']\n"}, f"{PY}:2"),
    Case("- All settings classes are plain `BaseModel`.", "class_base", {PY: "class CartSettings(BaseModel):\n    a: int\n"}, {PY: "x = 1\nclass CartSettings:\n    a: int\n"}, f"{PY}:2"),
    Case("- Don't edit the generated output by hand.", "path_protected", {"src/a.ts": "x\n"}, {"src/generated/a.ts": "x\n"}, "src/generated/a.ts:1"),
    Case("❌ Commented-out code", "forbid_comment", {TS: "// adds the cart\na()\n"}, {TS: "a()\n// const b = c(d);\n"}, f"{TS}:2"),
    Case("## What we avoid\n\n- Skipped tests", "forbid_syntax", {"a.test.ts": "it('a', f)\n"}, {"a.test.ts": "a()\nit.skip('b', f)\n"}, "a.test.ts:2"),
    Case("- Always surround `if` bodies with braces.", "forbid_syntax", {TS: "if (a) {\n  b()\n}\n"}, {TS: "a()\nif (a) b()\n"}, f"{TS}:2"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[c.rule[2:50] for c in CASES])
def test_a_planted_violation_is_stopped_at_its_line_and_a_conforming_change_is_not(case: Case) -> None:
    (rule,) = enforceable(case.rule)
    assert rule.kind == case.kind

    (good,) = judge(case.rule, case.base, {**case.base, **case.good})
    assert good.verdict in ("passed", "partly"), good.evidence
    (bad,) = judge(case.rule, case.base, {**case.base, **case.bad})
    assert bad.verdict == "failed", bad.evidence
    assert case.at in [f"{f.file}:{f.line}" for f in bad.findings]
    assert all(f.source == "AGENTS.md:1" or "\n" in case.rule for f in bad.findings)


@pytest.mark.parametrize("case", CASES, ids=[c.rule[2:50] for c in CASES])
def test_an_old_violation_does_not_block(case: Case) -> None:
    if case.kind in ("diff_size", "diff_rule", "companion_change", "test_required"):
        return
    tree = {**case.base, **case.bad}
    (verdict,) = judge(case.rule, tree, {**tree, "notes.txt": "unrelated\n"})
    assert verdict.verdict in ("passed", "partly"), verdict.evidence


def test_every_kind_called_enforced_has_a_judge_or_is_held_at_the_call() -> None:
    held = {*JUDGES, *AT_THE_CALL, "command"}
    for case in CASES:
        assert case.kind in held
