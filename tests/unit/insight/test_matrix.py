from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from seatrial.errors import UsageError
from seatrial.insight.matrix import Entry, Wanted, jobs, whole
from seatrial.model.expected import Expected
from seatrial.model.project import LeftOut, Project, Stage
from seatrial.planning.plan import TestOptions
from tests.support.projects import ROOT, integration, project, service, unit

SHOP = project(unit("web"), unit("api"), service("api"), integration())


def told(
    shop: Project = SHOP,
    touched: set[str] | None = None,
    wanted: Wanted | None = None,
    past: dict[str, float] | None = None,
) -> tuple[Entry, ...]:
    def with_past(options: TestOptions) -> TestOptions:
        return replace(options, expected=Expected(past or {}))

    return jobs(shop, touched, wanted or Wanted(), with_past)


def names(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.name for entry in entries]


def test_each_service_is_a_job_and_the_tests_of_all_together_are_the_last() -> None:
    assert [(e.name, e.service, e.stages, str(e.shard)) for e in told()] == [
        ("api", "api", (Stage.UNIT, Stage.SERVICE), "1/1"),
        ("web", "web", (Stage.UNIT,), "1/1"),
        ("integration", None, (Stage.INTEGRATION,), "1/1"),
    ]


def test_only_what_is_touched_is_a_job_and_it_runs_all_stages_of_its_service() -> None:
    (one,) = told(touched={"service:api"})
    assert (one.name, one.stages, one.suites) == (
        "api",
        (Stage.UNIT, Stage.SERVICE),
        ("service:api",),
    )


def test_where_nothing_is_touched_there_is_no_job() -> None:
    assert told(touched=set()) == ()


def test_stages_and_services_narrow_the_jobs() -> None:
    assert names(told(wanted=Wanted(stages=(Stage.INTEGRATION,)))) == ["integration"]
    assert names(told(wanted=Wanted(("web",), (Stage.UNIT, Stage.SERVICE)))) == ["web"]
    assert told(wanted=Wanted(stages=(Stage.SERVICE,)))[0].stages == (Stage.SERVICE,)


def test_a_stage_that_nothing_has_is_no_error_but_an_unknown_service_is() -> None:
    assert told(project(unit("lib")), wanted=Wanted(stages=(Stage.INTEGRATION,))) == ()
    with pytest.raises(UsageError, match="ap1"):
        told(wanted=Wanted(("ap1",)))


def test_without_a_past_nothing_is_split_and_no_time_is_told() -> None:
    assert [entry.seconds for entry in told(wanted=Wanted(aim=0.1))] == [None, None, None]


def test_a_large_service_is_split_into_shards_of_about_the_same_time() -> None:
    past = {"unit:api": 200.0, "service:api": 200.0, "unit:web": 20.0}
    entries = told(past=past)
    assert names(entries) == ["api-1-of-2", "api-2-of-2", "web", "integration"]
    assert [(str(e.shard), e.seconds) for e in entries[:2]] == [("1/2", 200.0), ("2/2", 200.0)]


def test_a_service_gets_no_more_jobs_than_are_allowed_or_than_help() -> None:
    past = {"unit:api": 1000.0, "service:api": 10.0}
    # A second job would spare ten seconds of a thousand.
    assert names(told(project(unit("api"), service("api")), past=past)) == ["api"]
    past = {"unit:api": 1000.0, "service:api": 1000.0}
    assert names(told(project(unit("api"), service("api")), wanted=Wanted(most=1), past=past)) == [
        "api"
    ]


def test_a_suite_that_cannot_run_here_is_a_job_for_a_machine_where_it_can() -> None:
    here = replace(project(unit("api")), left_out=(LeftOut(unit("web"), "node"),))
    assert names(told(whole(here))) == ["api", "web"]


def test_names_are_fit_for_artifacts_and_never_the_same() -> None:
    odd = project(unit("a b"), unit("a:b"), unit("integration"), integration())
    assert names(told(odd)) == ["a-b", "a-b.2", "integration", "integration.2"]


def test_tests_of_a_service_that_need_all_others_belong_to_no_service() -> None:
    late = integration("api", service="api", folder=Path(ROOT / "services/api"))
    entries = told(project(unit("api"), late))
    assert [(e.name, e.service, e.stages) for e in entries] == [
        ("api", "api", (Stage.UNIT,)),
        ("integration", None, (Stage.INTEGRATION,)),
    ]
