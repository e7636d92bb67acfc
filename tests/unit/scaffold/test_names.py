"""Names: what is refused, and what is proposed instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.errors import UsageError
from seatrial.scaffold.kinds import KINDS
from seatrial.scaffold.names import LONGEST_SERVICE, check_project, check_service, slug


@pytest.mark.parametrize("name", ["api", "a", "order-lines", "v2", "shop-2"])
def test_good_names_are_taken_as_they_are(name: str) -> None:
    assert check_service(name) == name
    assert check_project(name) == name


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("My Shop", "my-shop"),
        ("Billing", "billing"),
        ("2fast", "fast-2"),
        ("2024 shop", "shop-2024"),
        ("2024", "app-2024"),
        ("shop.example.org", "shop-example-org"),
        ("order_lines", "order-lines"),
        ("café", "cafe"),
        ("a--b", "a-b"),
        ("-api-", "api"),
        ("../etc", "etc"),
        ("a/b", "a-b"),
    ],
)
def test_odd_names_are_refused_and_a_good_one_is_proposed(name: str, proposed: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name") as caught:
        check_service(name)
    assert caught.value.mend == f"call it {proposed}"
    assert check_project(proposed) == proposed


@pytest.mark.parametrize("name", ["", "日本", "---", "\n"])
def test_where_nothing_can_be_proposed_the_rule_is_said(name: str) -> None:
    with pytest.raises(UsageError, match="name") as caught:
        check_service(name)
    assert caught.value.mend


@pytest.mark.parametrize("name", ["test", "tests", "dev", "valkey", "redis", "nats", "localhost"])
def test_names_with_a_meaning_are_refused_for_every_kind(name: str) -> None:
    for kind in KINDS.values():
        with pytest.raises(UsageError, match="can be called"):
            check_service(name, kind)


@pytest.mark.parametrize("name", ["email", "queue", "class", "async", "fastapi", "pytest"])
def test_a_python_package_hides_no_other_module(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_service(name, KINDS["worker"])
    assert caught.value.mend == f"call it {name}-service"
    assert check_service(name, KINDS["frontend"]) == name


def test_a_name_leaves_room_for_its_backing_services_name() -> None:
    assert check_service("a" * LONGEST_SERVICE)
    with pytest.raises(UsageError, match="54 characters at most") as caught:
        check_service("a" * 63)
    assert check_service(caught.value.mend.split()[3]) == "a" * LONGEST_SERVICE


@given(st.text())
def test_whatever_is_proposed_is_good_itself(words: str) -> None:
    name = slug(words)
    assert slug(name) == name
    if 0 < len(name) <= LONGEST_SERVICE:
        assert check_project(name) == name
