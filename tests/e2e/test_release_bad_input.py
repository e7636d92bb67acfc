"""Releases that cannot be: one clear error each, and nothing is moved."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.program import Said
from tests.support.registry import PASSWORD, USER, docker_config, shelf
from tests.support.releases import API, Fleet, fleet, path_of

NOWHERE = "127.0.0.1:1"
HOSTILE = 'v1.2.3-zzz";echo${IFS}"hello";#'


@pytest.fixture
def ships(tmp_path: Path) -> Iterator[Fleet]:
    """The repository, and a registry that nobody runs; nothing here needs an engine."""
    with fleet(tmp_path, NOWHERE, engine=False) as one:
        yield one


def one_error(said: Said, code: int) -> str:
    """Return the one error of a call that ended with ``code``."""
    assert said.code == code, said.all
    assert said.err.count("error: ") == 1, said.err
    assert said.out == ""
    return said.err


class TestTags:
    @pytest.mark.parametrize("name", ["vfoo", "v1.2", "v01.2.3", "v1.2.3+5", HOSTILE, ""])
    @pytest.mark.parametrize("verb", ["plan", "push"])
    def test_a_tag_that_is_no_version_is_refused(self, ships: Fleet, verb: str, name: str) -> None:
        assert f"the tag {name!r} is no version" in one_error(ships.release(verb, "--tag", name), 2)

    def test_so_is_one_at_head_and_one_from_a_workflow(self, ships: Fleet) -> None:
        ships.tag(HOSTILE)
        assert f"the tag {HOSTILE!r} is no version" in one_error(ships.release("plan"), 2)
        ships.repository.variables |= {"GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": HOSTILE}
        assert f"the tag {HOSTILE!r} is no version" in one_error(ships.release("plan"), 2)

    def test_the_tag_that_started_a_workflow_is_meant(self, ships: Fleet) -> None:
        ships.tag("v1.0.0", "v1.0.0-rc.1")
        assert "several tags are at" in one_error(ships.release("plan"), 2)
        ships.repository.variables |= {"GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v1.0.0-rc.1"}
        said = ships.release("plan", "--offline")
        assert said.out.startswith("release v1.0.0-rc.1: 1.0.0-rc.1, pre-release"), said.all
        ships.repository.variables |= {"GITHUB_REF_TYPE": "branch", "GITHUB_REF_NAME": "v9.9.9"}
        assert "several tags are at" in one_error(ships.release("plan"), 2)

    def test_no_tag_and_a_tag_elsewhere_are_said(self, ships: Fleet) -> None:
        assert "no tag at" in one_error(ships.release("plan"), 2)
        assert "there is no tag v1.0.0" in one_error(ships.push("--tag", "v1.0.0"), 2)
        ships.tag("v1.0.0")
        ships.commit("Go on")
        assert "git switch --detach v1.0.0" in one_error(ships.push("--tag", "v1.0.0"), 2)

    def test_a_service_that_has_no_image_is_said(self, ships: Fleet) -> None:
        ships.tag("store/v1.0.0")
        error = one_error(ships.release("plan"), 2)
        assert "'store', which has no image" in error
        assert "there are: api, api-migrate, web" in error


SLOW_GIT = """\
#!/bin/sh
case "$*" in *--porcelain=v2*)
  until [ -s {pid} ] && ! kill -0 "$(cat {pid})" 2>/dev/null; do sleep 0.02; done
esac
exec {git} "$@"
"""


def test_a_run_that_is_quicker_than_git_is_a_proof_nevertheless(
    ships: Fleet, tmp_path: Path
) -> None:
    """What the tests ran on is known when they have ended, and not before."""
    pid, tools = str(tmp_path / "pid"), tmp_path / "tools"
    tools.mkdir()
    (tools / "git").write_text(SLOW_GIT.format(pid=pid, git=shutil.which("git")))
    (tools / "git").chmod(0o755)
    settings = ships.repository.root / "seatrial.toml"
    usual, own = """["test", "-s", "api/name.txt"]""", f"""["sh", "-c", "echo $$ > {pid}"]"""
    settings.write_text(settings.read_text().replace(usual, own))
    ships.repository.variables["PATH"] = f"{tools}:{os.environ['PATH']}"
    said = ships.repository.seatrial("test", "api", "--output", "json")
    assert said.code == 0, said.all
    assert '"event":"InputsKnown"' in said.out


class TestNoImage:
    @pytest.fixture
    def bare(self, ships: Fleet) -> Fleet:
        """A repository of libraries."""
        (ships.repository.root / "deploy/prod/docker-compose.yml").unlink()
        for file in ships.repository.root.glob("services/*/Dockerfile"):
            file.with_name("pyproject.toml").write_text('[project]\nname = "library"\n')
            file.unlink()
        ships.commit("Keep libraries")
        ships.tag("v1.0.0", "api/v1.0.0")
        return ships

    @pytest.mark.parametrize("tag", ["v1.0.0", "api/v1.0.0"])
    def test_is_no_fault_of_a_plan_but_one_of_a_push(self, bare: Fleet, tag: str) -> None:
        said = bare.release("plan", "--tag", tag)
        assert (said.code, said.err) == (0, "")
        assert "there is no image to release" in said.out
        matrix = bare.release("plan", "--tag", tag, "--matrix")
        assert (matrix.code, matrix.out) == (0, '{"include":[]}\n')
        assert "there is no image to release" in matrix.err
        assert bare.plan("--tag", tag)["images"] == []
        for verb in ("push", "build"):
            error = one_error(bare.release(verb, "--tag", tag), 2)
            assert "there is no image to release" in error
            assert "a Dockerfile" in error

    def test_leaves_a_tag_that_is_none_refused(self, bare: Fleet) -> None:
        assert "is no version" in one_error(bare.release("plan", "--tag", "v1"), 2)
        assert "which has no image" in one_error(bare.release("plan", "--tag", "apo/v1.0.0"), 2)


class TestPlaces:
    def test_outside_of_git_and_without_a_commit(self, ships: Fleet, tmp_path: Path) -> None:
        bare = tmp_path / "bare"
        (bare / "services/a").mkdir(parents=True)
        (bare / "services/a/Dockerfile").write_text("FROM scratch\n")
        place = ("-C", str(bare), "release", "plan")
        assert "is in no git repository" in one_error(ships.repository.seatrial(*place), 2)
        subprocess.run(["git", "init", "--quiet", str(bare)], check=True)
        assert "has no commit yet" in one_error(ships.repository.seatrial(*place), 2)

    def test_a_push_needs_to_be_told_where_to(self, ships: Fleet) -> None:
        ships.tag("v1.0.0")
        said = ships.repository.seatrial("release", "push", "--tested", "by hand")
        assert "nothing says which registry" in one_error(said, 2)

    def test_a_registry_that_the_images_do_not_ask_for(self, ships: Fleet) -> None:
        file = ships.repository.root / "deploy/prod/docker-compose.yml"
        file.write_text(file.read_text().replace("${REGISTRY:-localhost}", "ghcr.io/fleet"))
        ships.commit("Fix the registry")
        ships.tag("v1.0.0")
        said = one_error(ships.release("plan"), 2)
        assert "the images of prod name their registry themselves" in said

    def test_one_image_built_in_two_ways(self, ships: Fleet) -> None:
        file = ships.repository.root / "deploy/prod/docker-compose.yml"
        text = file.read_text()
        second = text.rindex("dockerfile: services/api")
        file.write_text(f"{text[:second]}target: other\n      {text[second:]}")
        ships.commit("Differ")
        ships.tag("v1.0.0")
        error = one_error(ships.release("plan"), 2)
        assert "api and api-migrate build" in error
        assert "docker-compose.yml:" in error


class TestRegistries:
    def test_one_that_is_down(self, ships: Fleet) -> None:
        ships.tag("v1.0.0")
        for said in (ships.release("plan"), ships.push()):
            error = one_error(said, 3)
            assert f"the registry {NOWHERE} does not answer: connection refused" in error
        assert ships.release("plan", "--offline").code == 0

    def test_one_that_is_none(self, ships: Fleet, tmp_path: Path) -> None:
        ships.tag("v1.0.0")
        ships.repository.variables["REGISTRY"] = "no-such-host.invalid/fleet"
        said = ships.repository.seatrial("release", "plan")
        assert "the registry no-such-host.invalid does not answer" in one_error(said, 3)


@pytest.mark.engine
class TestLogins:
    def test_who_is_not_logged_in_or_wrongly_is_told_how(self, tmp_path: Path) -> None:
        with (
            shelf(tmp_path / "registry", login=True) as harbour,
            fleet(tmp_path, harbour.address) as ships,
        ):
            variables = ships.repository.variables
            ships.tag("v1.0.0")
            variables["DOCKER_CONFIG"] = str(docker_config(tmp_path / "nobody"))
            error = one_error(ships.push(), 3)
            assert f"the registry {harbour.address} wants a login" in error
            assert f"docker login {harbour.address}" in error

            wrong = docker_config(tmp_path / "wrong", **{harbour.address: (USER, "marlin-spike")})
            variables["DOCKER_CONFIG"] = str(wrong)
            error = one_error(ships.push(), 3)
            assert "does not let this login" in error
            assert "marlin-spike" not in error

            right = docker_config(tmp_path / "right", **{harbour.address: (USER, PASSWORD)})
            variables["DOCKER_CONFIG"] = str(right)
            said = ships.push("-v")
            assert said.code == 0, said.all
            assert PASSWORD not in said.all
            kept = (ships.repository.root / ".seatrial/releases").iterdir()
            assert all(PASSWORD not in path.read_text() for path in kept)


@pytest.mark.engine
def test_a_build_that_fails_moves_nothing(tmp_path: Path) -> None:
    with shelf(tmp_path / "registry") as harbour, fleet(tmp_path, harbour.address) as ships:
        ships.repository.write("services/api/Dockerfile", "FROM scratch\nCOPY nothing /\n")
        ships.commit("Break")
        ships.tag("v1.0.0")
        error = one_error(ships.push(), 3)
        assert "could not be built or pushed" in error
        assert '"/nothing": not found' in error
        assert "latest" not in harbour.tags(path_of(ships, API))
        assert os.listdir(tmp_path / "home/state/seatrial/runs") == []  # noqa: PTH208
