"""The HTTP interface."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated

import psycopg
from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from fastapi.responses import JSONResponse
from psycopg_pool import ConnectionPool

from @{package} import settings
from @{package}.models import NewNote, Note
from @{package}.store import NoteNotFoundError, PostgresStore, Store

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def the_store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


InStore = Annotated[Store, Depends(the_store)]
Number = Annotated[int, Path(ge=1, lt=2**63)]
Limit = Annotated[int, Query(ge=1, le=100)]

router = APIRouter()


@router.get("/health")
def health(store: InStore) -> dict[str, str]:
    store.ping()
    return {"status": "ok"}


@router.post("/notes", status_code=201)
def add_note(new: NewNote, store: InStore) -> Note:
    return store.add(new)


@router.get("/notes")
def newest_notes(store: InStore, limit: Limit = 20) -> list[Note]:
    return store.newest(limit)


@router.get("/notes/{number}")
def get_note(number: Number, store: InStore) -> Note:
    return store.get(number)


@router.delete("/notes/{number}", status_code=204)
def remove_note(number: Number, store: InStore) -> None:
    store.remove(number)


def build_app(store: Store, lifespan: Lifespan | None = None) -> FastAPI:
    """Return the service over any store: tests bring their own."""
    app = FastAPI(title="@{service}", lifespan=lifespan)
    app.state.store = store
    app.include_router(router)

    @app.exception_handler(NoteNotFoundError)
    def not_found(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=404)

    @app.exception_handler(psycopg.DataError)
    def not_storable(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse({"detail": "the database cannot keep this"}, status_code=422)

    @app.exception_handler(psycopg.OperationalError)
    def no_database(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse({"detail": "the database cannot be reached"}, status_code=503)

    return app


def create_app() -> FastAPI:
    """Return the service as it runs, on a real database."""
    pool = ConnectionPool(settings.database(), min_size=1, max_size=8, timeout=5, open=False)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with pool:
            yield

    return build_app(PostgresStore(pool), lifespan)
