"""Keys kept in the system's keyring: taken where the user says so and the environment has none."""

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from loopwright.core.errors import ConfigError
from loopwright.runtime.host import Host


class Kept(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self, entries, locked=False):
        super().__init__()
        self.entries, self.locked = entries, locked

    def get_password(self, service, username):
        if self.locked:
            raise KeyringLocked("it is locked")
        return self.entries.get((service, username))

    def set_password(self, service, username, password):
        self.entries[service, username] = password


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LOOPWRIGHT_HOME", str(tmp_path))
    for name in ("OPENAI_API_KEY", "MISTRAL_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    before = keyring.get_keyring()
    yield tmp_path
    keyring.set_keyring(before)


def test_a_key_in_the_keyring_serves_where_the_environment_has_none(home, monkeypatch):
    keyring.set_keyring(Kept({("loopwright", "OPENAI_API_KEY"): "of-keyring", ("loopwright", "MISTRAL_API_KEY"): "m"}))
    monkeypatch.setenv("MISTRAL_API_KEY", "of-environment")
    env = Host.here(["keyring=true"]).env
    assert env["OPENAI_API_KEY"] == "of-keyring"
    assert env["MISTRAL_API_KEY"] == "of-environment"


def test_the_keyring_is_left_alone_unless_the_user_says_so(home):
    keyring.set_keyring(Kept({}, locked=True))
    assert "OPENAI_API_KEY" not in Host.here().env


def test_a_keyring_that_does_not_open_is_one_clear_line(home):
    keyring.set_keyring(Kept({}, locked=True))
    with pytest.raises(ConfigError, match="does not open: it is locked; unlock it"):
        Host.here(["keyring=true"])
