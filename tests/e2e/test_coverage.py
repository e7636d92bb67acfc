"""`seatrial test --coverage` with real pytest, coverage.py and vitest, on lines that are known."""

from __future__ import annotations

import shlex
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from seatrial.model.coverage import FileCoverage
from seatrial.runners.lcov import read
from tests.support.program import Repository, Said, copy_of

API, PREPARE, UNUSED = (f"services/api/{name}.py" for name in ("api", "prepare", "unused"))
PROJECT = '[project]\nname = "api"\nversion = "0.1.0"\nrequires-python = ">=3.11"\n'


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    return copy_of("covered", tmp_path)


def measured(work: Repository, *words: str, code: int = 0) -> Said:
    """Run with the process runtime and return what was said as events."""
    run = ("test", *words, "--runtime", "process", "--coverage", "cov", "--output", "json")
    said = work.seatrial(*run)
    assert said.code == code, said.all
    return said


def files(work: Repository, folder: str = "cov") -> dict[str, FileCoverage]:
    found = {file.path: file for file in read((work.root / folder / "lcov.info").read_text())}
    assert list(found) == sorted(found)
    return found


def missed(work: Repository, file: FileCoverage) -> list[str]:
    """Return the lines that nothing ran, as they stand in the source."""
    lines = (work.root / file.path).read_text().splitlines()
    return [lines[number - 1].strip() for number, hits in file.lines.items() if not hits]


@pytest.mark.local
def test_workers_children_services_and_all_stages_count_together(work: Repository) -> None:
    setup = "[services.api.service]\nsetup = [\"python -c 'import prepare'\"]\n"
    work.write("seatrial.toml", setup)
    work.write("services/api/prepare.py", "READY = True  # set-up\n")
    said = measured(work, "api", "integration")
    found = files(work)
    assert set(found) == {API, PREPARE, UNUSED}
    assert missed(work, found[API]) == ['return "never"  # nobody']
    assert missed(work, found[UNUSED]) == ["VALUE = 1", "def value() -> int:", "return VALUE"]
    assert missed(work, found[PREPARE]) == []
    (event,) = said.events("CoverageReported")
    (api,) = event["services"]
    assert (api["name"], api["files"], api["lines"], api["lines_covered"]) == ("api", 3, 26, 22)
    assert event["folder"] == "cov"
    # The environment of the service is as its files ask for.
    assert not list((work.root / "services/api/.venv").rglob("coverage"))
    assert work.traces() == []
    whole = Xml.parse(work.root / "cov/cobertura.xml").getroot()
    assert (whole.get("lines-valid"), whole.get("lines-covered")) == ("26", "22")
    index = (work.root / "cov/html/index.html").read_text()
    assert API in index
    assert "84.6%" in index


def test_a_failing_run_and_a_suite_with_its_own_pytest_cov_are_reported(work: Repository) -> None:
    settings = '[tool.pytest.ini_options]\npythonpath = ["."]\naddopts = "--cov=api --cov-branch"\n'
    group = '[dependency-groups]\ndev = ["pytest>=8", "pytest-cov>=7"]\n'
    work.write("services/api/pyproject.toml", PROJECT + group + settings)
    work.write("services/api/tests/unit/test_bad.py", "def test_bad():\n    assert False\n")
    measured(work, "api", "--stage", "unit", code=1)
    file = files(work)[API]
    assert {branch.line for branch in file.branches} == {8, 23, 25, 34}
    assert 'return "child"  # a process that a unit test starts' not in missed(work, file)
    assert 'return "even"  # service' in missed(work, file)
    assert not list((work.root / "services/api").glob(".coverage*"))


def test_the_projects_own_configuration_says_what_counts(work: Repository) -> None:
    pyproject = work.root / "services/api/pyproject.toml"
    own = '\n[tool.coverage.run]\nbranch = true\nomit = ["unused.py"]\n'
    own += '[tool.coverage.report]\nexclude_also = ["def seldom"]\n'
    pyproject.write_text(pyproject.read_text() + own)
    measured(work, "api", "--stage", "unit")
    (file,) = files(work).values()
    assert file.path == API
    assert 'return "never"  # nobody' not in missed(work, file)
    assert file.branches


@pytest.mark.local
def test_the_reports_of_shards_are_put_together_as_the_guide_says(work: Repository) -> None:
    (event,) = measured(work, "api", "integration").events("CoverageReported")
    (api,) = event["services"]
    whole = files(work)
    guide = (Path(__file__).parents[2] / "docs/how-to/coverage.md").read_text()
    documented = [
        shlex.split(line.removeprefix("$ seatrial "))
        for line in guide.splitlines()
        if line.startswith(("$ seatrial test --shard", "$ seatrial ci coverage"))
    ]
    assert [words[:3] for words in documented] == [
        ["test", "--shard", "1/2"],
        ["test", "--shard", "2/2"],
        ["ci", "coverage", "shard-1"],
    ]
    for words in documented:
        # Of the services only the one that needs no Node.js.
        some = ("api", "integration", "--runtime", "process") if words[0] == "test" else ()
        said = work.seatrial(*words, *some)
        assert said.code == 0, said.all
    shards = [read((work.root / f"shard-{n}/lcov.info").read_text()) for n in (1, 2)]
    covered = [sum(hits > 0 for file in shard for hits in file.lines.values()) for shard in shards]
    together = files(work, "coverage")
    assert {p: f.lines.keys() for p, f in together.items()} == {
        p: f.lines.keys() for p, f in whole.items()
    }
    assert {p: missed(work, f) for p, f in together.items()} == {
        p: missed(work, f) for p, f in whole.items()
    }
    assert all(covered)
    assert f"{api['lines_covered']} of {api['lines']} lines" in said.out
    assert (work.root / "coverage/html/index.html").is_file()


def test_a_shard_without_a_suite_has_a_report_that_can_be_put_together(work: Repository) -> None:
    said = work.seatrial("test", "api", "--shard", "9/9", "--coverage", "cov")
    assert said.code == 0, said.all
    assert (work.root / "cov/lcov.info").read_text() == ""
    assert work.seatrial("ci", "coverage", "cov", "--to", "all").code == 0


def test_what_is_no_report_of_this_repository_is_refused(work: Repository) -> None:
    work.write("other/lcov.info", "SF:/elsewhere/a.py\nDA:1,1\nend_of_record\n")
    said = work.seatrial("ci", "coverage", "other", "--to", "cov")
    assert (said.code, said.out) == (2, "")
    assert "other/lcov.info tells of no file of" in said.err
    (work.root / "other/lcov.info").unlink()
    said = work.seatrial("ci", "coverage", "other", "--to", "cov")
    assert said.code == 2
    assert "No such file" in said.err
    assert not (work.root / "cov").exists()


@pytest.mark.node
def test_vitest_is_measured_with_its_provider_and_told_of_without(work: Repository) -> None:
    said = work.seatrial("test", "web", "--coverage", "cov", "--output", "plain")
    assert said.code == 0, said.all
    assert "web   50.0%  2 of 4 lines, 1 of 2 branches" in said.out
    page = files(work)["services/web/src/page.js"]
    assert missed(work, page) == ['return "nobody";', 'return "never";']
    package = work.root / "services/web/node_modules/@vitest/coverage-v8/package.json"
    package.unlink()
    said = work.seatrial("test", "web", "--coverage", "cov", "--output", "agent")
    assert said.code == 0, said.all
    lacking = "unit:web: its coverage is not measured, for @vitest/coverage-v8 is not installed"
    assert lacking in said.out
    assert "coverage: nothing was measured, in cov" in said.out


def test_a_folder_that_cannot_be_written_is_told_before_any_test(work: Repository) -> None:
    work.write("cov", "a file")
    said = work.seatrial("test", "--coverage", "cov/here")
    assert said.code == 2
    assert "the reports of coverage could not be written to cov/here" in said.err
    assert "passed" not in said.all


@pytest.mark.node
def test_what_is_tried_again_adds_to_what_ran_before(work: Repository) -> None:
    # Fails once, in a file of its own; the others do not run again with it.
    flaky = """
import { existsSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { footer } from "../../src/page.js";
test("a footer is never there", () => {
  const again = existsSync("again");
  writeFileSync("again", "");
  expect(again && footer()).toBe("never");
});
"""
    work.write("services/web/tests/unit/flaky.test.js", flaky)
    # What the first attempt reaches, and the second alone does not.
    least = "export default { test: { coverage: { thresholds: { lines: 40 } } } };"
    work.write("services/web/vitest.config.js", least)
    said = work.seatrial("test", "web", "--retries", "1", "--coverage", "cov", "--output", "plain")
    assert said.code == 0, said.all
    assert missed(work, files(work)["services/web/src/page.js"]) == ['return "nobody";']
    assert (work.root / "cov/.gitignore").read_text() == "*\n"


@pytest.mark.engine
def test_a_run_on_docker_says_that_containers_are_not_counted(work: Repository) -> None:
    compose = 'services:\n  cache:\n    image: redis:7\n    ports: ["6379"]\n'
    work.write("services/api/deploy/test/docker-compose.yml", compose)
    work.write("services/api/tests/integration/test_api.py", "def test_it() -> None:\n    pass\n")
    words = ("test", "api", "--stage", "service", "--runtime", "docker", "--coverage", "cov")
    said = work.seatrial(*words, "--output", "agent")
    assert said.code == 0, said.all
    assert "note: what runs in containers is not counted; --runtime process counts" in said.out
    assert "coverage: 0.0% of 25 lines (api 0.0%), in cov" in said.out
