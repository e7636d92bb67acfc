"""What the plugin offers to tests, and that it leaves those alone that do not ask for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.inner_pytest import pytest_in, write

FINE = "def test_fine(): pass\n"
COMPOSE = "services: {db: {image: postgres}}\n"
LAYOUT = {
    "pytest.ini": "[pytest]\naddopts = --strict-markers\n",
    "services/api/tests/unit/deep/test_a.py": FINE,
    "services/api/tests/integration/test_b.py": FINE,
    "services/api/deploy/test/docker-compose.yml": COMPOSE,
    "services/web/tests/integration/test_c.py": FINE,
    "tests/integration/test_d.py": FINE,
    "deploy/test/docker-compose.yml": COMPOSE,
    "tests/test_e.py": FINE,
}


def collected(folder: Path, *words: str) -> list[str]:
    out = pytest_in(folder, "--collect-only", "-q", *words).stdout
    return [
        line.rpartition("/")[2].partition(".py")[0] for line in out.splitlines() if "::" in line
    ]


@pytest.mark.parametrize(
    ("stage", "files"),
    [
        ("unit", ["test_a"]),
        ("service", ["test_b"]),
        ("integration", ["test_c", "test_d"]),
        ("not unit and not service and not integration", ["test_e"]),
    ],
)
def test_the_layout_says_the_stage(tmp_path: Path, stage: str, files: list[str]) -> None:
    write(tmp_path, LAYOUT)
    assert sorted(collected(tmp_path, "-m", stage)) == files


def test_a_marker_that_the_project_has_itself_is_its_own(tmp_path: Path) -> None:
    own = "[pytest]\nmarkers =\n    integration: takes long\n"
    write(tmp_path, {**LAYOUT, "pytest.ini": own})
    assert collected(tmp_path, "-m", "integration") == []
    assert collected(tmp_path, "-m", "unit") == ["test_a"]


def test_a_test_that_says_its_stage_keeps_it(tmp_path: Path) -> None:
    marked = "import pytest\n@pytest.mark.integration\ndef test_fine(): pass\n"
    write(tmp_path, {"pytest.ini": "[pytest]\n", "tests/unit/test_a.py": marked})
    assert collected(tmp_path, "-m", "unit") == []
    assert collected(tmp_path, "-m", "integration") == ["test_a"]


def test_the_url_of_a_service_is_what_the_environment_says(tmp_path: Path) -> None:
    test = 'def test_it(service_url): assert service_url("event-store") == "http://here:1"\n'
    write(tmp_path, {"test_it.py": test})
    answer = pytest_in(tmp_path, TEST_EVENT_STORE_URL="http://here:1/")
    assert answer.returncode == 0, answer.stdout


def test_a_url_that_is_not_there_says_how_to_start_the_tests(tmp_path: Path) -> None:
    write(tmp_path, {"test_it.py": 'def test_it(service_url): service_url("api")\n'})
    answer = pytest_in(tmp_path, TEST_WEB_URL="http://here:1")
    assert "TEST_API_URL is not set" in answer.stdout
    assert "set are: TEST_WEB_URL" in answer.stdout
    assert "seatrial test" in answer.stdout
    assert "Traceback" not in answer.stdout


def test_a_fixture_of_the_project_comes_first(tmp_path: Path) -> None:
    own = "import pytest\n@pytest.fixture\ndef service_url(): return 7\n"
    test = "def test_it(service_url): assert service_url == 7\n"
    write(tmp_path, {"conftest.py": own, "test_it.py": test})
    assert pytest_in(tmp_path).returncode == 0


def test_pytest_starts_without_what_nobody_asked_for() -> None:
    """What importing the plugin costs, as the modules it adds to those that pytest has itself."""
    program = (
        "import sys, pytest; before = set(sys.modules); import seatrial.testing.plugin;"
        "print(*sorted(set(sys.modules) - before))"
    )
    added = subprocess.check_output([sys.executable, "-c", program], text=True).split()
    assert added == ["seatrial", *(f"seatrial.testing{m}" for m in ("", ".plugin", ".stages"))]
