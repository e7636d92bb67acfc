from __future__ import annotations

import pytest

from seatrial.errors import NoTests, UsageError
from seatrial.model.failed import FailedBefore
from seatrial.model.project import LeftOut, Project, Stage
from seatrial.model.result import Outcome, TestResult
from seatrial.planning.plan import BOOT_TIMEOUT, Plan, SetupCommand, TestOptions, make_plan
from seatrial.runners.base import RunnerOptions
from tests.support.projects import ROOT, STACK, integration, project, service, unit

SHOP = project(
    unit("catalog"), unit("orders"), service("catalog"), service("orders"), integration()
)


def ids(plan: Plan) -> list[str]:
    return [suite.id for suite in plan.suites]


def test_without_options_all_three_stages_run_in_order() -> None:
    plan = make_plan(SHOP, TestOptions())
    assert [stage.stage for stage in plan.stages] == list(Stage)
    assert ids(plan) == [
        "unit:catalog",
        "unit:orders",
        "service:catalog",
        "service:orders",
        "integration:integration",
    ]


def test_a_service_and_a_stage_select_just_that() -> None:
    plan = make_plan(SHOP, TestOptions(services=("catalog",), stages=(Stage.SERVICE,)))
    assert ids(plan) == ["service:catalog"]
    assert [environment.key for environment in plan.environments] == ["catalog"]


def test_a_suite_can_be_chosen_by_its_own_name() -> None:
    assert ids(make_plan(SHOP, TestOptions(services=("integration",)))) == [
        "integration:integration"
    ]


def test_an_unknown_service_is_named_with_the_nearest_known_one() -> None:
    with pytest.raises(UsageError) as caught:
        make_plan(SHOP, TestOptions(services=("catalogue",)))
    assert "'catalogue'" in caught.value.what
    assert "did you mean 'catalog'" in caught.value.mend


def test_each_compose_file_gives_one_environment_with_its_cause() -> None:
    plan = make_plan(SHOP, TestOptions())
    assert [(e.key, e.stage, e.suites) for e in plan.environments] == [
        ("catalog", Stage.SERVICE, ("service:catalog",)),
        ("orders", Stage.SERVICE, ("service:orders",)),
        ("integration", Stage.INTEGRATION, ("integration:integration",)),
    ]
    assert plan.environments[2].cause == (
        "integration:integration needs deploy/test/docker-compose.yml"
    )


def test_suites_with_the_same_compose_files_share_an_environment() -> None:
    late = service("orders", stage=Stage.INTEGRATION, compose=(STACK,))
    plan = make_plan(project(integration(), late), TestOptions())
    (environment,) = plan.environments
    assert environment.suites == ("integration:integration", "integration:orders")


def test_the_service_under_test_is_the_subject_of_its_environment_only() -> None:
    plan = make_plan(SHOP, TestOptions())
    assert [environment.subject for environment in plan.environments] == ["catalog", "orders", None]


def test_set_up_commands_run_once_although_two_suites_name_them() -> None:
    migrate = ("python", "-m", "migrate")
    one = integration(setup=(migrate,))
    two = integration("other", setup=(migrate,))
    (environment,) = make_plan(project(one, two), TestOptions()).environments
    assert environment.setup == (SetupCommand(ROOT, migrate),)


def test_the_longest_boot_deadline_of_its_suites_counts() -> None:
    one, two = integration(boot_timeout=5.0), integration("other", boot_timeout=7.0)
    (environment,) = make_plan(project(one, two), TestOptions()).environments
    assert environment.boot_timeout == 7.0


def test_without_a_boot_deadline_the_default_counts() -> None:
    assert make_plan(SHOP, TestOptions()).environments[0].boot_timeout == BOOT_TIMEOUT


def test_a_project_without_tests_is_said_to_have_none() -> None:
    with pytest.raises(NoTests, match="no test exists in /repo"):
        make_plan(project(), TestOptions())


def test_a_selection_that_matches_nothing_lists_what_there_is() -> None:
    with pytest.raises(NoTests) as caught:
        make_plan(project(unit("catalog")), TestOptions(stages=(Stage.SERVICE,)))
    assert caught.value.mend == "there are: unit:catalog"


def test_where_all_is_left_out_the_missing_program_is_named() -> None:
    front = Project(ROOT, "repo", (), (), (LeftOut(unit("frontend"), "node"),))
    with pytest.raises(NoTests) as caught:
        make_plan(front, TestOptions())
    assert caught.value.mend == "install node"


def test_what_failed_last_is_chosen_among_the_rest() -> None:
    tests = (TestResult("test_a.py::test_x", Outcome.FAILED),)
    failed = {"unit:orders": FailedBefore("r", tests), "service:orders": FailedBefore("r")}
    plan = make_plan(SHOP, TestOptions(failed=failed))
    assert ids(plan) == ["unit:orders", "service:orders"]
    assert [environment.key for environment in plan.environments] == ["orders"]
    assert [plan.selection(suite) for suite in plan.suites] == ["--last-failed", ""]
    touched = TestOptions(failed=failed, touched={"service:orders": "", "unit:catalog": ""})
    assert ids(make_plan(SHOP, touched)) == ["service:orders"]
    assert ids(make_plan(SHOP, TestOptions(failed=failed, stages=(Stage.UNIT,)))) == ["unit:orders"]


def test_a_plan_says_what_narrows_its_suites() -> None:
    options = RunnerOptions(keyword="a b", arguments=("-v", "test_a.py::test_x"))
    plan = make_plan(SHOP, TestOptions(runner=options))
    assert plan.selection(plan.suites[0]) == "-k 'a b' -- -v test_a.py::test_x"
    assert make_plan(SHOP, TestOptions()).selection(plan.suites[0]) == ""
