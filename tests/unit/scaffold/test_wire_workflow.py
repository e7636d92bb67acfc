from __future__ import annotations

import pytest

from seatrial.scaffold.wiring.workflow import fill, flow_word, wire

TEXT = """\
jobs:
  test:
    strategy:
      matrix:
        service: [api, "on"]
        python: ["3.13"]
"""


def test_a_service_goes_behind_the_last_one() -> None:
    done = wire(TEXT, "web")
    assert done.text == TEXT.replace('"on"]', '"on", web]')
    assert (done.added, done.there) == (("web",), ())


@pytest.mark.parametrize("name", ["api", "on"])
def test_one_that_is_there_is_not_added_again(name: str) -> None:
    done = wire(TEXT, name)
    assert (done.text, done.added, done.there) == (TEXT, (), (name,))


def test_a_workflow_without_a_list_stays_as_it_is() -> None:
    text = "jobs:\n  test:\n    strategy:\n      matrix: ${{ fromJSON(x) }}\n"
    assert wire(text, "api").text == text
    assert wire(text, "api").added == ()


def test_an_empty_list_and_several_lists_are_filled() -> None:
    assert wire("  service: []\n  a: b\n  service: [x]\n", "z").text == (
        "  service: [z]\n  a: b\n  service: [x, z]\n"
    )


@pytest.mark.parametrize("name", ["on", "Yes", "null", "1", "a b", "a,b", "x]", "#x"])
def test_a_name_that_yaml_would_read_otherwise_stands_between_quotes(name: str) -> None:
    from ruamel.yaml import YAML

    assert YAML(typ="safe").load(f"[{flow_word(name)}]") == [name]


def test_names_that_would_part_or_end_a_list_do_not() -> None:
    odd = ("a,b", "x]", "c")
    text = fill("  service: []\n", odd)
    assert fill(text, odd) == text
    assert fill(text, ("c",)) == "  service: [c]\n"


def test_a_list_says_what_is_there_and_keeps_its_order() -> None:
    assert fill("  service: [web, gone, api]\n", ("api", "mail", "web")) == (
        "  service: [web, api, mail]\n"
    )
    assert fill(TEXT, ("api", "on")) == TEXT
