from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.composefile.interpolate import interpolate, substitute
from seatrial.composefile.reading import parse
from seatrial.composefile.tree import ListNode, MapNode, ScalarNode
from seatrial.errors import ConfigError, Where

HERE = Where(Path("compose.yaml"), 7)
VARIABLES = {"SET": "set", "EMPTY": "", "A_1": "one"}
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]*", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="${}"))


def expand(text: str, variables: dict[str, str] | None = None) -> str:
    given_ = VARIABLES if variables is None else variables
    return substitute(text, given_, HERE, lambda name, where: None)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("$SET", "set"),
        ("${SET}", "set"),
        ("${A_1}-$A_1.x", "one-one.x"),
        ("$UNSET|${UNSET}", "|"),
        ("${EMPTY:-d}|${EMPTY-d}|${UNSET:-d}|${UNSET-d}|${SET:-d}", "d||d|d|set"),
        ("${SET:+y}|${EMPTY:+y}|${EMPTY+y}|${UNSET+y}|${UNSET:+y}", "y||y||"),
        ("${SET:?m}|${EMPTY?m}", "set|"),
        ("${UNSET:-${EMPTY:-${SET}}}", "set"),
        ("${UNSET:-a${SET}b$SET}", "asetbset"),
        ("${UNSET:-}", ""),
        ("${UNSET:-{}}", "{}"),
        ("${UNSET:-x{y}z}", "x{y}z"),
        ("${UNSET:-{x}", "{x"),
        ("${UNSET:-a:-b?c+d}", "a:-b?c+d"),
        ("$$SET $${SET} $$$$", "$SET ${SET} $$"),
        ("$$$SET", "$set"),
        ("$1 cost$ $-", "$1 cost$ $-"),
        ("{SET} }{", "{SET} }{"),
    ],
)
def test_a_variable_is_replaced_as_compose_replaces_it(text: str, result: str) -> None:
    assert expand(text) == result


@pytest.mark.parametrize(
    "text", ["${", "${}", "${1}", "${A B}", "${A:}", "${A", "${A!x}", "${a.b}", "${A:-x\ny}"]
)
def test_a_bad_format_is_an_error_with_file_and_line(text: str) -> None:
    with pytest.raises(ConfigError, match="bad interpolation format") as caught:
        expand(text)
    assert str(caught.value.where) == "compose.yaml:7"
    assert "$$" in caught.value.mend


def test_a_bad_format_does_not_show_the_text_which_may_be_a_password() -> None:
    with pytest.raises(ConfigError) as caught:
        expand("hunter2${!")
    assert "hunter2" not in f"{caught.value} {caught.value.mend}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("${UNSET:?say ${SET}}", "required variable UNSET is missing a value: say set"),
        ("${EMPTY:?}", "required variable EMPTY is missing a value"),
        ("${UNSET?}", "required variable UNSET is missing a value"),
    ],
)
def test_a_required_variable_that_is_missing_says_which_and_why(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        expand(text)
    assert caught.value.what == words
    assert caught.value.where == HERE


def test_only_variables_without_value_or_default_are_told_as_unset() -> None:
    told: list[str] = []
    text = "$A ${B} ${C:-d} ${D+x} ${E:-$F} ${SET:-$G} $EMPTY"
    substitute(text, VARIABLES, HERE, lambda name, where: told.append(name))
    assert told == ["A", "B", "F"]


def test_values_are_interpolated_and_keys_are_not() -> None:
    (root,) = parse("$SET: {a: [$SET, 5, '$SET', !reset $SET]}\n", Path("x"))
    done = interpolate(root, VARIABLES, lambda name, where: None)
    assert isinstance(done, MapNode)
    assert list(done.items) == ["$SET"]
    inner = done.items["$SET"]
    assert isinstance(inner, MapNode)
    items = inner.items["a"]
    assert isinstance(items, ListNode)
    values = [item.value for item in items.items if isinstance(item, ScalarNode)]
    assert values == ["set", 5, "set", "set"]


@given(TEXTS)
def test_a_text_without_dollar_signs_stays_as_it_is(text: str) -> None:
    assert expand(text) == text


@given(st.text())
def test_doubling_every_dollar_sign_keeps_any_text(text: str) -> None:
    assert expand(text.replace("$", "$$")) == text


@given(st.text())
def test_any_text_gives_a_text_or_a_config_error(text: str) -> None:
    with contextlib.suppress(ConfigError):
        assert isinstance(expand(text), str)


@given(NAMES, st.text(), TEXTS, TEXTS)
def test_a_value_is_never_interpolated_again(
    name: str, value: str, before: str, after: str
) -> None:
    assert expand(f"{before}${{{name}}}{after}", {name: value}) == before + value + after


@given(NAMES, st.text(st.characters(exclude_characters="${}\n", codec="utf-8")))
def test_a_default_is_taken_exactly_where_the_variable_has_no_value(
    name: str, default: str
) -> None:
    assert expand(f"${{{name}:-{default}}}", {}) == default
    assert expand(f"${{{name}:-{default}}}", {name: ""}) == default
    assert expand(f"${{{name}-{default}}}", {name: ""}) == ""
    assert expand(f"${{{name}:-{default}}}", {name: "v"}) == "v"
