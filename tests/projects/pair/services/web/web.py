"""Counts visits in Valkey; the standard library only."""

from __future__ import annotations

import os
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlsplit


def greeting(hits: int) -> str:
    return f"hello number {hits}"


def count(url: str) -> int:
    where = urlsplit(url)
    with socket.create_connection((where.hostname or "", where.port or 6379), 5) as server:
        server.sendall(b"INCR hits\r\n")
        return int(server.recv(64).strip().removeprefix(b":"))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = "ok" if self.path == "/health" else greeting(count(os.environ["REDIS_URL"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())


if __name__ == "__main__":
    HTTPServer((os.environ["HOST"], 8000), Handler).serve_forever()
