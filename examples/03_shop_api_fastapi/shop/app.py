"""The application, put together."""

from fastapi import FastAPI

from shop.middleware.errors import handle_errors
from shop.middleware.metrics import measure
from shop.middleware.protect import protect
from shop.routes.api import router
from shop.services import catalogue


def create_app() -> FastAPI:
    app = FastAPI(title="Shop")
    catalogue.stock()
    protect(app)
    measure(app)
    handle_errors(app)
    app.include_router(router)

    @app.get("/health", include_in_schema=False)
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return app
