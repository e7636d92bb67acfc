from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.config.positions import KeyPath, key_lines


def paths_of(value: Any, path: KeyPath = ()) -> set[KeyPath]:
    inner: Any = []
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    found = {path} if path else set()
    for name, item in inner:
        found |= paths_of(item, (*path, name))
    return found


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2", ("b",), 2),
        ("# [x]\n[x] # y = 1\ny = '#'\nz = 1", ("x", "z"), 4),
        ("[x]\n\n[x.y.z]\nk = 1", ("x", "y", "z", "k"), 4),
        ("[x]\na.b.c = 1", ("x", "a", "b", "c"), 2),
        ("[ x . 'y.z' ]\n\"k\\u0065y\" = 1", ("x", "y.z", "key"), 2),
        ("[[x]]\na = 1\n[[x]]\na = 1", ("x", 1, "a"), 4),
        ("[[x]]\n[x.y]\na = 1\n[[x]]\n[x.y]\na = 2", ("x", 1, "y", "a"), 6),
        ("x = { a = 1, b = { c = ']' } }\ny = 1", ("x", "b", "c"), 1),
        ("x = [\n 1,\n [ 2,\n 3 ], # ]\n 'a']\ny = 1", ("x", 1, 1), 4),
        ("x = [\n 1,\n [ 2,\n 3 ], # ]\n 'a']\ny = 1", ("y",), 6),
        ('x = """\na = 1\n"quoted" ""\\""""\ny = 1', ("y",), 4),
        ("x = '''\n[a]\n''it's'''\ny = 1", ("y",), 4),
        ("t = 1979-05-27 07:32:00\ny = 1", ("y",), 2),
    ],
)
def test_a_key_is_found_on_its_line(text: str, path: KeyPath, line: int) -> None:
    assert paths_of(tomllib.loads(text)) <= set(key_lines(text))
    assert key_lines(text)[path] == line


@given(st.text(alphabet="[]{}.,=#'\"\\\n\t ab1", max_size=40))
def test_whatever_is_toml_has_a_line_for_every_key(text: str) -> None:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert paths_of(document) <= set(key_lines(text))
