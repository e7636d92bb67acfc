"""Asks the service how it is; light, for it is done every second by many."""

import socket

with socket.create_connection(("127.0.0.1", 8000), timeout=25) as asked:
    asked.sendall(b"GET /health HTTP/1.0\r\n\r\n")
    answer = asked.makefile("rb").read()
assert b" 200 " in answer
