"""The shapes that travel over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class NewNote(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    text: Annotated[str, Field(max_length=10_000)] = ""


class Note(BaseModel):
    """What is kept, and what clients get."""

    model_config = ConfigDict(frozen=True)

    id: int
    title: str
    text: str
    created_at: datetime
