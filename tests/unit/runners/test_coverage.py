"""What JavaScript runners are told in order to measure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from seatrial.model.project import Stage, Suite
from seatrial.model.result import Outcome, TestResult
from seatrial.runners.base import RunnerOptions, RunPlace
from seatrial.runners.coverage import is_measurable, lacking, reports
from seatrial.runners.registry import runner

OPTIONS = RunnerOptions(coverage=True)


def suite(folder: Path, name: str) -> Suite:
    return Suite(Stage.UNIT, "web", folder, name, "a test", command=(name, "run"))


def words(tmp_path: Path, name: str, options: RunnerOptions = OPTIONS) -> str:
    place = RunPlace(tmp_path / "report", tmp_path / "scratch")
    return runner(name).invocation(suite(tmp_path, name), options, place).argv[-1]


def install(folder: Path, package: str) -> None:
    home = folder / "node_modules" / package
    home.mkdir(parents=True)
    (home / "package.json").write_text("{}")


@pytest.mark.parametrize("provider", ["@vitest/coverage-v8", "@vitest/coverage-istanbul"])
def test_vitest_measures_with_a_provider_of_the_folder_or_above(
    tmp_path: Path, provider: str
) -> None:
    below = tmp_path / "packages/web"
    below.mkdir(parents=True)
    assert lacking(suite(below, "vitest")) == "@vitest/coverage-v8"
    assert "--coverage.enabled" not in words(tmp_path, "vitest")
    install(tmp_path, provider)
    assert lacking(suite(below, "vitest")) == ""
    said = words(tmp_path, "vitest")
    assert "--coverage.enabled=true --coverage.reporter=lcovonly" in said
    assert f"--coverage.reportsDirectory={tmp_path}/scratch/coverage" in said
    assert "thresholds" not in said


def test_jest_measures_by_itself(tmp_path: Path) -> None:
    said = words(tmp_path, "jest")
    assert f"--coverageReporters=lcovonly --coverageDirectory={tmp_path}/scratch/coverage" in said
    assert "--coverageThreshold" not in said


def test_nobody_measures_unasked(tmp_path: Path) -> None:
    install(tmp_path, "@vitest/coverage-v8")
    assert "--coverage.enabled" not in words(tmp_path, "vitest", RunnerOptions())
    assert "--coverageReporters" not in words(tmp_path, "jest", RunnerOptions())


def test_thresholds_are_not_for_the_few_that_run_again(tmp_path: Path) -> None:
    install(tmp_path, "@vitest/coverage-v8")
    few = replace(OPTIONS, only=(TestResult("a.test.js > it", Outcome.FAILED),))
    assert "--coverage.thresholds.lines=0" in words(tmp_path, "vitest", few)
    assert "'--coverageThreshold={}'" in words(tmp_path, "jest", few)


def test_what_was_written_is_found(tmp_path: Path) -> None:
    assert reports(tmp_path) == []
    (tmp_path / "coverage").mkdir()
    (tmp_path / "coverage/lcov.info").touch()
    assert reports(tmp_path) == [tmp_path / "coverage/lcov.info"]


@pytest.mark.parametrize(("name", "can"), [("pytest", True), ("command", True), ("go", False)])
def test_it_is_known_who_can_be_measured(name: str, can: bool) -> None:
    assert is_measurable(suite(Path("/nowhere"), name)) is can
