"""What goes wrong for users: one clear message, the right exit code, nothing left."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.program import Repository, copy_of, forget_images

COMPOSE = "services/web/deploy/test/docker-compose.yml"
ROOT_ONLY = pytest.mark.skipif(os.getuid() != 0, reason="mounting takes root")


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Repository]:
    repository = copy_of("pair", tmp_path)
    yield repository
    forget_images(repository)
    assert repository.traces() == []


def service_stage(repository: Repository, *words: str) -> tuple[int, str]:
    said = repository.seatrial(
        "test", "--stage", "service", "--runtime", "process", "--output", "plain", *words
    )
    return said.code, said.all


CACHE = 'services: {cache: {image: "valkey/valkey:8", ports: ["6379"], '


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ('services:\n  a:\n    image: "x\n', 2, ["broken YAML", "docker-compose.yml:4"]),
        (
            "services:\n  a:\n    imagee: x\n",
            2,
            ["unknown key 'imagee'", "docker-compose.yml:3", "did you mean image?"],
        ),
        (
            "services:\n  a:\n    image: ${TAG:?say which}\n",
            2,
            ["TAG", "say which", "docker-compose.yml:3"],
        ),
        (
            "services:\n  a:\n    image: x\n    env_file: no.env\n",
            2,
            ["no.env does not exist", "docker-compose.yml:4"],
        ),
        (
            "services:\n  a:\n    image: x\n    depends_on: [b]\n",
            2,
            ["depends on", "b", "docker-compose.yml:4"],
        ),
        (
            "services:\n  a:\n    image: mongo:7\n    ports: ['27017']\n",
            3,
            ["mongo:7", "docker-compose.yml:3", "--runtime docker", "[process.providers]"],
        ),
        (
            "services:\n  a:\n    image: valkey/valkey:8\n    privileged: true\n",
            3,
            ["privileged", "docker-compose.yml:4", "--runtime docker"],
        ),
        (
            CACHE + "healthcheck: {test: [CMD, 'false'], interval: 50ms, retries: 2}}}",
            3,
            ["cache is unhealthy", "docker-compose.yml:1"],
        ),
        (
            CACHE + "command: [valkey-server, --no-such-option]}}",
            3,
            ["cache", "no-such-option"],
        ),
    ],
    ids=[
        "broken-yaml",
        "unknown-key",
        "missing-variable",
        "missing-env-file",
        "unknown-dependency",
        "no-provider",
        "privileged",
        "never-healthy",
        "exits-at-once",
    ],
)
def test_a_compose_file_that_cannot_be_had_is_told_with_its_line(
    pair: Repository, text: str, code: int, words: list[str]
) -> None:
    pair.write(COMPOSE, text)
    found, said = service_stage(pair)
    assert found == code, said
    assert [word for word in words if word not in said] == []


def test_a_mistake_in_a_file_is_told_before_anything_starts(pair: Repository) -> None:
    pair.write(COMPOSE, "services: [")
    said = pair.seatrial("test", "--runtime", "process", "--output", "json")
    assert (said.code, said.out) == (2, "")


def test_a_boot_that_takes_too_long_names_what_it_waits_for(pair: Repository) -> None:
    pair.write("seatrial.toml", "[services.web.service]\nboot-timeout = 4\n")
    pair.write("services/web/web.py", "import time\nprint('thinking')\ntime.sleep(1000)\n")
    code, said = service_stage(pair)
    # A deadline and an environment that could not be had: the latter is the graver.
    assert code == 3, said
    assert "waiting for web" in said
    assert "thinking" in said


@pytest.mark.engine
def test_an_image_that_does_not_build_shows_the_end_of_its_build(pair: Repository) -> None:
    pair.write("services/web/Dockerfile", "FROM python:3.13-slim\nRUN echo no luck >&2 && exit 9\n")
    said = pair.seatrial("test", "--stage", "service", "--runtime", "docker", "--output", "plain")
    assert said.code == 3, said.all
    assert "no luck" in said.all


@pytest.mark.engine
def test_a_container_that_exits_at_once_is_named_with_its_last_words(pair: Repository) -> None:
    pair.write("services/web/web.py", "raise SystemExit('cannot start like this')\n")
    said = pair.seatrial("test", "--stage", "service", "--runtime", "docker", "--output", "plain")
    assert said.code == 3, said.all
    assert "web" in said.all
    assert "cannot start like this" in said.all


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[run]\njobz = 3\n", ["seatrial.toml:2", "unknown key 'jobz'", "'jobs'"]),
        ("[run]\njobs = 'x'\n", ["seatrial.toml:2", "jobs"]),
        ("[run\n", ["seatrial.toml:1"]),
        ("[services.nobody]\npath = 'gone'\n", ["seatrial.toml:1", "nobody"]),
    ],
)
def test_a_mistake_in_seatrial_toml_is_told_with_its_line(
    pair: Repository, text: str, words: list[str]
) -> None:
    pair.write("seatrial.toml", text)
    said = pair.seatrial("test")
    assert said.code == 2
    assert [word for word in words if word not in said.err] == []


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("test", "wbe"), "did you mean 'web'?"),
        (("tset",), "did you mean 'test'?"),
        (("test", "--stage", "system"), "'unit', 'service', 'integration'"),
        (("test", "--jobs", "0"), "--jobs"),
        (("-C", "no-such-folder", "test"), "no-such-folder"),
    ],
)
def test_a_word_that_means_nothing_is_told_with_what_there_is(
    pair: Repository, words: tuple[str, ...], hint: str
) -> None:
    said = pair.seatrial(*words)
    assert said.code == 2
    assert hint in said.err


def test_a_folder_without_services_says_what_was_looked_for(pair: Repository) -> None:
    for name in ("services", "tests", "deploy"):
        shutil.rmtree(pair.root / name)
    said = pair.seatrial("test")
    assert said.code == 5
    assert "pyproject.toml" in said.err


def test_without_git_all_works(pair: Repository) -> None:
    shutil.rmtree(pair.root / ".git")
    said = pair.seatrial("test", "--runtime", "process", "--output", "json")
    assert said.passed() == pair.expected()["passed"], said.all


def test_a_test_that_hangs_is_ended_and_named(pair: Repository) -> None:
    pair.write("seatrial.toml", "[services.web.unit]\ntimeout = 2\n")
    pair.write(
        "services/web/tests/unit/test_a.py",
        "import time\n\n\ndef test_sleeps():\n    time.sleep(1000)\n",
    )
    said = pair.seatrial("test", "--stage", "unit", "--output", "plain")
    assert said.code == 4, said.all
    assert "unit:web did not end within 2 s" in said.all
    assert "running: tests/unit/test_a.py::test_sleeps" in said.all


# Runs a program and says the most memory that it held, in KiB: not that of the tests it started.
MEASURED = """
import subprocess, sys
peak = 0
with subprocess.Popen(sys.argv[1:]) as child:
    while child.poll() is None:
        try:
            lines = open(f"/proc/{child.pid}/status").read().splitlines()
            peak = max([peak, *(int(l.split()[1]) for l in lines if l.startswith("VmHWM"))])
            child.wait(0.02)
        except (subprocess.TimeoutExpired, FileNotFoundError):
            pass
print("peak KiB:", peak, file=sys.stderr)
sys.exit(child.returncode)
"""


def test_a_hundred_megabytes_and_half_a_character_take_little_memory(pair: Repository) -> None:
    pair.write(
        "services/web/tests/unit/test_loud.py",
        "import os\n\n\ndef test_loud():\n"
        "    for _ in range(1000):\n        os.write(1, (b'y' * 99 + b'\\n') * 1000)\n"
        "    os.write(1, b'\\xc3')\n",
    )
    words = ("test", "--stage", "unit", "--output", "plain", "--", "-s")
    said = pair.seatrial(*words, prefix=(sys.executable, "-c", MEASURED))
    assert said.code == 0, said.all[-2000:]
    assert len(said.all) < 5000
    peak = int(said.err.rpartition("peak KiB: ")[2])
    assert peak < 150 * 1024


def test_a_missing_runner_says_where_it_belongs(pair: Repository) -> None:
    project = (pair.root / "services/web/pyproject.toml").read_text()
    pair.write("services/web/pyproject.toml", project.replace("pytest>=8", "iniconfig"))
    said = pair.seatrial("test", "--stage", "unit", "--output", "plain")
    assert said.code == 3, said.all
    assert "pytest" in said.all


def test_where_docker_is_asked_for_and_is_not_there_no_test_runs_in_vain(
    pair: Repository,
) -> None:
    pair.variables = {"DOCKER_HOST": f"unix://{pair.home}/none.sock"}
    slow = "import time\n\n\ndef test_slow():\n    time.sleep(1000)\n"
    pair.write("services/web/tests/unit/test_slow.py", slow)
    said = pair.seatrial("test", "--runtime", "docker", "--output", "plain")
    assert said.code == 3
    assert "--runtime process" in said.all


def test_an_engine_that_accepts_and_never_answers_is_given_up(pair: Repository) -> None:
    if shutil.which("docker") is None:
        pytest.skip("needs a docker command")
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(pair.home / "silent.sock"))
        silent.listen()
        pair.variables = {"DOCKER_HOST": f"unix://{pair.home}/silent.sock"}
        said = pair.seatrial("test", "--stage", "service", "--output", "plain")
    assert said.code == 0, said.all
    assert "did not answer" in said.all or "no Docker engine" in said.all, said.all


@ROOT_ONLY
def test_a_checkout_that_cannot_be_written_to_works(pair: Repository) -> None:
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd "$0" && exec "$@"'
    said = pair.seatrial(
        *("test", "--runtime", "process", "--output", "json"),
        prefix=("unshare", "-m", "sh", "-c", script, str(pair.root)),
    )
    assert said.passed() == pair.expected()["passed"], said.all


@ROOT_ONLY
@pytest.mark.parametrize("options", ["size=64k", "nr_inodes=4"], ids=["no-blocks", "no-inodes"])
def test_a_full_disk_is_one_error(pair: Repository, options: str) -> None:
    pair.variables = {"TMPDIR": str(pair.home), "XDG_CACHE_HOME": str(pair.home / "cache")}
    fill = 'dd if=/dev/zero of="$0/fill" bs=1k count=64 2>/dev/null'
    script = f'mount -t tmpfs -o {options} none "$0"; {fill}; exec "$@"'
    said = pair.seatrial(
        *("test", "--runtime", "process", "--output", "plain"),
        prefix=("unshare", "-m", "sh", "-c", script, str(pair.home)),
    )
    assert said.code == 3, said.all
    assert "no space left" in said.all.lower(), said.all


@pytest.mark.parametrize("columns", ["20", "80"])
def test_a_narrow_terminal_without_unicode_is_served(pair: Repository, columns: str) -> None:
    pair.variables = {"COLUMNS": columns, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    said = pair.seatrial("test", "--stage", "unit", "--output", "live")
    assert said.code == 0, said.all
    assert said.out.isascii()


def test_a_machine_without_any_of_the_programs_still_says_what_it_lacks(pair: Repository) -> None:
    pair.variables = {"PATH": str(Path(sys.executable).parent)}
    said = pair.seatrial("doctor")
    assert "Traceback" not in said.all
    assert "not found" in said.out


def test_a_stale_lock_file_names_the_command_that_renews_it(pair: Repository) -> None:
    service = pair.root / "services/web"
    subprocess.run(["uv", "lock", "--quiet"], cwd=service, env=pair.environment, check=True)
    text = (service / "pyproject.toml").read_text()
    (service / "pyproject.toml").write_text(text.replace("pytest>=8", 'pytest>=8", "iniconfig'))
    said = pair.seatrial("test", "--stage", "unit", "--output", "plain")
    assert said.code == 2, said.all
    assert "services/web/uv.lock" in said.all
    assert "run `uv lock` in" in said.all


def test_a_port_that_nothing_listens_on_is_waited_for_until_the_deadline(pair: Repository) -> None:
    pair.write("seatrial.toml", "[services.web.service]\nboot-timeout = 6\n")
    pair.write(COMPOSE, "services:\n  web:\n    build: ../..\n    ports: ['8000']\n")
    pair.write("services/web/web.py", "import time\nprint('idle')\ntime.sleep(1000)\n")
    code, said = service_stage(pair)
    assert code == 3, said
    words = ["waiting for web", "docker-compose.yml:2", "web: idle", "boot-timeout"]
    assert [word for word in words if word not in said] == []


def test_a_dockerfile_that_no_process_can_stand_in_for_is_told_with_its_line(
    pair: Repository,
) -> None:
    pair.write("services/web/Dockerfile", "FROM scratch\nCOPY web /\n")
    code, said = service_stage(pair)
    assert code == 3, said
    assert [w for w in ("Dockerfile:1", "scratch", "--runtime docker") if w not in said] == []


def test_one_port_asked_for_by_two_services_is_had_by_both_as_processes(pair: Repository) -> None:
    service = "{image: 'valkey/valkey:8', ports: ['6399:6379']}"
    pair.write(COMPOSE, f"services:\n  a: {service}\n  b: {service}\n")
    test = "import os\n\n\ndef test_both():\n    a, b = os.environ['TEST_A_URL'], "
    test += "os.environ['TEST_B_URL']\n    assert a != b\n"
    pair.write("services/web/tests/integration/test_counting.py", test)
    code, said = service_stage(pair)
    assert code == 0, said


def test_jobs_and_stop_at_the_first_failure_are_obeyed(pair: Repository) -> None:
    bad = (
        "import pytest\n\n\n@pytest.mark.parametrize('n', [1, 2])\ndef test_bad(n):\n    assert 0\n"
    )
    pair.write("services/web/tests/unit/test_bad.py", bad)
    said = pair.seatrial("test", "--jobs", "1", "-x", "--runtime", "process", "--output", "json")
    assert said.code == 1, said.all
    (started,) = said.events("RunStarted")
    assert started["jobs"] == 1
    assert len([e for e in said.events("TestFinished") if e["result"]["outcome"] == "failed"]) == 1
