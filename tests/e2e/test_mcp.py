"""`seatrial mcp` as a coding agent meets it: the SDK's own client, real stdio, real runs."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from mcp import Client, MCPError, StdioServerParameters, stdio_client
from mcp.types import CallToolResult, TextContent

from seatrial.host.system import marked_processes
from tests.support.loop import in_a_loop
from tests.support.program import Repository, copy_of, until

pytestmark = pytest.mark.local

PROGRAM = (sys.executable, "-m", "seatrial.cli.main")
UNIT = {"services": ["web"], "stages": ["unit"], "runtime": "process"}
SERVICE = {"services": ["web"], "stages": ["service"], "runtime": "process"}
RED = """
import os


def test_red():
    token = os.environ["API_TOKEN"]
    print("nothing but", token)
    assert token == "the other one"
"""
HANGS = """
import os
import time
from pathlib import Path


def test_hangs() -> None:
    Path("hangs").write_text(os.environ["SEATRIAL_RUN"])
    time.sleep(1000)
"""
DEV = """
services:
  cache:
    image: valkey/valkey:8
    environment:
      API_TOKEN: hush-hush-hush
    ports: ["127.0.0.1::6379"]
    healthcheck:
      test: ["CMD", "valkey-cli", "-h", "127.0.0.1", "ping"]
      interval: 5s
"""


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Repository]:
    repository = copy_of("pair", tmp_path)
    repository.variables["API_TOKEN"] = "hush-hush-hush"
    yield repository
    if repository.ledgers:
        repository.seatrial("gc", "--kept")


@asynccontextmanager
async def served(repository: Repository) -> AsyncIterator[Client]:
    """Yield a client of a server for ``repository``; where it ends, the server does."""
    words = [*PROGRAM[1:], "-C", str(repository.root), "mcp"]
    with (repository.home / "log").open("w+") as log:
        server = StdioServerParameters(
            command=PROGRAM[0], args=words, env=repository.environment, cwd=repository.home
        )
        async with Client(stdio_client(server, errlog=log)) as client:
            yield client
        log.seek(0)
        assert log.read() == ""


def text(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    assert "Traceback" not in content.text
    return content.text


def data(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error, text(result)
    assert isinstance(result.structured_content, dict)
    return result.structured_content


async def came(condition: Callable[[], bool]) -> None:
    """Wait for what another process makes true, and let the client go on meanwhile."""
    await asyncio.to_thread(until, condition)


@in_a_loop
async def test_tests_run_green_and_red_and_tell_their_progress(pair: Repository) -> None:
    steps: list[tuple[float, float | None, str | None]] = []

    async def progress(progress: float, total: float | None, message: str | None) -> None:
        steps.append((progress, total, message))

    async with served(pair) as client:
        green = await client.call_tool("test", UNIT, progress_callback=progress)
        assert data(green)["verdict"] == "passed"
        (stage,) = data(green)["stages"]
        assert (stage["stage"], stage["suites"], stage["passed"]) == ("unit", 1, 2)
        assert len(text(green).splitlines()) <= 12
        assert [step[:2] for step in steps] == [(0.5, 1), (1, 1)]
        assert steps[0][2] == "unit:web: 1 of 2 tests"
        assert (steps[1][2] or "").startswith("unit:web: passed, 2 passed")

        pair.write("services/web/tests/unit/test_red.py", RED)
        red = await client.call_tool("test", {"services": ["web"], "runtime": "process"})
        # Red tests are an answer, not a failed call.
        found = data(red)
        assert (found["v"], found["verdict"], found["exit_code"]) == (1, "failed", 1)
        (failure,) = found["failures"]
        assert failure["suite"] == "unit:web"
        assert failure["test"].endswith("test_red")
        assert (failure["file"], failure["line"]) == ("services/web/tests/unit/test_red.py", 8)
        # Clients show the text or the data: each says what failed, why, and how to run it again.
        for said in (text(red), failure["text"]):
            assert "test_red" in said
            assert "the other one" in said
            assert "again: seatrial test web --stage unit" in said
            assert "hush-hush" not in said
        assert "✗ failed" in text(red)

        again = data(await client.call_tool("test", {**UNIT, "last_failed": True}))
        assert (again["stages"][0]["passed"], again["stages"][0]["failed"]) == (0, 1)
        last = data(await client.call_tool("report", {"run": found["run"]}))
        assert last["failures"] == found["failures"]
        detail = await client.call_tool("report", {"failure": "TEST_RED"})
        assert "nothing but ***" in text(detail)
        assert data(detail)["failures"][0]["text"] == text(detail)
        other = await client.call_tool("report", {"failure": "test_green"})
        assert other.is_error
        assert "there are: unit:web" in text(other)


@in_a_loop
async def test_two_calls_at_once_are_two_runs_that_do_not_meet(pair: Repository) -> None:
    # A module of the repository's that is called as one of ours is not taken for it.
    pair.write("click.py", "raise SystemExit('not yours')\n")
    async with served(pair) as client:
        calls = [client.call_tool("test", given) for given in (SERVICE, SERVICE)]
        found = [data(one) for one in await asyncio.gather(*calls)]
    assert [one["stages"][0]["passed"] for one in found] == [2, 2]
    assert len({one["run"] for one in found}) == 2
    assert pair.traces() == []


@in_a_loop
async def test_a_cancelled_call_ends_its_run_and_the_server_goes_on(pair: Repository) -> None:
    pair.write("services/web/tests/integration/test_hang.py", HANGS)
    hangs = pair.root / "services/web/hangs"
    async with served(pair) as client:
        call = asyncio.ensure_future(client.call_tool("test", SERVICE))
        await came(lambda: call.done() or (hangs.exists() and bool(hangs.read_text())))
        assert not call.done(), text(call.result())
        assert pair.traces() != []
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await came(lambda: pair.traces() == [])
        assert marked_processes(f"SEATRIAL_RUN={hangs.read_text()}") == []
        assert data(await client.call_tool("report"))["verdict"] == "interrupted"


@in_a_loop
async def test_what_is_asked_wrongly_is_answered_with_what_is_right(pair: Repository) -> None:
    (pair.root.parent / "elsewhere").mkdir()
    (pair.root / "out").symlink_to(pair.root.parent / "elsewhere")
    wrong: list[tuple[str, dict[str, Any], str, str]] = [
        ("test", {"service": "web"}, "no argument 'service'", "did you mean 'services'?"),
        ("test", {"stages": ["units"]}, "stages.0: input should be 'unit'", "its arguments"),
        ("test", {"services": ["nope"]}, "no service or suite is called 'nope'", "web"),
        ("test", {"services": ["--junit=x"]}, "services.0", "its arguments"),
        ("test", {"base": "main"}, "--base says what", "give --changed as well"),
        ("test", {"retries": 1000}, "retries: input should be less", "its arguments"),
        ("lint", {"paths": ["../elsewhere"]}, "../elsewhere is not in", "no other"),
        ("lint", {"paths": ["out"]}, "out is not in the repository", "no other"),
        ("report", {"run": "19990101"}, "no run is recorded here", "help: "),
        ("up", {"environment": "prod"}, "environment: input should be 'dev' or", "its arguments"),
        ("logs", {"environment": "test", "since": "then"}, "is no time", "write 10m"),
    ]
    async with served(pair) as client:
        for tool, given, what, mend in wrong:
            answer = await client.call_tool(tool, given)
            assert answer.is_error, tool
            first, *rest = text(answer).splitlines()
            assert first.startswith("error: ")
            assert what in first
            assert mend in rest[-1]
        with pytest.raises(MCPError, match="no tool is called 'deploy'; there are: test"):
            await client.call_tool("deploy", {})
        # An environment that cannot be had is a failed call, whose run is told all the same.
        pair.write("services/web/deploy/test/docker-compose.yml", "services: {db: {image: db2}}")
        answer = await client.call_tool("test", SERVICE)
        assert answer.is_error
        assert isinstance(answer.structured_content, dict)
        assert answer.structured_content["exit_code"] == 3
        assert answer.structured_content["problems"][0]["mend"]
    assert not (pair.root / "x").exists()


@in_a_loop
async def test_faults_are_found_and_mended_and_plans_and_times_are_told(pair: Repository) -> None:
    compose = "services/web/deploy/test/docker-compose.yml"
    before = (pair.root / compose).read_text().replace('["6379"]', '["6379:6379"]')
    pair.write(compose, before)
    async with served(pair) as client:
        found = data(await client.call_tool("lint", {"paths": [compose]}))
        (fixable,) = [one for one in found["findings"] if one.get("fixable")]
        assert (found["v"], fixable["code"], fixable["file"]) == (1, "SEA101", compose)
        assert (pair.root / compose).read_text() == before
        mended = data(await client.call_tool("fix", {"paths": [compose], "select": ["SEA101"]}))
        assert mended["counts"] == {"errors": 0, "warnings": 0, "fixed": 1, "files": 1}
        assert '["6379:6379"]' not in (pair.root / compose).read_text()
        plan = text(await client.call_tool("plan", SERVICE))
        assert "because  services/web/tests/integration exists" in plan
        nothing = await client.call_tool("slow")
        assert nothing.is_error
        assert "help: " in text(nothing)
        ran = data(await client.call_tool("test", UNIT))
        times = data(await client.call_tool("slow", {"run": ran["run"]}))
        assert (times["v"], times["run"], times["tests"]) == (1, ran["run"], 2)
        assert {"collect", "call"} <= {one["phase"] for one in times["phases"]}
        machine = data(await client.call_tool("doctor"))
        assert "process" in machine["runtimes"]
        assert all(one["state"] != "good" for one in machine["findings"])


@in_a_loop
async def test_dev_is_brought_up_looked_at_and_taken_down(pair: Repository) -> None:
    pair.write("deploy/dev/docker-compose.yml", DEV)
    steps: list[str | None] = []

    async def progress(progress: float, total: float | None, message: str | None) -> None:
        steps.append(message)

    async with served(pair) as client:
        missing = await client.call_tool("logs")
        assert missing.is_error
        assert text(missing) == "error: dev is not up\n  help: seatrial up dev"
        given = {"runtime": "process"}
        try:
            up = data(await client.call_tool("up", given, progress_callback=progress))
            (cache,) = up["services"]
            assert (cache["service"], cache["state"], cache["good"]) == ("cache", "running", True)
            assert cache["addresses"]
            assert any((step or "").startswith("cache: ready after") for step in steps)
            assert data(await client.call_tool("ps"))["services"] == [cache]
            logs = await client.call_tool("logs", {"tail": 5, "grep": "ready to accept"})
            assert "cache" in text(logs)
        finally:
            down = await client.call_tool("down")
        assert text(down) == "dev is down"
        assert {one["state"] for one in data(await client.call_tool("ps"))["services"]} == {
            "missing"
        }


class Raw:
    """A client that speaks the protocol's lines itself, and can vanish."""

    def __init__(self, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
        self.process = process
        self._said = said

    def send(self, **message: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()

    def messages(self) -> list[dict[str, Any]]:
        """Return all that the server has written to its standard output."""
        self._said.seek(0)
        lines = self._said.read().splitlines()
        return [json.loads(line) for line in lines]


@contextmanager
def raw(repository: Repository) -> Iterator[Raw]:
    with (repository.home / "said").open("w+b") as said:
        process = subprocess.Popen(
            [*PROGRAM, "mcp"],
            cwd=repository.root,
            env=repository.environment,
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield Raw(process, said)
        finally:
            process.kill()
            process.wait()
            assert process.stdin is not None
            process.stdin.close()


def _closes(client: Raw) -> int:
    assert client.process.stdin is not None
    client.process.stdin.close()
    return 0


def _signals(*numbers: signal.Signals) -> Callable[[Raw], int]:
    def send(client: Raw) -> int:
        for number in numbers:
            client.process.send_signal(number)
        last = numbers[-1]
        return -last if last is signal.SIGKILL else 128 + last

    return send


@pytest.mark.parametrize(
    "end",
    [
        _closes,
        _signals(signal.SIGTERM),
        _signals(signal.SIGTERM, signal.SIGINT),
        _signals(signal.SIGKILL),
    ],
    ids=["client-gone", "asked", "insisted", "server-killed"],
)
def test_a_run_does_not_outlive_the_server_or_its_client(
    pair: Repository, end: Callable[[Raw], int]
) -> None:
    pair.write("services/web/tests/integration/test_hang.py", HANGS)
    hangs = pair.root / "services/web/hangs"
    who = {"protocolVersion": "2025-06-18", "capabilities": {}}
    with raw(pair) as client:
        client.send(
            id=1, method="initialize", params={**who, "clientInfo": {"name": "x", "version": "1"}}
        )
        client.send(method="notifications/initialized")
        call = {"name": "test", "arguments": SERVICE, "_meta": {"progressToken": "p"}}
        client.send(id=2, method="tools/call", params=call)
        until(lambda: hangs.exists() and bool(hangs.read_text()), "the hanging test")
        code = end(client)
        assert client.process.wait(timeout=40) == code
        # A server that leaves at once lets its runs take themselves down.
        until(lambda: pair.traces() == [], "all gone")
        assert marked_processes(f"SEATRIAL_RUN={hangs.read_text()}") == []
        # Nothing but the protocol is on standard output.
        messages = client.messages()
        assert {message["jsonrpc"] for message in messages} == {"2.0"}
        assert messages[0]["result"]["serverInfo"]["name"] == "seatrial"
        told = [message["params"] for message in messages[1:] if "method" in message]
        assert any("environment" in one["message"] for one in told)


def test_without_the_extra_one_error_says_how_to_get_it(pair: Repository) -> None:
    without = "import sys; sys.modules['mcp'] = None; from seatrial.cli.app import run; "
    answer = subprocess.run(
        [sys.executable, "-c", f"{without} sys.exit(run(['mcp']))"],
        cwd=pair.root,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stdout) == (3, "")
    assert answer.stderr.splitlines() == [
        "error: the package 'mcp' 2 is not installed",
        "  help: install it: pip install 'seatrial[mcp]'",
    ]
