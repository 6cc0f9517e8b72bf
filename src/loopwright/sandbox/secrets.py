"""What a home keeps secret, where the home itself is shown: keys and credentials of the user's, not of a project."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from loopwright.sandbox.places import Place

#: Where programs of many users keep what lets them in elsewhere.
_SECRETS = (
    ".ssh", ".gnupg", ".aws", ".azure", ".config/gcloud", ".kube", ".docker/config.json", ".netrc", ".git-credentials",
    ".config/git/credentials", ".config/gh", ".config/glab-cli", ".npmrc", ".pypirc", ".cargo/credentials.toml",
    ".cargo/credentials", ".gem/credentials", ".m2/settings.xml", ".gradle/gradle.properties", ".pgpass", ".my.cnf",
    ".vault-token", ".terraform.d/credentials.tfrc.json", ".password-store", ".local/share/keyrings", ".mozilla",
    ".config/google-chrome", ".config/chromium", ".config/rclone", ".config/op",
)  # fmt: skip


def find_secrets(place: Place, environment: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    """Paths inside the sandbox of what has to be hidden in a place, and whether each is a directory."""
    home = os.path.realpath(environment.get("HOME") or Path.home())
    if not f"{home}/".startswith(f"{os.path.realpath(place.at)}/"):
        return
    top = os.path.realpath(place.at)
    for name in _SECRETS:
        path = os.path.realpath(f"{home}/{name}")  # a link may lead to another part of what is shown
        if path.startswith(f"{top}/") and os.path.lexists(path):
            yield f"{place.at}{path[len(top) :]}", os.path.isdir(path)
