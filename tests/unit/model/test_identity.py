from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.model.identity import (
    LONGEST_INSTANCE,
    LONGEST_PROJECT,
    instance_id,
    project_name,
    slug,
    worktree_id,
)

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
texts = st.text(max_size=60)
environments = st.tuples(texts, st.integers(0, 99), texts, st.none() | texts.filter(bool))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("feature/Login_Form", "feature-login-form"),
        ("größe", "groe"),
        ("日本語", "x"),
        ("--rm -rf /", "rm-rf"),
        ("a" * 200, "a" * 20),
        ("nineteen-characters-and-more", "nineteen-characters"),
    ],
)
def test_a_slug_reads_as_its_text(text: str, expected: str) -> None:
    assert slug(text, 20) == expected


@given(texts, st.integers(1, 40))
def test_a_slug_is_always_a_valid_name(text: str, longest: int) -> None:
    made = slug(text, longest)
    assert NAME.fullmatch(made)
    assert len(made) <= longest


@given(environments)
def test_an_instance_id_suits_containers_hosts_and_compose(
    environment: tuple[str, int, str, str | None],
) -> None:
    made = instance_id(*environment)
    assert NAME.fullmatch(made)
    assert len(made) <= LONGEST_INSTANCE
    assert made == instance_id(*environment)


@given(st.lists(environments, min_size=2, max_size=30, unique=True))
def test_two_environments_never_share_an_instance_id(
    environments: list[tuple[str, int, str, str | None]],
) -> None:
    assert len({instance_id(*each) for each in environments}) == len(environments)


@given(texts, environments)
def test_a_project_name_is_what_compose_accepts(
    project: str, environment: tuple[str, int, str, str | None]
) -> None:
    instance = instance_id(*environment)
    made = project_name(project, instance)
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]*", made)
    assert len(made) <= LONGEST_PROJECT
    assert made.endswith(instance)


def test_long_branches_with_the_same_beginning_stay_apart() -> None:
    made = {worktree_id("feature/a-very-long-branch-name-" + end, end) for end in ("1a", "2b")}
    assert len(made) == 2
    assert all(name.startswith("feature-a-very-long") for name in made)


def test_an_id_given_from_outside_is_the_beginning_and_not_the_whole() -> None:
    here, there = (instance_id(tree, 1, "catalog", "ci-42") for tree in ("a-1", "b-2"))
    assert here.startswith("ci-42-catalog-")
    assert here != there
