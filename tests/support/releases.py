"""A repository whose images are released to a real registry on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.program import Repository, Said, copy_of
from tests.support.registry import Shelf

API, WEB = "fleet-api", "fleet-web"


@dataclass
class Fleet:
    """The fixture repository ``release``, and where its images go."""

    repository: Repository
    registry: str

    def git(self, *words: str) -> str:
        """Return what git prints."""
        author = ("-c", "user.name=Skipper", "-c", "user.email=skipper@example.com")
        answer = subprocess.run(
            ["git", *author, *words],
            cwd=self.repository.root,
            capture_output=True,
            text=True,
            check=True,
        )
        return answer.stdout.strip()

    def commit(self, subject: str = "Begin", **files: str) -> str:
        """Write files (``api`` is the one in its image), commit all, return the commit."""
        for name, text in files.items():
            self.repository.write(f"services/{name}/{name}/name.txt", text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", subject)
        return self.git("rev-parse", "HEAD")

    def tag(self, *names: str) -> None:
        """Tag HEAD."""
        for name in names:
            self.git("tag", name)

    def push(self, *words: str) -> Said:
        """Push, with a word for the tests."""
        return self.release("push", "--tested", "by hand", *words)

    def release(self, verb: str, *words: str) -> Said:
        """Call `seatrial release`."""
        return self.repository.seatrial("release", verb, "--registry", self.registry, *words)

    def released(self, tag: str, *words: str) -> dict[str, Any]:
        """Push the release of ``tag`` (made here), which must go well; return its record."""
        self.tag(tag)
        said = self.push("--tag", tag, "--output", "json", *words)
        assert said.code == 0, said.all
        record: dict[str, Any] = json.loads(said.out)
        return record

    def plan(self, *words: str) -> dict[str, Any]:
        """Return the plan, which must be had."""
        said = self.release("plan", "--output", "json", *words)
        assert said.code == 0, said.all
        plan: dict[str, Any] = json.loads(said.out)
        return plan

    def record(self, tag: str) -> dict[str, Any]:
        """Return what is kept of a release."""
        path = self.repository.root / ".seatrial/releases" / f"{tag.replace('/', '_')}.json"
        record: dict[str, Any] = json.loads(path.read_text())
        return record


@contextlib.contextmanager
def fleet(place: Path, address: str, *, engine: bool = True) -> Iterator[Fleet]:
    """Lay the repository out with one commit; take its images off the engine at the end.

    What it pushes goes to ``address``, below a path that no other test has.
    """
    one = Fleet(copy_of("release", place), f"{address}/t{secrets.token_hex(4)}")
    # A login of the machine's user is none of the tests'.
    one.repository.variables |= {"HOME": str(one.repository.home)}
    if "DOCKER_CONFIG" in os.environ:
        one.repository.variables["DOCKER_CONFIG"] = os.environ["DOCKER_CONFIG"]
    one.commit()
    try:
        yield one
    finally:
        if engine:
            _forget_images(f"{one.registry}/")


def _forget_images(beginning: str) -> None:
    """Take the images whose names begin so off the engine, those without a tag by their digest."""
    form = "{{.Repository}} {{.Tag}} {{.Digest}}"
    listed = subprocess.run(
        ["docker", "images", "--digests", "--format", form],
        capture_output=True,
        text=True,
        check=True,
    )
    found = (line.split() for line in listed.stdout.splitlines() if line.startswith(beginning))
    names = [
        f"{name}@{digest}" if tag == "<none>" else f"{name}:{tag}" for name, tag, digest in found
    ]
    if names:
        subprocess.run(["docker", "rmi", *names], capture_output=True, check=False)


def path_of(fleet: Fleet, name: str) -> str:
    """Return where the registry keeps the image ``name``."""
    return f"{fleet.registry.partition('/')[2]}/{name}"


def actions(document: dict[str, Any]) -> dict[str, str]:
    """Return what becomes, or became, of each image of a plan or record."""
    return {one["name"]: one["action"] for one in document["images"]}


def tags(shelf: Shelf, fleet: Fleet, name: str) -> dict[str, str]:
    """Return what each tag of an image points to."""
    return shelf.digests(path_of(fleet, name))
