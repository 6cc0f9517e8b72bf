"""The store that the settings choose."""

from shop.config import settings

if settings.STORE == "mongo":
    from shop.repositories.mongo_store import Collection
else:
    from shop.repositories.memory_store import Collection

__all__ = ["Collection"]
