"""What seatrial.toml changes about what the layout says."""

from __future__ import annotations

import pytest

from seatrial.errors import ConfigError, NoTests
from tests.unit.discover.trees import Tree, found, suite

API = (
    "services/api/pyproject.toml",
    "services/api/tests/unit/test_a.py",
    "services/api/tests/integration/test_b.py",
    "services/api/deploy/test/docker-compose.yml",
)


def refused(tree: Tree, toml: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        found(tree(*API, toml=toml))
    return caught.value


def test_a_suite_takes_over_what_its_table_says(tree: Tree) -> None:
    toml = """
[project]
name = "shop"
[services.api.service]
setup = ["migrate"]
env = { A = "1" }
exports = { URL = "{db.url}" }
timeout = "1m"
boot-timeout = 5
"""
    project = found(tree(*API, toml=toml))
    changed = suite(project, "service:api")
    assert project.name == "shop"
    assert changed.setup == (("migrate",),)
    assert (dict(changed.env), dict(changed.exports)) == ({"A": "1"}, {"URL": "{db.url}"})
    assert (changed.timeout, changed.boot_timeout) == (60, 5)
    assert changed.cause == "services/api/tests/integration exists"


def test_a_command_makes_a_suite_where_the_layout_has_none(tree: Tree) -> None:
    toml = '[services.old]\n[services.old.unit]\ncommand = "make check"'
    project = found(tree(*API, "services/old/Dockerfile", toml=toml))
    made = suite(project, "unit:old")
    assert (made.runner, made.command) == ("command", ("make", "check"))
    assert made.cause == "seatrial.toml:2: command"


@pytest.mark.parametrize(
    ("command", "runner"),
    [
        ('"uv run pytest -q"', "pytest"),
        ('["sh", "-c", "cd x && .venv/bin/pytest"]', "pytest"),
        ('"npx vitest run"', "vitest"),
        ('"go test ./..."', "go"),
        ('"make"', "command"),
    ],
)
def test_a_command_is_read_by_the_runner_that_it_starts(
    tree: Tree, command: str, runner: str
) -> None:
    project = found(tree(*API, toml=f"[services.api.unit]\ncommand = {command}"))
    assert {s.id: s.runner for s in project.suites}["unit:api"] == runner


def test_paths_replace_the_layouts(tree: Tree) -> None:
    toml = '[services.api.unit]\npaths = ["checks/a", "checks/test_b.py"]'
    root = tree(*API, "services/api/checks/a/test_a.py", "services/api/checks/test_b.py", toml=toml)
    assert suite(found(root), "unit:api").targets == ("checks/a", "checks/test_b.py")


def test_compose_files_are_relative_to_the_service(tree: Tree) -> None:
    toml = '[services.api.service]\ncompose = ["../../deploy/test/compose.yml", "more.yml"]'
    root = tree(*API, "deploy/test/compose.yml", "services/api/more.yml", toml=toml)
    assert suite(found(root), "service:api").compose == (
        root / "deploy/test/compose.yml",
        root / "services/api/more.yml",
    )


def test_an_empty_list_asks_for_no_environment(tree: Tree) -> None:
    root = tree(*API, toml="[services.api.service]\ncompose = []")
    assert suite(found(root), "service:api").compose == ()


def test_what_is_skipped_is_gone(tree: Tree) -> None:
    toml = "[services.api.unit]\nskip = true\n[services.b]\nskip = true\n"
    root = tree(*API, "services/b/pyproject.toml", "services/b/tests/unit/test_a.py", toml=toml)
    project = found(root)
    assert [s.name for s in project.services] == ["api"]
    assert [s.id for s in project.suites] == ["service:api"]


def test_a_service_may_stand_anywhere_and_bear_another_name(tree: Tree) -> None:
    toml = '[services.shop]\npath = "services/api"\n[services.far]\npath = "lib/far"'
    root = tree(*API, "lib/far/tests/unit/test_a.py", toml=toml)
    assert {s.name: s.path for s in found(root).services} == {
        "shop": root / "services/api",
        "far": root / "lib/far",
    }


def test_the_layout_itself_may_be_another(tree: Tree) -> None:
    toml = """
[paths]
services = ["apps", "libs"]
unit = "spec"
service = "it"
service-compose = "test.yml"
integration = "e2e"
integration-compose = "all.yml"
"""
    root = tree(
        "apps/a/pyproject.toml",
        "apps/a/spec/test_a.py",
        "apps/a/it/test_b.py",
        "apps/a/test.yml",
        "libs/b/pyproject.toml",
        "libs/b/it/test_b.py",
        "e2e/test_c.py",
        "all.yml",
        toml=toml,
    )
    assert {s.id: s.compose for s in found(root).suites} == {
        "unit:a": (),
        "service:a": (root / "apps/a/test.yml",),
        "integration:b": (root / "all.yml",),
        "integration:integration": (root / "all.yml",),
    }


def test_a_service_that_nobody_finds_is_told_with_the_nearest(tree: Tree) -> None:
    error = refused(tree, "\n[services.apii]\nrunner = 'pytest'")
    assert str(error).endswith("seatrial.toml:2: there is no service 'apii'")
    assert "did you mean 'api'?" in error.mend


@pytest.mark.parametrize(
    ("toml", "what"),
    [
        ('[services.x]\npath = "nowhere"', "there is no folder 'nowhere'"),
        ('[services.api.unit]\npaths = "nope"', "paths: there is no 'nope' in services/api"),
        ('[services.api.service]\ncompose = "a.yml"', "compose: there is no 'a.yml'"),
        ('[integration]\npaths = "nope"', "paths: there is no 'nope' in ."),
    ],
)
def test_a_path_that_is_not_there_is_told_with_its_line(tree: Tree, toml: str, what: str) -> None:
    error = refused(tree, toml)
    assert what in error.what
    assert str(error.where).endswith("seatrial.toml:1")


def test_two_services_cannot_share_a_name(tree: Tree) -> None:
    toml = '[paths]\nservices = ["services", "more"]'
    root = tree(*API, "more/api/Dockerfile", toml=toml)
    with pytest.raises(ConfigError, match="two services are called 'api'"):
        found(root)


def test_a_project_whose_every_suite_is_skipped_has_no_tests(tree: Tree) -> None:
    with pytest.raises(NoTests):
        found(tree(*API, toml="[services.api]\nskip = true"))
