"""Which path leads to which controller."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from shop.controllers import shop
from shop.models.customer import NewCustomer
from shop.models.order import NewOrder

router = APIRouter(prefix="/api")
ProductId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$")]


@router.get("/products")
def list_products() -> dict[str, Any]:
    return shop.list_products()


@router.get("/products/{id}")
def show_product(id: ProductId) -> dict[str, Any]:
    return shop.show_product(id)


@router.post("/customers", status_code=201)
def create_customer(new: NewCustomer) -> dict[str, str]:
    return shop.create_customer(new)


@router.post("/orders", status_code=201)
def create_order(new: NewOrder) -> dict[str, Any]:
    return shop.create_order(new)
