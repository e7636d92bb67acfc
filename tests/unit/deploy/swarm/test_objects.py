"""Names of secrets and configs: another content, another name."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.composefile.model import Resource
from seatrial.deploy.swarm.objects import Object, wanted
from seatrial.errors import ConfigError, Where

WHERE = Where(Path("docker-compose.yml"), 3)


def named(kind: str, resource: Resource, **variables: str) -> Object:
    (found,) = wanted(kind, "shop", {"key": resource}, {"key"}, variables)
    return found


def test_new_content_is_a_new_name(tmp_path: Path) -> None:
    file = tmp_path / "key"
    resource = Resource("key", WHERE, file=file)
    names = []
    for content in (b"one", b"two", b"\xff\x00", b"one"):
        file.write_bytes(content)
        found = named("secret", resource)
        assert found.content == content
        names.append(found.name)
    assert names[0] == names[3]
    assert len(set(names)) == 3
    assert all(name.startswith("shop_key-") for name in names)


def test_equal_secrets_of_two_keys_do_not_show_that_they_are_equal() -> None:
    resources = {key: Resource(key, WHERE, environment="SAME") for key in ("a", "b")}
    one, other = wanted("secret", "shop", resources, resources, {"SAME": "hunter2hunter2"})
    assert one.name.rpartition("-")[2] != other.name.rpartition("-")[2]


def test_a_secret_is_not_shown_with_its_object() -> None:
    found = named("secret", Resource("key", WHERE, environment="KEY"), KEY="hunter2hunter2")
    assert "hunter2" not in repr(found)


def test_a_long_name_fits_a_swarm() -> None:
    resource = Resource("k" * 80, WHERE, content="x")
    (found,) = wanted("config", "shop", {"k": resource}, {"k"}, {})
    assert len(found.name) <= 64


def test_what_is_outside_keeps_its_name() -> None:
    found = named("secret", Resource("key", WHERE, name="shop-key", external=True))
    assert (found.name, found.external) == ("shop-key", True)


def test_what_is_not_used_is_not_made() -> None:
    resources = {"key": Resource("key", WHERE, content="x")}
    assert wanted("config", "shop", resources, set(), {}) == ()


def test_what_is_too_large_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 600_000)
    with pytest.raises(ConfigError, match="600000 bytes") as caught:
        named("secret", Resource("key", WHERE, file=tmp_path / "big"))
    assert caught.value.where == WHERE
