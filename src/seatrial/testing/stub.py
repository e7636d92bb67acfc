"""A stand-in for an external HTTP API, which answers from a file of recorded answers.

    python -m seatrial.testing.stub rates.json --port 8000

This file needs the standard library and nothing else, so that it can be copied into an image of
plain Python and run there. What nothing is recorded for is answered with 501 and remembered: it is
a failure of the test that made it happen.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit
from urllib.request import Request, urlopen

HEALTH = "/_stub/health"
UNKNOWN = "/_stub/unknown"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_KEYS = {"method", "path", "query", "status", "headers", "json", "text"}
_NOT_RECORDED = 501
_WITHOUT_BODY = (204, 304)
_CONTROL_SECONDS = 10
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t\x20-\x7e\xa0-\xff]*")
# How long a body is, only the server knows.
_OF_THE_SERVER = ("content-length", "transfer-encoding")


class StubError(ValueError):
    """A file of answers that cannot be used; the message names the file and the answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came; ``path`` has its query."""

    method: str
    path: str
    body: bytes = b""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A recorded answer, and the request that it is for; without ``query`` any will do."""

    path: str
    method: str = "GET"
    query: Mapping[str, str] | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def fits(self, asked: Asked) -> bool:
        """Return whether it is for that request."""
        parts = urlsplit(asked.path)
        if self.method != asked.method or self.path not in (parts.path, unquote(parts.path)):
            return False
        return self.query is None or sorted(self.query.items()) == sorted(
            parse_qsl(parts.query, keep_blank_values=True)
        )

    def __str__(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in (self.query or {}).items())
        return f"{self.method} {self.path}" + (f"?{query}" if query else "")


def read(file: Path) -> tuple[Answer, ...]:
    """Return the answers of a file in TOML or JSON. Raises :class:`StubError`."""
    try:
        document = _parsed(file)
    except (OSError, ValueError) as error:
        raise StubError(f"{file}: {error}") from error
    entries = document.get("answers") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise StubError(f"{file}: it has no list `answers`")
    return tuple(_answer(entry, f"{file}: answer {n}") for n, entry in enumerate(entries, 1))


def _parsed(file: Path) -> object:
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".toml":
        import tomllib

        return tomllib.loads(text)
    return json.loads(text)


def _answer(entry: object, place: str) -> Answer:
    if not isinstance(entry, dict) or not str(entry.get("path", "")).startswith("/"):
        raise StubError(f"{place} has no `path` that begins with /")
    if unknown := sorted(set(entry) - _KEYS):
        raise StubError(f"{place} has {unknown[0]!r}; known are {', '.join(sorted(_KEYS))}")
    if "json" in entry and "text" in entry:
        raise StubError(f"{place} has both `json` and `text`")
    if "?" in entry["path"]:
        raise StubError(f"{place} has a query in its path; give it as `query`")
    method, status = str(entry.get("method", "GET")).upper(), entry.get("status", 200)
    if method not in _METHODS:
        raise StubError(f"{place} has the method {method}; known are {', '.join(_METHODS)}")
    if not isinstance(status, int) or not 200 <= status <= 599:
        raise StubError(f"{place} has the status {status!r}; it is a number from 200 to 599")
    query = _texts(entry["query"], f"{place}: `query`") if "query" in entry else None
    body = _recorded_body(entry, place)
    if body and status in _WITHOUT_BODY:
        raise StubError(f"{place} has a body, and an answer of status {status} has none")
    return Answer(entry["path"], method, query, status, _headers(entry, place), body)


def _recorded_body(entry: dict[str, Any], place: str) -> bytes:
    if "json" not in entry:
        return str(entry.get("text", "")).encode()
    try:
        return json.dumps(entry["json"]).encode()
    except TypeError as error:
        # TOML has dates and times of its own.
        raise StubError(f"{place}: `json`: {error}; give it as text") from error


def _headers(entry: dict[str, Any], place: str) -> dict[str, str]:
    headers = _texts(entry.get("headers", {}), f"{place}: `headers`")
    for name, value in headers.items():
        if name.lower() in _OF_THE_SERVER:
            raise StubError(f"{place} has the header {name}; leave it away, the stub says it")
        if not _HEADER.fullmatch(f"{name}: {value}"):
            raise StubError(f"{place} has the header {name!r}, which HTTP cannot carry: {value!r}")
    kind = "application/json" if "json" in entry else "text/plain; charset=utf-8"
    known = any(name.lower() == "content-type" for name in headers)
    return headers if known else {"Content-Type": kind, **headers}


def _texts(value: object, place: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise StubError(f"{place} is no table of names and values")
    for name, text in value.items():
        if isinstance(text, bool) or not isinstance(text, str | int | float):
            raise StubError(f"{place}: {name} is no text and no number")
    return {str(name): str(text) for name, text in value.items()}


class Stub:
    """A server of recorded answers, in a thread; a context manager.

    ``asked`` are the requests that came, ``unknown`` those that nothing is recorded for. Of several
    answers for one request each is given once, in their order, and the last one from then on.
    """

    def __init__(self, *answers: Answer, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen, on any free port where it is 0. Raises ``OSError``."""
        self.asked: list[Asked] = []
        self.unknown: list[Asked] = []
        self._answers = answers
        self._given: set[int] = set()
        self._turn = threading.Lock()
        self._server = _Server((host, port), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @classmethod
    def from_file(cls, file: str | Path, host: str = "127.0.0.1", port: int = 0) -> Self:
        """Return one with the answers of a file. Raises :class:`StubError` or ``OSError``."""
        return cls(*read(Path(file)), host=host, port=port)

    @property
    def port(self) -> int:
        """Return where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Return its address for this machine, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def serve(self) -> None:
        """Answer in this thread, until it is interrupted."""
        try:
            self._server.serve_forever()
        finally:
            self._server.server_close()

    def check(self) -> None:
        """Raise ``AssertionError`` where something was asked that nothing is recorded for."""
        if self.unknown:
            raise AssertionError(_complaint([str(asked) for asked in self.unknown], self.recorded))

    @property
    def recorded(self) -> list[str]:
        """Return what it has answers for, as text."""
        return list(dict.fromkeys(map(str, self._answers)))

    def answer(self, asked: Asked) -> Answer | None:
        """Remember a request, and return the answer to it."""
        with self._turn:
            self.asked.append(asked)
            fitting = [n for n, answer in enumerate(self._answers) if answer.fits(asked)]
            if not fitting:
                self.unknown.append(asked)
                return None
            chosen = next((n for n in fitting if n not in self._given), fitting[-1])
            self._given.add(chosen)
            return self._answers[chosen]

    def told_unknown(self) -> bytes:
        """Return what nothing is recorded for as JSON, and forget it."""
        with self._turn:
            unknown = [str(asked) for asked in self.unknown]
            self.unknown.clear()
        return json.dumps({"unknown": unknown, "recorded": self.recorded}).encode()


def check_stub(url: str) -> None:
    """Ask a stub that runs elsewhere what nothing was recorded for since it was last asked.

    ``url`` is its address, as ``service_url("rates")`` gives it. Raises ``AssertionError`` where
    there is something, and ``OSError`` where no stub answers.
    """
    request = Request(url.rstrip("/") + UNKNOWN, method="DELETE")
    with urlopen(request, timeout=_CONTROL_SECONDS) as answer:
        told = json.load(answer)
    if told["unknown"]:
        raise AssertionError(_complaint(told["unknown"], told["recorded"]))


def _complaint(unknown: list[str], recorded: list[str]) -> str:
    lines = [f"the stub was asked what nothing is recorded for: {unknown[0]}"]
    lines += [f"  and: {asked}" for asked in unknown[1:]]
    lines.append(f"  recorded are: {', '.join(recorded) or 'no answers'}")
    return "\n".join(lines)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Of a crowd of clients at once, those beyond it wait a second for their next try.
    request_queue_size = 512

    def server_bind(self) -> None:
        """Listen, without asking the network for the name of this machine."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that go away in the middle."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _handler(stub: Stub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Else a body waits until the client has acknowledged the headers, for 40 ms often.
        disable_nagle_algorithm = True

        def __getattr__(self, name: str) -> Callable[[], None]:
            # The base class looks for a method of the name of each that HTTP has.
            if name.startswith("do_"):
                return self.respond
            raise AttributeError(name)

        def respond(self) -> None:
            try:
                asked = Asked(self.command, self.path, _body(self))
            except ValueError:
                self.close_connection = True
                return self._send(Answer(self.path, status=400, body=b"its length is no number"))
            if self.path == HEALTH:
                return self._send(Answer(HEALTH, body=b"ok"))
            if self.path == UNKNOWN and self.command == "DELETE":
                return self._send(Answer(UNKNOWN, body=stub.told_unknown()))
            answer = stub.answer(asked)
            if answer is None:
                complaint = _complaint([str(asked)], stub.recorded)
                sys.stderr.write(f"{complaint}\n")
                sys.stderr.flush()
                answer = Answer(self.path, status=_NOT_RECORDED, body=complaint.encode())
            return self._send(answer)

        def _send(self, answer: Answer) -> None:
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status not in _WITHOUT_BODY:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        def log_message(self, *_: Any) -> None:
            """Say nothing of requests that were answered."""

    return Handler


def _body(request: BaseHTTPRequestHandler) -> bytes:
    """Return the body of a request. Raises ``ValueError`` where its length is no number."""
    if request.headers.get("Transfer-Encoding", "").lower() != "chunked":
        return request.rfile.read(_length(request.headers.get("Content-Length") or "0", 10))
    body = b""
    while size := _length(request.rfile.readline().partition(b";")[0].decode("latin-1"), 16):
        body += request.rfile.read(size)
        request.rfile.readline()
    while request.rfile.readline().strip():
        pass
    return body


def _length(text: str, base: int) -> int:
    length = int(text, base)
    if length < 0:
        raise ValueError(text)
    return length


def main(words: list[str] | None = None) -> int:
    """Serve a file until SIGTERM or SIGINT; 2 where it cannot be."""
    import argparse
    import signal

    parser = argparse.ArgumentParser(prog="python -m seatrial.testing.stub", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", type=Path, help="recorded answers, in JSON or TOML")
    parser.add_argument("--host", default="0.0.0.0", help="where to listen (default: everywhere)")
    parser.add_argument("--port", type=int, default=8000, help="default: 8000")
    options = parser.parse_args(words)
    try:
        stub = Stub.from_file(options.file, options.host, options.port)
    except (StubError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    leave: Callable[..., None] = _leave
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    sys.stdout.write(f"{len(stub.recorded)} requests are answered on port {stub.port}\n")
    sys.stdout.flush()
    stub.serve()
    return 0


def _leave(*_: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
