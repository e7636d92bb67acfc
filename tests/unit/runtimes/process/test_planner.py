"""A compose project to what each service would run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from seatrial.composefile.load import load
from seatrial.errors import ConfigError, Refused
from seatrial.runtimes.process.builds import packages
from seatrial.runtimes.process.isolation.translate import Translate
from seatrial.runtimes.process.plan import ServicePlan
from seatrial.runtimes.process.planner import plan
from seatrial.runtimes.process.providers.custom import CustomProvider
from seatrial.runtimes.process.providers.redis import RedisProvider
from seatrial.toolchains.base import Toolchain

DOCKERFILE = """
FROM python:3.13-slim
WORKDIR /app
COPY . .
ENV PATH=/app/.venv/bin:$PATH VIRTUAL_ENV=/app/.venv UV_COMPILE_BYTECODE=1 MODE=image
ENV PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
HEALTHCHECK --interval=20s --retries=5 CMD python check.py
CMD ["uvicorn", "app:app"]
"""


class Repository:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("api/Dockerfile", DOCKERFILE)
        self.write("api/pyproject.toml", "")

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text))
        return file

    def plans(self, compose: str, **variables: str) -> dict[str, ServicePlan]:
        file = self.write("compose.yml", compose)
        providers = (CustomProvider({"mail*": ("mailhog", "{host}")}), RedisProvider())
        project = load((file,), variables)
        return {one.name: one for one in plan(project, providers, variables, Path("/scratch"))}

    def api(self, keys: str = "") -> ServicePlan:
        lines = "".join(f"    {line}\n" for line in dedent(keys).strip().splitlines())
        return self.plans(f"services:\n  api:\n    build: ./api\n{lines}")["api"]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_a_build_runs_what_its_image_would_start(repository: Repository) -> None:
    api = repository.api()
    assert (api.how, api.argv) == ("process", ("uvicorn", "app:app"))
    assert api.layout.folder == api.toolchain == repository.root / "api"
    assert api.env == {"MODE": "image"}
    assert api.awaited == (8000,)


def test_an_entrypoint_of_the_compose_file_drops_the_images_command(repository: Repository) -> None:
    assert repository.api("entrypoint: [python, x.py]").argv == ("python", "x.py")
    both = repository.api("entrypoint: [python]\ncommand: [x.py]")
    assert both.argv == ("python", "x.py")


def test_an_overridden_command_is_not_expected_to_listen(repository: Repository) -> None:
    worker = repository.api("command: python -m worker")
    assert (worker.awaited, worker.ports) == ((), (8000,))


def test_the_compose_files_timings_are_laid_over_the_images_check(repository: Repository) -> None:
    probe = repository.api("healthcheck: {interval: 3s, start_period: 4s}").probe
    assert probe is not None
    assert probe.argv == ("sh", "-c", "python check.py")
    assert (probe.interval, probe.timeout, probe.retries) == (3.0, 30.0, 5)
    assert probe.patience == 19.0


@pytest.mark.parametrize("check", ["{disable: true}", "{test: [NONE]}"])
def test_a_check_can_be_switched_off(repository: Repository, check: str) -> None:
    assert repository.api(f"healthcheck: {check}").probe is None


def test_an_image_that_a_sibling_builds_needs_no_provider(repository: Repository) -> None:
    plans = repository.plans("""
        services:
          api: {build: ./api, image: shop/api}
          worker: {image: shop/api, command: python -m worker}
        """)
    assert plans["worker"].argv == ("python", "-m", "worker")


def test_every_name_of_a_service_is_known(repository: Repository) -> None:
    api = repository.api("""
        container_name: api-1
        hostname: front
        networks: {default: {aliases: [web]}}
        """)
    assert api.names == ("api", "api-1", "front", "web")


def test_a_provider_takes_the_flags_and_hides_the_password(repository: Repository) -> None:
    cache = repository.plans("""
        services:
          cache: {image: "redis:7", command: redis-server --port 7000 --requirepass hunter2}
        """)["cache"]
    assert cache.server is not None
    assert cache.ports == cache.awaited == (7000,)
    assert cache.server.command == "valkey-server --port 7000 --requirepass '***'"


def test_a_command_of_ones_own_lifts_what_was_refused(repository: Repository) -> None:
    compose = "services:\n  mail: {image: 'mail/hog:1', privileged: true, ports: ['1025']}\n"
    mail = repository.plans(compose)["mail"]
    assert mail.server is not None
    assert mail.server.command == "mailhog '{host}'"


def test_an_unknown_field_of_ones_own_command_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "compose.yml"
    file.write_text("services:\n  mail: {image: mail}\n")
    with pytest.raises(ConfigError, match=r"unknown field \{prot\}"):
        plan(load((file,), {}), (CustomProvider({"mail": ("x", "{prot}")}),), {}, Path("/s"))


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ("volumes: ['./data:/data']", "only its code knows the container path /data"),
        ("volumes: ['cache:/var/cache/x']", "only its code knows the container path /var/cache/x"),
        ("volumes: ['/var/run/docker.sock:/var/run/docker.sock']", "the engine's socket"),
        ("secrets: [key]", "only its code knows the container path /run/secrets/key"),
        ("tmpfs: /scratch", "only its code knows the container path /scratch"),
    ],
)
def test_what_only_code_knows_is_refused_with_its_line(
    repository: Repository, keys: str, what: str
) -> None:
    compose = f"services:\n  api:\n    build: ./api\n    {keys}\n"
    extra = "volumes: {cache: {}}\nsecrets: {key: {file: ./key}}\n"
    with pytest.raises(Refused, match=what) as caught:
        repository.plans(compose + extra)
    assert caught.value.where is not None
    assert caught.value.where.line == 4


def test_a_path_that_a_variable_names_is_met(repository: Repository) -> None:
    plans = repository.plans(
        """
        services:
          api:
            build: ./api
            environment: {KEY_FILE: /run/secrets/key, DATA: /data/db, CONF: /etc/api/a.yml}
            secrets: [key]
            volumes: ["store:/data", "./conf:/etc/api:ro", "/app/node_modules", "./api:/app"]
            tmpfs: [/tmp]
          other:
            build: ./api
            command: ["python", "x.py", "/data/db"]
            volumes: ["store:/data"]
        volumes: {store: {}}
        secrets: {key: {environment: KEY}}
        """,
        KEY="k",
    )
    api = plans["api"]
    assert api.env["DATA"] == "/scratch/volumes/store/db" == plans["other"].argv[-1]
    assert api.env["KEY_FILE"] == "/scratch/granted/key"
    assert api.files == ((Path("/scratch/granted/key"), "k"),)
    assert api.layout.folder == repository.root / "api"


@pytest.mark.parametrize("base", ["nginx:1.27", "php:8-apache", "caddy"])
def test_the_program_of_a_base_image_is_refused_by_name(repository: Repository, base: str) -> None:
    file = repository.write("api/Dockerfile", f"\nFROM {base}\nCOPY . /usr/share/html\n")
    with pytest.raises(Refused, match=f"that of its base image {base}") as caught:
        repository.api()
    assert str(caught.value.where) == f"{file}:2"


def test_a_program_that_only_a_run_line_makes_is_refused_with_what_would_make_it(
    repository: Repository,
) -> None:
    file = repository.write(
        "api/Dockerfile",
        """\
        FROM node:22 AS build
        WORKDIR /app
        COPY . .
        RUN npm ci && make dist
        FROM node:22
        WORKDIR /app
        COPY --from=build /app/dist ./dist
        CMD ["node", "dist/main.js"]
        """,
    )
    with pytest.raises(Refused, match=r"it starts dist/main\.js, which the image builds") as caught:
        repository.api()
    assert str(caught.value.where) == f"{file}:4"
    assert "npm ci && make dist" in caught.value.what
    repository.write("api/dist/main.js", "")
    api = repository.api()
    assert (api.argv, api.layout.folder) == (("node", "dist/main.js"), repository.root / "api")


def test_what_a_build_line_makes_is_started_and_its_packages_are_the_stages(
    repository: Repository,
) -> None:
    repository.write("api/web/package.json", "{}")
    repository.write(
        "api/Dockerfile",
        """
        FROM node:22 AS deps
        WORKDIR /app
        COPY web/package.json ./
        RUN npm ci
        FROM deps AS build
        COPY web/ ./
        RUN NODE_ENV=production npm run build
        FROM node:22-slim
        WORKDIR /srv
        COPY --from=build /app/node_modules ./node_modules
        COPY --from=build /app/dist/ ./dist/
        ENV PAGES=/srv/dist/pages
        CMD ["node", "dist/main.js"]
        """,
    )
    api = repository.api()
    result = Path("/scratch/built/api/8/app")
    assert api.argv == ("node", "dist/main.js")
    assert api.env == {"PAGES": str(result / "dist/pages")}
    assert api.layout.folder == result
    assert api.toolchain == repository.root / "api/web"
    assert [one.taken for one in api.builds] == [("/app/dist",)]
    assert [line.run.text for line in api.builds[0].build.lines] == [
        "NODE_ENV=production npm run build"
    ]


def test_a_mount_over_the_result_needs_no_build(repository: Repository) -> None:
    repository.write(
        "api/Dockerfile",
        """
        FROM python:3.13
        WORKDIR /app
        COPY . .
        RUN python -m api.tables
        CMD ["python", "-m", "api"]
        """,
    )
    assert repository.api().builds
    mounted = repository.api('volumes: ["./api:/app"]')
    assert (mounted.builds, mounted.layout.folder) == ((), repository.root / "api")
    assert "RUN: not run: python -m api.tables (Dockerfile:5)" in mounted.changes


def test_python_finds_what_was_built_before_an_editable_installation(
    repository: Repository,
) -> None:
    repository.write(
        "api/Dockerfile",
        """
        FROM python:3.13
        WORKDIR /app
        COPY . .
        RUN python -m api.tables
        CMD ["python", "-m", "api"]
        """,
    )
    api, uv = repository.api(), Toolchain(repository.root / "api", "uv")
    app = Path("/scratch/built/api/5/app")
    assert packages(api.builds, api.layout.nearest, uv) == {"PYTHONPATH": f"{app}/src:{app}"}
    assert packages(api.builds, repository.root / "api", uv) == {}
    assert packages(api.builds, app, replace(uv, kind="npm")) == {}


def test_a_build_line_after_one_that_cannot_be_run_is_not_run(repository: Repository) -> None:
    repository.write(
        "api/Dockerfile",
        """
        FROM node:24
        WORKDIR /app
        COPY . .
        RUN make words
        RUN npm run build
        CMD ["node", "main.js"]
        """,
    )
    repository.write("api/main.js", "")
    api = repository.api()
    assert api.builds == ()
    assert [change for change in api.changes if change.startswith("RUN")] == [
        "RUN: not run: make words (Dockerfile:5)",
        "RUN: not run: npm run build (Dockerfile:6)",
    ]


def test_a_build_takes_what_another_build_made(repository: Repository) -> None:
    repository.write(
        "api/Dockerfile",
        """
        FROM node:24 AS styles
        WORKDIR /styles
        COPY styles/ ./
        RUN npx sass in.scss out.css
        FROM node:24 AS build
        WORKDIR /app
        COPY web/ ./
        COPY --from=styles /styles/out.css ./public/
        RUN npm run build
        FROM node:24
        WORKDIR /app
        COPY --from=build /app/dist ./dist
        CMD ["node", "dist/main.js"]
        """,
    )
    repository.write("api/styles/in.scss", "")
    repository.write("api/web/package.json", "{}")
    (one,) = repository.api().builds
    (origin,) = one.build.origins
    assert origin.where.line == 5
    assert one.build.lines[0].sources[-1].path == "/app/public/out.css"
    assert one.build.lines[0].sources[-1].host == origin.folder / "styles/out.css"


def test_a_script_in_a_built_folder_is_given_to_its_interpreter(repository: Repository) -> None:
    repository.write("api/start.sh", '#!/bin/bash\nexec "$@"\n')
    repository.write(
        "api/Dockerfile",
        """
        FROM python:3.13
        WORKDIR /app
        COPY . .
        RUN python -m api.tables
        ENTRYPOINT ["/app/start.sh"]
        CMD ["python", "-m", "api"]
        """,
    )
    started = "/scratch/built/api/5/app/start.sh"
    assert repository.api().argv == ("bash", started, "python", "-m", "api")


def test_all_that_is_refused_is_said_at_once(repository: Repository) -> None:
    with pytest.raises(Refused, match="service a:") as caught:
        repository.plans("services:\n  a: {image: mongo}\n  b: {image: rabbitmq}\n")
    assert [line.partition(" (")[0] for line in caught.value.detail] == [
        f"also {repository.root}/compose.yml:3: service b: "
        "nothing here stands in for the image rabbitmq"
    ]


def test_what_a_run_line_installs_is_said(repository: Repository) -> None:
    repository.write(
        "api/Dockerfile",
        """
        FROM python:3.13
        RUN apt-get update && apt-get install -y --no-install-recommends curl libpq-dev \\
            && rm -rf /var/lib/apt/lists/*
        RUN pip install --no-cache-dir -r requirements.txt
        RUN useradd app && ./configure --all
        CMD ["python", "-V"]
        """,
    )
    changes = [change for change in repository.api().changes if change.startswith("RUN")]
    assert changes == [
        "RUN: curl, libpq-dev must be on this machine where needed",
        "RUN: not run: useradd app && ./configure --all (Dockerfile:6)",
    ]


def test_a_dry_run_shows_no_secret(repository: Repository, tmp_path: Path) -> None:
    api = repository.api("""
        command: [serve, --db, "postgres://me:hunter2x@db/app"]
        environment: {API_TOKEN: tok-12345}
        """)
    site = Translate(tmp_path, 0).preview([api.wanted])
    assert api.detail(site).command == "serve --db postgres://me:***@db/app"
    assert api.redacted(("got tok-12345",)) == ("got ***",)


def test_an_image_made_from_a_providers_is_served_with_what_was_copied(
    repository: Repository,
) -> None:
    repository.write("api/Dockerfile", "\nFROM redis:7\nCOPY redis.conf /etc/redis.conf\n")
    conf = repository.write("api/redis.conf", "")
    api = repository.api("command: redis-server /etc/redis.conf --loglevel warning")
    assert api.server is not None
    assert api.server.command == f"valkey-server {conf} --loglevel warning"


def test_named_volumes_are_kept_where_there_is_a_place_for_them(repository: Repository) -> None:
    file = repository.write(
        "compose.yml",
        """
        services:
          cache: {image: "redis:7", volumes: ["store:/data"]}
          bound: {image: "redis:7", volumes: ["./here:/data"]}
          fresh: {image: "redis:7", tmpfs: [/data]}
          api:
            build: ./api
            environment: {FILES: /files/a, SCRATCH: /scratch}
            volumes: ["files:/files", "/scratch"]
        volumes: {store: {}, files: {}}
        """,
    )
    project, providers = load((file,), {}), (RedisProvider(),)
    kept = Path("/kept")
    plans = {one.name: one for one in plan(project, providers, {}, Path("/s"), kept)}
    assert plans["cache"].data == kept / "store"
    assert plans["bound"].data == kept / "bound-data"
    assert plans["fresh"].data is None
    assert plans["api"].env["FILES"] == "/kept/files/a"
    assert plans["api"].env["SCRATCH"] == "/s/volumes/api-scratch"
    assert [plans[name].stop_signal for name in ("cache", "fresh")] == ["SIGTERM", "SIGKILL"]
