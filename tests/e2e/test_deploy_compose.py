"""`seatrial deploy prod` on one machine: a real engine, a real registry, a steady load.

The tests share a prod that runs one of two good versions, whichever the last one left: each brings
the other, or a bad one.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import urllib.request
from collections.abc import Iterator

import pytest

from seatrial.deploy.images import pull
from seatrial.errors import EnvironmentFailure
from seatrial.host.processes import Processes
from seatrial.host.system import environment
from seatrial.runtimes.docker.cli import Docker
from tests.support.deploying import WATCH, Prod, docker, prod, running_registry
from tests.support.program import Repository, until

pytestmark = pytest.mark.engine

GOOD = ("1.0.0", "1.1.0")
BAD = {"2.0.0": "sick", "3.0.0": "fleeting", "4.0.0": "stuck", "5.0.0": "named"}
SICK, FLEETING, STUCK, NAMED = BAD


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prod]:
    place = tmp_path_factory.mktemp("deploy")
    with running_registry(place / "registry") as address, prod(place, address) as one:
        one.push("1", name="store")
        for version in GOOD:
            one.push(version)
        for version, how in BAD.items():
            one.push(version, how)
        yield one


@pytest.fixture
def up(shared: Prod) -> Prod:
    """Return a prod that is up."""
    running = shared.versions()
    if running.keys() != {"store", "api", "web"} or running["api"] not in GOOD:
        said = shared.deploy("--version", GOOD[0])
        assert said.code == 0, said.all
    return shared


def now_and_next(one: Prod) -> tuple[str, str]:
    """Return the version of the API that runs, and the other good one."""
    now = one.versions()["api"]
    return now, GOOD[1 - GOOD.index(now)]


def answer(one: Prod) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{one.port}/", timeout=10) as response:
        version: str = response.read().decode().split()[0]
        return version


def test_the_first_deployment_starts_all_by_digest_and_the_next_finds_nothing_to_do(
    shared: Prod,
) -> None:
    dry = shared.deploy("--dry-run")
    assert dry.code == 0, dry.all
    assert shared.containers() == []
    said = shared.deploy()
    assert said.code == 0, said.all
    assert shared.versions() == {"store": "1", "api": GOOD[0], "web": GOOD[0]}
    assert shared.migrations() == [GOOD[0]]
    assert answer(shared) == GOOD[0]
    for one in shared.containers():
        assert "@sha256:" in one["Config"]["Image"]
    before = shared.ids()
    again = shared.deploy("--output", "json")
    assert again.code == 0, again.all
    document = json.loads(again.out.splitlines()[-1])
    assert {step["act"] for step in document["plan"]["steps"]} == {"leave"}
    assert shared.ids() == before


def test_a_roll_loses_no_request_and_leaves_what_did_not_change_alone(up: Prod) -> None:
    now, following = now_and_next(up)
    migrated, store = up.migrations(), up.the("store")["Id"]
    with up.load("api") as asked:
        said = up.deploy("--version", following)
    assert said.code == 0, said.all
    assert asked["failed"] == []
    assert set(asked["seen"]) == {now, following}
    assert up.versions() == {"store": "1", "api": following, "web": following}
    assert answer(up) == following
    assert up.migrations() == [*migrated, following]
    assert up.the("store")["Id"] == store
    # What it cannot do is said before, what it took is said afterwards.
    assert f"web has the fixed host port {up.port}" in said.out
    assert "what migrate does to the data is not rolled back" in said.out
    assert "web was not there for" in said.out
    assert f"-app:{now}@sha256:" in said.out
    assert f"-app:{following}@sha256:" in said.out


def test_compose_takes_what_was_rolled_for_its_own(up: Prod) -> None:
    services = ("store", "api", "web")
    images = {name: up.the(name)["Config"]["Image"] for name in services}
    label = {"dev.seatrial.environment": "prod"}
    over = {name: {"image": image, "labels": label} for name, image in images.items()}
    file = up.repository.write("deploy/prod/by-digest.json", json.dumps({"services": over}))
    before = up.ids()
    up.compose("-f", str(file), "up", "--detach", "--no-deps", *services)
    assert up.ids() == before
    states = up.compose("ps", "--format", "{{.Service}} {{.Health}}").splitlines()
    assert sorted(states) == ["api healthy", "store healthy", "web healthy"]
    assert up.repository.seatrial("logs", "prod", "api").code == 0


@pytest.mark.parametrize(
    ("version", "services", "words", "code"),
    [
        (SICK, ["api"], "waited for api (its health check)", 4),
        (FLEETING, ["api"], "service api exited with 7", 3),
        (NAMED, [], "waited for web (its health check)", 4),
    ],
    ids=["never healthy", "dies soon after", "well on trial, ill in its place"],
)
def test_a_bad_version_goes_back_to_the_very_containers_that_ran(
    up: Prod, version: str, services: list[str], words: str, code: int
) -> None:
    before, now = up.ids(), up.versions()
    with up.load("api") as asked:
        said = up.deploy("--version", version, "--timeout", "5", *services)
    assert said.code == code, said.all
    assert words in said.err
    assert up.ids() == before
    assert len(up.containers()) == 4
    assert answer(up) == now["web"]
    assert asked["failed"] == []
    # A version that is bad by itself never got a request.
    assert set(asked["seen"]) == {now["api"], *([NAMED] if version == NAMED else [])}
    assert f"version {version} with *** listens" in said.err
    assert "a-very-secret-token" not in said.all
    assert said.out.count("(as before)") == 3
    assert up.claim() == ""


def test_a_migration_that_fails_stops_it_before_anything_is_rolled(up: Prod) -> None:
    before = up.ids()
    said = up.deploy("--version", STUCK)
    assert said.code == 3, said.all
    assert "migrate | column greeting is there already" in said.err
    assert "prod runs as before; what migrate did to the data is not rolled back" in said.err
    assert up.ids() == before


def test_a_dry_run_tells_a_changed_setting_and_touches_nothing(up: Prod) -> None:
    version = up.versions()["web"]
    before, volumes = up.ids(), docker("volume", "ls", "-q", "--filter", f"name={up.stand}")
    said = up.deploy("--version", version, "--dry-run", "--output", "json", GREETING="welcome")
    assert said.code == 0, said.all
    steps = {one["subject"]: one for one in json.loads(said.out)["plan"]["steps"]}
    assert (steps["api"]["act"], steps["api"]["cause"]) == ("roll", "config-changed")
    assert (steps["web"]["act"], steps["web"]["cause"]) == ("leave", "unchanged")
    assert up.ids() == before
    assert docker("volume", "ls", "-q", "--filter", f"name={up.stand}") == volumes


def test_what_is_missing_is_told_before_anything_is_touched(up: Prod) -> None:
    before = up.ids()
    secret = up.repository.root / "deploy/prod/secrets/token"
    kept = secret.read_text()
    secret.unlink()
    try:
        lacking = up.deploy()
    finally:
        secret.write_text(kept)
    assert lacking.code == 2, lacking.all
    assert "prod lacks the secret deploy/prod/secrets/token" in lacking.err
    assert "openssl rand -hex 24 > deploy/prod/secrets/token" in lacking.err
    unknown = up.deploy("--version", "9.9.9")
    assert unknown.code == 3, unknown.all
    assert "no registry has" in unknown.err
    silent = up.deploy("--registry", "127.0.0.1:1")
    assert silent.code == 3, silent.all
    assert "the registry of 127.0.0.1:1/" in silent.err
    assert "does not answer; nothing was touched" in silent.err
    odd = up.deploy("--version", "1;reboot")
    assert odd.code == 2, odd.all
    assert "cannot be the name of an image" in odd.err
    both = up.deploy("--rollback", "--version", "1.0.0")
    assert both.code == 2, both.all
    nobody = up.deploy("nobody")
    assert nobody.code == 2, nobody.all
    assert up.ids() == before


def test_of_two_deployments_from_two_checkouts_one_is_refused(up: Prod) -> None:
    _, following = now_and_next(up)
    other = Repository(up.repository.root.with_name("other"), up.repository.home / "other")
    shutil.copytree(up.repository.root, other.root, ignore=shutil.ignore_patterns(".seatrial"))
    (other.home / "run").mkdir(parents=True)
    words = ("deploy", "prod", "api", "--version", following, "--watch", WATCH)
    with up.repository.started(*words) as first:
        until(lambda: bool(up.claim()), "the claim of the first")
        second = other.seatrial(*words)
        assert second.code == 3, second.all
        assert f"prod is being deployed by process {first.process.pid} on " in second.err
        assert "--take-over" in second.err
        assert first.ended() == 0, first.text()
    assert up.claim() == ""
    assert up.versions()["api"] == following
    # Nothing is special about the checkout that deployed.
    again = other.seatrial(*words)
    assert again.code == 0, again.all
    assert "nothing to do" in again.out
    assert other.seatrial("ps", "prod").code == 0


def test_after_kill_9_the_next_deployment_completes_it_and_rollback_undoes_it(up: Prod) -> None:
    now, following = now_and_next(up)

    def side_by_side() -> bool:
        ones = [one for one in up.containers("api") if "-trial" not in one["Name"]]
        health = [one["State"].get("Health", {}).get("Status") for one in ones]
        return health == ["healthy", "healthy"]

    words = ("deploy", "prod", "api", "--version", following)
    with up.repository.started(*words, "--watch", "2") as deployment:
        until(side_by_side, "two versions side by side")
        deployment.process.kill()
        assert deployment.process.wait() == -signal.SIGKILL
    assert up.claim()
    said = up.deploy("api", "--version", following)
    assert said.code == 0, said.all
    assert "an earlier deployment was broken off" in said.out
    assert "because an earlier deployment got half way" in said.out
    assert f"-app:{now}@sha256:" in said.out
    assert up.versions()["api"] == following
    assert len(up.containers()) == 4
    assert up.claim() == ""
    migrated = up.migrations()
    back = up.deploy("--rollback", "api")
    assert back.code == 0, back.all
    assert up.versions()["api"] == now
    assert up.migrations() == migrated


@pytest.mark.parametrize("tried", [False, True], ids=["on trial", "beside the old one"])
def test_an_interrupt_goes_back_before_it_ends(up: Prod, tried: bool) -> None:
    _, following = now_and_next(up)
    before = up.ids()

    def is_there() -> bool:
        ones = [one for one in up.containers("api") if one["State"]["Running"]]
        return len(ones) == 2 and tried != any("-trial" in one["Name"] for one in ones)

    words = ("deploy", "prod", "api", "--version", following, "--watch", "4")
    with up.load("api") as asked, up.repository.started(*words) as one:
        until(is_there, "the next version")
        one.signal(signal.SIGINT)
        assert one.ended() == 130, one.text()
    assert asked["failed"] == []
    assert up.ids() == before
    assert len(up.containers("api")) == 1
    assert up.claim() == ""


def test_a_database_with_a_new_image_is_left_alone_until_it_is_forced(up: Prod) -> None:
    version = now_and_next(up)[0]
    up.push("2", name="store")
    before = up.ids()
    left = up.deploy("store", "--version", version, STORE_VERSION="2")
    assert left.code == 0, left.all
    assert "store keeps data and is left as it is (image-changed)" in left.out
    assert up.ids() == before
    forced = up.deploy("store", "--version", version, "--force", STORE_VERSION="2")
    assert forced.code == 0, forced.all
    assert "store was not there for" in forced.out
    assert up.versions()["store"] == "2"
    assert GOOD[0] in up.migrations()
    docker("volume", "inspect", f"{up.stand}-store")


def test_a_registry_that_is_gone_by_the_time_of_the_pull_is_told(shared: Prod) -> None:
    gone = f"127.0.0.1:1/{shared.stand}-app:1.0.0@sha256:{'0' * 64}"
    with pytest.raises(EnvironmentFailure, match="could not be pulled; nothing was touched"):
        asyncio.run(pull(Docker(Processes(environment()), {}), [gone]))
