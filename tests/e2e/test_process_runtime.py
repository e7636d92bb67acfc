"""Real services as real processes: what a person sees of the process runtime."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from seatrial.errors import ConfigError, DeadlinePassed, EnvironmentFailure, Refused, RuntimeMissing
from seatrial.events import Notice, Noticed, ServiceReady
from seatrial.host.processes import Processes
from seatrial.host.system import environment, start_time
from seatrial.pipeline import leftovers
from seatrial.runtimes.process.isolation.translate import is_free
from tests.support.local import DOCKERFILE, SERVER, Checkout, ask
from tests.support.loop import in_a_loop

pytestmark = pytest.mark.local

STACK = """
services:
  db:
    image: postgres:16
    environment: {POSTGRES_USER: test, POSTGRES_PASSWORD: secret, POSTGRES_DB: app}
    ports: ["5432"]
    healthcheck: {test: ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "test"], interval: 5s}
  cache:
    image: redis:7
    command: redis-server --appendonly no --requirepass hush
    ports: ["6379"]
    healthcheck: {test: redis-cli -a hush ping | grep PONG, interval: 5s}
  api:
    build: {context: ../.., dockerfile: services/api/Dockerfile}
    environment:
      DATABASE_URL: postgresql://test:secret@db:5432/app
      CACHE_URL: redis://:hush@cache:6379/0
    ports: ["8000"]
    healthcheck:
      test: [CMD, python, -c, "import urllib.request as u; u.urlopen('http://localhost:8000/')"]
      interval: 5s
    depends_on:
      db: {condition: service_healthy}
      cache: {condition: service_healthy}
"""
ONE_API = """
services:
  api:
    build: {context: ../.., dockerfile: services/api/Dockerfile}
    ports: ["8000"]
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    (tmp_path / "repo").mkdir()
    made = Checkout(tmp_path / "repo", tmp_path / "state")
    made.service()
    return made


@contextlib.contextmanager
def wildcard_listener(port: int) -> Iterator[None]:
    with contextlib.closing(socket.socket()) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("0.0.0.0", port))
        listener.listen()
        yield


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def until(condition: object) -> None:
    assert callable(condition)
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # what is waited for knows no event
            await asyncio.sleep(0.01)


@in_a_loop
async def test_a_service_reaches_its_database_and_its_cache(checkout: Checkout) -> None:
    checkout.compose(STACK)
    async with checkout.run() as session, session.up() as up:
        answer = ask(up)
    assert answer["reaches"] == {"DATABASE_URL": True, "CACHE_URL": True}
    assert answer["cwd"] == str(checkout.root / "services/api")
    assert up.exports["TEST_DATABASE_URL"].endswith(":5432/app")


@in_a_loop
async def test_a_service_does_not_see_the_users_own_variables(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_SHELLS_OWN", "1")
    checkout.compose(ONE_API)
    async with checkout.run() as session, session.up() as up:
        answer = ask(up)
    assert "MY_SHELLS_OWN" not in answer["env"]
    assert answer["env"]["HOME"] != os.environ["HOME"]


@in_a_loop
async def test_nothing_is_left_after_the_removal(checkout: Checkout) -> None:
    checkout.compose(STACK)
    async with checkout.run() as session:
        async with session.up() as up:
            folders = session.ledger_folders()
            assert all(folder.is_dir() for folder in folders)
            assert session.alive()
        await up.remove()
        assert session.alive() == []
        assert [folder for folder in folders if folder.exists()] == []
        assert list((checkout.state / "blocks").iterdir()) == []


@in_a_loop
async def test_two_environments_of_one_file_live_side_by_side(checkout: Checkout) -> None:
    checkout.compose(STACK)
    async with (
        checkout.run() as one,
        checkout.run("run2") as two,
        one.up() as first,
        two.up(instance="t2") as second,
    ):
        answers = [ask(first), ask(second)]
    hosts = [answer["env"]["HOST"] for answer in answers]
    assert len(set(hosts)) == 2
    assert [one.endpoints[0].port for one in (first, second)] == [5432, 5432]


@in_a_loop
async def test_a_port_that_a_wildcard_listener_has_is_moved_and_said(checkout: Checkout) -> None:
    port = free_port()
    checkout.compose(f"""
        services:
          api:
            build: {{context: ../.., dockerfile: services/api/Dockerfile}}
            environment: {{PORT: {port}}}
            ports: ["{port}"]
          client:
            build: {{context: ../.., dockerfile: services/api/Dockerfile}}
            environment: {{API_URL: "http://api:{port}/"}}
            ports: ["8000"]
            depends_on: [api]
        """)
    with wildcard_listener(port):
        async with checkout.run() as session, session.up() as up:
            answer = ask(up, "CLIENT")
    assert answer["reaches"] == {"API_URL": True}
    endpoint = next(e for e in up.endpoints if e.service == "api")
    assert endpoint.port != endpoint.container_port == port
    moved = [e for e in checkout.events if isinstance(e, Noticed) and e.notice is Notice.PORT_MOVED]
    assert [event.subject for event in moved] == [f"api:{port}"]


@in_a_loop
async def test_two_services_that_bind_all_interfaces_clash_by_name(checkout: Checkout) -> None:
    port = free_port()
    server = SERVER.replace('os.environ.get("HOST", "")', '""')
    dockerfile = DOCKERFILE.replace("8000", str(port))
    checkout.service("one", server, dockerfile)
    checkout.service("two", server, dockerfile)
    file = checkout.compose(f"""
        services:
          one:
            build: {{context: ../.., dockerfile: services/one/Dockerfile}}
            ports: ["{port}"]
          two:
            build: {{context: ../.., dockerfile: services/two/Dockerfile}}
            ports: ["{port}"]
            depends_on: [one]
        """)
    async with checkout.run() as session:
        with pytest.raises(EnvironmentFailure, match="services two and one clash") as caught:
            async with session.up():
                pass
        assert session.alive() == []
    assert caught.value.where is not None
    assert (caught.value.where.file, caught.value.where.line) == (file, 5)


@in_a_loop
async def test_a_service_that_exits_ends_the_wait_at_once_with_its_last_lines(
    checkout: Checkout,
) -> None:
    checkout.service(server="print('no licence found')\nraise SystemExit(7)\n")
    file = checkout.compose(ONE_API)
    async with checkout.run() as session:
        with pytest.raises(EnvironmentFailure, match="service api exited with 7") as caught:
            async with session.up(boot_timeout=60):
                pass
        assert [folder for folder in session.ledger_folders() if folder.exists()] == []
    assert caught.value.detail[-1] == "no licence found"
    assert str(caught.value).startswith(f"{file}:2: ")


@in_a_loop
async def test_one_shots_run_in_their_order(checkout: Checkout) -> None:
    checkout.write("services/api/step.py", "import sys; open(sys.argv[1], 'a').write(sys.argv[2])")
    log = checkout.root / "order"
    checkout.compose(f"""
        x-step: &step
          build: {{context: ../.., dockerfile: services/api/Dockerfile}}
        services:
          seed:
            <<: *step
            command: [python, step.py, "{log}", "seed "]
            depends_on: {{migrate: {{condition: service_completed_successfully}}}}
          migrate:
            <<: *step
            command: [python, step.py, "{log}", "migrate "]
          api:
            <<: *step
            ports: ["8000"]
            depends_on: {{seed: {{condition: service_completed_successfully}}}}
        """)
    async with checkout.run() as session, session.up():
        assert log.read_text() == "migrate seed "
    ready = [event.service for event in checkout.events if isinstance(event, ServiceReady)]
    assert ready == ["migrate", "seed", "api"]


@in_a_loop
async def test_a_one_shot_that_fails_ends_the_boot(checkout: Checkout) -> None:
    checkout.compose("""
        services:
          migrate:
            build: {context: ../.., dockerfile: services/api/Dockerfile}
            command: [python, -c, "raise SystemExit('table exists')"]
          api:
            build: {context: ../.., dockerfile: services/api/Dockerfile}
            depends_on: {migrate: {condition: service_completed_successfully}}
        """)
    async with checkout.run() as session:
        with pytest.raises(EnvironmentFailure, match="service migrate exited with 1") as caught:
            async with session.up():
                pass
    assert caught.value.detail == ("table exists",)


@in_a_loop
async def test_an_unhealthy_service_shows_its_log_and_its_last_check(checkout: Checkout) -> None:
    checkout.compose("""
        services:
          api:
            build: {context: ../.., dockerfile: services/api/Dockerfile}
            ports: ["8000"]
            healthcheck: {test: echo not yet >&2; exit 1, interval: 10ms, retries: 2}
        """)
    async with checkout.run() as session:
        with pytest.raises(EnvironmentFailure, match="service api is unhealthy") as caught:
            async with session.up():
                pass
    assert caught.value.detail == ("listening", "last health check:", "  not yet")


@pytest.mark.parametrize(
    "form", ["[CMD, no-such-curl, -f, http://x]", "no-such-curl -f x || exit 1"]
)
@in_a_loop
async def test_a_check_that_calls_a_missing_program_says_so(checkout: Checkout, form: str) -> None:
    checkout.compose(f"""
        services:
          api:
            build: {{context: ../.., dockerfile: services/api/Dockerfile}}
            ports: ["8000"]
            healthcheck: {{test: {form}, interval: 30s}}
        """)
    async with checkout.run() as session:
        with pytest.raises(RuntimeMissing, match="the health check of api calls no-such-curl"):
            async with session.up():
                pass


@in_a_loop
async def test_a_boot_that_takes_too_long_names_what_it_waits_for(checkout: Checkout) -> None:
    checkout.service(server="import time\nprint('thinking')\ntime.sleep(600)\n")
    checkout.compose(ONE_API)
    async with checkout.run() as session:
        with pytest.raises(DeadlinePassed, match="waiting for api"):
            async with session.up(boot_timeout=0.5):
                pass
        assert session.alive() == []


@in_a_loop
async def test_a_cancelled_boot_leaves_nothing(checkout: Checkout) -> None:
    checkout.compose(
        STACK
        + "      never: {condition: service_completed_successfully}\n"
        + """
  never:
    build: {context: ../.., dockerfile: services/api/Dockerfile}
"""
    )
    async with checkout.run() as session:
        boot = asyncio.create_task(session.runtime.boot(checkout.request("run1")))
        await until(lambda: any(isinstance(e, ServiceReady) for e in checkout.events))
        assert session.alive()
        boot.cancel()
        with pytest.raises(asyncio.CancelledError):
            await boot
        assert session.alive() == []
        assert [folder for folder in session.ledger_folders() if folder.exists()] == []


@in_a_loop
async def test_a_service_is_started_again_where_restart_says_so(checkout: Checkout) -> None:
    flag = checkout.root / "tried"
    checkout.service(
        server=f"import os, sys\nif not os.path.exists({str(flag)!r}):\n"
        f"    open({str(flag)!r}, 'w').close()\n    sys.exit('too early')\n" + SERVER
    )
    checkout.compose(ONE_API + "    restart: on-failure\n")
    async with checkout.run() as session, session.up() as up:
        assert ask(up)["cwd"]


@in_a_loop
async def test_logs_answer_from_a_mark_on(checkout: Checkout) -> None:
    checkout.compose(ONE_API)
    async with checkout.run() as session, session.up() as up:
        ask(up, path="/before")
        up.mark(1000.0)
        ask(up, path="/after")
        since = await up.logs(since=1000.0)
        everything = await up.logs()
    assert [line.text for line in since] == ["asked for /after"]
    assert [line.text for line in everything] == [
        "listening",
        "asked for /before",
        "asked for /after",
    ]
    assert since[0].at == 1000.0


@in_a_loop
async def test_init_scripts_run_once_and_then_come_from_the_template(checkout: Checkout) -> None:
    runs = checkout.root / "runs"
    checkout.write("deploy/test/init/1-table.sql", "create table t (n int);")
    checkout.write(
        "deploy/test/init/2-rows.sh",
        f"""
        echo run >> {runs}
        psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<-EOSQL
            insert into t values (42);
        EOSQL
        """,
    )
    checkout.compose("""
        services:
          db:
            image: postgres:16
            environment: {POSTGRES_USER: test, POSTGRES_PASSWORD: secret}
            volumes: ["./init:/docker-entrypoint-initdb.d:ro"]
            healthcheck:
              test: ["CMD-SHELL", "psql -h localhost -U test -Atc 'select n from t' | grep 42"]
              interval: 5s
        """)
    for name in ("run1", "run2"):
        async with checkout.run(name) as session, session.up():
            pass
    assert runs.read_text() == "run\n"


@in_a_loop
async def test_an_init_script_that_fails_is_named_with_its_words(checkout: Checkout) -> None:
    script = checkout.write("deploy/test/init/1.sql", "select * from nowhere;")
    checkout.compose("""
        services:
          db:
            image: postgres:16
            environment: {POSTGRES_PASSWORD: secret}
            volumes: ["./init:/docker-entrypoint-initdb.d"]
        """)
    async with checkout.run() as session:
        with pytest.raises(EnvironmentFailure, match=r"1\.sql failed") as caught:
            async with session.up():
                pass
        assert session.alive() == []
    assert caught.value.where is not None
    assert caught.value.where.file == script
    assert any("nowhere" in line for line in caught.value.detail)


@in_a_loop
async def test_a_wrong_password_is_refused_and_one_from_a_secret_taken(checkout: Checkout) -> None:
    checkout.write("deploy/test/password.txt", "from-file\n")
    checkout.compose("""
        services:
          db:
            image: postgres:16
            environment: {POSTGRES_PASSWORD_FILE: /run/secrets/password}
            secrets: [password]
            ports: ["5432"]
            healthcheck:
              test:
                - CMD-SHELL
                - >-
                  PGPASSWORD=from-file psql -h 127.0.0.1 -U postgres -c 'select 1' &&
                  ! PGPASSWORD=wrong psql -h 127.0.0.1 -U postgres -c 'select 1'
              interval: 5s
              retries: 1
        secrets:
          password: {file: ./password.txt}
        """)
    async with checkout.run() as session, session.up():
        pass


@in_a_loop
async def test_a_missing_provider_is_one_error_and_a_command_of_ones_own_solves_it(
    checkout: Checkout,
) -> None:
    file = checkout.compose("""
        services:
          mail:
            image: mailhog/mailhog:v1
            ports: ["8000"]
        """)
    async with checkout.run() as session:
        with pytest.raises(Refused, match="nothing here stands in") as caught:
            async with session.up():
                pass
    assert str(caught.value.where) == f"{file}:3"
    assert "[process.providers]" in caught.value.mend
    command = (sys.executable, "-m", "http.server", "--bind", "{host}", "{port}")
    async with checkout.run("run2", {"mailhog/*": command}) as session, session.up() as mail:
        assert mail.endpoints[0].port == 8000


@in_a_loop
async def test_a_command_of_ones_own_sees_the_services_variables_translated(
    checkout: Checkout,
) -> None:
    checkout.compose("""
        services:
          api: {build: {context: ../.., dockerfile: services/api/Dockerfile}}
          tool:
            image: some/tool
            environment: {API_URL: "http://api:8000", HOST: 0.0.0.0, PORT: 9100}
            ports: ["9100"]
            depends_on: [api]
        """)
    server = str(checkout.root / "services/api/server.py")
    async with (
        checkout.run(providers={"some/tool": (sys.executable, server)}) as session,
        session.up() as up,
    ):
        assert ask(up, "TOOL")["reaches"] == {"API_URL": True}


@in_a_loop
async def test_a_dependency_on_health_that_nobody_checks_is_an_error(checkout: Checkout) -> None:
    checkout.compose("""
        services:
          one:
            build: {context: ../.., dockerfile: services/api/Dockerfile}
          two:
            build: {context: ../.., dockerfile: services/api/Dockerfile}
            depends_on: {one: {condition: service_healthy}}
        """)
    async with checkout.run() as session:
        with pytest.raises(ConfigError, match="which has no health check"):
            session.runtime.describe(checkout.request("run1"))


@in_a_loop
async def test_a_kept_environment_outlives_its_run_until_it_is_cleaned_up(
    checkout: Checkout,
) -> None:
    checkout.compose(STACK)
    script = checkout.write("keep.py", _SCRIPT.format(ending="environment.keep(); ledger.keep()"))
    output = await _run_script(script, checkout)
    url = urlsplit(output.strip().splitlines()[-1])
    runs = checkout.state / "runs"
    [left] = leftovers.find(runs)
    assert left.kept
    assert len(left.processes) >= 3
    assert url.hostname is not None
    assert not is_free(url.hostname, 8000)
    assert [path.name for path in (checkout.state / "blocks").iterdir()] == [
        url.hostname.rpartition(".")[0]
    ]
    await leftovers.clean(runs, Processes(environment()), kept=[left.ledger])
    assert leftovers.find(runs) == []
    assert is_free(url.hostname, 8000)


@in_a_loop
async def test_what_a_killed_run_left_is_removed_exactly(checkout: Checkout) -> None:
    checkout.compose(STACK)
    ending = "os.kill(os.getpid(), 9)"
    script = checkout.write("killed.py", _SCRIPT.format(ending=ending))
    await _run_script(script, checkout)
    runs = checkout.state / "runs"
    [left] = leftovers.find(runs)
    assert len(left.processes) >= 3
    [pid_file] = [path for folder in left.folders for path in folder.glob("*/*/postmaster.pid")]
    segment = pid_file.read_text().splitlines()[6].split()[1]
    assert segment in _segments()
    async with checkout.run("alive") as session, session.up() as up:
        removed = await leftovers.clean(runs, session.context.processes)
        assert [one.run for one in removed] == [left.run]
        assert ask(up)["reaches"] == {"DATABASE_URL": True, "CACHE_URL": True}
    assert [pid for pid in left.processes if start_time(pid)] == []
    assert [folder for folder in left.folders if folder.exists()] == []
    await until(lambda: segment not in _segments())


def _segments() -> set[str]:
    return {row.split()[1] for row in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]}


async def _run_script(script: Path, checkout: Checkout) -> str:
    done = await Processes(environment()).run(
        (sys.executable, str(script), str(checkout.root), str(checkout.state)),
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
        timeout=60,
    )
    assert done.code in (0, -signal.SIGKILL), done.err
    return done.out


_SCRIPT = """
import asyncio, os, sys
from pathlib import Path
from tests.support.local import Checkout
from seatrial.host import ledger as ledgers

async def main():
    checkout = Checkout(Path(sys.argv[1]), Path(sys.argv[2]))
    async with checkout.run("killed") as session:
        environment = await session.runtime.boot(checkout.request("killed"))
        ledger = session.context.ledger
        print(environment.exports["TEST_API_URL"], flush=True)
        {ending}

asyncio.run(main())
"""
