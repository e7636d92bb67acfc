from __future__ import annotations

import contextlib
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.composefile.envfile import parse_env, parse_raw, read_env_file
from seatrial.errors import ConfigError, Where

FILE = Path("test.env")
NAMES = st.text(string.ascii_letters + string.digits + "_", min_size=1).filter(
    lambda name: name != "export"
)


def ignore(name: str, where: Where) -> None:
    """Take note of nothing."""


def parse(text: str, **variables: str) -> dict[str, str]:
    return parse_env(text, FILE, variables, ignore)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=plain", "plain"),
        ("  A =  spaced  ", "spaced"),
        ("export A=x", "x"),
        ("A: yaml", "yaml"),
        ("A=", ""),
        ("A=x # comment", "x"),
        ("A=x#kept", "x#kept"),
        ("A=a=b:c", "a=b:c"),
        ("A='single $X \\n # kept'", "single $X \\n # kept"),
        ("A='it\\'s'", "it's"),
        ('A="tab\\tline\\nquote\\"back\\\\"', 'tab\tline\nquote"back\\'),
        ('A="$X ${X:-d} ${Y:-d}" # comment', "x x d"),
        ('A="\\$X \\0101"', "$X A"),
        ("A=$X-${Y:-d}", "x-d"),
        ("A=$$X", "$X"),
        ('A="first\nsecond"', "first\nsecond"),
        ("A='first\nsecond'", "first\nsecond"),
        ("A=\\t", "\\t"),
        ("A=x\r\nB=y", "x"),
    ],
)
def test_a_line_means_what_compose_takes_it_for(line: str, value: str) -> None:
    assert parse(line, X="x")["A"] == value


def test_later_lines_see_earlier_ones_and_the_environment_wins() -> None:
    found = parse("A=file\nB=$A-$X\nX=file\nC=$X\n", X="given")
    assert found == {"A": "file", "B": "file-given", "X": "file", "C": "given"}


def test_a_name_alone_takes_the_environments_value_or_nothing() -> None:
    assert parse("X\nUNKNOWN\nB=b", X="x") == {"X": "x", "B": "b"}


def test_raw_files_know_neither_quotes_nor_variables() -> None:
    assert parse_raw("# c\nA='x' # $Y\n\nB=a=b\nnothing\n") == {"A": "'x' # $Y", "B": "a=b"}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("A=1\nB='open\nC=2\n", 2, "never closed"),
        ("A=1\n\n# c\nnot a name=hunter2\n", 4, "not NAME=value"),
        ("A=1\nB!=hunter2\n", 2, "not NAME=value"),
        ("=hunter2\n", 1, "not NAME=value"),
        ("A=1\nB=${hunter2 \n", 2, "bad interpolation"),
        ("A=1\nB=${C:?say}\n", 2, "required variable C"),
    ],
)
def test_what_cannot_be_read_is_named_by_line_and_no_value_is_shown(
    text: str, line: int, words: str
) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        parse(text)
    assert str(caught.value.where) == f"test.env:{line}"
    assert "hunter2" not in f"{caught.value} {caught.value.mend}"


def test_a_variable_without_value_is_told_with_its_line() -> None:
    told: list[tuple[str, str]] = []
    parse_env("A=1\nB=$C\n", FILE, {}, lambda name, where: told.append((name, str(where))))
    assert told == [("C", "test.env:2")]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    file = tmp_path / "bom.env"
    file.write_bytes(b"\xef\xbb\xbfA=1\n")
    assert read_env_file(file, {}, ignore) == {"A": "1"}


@given(st.dictionaries(NAMES, st.text(st.characters(exclude_characters="'\\"))))
def test_single_quotes_keep_every_text(values: dict[str, str]) -> None:
    text = "\n".join(f"{name}='{value}'" for name, value in values.items())
    assert parse(text) == values


@given(st.dictionaries(NAMES, st.text(st.characters(codec="utf-8"))))
def test_double_quotes_keep_every_text_once_escaped(values: dict[str, str]) -> None:
    def quoted(value: str) -> str:
        for special in '\\"$':
            value = value.replace(special, f"\\{special}")
        return f'"{value}"'

    text = "\n".join(f"{name}={quoted(value)}" for name, value in values.items())
    assert parse(text) == values


@given(st.text())
def test_any_text_gives_values_or_a_config_error(text: str) -> None:
    with contextlib.suppress(ConfigError):
        assert all(isinstance(value, str) for value in parse(text).values())
