"""The HTTP interface."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated

import httpx2
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from valkey import Valkey
from valkey.exceptions import ConnectionError, TimeoutError

from orders import desk
from orders.book import Book, ValkeyBook
from orders.catalog import Catalog, HttpCatalog
from orders.errors import OrdersError
from orders.models import NewOrder, Order
from orders.settings import Settings

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def the_book(request: Request) -> Book:
    book: Book = request.app.state.book
    return book


def the_catalog(request: Request) -> Catalog:
    catalog: Catalog = request.app.state.catalog
    return catalog


InBook = Annotated[Book, Depends(the_book)]
FromCatalog = Annotated[Catalog, Depends(the_catalog)]

router = APIRouter()


@router.get("/health")
def health(book: InBook) -> dict[str, str]:
    book.ping()
    return {"status": "ok"}


@router.post("/orders", status_code=202)
def place(new: NewOrder, book: InBook, catalog: FromCatalog) -> Order:
    return desk.place(new, book, catalog)


@router.get("/orders/{order_id}")
def order(order_id: str, book: InBook) -> Order:
    return book.get(order_id)


def build_app(book: Book, catalog: Catalog, lifespan: Lifespan | None = None) -> FastAPI:
    """The service over any book and any catalogue: the tests bring their own."""
    app = FastAPI(title="orders", lifespan=lifespan)
    app.state.book = book
    app.state.catalog = catalog
    app.include_router(router)

    @app.exception_handler(OrdersError)
    def refused(_: Request, error: OrdersError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=error.status)

    @app.exception_handler(ConnectionError)
    @app.exception_handler(TimeoutError)
    def no_queue(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse({"detail": "the queue cannot be reached"}, status_code=503)

    return app


def create_app() -> FastAPI:
    """The service as it runs: on a real queue, with the real catalogue."""
    settings = Settings.from_env()
    valkey = Valkey.from_url(settings.redis_url, decode_responses=True, socket_timeout=3)
    client = httpx2.Client(base_url=settings.catalog_url, timeout=3)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with valkey, client:
            yield

    return build_app(ValkeyBook(valkey), HttpCatalog(client), lifespan)
