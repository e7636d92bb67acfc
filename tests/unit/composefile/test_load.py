"""What ``load()`` makes of files; ``tests/contract`` compares the same corpus with Compose."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.composefile.load import default_files, load
from seatrial.errors import ConfigError, UsageError
from tests.unit.composefile.conftest import Load
from tests.unit.composefile.corpus import BAD, GOOD, VARIABLES, files_of

_ONE = "services: {app: {image: busybox}}\n"


@pytest.mark.parametrize("case", GOOD)
def test_every_file_of_the_corpus_loads_with_its_services_placed(case: str) -> None:
    project = load(files_of(case), VARIABLES)
    for service in project.services.values():
        assert service.where.line > 0
        assert all(where.line > 0 for where in service.keys.values())


@pytest.mark.parametrize("case", BAD)
def test_every_broken_file_is_one_error_with_a_place_and_a_mend(case: str) -> None:
    (file,) = files_of(case)
    with pytest.raises(ConfigError) as caught:
        load([file], VARIABLES)
    error = caught.value
    assert error.where is not None
    assert error.where.file == file
    assert error.mend
    empty = file.name in ("empty.yaml", "comment-only.yaml")
    assert (error.where.line > 0) is not empty


@pytest.mark.parametrize(
    ("case", "line", "what", "mend"),
    [
        ("service-key", 4, "services.app has an unknown key 'comand'", "did you mean command?"),
        ("top-key", 1, "the file has an unknown key 'servces'", "did you mean services?"),
        ("image-number", 3, "services.app.image must be a string, not a number", "quotes"),
        ("undefined-dependency", 4, "depends on undefined service 'databse'", "database?"),
        ("profile-dependency", 4, "'debug', whose profile is not active", "COMPOSE_PROFILES"),
        ("cycle", 2, "in a circle: a -> b -> c -> a", "remove"),
        ("undefined-network", 4, "undefined network 'front'", "top-level networks:"),
        ("undefined-volume", 4, "undefined volume 'data'", "top-level volumes:"),
        ("undefined-secret", 4, "undefined secret 'token'", "top-level secrets:"),
        ("env-file-missing", 4, "nowhere.env does not exist", "required: false"),
        ("extends-missing", 4, "extends 'bas'", "did you mean base?"),
        ("include-itself", 1, "includes itself", "remove"),
    ],
)
def test_the_error_says_what_where_and_what_to_do(
    case: str, line: int, what: str, mend: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(files_of(f"bad/{case}.yaml"), VARIABLES)
    assert what in caught.value.what
    assert mend in caught.value.mend
    assert caught.value.where is not None
    assert caught.value.where.line == line


def test_an_error_in_an_override_names_the_override(tmp_path: Path) -> None:
    base, over = tmp_path / "compose.yaml", tmp_path / "over.yaml"
    base.write_text(_ONE)
    over.write_text("services:\n  app:\n    networks: [nowhere]\n")
    with pytest.raises(ConfigError) as caught:
        load([base, over], {})
    assert str(caught.value.where) == f"{over}:3"


def test_a_key_is_placed_in_the_file_that_had_the_last_word(tmp_path: Path) -> None:
    base, over = tmp_path / "compose.yaml", tmp_path / "over.yaml"
    base.write_text("services:\n  app:\n    image: one\n    user: root\n")
    over.write_text("services:\n  app:\n    image: two\n")
    app = load([base, over], {}).services["app"]
    assert str(app.keys["image"]) == f"{over}:3"
    assert str(app.keys["user"]) == f"{base}:4"


def test_paths_are_taken_from_the_first_files_folder(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    base, over = tmp_path / "compose.yaml", tmp_path / "sub" / "over.yaml"
    base.write_text("services: {app: {build: .}}\n")
    over.write_text("services: {app: {volumes: ['./data:/data'], build: {dockerfile: x/D}}}\n")
    project = load([base, over], {})
    app = project.services["app"]
    assert project.folder == tmp_path
    assert app.build is not None
    assert app.build.dockerfile == tmp_path / "x" / "D"
    assert app.volumes[0].source == str(tmp_path / "data")


def test_a_relative_file_gives_absolute_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "compose.yaml").write_text("services: {app: {build: ./x}}\n")
    monkeypatch.chdir(tmp_path)
    build = load([Path("compose.yaml")], {}).services["app"].build
    assert build is not None
    assert build.context == tmp_path / "x"


def test_the_callers_variables_win_over_the_dotenv_file(load_text: Load) -> None:
    project = load_text(
        "services: {app: {image: '$A-$B'}}", {"A": "given"}, __env="A=file\nB=${A}-file\n"
    )
    assert project.services["app"].image == "given-given-file"


def test_variables_that_are_not_set_are_listed_once_with_their_place(load_text: Load) -> None:
    project = load_text("x-a: &a $GONE\nservices:\n  app:\n    image: x\n    user: *a\n")
    ((name, where),) = project.unset
    assert (name, where.line) == ("GONE", 1)


def test_profiles_given_replace_those_of_the_environment(load_text: Load) -> None:
    text = """
        services:
          always: {image: x}
          one: {image: x, profiles: [one]}
          two: {image: x, profiles: [two]}
        """
    environment = {"COMPOSE_PROFILES": "one"}
    assert set(load_text(text).services) == {"always"}
    assert set(load_text(text, environment).services) == {"always", "one"}
    assert set(load_text(text, environment, ["two"]).services) == {"always", "two"}
    assert set(load_text(text, {}, ["*"]).services) == {"always", "one", "two"}


def test_a_service_may_be_named_like_a_key_that_is_replaced(tmp_path: Path) -> None:
    base, over = tmp_path / "compose.yaml", tmp_path / "over.yaml"
    base.write_text("services: {command: {image: x, user: u}, logging: {image: y}}\n")
    over.write_text("services: {command: {image: z}, logging: {user: v}}\n")
    services = load([base, over], {}).services
    assert (services["command"].image, services["command"].user) == ("z", "u")
    assert (services["logging"].image, services["logging"].user) == ("y", "v")


def test_an_env_file_of_a_service_left_out_by_its_profile_is_not_read(load_text: Load) -> None:
    project = load_text(
        "services: {a: {image: x}, b: {image: x, profiles: [p], env_file: missing.env}}"
    )
    assert set(project.services) == {"a"}


def test_a_remote_build_context_is_told_from_a_folder(load_text: Load) -> None:
    build = load_text("services: {a: {build: 'https://host/a.git#main'}}").services["a"].build
    assert build is not None
    assert build.remote == "https://host/a.git#main"


@pytest.mark.parametrize("text", ["volumes: {a: {}}", "services: {}", "services: {x-a: {}}"])
def test_a_file_without_services_is_refused(load_text: Load, text: str) -> None:
    with pytest.raises(ConfigError, match="no services"):
        load_text(text)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such file") as caught:
        load([tmp_path / "compose.yaml"], {})
    assert caught.value.where is not None
    assert caught.value.where.file == tmp_path / "compose.yaml"
    with pytest.raises(ConfigError, match="folder"):
        load([tmp_path], {})
    with pytest.raises(UsageError):
        load([], {})


def test_an_included_file_that_is_broken_is_named_itself(load_text: Load, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unknown key") as caught:
        load_text(f"include: [inner.yaml]\n{_ONE}", inner__yaml="srvices: {}\n")
    assert str(caught.value.where) == f"{tmp_path / 'inner.yaml'}:1"


def test_the_default_files_are_those_that_compose_reads(tmp_path: Path) -> None:
    assert default_files(tmp_path) == ()
    old, override = tmp_path / "docker-compose.yml", tmp_path / "docker-compose.override.yml"
    for file in (old, override):
        file.write_text(_ONE)
    assert default_files(tmp_path) == (old, override)
    new = tmp_path / "compose.yaml"
    new.write_text(_ONE)
    assert default_files(tmp_path) == (new, override)


def test_yaml_is_imported_only_when_a_file_is_read() -> None:
    program = "import seatrial.composefile.load, sys; sys.exit('ruamel.yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
