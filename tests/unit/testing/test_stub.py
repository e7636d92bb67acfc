"""The stand-in for HTTP APIs: what it answers, and what it tells of requests that are unknown."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import pytest

from seatrial.testing import Stub, check_stub, stub
from tests.support.inner_pytest import pytest_in, write

RATES = {
    "answers": [
        {"path": "/v1/rates", "query": {"base": "EUR"}, "json": {"USD": 1.1}},
        {"path": "/v1/rates", "query": {"base": "CHF", "on": ""}, "json": {"USD": 1.2}},
        {"path": "/v1/orders", "method": "post", "status": 503, "headers": {"Retry-After": 1}},
        {"path": "/v1/orders", "method": "POST", "status": 201, "text": "ordered"},
        {"path": "/any"},
    ]
}
TOML = """
[[answers]]
path = "/v1/rates"
query = { base = "EUR" }
json = { USD = 1.1 }
"""


@pytest.fixture
def rates(tmp_path: Path) -> Iterator[Stub]:
    (tmp_path / "rates.json").write_text(json.dumps(RATES))
    with Stub.from_file(tmp_path / "rates.json") as stub:
        yield stub


def ask(url: str, path: str, method: str = "GET", body: bytes | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_recorded_requests_are_answered(rates: Stub) -> None:
    assert ask(rates.url, "/v1/rates?base=EUR") == (200, '{"USD": 1.1}')
    assert ask(rates.url, "/v1/rates?on=&base=CHF") == (200, '{"USD": 1.2}')
    rates.check()


def test_a_path_without_a_query_answers_any(rates: Stub) -> None:
    assert ask(rates.url, "/any?page=2") == (200, "")


def test_answers_for_one_request_come_in_their_order_and_the_last_stays(rates: Stub) -> None:
    statuses = [ask(rates.url, "/v1/orders", "POST", b"{}")[0] for _ in range(3)]
    assert statuses == [503, 201, 201]


def test_what_was_asked_can_be_looked_at(rates: Stub) -> None:
    ask(rates.url, "/v1/orders", "POST", b'{"item": 1}')
    assert [(str(asked), asked.body) for asked in rates.asked] == [
        ("POST /v1/orders", b'{"item": 1}')
    ]


def test_a_body_in_chunks_is_read_whole(rates: Stub) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", rates.port, timeout=10)
    for _ in range(2):
        connection.request("POST", "/v1/orders", iter([b"one", b"two"]), encode_chunked=True)
        connection.getresponse().read()
    connection.close()
    assert [asked.body for asked in rates.asked] == [b"onetwo", b"onetwo"]


@pytest.mark.parametrize("path", ["/v1/rates?base=GBP", "/v1/rates", "/v1/rates?base=EUR&x=1"])
def test_an_unknown_request_fails_and_says_what_was_asked(rates: Stub, path: str) -> None:
    status, body = ask(rates.url, path)
    assert status == 501
    assert f"GET {path}" in body
    with pytest.raises(AssertionError, match=re.escape(f"recorded for: GET {path}")) as caught:
        rates.check()
    assert "GET /v1/rates?base=EUR" in str(caught.value)


def test_a_method_of_another_protocol_is_unknown_like_others(rates: Stub) -> None:
    assert ask(rates.url, "/any", "PROPFIND")[0] == 501
    with pytest.raises(AssertionError, match="PROPFIND /any"):
        rates.check()


def raw(url: str, words: bytes) -> bytes:
    parts = urlsplit(url)
    assert parts.port is not None
    with socket.create_connection(("127.0.0.1", parts.port), timeout=10) as client:
        client.sendall(words)
        with client.makefile("rb") as answer:
            return answer.read()


@pytest.mark.parametrize(
    "request_head",
    [b"Content-Length: many", b"Content-Length: -1", b"Transfer-Encoding: chunked\r\n\r\nzz"],
)
def test_a_length_that_is_no_number_is_a_bad_request(
    rates: Stub, request_head: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = raw(rates.url, b"POST /v1/orders HTTP/1.1\r\n" + request_head + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert "Traceback" not in capfd.readouterr().err


def test_headers_are_as_recorded_and_each_is_there_once(tmp_path: Path) -> None:
    headers = {"content-type": "application/problem+json", "Date": "then", "Server": "theirs"}
    entry = {"path": "/", "status": 422, "headers": headers, "json": {}}
    (tmp_path / "rates.json").write_text(json.dumps({"answers": [entry]}))
    with Stub.from_file(tmp_path / "rates.json") as served:
        head, _, body = raw(served.url, b"GET / HTTP/1.0\r\n\r\n").partition(b"\r\n\r\n")
    assert body == b"{}"
    assert sorted(head.decode().splitlines()[1:]) == [
        "Content-Length: 2",
        "Date: then",
        "Server: theirs",
        "content-type: application/problem+json",
    ]


@pytest.mark.parametrize("asked", ["/v1/cities/Z%C3%BCrich%20West", "/v1/cities/Z%c3%bcrich+West"])
def test_a_path_may_be_recorded_as_people_write_it(tmp_path: Path, asked: str) -> None:
    recorded = "/v1/cities/Zürich West" if "%20" in asked else "/v1/cities/Zürich+West"
    with Stub(stub.Answer(recorded, body=b"here")) as served:
        assert ask(served.url, asked) == (200, "here")


def test_a_connection_that_is_kept_is_no_slower_than_new_ones(rates: Stub) -> None:
    def seconds(connection: http.client.HTTPConnection, keep: bool) -> float:
        began = time.perf_counter()
        connection.request("POST", "/v1/orders", b"{}")
        connection.getresponse().read()
        if not keep:
            connection.close()
        return time.perf_counter() - began

    connection = http.client.HTTPConnection("127.0.0.1", rates.port, timeout=10)
    fresh = median(seconds(connection, keep=False) for _ in range(15))
    kept = median(seconds(connection, keep=True) for _ in range(15))
    connection.close()
    assert kept < 5 * fresh


def test_a_crowd_of_clients_gets_in_at_once() -> None:
    served = Stub()
    with ExitStack() as clients:
        # It does not answer yet: what connects stands in its queue.
        for _ in range(60):
            address = ("127.0.0.1", served.port)
            clients.enter_context(socket.create_connection(address, timeout=5))
    with served:
        pass


def test_it_starts_without_asking_for_the_name_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_network(*_: object) -> str:
        raise AssertionError("a name was looked up")

    monkeypatch.setattr(socket, "getfqdn", no_network)
    with Stub(host="0.0.0.0") as served:
        assert ask(served.url, stub.HEALTH) == (200, "ok")


def test_head_has_no_body(tmp_path: Path) -> None:
    with Stub(stub.Answer("/", "HEAD", body=b"much")) as served:
        assert ask(served.url, "/", "HEAD") == (200, "")


def test_one_that_runs_elsewhere_is_asked_for_what_was_unknown(rates: Stub) -> None:
    check_stub(rates.url)
    ask(rates.url, "/nowhere")
    with pytest.raises(AssertionError, match="GET /nowhere"):
        check_stub(f"{rates.url}/")
    check_stub(rates.url)


def test_toml_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "rates.toml").write_text(TOML)
    with Stub.from_file(tmp_path / "rates.toml") as served:
        assert ask(served.url, "/v1/rates?base=EUR") == (200, '{"USD": 1.1}')


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "Expecting"),
        ("{}", "no list `answers`"),
        ('{"answers": [{"path": "/"}, {"pth": "/"}]}', "answer 2 has no `path`"),
        ('{"answers": [{"path": "/", "body": 1}]}', "answer 1 has 'body'; known are"),
        ('{"answers": [{"path": "/", "json": 1, "text": ""}]}', "both `json` and `text`"),
        ('{"answers": [{"path": "/?a=1"}]}', "a query in its path"),
        ('{"answers": [{"path": "/", "method": "FETCH"}]}', "the method FETCH"),
        ('{"answers": [{"path": "/", "status": 99}]}', "the status 99"),
        ('{"answers": [{"path": "/", "query": "a=1"}]}', "`query` is no table"),
        ('{"answers": [{"path": "/", "query": {"a": true}}]}', "`query`: a is no text"),
        ('{"answers": [{"path": "/", "query": {"a": ["b", "c"]}}]}', "`query`: a is no text"),
        ('{"answers": [{"path": "/", "status": 204, "text": "much"}]}', "of status 204 has none"),
        ('{"answers": [{"path": "/", "headers": {"Content-length": 7}}]}', "leave it away"),
        ('{"answers": [{"path": "/", "headers": {"A": "1\\r\\nB: 2"}}]}', "HTTP cannot carry"),
        ('{"answers": [{"path": "/", "headers": {"A": "\u20ac"}}]}', "HTTP cannot carry"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_place(
    tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "rates.json").write_text(text)
    with pytest.raises(stub.StubError, match=re.escape(told)) as caught:
        Stub.from_file(tmp_path / "rates.json")
    assert str(tmp_path / "rates.json") in str(caught.value)


def test_a_date_of_toml_is_no_json_and_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "rates.toml").write_text('[[answers]]\npath = "/"\njson = { on = 2026-01-01 }\n')
    with pytest.raises(stub.StubError, match=r"answer 1: `json`: .*give it as text"):
        Stub.from_file(tmp_path / "rates.toml")


def test_the_fixture_serves_a_file_beside_the_test_and_fails_for_the_unknown(
    tmp_path: Path,
) -> None:
    test = """
    from urllib.error import HTTPError
    from urllib.request import urlopen

    def ask(url):
        try:
            return urlopen(url, timeout=5).read()
        except HTTPError:
            return b""

    def test_known(http_stub):
        assert ask(http_stub("rates.json").url + "/any") == b""

    def test_unknown(http_stub):
        assert ask(http_stub("rates.json").url + "/nowhere") == b""
    """
    write(tmp_path, {"api/test_rates.py": test, "api/rates.json": json.dumps(RATES)})
    answer = pytest_in(tmp_path)
    assert "2 passed, 1 error" in answer.stdout
    assert "the stub was asked what nothing is recorded for: GET /nowhere" in answer.stdout


def test_it_runs_as_a_program_from_a_copy_and_ends_when_it_is_told_to(tmp_path: Path) -> None:
    copy = tmp_path / "copied.py"
    copy.write_bytes(Path(stub.__file__).read_bytes())
    (tmp_path / "rates.json").write_text(json.dumps(RATES))
    argv = [sys.executable, "-I", str(copy), "rates.json", "--port", "0", "--host", "127.0.0.1"]
    with subprocess.Popen(argv, cwd=tmp_path, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = process.stdout.readline()
        url = f"http://127.0.0.1:{said.split()[-1]}"
        assert ask(url, stub.HEALTH) == (200, "ok")
        assert ask(url, "/nowhere")[0] == 501
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert "GET /nowhere" in process.stderr.read()


def test_the_program_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "seatrial.testing.stub", "no.json"]
    answer = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert answer.stderr.startswith("error: no.json: ")
    assert "Traceback" not in answer.stderr
