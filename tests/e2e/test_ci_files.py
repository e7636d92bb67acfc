"""The workflows as files: held to the schema, to zizmor, to our own rules, and kept true."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.history import Checkout
from tests.support.program import Repository, Said

EVERY = ("api:fastapi", "jobs:worker+valkey", "web:frontend", "words:python-lib")
PINNED = re.compile(r"[\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+\S*")


@pytest.fixture(scope="module", params=["every kind", "a library"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Return a new repository with the workflows of both forges, with few services and with all."""
    place = tmp_path_factory.mktemp("made")
    services = EVERY if request.param == "every kind" else EVERY[-1:]
    words = [word for one in services for word in ("--service", one)]
    said = _home(place).seatrial("new", "shop", "--yes", "--ci", "both", *words)
    assert said.code == 0, said.all
    return Repository(place / "shop", place / "home", {"NO_COLOR": "1"})


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    said = _home(tmp_path).seatrial("new", "shop", "--yes", "--ci", "gitea", "--service", EVERY[-1])
    assert said.code == 0, said.all
    return Repository(tmp_path / "shop", tmp_path / "home", {"NO_COLOR": "1", "CI": ""})


def _home(place: Path) -> Repository:
    (place / "home/run").mkdir(parents=True)
    return Repository(place, place / "home")


def workflows(repository: Repository) -> list[Path]:
    found = sorted(repository.root.glob(".git*/workflows/*.yml"))
    assert [str(path.relative_to(repository.root)) for path in found] == [
        ".gitea/workflows/release.yml",
        ".gitea/workflows/test.yml",
        ".github/workflows/release.yml",
        ".github/workflows/test.yml",
    ]
    return found


def ran(*words: str | Path, cwd: Path) -> Said:
    program = Path(sys.executable).parent / words[0]
    answer = subprocess.run(
        [program, *words[1:]], cwd=cwd, capture_output=True, text=True, check=False
    )
    return Said(answer.returncode, answer.stdout, answer.stderr)


def test_they_are_valid_by_the_published_schema(made: Repository) -> None:
    schema = ("--builtin-schema", "vendor.github-workflows")
    said = ran("check-jsonschema", *schema, *workflows(made), cwd=made.root)
    assert said.code == 0, said.all


def test_zizmor_has_nothing_to_say(made: Repository) -> None:
    words = ("--offline", "--no-progress", "--persona", "pedantic", "--no-config")
    said = ran("zizmor", *words, *workflows(made), cwd=made.root)
    assert said.code == 0, said.all
    assert "No findings to report" in said.all


def test_our_own_rules_have_nothing_to_say(made: Repository) -> None:
    said = made.seatrial("lint", "--no-hadolint", "--format", "text", ".github", ".gitea")
    assert (said.code, said.out.splitlines()[-1]) == (0, "no findings in 4 files"), said.all


def test_every_action_is_named_by_a_commit_with_its_version_beside(made: Repository) -> None:
    for path in workflows(made):
        used = re.findall(r"uses: (.*)", path.read_text())
        assert used
        assert [one for one in used if not PINNED.match(one)] == []


def test_no_script_has_an_expression_in_it(made: Repository) -> None:
    from ruamel.yaml import YAML

    for path in workflows(made):
        jobs = YAML(typ="safe").load(path.read_text())["jobs"]
        steps = [step for job in jobs.values() for step in job["steps"]]
        assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []


def test_the_workflows_of_another_forge_come_by_one_command(shop: Repository) -> None:
    assert not (shop.root / ".github").exists()
    said = shop.seatrial("ci", "write", "--for", "github", "--dry-run")
    assert "+name: Test" in said.out
    assert "nothing was written" in said.out
    assert not (shop.root / ".github").exists()
    said = shop.seatrial("ci", "write", "--for", "github")
    assert said.code == 0, said.all
    assert len(workflows(shop)) == 4
    assert shop.seatrial("ci", "write").out == "✓ the workflows are true: 4 files\n"
    assert shop.seatrial("ci", "check").code == 0


def test_a_workflow_that_was_there_before_is_left_alone_and_named(shop: Repository) -> None:
    own = "on: push\njobs: {}\n"
    shop.write(".github/workflows/test.yml", own)
    said = shop.seatrial("ci", "write", "--for", "github")
    assert "you have made it; the scaffold has a file of this name, too" in said.out
    assert "added" in said.out
    assert (shop.root / ".github/workflows/test.yml").read_text() == own
    said = shop.seatrial("ci", "check")
    assert (said.code, said.out.splitlines()) == (
        0,
        [
            "✓ the workflows are true: 3 files",
            "  your own, and left alone: .github/workflows/test.yml",
        ],
    )


def test_a_service_that_no_workflow_names_is_found_and_added(shop: Repository) -> None:
    shutil.copytree(shop.root / "services/words", shop.root / "services/more")
    said = shop.seatrial("ci", "check")
    assert said.code == 1
    assert "+        service: [words, more]" in said.out
    assert said.out.splitlines()[-1] == "next: seatrial ci write"
    assert shop.seatrial("ci", "write").code == 0
    assert shop.seatrial("ci", "check").code == 0


def test_add_puts_a_service_into_the_matrix(shop: Repository) -> None:
    said = shop.seatrial("add", "mail", "--kind", "python-lib")
    assert "added to .gitea/workflows/test.yml: mail" in said.out
    assert "service: [words, mail]" in (shop.root / ".gitea/workflows/test.yml").read_text()
    assert shop.seatrial("ci", "check").code == 0


def test_a_repository_without_workflows_is_told_how_to_get_some(tmp_path: Path) -> None:
    home = _home(tmp_path)
    assert home.seatrial("new", "shop", "--yes", "--ci", "none").code == 0
    shop = Repository(tmp_path / "shop", tmp_path / "home")
    assert list(shop.root.glob(".git*/workflows")) == []
    said = shop.seatrial("ci", "check")
    assert said.code == 2
    assert "seatrial ci write --for github|gitea|both" in said.err


def test_the_matrix_is_the_same_here_and_in_ci(shop: Repository, tmp_path: Path) -> None:
    repo = Checkout(shop.root)
    repo.git("symbolic-ref", "HEAD", "refs/heads/main")
    first = repo.commit("Begin")
    shop.seatrial("add", "mail", "--kind", "python-lib")
    repo.git("switch", "-q", "-c", "feature")
    repo.commit("Add mail")
    here = shop.seatrial("ci", "matrix").out
    repo.git("switch", "-q", "main")
    clone = repo.clone(tmp_path / "clone")
    clone.git("switch", "-q", "feature")
    there = Repository(clone.root, shop.home)
    assert '"service":"mail"' in here
    assert there.seatrial("ci", "matrix").out == here
    actions = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request"}
    there.variables |= {**actions, "GITHUB_BASE_REF": "main"}
    assert there.seatrial("ci", "matrix").out == here
    assert there.seatrial("ci", "matrix", "--base", first).out == here
    # In a clone without history nobody can say: then it is all, and is said.
    few = repo.clone(tmp_path / "few", "--depth", "1", "--branch", "feature")
    said = Repository(few.root, shop.home, there.variables).seatrial("ci", "matrix")
    assert '"service":"words"' in said.out
    assert "all suites run: there is no commit origin/main here" in said.err


def test_the_jobs_of_a_large_service_run_all_its_tests_and_none_twice(shop: Repository) -> None:
    for name in ("one", "two", "three"):
        slow = f"import time\n\n\ndef test_{name}() -> None:\n    time.sleep(2)\n"
        shop.write(f"services/words/tests/unit/test_{name}.py", slow)
    run = ("test", "--runtime", "process", "--output", "json")
    whole = shop.seatrial(*run)
    assert whole.code == 0, whole.all
    said = shop.seatrial("ci", "matrix", "--all", "--aim", "3", "--shards", "3")
    jobs = json.loads(said.out)["include"]
    assert [job["name"] for job in jobs] == [f"words-{n}-of-3" for n in (1, 2, 3)]
    parts = []
    for job in jobs:
        stages = [word for stage in job["stages"].split() for word in ("--stage", stage)]
        part = shop.seatrial(*run, job["service"], *stages, "--shard", job["shard"])
        assert part.code == 0, part.all
        parts += ran_tests(part)
    assert sorted(parts) == sorted(ran_tests(whole))


def ran_tests(said: Said) -> list[str]:
    """Return the ids of the tests that ran."""
    return [event["result"]["id"] for event in said.events("TestFinished")]


def test_what_cannot_be_asked_for_is_refused(shop: Repository) -> None:
    Checkout(shop.root).commit()
    for words, what in (
        (("matrix", "--all", "--base", "main"), "--all compares with nothing"),
        (("matrix", "wrods"), "no service or suite is called 'wrods'"),
        (("matrix", "--base", "nowhere"), "nowhere"),
        (("write", "--for", "gitlab"), "gitlab"),
    ):
        said = shop.seatrial("ci", *words)
        assert (said.code, said.out) == (2, ""), said.all
        assert what in said.err


def test_a_conflict_is_marked_and_told(shop: Repository, tmp_path: Path) -> None:
    path = shop.root / ".gitea/workflows/test.yml"
    record = shop.root / ".seatrial-scaffold.json"
    # As an older seatrial wrote it, and as somebody changed it since.
    path.write_text(path.read_text().replace("name: Test\n", "name: Mine\n"))
    _age(record, "name: Test\n", "name: Old\n")
    said = shop.seatrial("ci", "write")
    assert said.code == 1
    assert "conflict" in said.out
    assert "<<<<<<< yours" in path.read_text()
    said = shop.seatrial("ci", "check")
    assert said.code == 1
    marked = re.compile(r"<<<<<<< yours\n(.*\n)=======\n.*\n>>>>>>> .*\n")
    path.write_text(marked.sub(r"\1", path.read_text()))
    assert shop.seatrial("ci", "check").code == 0


def _age(record: Path, new: str, old: str) -> None:
    from dataclasses import replace

    from seatrial.scaffold.model import File
    from seatrial.scaffold.record import dump, load, pristine

    known = load(record.parent)
    path = ".gitea/workflows/test.yml"
    text = known.files[path].text
    assert text is not None
    older = pristine({path: File(text.replace(new, old))})
    record.write_text(dump(replace(known, files={**known.files, **older})))
