"""Short ways to write down a project for a test."""

from __future__ import annotations

from pathlib import Path

from seatrial.model.project import Project, Service, ServiceKind, Stage, Suite

ROOT = Path("/repo")
STACK = ROOT / "deploy/test/docker-compose.yml"


def unit(name: str) -> Suite:
    return Suite(
        Stage.UNIT,
        name,
        ROOT / "services" / name,
        "pytest",
        f"services/{name}/tests/unit exists",
        service=name,
        targets=("tests/unit",),
    )


def service(name: str, **changes: object) -> Suite:
    folder = ROOT / "services" / name
    suite = Suite(
        Stage.SERVICE,
        name,
        folder,
        "pytest",
        f"services/{name}/tests/integration exists",
        service=name,
        targets=("tests/integration",),
        compose=(folder / "deploy/test/docker-compose.yml",),
    )
    return _changed(suite, changes)


def integration(name: str = "integration", **changes: object) -> Suite:
    suite = Suite(
        Stage.INTEGRATION,
        name,
        ROOT,
        "pytest",
        "tests/integration exists",
        targets=("tests/integration",),
        compose=(STACK,),
    )
    return _changed(suite, changes)


def project(*suites: Suite) -> Project:
    names = dict.fromkeys(suite.service for suite in suites if suite.service)
    services = tuple(Service(n, ROOT / "services" / n, ServiceKind.PYTHON) for n in names)
    return Project(ROOT, "repo", services, suites)


def _changed(suite: Suite, changes: dict[str, object]) -> Suite:
    for name, value in changes.items():
        object.__setattr__(suite, name, value)
    return suite
