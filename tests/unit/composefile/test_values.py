from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.composefile.scalars import go_text, plain_value
from seatrial.composefile.values import parse_ports, parse_volume, seconds, split_command
from seatrial.errors import ConfigError, Where

HERE = Where(Path("compose.yaml"), 3)


@pytest.mark.parametrize(
    ("text", "result"),
    [("5s", 5), ("1m30s", 90), ("100ms", 0.1), ("1.5h", 5400), ("1d", 86400), ("0", 0)],
)
def test_a_duration_is_seconds(text: str, result: float) -> None:
    assert seconds(text, HERE, "interval") == pytest.approx(result)


@pytest.mark.parametrize("text", ["", "5", "5 s", "s", "1m 30s", "5x"])
def test_what_is_no_duration_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(ConfigError, match="not a duration") as caught:
        seconds(text, HERE, "interval")
    assert caught.value.where == HERE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a b  c", ("a", "b", "c")),
        ("a 'b c' \"d e\"f", ("a", "b c", "d ef")),
        ('a\\ b "c\\"d" \'e\\f\'', ("a b", 'c"d', "e\\f")),
        ("a '' \"\"", ("a", "", "")),
        ("a $(b c) `d e`", ("a", "$(b c)", "`d e`")),
        ("a; b", ("a",)),
        ("a | b", ("a",)),
        ("a 2>x b", ("a",)),
        ("a b>x", ("a", "b")),
        ("a\n b\n", ("a", "b")),
        ("a #b", ("a", "#b")),
        ("", ()),
    ],
)
def test_a_command_is_split_as_compose_splits_it(text: str, words: tuple[str, ...]) -> None:
    assert split_command(text, HERE, "command") == words


@pytest.mark.parametrize("text", ["'a", '"a', "a\\", "a (b)", "a )", "$(a"])
def test_a_command_that_does_not_close_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="does not match"):
        split_command(text, HERE, "command")


def test_a_range_of_host_ports_for_one_container_port_stays_a_range() -> None:
    (spec,) = parse_ports("8000-8005:80", HERE)
    assert (spec.published, spec.target) == ("8000-8005", 80)


def test_ranges_of_equal_length_go_pairwise() -> None:
    specs = parse_ports("127.0.0.1:8000-8001:80-81/udp", HERE)
    assert [(s.host_ip, s.published, s.target, s.protocol) for s in specs] == [
        ("127.0.0.1", "8000", 80, "udp"),
        ("127.0.0.1", "8001", 81, "udp"),
    ]


@pytest.mark.parametrize("text", ["", "a", "80:", "70000", "2-1", "1-2:3-5", "80/foo", "x:80:80"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_ports(text, HERE)
    assert caught.value.where == HERE


def test_a_volume_is_a_bind_where_its_source_looks_like_a_path() -> None:
    assert parse_volume("/data", HERE).source is None
    assert parse_volume("named:/data", HERE).kind == "volume"
    assert parse_volume("./a:/data:ro,z", HERE).kind == "bind"
    assert parse_volume("./a:/data:ro,z", HERE).read_only


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1.0", "1"),
        ("16.10", "16.1"),
        ("1e3", "1000"),
        ("1000000.0", "1e+06"),
        ("123456789.5", "1.234567895e+08"),
        ("0.00001", "1e-05"),
        ("0.0001", "0.0001"),
        ("-.inf", "-Inf"),
        ("true", "true"),
        ("0b11", "3"),
        ("12345678901234567890123", "1.2345678901234568e+22"),
        ("~", ""),
    ],
)
def test_a_value_is_written_as_go_writes_it(text: str, written: str) -> None:
    assert go_text(plain_value(text)) == written
