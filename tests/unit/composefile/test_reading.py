from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.composefile.reading import parse, read_tree
from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.errors import ConfigError

FILE = Path("compose.yaml")


def one(text: str) -> MapNode:
    (root,) = parse(text, FILE)
    return root


def plain(node: Node) -> object:
    if isinstance(node, MapNode):
        return {key: plain(item) for key, item in node.items.items()}
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    return node.value


def refusal(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse(text, FILE)
    return caught.value


def test_a_node_knows_its_line_column_and_span() -> None:
    text = "a:\n  b: word # comment\n"
    inner = one(text).items["a"]
    assert isinstance(inner, MapNode)
    value, key = inner.items["b"], inner.keys["b"]
    assert str(value.where) == "compose.yaml:2"
    assert (value.where.line, value.where.column) == (2, 6)
    assert (key.where.line, key.where.column) == (2, 3)
    assert text[slice(*value.span)] == "word"
    assert text[slice(*key.span)] == "b"


def test_spans_count_the_characters_of_files_with_crlf() -> None:
    text = "a: one\r\nb: twö\r\n"
    root = one(text)
    assert text[slice(*root.items["b"].span)] == "twö"
    assert root.items["b"].where.line == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("22:22", "22:22"),
        ("yes", "yes"),
        ("off", "off"),
        ("True", True),
        ("~", None),
        ("0123", 83),
        ("089", 89.0),
        ("0o17", 15),
        ("-0x1F", -31),
        ("1_000", 1000),
        ("1.10", 1.1),
        ("1e3", 1000.0),
        ("1.2.3", "1.2.3"),
        ('"5"', "5"),
        ("!!str 5", "5"),
        ("!!int '5'", 5),
        ("!!null x", None),
        (".", "."),
        ("+", "+"),
        ("_1", "_1"),
    ],
)
def test_a_scalar_means_what_compose_takes_it_for(text: str, value: object) -> None:
    node = one(f"a: {text}\n").items["a"]
    assert isinstance(node, ScalarNode)
    assert node.value == value
    assert type(node.value) is type(value)


def test_merge_keys_give_way_to_own_keys_and_earlier_maps_to_none() -> None:
    root = one(
        "a: &a {x: a, y: a}\n"
        "b: &b {y: b, z: b}\n"
        "c: {<<: [*a, *b], x: own}\n"
        "d:\n  z: own\n  <<: *b\n"
    )
    assert plain(root.items["c"]) == {"x": "own", "y": "a", "z": "b"}
    assert plain(root.items["d"]) == {"z": "own", "y": "b"}


def test_a_merged_key_points_to_the_line_that_wrote_it() -> None:
    merged = one("a: &a\n  x: 1\nb:\n  <<: *a\n").items["b"]
    assert isinstance(merged, MapNode)
    assert merged.where_of("x").line == 2


def test_a_quoted_merge_key_is_a_plain_key() -> None:
    assert plain(one('a: {"<<": x}\n')) == {"a": {"<<": "x"}}


def test_reset_and_override_are_kept_as_tags() -> None:
    root = one("a: !reset null\nb: !override [1]\nc: !override {x: 1}\nd: !reset\n")
    assert [node.tag for node in root.items.values()] == [
        "!reset",
        "!override",
        "!override",
        "!reset",
    ]
    assert plain(root) == {"a": None, "b": [1], "c": {"x": 1}, "d": None}


def test_documents_are_returned_one_by_one_and_empty_ones_left_out() -> None:
    assert [plain(root) for root in parse("a: 1\n---\n---\nb: 2\n", FILE)] == [{"a": 1}, {"b": 2}]


def test_an_anchor_ends_with_its_document() -> None:
    assert "no anchor" in refusal("a: &x 1\n---\nb: *x\n").what


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 0, "empty"),
        ("# only a comment\n", 0, "empty"),
        ("- a\n", 1, "top level must be a mapping"),
        ("a: 1\nb: 2\na: 3\n", 3, "key 'a' is already on line 1"),
        ("a: [1\nb: 2\n", 2, "broken YAML"),
        ("a:\n\tb: 1\n", 2, "broken YAML"),
        ("a: 'open\n", 2, "broken YAML"),
        ("a: b: c\n", 1, "broken YAML"),
        ("a: *b\n", 1, "alias *b has no anchor"),
        ("a: &a\n  b: *a\n", 2, "alias *a contains itself"),
        ("a: &a [*a]\n", 1, "alias *a contains itself"),
        ("a:\n  <<: 5\n", 2, "<< takes a mapping"),
        ("a:\n  5: b\n", 2, "a key must be a string"),
        ("a:\n  ? [b]\n  : c\n", 2, "a key must be a string"),
        ("a: 1\nb: \x01\n", 2, "broken YAML"),
        ("a: %b\n", 1, "broken YAML"),
        ("a: !<x\n", 1, "broken YAML"),
        ("%YAML 9.9\n---\na: 1\n", 1, "broken YAML"),
    ],
)
def test_what_is_broken_is_one_error_with_its_line(text: str, line: int, words: str) -> None:
    error = refusal(text)
    assert words in error.what
    assert error.where is not None
    assert error.where.line == line
    assert error.mend


def test_tabs_are_answered_with_what_to_do() -> None:
    assert "spaces" in refusal("a:\n\tb: 1\n").mend


def test_a_yaml_bomb_is_refused_before_it_grows() -> None:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    error = refusal("a0: &a0 [x]\n" + "\n".join(levels) + "\n")
    assert "100000 nodes" in error.what


def test_nesting_without_end_is_refused() -> None:
    assert "nested deeper" in refusal("a: " + "[" * 5000 + "]" * 5000 + "\n").what


def test_nesting_that_aliases_pile_up_is_refused() -> None:
    deep = "[" * 60, "]" * 60
    levels = [f"a{n}: &a{n} {deep[0]}*a{n - 1}{deep[1]}" for n in range(1, 50)]
    assert "nested deeper" in refusal("a0: &a0 x\n" + "\n".join(levels) + "\n").what


def test_bytes_that_are_not_utf8_are_named_with_their_line(tmp_path: Path) -> None:
    file = tmp_path / "latin.yaml"
    file.write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(ConfigError, match="0xe9 is not UTF-8") as caught:
        read_tree(file)
    assert caught.value.where is not None
    assert caught.value.where.line == 2


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    file = tmp_path / "bom.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    (root,) = read_tree(file)
    assert plain(root) == {"a": 1, "b": 2}


def test_a_missing_file_a_folder_and_a_broken_link_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_tree(tmp_path / "missing.yaml")
    with pytest.raises(ConfigError, match="a folder, not a file"):
        read_tree(tmp_path)
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_tree(loop)
