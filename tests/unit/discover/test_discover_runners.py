"""Discovery, configuration and the runners use the same words."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.config.spec import RUNNERS as WORDS
from seatrial.runners.base import RunnerOptions, RunPlace
from seatrial.runners.registry import RUNNERS, runner
from tests.unit.discover.trees import Tree, found, suite


def test_the_file_takes_the_names_of_all_runners() -> None:
    assert set(WORDS) == set(RUNNERS)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("vitest run", "--exclude 'tests/integration/**'"),
        ("vitest run tests/unit && tsc", "tsc"),
    ],
)
def test_a_script_reaches_its_runner(tree: Tree, script: str, expected: str) -> None:
    tree.write("services/web/package.json", f'{{"scripts": {{"test": "{script}"}}}}')
    unit = suite(found(tree("services/web/tests/integration/a.test.ts")), "unit:web")
    place = RunPlace(Path("report"), Path("scratch"))
    made = runner(unit.runner).invocation(unit, RunnerOptions(), place)
    assert expected in " ".join(made.argv)
    assert made.argv != unit.command
