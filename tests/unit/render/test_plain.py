from __future__ import annotations

import io

import pytest

from seatrial import events
from seatrial.events import Event, Notice
from seatrial.model.project import Stage
from seatrial.model.result import Counts, Doubt, Outcome, SuiteResult, TestResult, Verdict
from seatrial.render.annotations import command, defused
from seatrial.render.base import replay
from seatrial.render.choose import Annotations
from seatrial.render.plain import Plain

from . import runs
from .runs import planned, started


def shown(
    log: list[Event],
    *,
    verbose: bool = False,
    colour: bool = False,
    annotations: Annotations = Annotations.NONE,
) -> tuple[list[str], list[str]]:
    """Return the lines of standard output and of standard error."""
    out, err = io.StringIO(), io.StringIO()
    replay(log, Plain(out, err, verbose=verbose, colour=colour, annotations=annotations))
    return out.getvalue().splitlines(), err.getvalue().splitlines()


def many_failures(number: int, text: str = "assert 0") -> list[Event]:
    plan = planned(Stage.UNIT, "catalog")
    failures = tuple(
        TestResult(
            f"tests/unit/test_x.py::test_{n}",
            Outcome.FAILED,
            0.0,
            text,
            "",
            "tests/unit/test_x.py",
            n,
        )
        for n in range(1, number + 1)
    )
    log: list[Event] = [started(plan), *runs.suite(plan, 0.0, 1.0, number, failures)]
    return runs.finish(log, [plan], 1, Verdict.FAILED)


def test_each_finished_suite_is_a_line_of_standard_output() -> None:
    out, _ = shown(runs.three_services())
    assert out[:6] == [
        "✓ unit:orchestrator  72 passed, 2 skipped  3.2s",
        "✓ unit:price-db  955 passed  4.0s",
        "✓ unit:frontend  31 passed  1.5s",
        "✓ service:orchestrator  12 passed  2.0s",
        "✓ service:price-db  42 passed  3.0s",
        "✓ integration:shop  9 passed  2.4s",
    ]
    assert out[-1] == "✓ passed · 1123 tests, 2 skipped in 6 suites · 10.9s"


def test_progress_goes_to_standard_error() -> None:
    _, err = shown(runs.three_services())
    assert err == [
        "seatrial 0.1.0: shop, 6 suites, run a1b2",
        "environments: Docker, an engine answers (Engine 28.5)",
        "note: unit:admin left out: no node here",
        "ready: service:orchestrator  2.0s",
        "ready: service:price-db  4.6s",
        "ready: integration  2.5s",
    ]


def test_a_failure_is_told_in_full_once_with_logs_and_the_command() -> None:
    out, _ = shown(runs.three_services(good=False))
    assert out.count("    assert 1049 == 1050") == 1
    assert '      database | ERROR:  numeric field "cents" out of range' in out
    assert f"    again: {runs.AGAIN}" in out
    assert out[-1] == (
        "✗ failed · 1 of 1114 tests failed in 5 suites · 8.5s · exit 1: tests failed"
    )


def test_without_colour_no_escape_is_written() -> None:
    assert "\x1b" not in "".join(shown(runs.three_services(good=False))[0])


def test_verbose_streams_with_the_name_in_front_in_a_colour_of_its_own() -> None:
    plans = [planned(Stage.UNIT, name) for name in ("catalog", "orders")]
    log: list[Event] = [started(*plans)]
    log += [events.SuiteOutput(1.0, plan.id, "collected 3 items") for plan in plans]
    out, _ = shown(log, verbose=True)
    assert out == ["catalog | collected 3 items", "orders | collected 3 items"]
    coloured, _ = shown(log, verbose=True, colour=True)
    assert coloured[0].startswith("\x1b[")
    assert coloured[0].split("catalog")[0] != coloured[1].split("orders")[0]


def test_quiet_leaves_the_runners_output_out() -> None:
    plan = planned(Stage.UNIT, "catalog")
    assert shown([started(plan), events.SuiteOutput(1.0, plan.id, "collected 3")])[0] == []


@pytest.mark.parametrize("annotations", [Annotations.GITHUB, Annotations.GITEA])
def test_ci_folds_the_summary_and_annotates_the_line_that_failed(annotations: Annotations) -> None:
    out, _ = shown(runs.three_services(good=False), annotations=annotations)
    assert out[out.index("::group::seatrial: summary") :].count("::endgroup::") == 1
    errors = [text for text in out if text.startswith("::error")]
    assert errors == [
        "::error file=services/price-db/tests/integration/test_prices.py,line=14,"
        "title=service%3Aprice-db  tests/integration/test_prices.py%3A%3Atest_rounding"
        f"::assert 1049 == 1050%0Aagain: {runs.AGAIN}"
    ]
    assert "::notice::unit:admin left out: no node here" in out
    assert out[-1].startswith("✗ failed")


def test_the_tenth_annotation_counts_the_rest() -> None:
    out, _ = shown(many_failures(14), annotations=Annotations.GITHUB)
    errors = [text for text in out if text.startswith("::error")]
    assert len(errors) == 10
    assert errors[-1] == "::error::+5 more, see the log of this step"


def test_ten_annotations_need_no_such_line() -> None:
    out, _ = shown(many_failures(10), annotations=Annotations.GITHUB)
    errors = [text for text in out if text.startswith("::error")]
    assert len(errors) == 10
    assert not any("more" in text for text in errors)


def test_an_environment_that_could_not_be_had_is_annotated_at_its_compose_file() -> None:
    out, _ = shown(runs.no_environment(), annotations=Annotations.GITHUB)
    error = next(text for text in out if text.startswith("::error"))
    assert error.startswith("::error file=services/catalog/deploy/test/docker-compose.yml,line=4::")


def test_a_tests_own_text_cannot_give_workflow_commands() -> None:
    out, _ = shown(many_failures(1, "::set-output name=x::y"), annotations=Annotations.GITHUB)
    assert not any(text.lstrip().startswith("::set-output") for text in out)
    assert any("| ::set-output name=x::y" in text for text in out)


def test_an_absolute_file_is_annotated_relative_to_the_root() -> None:
    plan = planned(Stage.UNIT, "catalog")
    file = "/home/me/shop/services/catalog/src/x.test.ts"
    test = TestResult("x > y", Outcome.FAILED, 0.0, "no", "", file, 3)
    log: list[Event] = [started(plan), *runs.suite(plan, 0.0, 1.0, 1, (test,))]
    out, _ = shown(runs.finish(log, [plan], 1, Verdict.FAILED), annotations=Annotations.GITHUB)
    assert any("file=services/catalog/src/x.test.ts,line=3" in text for text in out)


def test_what_could_not_be_removed_is_a_warning() -> None:
    plan = planned(Stage.UNIT, "catalog")
    noticed = events.Noticed(0.5, Notice.REMOVAL_FAILED, "integration", "the engine is gone")
    log: list[Event] = [started(plan), noticed, *runs.suite(plan, 0.0, 1.0, 1)]
    out, _ = shown(runs.finish(log, [plan]), annotations=Annotations.GITHUB)
    assert "::warning::integration could not be removed: the engine is gone" in out


@pytest.mark.parametrize(
    ("message", "properties", "text"),
    [
        ("50%\r\nmore", {}, "::error::50%25%0D%0Amore"),
        ("x", {"file": "a,b:c%.py"}, "::error file=a%2Cb%3Ac%25.py::x"),
        ("x", {"file": "", "title": "t"}, "::error title=t::x"),
    ],
)
def test_annotations_are_escaped(message: str, properties: dict[str, str], text: str) -> None:
    assert command("error", message, **properties) == text


@pytest.mark.parametrize("text", ["::error::x", "  ::stop-commands::x", "##[group]x"])
def test_lines_that_look_like_commands_are_defused(text: str) -> None:
    assert defused(text).lstrip().startswith("| ")
    assert defused(f"catalog | {text}") == f"catalog | {text}"


def test_a_suite_without_tests_under_a_keyword_is_no_failure() -> None:
    plan, other = planned(Stage.UNIT, "catalog"), planned(Stage.UNIT, "orders")
    none = events.SuiteFinished(1.0, SuiteResult(plan.id, Verdict.NO_TESTS, 0.1))
    log: list[Event] = [
        started(plan, other),
        events.SuiteStarted(0.1, plan.id, "pytest"),
        none,
        *runs.suite(other, 0.0, 1.0, 1),
    ]
    out, _ = shown(runs.finish(log, [plan, other]))
    assert "○ unit:catalog  no tests found  0.1s" in out
    assert not any(text.startswith("✗") for text in out)


def test_a_worker_that_crashed_is_told_with_the_runners_last_lines() -> None:
    plan = planned(Stage.UNIT, "catalog")
    result = SuiteResult(
        plan.id,
        Verdict.FAILED,
        1.0,
        Counts(passed=3),
        doubt=Doubt.WORKER_CRASHED,
        exit_code=0,
        tail=("worker 'gw1' crashed",),
        again="seatrial test catalog --stage unit",
    )
    log: list[Event] = [
        started(plan),
        events.SuiteStarted(0.0, plan.id, "pytest"),
        events.SuiteFinished(1.0, result),
    ]
    out, _ = shown(runs.finish(log, [plan], 1, Verdict.FAILED))
    assert "✗ unit:catalog  exit code 0: a worker of the runner crashed" in out
    assert "    worker 'gw1' crashed" in out
    assert "    again: seatrial test catalog --stage unit" in out
