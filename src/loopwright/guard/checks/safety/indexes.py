"""Settings and files that say where packages come from."""

from __future__ import annotations

import re

from loopwright.core.expression import expression
from loopwright.guard.checks.safety import places
from loopwright.guard.checks.safety.finding import Reporting
from loopwright.guard.checks.safety.variables import judge_variable

#: Settings of package managers that say where packages come from.
_SOURCE_SETTING = expression(
    r"^(?:(?:npm|pnpm|yarn|bun) (?:config )?set|pip3? config (?:--\w+ )?set|yarn config set|"
    r"poetry source add|gem sources|bundle config|brew tap|conda config|nuget sources|helm repo add"
    r"|cargo config|composer config|npm c set)\b.*?(https?://\S+)"
)
_UNCHECKED_SETTING = expression(
    r"^(?:npm|pnpm|yarn) (?:config )?set.*strict-ssl[ =]false|^pip3? config .*trusted-host"
    r"|^git\b.*http\.sslverify[ =](?:false|0)|^composer config.*secure-http false"
    r"|^yarn config set enableStrictSsl false|^apk\b.*--allow-untrusted|^snap install\b.*--dangerous"
    r"|^flatpak\b.*--no-gpg-verify|^go get\b.*-insecure|^conda config.*ssl_verify (?:false|no)"
    r"|^poetry config.*cert false",
    re.IGNORECASE,
)


#: Programs that install, run or apply what an address among their words gives.
_LOADED = expression(
    r"^(?:deno install|brew install|apk (?:add|--repository)|nix-env|nix-shell|cpanm?|luarocks|ansible-galaxy"
    r"|flatpak|mvn"
    r"|kubectl (?:apply|create|replace)|oc (?:apply|create)|helm (?:install|upgrade)|git submodule add"
    r"|docker (?:load|import|build)"
    r"|terraform init|vagrant box add|code --install-extension|opkg|pacman -U|zypper|dnf|yum|rpm|dpkg|R|Rscript)\b"
    r".*?(?:[\s=\"'+])(https?://[^\s\"']+)"
)


#: A place that anybody may write, from which packages are taken.
_SHARED = expression(
    r"^(?:go mod edit\b.*-replace[= ]\S+?=|npm link |(?:npm|pnpm|yarn|bun) (?:i|install"
    r"|add) (?:file:)?)(/(?:tmp|dev/shm|var/tmp)/\S+)"
)


def judge_settings(to: Reporting, argv: list[str], line: int) -> None:
    """Judge a setting that changes where all later installs come from: `npm config set registry URL`."""
    text = " ".join(argv)
    source = _SOURCE_SETTING.search(text.replace("mirror.http", "mirror."))
    if source and (places.is_bare(source[1]) or places.is_drop(source[1])):
        to.report(
            "imports",
            "block",
            line,
            f"all packages will be taken from {source[1][:80]}, which nobody vouches for; an https index is fine",
        )
    shared = _SHARED.search(text)
    if shared:
        why = f"a package is taken from {shared[1][:80]}, where anybody may write"
        to.report("imports", "block", line, f"{why}; take it from the index, or from the project")
    loaded = _LOADED.search(text)
    if loaded and (places.is_bare(loaded[1]) or places.is_drop(loaded[1])):
        why = f"what is installed or applied comes from {loaded[1][:80]}, which nobody vouches for"
        to.report("imports", "block", line, f"{why}; an https address with a name is fine")
    if text.startswith("go env -w"):
        for name, _, value in (word.partition("=") for word in argv[3:]):
            judge_variable(to.report, name, value, line)
    if _UNCHECKED_SETTING.search(text):
        to.report(
            "imports",
            "block",
            line,
            f"`{text[:60]}` turns off the check of where packages come from; leave it on",
        )


_INDEX_FILE = expression(
    r"(?:^|/)(?:\.npmrc|\.yarnrc(?:\.yml)?|pip\.conf|pip\.ini|\.pydistutils\.cfg|\.gemrc|uv\.toml|\.condarc|\.bunfig\.toml)$"
)
#: Where package managers of the system look, and what is wrong there.
_SYSTEM_INDEX = expression(
    r"/etc/(?:apt/sources\.list|apt/apt\.conf|yum\.repos\.d/|apk/repositories|pacman\.conf|zypp/repos\.d/)"
)
_UNSIGNED = expression(
    r"(?i)trusted\s*[=:]\s*yes|allow-insecure\s*=\s*yes|AllowUnauthenticated|gpgcheck\s*=\s*0|SigLevel\s*=\s*Never"
    r"|https?://(?!(?:127|10|192\.168)\.)(?:\d{1,3}\.){3}\d{1,3}"
)
_INDEX_LINE = expression(
    r"(?:registry|npmRegistryServer|index[-_]url|find-links|channels?|sources?)\W{0,6}\s*(https?://[^\s\"']+)"
)


def judge_index_file(to: Reporting, path: str, text: str, line: int) -> None:
    """Judge what is written to a file that says where packages come from: `.npmrc`, `pip.conf`."""
    if _SYSTEM_INDEX.search(path) and _UNSIGNED.search(text):
        why = "packages of the system are to come from a place that nobody vouches for, or unsigned"
        to.report("imports", "block", line, f"{why}; a signed repository with a name is fine")
    if not _INDEX_FILE.search(path):
        return
    for address in _INDEX_LINE.findall(text):
        if places.is_bare(address) or places.is_drop(address):
            to.report(
                "imports",
                "block",
                line,
                f"all packages will be taken from {address[:80]}, which nobody vouches for; an https index is fine",
            )
