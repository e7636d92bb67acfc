"""Which files are looked at."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from seatrial.config import Config
from seatrial.discover import load_config
from seatrial.errors import UsageError
from seatrial.lint.collecting import Collected, collect
from seatrial.lint.kinds import Kind, kind_of, tier_of
from tests.unit.lint.workbench import PRIVILEGED, Bench


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("compose.yml", Kind.COMPOSE),
        ("deploy/test/docker-compose.yaml", Kind.COMPOSE),
        ("docker-compose.override.yml", Kind.COMPOSE),
        ("compose-dev.yml", Kind.COMPOSE),
        ("a/Dockerfile", Kind.DOCKERFILE),
        ("a/Dockerfile.dev", Kind.DOCKERFILE),
        ("a/api.Dockerfile", Kind.DOCKERFILE),
        ("a/Dockerfile.dockerignore", None),
        ("a/Containerfile", Kind.DOCKERFILE),
        (".github/workflows/ci.yml", Kind.WORKFLOW),
        (".gitea/workflows/release.yaml", Kind.WORKFLOW),
        (".github/dependabot.yml", None),
        ("Makefile", Kind.MAKEFILE),
        ("mk/rules.mk", Kind.MAKEFILE),
        ("scripts/test.sh", Kind.MAKEFILE),
        ("src/test.sh", None),
        ("deploy/dev/.env.example", Kind.ENV),
        ("values.yml", None),
        ("composer.yml", None),
    ],
)
def test_a_files_path_tells_its_kind(path: str, kind: Kind | None) -> None:
    assert kind_of(path) is kind


@pytest.mark.parametrize(
    ("path", "tier"),
    [
        ("deploy/dev/docker-compose.yml", "dev"),
        ("services/api/deploy/test/docker-compose.yml", "test"),
        ("deploy/prod/extra/compose.yml", "prod"),
        ("deploy/docker-compose.yml", None),
        ("redeploy/test/compose.yml", None),
    ],
)
def test_a_files_folder_tells_its_environment(path: str, tier: str | None) -> None:
    assert tier_of(path) == tier


def collected(bench: Bench, *given: Path) -> Collected:
    return collect(bench.root, load_config(bench.root), given)


def test_what_is_hidden_foreign_or_ignored_by_git_is_left_out(bench: Bench) -> None:
    subprocess.run(["git", "init", "-q", bench.root], check=True)
    bench.lay(
        {
            ".gitignore": "generated/\n.env\n*.bak.yml\n",
            "compose.yml": PRIVILEGED,
            "compose.bak.yml": PRIVILEGED,
            ".env": "A=1\n",
            "generated/compose.yml": PRIVILEGED,
            ".venv/compose.yml": PRIVILEGED,
            "node_modules/x/compose.yml": PRIVILEGED,
            "{{cookiecutter.name}}/compose.yml": PRIVILEGED,
            ".github/workflows/ci.yml": "on: push\n",
        }
    )
    # Compose reads the .env file beside its own, ignored or not.
    assert set(collected(bench).kinds) == {"compose.yml", ".env", ".github/workflows/ci.yml"}


def test_what_is_named_is_looked_at_wherever_it_is(bench: Bench) -> None:
    bench.lay(
        {
            ".hidden/compose.yml": PRIVILEGED,
            "stack.yml": PRIVILEGED,
            "a/compose.yml": PRIVILEGED,
            "README.md": "#\n",
        }
    )
    assert bench.found(select=["SEA303"]) == ["a/compose.yml:4 SEA303"]
    assert bench.found("stack.yml", select=["SEA303"]) == ["stack.yml:4 SEA303"]
    assert bench.found(".hidden", select=["SEA303"]) == [".hidden/compose.yml:4 SEA303"]
    assert bench.found("a", select=["SEA303"]) == ["a/compose.yml:4 SEA303"]
    bench.lay({"mkdocs.yml": "site_name: x\n"})
    report = bench.lint("README.md", "mkdocs.yml", "a").report
    assert report.notes == (
        "README.md: lint has no rules for such a file",
        "mkdocs.yml: lint has no rules for such a file",
    )
    assert report.checked == {"compose": 1}


@pytest.mark.parametrize("place", ["nowhere.yml", "../outside.yml"])
def test_what_is_not_in_the_repository_is_refused(bench: Bench, place: str) -> None:
    bench.lay({"../outside.yml": PRIVILEGED})
    with pytest.raises(UsageError) as caught:
        collected(bench, (bench.root / place).resolve())
    assert place.rpartition("/")[2] in caught.value.what


def test_files_that_the_configuration_names_are_compose_files(bench: Bench) -> None:
    bench.lay(
        {
            "seatrial.toml": '[integration]\ncompose = ["a.yml", "b.yml"]\n',
            "a.yml": "services: {x: {healthcheck: {start_interval: 1s}}}\n",
            "b.yml": "services: {x: {healthcheck: {start_period: 1s}}}\n",
            "tests/integration/test_a.py": "def test_a(): pass\n",
        }
    )
    kinds = collected(bench).kinds
    assert (kinds["a.yml"], kinds["b.yml"]) == (Kind.COMPOSE, Kind.COMPOSE)
    # The second file is laid over the first, so nothing is missing.
    assert bench.found(select=["SEA201"]) == []


def test_tests_know_their_stage(bench: Bench) -> None:
    bench.lay(
        {
            "services/api/pyproject.toml": "[project]\nname='api'\n",
            "services/api/api/main.py": "",
            "services/api/tests/unit/test_a.py": "def test_a(): pass\n",
            "services/api/tests/integration/test_b.py": "def test_b(): pass\n",
            "services/api/tests/integration/conftest.py": "",
            "services/api/deploy/test/docker-compose.yml": PRIVILEGED,
            "tests/integration/test_c.py": "def test_c(): pass\n",
            "deploy/test/docker-compose.yml": PRIVILEGED,
        }
    )
    assert collected(bench).stages == {
        "services/api/tests/unit/test_a.py": "unit",
        "services/api/tests/integration/test_b.py": "service",
        "services/api/tests/integration/conftest.py": "service",
        "tests/integration/test_c.py": "integration",
    }


def test_an_empty_folder_has_nothing_to_look_at(bench: Bench) -> None:
    assert collect(bench.root, Config()).kinds == {}
    assert bench.lint().report.findings == ()
