"""Notes that are taken at once and written down a little later; the standard library only."""

from __future__ import annotations

import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NOTES: list[str] = []


class Handler(BaseHTTPRequestHandler):
    """``POST /notes`` takes one, ``GET /notes`` shows all, ``GET /never`` never answers."""

    def do_POST(self) -> None:
        note = self.rfile.read(int(self.headers["Content-Length"])).decode()
        threading.Timer(0.02, NOTES.append, [note]).start()
        self._answer(202, "taken")

    def do_GET(self) -> None:
        if self.path == "/never":
            time.sleep(5)
        self._answer(200, "ok" if self.path == "/health" else "\n".join(NOTES))

    def _answer(self, code: int, body: str) -> None:
        self.send_response(code)
        self.end_headers()
        self.wfile.write(body.encode())


if __name__ == "__main__":
    server = ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler)
    server.serve_forever()
