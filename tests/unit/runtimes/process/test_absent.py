from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from seatrial.composefile.model import Dependency, Port
from seatrial.errors import Where
from seatrial.runtimes.process.absent import without_absent
from seatrial.runtimes.process.buildlines import commands
from seatrial.runtimes.process.dockerfile.model import Run
from seatrial.runtimes.process.plan import ServicePlan
from seatrial.runtimes.process.stages import Line, Needed, StageBuild

WHERE = Where(Path("docker-compose.yml"), 1)


def service(name: str, program: str, *needs: str, published: bool = True) -> ServicePlan:
    return ServicePlan(
        name,
        WHERE,
        "process",
        (program,),
        published=(Port(80, WHERE),) if published else (),
        depends_on={one: Dependency(one) for one in needs},
    )


def has_no_node(program: str) -> bool:
    return program != "node"


def test_a_service_whose_language_is_missing_is_left_out_with_what_needs_it() -> None:
    plans = (
        service("api", "uvicorn"),
        service("front", "node", "api"),
        service("proxy", "python", "front"),
    )
    kept, lacking = without_absent(plans, has_no_node)
    assert [plan.name for plan in kept] == ["api"]
    assert lacking == {"front": "node", "proxy": "node"}


def test_a_service_whose_image_is_built_in_the_missing_language_is_left_out() -> None:
    run, folder = Run("node pages.mjs", WHERE, "/app"), Path("/built")
    line = Line(run, commands(run), ())
    build = StageBuild(folder, (line,), folder, folder, folder, (), ())
    site = replace(service("site", "python"), builds=(Needed(build, ()),))
    kept, lacking = without_absent((site, service("api", "uvicorn")), has_no_node)
    assert [plan.name for plan in kept] == ["api"]
    assert lacking == {"site": "node"}


def test_a_service_that_others_merely_like_to_have_takes_nobody_with_it() -> None:
    liked = Dependency("front", required=False)
    api = ServicePlan(
        "api",
        WHERE,
        "process",
        ("python",),
        published=(Port(80, WHERE),),
        depends_on={"front": liked},
    )
    kept, lacking = without_absent((api, service("front", "node")), has_no_node)
    assert [plan.name for plan in kept] == ["api"]
    assert lacking == {"front": "node"}


def test_with_the_language_at_hand_nothing_is_left_out() -> None:
    plans = (service("front", "node"),)
    assert without_absent(plans, lambda program: True) == (plans, {})


def test_where_nothing_would_be_left_to_test_the_start_itself_shall_say_so() -> None:
    plans = (service("front", "node"), service("helper", "python", published=False))
    assert without_absent(plans, has_no_node) == (plans, {})
