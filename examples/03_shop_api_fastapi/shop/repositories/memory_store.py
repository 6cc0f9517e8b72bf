"""Collections in memory, by name: for tests and where no MongoDB server is."""

from copy import deepcopy
from typing import Any

Document = dict[str, Any]
_collections: dict[str, dict[str, Document]] = {}


class Collection:
    """Documents by their `id`."""

    def __init__(self, name: str) -> None:
        self._documents = _collections.setdefault(name, {})

    def insert(self, document: Document) -> None:
        self._documents[document["id"]] = deepcopy(document)

    def find(self, field: str, value: str) -> Document | None:
        found = (d for d in self._documents.values() if d[field] == value)
        return deepcopy(next(found, None))

    def all(self) -> list[Document]:
        return deepcopy(list(self._documents.values()))

    def update(self, id: str, changes: Document) -> None:
        self._documents[id].update(changes)


def clear() -> None:
    """Forget everything."""
    for documents in _collections.values():
        documents.clear()
