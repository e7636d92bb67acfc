"""What all tests share: which machine parts are here, and saying loudly what was left out."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache

import pytest

from seatrial.runtimes.process.providers.nats import find as find_nats

REQUIRE_ENGINE = "SEATRIAL_REQUIRE_ENGINE"
_NEEDS = {
    "engine": "a Docker engine with Compose 2.26 or newer (scripts/engine up starts one)",
    "node": "Node.js and npm",
    "browser": "Chromium (`chromium` on PATH; Debian has it as a package of that name)",
    "nats": "nats-server (Debian and Homebrew have it as a package of that name)",
}

# Tests of one of these files share something that is dear to bring up.
_TOGETHER = (
    "tests/contract/test_standing.py",
    "tests/e2e/test_environments_docker.py",
    "tests/e2e/test_scaffolds_in_dev.py",
    "tests/e2e/test_report_html.py",
    "tests/e2e/test_scaffolds_in_prod.py",
    "tests/e2e/test_deploy_aside.py",
    "tests/e2e/test_deploy_compose.py",
    "tests/e2e/test_deploy_reach.py",
    "tests/e2e/test_deploy_swarm.py",
    "tests/e2e/test_release_attestations.py",
)


@cache
def _has(need: str) -> bool:
    if need == "node":
        return shutil.which("node") is not None and shutil.which("npm") is not None
    if need == "browser":
        return shutil.which("chromium") is not None
    if need == "nats":
        return find_nats() is not None
    if shutil.which("docker") is None:
        return False
    answers = (
        subprocess.run(["docker", *words], capture_output=True, timeout=20, check=False)
        for words in (["version"], ["compose", "version"])
    )
    return all(answer.returncode == 0 for answer in answers)


def _missing(item: pytest.Item) -> str | None:
    return next((n for n in _NEEDS if item.get_closest_marker(n) and not _has(n)), None)


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    for item in items:
        need = _missing(item)
        if need is not None and not (need == "engine" and os.environ.get(REQUIRE_ENGINE)):
            item.add_marker(pytest.mark.skip(reason=f"needs {_NEEDS[need]}"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if _missing(item) == "engine" and os.environ.get(REQUIRE_ENGINE):
        pytest.fail(f"{REQUIRE_ENGINE} is set, and there is no {_NEEDS['engine']}", pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    for words in _NEEDS.values():
        left_out = sum(f"needs {words}" in str(report.longrepr) for report in skipped)
        if left_out:
            terminalreporter.write_line(f"NOT RUN: {left_out} tests need {words}", yellow=True)
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "measured":
                terminalreporter.write_line(f"MEASURED: {value}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Keep the tests of some files in one worker, and spread all others test by test."""
    from xdist.scheduler import LoadScopeScheduling

    def scope(nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file in _TOGETHER else nodeid

    scheduling: object = LoadScopeScheduling(config, log)
    # Its documented place to say what belongs together; there is no other.
    vars(scheduling)["_split_scope"] = scope
    return scheduling
