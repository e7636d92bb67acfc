"""One image of a release by itself, for machines that each build one. Pure.

Each brings the version of its image to the registry. A push of the whole release then finds them
there, and moves the tags: so none moves before every image is there.
"""

from __future__ import annotations

from dataclasses import replace

from seatrial.errors import UsageError
from seatrial.release.plan import ReleasePlan


def only(plan: ReleasePlan, name: str) -> ReleasePlan:
    """Return the plan of the image ``name`` alone, which moves no tag. Raises ``UsageError``."""
    found = [replace(one, moving=()) for one in plan.images if one.image.name == name]
    if not found:
        there = ", ".join(one.image.name for one in plan.images)
        raise UsageError(f"no image of this release is called {name!r}", mend=f"there are: {there}")
    return replace(plan, images=tuple(found))
