"""The checks on a tree as it stands, without a session and without a model."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from loopwright.core.checks import Change, FileChange, Ref, Verdict
from loopwright.core.errors import ToolFailure, UsageError
from loopwright.core.events import DirectivesLoaded
from loopwright.core.plan import Requirement
from loopwright.core.ports import Blobs, Check, CheckContext, Files, Workspace
from loopwright.core.rules import Directive
from loopwright.guard.checks.baseline import PATH
from loopwright.runtime.check_report import Report
from loopwright.runtime.host import Host
from loopwright.runtime.known import Held, held_against, learn_baseline, load_baseline
from loopwright.runtime.results import read_results
from loopwright.runtime.revision import changed_since
from loopwright.runtime.rules import read_rules, unread
from loopwright.runtime.settings import make_settings
from loopwright.runtime.wire import open_view
from loopwright.store.sql import Store

#: Which family each built-in check belongs to, for `--skip`; commands are what runs the project. Results that were
#: handed in belong to none: they are wanted.
_FAMILY = {
    "commands": "command",
    "probes": "command",
    "rules": "rule",
    "safety": "safety",
    "tests": "safety",
    "instructions": "safety",
    "scanners": "scanner",
    "audits": "scanner",
}
#: A person's own tree: its rules are theirs to change.
_ASKED = Requirement(goal="check", instructions_may_change=("*",))
_ALONE = "Python, shell, JavaScript and TypeScript"
FAMILIES = ("command", "rule", "safety", "scanner")


@dataclass(frozen=True, slots=True)
class Order:
    """What `check` is asked for. `results` are SARIF files of other scanners."""

    directory: Path
    paths: tuple[Path, ...] = ()
    base: str | None = None
    only: str | None = None
    skip: tuple[str, ...] = ()
    results: tuple[Path, ...] = ()
    baseline: Path | None = None  # None: the project's own, where it has one
    learn: bool = False  # write the baseline from what is found


def are_lone(paths: Sequence[Path]) -> bool:
    """True where every path is a file in a language that the safety checks read."""
    from loopwright.guard.checks.safety import judges

    return bool(paths) and all(path.is_file() and judges(path) for path in paths)


def check_files(paths: Sequence[Path]) -> Report:
    """Run the five safety checks alone on lone files: no repository, no sandbox. Raises UsageError."""
    from loopwright.guard.checks.safety import judge_files, verdicts

    try:
        return Report(verdicts(judge_files(paths), len(paths)))
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be read: {error.strerror}") from None


async def check_tree(host: Host, order: Order) -> Report:
    """Run every check on the tree, or on what changed since `base`. Raises UsageError, SandboxError."""
    root, wanted = _root(order.paths, order.directory)
    results = read_results(order.results, root)
    loaded = read_rules(root, host.config, host.home)
    only = order.only
    directives = loaded.directives if only is None else _needed(loaded.directives, only)
    settings = make_settings(host.config)
    with tempfile.TemporaryDirectory(prefix="loopwright-") as scratch:
        store = Store.open(scratch, environ=host.env)
        log = store.create("check")
        view = await open_view(root, settings, host.hub, log.blobs, host.env)
        try:
            ref = await view.checkpoint()
            contents = _Contents(view.files)
            change, before, old = await _change(view, contents, log.blobs, ref, root, order.base, wanted)
            context = CheckContext(
                _ASKED, directives, view, ref, before, log.blobs, settings.limits, lambda delta: None
            )
            verdicts: list[Verdict] = []
            for check in _chosen(host, results, directives, order):
                verdicts.extend(await check.run(change, context))
            verdicts += _left_out(directives, verdicts, order.skip)
            found = tuple(v for v in verdicts if only is None or only in (v.check, f"{v.check}.{v.name}"))
            if only is not None and not found:
                raise UsageError(f"there is no check {only!r}: `loopwright rules --json` names them")
            if order.learn:
                return _report(learn_baseline(order.baseline or root / PATH, found, view.files), contents)
            known = load_baseline(order.baseline, view.files, old)
            whole = (order.base, order.only, order.skip, order.paths) == (None, None, (), ())
            held, notes = held_against(known, found, view.files, whole)
            return _report((held, (*notes, *(_standing(root, loaded) if only is None else ()))), contents)
        finally:
            await view.aclose()
            store.close()


class _Contents:
    """Reads the files of a view; `unread` says which could not be read, and why: they are not judged."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self.unread: dict[str, str] = {}

    def read(self, path: str) -> bytes | None:
        try:
            return self._files.read(path)
        except ToolFailure as failure:
            self.unread[path] = str(failure)
            return None


def _standing(root: Path, loaded: DirectivesLoaded) -> tuple[str, ...]:
    """What a person should know of the rules themselves."""
    said = unread(root, loaded)
    if not loaded.files and not said:
        return ("no instruction file holds here, so no rule was judged: `loopwright init` writes one",)
    return (*said, *loaded.open)


def _report(held: Held, contents: _Contents) -> Report:
    verdicts, notes = held
    return Report(verdicts, (*(f"not judged: {why}" for why in contents.unread.values()), *notes))


def _needed(directives: tuple[Directive, ...], only: str) -> tuple[Directive, ...]:
    """The one rule, and for a command what decides whether it is run: bans, and demands for what is listed."""
    one = [d for d in directives if d.check == only]
    beside = ("command", "forbid_command") if any(d.kind == "command" for d in one) else ()
    return tuple(d for d in directives if d.check == only or d.kind in beside)


def _chosen(host: Host, results: Sequence[Check], directives: Sequence[Directive], order: Order) -> list[Check]:
    """The checks to be run, cheap to dear."""
    made = [*(check for make in host.hub.checks.values() for check in make()), *results]
    skip = set(order.skip)
    if order.only is not None:
        mine = {"command", "rule"} if any(d.check == order.only for d in directives) else set(FAMILIES) - {"command"}
        skip |= {family for family in FAMILIES if family not in mine}
        if all(d.kind != "command" for d in directives if d.check == order.only):
            made = [check for check in made if check.id != "commands"]
    return sorted((c for c in made if _FAMILY.get(c.id) not in skip), key=lambda check: check.cost)


def _left_out(directives: Sequence[Directive], verdicts: Sequence[Verdict], skip: Sequence[str]) -> list[Verdict]:
    """A verdict for each rule that was not judged because its family was left out: no rule goes unmentioned."""
    if not skip:
        return []
    known = {v.check for v in verdicts}
    why = f"left out by --skip {' --skip '.join(skip)}"
    return [
        Verdict(d.check, "directive", d.text[:200], "not_run", d.source, "warn", evidence=why)
        for d in directives
        if d.check and d.check not in known
    ]


def _root(paths: Sequence[Path], directory: Path) -> tuple[Path, tuple[str, ...]]:
    if len(paths) == 1 and paths[0].is_dir():
        return paths[0].resolve(), ()
    root = directory.resolve()
    wanted = []
    for path in paths:
        resolved = (path if path.is_absolute() else Path.cwd() / path).resolve()
        if not resolved.is_relative_to(root):
            raise UsageError(f"{path} is not in {root}: name its project with -C DIR (alone, {_ALONE} are judged)")
        wanted.append(str(resolved.relative_to(root)))
    return root, tuple(wanted)


async def _change(
    view: Workspace,
    contents: _Contents,
    blobs: Blobs,
    ref: Ref,
    root: Path,
    base: str | None,
    wanted: tuple[str, ...],
) -> tuple[Change, Ref, dict[str, bytes | None]]:
    """The change to be judged, the checkpoint of the tree before it, and what every changed file held there."""

    def asked(path: str) -> bool:
        return not wanted or path in wanted or path.startswith(tuple(f"{w}/" for w in wanted))

    if base is None:
        files = [
            FileChange(x.path, "add", None, blobs.put(data), 0, x.mode)
            for x in view.files.walk()
            if x.kind == "file" and asked(x.path) and (data := contents.read(x.path)) is not None
        ]
        return Change("", ref.tree, tuple(files)), ref, {}
    present = (x.path for x in view.files.walk() if x.kind == "file")
    differ = changed_since(root, base, present, lambda path: contents.read(path) or b"")
    for path in set(differ) - contents.unread.keys():
        if view.files.stat(path) is not None:
            contents.read(path)
    old = {path: data for path, data in differ.items() if path not in contents.unread}
    for path, data in old.items():
        if data is None:
            view.files.delete(path)
        else:
            view.files.write(path, data)
    before = await view.checkpoint()
    await view.restore(ref)
    files = []
    for path, data in sorted(old.items()):
        entry = view.files.stat(path)
        after = None if entry is None else blobs.put(view.files.read(path))
        kind = "add" if data is None else "delete" if after is None else "update"
        digest = None if data is None else blobs.put(data)
        files.append(msgspec.convert({"path": path, "kind": kind, "before": digest, "after": after}, FileChange))
    return Change(before.tree, ref.tree, tuple(f for f in files if asked(f.path))), before, old
