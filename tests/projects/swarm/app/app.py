"""A service that says which version it is, ends as it should, and can be made unhealthy."""

import http.server
import os
import signal
import socket
import threading

DRAIN = 2.0
VERSION = os.environ.get("VERSION", "")
# What a bad release answers to its health check.
HEALTHY = not os.environ.get("UNHEALTHY")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        good = HEALTHY or self.path != "/health"
        body = f"{VERSION} {socket.gethostname()}\n".encode()
        self.send_response(200 if good else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


server = http.server.ThreadingHTTPServer(("", 8000), Handler)
# Requests that are under way are answered before the program ends.
server.daemon_threads = False
# Its name was withdrawn before this signal came, but other nodes hear of that a moment later: it
# answers for that long, then stops to listen.
signal.signal(signal.SIGTERM, lambda *_: threading.Timer(DRAIN, server.shutdown).start())
print(f"web {VERSION} starts", flush=True)
if not HEALTHY:
    print("cannot reach the moon", flush=True)
server.serve_forever(poll_interval=0.05)
server.server_close()
