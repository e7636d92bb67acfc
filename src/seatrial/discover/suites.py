"""Which suites test a service and the whole: the layout's rules, then what the file overrides.

::

    unit          tests/unit, or the package's own test script
    service       tests/integration against deploy/test/<compose file> of the service
    integration   tests/integration of the root, and of services without such a compose file,
                  against deploy/test/<compose file> of the root
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from seatrial.config import Config, SuiteConfig
from seatrial.discover import beside_code, packages
from seatrial.discover.conftest import defines_integration
from seatrial.discover.look import compose_files, languages, shown
from seatrial.errors import ConfigError
from seatrial.model.project import Service, ServiceKind, Stage, Suite

UNIT = "tests/unit"
INTEGRATION = "tests/integration"
DEPLOY = "deploy/test"
ROOT_SUITE = "integration"


@dataclass(frozen=True, slots=True)
class _Tests:
    """How tests run, before stage and environment are known."""

    runner: str
    cause: str
    targets: tuple[str, ...] = ()
    command: tuple[str, ...] | None = None
    env: dict[str, str] = field(default_factory=dict)


class Finder:
    """Finds the suites of one repository. Raises ``ConfigError`` where the file names nothing."""

    def __init__(self, root: Path, config: Config) -> None:
        self._root = root
        self._config = config

    def of_service(self, service: Service) -> Iterator[Suite]:
        """Yield the unit suite of ``service``, then its service or integration suite."""
        mine = self._config.services.get(service.name)
        unit, deeper = (mine.unit, mine.service) if mine else (SuiteConfig(), SuiteConfig())
        runner = mine.runner if mine else None
        paths = self._config.paths
        tests = self._tests(service.path, unit, runner, service.kind, paths.unit or UNIT, "unit")
        if tests is not None:
            yield self._suite(Stage.UNIT, service.name, service.path, tests, unit, service, ())
        folder = paths.service or INTEGRATION
        tests = self._tests(service.path, deeper, runner, service.kind, folder, "service")
        if tests is None:
            return
        compose = self._compose(service.path, deeper, paths.service_compose)
        stage = Stage.SERVICE
        if not compose and deeper.compose is None:
            stage, compose = Stage.INTEGRATION, self._root_compose()
            tests = replace(tests, cause=f"{tests.cause}, without a compose file of its own")
        yield self._suite(stage, service.name, service.path, tests, deeper, service, compose)

    def of_root(self) -> Iterator[Suite]:
        """Yield the suite of the whole."""
        mine, target = self._config.integration, self._config.paths.integration or INTEGRATION
        folder = self._root
        # Tests of the whole may bring their own packages.
        if mine.where is None and any(
            (folder / target / name).is_file() for name in ("pyproject.toml", "package.json")
        ):
            folder, target = folder / target, "."
        tests = self._tests(folder, mine, None, ServiceKind.PYTHON, target, "integration")
        if tests is not None:
            yield self._suite(
                Stage.INTEGRATION, ROOT_SUITE, folder, tests, mine, None, self._root_compose()
            )

    def _suite(
        self,
        stage: Stage,
        name: str,
        folder: Path,
        tests: _Tests,
        mine: SuiteConfig,
        service: Service | None,
        compose: tuple[Path, ...],
    ) -> Suite:
        option = stage is not Stage.UNIT and tests.runner == "pytest" and not tests.command
        return Suite(
            stage=stage,
            name=name,
            folder=folder,
            runner=tests.runner,
            cause=tests.cause,
            service=service.name if service else None,
            targets=tests.targets,
            compose=compose,
            command=tests.command,
            setup=mine.setup,
            env={**tests.env, **mine.env},
            exports=mine.exports,
            integration_option=option and defines_integration(folder, tests.targets),
            timeout=mine.timeout,
            boot_timeout=mine.boot_timeout,
            parallel=self._config.run.parallel if mine.parallel is None else mine.parallel,
        )

    def _tests(
        self,
        folder: Path,
        mine: SuiteConfig,
        runner: str | None,
        kind: ServiceKind,
        target: str,
        stage: str,
    ) -> _Tests | None:
        if mine.skip:
            return None
        runner = mine.runner or runner
        targets = mine.paths
        if targets is not None:
            self._must_exist(folder, targets, mine, "paths")
        if mine.command is not None:
            cause = self._said(mine, "command")
            return _Tests(runner or _spoken(mine.command), cause, targets or (), mine.command)
        if targets is not None:
            found = set().union(*(languages(folder / t) for t in targets))
            runner = runner or _runner_for(folder, found, kind)
            return _Tests(runner, self._said(mine, "paths"), targets)
        tests = self._by_layout(folder, kind, target, stage)
        return replace(tests, runner=runner) if tests and runner else tests

    def _by_layout(self, folder: Path, kind: ServiceKind, target: str, stage: str) -> _Tests | None:
        if kind is ServiceKind.NODE and (script := self._by_script(folder, stage)):
            return script
        if kind is ServiceKind.GO and (go := beside_code.targets(folder, target, stage)):
            place = shown(folder, self._root)
            return _Tests("go", f"{place}: {go.cause}", go.targets, None, dict(go.env))
        if kind is ServiceKind.RUST and stage == "unit" and beside_code.has_rust_tests(folder):
            cause = f"{shown(folder, self._root)}/Cargo.toml: cargo test"
            return _Tests("command", cause, (), ("cargo", "test"))
        found = languages(folder / target)
        if not found:
            return None
        cause = f"{shown(folder / target, self._root)} exists"
        return _Tests(_runner_for(folder, found, kind), cause, (target,))

    def _by_script(self, folder: Path, stage: str) -> _Tests | None:
        package = packages.read_package(folder)
        names = packages.UNIT_SCRIPTS if stage == "unit" else packages.SERVICE_SCRIPTS
        script = package.script(names) if package else None
        if package is None or script is None:
            return None
        cause = f"{shown(folder / 'package.json', self._root)}: scripts.{script}"
        command: tuple[str, ...] = ("npm", "run", script)
        deeper = self._config.paths.service or INTEGRATION
        if stage == "unit" and package.runs_all(script) and languages(folder / deeper):
            # The service's tests have a stage of their own, and no containers in this one.
            command = (*command, "--", "--exclude", f"{deeper}/**")
        return _Tests(package.runner(script), cause, (), command)

    def _compose(self, folder: Path, mine: SuiteConfig, default: str | None) -> tuple[Path, ...]:
        if mine.compose is not None:
            self._must_exist(folder, mine.compose, mine, "compose")
            return tuple(Path(os.path.normpath(folder / name)) for name in mine.compose)
        if default is not None:
            return (folder / default,) if (folder / default).is_file() else ()
        return compose_files(folder / DEPLOY)

    def _root_compose(self) -> tuple[Path, ...]:
        mine, default = self._config.integration, self._config.paths.integration_compose
        return self._compose(self._root, mine, default)

    def _said(self, mine: SuiteConfig, key: str) -> str:
        if mine.where is None:
            return key
        return f"{replace(mine.where, file=Path(shown(mine.where.file, self._root)))}: {key}"

    def _must_exist(
        self, folder: Path, names: tuple[str, ...], mine: SuiteConfig, key: str
    ) -> None:
        for name in names:
            if not (folder / name).exists():
                raise ConfigError(
                    f"{key}: there is no {name!r} in {shown(folder, self._root)}",
                    where=mine.where,
                    mend=f"mend the path; it is relative to {folder}",
                )


def _runner_for(folder: Path, found: set[ServiceKind], kind: ServiceKind) -> str:
    """Return the runner of the language that the tests are in; the service's own wins a tie."""
    language = kind if kind in found else min(found, default=ServiceKind.PYTHON, key=_RANK.index)
    if language is ServiceKind.NODE:
        package = packages.read_package(folder)
        return package.runner(None) if package else "vitest"
    return "go" if language is ServiceKind.GO else "pytest"


_RANK = (ServiceKind.PYTHON, ServiceKind.NODE, ServiceKind.GO)


def _spoken(command: tuple[str, ...]) -> str:
    """Return the runner whose output a command speaks, by the words in it."""
    words = {Path(word).name for text in command for word in text.split()}
    for runner in ("pytest", "vitest", "jest"):
        if runner in words:
            return runner
    return "go" if command[:2] == ("go", "test") else "command"
