"""The same collections in MongoDB."""

from functools import cache
from typing import Any

from pymongo import MongoClient

from shop.config import settings

Document = dict[str, Any]


@cache
def _client() -> MongoClient[Document]:
    return MongoClient(settings.MONGO_URI)


class Collection:
    """Documents by their `id`."""

    def __init__(self, name: str) -> None:
        self._documents = _client().get_default_database()[name]

    def insert(self, document: Document) -> None:
        self._documents.insert_one({**document})

    def find(self, field: str, value: str) -> Document | None:
        return self._documents.find_one({field: {"$eq": value}}, {"_id": 0})

    def all(self) -> list[Document]:
        return list(self._documents.find({}, {"_id": 0}))

    def update(self, id: str, changes: Document) -> None:
        self._documents.update_one({"id": id}, {"$set": changes})
