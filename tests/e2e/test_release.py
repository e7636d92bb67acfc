"""Releases, from a tag of git to images in a real registry, by the real program and engine."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.registry import PASSWORD, USER, Line, Shelf, docker_config, line, shelf
from tests.support.releases import API, WEB, Fleet, actions, fleet, path_of, tags

pytestmark = pytest.mark.engine

# More than the line lets through, so that it is full in the middle of a layer.
LARGE = 3_000_000
SOME = 500_000


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with shelf(tmp_path_factory.mktemp("registry")) as one:
        yield one


@pytest.fixture
def ships(tmp_path: Path, harbour: Shelf) -> Iterator[Fleet]:
    with fleet(tmp_path, harbour.address) as one:
        yield one


@pytest.fixture
def hawser(harbour: Shelf) -> Iterator[Line]:
    with line(harbour) as one:
        yield one


@pytest.fixture
def moored(tmp_path: Path, hawser: Line) -> Iterator[Fleet]:
    """Push over a line that can be cut; 1.0.0 is released, and 1.1.0 has much to push."""
    with fleet(tmp_path, hawser.address) as one:
        one.released("v1.0.0")
        one.commit("Grow", api=noise(), web=noise())
        one.tag("v1.1.0")
        yield one


def noise() -> str:
    """Return text that no compression makes small."""
    import secrets

    return secrets.token_hex(LARGE // 2)


class TestAFirstRelease:
    def test_builds_each_image_once_and_names_it_by_its_digest(
        self, ships: Fleet, harbour: Shelf
    ) -> None:
        commit = ships.git("rev-parse", "HEAD")
        ships.tag("v1.2.3")
        bake = json.loads(ships.release("plan", "--bake").out)

        said = ships.push()

        assert said.code == 0, said.all
        assert bake["group"]["default"]["targets"] == ["api", "web"]
        assert bake["target"]["api"]["tags"] == [f"{ships.registry}/fleet-api:1.2.3"]
        kept = ships.repository.root / ".seatrial/releases/v1.2.3.bake.json"
        assert json.loads(kept.read_text()) == bake
        for name in (API, WEB):
            found = tags(harbour, ships, name)
            assert set(found) == {"1.2.3", "1.2", "1", "latest"}
            assert len(set(found.values())) == 1
            assert f"{ships.registry}/{name}@{found['1.2.3']}" in said.out
        labels = harbour.labels(path_of(ships, API), "1.2.3")
        assert labels["org.opencontainers.image.revision"] == commit
        assert labels["org.opencontainers.image.version"] == "1.2.3"
        record = ships.record("v1.2.3")
        assert record["complete"]
        assert record["tested"] == {"by": "word", "reason": "by hand", "runs": []}
        assert record["images"][0]["services"] == ["api", "api-migrate"]

    def test_is_planned_with_the_same_words_and_touches_nothing(
        self, ships: Fleet, harbour: Shelf
    ) -> None:
        said = ships.release("plan", "--tag", "v1.0.0")
        assert said.code == 0, said.all
        assert (
            f"api: {ships.registry}/fleet-api:1.0.0\n  build: no release before has it" in said.out
        )
        assert "moves 1.0, 1, latest" in said.out
        assert harbour.tags(path_of(ships, API)) == []

    def test_can_be_built_into_the_engine_first(self, ships: Fleet, harbour: Shelf) -> None:
        ships.tag("v1.0.0")
        said = ships.release("build", "--tested", "by hand")
        assert said.code == 0, said.all
        assert f"{ships.registry}/fleet-api:1.0.0 sha256:" in said.out
        assert harbour.tags(path_of(ships, API)) == []


class TestOtherRepositories:
    def test_without_prod_have_an_image_for_each_dockerfile(
        self, ships: Fleet, harbour: Shelf
    ) -> None:
        root = ships.repository.root
        (root / "deploy/prod/docker-compose.yml").unlink()
        settings = root / "seatrial.toml"
        own = f'[release]\nregistry = "{ships.registry}"\nrepository = "{{project}}/{{service}}"\n'
        settings.write_text(f'{settings.read_text()}\n{own}context = "root"\n')
        ships.commit("Do without prod")
        ships.tag("v1.0.0")
        said = ships.repository.seatrial("release", "push", "--tested", "by hand")
        assert said.code == 0, said.all
        assert harbour.tags(path_of(ships, "repo/web")) == ["1", "1.0", "1.0.0", "latest"]

    def test_hand_on_what_their_builds_ask_for(self, ships: Fleet, harbour: Shelf) -> None:
        compose = ships.repository.root / "deploy/prod/docker-compose.yml"
        marked = "dockerfile: services/web/Dockerfile\n"
        more = (
            "      args: {KEEL: oak}\n      labels: {kind: ship}\n      secrets: [mark]\n"
            "      additional_contexts: {hold: ../../hold}\n"
        )
        text = compose.read_text().replace(marked, marked + more)
        compose.write_text(f"{text}\nsecrets:\n  mark: {{file: ../../mark}}\n")
        ships.repository.write("hold/cargo", "tea")
        ships.repository.write("mark", "the-mark-of-the-mate")
        ships.repository.write(
            "services/web/Dockerfile",
            "FROM scratch\nARG KEEL\nLABEL keel=$KEEL\nCOPY --from=hold cargo /\n",
        )
        ships.commit("Ask for more")
        ships.released("v1.0.0")
        labels = harbour.labels(path_of(ships, WEB), "1.0.0")
        assert (labels["keel"], labels["kind"]) == ("oak", "ship")
        assert "the-mark-of-the-mate" not in ships.release("plan", "--bake").out

        ships.repository.write("hold/cargo", "coffee")
        ships.commit("Load")
        assert actions(ships.plan("--tag", "v1.0.1")) == {"api": "re-tag", "web": "build"}


def test_a_registry_with_a_certificate_of_its_own_is_pushed_to_as_docker_does(
    tmp_path: Path,
) -> None:
    with (
        shelf(tmp_path / "registry", login=True, tls=True) as harbour,
        fleet(tmp_path, harbour.address) as ships,
    ):
        own = docker_config(tmp_path / "own", **{harbour.address: (USER, PASSWORD)})
        ships.repository.variables["DOCKER_CONFIG"] = str(own)
        record = ships.released("v1.0.0")
        assert record["complete"]
        assert actions(ships.plan("--tag", "v1.0.1")) == {"api": "re-tag", "web": "re-tag"}


class TestWhatDidNotChange:
    def test_gets_another_tag_and_is_not_built(self, ships: Fleet, harbour: Shelf) -> None:
        ships.released("v1.0.0")
        ships.commit("fix: the mast", api="another")
        ships.tag("v1.0.1")

        plan = ships.release("plan").out
        rebuilt = ships.plan("--rebuild")
        said = ships.push("--output", "json")

        assert actions(rebuilt) == {"api": "build", "web": "build"}
        assert "services/api/api/name.txt changed since v1.0.0" in plan
        assert actions(json.loads(said.out)) == {"api": "build", "web": "re-tag"}
        web, api = tags(harbour, ships, WEB), tags(harbour, ships, API)
        assert web["1.0.1"] == web["1.0.0"] == web["latest"]
        assert api["1.0.1"] != api["1.0.0"]
        assert api["1.0.1"] == api["latest"]

    def test_a_candidate_becomes_the_release_without_a_builder(
        self, ships: Fleet, harbour: Shelf
    ) -> None:
        ships.released("v2.0.0-rc.1")
        assert set(tags(harbour, ships, API)) == {"2.0.0-rc.1"}
        ships.repository.variables["DOCKER_HOST"] = "unix:///nonexistent/docker.sock"

        record = ships.released("v2.0.0")

        assert actions(record) == {"api": "re-tag", "web": "re-tag"}
        found = tags(harbour, ships, API)
        assert set(found) == {"2.0.0-rc.1", "2.0.0", "2.0", "2", "latest"}
        assert len(set(found.values())) == 1

    def test_is_built_where_a_file_of_it_is_hidden_from_git(self, ships: Fleet) -> None:
        ships.repository.write(".gitignore", ".seatrial/\n*.o\n")
        ships.commit("Hide objects")
        ships.released("v1.0.0")
        ships.repository.write("services/web/web/made.o", "who knows")
        plan = ships.plan("--tag", "v1.0.1")
        assert actions(plan) == {"api": "re-tag", "web": "build"}
        assert "git ignores it" in plan["images"][1]["detail"]

    def test_is_told_by_the_image_and_not_by_a_tag_that_was_moved(self, ships: Fleet) -> None:
        ships.released("v1.0.0")
        ships.commit("Change", api="another")
        ships.git("tag", "--force", "v1.0.0")
        ships.commit("Nothing")
        assert actions(ships.plan("--tag", "v1.0.1")) == {"api": "build", "web": "re-tag"}


class TestTagsThatMove:
    def test_never_move_backwards(self, ships: Fleet, harbour: Shelf) -> None:
        ships.released("v1.2.8")
        old = ships.git("rev-parse", "HEAD")
        ships.commit("Go on", api="another")
        ships.released("v1.3.0")
        newest = tags(harbour, ships, API)
        ships.git("switch", "--quiet", "--detach", old)
        ships.commit("Mend the old one", api="mended")
        ships.tag("v1.2.9")

        said = ships.push()

        assert said.code == 0, said.all
        assert "latest stays: 1.3.0 is newer" in said.out
        found = tags(harbour, ships, API)
        assert found["1.2"] == found["1.2.9"]
        for tag in ("1.3", "1", "latest"):
            assert found[tag] == newest[tag]

    def test_heed_what_only_the_registry_knows(self, ships: Fleet, harbour: Shelf) -> None:
        ships.released("v3.0.0")
        ships.git("tag", "--delete", "v3.0.0")
        ships.commit("Go on", api="another")
        ships.released("v2.9.0")
        found = tags(harbour, ships, API)
        assert found["latest"] == found["3.0.0"]
        assert found["2"] == found["2.9.0"]


class TestOneServiceAlone:
    def test_is_released_with_its_own_tag(self, ships: Fleet, harbour: Shelf) -> None:
        ships.released("v1.0.0")
        before = tags(harbour, ships, WEB)
        ships.commit("feat: a sail", api="another")
        ships.commit("docs: of the web", web="another")

        record = ships.released("api/v1.1.0", "--notes", "notes.md")

        assert actions(record) == {"api": "build"}
        assert tags(harbour, ships, API)["latest"] == record["images"][0]["digest"]
        assert tags(harbour, ships, WEB) == before
        notes = (ships.repository.root / "notes.md").read_text()
        assert "a sail" in notes
        assert "of the web" not in notes


class TestAPushThatBreaksOff:
    def test_leaves_the_tags_when_the_registry_dies_in_the_middle(
        self, moored: Fleet, harbour: Shelf, hawser: Line
    ) -> None:
        before = {name: tags(harbour, moored, name)["latest"] for name in (API, WEB)}
        hawser.limit(SOME, cut=True)

        said = moored.push()

        assert hawser.full.is_set()
        assert said.code == 3, said.all
        assert said.err.count("error: ") == 1
        assert f"the registry {hawser.address} does not answer" in said.err
        assert "the same command goes on where it ended" in said.err
        for name in (API, WEB):
            assert tags(harbour, moored, name)["latest"] == before[name]
            assert "1.1" not in tags(harbour, moored, name)
        hawser.mend()
        again = moored.push()
        assert again.code == 0, again.all
        for name in (API, WEB):
            found = tags(harbour, moored, name)
            assert found["latest"] == found["1.1.0"] != before[name]

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
    def test_leaves_them_when_it_is_killed(
        self, moored: Fleet, harbour: Shelf, hawser: Line, number: signal.Signals
    ) -> None:
        before = tags(harbour, moored, API)["latest"]
        hawser.limit(SOME, cut=False)
        words = ("release", "push", "--registry", moored.registry, "--tested", "by hand")

        with moored.repository.started(*words) as push:
            assert hawser.full.wait(60), push.text()
            push.signal(number)
            code = push.ended()

        assert code == (-signal.SIGKILL if number is signal.SIGKILL else 143)
        assert tags(harbour, moored, API)["latest"] == before
        hawser.mend()
        again = moored.push("--output", "json")
        assert again.code == 0, again.all
        assert json.loads(again.out)["complete"]
        found = tags(harbour, moored, API)
        assert found["latest"] == found["1.1.0"] != before

    def test_goes_on_on_another_machine(self, ships: Fleet, harbour: Shelf) -> None:
        """What the images are made of is told by themselves, not only by our notes."""
        ships.released("v1.0.0")
        again = ships.push("--output", "json")
        assert actions(json.loads(again.out)) == {"api": "done", "web": "done"}
        (ships.repository.root / ".seatrial/releases/v1.0.0.json").unlink()
        assert actions(ships.plan("--tag", "v1.0.0")) == {"api": "done", "web": "done"}


class TestSeveralMachines:
    def test_push_versions_and_one_moves_the_tags(self, ships: Fleet, harbour: Shelf) -> None:
        ships.released("v1.0.0")
        before = tags(harbour, ships, API)["latest"]
        ships.commit("Change", api="another")
        ships.tag("v1.1.0")
        planned = ships.release("plan", "--matrix")
        assert planned.out == '{"include":[{"image":"api"}]}\n'

        one = ships.push("--only", "api", "--output", "json")

        assert one.code == 0, one.all
        record = json.loads(one.out)
        assert not record["complete"]
        assert [image["tags"] for image in record["images"]] == [["1.1.0"]]
        assert tags(harbour, ships, API)["latest"] == before
        assert "1.1.0" not in tags(harbour, ships, WEB)
        assert ships.release("plan", "--matrix").out == '{"include":[]}\n'
        last = ships.push("--output", "json")
        assert actions(json.loads(last.out)) == {"api": "done", "web": "re-tag"}
        found = tags(harbour, ships, API)
        assert found["latest"] == found["1.1.0"] != before

    def test_name_images_that_there_are(self, ships: Fleet) -> None:
        ships.tag("v1.0.0")
        said = ships.push("--only", "store")
        assert said.code == 2
        assert "no image of this release is called 'store'" in said.err
        assert "there are: api, web" in said.err


class TestTwoAtOnce:
    def test_the_second_waits_for_the_first(
        self, moored: Fleet, harbour: Shelf, hawser: Line
    ) -> None:
        hawser.limit(SOME, cut=False)
        words = ("release", "push", "--registry", moored.registry, "--tested", "by hand")
        with moored.repository.started(*words) as first:
            assert hawser.full.wait(60), first.text()
            with moored.repository.started(*words) as second:
                second.says(
                    f"waiting for another release in this work tree (process {first.process.pid})"
                )
                hawser.mend()
                assert first.ended() == 0, first.text()
                assert second.ended() == 0, second.text()
                assert "api is there already" in second.text()
        found = tags(harbour, moored, API)
        assert found["latest"] == found["1.1.0"]


class TestProofOfTests:
    def test_runs_on_record_are_one_for_exactly_these_files(self, ships: Fleet) -> None:
        ships.tag("v1.0.0")
        refused = ships.release("push")
        assert refused.code == 2
        assert "is untested: no run on record tested it" in refused.err

        assert ships.repository.seatrial("test", "api").code == 0
        partly = ships.release("push")
        assert partly.code == 2
        assert "no run on record passed unit:web on it" in partly.err

        tested = ships.repository.seatrial("test")
        assert tested.code == 0, tested.all
        good = ships.release("push", "--output", "json")
        assert good.code == 0, good.all
        assert json.loads(good.out)["tested"]["by"] == "runs"

        ships.commit("Change", web="untested")
        ships.tag("v1.0.1")
        assert ships.release("push").code == 2
        forced = ships.release("push", "--force", "untested", "--output", "json")
        assert json.loads(forced.out)["tested"]["by"] == "nothing"

    def test_a_dirty_tree_is_refused_unless_forced(self, ships: Fleet, harbour: Shelf) -> None:
        ships.released("v1.0.0")
        ships.tag("v1.0.1")
        ships.repository.write("services/api/api/name.txt", "not committed")
        refused = ships.push("--tag", "v1.0.1")
        assert refused.code == 2
        assert "is not what v1.0.1 says: services/api/api/name.txt" in refused.err
        forced = ships.push("--tag", "v1.0.1", "--force", "dirty")
        assert forced.code == 0, forced.all
        labels = harbour.labels(path_of(ships, API), "1.0.1")
        assert labels["org.opencontainers.image.revision"].endswith("-dirty")
        ships.commit("Keep it")
        after = ships.plan("--tag", "v1.0.2")["images"][0]
        assert (after["action"], after["cause"]) == ("build", "made-of-an-unknown-commit")

    def test_a_version_that_is_there_is_not_replaced(self, ships: Fleet, harbour: Shelf) -> None:
        ships.released("v1.0.0")
        before = tags(harbour, ships, API)
        ships.commit("Change", api="another")
        ships.git("tag", "--force", "v1.0.0")
        refused = ships.push("--tag", "v1.0.0")
        assert refused.code == 2
        assert "fleet-api:1.0.0 is in the registry already" in refused.err
        assert tags(harbour, ships, API) == before
        assert ships.push("--tag", "v1.0.0", "--force", "overwrite").code == 0
