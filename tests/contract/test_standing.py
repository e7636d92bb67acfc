"""What every standing environment keeps to: containers on an engine, local processes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from seatrial.errors import EnvironmentFailure, UsageError
from seatrial.events import EnvironmentReady, ServiceReady
from seatrial.host.state import Folders
from seatrial.model.environment import EnvironmentRequest, LogLine
from seatrial.runtimes.base import RunContext, Standing
from seatrial.runtimes.docker.engine import Engine, ask
from seatrial.runtimes.docker.standing.environment import DockerStanding
from seatrial.runtimes.process.standing.environment import ProcessStanding
from tests.support.docker import forget_images_of
from tests.support.standing import Stand, texts


@contextlib.asynccontextmanager
async def docker(
    stand: Stand, context: RunContext, request: EnvironmentRequest
) -> AsyncIterator[Standing]:
    engine = await ask(context.processes)
    assert isinstance(engine, Engine)
    yield DockerStanding(request, context, engine)


@contextlib.asynccontextmanager
async def process(
    stand: Stand, context: RunContext, request: EnvironmentRequest
) -> AsyncIterator[Standing]:
    state = stand.root / "state"
    yield ProcessStanding(request, context, Folders(state, state / "cache", state / "run"))


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(docker, marks=pytest.mark.engine),
        pytest.param(process, marks=pytest.mark.local),
    ],
    ids=lambda param: param.__name__,
)
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stand]:
    """Return a repository whose environment all tests of the module share."""
    stand = Stand(tmp_path_factory.mktemp("standing"), request.param)
    try:
        yield stand
    finally:
        stand.down(volumes=True)
        if request.param is docker:
            forget_images_of(f"{stand.project}-*")


@pytest.fixture
def stand(place: Stand) -> Stand:
    """Return the shared environment, up and as its files say."""
    place.as_its_files_say()
    place.events.clear()
    return place


def test_up_makes_every_service_ready_and_lets_one_shots_end(place: Stand) -> None:
    place.up()
    states = place.states()
    assert {name: state.good for name, state in states.items()} == {
        "cache": True,
        "setup": True,
        "api": True,
    }
    assert (states["setup"].state, states["setup"].code) == ("exited", 0)
    assert states["setup"].one_shot
    assert states["cache"].health == "healthy"
    ready = [event.service for event in place.events if isinstance(event, ServiceReady)]
    assert sorted(ready) == ["api", "cache", "setup"]
    (whole,) = [event for event in place.events if isinstance(event, EnvironmentReady)]
    assert {endpoint.service for endpoint in whole.endpoints} == {"cache", "api"}
    assert place.asked() == "hello"


def test_ports_are_those_of_the_file(stand: Stand) -> None:
    assert stand.variable("DEV_API_PORT") == stand.variables["API_PORT"]
    assert stand.variable("DEV_CACHE_PORT") == stand.variables["CACHE_PORT"]
    assert stand.variable("DEV_API_URL") == f"http://localhost:{stand.variables['API_PORT']}"


def test_what_runs_unchanged_is_left_alone_and_what_changed_is_replaced(stand: Stand) -> None:
    before = stand.states()
    stand.up()
    again = stand.states()
    assert again["cache"].started == before["cache"].started
    assert again["api"].started == before["api"].started
    stand.up(GREETING="goodbye")
    changed = stand.states()
    assert changed["cache"].started == before["cache"].started
    assert changed["api"].started != before["api"].started
    assert stand.asked() == "goodbye"


def test_a_service_is_started_with_what_it_needs_and_no_more(stand: Stand) -> None:
    stand.down()
    stand.up("cache")
    states = stand.states()
    assert states["cache"].good
    assert (states["api"].state, states["setup"].state) == ("missing", "missing")
    assert not states["api"].good


def test_down_ends_all_keeps_the_data_and_may_be_called_again(stand: Stand) -> None:
    stand.redis("SET", "colour", "blue")
    assert stand.redis("SAVE").startswith("+OK")
    stand.down()
    assert {state.state for state in stand.states().values()} == {"missing"}
    stand.down()
    stand.up("cache")
    assert "blue" in stand.redis("GET", "colour")


def test_data_goes_where_that_is_asked_for_and_is_named_before(stand: Stand) -> None:
    stand.redis("SET", "colour", "blue")
    assert stand.redis("SAVE").startswith("+OK")
    (named,) = stand.do(lambda standing: standing.volumes())
    assert "data" in named
    stand.down(volumes=True)
    assert stand.do(lambda standing: standing.volumes()) == ()
    stand.up("cache")
    assert "blue" not in stand.redis("GET", "colour")


def test_logs_are_merged_by_time_and_limited_for_each_service(stand: Stand) -> None:
    stand.asked("/first")
    stand.asked("/second")
    lines = stand.logs()
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert "made the tables" in texts(lines, "setup")
    assert texts(lines, "api")[-2:] == ["asked for /first", "asked for /second"]
    newest = stand.logs("api", tail=1)
    assert [(line.service, line.text) for line in newest] == [("api", "asked for /second")]
    assert stand.logs(since=time.time() + 1) == []


def test_following_goes_on_with_what_is_written_later_and_ends_with_the_environment(
    stand: Stand,
) -> None:
    async def follow() -> list[LogLine]:
        heard: list[LogLine] = []
        async with (
            stand.call() as one,
            stand.call() as other,
            contextlib.aclosing(one.logs(["api"], follow=True, tail=0)) as lines,
        ):
            asked = asyncio.ensure_future(asyncio.to_thread(stand.asked, "/later"))
            async for line in lines:
                heard.append(line)
                if line.text == "asked for /later":
                    await asked
                    await other.down()
        return heard

    lines = asyncio.run(asyncio.wait_for(follow(), 60))
    assert "asked for /later" in texts(lines, "api")
    assert {line.service for line in lines} == {"api"}


def test_following_goes_over_a_service_that_ended_and_came_again(stand: Stand) -> None:
    async def follow() -> list[str]:
        heard: list[str] = []
        async with (
            stand.call() as one,
            stand.call(WORD="new") as other,
            contextlib.aclosing(one.logs(["api"], follow=True)) as lines,
        ):
            async for line in lines:
                heard.append(line.text)
                if heard == ["listening"]:
                    again = asyncio.ensure_future(other.up(["api"], build=False))
                if heard.count("listening") == 2:
                    await again
                    return heard
        return heard

    stand.down()
    stand.up()
    stand.changed = True
    assert asyncio.run(asyncio.wait_for(follow(), 60)).count("listening") == 2


def test_exec_runs_where_the_service_runs_and_passes_the_exit_code_on(stand: Stand) -> None:
    seven = ["python", "-c", "import os, sys; sys.exit(7 if os.environ['GREETING'] else 1)"]
    assert stand.do(lambda standing: standing.exec("api", seven)) == 7
    with pytest.raises(EnvironmentFailure, match="setup"):
        stand.do(lambda standing: standing.exec("setup", ["true"]))


def test_a_service_that_the_files_do_not_have_is_a_mistake(stand: Stand) -> None:
    with pytest.raises(UsageError, match="postgrez"):
        stand.up("postgrez")
    with pytest.raises(UsageError, match="postgrez"):
        stand.do(lambda standing: standing.exec("postgrez", ["true"]))


def test_a_service_that_fails_is_told_with_its_log_and_what_started_stays(stand: Stand) -> None:
    with pytest.raises(EnvironmentFailure, match="api") as caught:
        stand.up(GREETING="none")
    assert any("there is no greeting" in line for line in caught.value.detail)
    assert caught.value.where is not None
    states = stand.states()
    assert states["cache"].good
    assert not states["api"].good
    stand.up()
    assert stand.asked() == "hello"


def test_a_service_that_dies_is_seen_and_brought_up_again(stand: Stand) -> None:
    with contextlib.suppress(OSError):
        stand.asked("/crash")
    _until_dead(stand)
    assert stand.states()["api"].code == 3
    stand.up()
    assert stand.states()["api"].good


def _until_dead(stand: Stand) -> None:
    limit = time.monotonic() + 20
    while stand.states()["api"].state == "running":
        assert time.monotonic() < limit, "the service never died"
