"""YAML that says what it was given, and looks as if a person wrote it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from seatrial.scaffold.adopt.yamltext import Line, Noted, Value, yaml_text

_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20) | st.sampled_from(
    ["yes", "no", "1:30", "0x1", "1e3", "~", "", "a: b", "a #b", "- a", "null", "2020-01-01", "5s"]
)
_VALUE = st.recursive(
    _TEXT | st.booleans() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abc", min_size=1), _VALUE, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_every_value_comes_back(document: dict[str, Value]) -> None:
    text = yaml_text(document)
    assert YAML(typ="safe", pure=True).load(text) == document


def test_it_is_plain_where_it_can_be() -> None:
    text = yaml_text(
        {
            "name": "a-${ID:-x}",
            "services": {
                "one": {"image": "redis:7", "ports": ["6379"], "wait": "5s", "empty": None},
                "two": {"command": Noted("Why.", Line(["a", "it's", 'say "x"']))},
            },
        },
        ["Head."],
    )
    assert text == (
        "# Head.\n"
        "name: a-${ID:-x}\n"
        "\n"
        "services:\n"
        "  one:\n"
        "    image: redis:7\n"
        "    ports:\n"
        '      - "6379"\n'
        "    wait: 5s\n"
        "    empty:\n"
        "\n"
        "  two:\n"
        "    # Why.\n"
        '    command: ["a", "it\'s", \'say "x"\']\n'
    )
