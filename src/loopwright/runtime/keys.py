"""Keys of model providers that the user keeps in the system's keyring instead of in the environment."""

from __future__ import annotations

from loopwright.core.errors import ConfigError
from loopwright.engines.llm.catalog import PROVIDERS

#: What the entries are kept under: `keyring set loopwright OPENAI_API_KEY`.
SERVICE = "loopwright"


def stored_keys() -> dict[str, str]:
    """Return each provider's variable that has an entry in the keyring, with its value.

    Raises ConfigError where the keyring is not installed or does not open.
    """
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise ConfigError("`keyring` is set, but it is not installed: pip install 'loopwright[keyring]'") from None
    names = dict.fromkeys(name for provider in PROVIDERS for name in provider.keys)
    try:
        found = {name: keyring.get_password(SERVICE, name) for name in names}
    except KeyringError as error:
        raise ConfigError(f"the keyring does not open: {error}; unlock it, or set keyring = false") from None
    return {name: value for name, value in found.items() if value}
