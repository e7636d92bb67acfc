"""Environments that stand as processes: what a person who works in one sees from call to call."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.errors import ConfigError, EnvironmentFailure, RuntimeMissing, UsageError
from seatrial.events import EnvironmentReady, ServiceReady
from seatrial.host.system import start_time
from seatrial.model.environment import LogLine
from tests.support import program
from tests.support.local import DOCKERFILE, SERVER
from tests.support.loop import in_a_loop
from tests.support.stand import API, STACK, Stand, free_port, get, until, with_a_service

pytestmark = pytest.mark.local

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
# From a save to the new answer, in seconds.
RELOAD = 2.0
_ATTEMPTS, _SETTLED = 6, 15.0


@pytest.fixture
def standing() -> Iterator[Stand]:
    yield from with_a_service()


def port(standing: Stand) -> int:
    return int(standing.variables["API_PORT"])


def answers(standing: Stand, words: str, path: str = "/") -> bool:
    try:
        return words in get(port(standing), path)
    except OSError:
        return False


@in_a_loop
async def test_services_are_at_their_published_ports_until_they_are_taken_down(
    standing: Stand,
) -> None:
    standing.compose(STACK)
    await standing.up()
    assert '"GREETING": "hello"' in get(port(standing))
    states = await standing.states()
    assert {name: (s.state, s.health) for name, s in states.items()} == {
        "api": ("running", "healthy"),
        "migrate": ("exited", ""),
        "database": ("running", "healthy"),
    }
    assert all(state.good for state in states.values())
    (reached,) = states["api"].endpoints
    assert (reached.host, reached.port, reached.container_port) == (
        "localhost",
        port(standing),
        8000,
    )
    assert states["api"].started is not None
    assert (await standing.variables_of())["DEV_API_URL"] == f"http://localhost:{port(standing)}"
    assert standing.traces()
    await standing.down()
    assert standing.traces() == []
    assert {state.state for state in (await standing.states()).values()} == {"missing"}
    await standing.down()


@in_a_loop
async def test_the_record_is_ones_own_and_holds_no_secret(standing: Stand) -> None:
    standing.compose(STACK)
    await standing.up()
    record = standing.root / ".seatrial/up/dev.processes.json"
    assert record.stat().st_mode & 0o777 == 0o600
    assert "secret" not in record.read_text()
    assert "hello" not in record.read_text()


@in_a_loop
async def test_what_runs_unchanged_is_left_alone_and_what_changed_is_replaced(
    standing: Stand,
) -> None:
    standing.compose(STACK)
    await standing.up()
    first = standing.pids()
    standing.events.clear()
    await standing.up()
    again = standing.pids()
    assert (again["api"], again["database"]) == (first["api"], first["database"])
    ready = [event.service for event in standing.events if isinstance(event, ServiceReady)]
    assert ready == ["migrate"]
    assert [event for event in standing.events if isinstance(event, EnvironmentReady)]
    standing.variables["GREETING"] = "moin"
    await standing.up()
    changed = standing.pids()
    assert changed["database"] == first["database"]
    assert changed["api"] != first["api"]
    assert '"GREETING": "moin"' in get(port(standing))


@in_a_loop
async def test_a_source_that_is_copied_and_not_mounted_makes_another_process(
    standing: Stand,
) -> None:
    standing.compose(API)
    await standing.up()
    first = standing.pids()
    standing.write("services/api/server.py", SERVER.replace("asked for", "was asked"))
    await standing.up()
    assert standing.pids() != first
    mounted = API + '    volumes: ["../../services/api:/app"]\n'
    standing.compose(mounted)
    await standing.up()
    second = standing.pids()
    standing.write("services/api/server.py", SERVER)
    await standing.up()
    assert standing.pids() == second


@in_a_loop
async def test_a_service_that_died_is_told_with_its_code_and_started_by_the_next_up(
    standing: Stand,
) -> None:
    standing.compose(API)
    await standing.up()
    assert not answers(standing, "", "/crash")
    pid = standing.pids()["api"]
    await until(lambda: start_time(pid) is None)
    state = (await standing.states())["api"]
    assert (state.state, state.code, state.good) == ("exited", 3, False)
    await standing.up()
    assert answers(standing, "hello")


@in_a_loop
async def test_one_service_and_what_it_needs_can_be_started_alone(standing: Stand) -> None:
    standing.compose(STACK)
    await standing.up("migrate")
    states = {name: state.state for name, state in (await standing.states()).items()}
    assert states == {"api": "missing", "migrate": "exited", "database": "running"}
    assert "DEV_API_URL" not in await standing.variables_of()
    with pytest.raises(UsageError, match="no service 'nothing'"):
        await standing.up("nothing")


@in_a_loop
async def test_without_node_the_others_start_and_who_asks_for_it_is_told(
    standing: Stand, tmp_path: Path
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "python3", "cp"):
        (programs / name).symlink_to(shutil.which(name) or "")
    standing.variables["PATH"] = str(programs)
    page = 'FROM node:24\nWORKDIR /app\nCOPY services/page ./\nCMD ["node", "page.js"]\n'
    standing.write("services/page/Dockerfile", page)
    built = "  page: {build: {context: ../.., dockerfile: services/page/Dockerfile}}\n"
    standing.compose(API + built)
    await standing.up()
    states = {name: state.state for name, state in (await standing.states()).items()}
    assert states == {"api": "running", "page": "missing"}
    with pytest.raises(RuntimeMissing, match="service page: no program 'node'"):
        await standing.up("page")


@in_a_loop
async def test_a_start_that_fails_leaves_what_did_start_to_be_looked_at(standing: Stand) -> None:
    standing.compose(STACK.replace("print('migrated')", "raise SystemExit('no table')"))
    with pytest.raises(EnvironmentFailure, match="migrate exited with 1") as caught:
        await standing.up()
    assert "no table" in caught.value.detail
    states = await standing.states()
    assert states["database"].good
    assert (states["migrate"].state, states["migrate"].code) == ("exited", 1)
    assert states["api"].state == "missing"
    standing.compose(STACK)
    database = standing.pids()["database"]
    await standing.up()
    assert standing.pids()["database"] == database


@in_a_loop
async def test_a_taken_port_is_told_with_who_has_it_and_what_moves_it(standing: Stand) -> None:
    standing.compose(API)
    with contextlib.closing(socket.socket()) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port(standing)))
        listener.listen()
        with pytest.raises(EnvironmentFailure, match=f"port {port(standing)}") as caught:
            await standing.up()
    assert f"(process {os.getpid()})" in caught.value.what
    assert caught.value.mend.startswith("set API_PORT to another port")
    assert str(caught.value.where).endswith("docker-compose.yml:4")
    assert standing.traces() == []
    await standing.up()


@in_a_loop
async def test_two_services_cannot_publish_one_port(standing: Stand) -> None:
    both = API.replace("services:\n", "")
    standing.compose(API + both.replace("  api:", "  other:"))
    with pytest.raises(ConfigError, match="services api and other both publish port"):
        await standing.up()


@in_a_loop
async def test_a_service_that_cannot_be_told_its_port_is_refused_in_words(standing: Stand) -> None:
    dockerfile = DOCKERFILE.replace(" PORT=8000", "")
    standing.write("services/api/Dockerfile", dockerfile)
    standing.compose(API)
    with pytest.raises(EnvironmentFailure, match="nothing tells its program to listen there"):
        await standing.up()


@in_a_loop
async def test_exec_runs_in_the_services_folder_with_its_variables(standing: Stand) -> None:
    standing.compose(API)
    with pytest.raises(EnvironmentFailure, match="service api does not run"):
        await standing.exec("api", "true")
    await standing.up()
    url = "http://localhost:8000/"
    assert await standing.exec("api", "wget", "-q", "-O", "/dev/null", url) == 0
    script = f'test "$PWD" = {standing.root}/services/api && test "$GREETING" = hello && exit 7'
    assert await standing.exec("api", "sh", "-c", script) == 7


@in_a_loop
async def test_logs_are_followed_over_a_restart_until_the_environment_is_down(
    standing: Stand,
) -> None:
    standing.compose(API)
    await standing.up()
    lines: list[LogLine] = []

    async def listen() -> None:
        async with standing.call() as call, contextlib.aclosing(call.logs(follow=True)) as news:
            async for line in news:
                lines.append(line)  # noqa: PERF401  # seen while it grows

    listener = asyncio.create_task(listen())
    await until(lambda: bool(lines))
    get(port(standing), "/first")
    await until(lambda: any(line.text == "asked for /first" for line in lines))
    before = time.time()
    standing.variables["GREETING"] = "moin"
    await standing.up()
    get(port(standing), "/second")
    await until(lambda: any(line.text == "asked for /second" for line in lines))
    assert lines[-1].at >= before
    assert {line.service for line in lines} == {"api"}
    await standing.down()
    await asyncio.wait_for(listener, 40)


@in_a_loop
async def test_logs_can_be_cut_to_their_last_lines(standing: Stand) -> None:
    standing.compose(STACK)
    await standing.up()
    get(port(standing), "/last")
    async with standing.call() as call:
        last = [line async for line in call.logs(["api"], tail=1)]
        assert [line async for line in call.logs(tail=0)] == []
        every = [line.service async for line in call.logs()]
    assert [line.text for line in last] == ["asked for /last"]
    assert set(every) == {"api", "database", "migrate"}


@in_a_loop
async def test_helpers_that_left_their_session_end_with_the_environment(standing: Stand) -> None:
    helper = 'import subprocess; subprocess.Popen(["sleep", "300"], start_new_session=True)\n'
    standing.write("services/api/server.py", helper + SERVER)
    standing.compose(API)
    await standing.up()
    assert len([line for line in standing.traces() if line.startswith("process")]) == 3
    await standing.down()
    assert standing.traces() == []


@in_a_loop
async def test_a_service_that_does_not_want_to_end_gets_its_grace_and_no_more(
    standing: Stand,
) -> None:
    deaf = SERVER.replace("lambda *_: os._exit(0)", "lambda *_: print('no', flush=True)")
    standing.write("services/api/server.py", deaf)
    standing.compose(API + "    stop_grace_period: 300ms\n")
    await standing.up()
    began = time.monotonic()
    await standing.down()
    assert time.monotonic() - began >= 0.3
    assert standing.traces() == []


STUCK = """
  stuck:
    build: {context: ../.., dockerfile: services/api/Dockerfile}
    command: [python, -c, "import time; time.sleep(300)"]
    healthcheck: {test: "false", start_period: 300s}
    depends_on: {api: {condition: service_healthy}}
"""


def test_gc_takes_what_a_killed_up_left_and_nothing_that_stands(standing: Stand) -> None:
    repository = standing.repository()
    up = ("up", "dev", "--runtime", "process")
    standing.compose(API + STUCK)
    with repository.started(*up) as started:
        program.until(lambda: answers(standing, "hello"))
        started.signal(signal.SIGKILL)
        started.ended()
    assert answers(standing, "hello")
    assert standing.traces()
    assert repository.seatrial("gc").code == 0
    assert [trace for trace in standing.traces() if "/up/" not in trace] == []
    standing.compose(API)
    assert repository.seatrial(*up).code == 0
    pids = standing.pids()
    assert repository.seatrial("gc").code == 0
    assert repository.seatrial("ps", "dev").code == 0
    assert standing.pids() == pids
    assert answers(standing, "hello")
    assert repository.seatrial("down", "dev").code == 0
    assert [trace for trace in standing.traces() if not trace.endswith(".lock")] == []


def test_an_up_that_was_killed_is_taken_up_again_without_a_clean_up(standing: Stand) -> None:
    repository = standing.repository()
    up = ("up", "dev", "--runtime", "process")
    standing.compose(API + STUCK)
    with repository.started(*up) as started:
        program.until(lambda: answers(standing, "hello"))
        started.signal(signal.SIGKILL)
        started.ended()
        standing.compose(API)
        assert repository.seatrial(*up).code == 0
        assert answers(standing, "hello")
        assert repository.seatrial("down", "dev").code == 0
    assert [trace for trace in standing.traces() if trace.startswith("process")] == []


def test_what_an_interrupted_up_had_started_stays_and_can_be_taken_down(
    standing: Stand,
) -> None:
    repository = standing.repository()
    standing.compose(API + STUCK)
    with repository.started("up", "dev", "--runtime", "process") as started:
        program.until(lambda: answers(standing, "hello"))
        started.signal(signal.SIGINT)
        assert started.ended() == 128 + signal.SIGINT
    assert answers(standing, "hello")
    assert repository.seatrial("gc").code == 0
    assert answers(standing, "hello")
    assert repository.seatrial("down", "dev").code == 0
    assert [trace for trace in standing.traces() if not trace.endswith(".lock")] == []


def shop(standing: Stand) -> dict[str, int]:
    """Lay the example out, each service at a port of its own; return the ports."""
    unwanted = shutil.ignore_patterns(".venv", "node_modules", ".seatrial", "__pycache__")
    shutil.copytree(SHOP, standing.root, ignore=unwanted, dirs_exist_ok=True)
    compose = (standing.root / "deploy/dev/docker-compose.yml").read_text()
    names = set(re.findall(r"\$\{(\w+_PORT)", compose))
    ports = {name: free_port() for name in names}
    standing.variables.update({name: str(number) for name, number in ports.items()})
    return ports


def is_served_in_time(file: Path, word: str, number: int) -> bool:
    """Save changes of ``word`` until one is served within the bound.

    Other programs may keep the machine busy: one of a few must be in time. A change that is saved
    while a program restarts may be overlooked by it, so each gets its time to be served.
    """
    for attempt in range(_ATTEMPTS):
        text, new = file.read_text(), f"fresh-{attempt}"
        assert text.count(f'"{word}"') == 1
        file.write_text(text.replace(f'"{word}"', f'"{new}"'))
        saved, word = time.monotonic(), new
        while time.monotonic() < saved + _SETTLED:
            with contextlib.suppress(OSError):
                if new in get(number, "/health"):
                    break
            time.sleep(0.02)
        if time.monotonic() - saved <= RELOAD:
            return True
    return False


@pytest.mark.node
@in_a_loop
async def test_a_saved_source_file_is_served_within_two_seconds(standing: Stand) -> None:
    ports = shop(standing)
    await standing.up()
    catalog = standing.root / "services/catalog/catalog/app.py"
    frontend = standing.root / "services/frontend/src/server.ts"
    assert is_served_in_time(catalog, "ok", ports["CATALOG_PORT"])
    assert is_served_in_time(frontend, "ok", ports["FRONTEND_PORT"])
    compose = standing.root / "deploy/dev/docker-compose.yml"
    text, watching = compose.read_text(), '["node", "--watch", "--import", "tsx", "src/main.ts"]'
    assert watching in text
    compose.write_text(text.replace(watching, "[tsx, watch, src/main.ts]"))
    await standing.up("frontend")
    (word,) = re.findall(r'status: "(\S+)"', frontend.read_text())
    assert is_served_in_time(frontend, word, ports["FRONTEND_PORT"])
    # A save is more than one change to some watchers, and they start their program again.
    async with asyncio.timeout(40):
        while not all(s.good for s in (await standing.states()).values()):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    standing.traces()
    await standing.down()
    assert standing.traces() == []
