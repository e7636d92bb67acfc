"""Where products are kept: the interface, and PostgreSQL behind it."""

from __future__ import annotations

from typing import Protocol

from psycopg.errors import ForeignKeyViolation, UniqueViolation
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from catalog.errors import OutOfStock, ProductExists, ProductNotFound
from catalog.models import NewProduct, Product, ProductChange

COLUMNS = "sku, name, price_cents, stock"


class Store(Protocol):
    def ping(self) -> None: ...
    def all(self) -> list[Product]: ...
    def get(self, sku: str) -> Product: ...
    def add(self, new: NewProduct) -> Product: ...
    def change(self, sku: str, change: ProductChange) -> Product: ...
    def remove(self, sku: str) -> None: ...
    def reserve(self, sku: str, order_id: str, quantity: int) -> Product: ...


class PostgresStore:
    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool

    def ping(self) -> None:
        with self._pool.connection(timeout=2) as connection:
            connection.execute("SELECT 1")

    def all(self) -> list[Product]:
        with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Product))
            return cursor.execute(f"SELECT {COLUMNS} FROM products ORDER BY sku").fetchall()

    def get(self, sku: str) -> Product:
        return self._one(sku, f"SELECT {COLUMNS} FROM products WHERE sku = %(sku)s", {})

    def add(self, new: NewProduct) -> Product:
        query = f"""
            INSERT INTO products ({COLUMNS})
            VALUES (%(sku)s, %(name)s, %(price_cents)s, %(stock)s) RETURNING {COLUMNS}"""
        try:
            return self._one(new.sku, query, new.model_dump())
        except UniqueViolation as error:
            raise ProductExists(f"{new.sku} is in the catalogue already") from error

    def change(self, sku: str, change: ProductChange) -> Product:
        query = f"""
            UPDATE products
            SET price_cents = coalesce(%(price_cents)s, price_cents),
                stock = coalesce(%(stock)s, stock)
            WHERE sku = %(sku)s RETURNING {COLUMNS}"""
        return self._one(sku, query, change.model_dump())

    def remove(self, sku: str) -> None:
        self._one(sku, f"DELETE FROM products WHERE sku = %(sku)s RETURNING {COLUMNS}", {})

    def reserve(self, sku: str, order_id: str, quantity: int) -> Product:
        """Takes stock for an order. Asking again for the same order takes nothing more."""
        row = {"sku": sku, "order_id": order_id, "quantity": quantity}
        with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Product))
            try:
                reserved = connection.execute(
                    "INSERT INTO reservations (order_id, sku, quantity)"
                    " VALUES (%(order_id)s, %(sku)s, %(quantity)s) ON CONFLICT DO NOTHING",
                    row,
                )
            except ForeignKeyViolation as error:
                raise ProductNotFound(f"there is no product {sku}") from error
            if reserved.rowcount == 0:
                taken = f"SELECT {COLUMNS} FROM products WHERE sku = %(sku)s"
            else:
                taken = f"""
                    UPDATE products SET stock = stock - %(quantity)s
                    WHERE sku = %(sku)s AND stock >= %(quantity)s RETURNING {COLUMNS}"""
            product = cursor.execute(taken, row).fetchone()
            if product is None:  # the exception also undoes the reservation
                raise OutOfStock(f"fewer than {quantity} of {sku} are left")
            return product

    def _one(self, sku: str, query: str, values: dict[str, object]) -> Product:
        with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Product))
            product = cursor.execute(query, {**values, "sku": sku}).fetchone()
        if product is None:
            raise ProductNotFound(f"there is no product {sku}")
        return product
