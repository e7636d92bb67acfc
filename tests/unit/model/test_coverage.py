from pathlib import Path

import pytest

from seatrial.model.coverage import Branch, Covered, FileCoverage, covered, is_test, merged
from seatrial.model.project import Project, Service, ServiceKind

ROOT = Path("/repo")


def project(*services: str) -> Project:
    found = tuple(Service(s.rsplit("/", 1)[-1], ROOT / s, ServiceKind.PYTHON) for s in services)
    return Project(ROOT, "repo", found, ())


def test_a_file_that_two_suites_ran_counts_once() -> None:
    unit = FileCoverage("a.py", {1: 1, 2: 0, 3: 4}, {Branch(2, "0", "x"): 0})
    service = FileCoverage("a.py", {1: 2, 2: 1}, {Branch(2, "0", "x"): 1, Branch(2, "0", "y"): 0})
    report = merged(project(), [unit, service])
    (file,) = report.files
    assert file.lines == {1: 3, 2: 1, 3: 4}
    assert file.branches == {Branch(2, "0", "x"): 1, Branch(2, "0", "y"): 0}
    assert report.total == Covered("", 1, 3, 3, 2, 1)


def test_each_file_is_of_the_innermost_service_or_of_none() -> None:
    found = [
        FileCoverage("services/api/api.py", {1: 1}),
        FileCoverage("services/api/plug/in.py", {1: 0}),
        FileCoverage("services/apiary/bee.py", {1: 0, 2: 0}),
        FileCoverage("shared/money.py", {1: 1}),
    ]
    report = merged(project("services/api/plug", "services/api"), found)
    assert [(one.name, one.lines, one.lines_covered) for one in report.services] == [
        ("plug", 1, 0),
        ("api", 1, 1),
        ("", 3, 1),
    ]
    assert sum(report.services, Covered("")) == covered("", report.files)


@pytest.mark.parametrize(
    "path",
    [
        "services/api/tests/unit/test_api.py",
        "services/api/tests/support.py",
        "conftest.py",
        "src/money_test.py",
        "src/page.test.tsx",
        "src/page.spec.mjs",
        "src/__tests__/page.js",
    ],
)
def test_tests_do_not_count(path: str) -> None:
    assert is_test(path)
    assert merged(project(), [FileCoverage(path, {1: 1})]).files == ()


@pytest.mark.parametrize("path", ["src/contest.py", "src/latest.js", "testing/wait.py", "tests.py"])
def test_code_with_such_a_name_counts(path: str) -> None:
    assert not is_test(path)


def test_the_rate_of_nothing_is_whole() -> None:
    assert Covered("empty").rate == 1.0
    assert Covered("half", 1, 4, 2).rate == 0.5
