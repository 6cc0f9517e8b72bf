"""What package managers are told to install, and from where."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from loopwright.core.expression import expression
from loopwright.guard.checks.rules.manifest import dependencies
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.finding import Reporting, SafetyConfig
from loopwright.guard.checks.safety.flow.called import Called
from loopwright.guard.checks.safety.flow.flow import Flow
from loopwright.guard.checks.safety.flow.values import Value
from loopwright.guard.checks.safety.packages import is_taken_over, judge_module, slip_of

_MANAGER = {
    "pip3": "pip",
    "pip2": "pip",
    "pipx": "pip",
    "easy_install": "pip",
    "uv": "pip",
    "poetry": "pip",
    "pdm": "pip",
    "pnpm": "npm",
    "yarn": "npm",
    "bun": "npm",
}
_VALUED = frozenset(
    {
        "-r",
        "--requirement",
        "-c",
        "--constraint",
        "--index-url",
        "-i",
        "--extra-index-url",
        "--trusted-host",
        "--registry",
        "-t",
        "--target",
        "-f",
        "--find-links",
        "--prefix",
        "-e",
        "--editable",
        "--python",
        "--group",
    }
)


def judge_install(to: Reporting, argv: list[str], line: int) -> None:
    """Judge what a package manager is told to install: from where, and under which names."""
    manager = _MANAGER.get(argv[0], argv[0])
    rest = argv[1:]
    text = " ".join(rest)
    _judge_sources(to, argv[0], manager, text, line)
    foreign = next((w for w in rest if re.match(r"(?:git\+)?(?:https?|git|ftp)://", w)), "").removeprefix("git+")
    if manager in ("cargo", "gem") and rest[:1] and rest[0] in ("add", "install"):
        for word in rest[1:]:
            meant = slip_of(word.split("@")[0], manager) if not word.startswith("-") else ""
            if meant:
                why = f"`{word[:60]}` is one letter from `{meant}`, as malware names itself"
                to.report("imports", "block", line, f"{why}; check the name that was meant")
    if manager not in ("pip", "npm") and foreign and {"install", "add", "get", "require"} & set(rest[:2]):
        judge_requirement(to, foreign, "pip", line)
    if argv[0] == "easy_install":
        rest = ["install", *rest]
    verbs = {"install", "add", "i", "download", "wheel", "run", "tool", "ci"}
    if manager not in ("pip", "npm") or not verbs.intersection(rest[:3]) or (rest[:1] == ["run"] and manager == "npm"):
        return
    skip = False
    for word in rest:
        if skip and re.match(r"(?:git\+)?\w+://", word) and manager == "pip" and {"-e", "--editable"} & set(rest):
            judge_requirement(to, word.split("#")[0], manager, line)
        if skip or word.startswith("-"):
            skip = word in _VALUED and not skip
            continue
        if word not in verbs and word != "pip":
            judge_requirement(to, word, manager, line)


def _judge_sources(to: Reporting, program: str, manager: str, text: str, line: int) -> None:
    """Judge the options that say where packages come from and whether that is checked."""
    source = re.search(
        r"(?:--index-url|-i|--extra-index-url|--registry|--find-links|-f|--default-index|--index|--source|-s)[ =](\S+)",
        text,
    )
    if (
        source
        and manager in ("pip", "npm", "gem", "cargo", "conda", "nuget")
        and (places.is_bare(source[1]) or places.is_drop(source[1]))
    ):
        to.report(
            "imports",
            "block",
            line,
            f"packages are taken from {source[1][:80]}, which nobody vouches for; an https index with a name is fine",
        )
    listed = re.search(r"(?:^|\s)(?:-r|--requirement)[ =]?(https?://\S+)", text)
    if listed and manager == "pip" and (places.is_bare(listed[1]) or places.is_drop(listed[1])):
        to.report("imports", "block", line, f"what to install is listed at {listed[1][:80]}, which nobody vouches for")
    trusted = re.search(r"--trusted-host[ =](\S+)", text)
    if trusted and not places.is_local(trusted[1]) and "pypi" not in trusted[1] and "pythonhosted" not in trusted[1]:
        to.report(
            "imports",
            "block",
            line,
            f"packages from {trusted[1][:60]} are trusted without a certificate; an https index is fine",
        )
    if re.search(
        r"--allow-unauthenticated|--force-yes|--nogpgcheck|--no-gpg-check|--allow-untrusted", text
    ) and program not in ("pip", "npm"):
        to.report(
            "imports",
            "block",
            line,
            "packages are installed though nothing vouches for them; leave their signatures checked",
        )


def _is_near(address: str) -> bool:
    """True for a machine of one's own network, with or without a user before it."""
    return places.is_local(re.sub(r"^(\w+://)[\w.-]+@", r"\1", address))


def _judge_address(to: Reporting, address: str, line: int) -> None:
    """Judge a package that is installed from an address."""
    bare = re.match(r"(?:git|ftp)://|\w+://(?:[\w.-]+@)?(?:\d{1,3}\.){3}\d{1,3}", address)
    known = re.match(
        r"(?:https|ssh|git)://(?:git@)?(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|"
        r"download\.pytorch\.org|files\.pythonhosted\.org|registry\.npmjs\.org)/",
        address,
    )
    if places.is_bare(address) or places.is_drop(address) or (bare and not _is_near(address)):
        why = f"a package is installed from {address[:80]}, which nobody vouches for"
        to.report("imports", "block", line, f"{why}; take it from the index by name and version")
    elif to.within:
        why = f"the program itself installs a package from {address[:80]} while it runs"
        to.report("imports", "block", line, f"{why}; declare it as a dependency by name and version")
    elif not known and re.search(r"^https?:.*\.(?:tgz|tar\.\w+|whl|zip|egg|gem)(?:[#?]|$)", address):
        why = f"a package is installed from the file {address[:80]}, which no index vouches for"
        to.report("imports", "block", line, f"{why}; take it from the index by name and version")
    elif not known:
        to.report("imports", "ask", line, f"a package is installed from {address[:80]}, outside of the index")


def judge_requirement(to: Reporting, word: str, manager: str, line: int) -> None:
    if re.search(r"[\w\]]\s*(?:==|@)\s*v?(?:99|999+)(?:\.\d+)*$", word):
        why = "asks for a version that outbids any other, as is done to pass for a package of one's own"
        to.report("imports", "block", line, f"`{word[:60]}` {why}; take the version that the project has")
    address = re.search(r"(?:git\+)?((?:https?|git|ssh|ftp)://\S+)$", word)
    if address:
        _judge_address(to, address[1], line)
        return
    pinned = re.match(r"^(@?[A-Za-z0-9][\w./-]*?)(?:\[[\w,-]*\])?(?:==|@)([\w.+-]+)$", word)
    if pinned and is_taken_over(pinned[1], pinned[2]):
        why = "was published by who had taken the package over; take another version"
        to.report("imports", "block", line, f"`{word[:60]}` {why}")
    found = re.match(r"^(@?[A-Za-z0-9][\w./-]*?)(?:\[[\w,-]*\])?(?:(?:[=<>!~]=?|@).*)?$", word)
    if found and not word.startswith((".", "/")):
        language = "python" if manager == "pip" else "javascript"
        verdict = judge_module(found[1], language, to.config)
        if verdict is not None and verdict[0] == "block":
            to.report("imports", "block", line, verdict[1])


_MANIFEST = expression(
    r"(?:^|/)(?:requirements[\w.-]*\.txt|constraints[\w.-]*\.txt|package\.json|Pipfile|pyproject\.toml)$"
)


def judge_written_manifest(to: Reporting, path: str, text: str, line: int) -> None:
    """Judge what is written to a file that lists dependencies."""
    if not text or not _MANIFEST.search(path):
        return
    for address in re.findall(r"(?:@\s*|[\"']|^\s*(?:git\+)?)(https?://[^\s\"']+)", text, re.MULTILINE):
        if not path.endswith("pyproject.toml") or f"@ {address}" in text:
            judge_requirement(to, address, "pip", line)
    listed = r"^\s*(?:--index-url|--extra-index-url|-i|--find-links|-f|--trusted-host)[ =]+(\S+)"
    for source in re.findall(listed, text, re.MULTILINE):
        if places.is_bare(source) or places.is_drop(source):
            why = f"packages are to come from {source[:80]}, which nobody vouches for; an https index is fine"
            to.report("imports", "block", line, why)
    for _, verdict in judge_listed(path, text, "", to.config):
        to.report("imports", "block", line, verdict)


def judge_listed(path: str, text: str, old: str, config: SafetyConfig) -> Iterator[tuple[str, str]]:
    """Yield (name, why) for each dependency that a manifest lists, and its old text did not, and that must not be."""
    name = posixpath.basename(path)
    language = "javascript" if name == "package.json" else "python" if name != "composer.json" else ""
    if language and (name == "package.json" or name.startswith(("requirements", "pyproject", "setup", "Pipfile"))):
        for each in sorted(dependencies(path, text) - dependencies(path, old)):
            verdict = judge_module(each, language, config)
            if verdict is not None and verdict[0] == "block":
                yield each, verdict[1]


def depends(flow: Flow, called: Called) -> Value | None:
    """`package.dependencies = {…}`: what a program puts into a manifest."""
    for name, value in (called.arg(0).attrs or {}).items():
        if "://" in value.text:
            judge_requirement(flow, value.text, "npm", called.line)
        elif value.text:
            judge_requirement(flow, f"{name}@{value.text.lstrip('^~=')}", "npm", called.line)
    return None


def scripted(flow: Flow, called: Called) -> Value | None:
    """`package.scripts.postinstall = "…"`: a command that npm runs unasked wherever the package is installed."""
    if ".scripts." in called.ref:
        flow.judge("shell", called.arg(0).text, called.line)
    return None


def judge_patched_library(to: Reporting, path: str, line: int) -> None:
    """Report code among installed packages that a program writes."""
    if _LIBRARY.search(path) and re.search(r"\.(?:[cm]?js|py|pth)$", path):
        why = "is code of an installed package and is changed behind its back"
        to.report("syntax", "block", line, f"{path[-80:]} {why}; change the dependency, or patch a copy in the project")


#: Where an interpreter looks for installed packages.
_LIBRARY = expression(r"/(?:site|dist)-packages/|(?:^|/)node_modules/|/lib/python\d[\d.]*/")


#: Where programs and libraries of the system lie.
_SYSTEM_CODE = expression(r"^/(?:usr/(?:local/)?)?(?:s?bin|lib(?:64|exec)?)/|^/opt/|^~/(?:\.local/)?bin/")


def judge_library_file(to: Reporting, path: str, line: int, source: str = "") -> None:
    """Report a file from the network that is put among installed packages."""
    if source and _SYSTEM_CODE.match(path) and (places.is_bare(source) or places.is_drop(source)):
        why = f"{path[:80]} comes from {source[:60]}, which nobody vouches for, and is code of the system from now on"
        to.report("imports", "block", line, f"{why}; install a package")
    if _LIBRARY.search(path):
        to.report(
            "imports",
            "block",
            line,
            f"{path[:80]} comes from the network and is imported from now on; install a package by name and version",
        )


def install_within(flow: Flow, called: Called) -> Value | None:
    """`pip.main(["install", …])`: pip called from within a program."""
    words = called.arg(0, "args").items or []
    judge_install(flow, ["pip", *(w.text for w in words)], called.line)
    return Value()


def described(flow: Flow, called: Called) -> Value | None:
    """`setup(install_requires=[…])`: what a package needs is installed with it."""
    for name in ("install_requires", "setup_requires", "tests_require", "dependency_links", "requires"):
        for item in called.named.get(name, Value()).items or []:
            judge_needed(flow, item.text, called.line)
    for extra in (called.named.get("extras_require", Value()).attrs or {}).values():
        for item in extra.items or []:
            judge_needed(flow, item.text, called.line)
    return Value()


def judge_needed(to: Reporting, text: str, line: int) -> None:
    """Judge one requirement as manifests write it: `name>=1`, `name @ https://…`."""
    name, at, address = text.partition("@")
    if at and "://" in address:
        judge_requirement(to, address.strip(), "pip", line)
    word = (name if at and "://" in address else text).split(";")[0].strip()
    if word:
        judge_requirement(to, word.replace(" ", ""), "pip", line)
