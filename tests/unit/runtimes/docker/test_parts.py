"""The small pure parts: inspect, events, logs, listeners, waves, verdicts, image keys."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from textwrap import dedent

import pytest

from seatrial.composefile.load import load
from seatrial.composefile.model import ComposeProject
from seatrial.errors import Refused
from seatrial.host.listeners import Listener, parsed
from seatrial.model.environment import Endpoint
from seatrial.runtimes.docker import waves
from seatrial.runtimes.docker.containers import Binding, container, endpoints
from seatrial.runtimes.docker.images import build_key, image_users
from seatrial.runtimes.docker.listening import accepts
from seatrial.runtimes.docker.logs import log_lines
from seatrial.runtimes.docker.readiness import trouble
from seatrial.runtimes.docker.watch import State, apply
from tests.support.loop import in_a_loop

INSPECTED = {
    "Id": "abc",
    "State": {
        "Status": "running",
        "Pid": 42,
        "ExitCode": 0,
        "Health": {"Status": "starting", "Log": [{"Output": "old"}, {"Output": "no answer\n"}]},
    },
    "Config": {
        "Labels": {"com.docker.compose.service": "api", "com.docker.compose.container-number": "2"},
        "Healthcheck": {"Test": ["CMD", "true"]},
    },
    "NetworkSettings": {
        "Ports": {
            "8000/tcp": [
                {"HostIp": "0.0.0.0", "HostPort": "32768"},
                {"HostIp": "::", "HostPort": "32768"},
            ],
            "9000/tcp": None,
        }
    },
}
# /proc/net/tcp: two services and the engine's resolver listen, one socket is connected.
TABLE = """  sl  local_address rem_address   st
   0: 0100007F:18EB 00000000:0000 0A
   1: 00000000:1F40 00000000:0000 0A
   2: 0B00007F:9C40 00000000:0000 0A
   3: 0200A8C0:1F41 0300A8C0:D431 01
"""


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], ComposeProject]:
    def make(text: str) -> ComposeProject:
        file = tmp_path / "docker-compose.yml"
        file.write_text(dedent(text))
        return load((file,), {})

    return make


def test_inspect_gives_service_health_and_ports() -> None:
    found = container(INSPECTED)
    assert (found.service, found.number, found.pid) == ("api", 2, 42)
    assert (found.health, found.test, found.probe) == ("starting", ("CMD", "true"), "no answer")
    assert found.bindings[0] == Binding(8000, "tcp", "0.0.0.0", 32768)


def test_a_switched_off_health_check_is_none() -> None:
    assert container({"Config": {"Healthcheck": {"Test": ["NONE"]}}}).test == ()


@pytest.mark.parametrize(
    ("bindings", "expected"),
    [
        ([("0.0.0.0", 1), ("::", 1)], ("localhost", 1)),
        ([("::", 2), ("0.0.0.0", 1)], ("127.0.0.1", 1)),
        ([("127.0.0.1", 1)], ("localhost", 1)),
        ([("192.168.0.7", 1)], ("192.168.0.7", 1)),
    ],
)
def test_endpoints_prefer_what_every_client_reaches(
    bindings: list[tuple[str, int]], expected: tuple[str, int]
) -> None:
    ports = [{"HostIp": ip, "HostPort": str(port)} for ip, port in bindings]
    facts = {**INSPECTED, "NetworkSettings": {"Ports": {"8000/tcp": ports}}}
    host, port = expected
    assert endpoints([container(facts)], "localhost") == (Endpoint("api", 8000, host, port),)


def test_a_restart_wipes_the_exit_code() -> None:
    state = State("abc", "api")
    apply(state, "start", {})
    apply(state, "die", {"exitCode": "3"})
    assert (state.running, state.code, state.deaths) == (False, 3, 1)
    apply(state, "start", {})
    assert (state.running, state.code) == (True, None)


def test_health_is_read_from_the_actions_own_words() -> None:
    state = State("abc", "api")
    assert apply(state, "health_status: healthy", {})
    assert state.health == "healthy"
    assert not apply(state, "exec_die", {"exitCode": "1"})


@pytest.mark.parametrize(
    ("restart", "deaths", "said"),
    [
        ("no", 1, "exited with 3"),
        ("on-failure:9", 1, ""),
        ("always", 4, ""),
        ("always", 5, "exited 5 times, last with 3"),
    ],
)
def test_a_death_is_final_unless_a_policy_restarts_it(
    project: Callable[[str], ComposeProject], restart: str, deaths: int, said: str
) -> None:
    service = project(f'services: {{api: {{image: x, restart: "{restart}"}}}}').services["api"]
    assert trouble(service, State("abc", "api", code=3, deaths=deaths)) == said


def test_log_lines_of_both_streams_are_in_order_of_time() -> None:
    out = "2026-01-02T03:04:05.100000000Z first\n2026-01-02T03:04:05.300000000Z third\n"
    err = "2026-01-02T03:04:05.200000000Z second\n2026-01-02T03:04:05.400000000Z \n"
    lines = log_lines("api", (out, err), 10)
    assert [line.text for line in lines] == ["first", "second", "third", ""]
    assert lines[0].at == pytest.approx(1767323045.1)
    assert [line.text for line in log_lines("api", (out, err), 2)] == ["third", ""]


def test_listeners_leave_out_the_engines_resolver() -> None:
    assert parsed(TABLE) == {Listener(6379, loopback=True), Listener(8000, loopback=False)}


def test_what_refers_to_a_built_service_is_created_after_it(
    project: Callable[[str], ComposeProject],
) -> None:
    found = project(
        """
        services:
          db: {image: postgres}
          api: {build: ., depends_on: [db]}
          side: {image: x, network_mode: "service:api"}
          proxy: {image: nginx, depends_on: [api]}
        """
    )
    assert waves.early(found, {"api"}) == ("db", "proxy")


def test_compose_starts_what_has_secrets_that_are_no_files(
    project: Callable[[str], ComposeProject],
) -> None:
    found = project(
        """
        services:
          a: {image: x, secrets: [key]}
          b: {image: x, configs: [text]}
          c: {image: x}
        secrets: {key: {environment: KEY}}
        configs: {text: {content: hello}}
        """
    )
    asked = {name: waves.needs_compose(found, one) for name, one in found.services.items()}
    assert asked == {"a": True, "b": True, "c": False}


def test_a_provider_is_refused_by_name(project: Callable[[str], ComposeProject]) -> None:
    with pytest.raises(Refused, match="service model"):
        waves.refuse_impossible(project("services: {model: {provider: {type: model}}}"))


def test_equal_builds_have_one_key(project: Callable[[str], ComposeProject]) -> None:
    services = project(
        """
        services:
          a: {build: {context: ., target: run}}
          b: {build: {context: ., target: run}, command: other}
          c: {build: {context: ., target: stub}}
          d: {build: {context: ., target: run, network: host}}
        """
    ).services
    keys = {name: build_key(one) for name, one in services.items()}
    assert keys["a"] == keys["b"]
    assert len(set(keys.values())) == 3


def test_a_service_may_run_the_image_that_another_one_builds(
    project: Callable[[str], ComposeProject],
) -> None:
    found = project(
        "services: {api: {build: ., image: mine}, worker: {image: mine}, db: {image: x}}"
    )
    assert image_users(found) == {"api": "api", "worker": "api"}


@asynccontextmanager
async def peer(handle: Callable[[asyncio.StreamWriter], None]) -> AsyncIterator[int]:
    """Open a port whose peer does what ``handle`` does with each connection."""
    writers: list[asyncio.StreamWriter] = []

    def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        handle(writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        for writer in writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


@in_a_loop
async def test_a_proxy_that_accepts_and_closes_is_nobody_listening() -> None:
    async with peer(lambda writer: writer.close()) as port:
        assert not await accepts("127.0.0.1", port, hold=5.0)


@in_a_loop
async def test_a_peer_that_holds_or_speaks_is_a_service() -> None:
    async with peer(lambda writer: None) as port:
        assert await accepts("127.0.0.1", port, hold=0.02)
    async with peer(lambda writer: writer.write(b"220 ready\r\n")) as port:
        assert await accepts("127.0.0.1", port, hold=5.0)


@in_a_loop
async def test_a_closed_port_is_nobody_listening() -> None:
    async with peer(lambda writer: writer.close()) as port:
        pass
    assert not await accepts("127.0.0.1", port, hold=5.0)
