"""libyaml and the reader in Python make the same tree, wherever libyaml is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.composefile import reading
from seatrial.composefile.tree import MapNode
from seatrial.errors import ConfigError

FILE = Path("compose.yml")
# What compose files are made of, and what readers of YAML have got wrong.
_PIECES = (
    *("services:", "a", "b:", "  b:", "- ", "  - c", "  c: d", "\n", "\n", "\n  ", "\n    ", ": "),
    *("x:", "# note", " # note", "'it''s'", '"a\\tb"', '"a\\/b"', "'5432:5432'", "80:80"),
    *("http://x", "[a, b]", "[a:b]", "{a: b}", "{a:b}", "{", "}", "[", "]", ",", "&x c", "*x"),
    *("<<: *x", "!reset ", "!!str ", "|", "|-", ">+", "? k", "---", "...", "%YAML 1.1", "~", "é"),
    *("名", "😀", "\t", "\r\n", "@", "`", "yes", "0o7", "1_0", "2024-01-01", "${A:-b}", "\ufeff"),
    *("\u2028", "\x85"),
)
_TEXTS = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=14).map("".join)
_MAPPINGS = _TEXTS.map(lambda text: f"services:\n  a:\n    {text}\n")


def _thoroughly(text: str) -> tuple[MapNode, ...] | str:
    try:
        return reading._thoroughly(text, FILE)
    except ConfigError as error:
        return error.what


@given(_TEXTS | _MAPPINGS)
@example("a: [b:c]\n")
@example('a: "\\/"\n')
@example("a:\n\nb: # note\n  c:\n")
@settings(max_examples=300, deadline=None)
def test_both_make_the_same_tree_of_what_both_read(text: str) -> None:
    # Compose's own reader descends from libyaml, and takes a little more than YAML 1.2 does.
    quick, thorough = reading._quickly(text, FILE), _thoroughly(text)
    if quick is not None and not isinstance(thorough, str):
        assert quick == thorough


@pytest.mark.parametrize("file", sorted(Path("examples").rglob("*.yml")), ids=str)
def test_libyaml_reads_what_people_write(file: Path) -> None:
    text = file.read_text()
    assert reading._quickly(text, file) == reading._thoroughly(text, file) != ()


def test_a_value_that_is_not_written_stands_where_its_key_ends() -> None:
    text = "volumes:\n  data:\n\n# note\nservices: {}\n"
    (root,) = reading.parse(text, FILE)
    volumes = root.get("volumes")
    assert isinstance(volumes, MapNode)
    node = volumes.items["data"]
    assert node.span == (15, 15)
    assert (node.where.line, node.where.column) == (2, 7)
