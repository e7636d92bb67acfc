"""The stand-in for redis-cli, against a server of a few lines."""

from __future__ import annotations

import io
import sys

import pytest

from seatrial.runtimes.process.programs import redis_cli


class Wire(io.BytesIO):
    """What was written, and replies that wait to be read."""

    def __init__(self, replies: bytes) -> None:
        super().__init__(replies)
        self.sent = b""

    def write(self, data: object, /) -> int:
        assert isinstance(data, bytes)
        self.sent += data
        return len(data)


def talk(
    capsysbinary: pytest.CaptureFixture[bytes], replies: bytes, *words: str
) -> tuple[int, bytes, bytes]:
    options, command = redis_cli.parse(list(words))
    wire = Wire(replies)
    code = redis_cli.converse(wire, options, [command])
    sys.stdout.flush()
    return code, capsysbinary.readouterr().out, wire.sent


def test_a_command_is_sent_and_its_reply_printed(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    code, out, sent = talk(capsysbinary, b"+PONG\r\n", "-h", "x", "ping")
    assert (code, out, sent) == (0, b"PONG\n", b"*1\r\n$4\r\nping\r\n")


@pytest.mark.parametrize(
    ("reply", "printed"),
    [
        (b":7\r\n", b"7\n"),
        (b"$5\r\nhe\r\no\r\n", b"he\r\no\n"),
        (b"$-1\r\n", b"\n"),
        (b"*2\r\n$1\r\na\r\n:2\r\n", b"a\n2\n"),
        (b"-NOAUTH Authentication required.\r\n", b"NOAUTH Authentication required.\n"),
    ],
)
def test_replies_are_printed_as_redis_cli_does(
    capsysbinary: pytest.CaptureFixture[bytes], reply: bytes, printed: bytes
) -> None:
    assert talk(capsysbinary, reply, "get", "x")[:2] == (0, printed)


def test_an_error_reply_ends_with_one_only_where_that_is_asked_for(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    assert talk(capsysbinary, b"-ERR no\r\n", "-e", "get", "x")[0] == 1


def test_a_password_and_a_database_come_first(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    replies = b"+OK\r\n+OK\r\n+PONG\r\n"
    code, out, sent = talk(
        capsysbinary, replies, "-a", "pw", "-n", "2", "--no-auth-warning", "ping"
    )
    assert (code, out) == (0, b"PONG\n")
    assert sent.split(b"\r\n")[2::2][:2] == [b"AUTH", b"pw"]
    assert b"SELECT" in sent


def test_a_uri_says_all_at_once_and_later_options_win() -> None:
    options, words = redis_cli.parse(
        ["-h", "a", "-p", "1", "-u", "redis://me:p%40ss@host:7000/3", "ping"]
    )
    assert words == ["ping"]
    assert {k: options[k] for k in ("-h", "-p", "-a", "-n", "--user")} == {
        "-h": "host",
        "-p": "7000",
        "-a": "p@ss",
        "-n": "3",
        "--user": "me",
    }


def test_an_unknown_option_is_an_error() -> None:
    with pytest.raises(SystemExit, match="no option --cluster"):
        redis_cli.parse(["--cluster", "check"])


def test_no_server_is_said_and_ends_with_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["redis-cli", "-h", "127.70.9.9", "-p", "1", "ping"])
    assert redis_cli.main() == 1
    assert "Could not connect to Redis at 127.70.9.9:1" in capsys.readouterr().err
