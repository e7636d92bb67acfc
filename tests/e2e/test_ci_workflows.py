"""The workflows that `seatrial new` writes, run job by job and step by step as a runner does.

Every script is run by bash in a clone of a real repository, with seatrial installed from its wheel;
releases go to a real registry.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from seatrial import __version__
from tests.support.docker import forget_images_of
from tests.support.forge import Event, Forge, Run, git
from tests.support.history import Checkout
from tests.support.program import Repository
from tests.support.registry import PASSWORD, USER, Shelf, shelf
from tests.support.scaffold import NO_ENGINE

SOURCE = Path(__file__).parents[2]
FORGES = ("github", "gitea")
EVIL = 'zzz";echo${IFS}"hello";#'
# The same, with a trace that no output hides.
LEAVING = 'zzz";touch${IFS}"pwned";#'
IMAGE = """\
FROM python:3.13-slim
WORKDIR /app
COPY one ./one
USER 65534
CMD ["python", "-m", "one"]
"""
# The job of the pattern: a container of the job's own beside `make test`.
SEED = """\
on:
  push:
    tags: ["v[0-9]+.[0-9]+.[0-9]+*"]
jobs:
  test:
    runs-on: ubuntu-latest
    services:
      postgres:
        image: postgres:18
        env:
          POSTGRES_PASSWORD: test
        ports: ["5432"]
        options: --health-cmd pg_isready --health-interval 1s
    steps:
      - uses: actions/checkout@v4
      - uses: astral-sh/setup-uv@v6
      - run: make test
        env:
          TEST_DATABASE_URL: >-
            postgresql://postgres:test@127.0.0.1:${{ job.services.postgres.ports['5432'] }}/postgres
"""
DATABASE = """\
import os
import socket
from urllib.parse import urlsplit


def test_the_database_of_the_job_answers() -> None:
    url = urlsplit(os.environ["TEST_DATABASE_URL"])
    with socket.create_connection((url.hostname, url.port), timeout=10) as peer:
        # May we speak TLS? PostgreSQL says N or S.
        peer.sendall(bytes((0, 0, 0, 8, 4, 210, 22, 47)))
        assert peer.recv(1) in (b"N", b"S")
"""
BROKEN = "def test_it() -> None:\n    assert max(1, 2) == 3\n"
TOGETHER = "def test_all_services_together() -> None:\n    assert {answer} == 42\n"


@dataclass(frozen=True)
class Shop:
    """A repository with its history: the commits of the events that tests make."""

    origin: Path
    name: str
    wheels: Path
    first: str
    second: str
    commits: dict[str, str]

    def forge(self, place: Path, kind: str, **machine: str) -> Forge:
        """Return a server with this repository, whose machines have no engine unless said so."""
        made = {**NO_ENGINE, **machine}
        made |= {"NO_COLOR": "1", "UV_FIND_LINKS": str(self.wheels)}
        # One store of downloads, and nothing to wait for once it is filled.
        made |= {"UV_CACHE_DIR": said("uv", "cache", "dir"), "UV_OFFLINE": "1"}
        return Forge(self.origin, place, kind, machine=made)

    def pushed(self, before: str, after: str, branch: str = "main") -> Event:
        return Event("push", f"refs/heads/{branch}", after, before=before)

    def pull_request(self, change: str, head: str = "feature", base: str = "main") -> Event:
        commit = self.commits[change]
        return Event("pull_request", "refs/pull/1/merge", commit, base=base, head=head)


def said(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def fill_cache(maker: Repository, root: Path, wheels: Path) -> None:
    """Fetch what the machines will need, once."""
    tools = {"UV_TOOL_DIR": str(maker.home / "tools"), "UV_TOOL_BIN_DIR": str(maker.home / "bin")}
    everything = {**maker.environment, **tools, "UV_FIND_LINKS": str(wheels)}
    for words in (
        ("uv", "tool", "install", "-q", f"seatrial[local]=={__version__}"),
        ("make", "-s", "-C", str(root), "lint"),
    ):
        subprocess.run(words, env=everything, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["git", "clean", "-qfdx"], cwd=root, check=True)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    place = tmp_path_factory.mktemp("ci")
    words = ["uv", "build", "-q", "--wheel", "--out-dir", str(place / "wheels"), str(SOURCE)]
    subprocess.run(words, check=True)
    (place / "home").mkdir()
    name = f"st{secrets.token_hex(3)}"
    maker = Repository(place, place / "home")
    services = ("--service", "one:python-lib", "--service", "two:python-lib")
    made = maker.seatrial("new", "shop", "--name", name, "--yes", "--ci", "both", *services)
    assert made.code == 0, made.all
    repo = Checkout(place / "shop")
    repo.git("symbolic-ref", "HEAD", "refs/heads/main")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repo.write("services/one/Dockerfile", IMAGE)
    repo.write("tests/integration/test_together.py", TOGETHER.format(answer=42))
    repo.write("seatrial.toml", f'[release]\nrepository = "{name}-{{service}}"\n')
    first = repo.commit("Begin")
    fill_cache(maker, repo.root, place / "wheels")
    changes = {
        "two": ("services/two/two/more.py", "MORE = 1\n"),
        "broken": ("services/two/tests/unit/test_broken.py", BROKEN),
        "document": ("docs/idea.md", "# An idea\n"),
        "database": ("tests/integration/test_database.py", DATABASE),
        "untogether": ("tests/integration/test_together.py", TOGETHER.format(answer=41)),
    }
    commits = {}
    for change, (path, text) in changes.items():
        repo.git("switch", "-q", "-c", change, first)
        repo.write(path, text)
        if change == "database":
            repo.write(".github/workflows/seed.yml", SEED)
        commits[change] = repo.commit(f"Change {change}")
    repo.git("switch", "-q", "-c", "libraries", first)
    repo.git("rm", "-q", "services/one/Dockerfile")
    commits["libraries"] = repo.commit("Build no image")
    repo.git("switch", "-q", "main")
    repo.write("services/one/one/more.py", "MORE = 1\n")
    repo.write("tests/integration/test_more.py", TOGETHER.format(answer=42))
    second = repo.commit("Change one")
    for branch in (EVIL, LEAVING):
        repo.git("branch", branch, first)
    return Shop(repo.root, name, place / "wheels", first, second, commits)


def test_a_push_tests_the_services_that_it_changes(shop: Shop, tmp_path: Path) -> None:
    forge = shop.forge(tmp_path, "github")
    run = forge.run("test.yml", shop.pushed(shop.first, shop.second))
    assert run.results() == {
        "What changed": "success",
        "Lint": "success",
        "one": "success",
        "integration": "success",
        "Passed": "success",
        "Keep the times": "success",
    }, run.told()
    assert "21 tests" in run.step("one", "Unit and service tests").said
    # The next run knows the times of this one, in all its jobs. Where no service changed, the tests
    # of all together run nevertheless, and may fail.
    run = forge.run("test.yml", shop.pull_request("untogether"))
    assert run.results() == {
        "What changed": "success",
        "Lint": "success",
        "test": "skipped",
        "integration": "failure",
        "Passed": "failure",
        "times": "skipped",
    }
    assert "the longest about" in run.step("What changed", "Find the services to test").said
    assert run.step("integration", "Fetch how long tests took before").said.startswith("restored")


def test_a_pull_request_tests_what_it_changes(shop: Shop, tmp_path: Path) -> None:
    run = shop.forge(tmp_path, "github").run("test.yml", shop.pull_request("two"))
    assert run.results() == {
        "What changed": "success",
        "Lint": "success",
        "two": "success",
        "integration": "skipped",
        "Passed": "success",
        "times": "skipped",
    }, run.told()


def test_a_change_that_touches_no_test_starts_no_job_and_passes(shop: Shop, tmp_path: Path) -> None:
    event = shop.pushed(shop.first, shop.commits["document"])
    run = shop.forge(tmp_path, "github").run("test.yml", event)
    assert run.results() == {
        "What changed": "success",
        "Lint": "success",
        "test": "skipped",
        "integration": "skipped",
        "Passed": "success",
        "Keep the times": "success",
    }, run.told()


def test_a_failure_ends_the_run_before_the_next_stage(shop: Shop, tmp_path: Path) -> None:
    run = shop.forge(tmp_path, "github").run("test.yml", shop.pull_request("broken"))
    assert {name: run.results()[name] for name in ("two", "integration", "Passed")} == {
        "two": "failure",
        "integration": "skipped",
        "Passed": "failure",
    }
    assert "test_broken" in run.step("two", "Unit and service tests").said


def test_on_gitea_each_service_has_a_job_that_ends_early_where_nothing_touches_it(
    shop: Shop, tmp_path: Path
) -> None:
    run = shop.forge(tmp_path, "gitea").run("test.yml", shop.pull_request("two"))
    assert set(run.results().values()) == {"success"}, run.told()
    assert list(run.results()) == ["Lint", "one", "two", "integration"]
    assert run.step("one", "Unit and service tests").result == "skipped"
    assert run.step("integration", "Integration tests").result == "skipped"
    assert "21 tests" in run.step("two", "Unit and service tests").said


def test_on_gitea_a_push_is_compared_with_what_was_there(shop: Shop, tmp_path: Path) -> None:
    run = shop.forge(tmp_path, "gitea").run("test.yml", shop.pushed(shop.first, shop.second))
    assert set(run.results().values()) == {"success"}, run.told()
    assert run.step("two", "Unit and service tests").result == "skipped"
    assert run.step("integration", "Integration tests").result == "success"


@pytest.mark.parametrize("kind", FORGES)
def test_a_branch_whose_name_is_a_command_is_a_name(shop: Shop, tmp_path: Path, kind: str) -> None:
    forge = shop.forge(tmp_path, kind)
    event = shop.pull_request("document", head=LEAVING, base=EVIL)
    run = forge.run("test.yml", event)
    assert "failure" not in run.results().values(), run.told()
    assert untouched(run, forge)
    # A push to such a branch, should somebody let one start the workflow.
    run = forge.run("test.yml", shop.pushed(shop.first, shop.first, branch=LEAVING))
    assert "failure" not in run.results().values(), run.told()
    assert untouched(run, forge)


def untouched(run: Run, forge: Forge) -> bool:
    """Return whether no script had the name in it, and nothing was run of it."""
    in_scripts = [step.name for step in run.scripts() if "zzz" in step.script]
    said_so = [step.name for step in run.scripts() if "hello" in step.said.split()]
    left = list(forge.place.rglob("pwned"))
    return not in_scripts and not said_so and not left


@pytest.fixture
def images(tmp_path: Path) -> Iterator[Shelf]:
    with shelf(tmp_path / "registry", login=True) as one:
        yield one


def asked(images: Shelf, path: str) -> dict[str, list[str]]:
    """Return a document of the registry, as a user who is let in."""
    login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    request = urllib.request.Request(
        f"http://{images.address}/v2/{path}", headers={"Authorization": f"Basic {login}"}
    )
    with urllib.request.urlopen(request) as answer:
        found: dict[str, list[str]] = json.load(answer)
        return found


def tags(images: Shelf, image: str) -> set[str]:
    return set(asked(images, f"{image}/tags/list")["tags"])


def catalog(images: Shelf) -> list[str]:
    return asked(images, "_catalog")["repositories"]


def releasing(shop: Shop, place: Path, kind: str, images: Shelf) -> Forge:
    """Return a server that releases to ``images``, which asks for a login, and has an engine."""
    forge = shop.forge(place, kind, DOCKER_HOST=os.environ["DOCKER_HOST"])
    forge.variables |= {"REGISTRY": f"{images.address}/team", "REGISTRY_USER": USER}
    forge.secrets |= {"REGISTRY_PASSWORD": PASSWORD, "GITHUB_TOKEN": "other"}
    return forge


@pytest.mark.engine
@pytest.mark.parametrize("kind", FORGES)
def test_a_tag_is_tested_built_and_pushed(
    shop: Shop, tmp_path: Path, images: Shelf, kind: str
) -> None:
    forge, image = releasing(shop, tmp_path, kind, images), f"team/{shop.name}-one"
    with tagged(shop, "v1.2.3", images) as event:
        run = forge.run("release.yml", event)
    assert set(run.results().values()) == {"success"}, run.told()
    assert tags(images, image) == {"1.2.3", "1.2", "1", "latest"}
    with tagged(shop, "v1.2.4-rc.1", images) as event:
        run = forge.run("release.yml", event)
    assert "failure" not in run.results().values(), run.told()
    assert tags(images, image) == {"1.2.3", "1.2", "1", "latest", "1.2.4-rc.1"}
    if kind == "github":
        assert run.results()["Build one"] == "success"
    else:
        with tagged(shop, "one/v1.3.0", images) as event:
            run = forge.run("release.yml", event)
        assert "failure" not in run.results().values(), run.told()
        assert {"1.3.0", "1.3"} < tags(images, image)
    assert catalog(images) == [image]
    assert PASSWORD not in "".join(step.said for step in run.scripts())


@pytest.mark.parametrize("kind", FORGES)
def test_a_tag_of_a_repository_without_images_is_tested_and_nothing_is_pushed(
    shop: Shop, tmp_path: Path, kind: str
) -> None:
    """No registry is set up for it either."""
    commit = shop.commits["libraries"]
    git(shop.origin, "tag", "v2.0.0", commit)
    try:
        run = shop.forge(tmp_path, kind).run(
            "release.yml", Event("push", "refs/tags/v2.0.0", commit)
        )
    finally:
        git(shop.origin, "tag", "-d", "v2.0.0")
    assert set(run.results().values()) <= {"success", "skipped"}, run.told()
    assert run.results()["Test"] == "success"
    job = "Plan" if kind == "github" else "Build and push"
    said = run.step(job, "See whether there is an image to release").said
    assert "there is no image to release" in said
    assert run.step(job, "Log in to the registry").result == "skipped"


@pytest.mark.engine
@pytest.mark.parametrize("kind", FORGES)
def test_a_tag_that_is_a_command_is_refused_and_nothing_is_pushed(
    shop: Shop, tmp_path: Path, images: Shelf, kind: str
) -> None:
    forge = releasing(shop, tmp_path, kind, images)
    for name in (f"v1.2.3{EVIL}", f"v1.2.3-{LEAVING}", "v1.02.3"):
        with tagged(shop, name, images) as event:
            run = forge.run("release.yml", event)
        assert "failure" in run.results().values()
        (failed,) = [s for job in run.jobs for s in job.steps if s.result == "failure"]
        assert "is no version" in failed.said
        assert untouched(run, forge)
    assert catalog(images) == []


@pytest.mark.engine
def test_the_job_of_the_pattern_finds_the_database_that_it_brought(
    shop: Shop, tmp_path: Path
) -> None:
    forge = shop.forge(tmp_path, "github", DOCKER_HOST=os.environ["DOCKER_HOST"])
    run = forge.run("seed.yml", Event("push", "refs/tags/v9.0.0", shop.commits["database"]))
    assert run.results() == {"test": "success"}, run.told()
    (tests,) = run.scripts()
    assert "integration:integration  2 passed" in tests.said


@contextmanager
def tagged(shop: Shop, name: str, images: Shelf) -> Iterator[Event]:
    """Tag the second commit for as long as the block; leave no image of it on the engine."""
    git(shop.origin, "tag", name, shop.second)
    try:
        yield Event("push", f"refs/tags/{name}", shop.second, before="0" * 40)
    finally:
        git(shop.origin, "tag", "-d", name)
        forget_images_of(f"{images.address}/team/*")
