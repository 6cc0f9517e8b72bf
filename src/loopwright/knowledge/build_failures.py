"""Failures of what runs other tools: docker build, make, npm, pip, cargo. Their own words count where no tool's do."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.core.knowledge import Diagnosis, FailureKind

_STEP = expression(r"^Step \d+/\d+ : (?P<instruction>.+)$", re.MULTILINE)
_BUILDKIT_PLACE = expression(r"^(?P<file>[\w./-]*Dockerfile[\w.-]*):(?P<line>\d+)$", re.MULTILINE)
_BUILDKIT_STEP = expression(r"^ > .+:$", re.MULTILINE)
_SOLVE = expression(r"^ERROR: failed to (?:solve|build): (?P<message>.+)$", re.MULTILINE)
_RETURNED = expression(
    r"^(?:\S*m)?The command '(?P<command>.*)' returned a non-zero code: (?P<status>\d+)$", re.MULTILINE
)
_PARSE = expression(r"[Dd]ockerfile parse error (?:on )?line (?P<line>\d+): (?P<message>.+)$", re.MULTILINE)
_DAEMON = expression(r"^.*(?:Cannot connect to the Docker daemon|[Ii]s the docker daemon running).*$", re.MULTILINE)
_DOCKER_ENVIRONMENT = expression(
    r"^.*(?:COPY failed|ADD failed|file not found in build context|failed to calculate checksum|\"/\S*\": not found"
    r"|unable to prepare context|failed to read dockerfile|pull access denied|manifest unknown|no such host"
    r"|failed to resolve source metadata|Cannot locate specified Dockerfile|invalid from flag|not found$).*$",
    re.MULTILINE,
)
_DOCKER_SIGNS = expression(
    r"^Sending build context|^ERROR: failed to (?:solve|build)|^#\d+ \[|[Dd]ockerfile parse error"
    r"|Docker daemon|^(?:ERROR: )?unable to prepare context|BuildKit is|failed to read dockerfile",
    re.MULTILINE,
)
_WARNING = expression(r"\ADEPRECATED: .*?(?=\n\n)", re.DOTALL)
_MAKE = expression(
    r"^g?make(?:\[\d+\])?: \*\*\* (?:\[(?P<file>[^\s:\]]+):(?P<line>\d+): (?P<target>[^\]]+)\] )?(?P<said>.+)$",
    re.MULTILINE,
)
_MAKE_PLACED = expression(r"^(?P<file>[^\s:][^\n:]*):(?P<line>\d+): \*\*\* (?P<message>.+?)\.? +Stop\.$", re.MULTILINE)
_MAKE_NONE = expression(r"no makefile found|Makefile: No such file")
_NPM = expression(r"^npm (?:error|ERR!) (?P<said>.+)$", re.MULTILINE)
_NPM_CODE = expression(r"^npm (?:error|ERR!) code (?P<code>\w+)$", re.MULTILINE)
_NPM_KINDS: dict[str, FailureKind] = {
    "EJSONPARSE": "syntax", "E404": "import", "ETARGET": "import", "ENOVERSIONS": "import", "ERESOLVE": "import",
    "ENOENT": "environment", "EACCES": "environment", "ENOSPC": "resource", "EUSAGE": "environment",
    "ENOTFOUND": "environment", "ECONNREFUSED": "environment", "ETIMEDOUT": "environment", "EBADENGINE": "environment",
}  # fmt: skip
_PIP = expression(r"^ERROR: (?P<message>.+)$", re.MULTILINE)
_PIP_IMPORT = expression(r"No matching distribution|Could not find a version|ResolutionImpossible|Cannot install")
_PIP_SIGNS = expression(
    r"^ERROR: (?:No matching distribution|Could not (?:find|open|install)|Cannot install|Invalid requ"
    r"|Failed building wheel|Package '.*' requires a different Python)",
    re.MULTILINE,
)
_CARGO = expression(
    r"^error: (?P<message>(?:could not find `Cargo\.toml`|no matching package|failed to (?:parse manifest"
    r"|select a version|load source|get `)|no such (?:command|subcommand)|toolchain).*)$",
    re.MULTILINE,
)


def read_docker(text: str) -> tuple[Diagnosis | None, str]:
    """Return what stopped a docker build, and the output of the command that a RUN of it ran ("" where none did).

    That output is for the other readers: what they find in it is the cause.
    """
    if not _DOCKER_SIGNS.search(text):
        return None, ""
    text = _WARNING.sub("", text)
    if daemon := _DAEMON.search(text):
        return Diagnosis("environment", daemon[0].strip(), "", "docker"), ""
    if broken := _PARSE.search(text):
        return Diagnosis("syntax", broken["message"].strip(), "", "docker", "Dockerfile", int(broken["line"])), ""
    place = _BUILDKIT_PLACE.search(text)
    file, line = (place["file"], int(place["line"])) if place else ("", 0)
    steps = list(_STEP.finditer(text))
    if steps or place:
        file = file or "Dockerfile"
    if returned := _RETURNED.search(text):
        said = text[steps[-1].end() : returned.start()] if steps else text[: returned.start()]
        return _ran(returned["command"], int(returned["status"]), file, line), said
    solve = _SOLVE.search(text)
    if solve and (ended := re.search(r"process \"(.*)\" did not complete successfully: exit code: (\d+)", solve[0])):
        step = _BUILDKIT_STEP.search(text)
        said = re.sub(r"^[\d.]+ ", "", text[step.end() :].partition("\n------")[0], flags=re.MULTILINE) if step else ""
        return _ran(ended[1], int(ended[2]), file, line), said
    if known := _DOCKER_ENVIRONMENT.search(solve["message"] if solve else text):
        return Diagnosis("environment", known[0].strip(), "", "docker", file, line), ""
    message = solve["message"] if solve else next((s for s in reversed(text.splitlines()) if s.strip()), "")
    return Diagnosis("syntax" if steps else "tool", message.strip(), "", "docker", file, line), ""


def _ran(command: str, status: int, file: str, line: int) -> Diagnosis:
    kind: FailureKind = "environment" if status in (126, 127) else "resource" if status == 137 else "tool"
    return Diagnosis(kind, f"{command} returned {status}", "", "docker", file, line)


def read_make(text: str) -> Diagnosis | None:
    """Return make's own complaint, where nothing that it ran left a better one."""
    if placed := _MAKE_PLACED.search(text):
        return Diagnosis("syntax", placed["message"], "", "make", placed["file"], int(placed["line"]))
    found = _MAKE.search(text)
    if found is None:
        return None
    said, file, line = (
        found["said"].removesuffix(".  Stop.").removesuffix(" Stop."),
        found["file"] or "",
        int(found["line"] or 0),
    )
    if _MAKE_NONE.search(said):
        return Diagnosis("environment", said, "", "make")
    if re.search(r"Error 12[67]$", said):
        before = [part for part in text[: found.start()].splitlines() if part.strip()]
        return Diagnosis("environment", before[-1].strip() if before else said, "", "make", file, line)
    message = f"{found['target']}: {said}" if found["target"] else said
    return Diagnosis("tool", message, "", "make", file, line)


def read_installer(text: str) -> Diagnosis | None:
    """Return what npm, pip or cargo has to say of its own."""
    if cargo := _CARGO.search(text):
        kind: FailureKind = "environment" if "Cargo.toml`" in cargo[0] or "command" in cargo[0] else "import"
        parse = re.search(r"manifest at `(?P<file>[^`]+)`", cargo[0])
        if parse and "parse" in cargo[0]:
            return Diagnosis("syntax", cargo["message"], "", "cargo", parse["file"])
        return Diagnosis(kind, cargo["message"], "", "cargo")
    if _PIP_SIGNS.search(text) and (said := _PIP.search(text)):
        kind = "import" if _PIP_IMPORT.search(text) else "environment"
        return Diagnosis(kind, said["message"], "", "pip")
    return _read_npm(text)


def _read_npm(text: str) -> Diagnosis | None:
    said = [line["said"] for line in _NPM.finditer(text)]
    if not said:
        return None
    code = _NPM_CODE.search(text)
    kind: FailureKind = _NPM_KINDS.get(code["code"], "tool") if code else "tool"
    if said[0].startswith(("Missing script", "Could not read package.json")):
        kind = "environment"
    message = next((line for line in said if not line.startswith(("code ", "errno ", "syscall ", "path "))), said[0])
    file = (
        next((f[0] for line in said if (f := re.search(r"/\S*?package\.json", line))), "") if kind == "syntax" else ""
    )
    return Diagnosis(kind, message, "", "npm", file or ("package.json" if kind == "syntax" else ""))
