"""Go's reader, on what ``go test -json ./...`` of Go 1.27.3 wrote for the fixture projects."""

import tomllib
from pathlib import Path

import pytest

from seatrial.model.result import Counts, Doubt, Outcome, Verdict
from seatrial.runners.base import Ending, Finished
from seatrial.runners.go import GoReader

RECORDED = Path(__file__).parent / "recorded"
PROJECTS = Path(__file__).parents[2] / "projects" / "runners"


def read(name: str, exit_code: int = 1, lines: slice = slice(None)) -> Ending:
    reader = GoReader()
    for line in (RECORDED / f"{name}.jsonl").read_text().splitlines()[lines]:
        list(reader.output_line(line))
    return reader.finish(exit_code)


@pytest.mark.parametrize("name", ["go", "go-panic"])
def test_recorded_output_ends_as_the_project_declares(name: str) -> None:
    expected = tomllib.loads((PROJECTS / name / "expected.toml").read_text())
    ending = read(name)
    assert ending.verdict is Verdict(expected["verdict"])
    assert ending.counts == Counts(**expected["counts"])
    assert {test.id for test in ending.failures} == set(expected["failing"])


def test_a_failure_has_its_message_file_and_line() -> None:
    wrong = next(t for t in read("go").failures if t.id.endswith("TestWrong"))
    assert (wrong.message, wrong.file, wrong.line) == ("got 2, want 3", "sums_test.go", 8)


def test_a_package_that_does_not_build_says_what_the_compiler_said() -> None:
    broken = next(t for t in read("go").failures if t.id == "shop/broken")
    assert broken.outcome is Outcome.ERROR
    assert "undefined: thereIsNoSuchFunction" in broken.message


@pytest.mark.parametrize("end", range(4, 39))
def test_output_cut_anywhere_never_passes(end: int) -> None:
    assert read("go", exit_code=0, lines=slice(end)).verdict is not Verdict.PASSED


def test_failures_outweigh_a_good_exit_code() -> None:
    assert read("go", exit_code=0).doubt is Doubt.EXIT_ZERO


def test_a_module_without_tests_is_no_pass() -> None:
    reader = GoReader()
    list(reader.output_line("?   \tshop/none\t[no test files]"))
    assert reader.finish(0).verdict is Verdict.NO_TESTS


def test_a_test_that_began_is_reported_with_its_moment() -> None:
    reader = GoReader()
    lines = (RECORDED / "go.jsonl").read_text().splitlines()
    results = [
        f.result for line in lines for f in reader.output_line(line) if isinstance(f, Finished)
    ]
    assert all(r.started > 1.7e9 for r in results if " " in r.id)
