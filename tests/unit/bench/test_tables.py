from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

TABLES = Path(__file__).parents[3] / "bench" / "tables.py"
PAGE = "before\n<!-- bench:runs -->\nold\n<!-- /bench:runs -->\nafter\n"


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    """The bench is a program, not a package: its pure part is loaded by its path."""
    spec = importlib.util.spec_from_file_location("bench_tables", TABLES)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle(
    tables: ModuleType,
) -> None:
    assert tables.median([4.0, 1.0, 3.0, 2.0]) == 2.5


@pytest.mark.parametrize(("share", "value"), [(0.95, 19), (1.0, 20), (0.5, 10), (0.0, 1)])
def test_a_percentile_is_a_value_that_was_measured(
    tables: ModuleType, share: float, value: int
) -> None:
    assert tables.percentile(list(range(20, 0, -1)), share) == value


def test_a_table_is_as_wide_as_its_widest_cells(tables: ModuleType) -> None:
    assert tables.table(("", "median"), [("seatrial", "1.5 s"), ("x", "10.25 s")]) == [
        "|          |  median |",
        "| -------- | ------: |",
        "| seatrial |   1.5 s |",
        "| x        | 10.25 s |",
    ]


def test_a_section_replaces_what_stood_between_its_markers(tables: ModuleType) -> None:
    page = tables.replaced(PAGE, tables.Section("runs", "Runs", notes=["new"]))
    assert page == (
        "before\n<!-- bench:runs -->\n\n### Runs\n\nnew\n\n<!-- /bench:runs -->\nafter\n"
    )
    assert tables.replaced(page, tables.Section("runs", "Runs", notes=["new"])) == page


def test_a_page_without_the_markers_is_an_error(tables: ModuleType) -> None:
    with pytest.raises(ValueError, match="bench:bytes"):
        tables.replaced(PAGE, tables.Section("bytes", "Bytes"))


def test_what_was_not_measured_is_said_and_a_missed_aim_too(tables: ModuleType) -> None:
    section = tables.Section("runs", "Runs", missing=["no engine"])
    assert "**NOT MEASURED**: no engine" in section.markdown()
    assert (tables.aim(met=True), tables.aim(met=False)) == ("met", "MISSED")
