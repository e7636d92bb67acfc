"""Says whether a number is odd. Each line says which tests run it."""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer


def parity(number: int) -> str:
    if number % 2:
        return "odd"  # unit
    return "even"  # service


def seldom() -> str:
    return "never"  # nobody


def in_a_child() -> str:
    return "child"  # a process that a unit test starts


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/health":
            body = "ok"  # the health check
        elif self.path == "/whole":
            body = "whole"  # integration
        else:
            body = parity(int(self.path[1:]))  # service
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())


if __name__ == "__main__":
    HTTPServer((os.environ["HOST"], 8000), Handler).serve_forever()
