from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.config import Config, parse, parse_bytes
from seatrial.errors import ConfigError

FILE = Path("seatrial.toml")


def refused(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse(text, FILE)
    return caught.value


def test_an_empty_file_means_what_no_file_means() -> None:
    assert parse("", FILE) == Config()


def test_every_table_lands_in_its_field_with_its_line() -> None:
    config = parse(
        """
[project]
name = "shop"
[paths]
services = ["services", "apps"]
unit = "tests/fast"
[services.api]
path = "backend/api"
runner = "pytest"
[services.api.unit]
command = "pytest -q -k 'a | b'"
env = { TZ = "UTC" }
[services.api.service]
compose = "deploy/test/compose.yaml"
setup = ["alembic upgrade head", ["python", "seed.py"]]
boot-timeout = "2m"
exports.API = "http://{api.host}:{api.port}"
[integration]
skip = true
[run]
jobs = 3
timeout = 90
runtime = "docker"
[process.providers]
"mongo:*" = "mongod --port {port}"
""",
        FILE,
    )
    api = config.services["api"]
    assert config.name == "shop"
    assert (config.paths.services, config.paths.unit) == (("services", "apps"), "tests/fast")
    assert (api.path, api.runner, str(api.where)) == ("backend/api", "pytest", "seatrial.toml:7")
    assert api.unit.command == ("pytest", "-q", "-k", "a | b")
    assert dict(api.unit.env) == {"TZ": "UTC"}
    assert api.service.compose == ("deploy/test/compose.yaml",)
    assert api.service.setup == (("alembic", "upgrade", "head"), ("python", "seed.py"))
    assert api.service.boot_timeout == 120
    assert dict(api.service.exports) == {"API": "http://{api.host}:{api.port}"}
    assert config.integration.skip
    assert str(config.integration.where) == "seatrial.toml:18"
    assert (config.run.jobs, config.run.timeout, config.run.runtime) == (3, 90, "docker")
    assert config.process.providers["mongo:*"] == ("mongod", "--port", "{port}")


def test_an_empty_list_of_compose_files_is_not_the_same_as_none() -> None:
    assert parse("[integration]\ncompose = []", FILE).integration.compose == ()
    assert parse("[integration]", FILE).integration.compose is None


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("2", 2), ("0.5", 0.5), ('"500ms"', 0.5), ('"1m30s"', 90), ('"1.5h"', 5400), ('"10s"', 10)],
)
def test_durations_are_seconds(written: str, seconds: float) -> None:
    assert parse(f"[run]\ntimeout = {written}", FILE).run.timeout == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "line", "what", "mend"),
    [
        ("[run]\n\njob = 1", 3, "unknown key 'job' in [run]", "did you mean 'jobs'?"),
        ("\nservice = 1", 2, "unknown key 'service' in the file", "did you mean 'services'?"),
        ("[run]\nsuite_timeout = 1", 2, "'suite_timeout'", "did you mean 'suite-timeout'?"),
        ("[services.a]\nunit.comand = 'x'", 2, "'comand' in [services.a.unit]", "'command'"),
        ('[run]\njobs = "4"', 2, "run.jobs must be a whole number", "without quotes"),
        ("[run]\njobs = true", 2, "not true", "whole number"),
        ("[run]\njobs = 0", 2, "not 0", "from 1 on"),
        ("[run]\njobs = inf", 2, "not inf", "whole number"),
        ("[run]\njobs = nan", 2, "not nan", "whole number"),
        ("[run]\ntimeout = -1", 2, "run.timeout must be a duration, not -1", '"2m"'),
        ('[run]\ntimeout = "0s"', 2, "must be a duration", '"2m"'),
        ("[run]\ntimeout = nan", 2, "must be a duration", '"2m"'),
        ("[run]\ntimeout = 1979-05-27", 2, "not a date", '"2m"'),
        ('[run]\nruntime = "dokcer"', 2, "one of auto, docker, process", 'did you mean "docker"?'),
        ('services = "x"', 1, "services must be a table", "write [services]"),
        ("[[services]]\nname='a'", 1, "services must be a table", "write [services]"),
        ("[integration]\npaths = ['a', 1]", 2, "integration.paths", "in quotes"),
        ("[integration]\ncompose = '/etc/x.yml'", 2, "a relative path", "relative"),
        ("[integration]\nenv = {A = 1}", 2, "integration.env.A must be a text", "in quotes"),
        ("[integration.env]\n'A B' = ''", 2, "'A B' must be a variable's name", "name"),
        ("[integration]\nexports.A = '{db.prot}'", 2, "with placeholders", "{SERVICE.port}"),
        ("[integration]\nsetup = 'make seed'", 2, "a list of commands", '["make seed"]'),
        ("[integration]\ncommand = 'a && b'", 2, "shell operators", '["sh", "-c", "a …"]'),
        ("[integration]\ncommand = 'echo $HOME'", 2, "shell operators", '["sh", "-c"'),
        ("[integration]\ncommand = 'A=1 pytest'", 2, "sets a variable", "env table"),
        ("[integration]\ncommand = 'a \"b'", 2, "open quote", "close it"),
        ("[integration]\ncommand = ''", 2, "must be a command", "leave the key out"),
        ("[integration]\ncommand = []", 2, "must be a command", '["pytest", "-q"]'),
        ("[a]\nb = ", 2, "broken TOML", "toml.io"),
        ('x = 1\ny = """a\nb', 3, "broken TOML: unterminated string", "toml.io"),
        ("[run]\n[run]", 2, "broken TOML", "toml.io"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_a_way_out(
    text: str, line: int, what: str, mend: str
) -> None:
    error = refused(text)
    assert str(error).startswith(f"seatrial.toml:{line}: ")
    assert what in error.what
    assert mend in error.mend


def test_a_value_that_may_be_a_secret_is_not_repeated() -> None:
    error = refused("[integration.env]\nTOKEN = 4711")
    assert "4711" not in str(error) + error.mend


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    assert parse_bytes(b"\xef\xbb\xbf[project]\r\nname = 'shop'\r\n", FILE).name == "shop"
    error = refused("\ufeff[run]\r\n\r\njob = 1\r\n")
    assert str(error).startswith("seatrial.toml:3: ")


def test_a_file_that_is_not_utf_8_is_told_with_the_line_of_the_byte() -> None:
    with pytest.raises(ConfigError, match=r"^seatrial.toml:2: not UTF-8: byte 0xfc"):
        parse_bytes("[project]\nname = 'Zürich'".encode("latin-1"), FILE)


def test_what_is_slow_can_be_said_for_each_stage() -> None:
    slow = parse('[slow]\nunit = "300ms"\nintegration = 20\n', FILE).slow
    assert (slow.unit, slow.service, slow.integration) == (0.3, 5.0, 20.0)
    assert (parse("", FILE).slow.unit, Config().slow.service) == (1.0, 5.0)
    assert "[slow]" in refused("[slow]\ncall = 1\n").what


def test_lint_names_rules_by_code_beginning_and_category() -> None:
    config = parse(
        '[lint]\nselect = ["SEA1", "security"]\nignore = "SEA101"\nbaseline = "lint.json"\n'
        '[lint.per-path]\n"deploy/dev/**" = ["SEA303"]\n',
        FILE,
    )
    assert config.lint.select == ("SEA1", "security")
    assert config.lint.ignore == ("SEA101",)
    assert config.lint.baseline == "lint.json"
    assert dict(config.lint.per_path) == {"deploy/dev/**": ("SEA303",)}


@pytest.mark.parametrize("word", ["SEA1010", "sea101", "", "E501"])
def test_lint_refuses_what_names_no_rule(word: str) -> None:
    error = refused(f'[lint]\nignore = ["{word}"]\n')
    assert str(error.where) == "seatrial.toml:2"
    assert "a rule's code" in error.what
