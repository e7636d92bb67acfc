"""What is said of a deployment: before, afterwards, and as JSON."""

from __future__ import annotations

import json

from seatrial.deploy.model import (
    Act,
    Cause,
    Deployed,
    DeployPlan,
    Ran,
    Risk,
    Step,
    To,
    Warned,
)
from seatrial.render.choose import Choice, Display
from seatrial.render.deploy import (
    deployed_json,
    deployed_lines,
    not_deployed_lines,
    plan_json,
    plan_lines,
    said_before,
)

DIGEST = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
OLD, NEW = f"r/api:1@{DIGEST}", f"r/api:2@{DIGEST.replace('0', '9')}"
CHOICE = Choice(Display.PLAIN, ascii=True)
PLAN = DeployPlan(
    to=To.COMPOSE,
    environment="prod",
    project="shop",
    engine="engine 28",
    steps=(
        Step(Act.PULL, NEW, Cause.NEEDED, NEW),
        Step(Act.LEAVE, "database", Cause.UNCHANGED, "postgres:16"),
        Step(Act.ROLL, "api", Cause.IMAGE, NEW, 2),
    ),
    warnings=(Warned(Risk.GAP_PORT, "web", "80"),),
    before=(Ran("database", "postgres:16", 1), Ran("api", OLD, 2)),
)
AFTER = (Ran("database", "postgres:16", 1), Ran("api", NEW, 2))
DONE = Deployed(PLAN, AFTER, 12.3456, gaps={"web": 0.9}, rolls={"api": 5.0})


def test_the_plan_names_each_step_with_its_cause_and_digests_that_fit_a_line() -> None:
    assert plan_lines(PLAN, CHOICE) == [
        "prod: compose project shop on engine 28",
        "note: web has the fixed host port 80: it is not reached while one container makes way for"
        " the next (`--proxy` puts a proxy in front)",
        "  pull r/api:2@sha256:9123456789ab  because it is needed",
        "  leave database                    because nothing changed",
        "  roll api                          because its image changed,"
        " r/api:2@sha256:9123456789ab, 2 containers",
    ]


def test_before_it_starts_only_what_will_change_is_said() -> None:
    assert said_before(PLAN, CHOICE)[2:] == [
        "  roll api  because its image changed, r/api:2@sha256:9123456789ab, 2 containers"
    ]


def test_afterwards_each_service_has_what_ran_before_and_what_runs_now() -> None:
    assert deployed_lines(DONE, CHOICE) == [
        "+ prod is deployed  12.3s",
        "  database  postgres:16 (as before)",
        "  api       r/api:1@sha256:0123456789ab x2 -> r/api:2@sha256:9123456789ab x2",
        "web was not there for 0.9s",
    ]


def test_a_service_that_came_or_went_is_nothing_on_the_other_side() -> None:
    lines = not_deployed_lines([Ran("old", "r/old:1", 1)], [Ran("new", "r/new:1", 1)], CHOICE)
    assert lines == ["  new  nothing -> r/new:1", "  old  r/old:1 -> nothing"]


def test_the_json_has_all_of_the_plan_and_what_came_of_it() -> None:
    plan = json.loads(plan_json(PLAN))
    assert plan["v"] == 1
    assert plan["plan"]["steps"][2] == {
        "act": "roll",
        "subject": "api",
        "cause": "image-changed",
        "image": NEW,
        "replicas": 2,
        "detail": "",
    }
    done = json.loads(deployed_json(PLAN, AFTER, DONE))
    assert (done["ok"], done["seconds"], done["gaps"]) == (True, 12.346, {"web": 0.9})
    assert done["after"][1]["digest"] == DIGEST.replace("0", "9")
    failed = json.loads(deployed_json(PLAN, PLAN.before, None))
    assert (failed["ok"], failed["seconds"], failed["rolls"]) == (False, None, {})


def test_every_word_of_a_plan_has_its_text() -> None:
    for act in Act:
        for cause in Cause:
            step = Step(act, "api", cause)
            plan = DeployPlan(To.COMPOSE, "prod", "shop", "", (step,))
            assert "api" in plan_lines(plan, CHOICE)[1]
    for risk in Risk:
        plan = DeployPlan(To.COMPOSE, "prod", "shop", "", (), (Warned(risk, "api", "x"),))
        assert plan_lines(plan, CHOICE)[1].startswith("note: ")
