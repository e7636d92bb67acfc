"""The shapes that travel over HTTP. Money is whole cents, never a float."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

BASE_CURRENCY = "EUR"

Sku = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Cents = Annotated[int, Field(ge=0, le=100_000_000)]
Stock = Annotated[int, Field(ge=0, le=1_000_000)]


class Product(BaseModel):
    model_config = ConfigDict(frozen=True)

    sku: str
    name: str
    price_cents: int
    stock: int
    currency: str = BASE_CURRENCY


class NewProduct(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sku: Sku
    name: Annotated[str, Field(min_length=1, max_length=120)]
    price_cents: Cents
    stock: Stock = 0


class ProductChange(BaseModel):
    """Only what is given is changed."""

    model_config = ConfigDict(extra="forbid")

    price_cents: Cents | None = None
    stock: Stock | None = None


class Reservation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    quantity: Annotated[int, Field(ge=1, le=1000)]
