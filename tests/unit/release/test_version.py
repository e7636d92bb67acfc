"""Versions and tags, as Semantic Versioning 2.0.0 has them."""

from __future__ import annotations

import itertools

import pytest

from seatrial.errors import UsageError
from seatrial.release.version import (
    Moving,
    ReleaseTag,
    Version,
    moving_tags,
    parse_tag,
    release_tag,
    version_of,
)

# The order of the specification (11.4), and numbers that words would sort otherwise.
ORDER = [
    *("0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta"),
    *("1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.9"),
    *("1.2.10", "1.10.0", "2.0.0"),
]


def version(text: str) -> Version:
    found = version_of(text)
    assert found is not None, text
    return found


class TestOrder:
    def test_is_that_of_the_specification(self) -> None:
        assert [str(one) for one in sorted(map(version, reversed(ORDER)))] == ORDER
        for less, more in itertools.combinations(map(version, ORDER), 2):
            assert less < more
            assert not more < less

    @pytest.mark.parametrize("text", ORDER)
    def test_a_version_is_written_as_it_was_read(self, text: str) -> None:
        assert str(version(text)) == text


class TestTags:
    def test_a_tag_is_a_version_of_all_or_of_one_service(self) -> None:
        assert parse_tag("v1.2.3") == ReleaseTag("v1.2.3", Version(1, 2, 3))
        rc = parse_tag("api/v1.2.3-rc.1")
        assert (rc.service, rc.version) == ("api", Version(1, 2, 3, ("rc", "1")))
        assert not rc.version.stable

    @pytest.mark.parametrize(
        ("name", "fault"),
        [
            ("vfoo", "it is not MAJOR.MINOR.PATCH"),
            ("1.2.3", "it does not begin with v"),
            ("", "it does not begin with v"),
            ("v1", "it has not three numbers"),
            ("v1.2", "it has not three numbers"),
            ("v1.2.3.4", "it is not MAJOR.MINOR.PATCH"),
            ("v01.2.3", "a number begins with 0"),
            ("v1.2.3-01", "a number begins with 0"),
            ("v1.2.3-rc..1", "it is not MAJOR.MINOR.PATCH"),
            ("v1.2.3-", "it is not MAJOR.MINOR.PATCH"),
            ("v1.2.3+build.5", r"an image's tag cannot hold build metadata \('\+build.5'\)"),
            ("v1.2.3-rc.1+5", "cannot hold build metadata"),
            ("v1.2.3\n", "it is not MAJOR.MINOR.PATCH"),
            ("v1.2.³", "it is not MAJOR.MINOR.PATCH"),
            ("v1.2.3-" + "a" * 130, "at most 128 characters"),
            ('v1.2.3-zzz";echo${IFS}"hello";#', "it is not MAJOR.MINOR.PATCH"),
            ("v1.2.3-$(id)", "it is not MAJOR.MINOR.PATCH"),
            ("../v1.2.3", "'..' is no name of a service"),
            ("a/b/v1.2.3", "'a/b' is no name of a service"),
            ("/v1.2.3", "'' is no name of a service"),
        ],
    )
    def test_what_is_no_version_is_said_with_its_fault(self, name: str, fault: str) -> None:
        assert release_tag(name) is None
        with pytest.raises(UsageError, match=fault) as caught:
            parse_tag(name)
        assert "v1.2.3" in caught.value.mend


class TestMovingTags:
    def moving(self, text: str, *known: str) -> dict[str, str | None]:
        found = moving_tags(version(text), map(version, known))
        return {one.tag: str(one.newer) if one.newer else None for one in found}

    def test_the_first_stable_version_moves_all(self) -> None:
        assert self.moving("1.2.3") == {"1.2": None, "1": None, "latest": None}

    def test_they_come_from_the_narrowest_to_the_widest(self) -> None:
        tags = [one.tag for one in moving_tags(Version(1, 2, 3), ())]
        assert tags == ["1.2", "1", "latest"]

    def test_a_pre_release_moves_none(self) -> None:
        assert self.moving("1.2.3-rc.1") == {}

    def test_a_version_below_one_has_no_tag_of_its_major(self) -> None:
        assert self.moving("0.4.1") == {"0.4": None, "latest": None}

    def test_none_moves_backwards(self) -> None:
        moved = self.moving("1.2.9", "1.2.8", "1.3.0")
        assert moved == {"1.2": None, "1": "1.3.0", "latest": "1.3.0"}
        moved = self.moving("1.9.1", "2.0.0", "1.9.0")
        assert moved == {"1.9": None, "1": None, "latest": "2.0.0"}
        moved = self.moving("1.2.1", "1.2.2")
        assert moved == {"1.2": "1.2.2", "1": "1.2.2", "latest": "1.2.2"}

    def test_a_newer_pre_release_holds_nothing_back(self) -> None:
        assert self.moving("1.2.9", "1.3.0-rc.1", "2.0.0-alpha")["latest"] is None

    def test_the_newest_of_several_is_named(self) -> None:
        assert moving_tags(Version(1, 0, 1), [Version(1, 10, 0), Version(1, 9, 0)])[1] == Moving(
            "1", Version(1, 10, 0)
        )
