"""The HTTP interface."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated

import httpx2
import psycopg
from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from fastapi.responses import JSONResponse
from psycopg_pool import ConnectionPool

from catalog.errors import CatalogError
from catalog.models import (
    BASE_CURRENCY,
    Currency,
    NewProduct,
    Product,
    ProductChange,
    Reservation,
)
from catalog.pricing import priced_in
from catalog.rates import HttpRates, Rates
from catalog.settings import Settings
from catalog.store import PostgresStore, Store

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def the_store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def the_rates(request: Request) -> Rates:
    rates: Rates = request.app.state.rates
    return rates


InStore = Annotated[Store, Depends(the_store)]
AtRates = Annotated[Rates, Depends(the_rates)]
InCurrency = Annotated[Currency, Query()]
OrderId = Annotated[str, Path(min_length=1, max_length=64)]

router = APIRouter()


@router.get("/health")
def health(store: InStore) -> dict[str, str]:
    store.ping()
    return {"status": "ok"}


@router.get("/products")
def products(store: InStore, rates: AtRates, currency: InCurrency = BASE_CURRENCY) -> list[Product]:
    return [priced_in(product, currency, rates) for product in store.all()]


@router.post("/products", status_code=201)
def add_product(new: NewProduct, store: InStore) -> Product:
    return store.add(new)


@router.get("/products/{sku}")
def product(
    sku: str, store: InStore, rates: AtRates, currency: InCurrency = BASE_CURRENCY
) -> Product:
    return priced_in(store.get(sku), currency, rates)


@router.patch("/products/{sku}")
def change_product(sku: str, change: ProductChange, store: InStore) -> Product:
    return store.change(sku, change)


@router.delete("/products/{sku}", status_code=204)
def remove_product(sku: str, store: InStore) -> None:
    store.remove(sku)


@router.put("/products/{sku}/reservations/{order_id}")
def reserve(sku: str, order_id: OrderId, reservation: Reservation, store: InStore) -> Product:
    return store.reserve(sku, order_id, reservation.quantity)


def build_app(store: Store, rates: Rates, lifespan: Lifespan | None = None) -> FastAPI:
    """The service over any store and any rates: the tests bring their own."""
    app = FastAPI(title="catalog", lifespan=lifespan)
    app.state.store = store
    app.state.rates = rates
    app.include_router(router)

    @app.exception_handler(CatalogError)
    def refused(_: Request, error: CatalogError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=error.status)

    @app.exception_handler(psycopg.OperationalError)
    def no_database(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse({"detail": "the database cannot be reached"}, status_code=503)

    return app


def create_app() -> FastAPI:
    """The service as it runs: on a real database, with real rates."""
    settings = Settings.from_env()
    pool = ConnectionPool(settings.database_url, min_size=1, max_size=4, open=False)
    client = httpx2.Client(base_url=settings.rates_url, timeout=3)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with pool, client:
            yield

    return build_app(PostgresStore(pool), HttpRates(client), lifespan)
