"""``redis-cli`` and ``valkey-cli`` for health checks and scripts, where no real one is.

Speaks RESP2, prints replies as redis-cli does into a pipe, and like it ends with 0 on an error
reply (only ``-e`` makes that 1) and with 1 where it cannot connect. Runs alone; standard library.
"""

from __future__ import annotations

import shlex
import socket
import sys
from typing import Protocol
from urllib.parse import unquote, urlsplit

_TAKES_VALUE = ("-h", "-p", "-a", "-n", "-u", "-t", "-s", "--user", "--pass")
_IGNORED = ("--no-auth-warning", "--raw", "--no-raw", "-2", "-3", "--verbose")


class Stream(Protocol):
    """What a socket's file can do."""

    def write(self, data: bytes, /) -> object:
        """Buffer bytes."""

    def flush(self) -> None:
        """Send them."""

    def read(self, size: int, /) -> bytes:
        """Return so many bytes."""

    def readline(self) -> bytes:
        """Return a line with its end."""


class Failure(Exception):
    """An error reply."""


def parse(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return the options, later ones over earlier ones, and the command.

    Raises ``SystemExit`` for an option it lacks.
    """
    options = {"-h": "127.0.0.1", "-p": "6379", "-a": ""}
    rest = list(words)
    while rest and rest[0].startswith("-"):
        word = rest.pop(0)
        if word in _TAKES_VALUE and rest:
            options["-a" if word == "--pass" else word] = rest.pop(0)
        elif word == "-e":
            options["-e"] = "1"
        elif word not in _IGNORED:
            raise SystemExit(f"redis-cli stand-in: no option {word}")
    if uri := options.get("-u"):
        parts = urlsplit(uri)
        options["-h"] = parts.hostname or options["-h"]
        options["-p"] = str(parts.port or 6379)
        options["-a"] = unquote(parts.password or "") or options["-a"]
        options["--user"] = unquote(parts.username or "")
        options["-n"] = parts.path.strip("/") or options.get("-n", "0")
    return options, rest


def send(stream: Stream, words: list[str]) -> None:
    """Write one command."""
    parts = [word.encode(errors="surrogateescape") for word in words]
    body = b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
    stream.write(b"*%d\r\n%s" % (len(parts), body))
    stream.flush()


def reply(stream: Stream) -> list[bytes]:
    """Read one reply as the lines that redis-cli prints. Raises ``Failure``, ``EOFError``."""
    line = stream.readline()
    if not line:
        raise EOFError
    kind, text = line[:1], line[1:].rstrip(b"\r\n")
    if kind == b"-":
        raise Failure(text.decode(errors="replace"))
    if kind == b"$":
        if int(text) < 0:
            return [b""]
        data = stream.read(int(text) + 2)
        return [data[:-2]]
    if kind == b"*":
        return [part for _ in range(max(int(text), 0)) for part in reply(stream)]
    return [text]


def main() -> int:
    """Run the command of the arguments, or those on standard input line by line."""
    options, words = parse(sys.argv[1:])
    commands = [words] if words else [shlex.split(line) for line in sys.stdin if line.strip()]
    host, port = options["-h"], options["-p"]
    try:
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            stream = connection.makefile("rwb")
            return converse(stream, options, commands)
    except (OSError, EOFError) as error:
        sys.stderr.write(f"Could not connect to Redis at {host}:{port}: {error}\n")
        return 1


def converse(stream: Stream, options: dict[str, str], commands: list[list[str]]) -> int:
    """Authenticate, choose the database, and print each command's reply."""
    if options["-a"]:
        user = [options["--user"]] if options.get("--user") else []
        send(stream, ["AUTH", *user, options["-a"]])
        try:
            reply(stream)
        except Failure as failure:
            sys.stderr.write(f"AUTH failed: {failure}\n")
    if options.get("-n", "0") != "0":
        commands = [["SELECT", options["-n"]], *commands]
    code = 0
    for words in commands:
        send(stream, words)
        try:
            lines = reply(stream)
        except Failure as failure:
            lines, code = [str(failure).encode()], 1 if "-e" in options else 0
        if words[0] != "SELECT" or words is commands[-1]:
            sys.stdout.buffer.write(b"\n".join(lines) + b"\n")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
