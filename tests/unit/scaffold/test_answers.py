"""From words to answers: kinds, backing services, ports, upstreams."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import dedent

import pytest

from seatrial.errors import UsageError
from seatrial.scaffold.answers import TRIO, answer, make_wish, wish
from seatrial.scaffold.model import ServiceAnswer
from seatrial.scaffold.ports import names, published


def answers(*words: str, taken: Iterable[int] = ()) -> dict[str, ServiceAnswer]:
    return {one.name: one for one in answer([wish(word) for word in words], taken=taken)}


def test_a_kind_stands_on_its_first_backing_service_unless_told() -> None:
    assert wish("a:worker").backing == "valkey"
    assert wish("a:worker+nats").backing == "nats"
    assert wish("a:fastapi").backing == "postgres"
    assert wish("a:frontend").backing == ""


@pytest.mark.parametrize(
    ("text", "what", "mend"),
    [
        ("api", "does not say of which kind", "NAME:KIND"),
        ("api:", "does not say of which kind", "api:fastapi"),
        (":fastapi", "needs a name", "lower-case"),
        ("api:fastpi", "no kind 'fastpi'", "did you mean fastapi?"),
        ("api:FastAPI", "no kind 'FastAPI'", "did you mean fastapi?"),
        ("api:django", "no kind 'django'", "python-lib"),
        ("q:worker+valky", "cannot stand on 'valky'", "did you mean valkey?"),
        ("q:worker+postgres", "cannot stand on 'postgres'", "valkey, redis, nats"),
        ("page:frontend+valkey", "stands on no backing service", "leave 'valkey' out"),
    ],
)
def test_words_that_make_no_sense_are_answered_with_what_does(
    text: str, what: str, mend: str
) -> None:
    with pytest.raises(UsageError, match=what) as caught:
        wish(text)
    assert mend in caught.value.mend


def test_ports_count_up_from_the_kinds_and_the_backing_services_own() -> None:
    made = answers("a:fastapi", "b:node-api", "c:fastapi", "page:frontend", "q:worker")
    assert [one.host_port for one in made.values()] == [8000, 8001, 8002, 3000, 0]
    assert [one.backing_port for one in made.values()] == [5432, 0, 5433, 0, 6379]


def test_ports_that_are_taken_are_passed_over() -> None:
    made = answers("a:fastapi", "q:worker", taken=[8000, 8001, 5432, 6379])
    assert made["a"].host_port == 8002
    assert made["a"].backing_port == 5433
    assert made["q"].backing_port == 6380


def test_a_shared_backing_service_has_one_port() -> None:
    made = answers("a:worker", "b:worker", "c:worker+redis")
    assert [one.backing_port for one in made.values()] == [6379, 6379, 6380]
    (later,) = answer([make_wish("d", "worker")], tuple(made.values()), taken=[6379])
    assert later.backing_port == 6379


def test_a_client_calls_the_first_api_of_those_that_are_there() -> None:
    there = answer([wish("lib:python-lib"), wish("first:node-api")])
    (page,) = answer([wish("page:frontend")], there)
    assert (page.upstream, page.upstream_port) == ("first", 8000)
    assert answers("page:frontend")["page"].upstream == ""


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("a:worker", "a:frontend"), "two services are called 'a'"),
        (("a:fastapi", "a-database:frontend"), "'a-database' is also the backing service of a"),
        (("a-database:frontend", "a:fastapi"), "'a-database' is also the backing service of a"),
    ],
)
def test_names_that_meet_in_a_compose_file_are_refused(words: tuple[str, ...], what: str) -> None:
    with pytest.raises(UsageError, match=what):
        answers(*words)


def test_the_services_that_are_made_unasked_can_be_made() -> None:
    assert list(answers(*TRIO)) == ["api", "worker", "frontend"]


STACK = dedent("""\
    services:
      a:
        ports:
          - "127.0.0.1:${A_PORT:-8000}:8000"
          - "8001:80"
          - "9000-9002:1-3"
          - "[::1]:8003:80"
          - "7000"
          - ":7001"
          - {target: 80, published: 8004}
          - {target: 80, published: "${B_PORT-8005}"}
          - {target: 80}
          - "${UNSET}:80"
          - "${BROKEN:80"
      b: {image: b}
      c:
    """)


def test_published_ports_are_read_in_every_form() -> None:
    assert published(STACK) == {8000, 8001, 8003, 8004, 8005, 9000, 9001, 9002}
    assert names(STACK) == {"a", "b", "c"}


@pytest.mark.parametrize("text", ["", "services: [\n", "services: none\n", "name: a\n"])
def test_a_file_without_services_takes_nothing(text: str) -> None:
    assert published(text) == frozenset()
    assert names(text) == frozenset()
