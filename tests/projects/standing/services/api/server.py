"""Answers with what it was told to say; its log tells how it was started, the token included."""

import os
import signal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        print("asked for", self.path, flush=True)
        if self.path == "/write":
            Path("/app/written").write_text("by the container")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ.get("GREETING", "hello").encode())

    def log_message(self, *args):
        pass


signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
print("token is", os.environ.get("API_TOKEN"), flush=True)
if os.environ.get("GREETING") == "none":
    raise SystemExit("there is no greeting")
HTTPServer(("", 8000), Handler).serve_forever()
