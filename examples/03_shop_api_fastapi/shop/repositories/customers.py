"""Customers: their names and addresses are kept encrypted."""

import hashlib
import hmac
from uuid import uuid4

from cryptography.fernet import Fernet

from shop.config import settings
from shop.repositories.store import Collection

_seal = Fernet(settings.DATA_KEY)


def _mark(email: str) -> str:
    """Equal addresses have equal marks, so that one is found without being stored."""
    key = settings.DATA_KEY
    key = key if isinstance(key, bytes) else key.encode()
    return hmac.new(key, email.lower().encode(), hashlib.sha256).hexdigest()


def add(name: str, email: str, password_hash: str) -> dict[str, str]:
    document = {
        "id": str(uuid4()),
        "name": _seal.encrypt(name.encode()).decode(),
        "email": _seal.encrypt(email.encode()).decode(),
        "mark": _mark(email),
        "password_hash": password_hash,
    }
    Collection("customers").insert(document)
    return {"id": document["id"], "name": name, "email": email}


def exists(id: str) -> bool:
    return Collection("customers").find("id", id) is not None


def has_email(email: str) -> bool:
    return Collection("customers").find("mark", _mark(email)) is not None
