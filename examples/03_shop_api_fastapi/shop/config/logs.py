"""Every line of the log is one JSON object, those of the server included."""

import logging
import sys

from pythonjsonlogger.json import JsonFormatter

from shop.config import settings

FIELDS = "%(asctime)s %(levelname)s %(name)s %(message)s"


def configure() -> None:
    """Send all loggers to standard output as JSON."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(FIELDS, rename_fields={"levelname": "level"}))
    logging.basicConfig(level=settings.LOG_LEVEL, handlers=[handler], force=True)
