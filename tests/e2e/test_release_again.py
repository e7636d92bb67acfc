"""Pushes that break off while tags move, and are called again: over what is there, or dirty."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.registry import Line, Shelf, line, shelf
from tests.support.releases import API, WEB, Fleet, actions, fleet, path_of, tags

pytestmark = pytest.mark.engine

FULL = ("1.0.0", "1.0", "1", "latest")


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with shelf(tmp_path_factory.mktemp("registry")) as one:
        yield one


@pytest.fixture
def hawser(harbour: Shelf) -> Iterator[Line]:
    with line(harbour) as one:
        yield one


@pytest.fixture
def ships(tmp_path: Path, hawser: Line) -> Iterator[Fleet]:
    """Push over a line that can be cut; 1.0.0 is released."""
    with fleet(tmp_path, hawser.address) as one:
        one.released("v1.0.0")
        yield one


def before(ships: Fleet, tag: str) -> dict[str, dict[str, str]]:
    """Return what the record says about where the tags of each image were."""
    return {one["name"]: one["before"] for one in ships.record(tag)["images"]}


def stop_between(hawser: Line, ships: Fleet, tag: str) -> None:
    """Cut the line when ``tag`` of web is to move: that of api has."""
    hawser.stop_at(f"PUT /v2/{path_of(ships, WEB)}/manifests/{tag} ")


class TestAReplacedVersion:
    def test_goes_on_and_knows_what_it_took_over(
        self, ships: Fleet, harbour: Shelf, hawser: Line
    ) -> None:
        first = {name: tags(harbour, ships, name)["1.0.0"] for name in (API, WEB)}
        words = ("--tag", "v1.0.0", "--force", "overwrite", "--output", "json")
        # Of the second time nothing is complete either: what was before the first is the way back.
        for text, tag in (("another", "1.0"), ("a third", "1")):
            ships.commit("Change", api=text, web=text)
            ships.git("tag", "--force", "v1.0.0")
            stop_between(hawser, ships, tag)
            broken = ships.push(*words)
            assert broken.code == 3, broken.all
            found = tags(harbour, ships, API)
            assert found["1.0.0"] == found[tag] != found["latest"] == first[API]
            hawser.mend()

        again = ships.push(*words)

        assert again.code == 0, again.all
        assert actions(json.loads(again.out)) == {"api": "done", "web": "done"}
        for name in (API, WEB):
            found = tags(harbour, ships, name)
            assert len(set(found.values())) == 1
            assert found["latest"] != first[name]
        assert before(ships, "v1.0.0") == {
            "api": dict.fromkeys(FULL, first[API]),
            "web": dict.fromkeys(FULL, first[WEB]),
        }


class TestADirtyTree:
    def test_goes_on_as_long_as_it_is_the_same(
        self, ships: Fleet, harbour: Shelf, hawser: Line
    ) -> None:
        first = tags(harbour, ships, API)["latest"]
        ships.tag("v1.0.1")
        ships.repository.write("services/api/api/name.txt", "not committed")
        words = ("--tag", "v1.0.1", "--force", "dirty", "--output", "json")
        stop_between(hawser, ships, "1.0")
        broken = ships.push(*words)
        assert broken.code == 3, broken.all
        pushed = tags(harbour, ships, API)["1.0.1"]
        hawser.mend()

        ships.repository.write("services/api/api/name.txt", "something else")
        other = ships.push(*words)
        ships.repository.write("services/api/api/name.txt", "not committed")
        again = ships.push(*words)

        assert other.code == 2
        assert "is not made of this work tree, which differs from" in other.err
        assert other.err.count("error: ") == 1
        assert again.code == 0, again.all
        assert actions(json.loads(again.out)) == {"api": "done", "web": "done"}
        assert set(tags(harbour, ships, API).items()) >= {("1.0.1", pushed), ("latest", pushed)}
        assert before(ships, "v1.0.1")["api"] == dict.fromkeys(FULL[1:], first)


def test_a_version_that_another_machine_pushes_meanwhile_is_not_overwritten(
    tmp_path: Path, harbour: Shelf, hawser: Line
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with (
        fleet(tmp_path / "one", hawser.address) as one,
        fleet(tmp_path / "two", harbour.address) as two,
    ):
        two.registry = f"{harbour.address}/{one.registry.partition('/')[2]}"
        one.tag("v1.0.0")
        hawser.stop_at(f"POST /v2/{path_of(one, API)}/blobs/uploads/", cut=False)
        words = ("release", "push", "--registry", one.registry, "--tested", "by hand")
        with one.repository.started(*words) as push:
            assert hawser.full.wait(60), push.text()
            two.commit("Differ", api="another")
            two.released("v1.0.0")
            first = tags(harbour, two, API)
            hawser.mend()
            assert push.ended() == 3, push.text()
            assert "fleet-api got 1.0.0 while 1.0.0 was pushed" in push.text()
        assert tags(harbour, two, API) == first
