"""Entries are added to compose files, and nothing of the user's is touched."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.composefile.reading import parse
from seatrial.composefile.tree import MapNode, Node, ScalarNode
from seatrial.errors import ConfigError, Where
from seatrial.scaffold.wiring import compose

PATH = "deploy/dev/docker-compose.yml"
FRAGMENT = dedent("""\
    services:
      # Sends letters.
      mail:
        image: mail:1
        command: |
          # no comment
          send
      mail-database:
        image: postgres:18

    volumes:
      mail-database:
    """)


def wired(text: str, fragment: str = FRAGMENT) -> str:
    return compose.wire(dedent(text), dedent(fragment), PATH).text


def services(text: str) -> list[str]:
    root = parse(text, Path(PATH))[0].items["services"]
    assert isinstance(root, MapNode)
    return list(root.items)


def test_missing_sections_are_added_at_the_end() -> None:
    assert wired("# Mine.\nname: shop\n") == dedent("""\
        # Mine.
        name: shop

        services:
          # Sends letters.
          mail:
            image: mail:1
            command: |
              # no comment
              send

          mail-database:
            image: postgres:18

        volumes:
          mail-database:
        """)


def test_entries_go_behind_the_last_one_of_their_section() -> None:
    assert wired("""\
        services:
          api:
            image: api # of today

          # The page.
          page:
            image: page
            # until here

        # Kept between deployments.
        volumes:
          data:   {}

        # The end.
        """) == dedent("""\
        services:
          api:
            image: api # of today

          # The page.
          page:
            image: page
            # until here

          # Sends letters.
          mail:
            image: mail:1
            command: |
              # no comment
              send

          mail-database:
            image: postgres:18

        # Kept between deployments.
        volumes:
          data:   {}
          mail-database:

        # The end.
        """)


def test_entries_take_the_indentation_and_the_density_of_the_section() -> None:
    assert wired("services:\n    a:\n        image: a\n    b:\n        image: b\n") == dedent("""\
        services:
            a:
                image: a
            b:
                image: b
            # Sends letters.
            mail:
              image: mail:1
              command: |
                # no comment
                send
            mail-database:
              image: postgres:18

        volumes:
            mail-database:
        """)


def test_entries_that_are_there_stay_as_they_are_and_are_named() -> None:
    done = compose.wire("services:\n  mail: {image: mine}\n", FRAGMENT, PATH)
    assert done.added == ("services.mail-database", "volumes.mail-database")
    assert done.there == ("services.mail",)
    assert "mail: {image: mine}" in done.text


def test_wiring_twice_changes_nothing() -> None:
    once = wired("name: shop\n")
    again = compose.wire(once, FRAGMENT, PATH)
    assert again.text == once
    assert again.added == ()


def test_an_empty_section_gets_its_first_entry() -> None:
    text = wired("services:\n  # none yet\nvolumes:\n")
    assert text.startswith("services:\n  # none yet\n  # Sends letters.\n  mail:\n")
    assert text.endswith("volumes:\n  mail-database:\n")


@pytest.mark.parametrize("text", ["", "# only words\n", "\n\n"])
def test_a_file_without_entries_is_one_to_begin_with(text: str) -> None:
    done = wired(text)
    assert done.startswith(text.rstrip("\n"))
    assert services(done) == ["mail", "mail-database"]


def test_line_ends_and_a_byte_order_mark_stay() -> None:
    text = "\ufeffname: shop\r\nservices:\r\n  api:\r\n    image: api\r\n"
    done = compose.wire(text, FRAGMENT, PATH).text
    assert done.startswith(text)
    assert "\n" not in done.replace("\r\n", "")


def test_a_last_line_without_an_end_gets_one() -> None:
    assert "    image: a\n\n  # Sends" in wired("services:\n  a:\n    image: a")


def test_a_document_that_is_ended_is_added_to_inside() -> None:
    text = wired("---\nservices:\n  a:\n    image: a\n...\n")
    assert text.endswith("volumes:\n  mail-database:\n...\n")


def test_anchors_and_merges_of_the_user_stay() -> None:
    text = "x-base: &base\n  init: true\nservices:\n  a:\n    <<: *base\n    image: a\n"
    assert wired(text).startswith(text)


def test_a_block_of_text_keeps_the_blank_lines_at_its_end() -> None:
    text = "services:\n  a:\n    image: a\n    command: |+\n      go\n\n\nname: shop\n"
    root = parse(wired(text), Path(PATH))[0].items["services"]
    assert isinstance(root, MapNode)
    a = root.items["a"]
    assert isinstance(a, MapNode)
    assert getattr(a.items["command"], "value", None) == "go\n\n\n"


@pytest.mark.parametrize(
    "text",
    ["services: {a: {image: a}}\n", "x-all: &all\n  a: {image: a}\nservices: *all\n"],
)
def test_what_cannot_be_added_to_line_by_line_is_said_with_the_lines_to_add(text: str) -> None:
    with pytest.raises(ConfigError, match="cannot be added") as caught:
        wired(text)
    assert caught.value.where is not None
    assert str(caught.value.where.file) == PATH
    assert "  mail-database:" in caught.value.detail


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("services:\n  a: [\n", "broken YAML"),
        ("services: none\n", "must be a mapping"),
        ("a: 1\n---\nb: 2\n", "second document"),
    ],
)
def test_a_file_that_is_no_compose_file_is_an_error_with_its_line(text: str, what: str) -> None:
    with pytest.raises(ConfigError, match=what):
        wired(text)


NAMES = st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True)
TEXTS = st.sampled_from(["image: a", "image: 'it''s'  # why", "command: [a, 'b: c']", "init: true"])
NOISE = st.sampled_from(["", "\n", "# a note\n", "  # deeper\n", "\n\n# two\n\n"])


@st.composite
def compose_files(draw: st.DrawFn) -> str:
    """Draw a file in block style: sections in any order, indented and commented in many ways."""
    indent = draw(st.sampled_from([1, 2, 4]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = draw(NOISE)
    for section in draw(st.permutations(["services", "volumes", "networks", "name"])):
        if section == "name":
            text += "name: shop\n"
        elif draw(st.booleans()):
            text += f"{section}:\n"
            for name in draw(st.lists(NAMES, unique=True, max_size=3)):
                text += draw(NOISE)
                text += f"{' ' * indent}{name}:\n{' ' * 2 * indent}{draw(TEXTS)}\n"
        text += draw(NOISE)
    text = text if draw(st.booleans()) else text.rstrip("\n")
    return text.replace("\n", end)


@st.composite
def fragments(draw: st.DrawFn) -> str:
    text = ""
    for section in draw(st.permutations(["services", "volumes", "networks"])):
        text += f"{section}:\n"
        for name in draw(st.lists(NAMES, unique=True, min_size=1, max_size=3)):
            text += draw(st.sampled_from(["", "  # said\n", "\n"]))
            text += f"  {name}:\n    {draw(TEXTS)}\n"
    return text


def model(text: str) -> dict[str, dict[str, str]]:
    """Return the entries of each section, as plain text."""
    blank = all(not line.strip() or line.lstrip()[0] == "#" for line in text.splitlines())
    root = MapNode({}, Where(Path(PATH))) if blank else parse(text, Path(PATH))[0]
    return {
        section: {name: said(entry) for name, entry in node.items.items()}
        for section, node in root.items.items()
        if section != "name" and isinstance(node, MapNode)
    }


def said(node: Node) -> str:
    if isinstance(node, MapNode):
        return str({name: said(entry) for name, entry in node.items.items()})
    return node.text if isinstance(node, ScalarNode) else str([said(item) for item in node.items])


@settings(max_examples=200, deadline=None)
@given(compose_files(), fragments())
def test_any_file_becomes_the_old_model_and_the_new_entries(text: str, fragment: str) -> None:
    done = compose.wire(text, fragment, PATH)
    old, new = model(text), model(fragment)
    sections = {*old, *new}
    assert model(done.text) == {
        section: new.get(section, {}) | old.get(section, {}) for section in sections
    }
    remaining = iter(done.text.splitlines())
    assert all(line in remaining for line in text.splitlines())
