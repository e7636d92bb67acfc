"""Unit tests that open a socket fail, with the line that did; all others are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.inner_pytest import pytest_in, write

ON = "[pytest]\nseatrial_guard = true\naddopts = --strict-markers --tb=short\n"
# A TEST-NET address (RFC 5737): nothing answers there, and nothing is asked before it fails.
CLIENT = """
import socket


def fetch(address=("192.0.2.1", 443)):
    with socket.socket() as channel:
        channel.connect(address)


def careful():
    try:
        fetch()
    except Exception:
        return "cached"
"""


def run(folder: Path, test: str, ini: str = ON, where: str = "tests/unit") -> tuple[int, str]:
    files = {"pytest.ini": ini, "client.py": CLIENT, f"{where}/test_it.py": test}
    write(folder, files)
    answer = pytest_in(folder, PYTHONPATH=str(folder))
    return answer.returncode, answer.stdout


def test_a_socket_fails_the_test_and_both_lines_are_told(tmp_path: Path) -> None:
    code, out = run(tmp_path, "from client import fetch\n\ndef test_it():\n    fetch()\n")
    assert code == 1
    assert "a unit test may not connect to 192.0.2.1:443" in out
    assert "at client.py:6, called at tests/unit/test_it.py:4" in out
    assert "@pytest.mark.loopback" in out


def test_a_failure_that_is_caught_is_told_all_the_same(tmp_path: Path) -> None:
    test = "from client import careful\n\ndef test_it():\n    assert careful() == 'cached'\n"
    code, out = run(tmp_path, test)
    assert (code, "192.0.2.1:443" in out) == (1, True)


@pytest.mark.parametrize(
    ("act", "told"),
    [
        ("socket.socket()", "open a socket"),
        ("socket.socket(socket.AF_INET6)", "open a socket"),
        ("socket.create_server(('127.0.0.1', 0))", "listen on 127.0.0.1:0"),
        ("socket.getaddrinfo('api.example.com', 443)", "look up api.example.com"),
        ("socket.gethostbyaddr('192.0.2.1')", "look up 192.0.2.1"),
        ("socket.getfqdn('api.example.com')", "look up api.example.com"),
        ("socket.create_connection(('127.0.0.1', 9))", "connect to 127.0.0.1:9"),
        (
            "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 53))",
            "send to 192.0.2.1:53",
        ),
    ],
)
def test_what_counts_as_a_socket(tmp_path: Path, act: str, told: str) -> None:
    code, out = run(tmp_path, f"import socket\ndef test_it():\n    {act}\n")
    assert (code, f"may not {told}" in out) == (1, True), out


ASYNC = """
import asyncio


async def fetch():
    await asyncio.open_connection("api.example.com", 443)


async def careful():
    try:
        await fetch()
    except Exception:
        return "cached"
"""


def test_a_loop_that_looks_up_in_a_thread_is_told_with_the_lines_that_await_it(
    tmp_path: Path,
) -> None:
    write(tmp_path, {"waiting.py": ASYNC})
    test = """
    import asyncio
    import waiting

    def test_it():
        async def many():
            await asyncio.gather(asyncio.sleep(0), waiting.careful())

        asyncio.run(many())
    """
    code, out = run(tmp_path, test)
    assert (code, "may not look up api.example.com" in out) == (1, True), out
    assert "at waiting.py:5, called at tests/unit/test_it.py:8" in out


def test_the_name_of_this_machine_may_be_asked_for(tmp_path: Path) -> None:
    test = """
    import socket

    def test_it():
        socket.getfqdn()
        socket.getfqdn("127.0.0.1")
        socket.getaddrinfo(None, 80)
    """
    code, out = run(tmp_path, test)
    assert code == 0, out


def test_a_socket_of_a_fixture_is_told_too(tmp_path: Path) -> None:
    test = """
    import pytest
    from client import fetch

    @pytest.fixture
    def data():
        return fetch()

    def test_it(data):
        pass
    """
    code, out = run(tmp_path, test)
    assert (code, "client.py:6, called at tests/unit/test_it.py:6" in out) == (1, True), out


def test_a_socket_of_a_thread_fails_the_test_that_began_it(tmp_path: Path) -> None:
    test = """
    from threading import Thread
    from client import careful

    def test_it():
        thread = Thread(target=careful)
        thread.start()
        thread.join()
    """
    code, out = run(tmp_path, test)
    assert (code, "at client.py:6" in out) == (1, True), out


def test_an_event_loop_and_sockets_of_the_file_system_pass(tmp_path: Path) -> None:
    test = """
    import asyncio
    import socket

    def test_loop():
        asyncio.run(asyncio.sleep(0))

    def test_pair():
        for end in socket.socketpair():
            end.close()

    def test_unix(tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("here")
    """
    code, out = run(tmp_path, test)
    assert code == 0, out


def test_loopback_is_allowed_by_its_marker_and_nothing_else_is(tmp_path: Path) -> None:
    test = """
    import socket
    import pytest
    from client import fetch

    pytestmark = pytest.mark.loopback

    def test_here():
        with socket.create_server(("127.0.0.1", 0)) as server:
            fetch(server.getsockname())
            fetch(("localhost", server.getsockname()[1]))
            fetch(("0.0.0.0", server.getsockname()[1]))

    def test_there():
        fetch()
    """
    code, out = run(tmp_path, test)
    assert (code, "1 failed, 1 passed" in out, "192.0.2.1" in out) == (1, True, True), out


def test_what_a_module_probes_while_it_is_imported_is_not_the_tests(tmp_path: Path) -> None:
    probe = "import socket\nwith socket.socket() as s:\n    s.bind(('127.0.0.1', 0))\n"
    write(tmp_path, {"probing.py": probe})
    code, out = run(tmp_path, "def test_it():\n    import probing\n")
    assert code == 0, out


def test_it_is_off_until_it_is_asked_for(tmp_path: Path) -> None:
    test = "import socket\ndef test_it():\n    socket.create_server(('127.0.0.1', 0)).close()\n"
    code, out = run(tmp_path, test, ini="[pytest]\n")
    assert code == 0, out


def test_other_stages_may_open_sockets(tmp_path: Path) -> None:
    test = "import socket\ndef test_it():\n    socket.create_server(('127.0.0.1', 0)).close()\n"
    code, out = run(tmp_path, test, where="tests/integration")
    assert code == 0, out


def test_it_works_in_workers_of_xdist(tmp_path: Path) -> None:
    write(tmp_path, {"tests/unit/test_fine.py": "def test_fine(): pass\n"})
    ini = ON.replace("--tb=short", "-n 2")
    code, out = run(tmp_path, "from client import fetch\ndef test_it(): fetch()\n", ini=ini)
    assert (code, "1 failed, 1 passed" in out) == (1, True), out
