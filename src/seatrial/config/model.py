"""What a ``seatrial.toml`` may override; every default is "as the layout says".

Durations are seconds. ``None`` and empty mappings mean that the file says nothing. Paths are as
written: relative to the service's folder inside ``[services.NAME…]``, else to the root.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from seatrial.errors import Where


@dataclass(frozen=True, slots=True)
class SuiteConfig:
    """``[services.NAME.unit]``, ``[services.NAME.service]`` or ``[integration]``.

    ``where`` is ``None`` where there is no such table. ``compose = ()`` asks for no environment.
    """

    where: Where | None = None
    skip: bool = False
    paths: tuple[str, ...] | None = None
    runner: str | None = None
    command: tuple[str, ...] | None = None
    parallel: bool | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    exports: Mapping[str, str] = field(default_factory=dict)
    compose: tuple[str, ...] | None = None
    setup: tuple[tuple[str, ...], ...] = ()
    timeout: float | None = None
    boot_timeout: float | None = None


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """``[services.NAME]``; ``path`` is relative to the root."""

    where: Where | None = None
    path: str | None = None
    runner: str | None = None
    skip: bool = False
    unit: SuiteConfig = field(default_factory=SuiteConfig)
    service: SuiteConfig = field(default_factory=SuiteConfig)


@dataclass(frozen=True, slots=True)
class PathsConfig:
    """``[paths]``: the layout itself, for all services at once; ``None`` means the usual one."""

    where: Where | None = None
    services: tuple[str, ...] | None = None
    unit: str | None = None
    service: str | None = None
    service_compose: str | None = None
    integration: str | None = None
    integration_compose: str | None = None
    shared: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class RunConfig:
    """``[run]``: defaults of ``seatrial test``'s options."""

    where: Where | None = None
    jobs: int | None = None
    timeout: float | None = None
    suite_timeout: float | None = None
    boot_timeout: float | None = None
    runtime: str | None = None
    parallel: bool | None = None
    retries: int | None = None
    flaky: str | None = None


@dataclass(frozen=True, slots=True)
class SlowConfig:
    """``[slow]``: the seconds from which a test of each stage is slow, or a line of collection."""

    where: Where | None = None
    unit: float = 1.0
    service: float = 5.0
    integration: float = 5.0
    collection: float = 1.0


@dataclass(frozen=True, slots=True)
class ProcessConfig:
    """``[process]``: what the process runtime adds; ``providers`` maps image globs to commands."""

    where: Where | None = None
    providers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LintConfig:
    """``[lint]``: rules by code, beginning of a code, or category; ``select`` ``None`` means all.

    ``per_path`` maps globs to the rules that do not look there; ``hadolint`` ``None`` means where
    it is installed.
    """

    where: Where | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    baseline: str | None = None
    hadolint: bool | None = None
    per_path: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReleaseConfig:
    """``[release]``: where images go and what they are called; see ``config/spec.py``."""

    where: Where | None = None
    registry: str | None = None
    repository: str | None = None
    context: str | None = None
    sbom_generator: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """A whole file; ``Config()`` is what no file means."""

    name: str | None = None
    paths: PathsConfig = field(default_factory=PathsConfig)
    services: Mapping[str, ServiceConfig] = field(default_factory=dict)
    integration: SuiteConfig = field(default_factory=SuiteConfig)
    run: RunConfig = field(default_factory=RunConfig)
    slow: SlowConfig = field(default_factory=SlowConfig)
    process: ProcessConfig = field(default_factory=ProcessConfig)
    lint: LintConfig = field(default_factory=LintConfig)
    release: ReleaseConfig = field(default_factory=ReleaseConfig)
