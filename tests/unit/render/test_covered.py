import pytest

from seatrial.events import CoverageReported
from seatrial.model.coverage import Covered
from seatrial.render.covered import coverage_lines, coverage_text, percent
from seatrial.render.record import Record
from seatrial.render.style import text_of


def said(*services: Covered) -> list[str]:
    record = Record()
    record.take(CoverageReported(1.0, "cov", services))
    return [text_of(one) for one in coverage_lines(record)]


def test_people_get_a_row_for_each_service_and_one_for_all() -> None:
    rows = said(Covered("api", 2, 40, 30, 4, 1), Covered("", 1, 10, 10))
    assert rows == [
        "coverage     api         75.0%  30 of 40 lines, 1 of 4 branches",
        "             elsewhere    100%  10 of 10 lines",
        "             all         80.0%  40 of 50 lines, 1 of 4 branches",
        "             reports in cov",
    ]


def test_one_service_is_all() -> None:
    assert said(Covered("api", 1, 1, 1)) == [
        "coverage     api    100%  1 of 1 line",
        "             reports in cov",
    ]


def test_nothing_measured_is_said_and_is_no_hundred_per_cent() -> None:
    assert said() == ["coverage     nothing was measured"]
    assert coverage_text(CoverageReported(1.0, "cov", ())) == (
        "coverage: nothing was measured, in cov"
    )


def test_who_did_not_ask_reads_nothing() -> None:
    assert list(coverage_lines(Record())) == []


def test_an_agent_gets_one_line_with_the_worst_first() -> None:
    many = tuple(Covered(f"s{number}", 1, 10, number) for number in range(10))
    text = coverage_text(CoverageReported(1.0, "cov", many))
    assert text.startswith("coverage: 45.0% of 100 lines (s0 0.0%, s1 10.0%, ")
    assert text.endswith("s7 70.0%, 2 more), in cov")


@pytest.mark.parametrize(
    ("lines", "ran", "text"),
    [(10, 10, "100%"), (10000, 9999, "99.9%"), (10000, 1, "0.1%"), (3, 0, "0.0%"), (0, 0, "100%")],
)
def test_no_rounding_makes_all_or_nothing(lines: int, ran: int, text: str) -> None:
    assert percent(Covered("x", 1, lines, ran)) == text
