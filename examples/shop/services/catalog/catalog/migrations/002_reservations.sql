-- One row an order: a worker that asks twice takes the stock once.
CREATE TABLE reservations (
    order_id    text        PRIMARY KEY,
    sku         text        NOT NULL REFERENCES products (sku) ON DELETE CASCADE,
    quantity    integer     NOT NULL CHECK (quantity > 0),
    reserved_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX reservations_by_sku ON reservations (sku);
