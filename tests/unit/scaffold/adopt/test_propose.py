"""What would be written into repositories of different shapes."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from seatrial.config import Config, parse
from seatrial.discover import discover, load_config
from seatrial.errors import ConfigError, EnvironmentFailure, NoTests, UsageError
from seatrial.model.project import Stage, Suite
from seatrial.scaffold.adopt.find import look
from seatrial.scaffold.adopt.model import Proposal
from seatrial.scaffold.adopt.propose import propose
from seatrial.scaffold.adopt.writing import write
from tests.support.program import PROJECTS
from tests.unit.scaffold.adopt.conftest import Lay

UNTESTED = "untested"
SHAPES = sorted(path.name for path in (PROJECTS / "adopt").iterdir())


def proposal(root: Path) -> Proposal:
    config = load_config(root) if (root / "seatrial.toml").exists() else None
    return propose(look(root, config, None))


def adopted(shape: str, place: Path) -> tuple[Proposal, dict[str, Suite]]:
    """Return what was proposed for a shape, and the suites that it has once that is written."""
    root = place / shape
    shutil.copytree(PROJECTS / "adopt" / shape, root)
    plan = proposal(root)
    write(plan)
    if shape == UNTESTED:
        return plan, {}
    found = discover(root, load_config(root), has_program=lambda _name: True)
    return plan, {suite.id: suite for suite in found.suites}


def told(plan: Proposal) -> dict[str, str]:
    return {file.path: file.text for file in plan.missing}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_second_look_finds_nothing_missing(shape: str, tmp_path: Path) -> None:
    plan, _ = adopted(shape, tmp_path)
    assert proposal(plan.findings.root).missing == ()


@pytest.mark.parametrize("shape", SHAPES)
def test_no_file_that_was_there_is_another_one(shape: str, tmp_path: Path) -> None:
    source = PROJECTS / "adopt" / shape
    before = {p.relative_to(source): p.read_bytes() for p in source.rglob("*") if p.is_file()}
    plan, _ = adopted(shape, tmp_path)
    root = plan.findings.root
    after = {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    assert before.items() <= after.items()
    assert {str(path) for path in after.keys() - before.keys()} == set(told(plan))


def test_backend_and_frontend_beside_a_compose_file(tmp_path: Path) -> None:
    plan, suites = adopted("backend-frontend", tmp_path)
    assert set(told(plan)) == {
        "seatrial.toml",
        "deploy/test/docker-compose.yml",
        "backend/deploy/test/docker-compose.yml",
    }
    assert set(suites) == {"unit:backend", "service:backend"}
    service = suites["service:backend"]
    assert service.exports == {
        "DATABASE_URL": "postgresql://postgres:test@{db.host}:{db.port}/shop"
    }
    assert service.env["PYTEST_ADDOPTS"] == "--ignore=tests/prices"
    assert suites["unit:backend"].targets == ("tests/prices",)
    assert plan.notes[0] == (
        "no public value for DB_PASSWORD, SECRET_KEY: 'test' stands for each in the tests"
    )


def test_a_monorepo_is_found_by_its_folder(tmp_path: Path) -> None:
    plan, suites = adopted("monorepo", tmp_path)
    assert '[paths]\nservices = "apps"\n' in told(plan)["seatrial.toml"]
    assert set(suites) == {"unit:api", "service:api", "unit:web"}
    assert suites["service:api"].targets == ("__tests__",)
    assert suites["service:api"].exports["REDIS_PORT"] == "{cache.port}"
    assert suites["unit:web"].env == {"CI": "true"}


def test_an_override_is_read_and_a_private_env_file_is_not_used(tmp_path: Path) -> None:
    plan, suites = adopted("with-override", tmp_path)
    text = told(plan)["deploy/test/docker-compose.yml"]
    assert "../../.env.example" in text
    assert "unless-stopped" not in text
    assert 'command: ["gunicorn", "notes.wsgi"]' in text
    assert suites["service:web"].targets == ("notes/tests",)


def test_a_service_in_the_root_runs_its_tests_once(tmp_path: Path) -> None:
    _, suites = adopted("in-root", tmp_path)
    assert set(suites) == {"unit:app", "service:app"}
    assert suites["service:app"].stage is Stage.SERVICE
    assert suites["service:app"].exports == {
        "MONGODB_URL": "mongodb://{mongodb.host}:{mongodb.port}/tasks"
    }
    assert suites["unit:app"].env["JWT_SECRET"] == "only-an-example"


def test_what_is_in_the_pattern_already_needs_nothing(tmp_path: Path) -> None:
    plan, suites = adopted("in-the-pattern", tmp_path)
    assert plan.missing == ()
    assert [file.path for file in plan.files if file.there] == ["deploy/test/docker-compose.yml"]
    assert set(suites) == {"unit:api", "integration:integration"}


def test_each_of_two_stacks_serves_its_own_service(tmp_path: Path) -> None:
    plan, suites = adopted("two-stacks", tmp_path)
    texts = told(plan)
    assert "queue:" in texts["mail/deploy/test/docker-compose.yml"]
    assert "users-db:" in texts["users/deploy/test/docker-compose.yml"]
    assert suites["service:users"].targets == ("store",)
    assert suites["service:users"].exports == {
        "PGHOST": "{users-db.host}",
        "PGPORT": "{users-db.port}",
    }
    assert suites["service:users"].env == {"PGUSER": "users", "PGPASSWORD": "users"}


def test_a_service_brings_its_workers_and_no_dashboard(tmp_path: Path) -> None:
    plan, suites = adopted("workers", tmp_path)
    text = told(plan)["project/deploy/test/docker-compose.yml"]
    assert re.findall(r"^  ([a-z]+):$", text, re.MULTILINE) == ["web", "worker", "redis"]
    assert suites["service:web"].exports == {"BROKER_URL": "redis://{redis.host}:{redis.port}/0"}


def test_one_dockerfile_may_build_several_services(tmp_path: Path) -> None:
    plan, suites = adopted("one-dockerfile", tmp_path)
    assert [(s.name, s.path) for s in plan.findings.services] == [
        ("backend", "backend"),
        ("client", "client"),
    ]
    assert set(suites) == {"unit:backend"}


def test_env_files_in_git_give_their_values(tmp_path: Path) -> None:
    root = tmp_path / "local-file"
    shutil.copytree(PROJECTS / "adopt/local-file", root)
    files = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
    plan = propose(look(root, None, files))
    write(plan)
    found = discover(root, load_config(root), has_program=lambda _name: True)
    service = next(suite for suite in found.suites if suite.id == "service:django")
    assert service.env["POSTGRES_PASSWORD"] == "only-for-development"
    assert service.exports["POSTGRES_HOST"] == "{postgres.host}"
    assert plan.missing[1].origin == "docker-compose.local.yml"


def test_a_repository_without_tests_gets_its_stack(tmp_path: Path) -> None:
    root = tmp_path / "untested"
    shutil.copytree(PROJECTS / "adopt/untested", root)
    plan = proposal(root)
    write(plan)
    assert "- ../../vote:/srv" in told(plan)["deploy/test/docker-compose.yml"]
    with pytest.raises(NoTests):
        discover(root, load_config(root), has_program=lambda _name: True)


def test_a_settings_file_that_is_there_is_kept_and_listened_to(lay: Lay) -> None:
    root = lay(
        {
            "compose.yml": "services: {db: {image: 'redis:7'}, api: {build: api}}\n",
            "seatrial.toml": '[services.api]\npath = "api"\n',
            "api/Dockerfile": "FROM python\n",
            "api/pyproject.toml": "",
        }
    )
    plan = proposal(root)
    assert [(f.path, f.there) for f in plan.files] == [
        ("seatrial.toml", True),
        ("deploy/test/docker-compose.yml", False),
    ]
    taken = '[services.api]\npath = "api"\n[integration]\ncompose = "compose.yml"\n'
    (root / "seatrial.toml").write_text(taken)
    assert proposal(root).missing == ()


@pytest.mark.parametrize("public", [None, frozenset({"compose.yml"})], ids=["no-git", "git"])
def test_private_values_are_in_no_proposed_file(lay: Lay, public: frozenset[str] | None) -> None:
    root = lay(
        {
            "compose.yml": """\
                services:
                  app:
                    build: .
                    env_file: .env
                    environment:
                      API_TOKEN: ${API_TOKEN}
                      DB_USER: ${DB_USER}
                      STRIPE: ${STRIPE:?}
                """,
            "Dockerfile": "FROM python\n",
            "requirements.txt": "pytest\n",
            "app.py": "API_TOKEN = DB_USER = STRIPE = OTHER = None\n",
            "tests/integration/test_a.py": "",
            ".env": "API_TOKEN=s3cret\nDB_USER=me\nSTRIPE=s3cret\nOTHER=s3cret\n",
        }
    )
    plan = propose(look(root, None, public))
    texts = told(plan)
    assert not any("s3cret" in text for text in texts.values())
    assert "DB_USER: me" in texts["deploy/test/docker-compose.yml"]
    assert "STRIPE" in plan.notes[0]
    if public is not None:
        assert "required: false" in texts["deploy/test/docker-compose.yml"]
        assert ".env is not in git" in plan.notes[1]


def test_an_env_file_that_git_holds_is_public(lay: Lay) -> None:
    root = lay(
        {
            "compose.yml": "services: {app: {image: app, environment: ['KEY=${KEY}']}}\n",
            ".env": "KEY=shown\n",
        }
    )
    plan = propose(look(root, None, frozenset({".env"})))
    assert "KEY: shown" in told(plan)["deploy/test/docker-compose.yml"]


@pytest.mark.parametrize(
    ("files", "chosen", "others"),
    [
        (("compose.yaml", "docker-compose.prod.yml"), "compose.yaml", 1),
        (("docker-compose.local.yml", "docker-compose.production.yml"), "compose.local.yml", 1),
        (("docker-compose.dev.yml", "docker-compose.test.yml"), "docker-compose.dev.yml", 1),
        (("local.yml", "production.yml"), "local.yml", 0),
        (("infra/docker-compose.yml",), "infra/docker-compose.yml", 0),
    ],
)
def test_one_of_several_compose_files_is_the_origin(
    lay: Lay, files: tuple[str, ...], chosen: str, others: int
) -> None:
    root = lay(dict.fromkeys(files, "services: {app: {image: app}}\n"))
    plan = proposal(root)
    (made,) = plan.missing
    assert made.origin.endswith(chosen)
    assert len(plan.findings.others) == others


def test_a_broken_file_aside_is_told_and_passed_over(lay: Lay) -> None:
    root = lay(
        {
            "compose.yml": "services: {app: {image: app}}\n",
            "old/docker-compose.yml": "services:\n  app: [\n",
        }
    )
    (other,) = proposal(root).findings.others
    assert other[0] == root / "old/docker-compose.yml"
    assert "line 3: broken YAML" in other[1]


def test_an_empty_folder_is_no_repository(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        look(tmp_path, None, None)
    assert "seatrial new" in caught.value.mend


def test_what_cannot_be_read_back_is_not_left(lay: Lay) -> None:
    root = lay({"compose.yml": "services: {app: {image: app}}\n"})
    plan = proposal(root)
    broken = "services: {app: }\n"
    (file,) = plan.missing
    object.__setattr__(file, "text", broken)
    with pytest.raises(ConfigError):
        write(plan)
    assert sorted(path.name for path in root.iterdir()) == ["compose.yml"]


def test_what_appeared_meanwhile_is_not_written_over(lay: Lay) -> None:
    root = lay({"compose.yml": "services: {app: {image: app}}\n", "app/Dockerfile": "FROM x\n"})
    plan = proposal(root)
    lay({"deploy/test/docker-compose.yml": "mine\n"})
    with pytest.raises(EnvironmentFailure):
        write(plan)
    assert (root / "deploy/test/docker-compose.yml").read_text() == "mine\n"
    assert not (root / "seatrial.toml").exists()


def test_the_settings_are_what_the_file_may_say(tmp_path: Path) -> None:
    for shape in SHAPES:
        plan = proposal(PROJECTS / "adopt" / shape)
        for path, text in told(plan).items():
            if path == "seatrial.toml":
                assert parse(text, tmp_path / path) != Config()
