"""What a deployment on one machine will do and why, from files and containers: as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from seatrial.composefile.load import load
from seatrial.composefile.model import ComposeProject
from seatrial.deploy.compose.model import Placed, Survey, ran_before, running
from seatrial.deploy.compose.plan import in_order, make
from seatrial.deploy.model import Order, To
from seatrial.errors import UsageError
from seatrial.render.choose import Choice, Display
from seatrial.render.deploy import plan_lines
from seatrial.runtimes.docker.containers import Binding, Container
from seatrial.runtimes.docker.standing.look import Stood
from seatrial.runtimes.docker.waves import must_end

STACK = """
    services:
      web:
        image: r/web:2
        build: .
        ports: ["80:8000"]
        healthcheck: {test: [CMD, check]}
        depends_on: {api: {condition: service_healthy}}
      api:
        image: r/api:2
        build: .
        healthcheck: {test: [CMD, check]}
        depends_on: {migrate: {condition: service_completed_successfully}}
      migrate:
        image: r/api:2
        build: .
        depends_on: {database: {condition: service_healthy}}
      database:
        image: postgres:16
        volumes: ["data:/var/lib/postgresql/data"]
        healthcheck: {test: [CMD, check]}
    volumes: {data: {}}
"""


class Ground:
    """A compose file, and the containers that were made from it or from an earlier one."""

    def __init__(self, folder: Path, text: str = STACK) -> None:
        file = folder / "docker-compose.yml"
        file.write_text(dedent(text).lstrip("\n"))
        self.project: ComposeProject = load((file,), {})
        self.placed: dict[str, tuple[Placed, ...]] = {}
        # Services of which no earlier image is known.
        self.unknown: tuple[str, ...] = ()

    def has(
        self,
        service: str,
        *,
        image: bool = True,
        config: bool = True,
        status: str = "running",
        code: int = 0,
        port: int = 0,
        nameless: tuple[str, ...] = (),
        addresses: tuple[str, ...] = (),
    ) -> Ground:
        """Put a container there; ``image`` and ``config`` say whether they are what is wanted."""
        number = len(self.placed.get(service, ())) + 1
        bindings = (Binding(8000, "tcp", "0.0.0.0", port),) if port else ()
        container = Container(
            id=f"{service}-{number}",
            service=service,
            number=number,
            pid=1,
            status=status,
            exit_code=code,
            oom=False,
            health="healthy" if status == "running" else "",
            test=(),
            probe="",
            bindings=bindings,
        )
        stood = Stood(container, f"p-{service}-{number}", "", True, "no", 0, "")
        word = "2" if image else "1"
        image_of = f"r/{service}:{word}"
        one = Placed(stood, image_of, f"sha256:{word}", image, config, nameless, addresses)
        self.placed[service] = (*self.placed.get(service, ()), one)
        return self

    def plan(self, **changes: object) -> list[str]:
        """Return the lines of ``--dry-run``, without the first one and the pulls."""
        order = replace(Order("prod", To.COMPOSE), **changes)  # type: ignore[arg-type]
        images: Mapping[str, str] = {
            name: f"{service.image}@sha256:{name}"
            for name, service in self.project.services.items()
            if name not in self.unknown
        }
        survey = Survey(
            self.project, images, self.placed, running(self.placed, must_end(self.project))
        )
        choice = Choice(Display.PLAIN, colour=False, ascii=True, width=100)
        lines = plan_lines(make(order, survey, "shop", "engine 28"), choice)
        return [" ".join(line.split()) for line in lines[1:] if " pull " not in line]


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path)


def all_up(ground: Ground, *, image: bool = True) -> Ground:
    ground.has("database").has("migrate", status="exited", image=image)
    return ground.has("api", image=image).has("web", image=image, port=80)


def test_the_first_deployment_starts_all_in_the_order_of_their_needs(ground: Ground) -> None:
    assert ground.plan() == [
        "start database because nothing runs yet, postgres:16@sha256:database",
        "migrate migrate because nothing runs yet, r/api:2@sha256:migrate",
        "start api because nothing runs yet, r/api:2@sha256:api",
        "start web because nothing runs yet, r/web:2@sha256:web",
    ]


def test_a_new_version_migrates_once_then_rolls_or_replaces(ground: Ground) -> None:
    assert all_up(ground, image=False).plan() == [
        "note: what migrate does to the data is not rolled back",
        "note: web has the fixed host port 80: it is not reached while one container makes way for"
        " the next (`--proxy` puts a proxy in front)",
        "leave database because nothing changed",
        "migrate migrate because its image changed, r/api:2@sha256:migrate",
        "roll api because its image changed, r/api:2@sha256:api",
        "replace web because its image changed, r/web:2@sha256:web",
    ]


def test_what_is_as_it_should_be_is_left_alone(ground: Ground) -> None:
    assert all_up(ground).plan()[-1] == "prod: nothing to do, all that was asked for runs"


def test_the_way_back_runs_no_migration(ground: Ground) -> None:
    lines = all_up(ground, image=False).plan(rollback=True)
    assert "leave migrate because no migration runs on the way back" in lines
    assert lines[0].startswith("note: images go back, settings do not")


def test_the_way_back_leaves_a_service_alone_that_came_with_the_new_version(
    ground: Ground,
) -> None:
    ground.unknown = ("web",)
    lines = all_up(ground, image=False).plan(rollback=True)
    assert lines[-1] == "leave web because it was not asked for"


def test_what_a_dead_deployment_left_is_completed(ground: Ground) -> None:
    all_up(ground).has("api", image=False)
    lines = ground.plan()
    assert "roll api because an earlier deployment got half way, r/api:2@sha256:api" in lines


def test_a_service_that_is_down_is_started_as_it_is(ground: Ground) -> None:
    ground.has("database", status="exited").has("migrate", status="exited")
    ground.has("api").has("web")
    assert "start database because it is not up, postgres:16@sha256:database" in ground.plan()


def test_a_migration_that_did_not_end_well_runs_again(ground: Ground) -> None:
    ground.has("database").has("migrate", status="exited", code=1).has("api").has("web")
    line = "migrate migrate because an earlier deployment got half way, r/api:2@sha256:migrate"
    assert line in ground.plan()


def test_a_changed_database_waits_for_force(ground: Ground) -> None:
    ground.has("database", image=False).has("migrate", status="exited").has("api").has("web")
    lines = ground.plan()
    assert "leave database because it keeps data; --force replaces it" in lines
    assert lines[0].startswith("note: database keeps data and is left as it is (image-changed)")
    forced = ground.plan(force=True)
    assert "replace database because its image changed, postgres:16@sha256:database" in forced
    assert forced[0].startswith("note: database keeps data in data, which two containers must not")


def test_one_service_comes_with_its_migration_and_leaves_the_others(ground: Ground) -> None:
    assert all_up(ground, image=False).plan(services=("api",))[1:] == [
        "leave database because it was not asked for",
        "migrate migrate because its image changed, r/api:2@sha256:migrate",
        "roll api because its image changed, r/api:2@sha256:api",
    ]
    with pytest.raises(UsageError, match="prod has no service 'nobody'"):
        ground.plan(services=("nobody",))


def test_what_the_files_have_no_more_is_removed_unless_one_service_is_meant(
    ground: Ground,
) -> None:
    all_up(ground).has("old")
    assert ground.plan()[-1] == "remove old because the files have it no more"
    assert not any("old" in line for line in ground.plan(services=("api",)))


def test_a_port_that_another_service_still_has_is_a_gap_and_is_said(tmp_path: Path) -> None:
    ground = Ground(
        tmp_path,
        """
        services:
          web: {image: "r/web:2", build: ., healthcheck: {test: [CMD, check]}}
          proxy: {image: "nginx:1", ports: ["80:80"], depends_on: [web]}
        """,
    ).has("web", config=False, port=80)
    assert ground.plan() == [
        "note: proxy has the fixed host port 80: it is not reached while one container makes way"
        " for the next (`--proxy` puts a proxy in front)",
        "roll web because its settings changed, r/web:2@sha256:web",
        "start proxy because it is not up, nginx:1@sha256:proxy",
    ]


def test_what_is_gone_and_has_a_port_or_name_makes_room_first(tmp_path: Path) -> None:
    ground = Ground(
        tmp_path,
        """
        services:
          api: {image: "r/api:2", healthcheck: {test: [CMD, check]}}
          gate: {image: "r/gate:2", ports: ["80:80"], depends_on: [api]}
          mail: {image: "r/mail:2", container_name: p-post-1}
        """,
    )
    ground.has("api").has("old").has("door", port=80).has("post")
    assert ground.plan()[1:] == [
        "leave api because nothing changed",
        "remove door because the files have it no more",
        "start gate because it is not up, r/gate:2@sha256:gate",
        "remove post because the files have it no more",
        "start mail because it is not up, r/mail:2@sha256:mail",
        "remove old because the files have it no more",
    ]


def test_another_number_of_containers_is_a_cause_and_none_is_a_removal(tmp_path: Path) -> None:
    text = "services: {web: {image: r/web:2, deploy: {replicas: %d}}}"
    line = "start web because the files want another number of containers, r/web:2@sha256:web"
    more = Ground(tmp_path, text % 2).has("web")
    assert more.plan() == [f"{line}, 2 containers"]
    assert Ground(tmp_path, text % 1).has("web").has("web").plan() == [line]
    none = Ground(tmp_path, text % 0).has("web", image=False)
    assert none.plan() == ["remove web because the files want another number of containers"]


def test_a_fixed_address_cannot_be_shared(tmp_path: Path) -> None:
    text = "services: {web: {image: r/web:2, build: ., healthcheck: {test: [CMD, check]}}}"
    lines = Ground(tmp_path, text).has("web", image=False, addresses=("10.1.2.3",)).plan()
    assert lines[0].startswith("note: web has the fixed address 10.1.2.3, which two containers")
    assert lines[1].startswith("replace web")


def test_what_only_compose_can_recreate_does_not_get_its_settings_back_and_is_told_of(
    tmp_path: Path,
) -> None:
    text = "services: {api: {image: r/api:2, build: ., healthcheck: {test: [CMD, check]}}}"
    files = ("/files",)
    same = Ground(tmp_path, text).has("api", image=False, nameless=files).plan()
    assert not any("its image goes back" in line for line in same)
    other = Ground(tmp_path, text).has("api", config=False, nameless=files).plan()
    assert other[1].startswith("note: api is recreated by Compose: where that fails, its image")


@pytest.mark.parametrize(
    ("settings", "note"),
    [
        ("container_name: api", "api has the fixed container_name api, which two containers"),
        ("network_mode: host", "api has the fixed network_mode host, which two containers"),
        ('volumes: ["./files:/files"]', "which two containers must not share"),
        ('ports: ["8000:8000"]', "api has the fixed host port 8000"),
        ('ports: ["8000-8010:8000"]', ""),
        ('ports: ["8000"]', ""),
        ('volumes: ["./files:/files:ro"]', ""),
    ],
)
def test_only_what_two_containers_can_share_is_rolled(
    tmp_path: Path, settings: str, note: str
) -> None:
    text = f"""
    services:
      api:
        image: r/api:2
        build: .
        healthcheck: {{test: [CMD, check]}}
        {settings}
    """
    lines = Ground(tmp_path, text).has("api", image=False).plan()
    act = "replace" if note else "roll"
    assert lines[-1] == f"{act} api because its image changed, r/api:2@sha256:api"
    assert note in lines[0]


def test_a_volume_without_a_name_is_data_too(tmp_path: Path) -> None:
    text = """
    services:
      cache: {image: "r/cache:2", healthcheck: {test: [CMD, check]}}
      api: {image: "r/api:2", build: ., healthcheck: {test: [CMD, check]}}
    """
    ground = Ground(tmp_path, text).has("cache", image=False, nameless=("/data",))
    assert ground.has("api", image=False, nameless=("/files",)).plan() == [
        "note: cache keeps data and is left as it is (image-changed); --force replaces it",
        "note: api keeps data in /files, which two containers must not share: it is gone while one"
        " makes way for the next",
        "leave cache because it keeps data; --force replaces it",
        "replace api because its image changed, r/api:2@sha256:api",
    ]


def test_a_service_that_nothing_checks_is_told_of(tmp_path: Path) -> None:
    text = """
    services:
      api: {image: "r/api:2", build: .}
    """
    lines = Ground(tmp_path, text).has("api", image=False).plan()
    assert lines[0] == ("note: api has no health check: that it runs is all that can be seen of it")


def test_one_shots_come_as_early_as_what_they_wait_for_allows(tmp_path: Path) -> None:
    text = """
    services:
      beside: {image: a, network_mode: "service:web"}
      web: {image: a, depends_on: [api]}
      mail: {image: a}
      api: {image: a, depends_on: {migrate: {condition: service_completed_successfully}}}
      migrate: {image: a, depends_on: [database]}
      database: {image: a}
    """
    assert in_order(Ground(tmp_path, text).project) == (
        "database",
        "migrate",
        "mail",
        "api",
        "web",
        "beside",
    )


def test_the_way_back_never_starts_two_versions_at_once(ground: Ground) -> None:
    ground.has("database", image=False, status="exited").has("database", image=False)
    assert [one.id for one in ran_before(ground.placed["database"], 1)] == ["database-2"]
    ground.has("api", image=False, status="exited").has("api", image=False, status="created")
    assert [one.id for one in ran_before(ground.placed["api"], 1)] == ["api-1"]
