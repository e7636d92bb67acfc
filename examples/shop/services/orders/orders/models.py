"""The shapes that travel over HTTP and lie in the queue. Money is whole cents."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Status(StrEnum):
    QUEUED = "queued"
    SETTLED = "settled"
    REJECTED = "rejected"
    FAILED = "failed"


class NewOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sku: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    quantity: Annotated[int, Field(ge=1, le=1000)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"


class Order(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    sku: str
    quantity: int
    total_cents: int
    currency: str
    status: Status = Status.QUEUED
    reason: str | None = None
    attempts: int = 0
