"""Which images a repository releases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.config import Config, parse
from seatrial.errors import ConfigError
from seatrial.release.images import Image, images

SERVICE = """
  {name}:
    image: ${{REGISTRY:-localhost}}/shop-{image}:${{VERSION:-dev}}
    build: {{context: ../.., dockerfile: services/{name}/Dockerfile}}
"""


class Shop:
    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, text: str = "FROM scratch\n") -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def prod(self, text: str) -> None:
        self.write("deploy/prod/docker-compose.yml", f"services:\n{text}")

    def images(self, registry: str = "", config: str = "", **environment: str) -> dict[str, Image]:
        settings = parse(config, Path("seatrial.toml")) if config else Config()
        found = images(self.root, settings, environment, registry, "1.2.3")
        return {one.name: one for one in found}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    one = Shop(tmp_path)
    one.write("services/api/Dockerfile")
    one.write("services/web/Dockerfile")
    return one


class TestProd:
    def test_builds_the_services_that_have_a_build_section(self, shop: Shop) -> None:
        shop.prod(SERVICE.format(name="api", image="api") + "  db: {image: 'postgres:18'}\n")
        (one,) = shop.images("r.example.com/team").values()
        assert one.repository == "r.example.com/team/shop-api"
        assert one.recipe == {"context": ".", "dockerfile": "services/api/Dockerfile"}

    def test_several_services_may_run_one_image(self, shop: Shop) -> None:
        migrate = SERVICE.format(name="api", image="api").replace("  api:", "  migrate:")
        shop.prod(SERVICE.format(name="api", image="api") + migrate)
        assert shop.images()["api"].owners == ("api", "migrate")

    def test_a_service_is_also_known_by_its_folder(self, shop: Shop) -> None:
        shop.prod(SERVICE.format(name="api", image="api").replace("  api:", "  backend:"))
        assert shop.images()["backend"].owners == ("backend", "api")

    def test_the_registry_is_what_the_nearest_says(self, shop: Shop) -> None:
        shop.prod(SERVICE.format(name="api", image="api"))
        config = '[release]\nregistry = "toml.example.com"'
        assert shop.images()["api"].repository == "localhost/shop-api"
        assert shop.images(config=config)["api"].repository.startswith("toml.example.com/")
        shop.write("deploy/prod/.env", "REGISTRY=dotenv.example.com\n")
        assert shop.images(config=config)["api"].repository.startswith("dotenv.example.com/")
        found = shop.images(config=config, REGISTRY="env.example.com")
        assert found["api"].repository.startswith("env.example.com/")
        found = shop.images("option.example.com", config, REGISTRY="env.example.com")
        assert found["api"].repository.startswith("option.example.com/")

    def test_a_required_variable_without_a_value_is_no_hindrance(self, shop: Shop) -> None:
        shop.prod(
            SERVICE.format(name="api", image="api") + "    environment: {A: '${B:?set it}'}\n"
        )
        assert "api" in shop.images()

    @pytest.mark.parametrize(
        "registry", ["https://r.example.com", "r.example.com/Team", "r.example.com/a b", "a.b:x"]
    )
    def test_a_name_that_no_registry_takes_is_refused(self, shop: Shop, registry: str) -> None:
        shop.prod(SERVICE.format(name="api", image="api"))
        with pytest.raises(ConfigError, match="is no name of an image") as caught:
            shop.images(registry)
        assert "without https://" in caught.value.mend

    def test_a_slash_at_the_end_of_a_registry_is_no_part_of_it(self, shop: Shop) -> None:
        shop.prod(SERVICE.format(name="api", image="api"))
        assert shop.images("r.example.com/")["api"].repository == "r.example.com/shop-api"

    def test_an_image_without_a_name_is_refused_with_its_line(self, shop: Shop) -> None:
        shop.prod("  api:\n    build: ../..\n")
        with pytest.raises(ConfigError, match=r"docker-compose\.yml:2.*no image: to push it as"):
            shop.images()

    def test_a_key_that_bake_has_not_is_refused_with_its_line(self, shop: Shop) -> None:
        shop.prod(
            SERVICE.format(name="api", image="api").replace("{context", "{isolation: x, context")
        )
        with pytest.raises(ConfigError, match=r"docker-compose\.yml:\d+.*build\.isolation"):
            shop.images()

    def test_a_recipe_says_where_a_secret_is_and_not_what(self, shop: Shop) -> None:
        text = SERVICE.format(name="api", image="api").replace(
            "{context", "{secrets: [a, b], context"
        )
        shop.write(
            "deploy/prod/docker-compose.yml",
            f"services:{text}\nsecrets:\n  a: {{file: ./a.txt}}\n  b: {{environment: B}}\n",
        )
        shop.write("deploy/prod/a.txt", "sesame")
        recipe = shop.images(B="open")["api"].recipe
        assert recipe["secret"] == ["id=a,src=deploy/prod/a.txt", "id=b,env=B"]
        assert "sesame" not in json.dumps(recipe)

    def test_an_argument_without_a_value_has_that_of_the_surroundings(self, shop: Shop) -> None:
        text = SERVICE.format(name="api", image="api")
        shop.prod(text.replace("{context", "{args: [GIT_SHA, UNSET, LEVEL=2], context"))
        assert shop.images(GIT_SHA="abc")["api"].recipe["args"] == {"GIT_SHA": "abc", "LEVEL": "2"}
        other = shop.images(GIT_SHA="def")["api"].recipe_digest
        assert shop.images(GIT_SHA="abc")["api"].recipe_digest != other

    def test_another_recipe_has_another_digest(self, shop: Shop) -> None:
        shop.prod(SERVICE.format(name="api", image="api"))
        before = shop.images()["api"].recipe_digest
        assert shop.images("other.example.com")["api"].recipe_digest == before
        shop.prod(
            SERVICE.format(name="api", image="api").replace("{context", "{target: x, context")
        )
        assert shop.images()["api"].recipe_digest != before


class TestFolders:
    def test_give_one_image_for_each_dockerfile(self, shop: Shop) -> None:
        shop.write("services/lib/pyproject.toml", "")
        found = shop.images("r.example.com", '[project]\nname = "Shop"')
        assert [one.repository for one in found.values()] == [
            "r.example.com/shop-api",
            "r.example.com/shop-web",
        ]
        assert found["api"].recipe == {"context": "services/api", "dockerfile": "Dockerfile"}

    def test_are_built_from_the_root_where_that_is_said(self, shop: Shop) -> None:
        config = '[release]\ncontext = "root"\nrepository = "x/{service}"'
        found = shop.images("r.example.com", config)
        assert found["api"].repository == "r.example.com/x/api"
        assert found["api"].recipe == {"context": ".", "dockerfile": "services/api/Dockerfile"}

    def test_without_any_there_is_nothing_to_release(self, tmp_path: Path) -> None:
        assert Shop(tmp_path).images() == {}
