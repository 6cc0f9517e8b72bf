"""What an order must look like."""

from uuid import UUID

from pydantic import BaseModel, Field


class Line(BaseModel):
    product: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    quantity: int = Field(ge=1, le=100)


class NewOrder(BaseModel):
    customer: UUID
    lines: list[Line] = Field(min_length=1, max_length=50)
