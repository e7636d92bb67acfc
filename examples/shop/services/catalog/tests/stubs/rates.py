"""Stands in for the exchange-rate API, which belongs to somebody else and costs money."""

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RATES = {"USD": "1.10", "GBP": "0.85", "JPY": "162.5"}
BROKEN = "ZZZ"  # asking for this currency finds the API out of order


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        currency = self.path.rpartition("/")[2]
        if self.path == "/health":
            self.answer(200, {"status": "ok"})
        elif currency == BROKEN:
            self.answer(503, {"error": "out of order"})
        elif self.path.startswith("/latest/EUR/") and currency in RATES:
            self.answer(200, {"rate": RATES[currency]})
        else:
            self.answer(404, {"error": "no such rate"})

    def answer(self, status: int, body: dict[str, str]) -> None:
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
