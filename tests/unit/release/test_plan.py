"""What becomes of an image, and why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seatrial.composefile.model import Build
from seatrial.discover.reads.model import Dependency
from seatrial.errors import UsageError, Where
from seatrial.host.diff import ChangedFile, How
from seatrial.planning.changed import Touch
from seatrial.release.images import Image
from seatrial.release.plan import (
    Action,
    Asked,
    Before,
    Held,
    ImagePlan,
    Known,
    Why,
    make_plan,
    of_service,
    released,
)
from seatrial.release.version import Version, parse_tag

ROOT = Path("/repo")
COMMIT, OLDER = "c" * 40, "b" * 40
HOST = "registry.example.com"


def image(name: str = "api") -> Image:
    build = Build(ROOT, ROOT / "services" / name / "Dockerfile", Where(ROOT / "compose.yml"))
    return Image(name, f"{HOST}/fleet-{name}", build, (name,), {"context": "."})


API = image()
ASKED = Asked(parse_tag("v1.1.0"), COMMIT, 0)
HELD = Held("sha256:old", OLDER, API.recipe_digest)
BEFORE = Before(parse_tag("v1.0.0"), HELD, None)
TOUCH = Touch(ChangedFile(ROOT / "a", How.CHANGED), Dependency(ROOT / "a", "copied"))


def becomes(known: Known, asked: Asked = ASKED) -> ImagePlan:
    return make_plan(asked, [known], HOST).images[0]


class TestWhatBecomesOfAnImage:
    def test_an_unchanged_one_is_tagged_again(self) -> None:
        plan = becomes(Known(API, before=BEFORE))
        assert (plan.action, plan.why) == (Action.RETAG, Why.UNCHANGED)
        assert plan.digest == "sha256:old"

    @pytest.mark.parametrize(
        ("known", "changes", "why"),
        [
            (Known(API), {}, Why.FIRST),
            (Known(API, before=replace(BEFORE, touch=TOUCH)), {}, Why.CHANGED),
            (Known(API, before=replace(BEFORE, held=None)), {}, Why.NOT_THERE),
            (
                Known(API, before=replace(BEFORE, held=None)),
                {"asked_registry": False},
                Why.NOT_ASKED,
            ),
            (
                Known(API, before=replace(BEFORE, held=replace(HELD, recipe="other"))),
                {},
                Why.RECIPE,
            ),
            (Known(API, before=replace(BEFORE, known=False)), {}, Why.UNTOLD),
            (Known(API, before=BEFORE), {"rebuild": True}, Why.REBUILD),
            (Known(API, before=BEFORE), {"dirty": True}, Why.DIRTY),
        ],
    )
    def test_any_other_is_built(self, known: Known, changes: dict[str, Any], why: Why) -> None:
        plan = becomes(known, replace(ASKED, **changes))
        assert (plan.action, plan.why) == (Action.BUILD, why)
        assert plan.digest == ""
        assert (plan.touch is not None) == (why is Why.CHANGED)

    def test_what_was_pushed_of_this_commit_is_left(self) -> None:
        there = Held("sha256:new", COMMIT)
        plan = becomes(Known(API, there=there, before=replace(BEFORE, touch=TOUCH)))
        assert (plan.action, plan.why, plan.digest) == (Action.DONE, Why.THERE, "sha256:new")

    def test_what_was_tagged_again_already_is_left(self) -> None:
        plan = becomes(Known(API, there=HELD, before=BEFORE))
        assert (plan.action, plan.digest) == (Action.DONE, "sha256:old")

    @pytest.mark.parametrize("revision", [OLDER, "", f"{COMMIT}-dirty"])
    def test_a_version_that_is_another_image_is_never_replaced(self, revision: str) -> None:
        known = Known(API, there=Held("sha256:new", revision), before=BEFORE)
        with pytest.raises(UsageError, match=r"fleet-api:1\.1\.0 is in the registry already"):
            becomes(known)

    def test_a_dirty_tree_is_no_image_of_its_commit(self) -> None:
        with pytest.raises(UsageError, match="already"):
            becomes(Known(API, there=Held("sha256:new", COMMIT)), replace(ASKED, dirty=True))

    def test_unless_that_is_forced(self) -> None:
        known = Known(API, there=Held("sha256:new", OLDER))
        plan = becomes(known, replace(ASKED, overwrite=True))
        assert (plan.action, plan.replaces) == (Action.BUILD, "sha256:new")

    @pytest.mark.parametrize(
        ("recipe", "rebuild", "action"),
        [
            (API.recipe_digest, False, Action.DONE),
            (API.recipe_digest, True, Action.BUILD),
            ("other", False, Action.BUILD),
        ],
    )
    def test_what_was_forced_there_is_left_when_it_is_asked_for_again(
        self, recipe: str, rebuild: bool, action: Action
    ) -> None:
        known = Known(API, there=Held("sha256:new", COMMIT, recipe))
        assert becomes(known, replace(ASKED, overwrite=True, rebuild=rebuild)).action is action


class TestADirtyTree:
    DIRTY = replace(ASKED, dirty=True, tree="t1")
    THERE = Held("sha256:new", f"{COMMIT}-dirty", tree="t1")

    def test_is_left_when_its_bytes_are_those_that_were_pushed(self) -> None:
        assert becomes(Known(API, there=self.THERE), self.DIRTY).action is Action.DONE

    @pytest.mark.parametrize(
        "there", [replace(THERE, tree="t2"), replace(THERE, tree=""), Held("sha256:new", COMMIT)]
    )
    def test_is_another_image_when_they_are_not(self, there: Held) -> None:
        with pytest.raises(UsageError, match="not made of this work tree, which differs from"):
            becomes(Known(API, there=there), self.DIRTY)

    @pytest.mark.parametrize(("now", "then"), [("", ""), ("", "t1"), ("t1", "")])
    def test_whose_bytes_nobody_knows_cannot_go_on_and_says_why(self, now: str, then: str) -> None:
        asked = replace(self.DIRTY, tree=now)
        with pytest.raises(UsageError) as caught:
            becomes(Known(API, there=replace(self.THERE, tree=then)), asked)
        first, second = caught.value.detail
        assert first == "there: sha256:new, made of cccccccccccc-dirty"
        assert "whether that was this work tree is not known" in second


class TestMovingTags:
    def test_they_heed_each_image_for_itself(self) -> None:
        ahead = Known(image("web"), released=(Version(1, 2, 0),))
        plan = make_plan(ASKED, [Known(API), ahead], HOST)
        assert [one.moves for one in plan.images] == [("1.1", "1", "latest"), ("1.1",)]

    def test_the_version_itself_holds_nothing_back(self) -> None:
        plan = becomes(Known(API, released=(Version(1, 1, 0),)))
        assert plan.moves == ("1.1", "1", "latest")


class TestReleased:
    def test_knows_the_tags_of_git_and_of_the_registry(self) -> None:
        tags = [parse_tag(name) for name in ("v1.0.0", "api/v1.0.1", "web/v3.0.0")]
        found = released(API, tags, ["2.0.0", "latest", "1.0", "1.0.0", "nonsense"])
        assert found == (Version(1, 0, 0), Version(1, 0, 1), Version(2, 0, 0))


class TestOneService:
    def test_is_released_alone(self) -> None:
        images = [API, image("web")]
        assert of_service(images, parse_tag("web/v1.0.0")) == (images[1],)
        assert of_service(images, parse_tag("v1.0.0")) == tuple(images)

    def test_that_is_a_library_has_none(self) -> None:
        assert of_service([API], parse_tag("words/v1.0.0"), ["api", "words"]) == ()

    def test_must_be_there(self) -> None:
        with pytest.raises(UsageError, match="'wbe', which has no image") as caught:
            of_service([API, image("web")], parse_tag("wbe/v1.0.0"))
        assert "api, web" in caught.value.mend
