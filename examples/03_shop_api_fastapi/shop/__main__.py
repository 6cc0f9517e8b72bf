"""Serve the application: python -m shop."""

import uvicorn

from shop.app import create_app
from shop.config import logs, settings

logs.configure()
uvicorn.run(
    create_app(),
    host=settings.HOST,
    port=settings.PORT,
    log_config=None,
    access_log=False,
)
