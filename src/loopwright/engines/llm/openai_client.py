"""OpenAI's client, reading the pieces of a streamed answer as fast as they come."""

from __future__ import annotations

from typing import TypeVar, cast

import httpx2
from openai import AsyncOpenAI, BaseModel
from pydantic import ValidationError

T = TypeVar("T")


class Client(AsyncOpenAI):
    """The official client, with one step of it made quicker.

    It builds every piece of an answer field by field in Python, because servers send what the published types do not
    allow; for those that fit, which are nearly all, validation gives an equal object in a tenth of the time.
    """

    def _process_response_data(self, *, data: object, cast_to: type[T], response: httpx2.Response) -> T:
        if isinstance(data, dict) and isinstance(cast_to, type) and issubclass(cast_to, BaseModel):
            try:
                return cast(T, cast_to.model_validate(data))
            except ValidationError:
                pass  # the lenient way is there for these
        return super()._process_response_data(data=data, cast_to=cast_to, response=response)
