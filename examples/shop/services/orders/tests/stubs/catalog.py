"""Stands in for the catalogue: it always answers alike, so that each test knows what comes."""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PRODUCTS = {
    "mug": {"price_cents": 1250, "stock": 1000},
    "sold-out": {"price_cents": 990, "stock": 0},
    "snatched": {"price_cents": 500, "stock": 1},  # there when looked at, gone when taken
    "flaky": {"price_cents": 500, "stock": 1000},  # the first try to take it fails
}
BROKEN = "broken"  # asking for this product finds the catalogue out of order
RATES = {"EUR": 100, "USD": 110}

tried: set[str] = set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        sku = url.path.rpartition("/")[2]
        currency = parse_qs(url.query).get("currency", ["EUR"])[0]
        if url.path == "/health":
            self.answer(200, {"status": "ok"})
        elif sku == BROKEN:
            self.answer(500, {"detail": "out of order"})
        elif sku in PRODUCTS:
            product = PRODUCTS[sku]
            price = product["price_cents"] * RATES[currency] // 100
            self.answer(200, {**product, "sku": sku, "price_cents": price, "currency": currency})
        else:
            self.answer(404, {"detail": f"there is no product {sku}"})

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        _, _, sku, _, order_id = self.path.split("/")
        if sku == "flaky" and order_id not in tried:
            tried.add(order_id)
            self.answer(503, {"detail": "try again"})
        elif sku == "snatched":
            self.answer(409, {"detail": "gone"})
        else:
            self.answer(200, {"sku": sku})

    def answer(self, status: int, body: dict[str, object]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    address = (os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "9000")))
    ThreadingHTTPServer(address, Handler).serve_forever()
