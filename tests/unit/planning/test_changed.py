from __future__ import annotations

import pytest

from seatrial.discover.reads import Dependency
from seatrial.errors import NoTests, UsageError
from seatrial.host.diff import ChangedFile, How
from seatrial.model.project import LeftOut, Stage
from seatrial.planning.changed import touched
from seatrial.planning.plan import TestOptions, make_plan
from tests.support.projects import ROOT, integration, project, service, unit

SHOP = project(unit("catalog"), unit("orders"), service("catalog"), integration())
FOLDER = Dependency(ROOT / "services/catalog", "its service's folder")


def changed(*names: str) -> list[ChangedFile]:
    return [ChangedFile(ROOT / name, How.CHANGED) for name in names]


@pytest.mark.parametrize(
    ("name", "touches"),
    [
        ("services/catalog/a/b.py", True),
        ("services/catalog", True),
        ("services", True),
        ("services/catalog2/a.py", False),
        ("services/cat", False),
        ("README.md", False),
    ],
)
def test_a_folder_is_touched_by_what_is_in_it_or_holds_it(name: str, touches: bool) -> None:
    assert bool(touched({"unit:catalog": [FOLDER]}, changed(name))) is touches


def test_a_part_of_a_folder_is_touched_by_that_part_alone() -> None:
    locks = Dependency(ROOT, "a lock", lambda path: path == "uv.lock")
    assert touched({"a": [locks]}, changed("b/uv.lock", "README.md")) == {}
    assert "a" in touched({"a": [locks]}, changed("README.md", "uv.lock"))


def test_the_nearest_thing_that_changed_is_the_cause() -> None:
    far = Dependency(ROOT / "deploy/test", "its environment")
    files = changed("deploy/test/docker-compose.yml", "services/catalog/b.py")
    touch = touched({"service:catalog": [FOLDER, far]}, files)["service:catalog"]
    assert (touch.dependency, touch.file) == (FOLDER, files[1])


def test_only_touched_suites_are_planned() -> None:
    options = TestOptions(touched={"unit:orders": "a", "service:catalog": "b"})
    assert [suite.id for suite in make_plan(SHOP, options).suites] == [
        "unit:orders",
        "service:catalog",
    ]


def test_services_and_stages_choose_among_what_is_touched() -> None:
    options = TestOptions(
        services=("catalog",),
        stages=(Stage.UNIT,),
        touched={"unit:orders": "a", "service:catalog": "b"},
    )
    plan = make_plan(SHOP, options)
    assert (plan.suites, plan.environments) == ((), ())


def test_an_unknown_service_is_an_error_though_nothing_is_touched() -> None:
    with pytest.raises(UsageError):
        make_plan(SHOP, TestOptions(services=("catalogue",), touched={}))


def test_a_touched_suite_that_cannot_run_here_is_no_success() -> None:
    left_out = LeftOut(unit("pay"), "go")
    shop = project(unit("orders"))
    shop = type(shop)(shop.root, shop.name, shop.services, shop.suites, (left_out,))
    assert make_plan(shop, TestOptions(touched={})).suites == ()
    with pytest.raises(NoTests):
        make_plan(shop, TestOptions(touched={"unit:pay": "a"}))


def test_a_package_that_is_gone_touches_everything() -> None:
    gone = [ChangedFile(ROOT / "libs/common/pyproject.toml", How.DELETED)]
    found = touched({"unit:catalog": [FOLDER], "unit:orders": []}, gone)
    assert set(found) == {"unit:catalog", "unit:orders"}
    assert found["unit:orders"].file == gone[0]
    assert touched({"unit:orders": []}, changed("libs/common/pyproject.toml")) == {}
