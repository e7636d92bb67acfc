"""Makes the plan: each service by its provider, or by what its Dockerfile starts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from seatrial.composefile.model import Build, ComposeProject, ComposeService
from seatrial.errors import ConfigError, Refused
from seatrial.runtimes.process import images
from seatrial.runtimes.process.command import localised
from seatrial.runtimes.process.dockerfile.model import Image
from seatrial.runtimes.process.dockerfile.reader import read
from seatrial.runtimes.process.keys import refusal
from seatrial.runtimes.process.mounts import Mounts
from seatrial.runtimes.process.paths import Layout, PathMap, declaring, entries
from seatrial.runtimes.process.plan import (
    Probe,
    ServicePlan,
    all_refusals,
    check_keys,
    depends_on,
    names_of,
    one_shots,
    probe_of,
)
from seatrial.runtimes.process.providers.base import Asked, Provider
from seatrial.runtimes.process.stages import Needed, Stages
from seatrial.runtimes.process.surroundings import image_variables
from seatrial.runtimes.process.unbuilt import check_built, notes

# What images whose program comes from the base are for; a COPY of configuration is not enough.
_OWN_PROGRAM = re.compile(
    r"(^|/)(nginx|httpd|caddy|traefik|haproxy|envoy|apache|tomcat|wordpress)|(^|/)php$|apache$"
)
_PORT_IN_CHECK = re.compile(r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0):(\d{2,5})\b")


def plan(
    project: ComposeProject,
    providers: Sequence[Provider],
    variables: Mapping[str, str],
    scratch: Path,
    kept: Path | None = None,
) -> tuple[ServicePlan, ...]:
    """Return how each service would run; looks at files, starts nothing.

    Named volumes are folders in ``kept``, fresh ones in ``scratch`` where there is no ``kept``.
    Raises ``ConfigError`` for a broken Dockerfile, one ``Refused`` for all that is refused.
    """
    mounts = Mounts(project, variables, scratch, kept)
    planner = _Planner(project, providers, mounts, scratch / "built")
    plans, refused = [], []
    for service in project.services.values():
        try:
            plans.append(planner.service(service))
        except Refused as error:
            refused.append(error)
    if refused:
        raise all_refusals(refused)
    _check_health(project, plans)
    return tuple(plans)


def _check_health(project: ComposeProject, plans: Sequence[ServicePlan]) -> None:
    """Raise ``ConfigError``, as Compose does, where health is waited for that nobody checks."""
    unchecked = {one.name for one in plans if one.probe is None}
    for service in project.services.values():
        for wanted in service.depends_on.values():
            if wanted.condition == "service_healthy" and wanted.service in unchecked:
                raise ConfigError(
                    f"service {service.name} waits for {wanted.service} to be healthy, "
                    "which has no health check",
                    where=service.keys.get("depends_on", service.where),
                    mend=f"give {wanted.service} a healthcheck, or wait for service_started",
                )


class _Planner:
    def __init__(
        self,
        project: ComposeProject,
        providers: Sequence[Provider],
        mounts: Mounts,
        built: Path,
    ) -> None:
        self._built = built
        self._project = project
        self._providers = providers
        self._mounts = mounts
        self._one_shots = one_shots(project)

    def service(self, service: ComposeService) -> ServicePlan:
        """Return the plan of one service."""
        ref = images.parse(service.image or service.name)
        provider = self._provider(ref)
        custom = provider is not None and provider.name == "custom"
        check_keys(service, replaced=custom)
        build = service.build or (None if provider else self._built_elsewhere(service))
        if build is None or custom:
            if provider is None:
                raise refusal(
                    service,
                    f"nothing here stands in for the image {ref.text}",
                    service.keys.get("image", service.where),
                )
            return self._served(service, provider, ref, None, None)
        image = read(build)
        base = images.parse(image.base)
        provider = self._provider(base)
        if provider is not None and not _starts_something(service, image):
            return self._served(service, provider, base, image, build.context)
        return self._process(service, image, build)

    def _provider(self, ref: images.ImageRef) -> Provider | None:
        return next((p for p in self._providers if p.serves(ref)), None)

    def _built_elsewhere(self, service: ComposeService) -> Build | None:
        """Return the build of a sibling that makes the image which ``service`` uses."""
        siblings = self._project.services.values()
        return next((s.build for s in siblings if s.build and s.image == service.image), None)

    def _served(
        self,
        service: ComposeService,
        provider: Provider,
        ref: images.ImageRef,
        image: Image | None,
        context: Path | None,
    ) -> ServicePlan:
        met = self._mounts.of_server(service)
        copied = entries(image, context) if image and context else ()
        env = {**(image.env if image else {}), **_given(service.environment)}
        command = (*(service.entrypoint or ()), *(service.command or (image and image.cmd) or ()))
        files = PathMap((*copied, *met.entries))
        server = provider.serve(Asked(service, ref, env, command, files))
        plan = self._common(service, server.ports, tuple(server.ports))
        return replace(
            plan,
            how="provider",
            server=server,
            env=env,
            probe=_mapped_probe(
                probe_of(service, image.healthcheck if image else None), "/", files
            ),
            stop_signal=server.stop_signal if met.data is None else server.clean_signal,
            data=met.data,
            folders=tuple(met.folders),
            files=tuple(met.files),
            changes=(*server.changes, *met.changes),
        )

    def _process(self, service: ComposeService, image: Image, build: Build) -> ServicePlan:
        words = self._words(service, image, build)
        probe = probe_of(service, image.healthcheck)
        stages = Stages(build.context, build.dockerfile, self._built / service.name)
        copied = PathMap(stages.entries(image))
        workdir = posixpath.normpath(posixpath.join(image.workdir, service.working_dir or ""))
        env = image_variables({**image.env, **_given(service.environment)})
        texts = (*words, *(probe.argv if probe else ()), *env.values())
        met = self._mounts.of_process(service, copied, workdir, texts)
        paths = stages.mounted(copied, met.entries)
        layout, needed = paths.layout(workdir), stages.needed(paths)
        if layout.nearest is None and not needed:
            layout = Layout(build.context)
        changes = [f"image: {image.base} → the programs of this machine and the service's own"]
        check_built(service, words, image, workdir, paths, layout)
        argv = localised(words, workdir, paths, changes)
        changes += [*met.changes, *notes(image, layout, workdir, needed)]
        probe = _mapped_probe(probe, workdir, paths)
        plan = self._common(service, _ports(env, probe, image.expose), _awaited(service, image))
        return replace(
            plan,
            how="one-shot" if plan.one_shot else "process",
            argv=argv,
            layout=layout,
            env=_mapped(env, paths, changes),
            probe=probe,
            toolchain=_toolchain(layout, copied, build.context, needed),
            builds=needed,
            stop_signal=service.stop_signal or image.stop_signal or "SIGTERM",
            folders=tuple(met.folders),
            files=tuple(met.files),
            changes=tuple(dict.fromkeys(changes)),
        )

    def _words(self, service: ComposeService, image: Image, build: Build) -> tuple[str, ...]:
        entrypoint, cmd = image.entrypoint, image.cmd
        if service.entrypoint is not None:
            entrypoint, cmd = service.entrypoint, None
        if service.command is not None:
            cmd = service.command
        if image.shell_entrypoint and service.entrypoint is None:
            cmd = None
        words = (*(entrypoint or ()), *(cmd or ()))
        base = images.parse(image.base)
        if not words or _OWN_PROGRAM.search(base.repository):
            where = image.where if build.inline is None else service.where
            raise refusal(service, f"its program is that of its base image {image.base}", where)
        return words

    def _common(
        self, service: ComposeService, ports: Iterable[int], awaited: tuple[int, ...]
    ) -> ServicePlan:
        asked = [p.target for p in service.ports if p.protocol == "tcp"]
        every = dict.fromkeys((*asked, *service.expose, *ports))
        return ServicePlan(
            name=service.name,
            where=service.where,
            how="process",
            ports=tuple(every),
            awaited=tuple(dict.fromkeys((*asked, *service.expose, *awaited))),
            published=tuple(p for p in service.ports if p.protocol == "tcp"),
            names=names_of(service, self._project),
            depends_on=depends_on(service),
            one_shot=service.name in self._one_shots,
            restarts=(service.restart or "no").partition(":")[0] not in ("no", ""),
        )


def _given(environment: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if value is not None}


def _starts_something(service: ComposeService, image: Image) -> bool:
    own = image.cmd or image.entrypoint
    return bool(own) or (service.entrypoint is not None)


def _mapped_probe(probe: Probe | None, workdir: str, paths: PathMap) -> Probe | None:
    """Return the probe with its programs and scripts as they are on this machine."""
    return probe and replace(probe, argv=localised(probe.argv, workdir, paths, []))


def _ports(env: Mapping[str, str], probe: Probe | None, exposed: Sequence[int]) -> list[int]:
    found = list(exposed)
    if env.get("PORT", "").isdigit():
        found.append(int(env["PORT"]))
    for word in probe.argv if probe else ():
        found.extend(int(port) for port in _PORT_IN_CHECK.findall(word))
    return found


def _awaited(service: ComposeService, image: Image) -> tuple[int, ...]:
    # An image's EXPOSE is about its own command: a worker made from it listens nowhere.
    overridden = service.command is not None or service.entrypoint is not None
    return () if overridden else image.expose


def _mapped(env: Mapping[str, str], paths: PathMap, changes: list[str]) -> dict[str, str]:
    mapped = {}
    for name, value in env.items():
        mapped[name] = paths.translated(value, listed=name.endswith("PATH"))
        if mapped[name] != value:
            changes.append(f"{name}: paths of the image → paths of this machine")
    return mapped


def _toolchain(layout: Layout, copied: PathMap, context: Path, needed: Sequence[Needed]) -> Path:
    """Return the folder whose files say what to install; that of a build for its result."""
    for build in (one.build for one in needed):
        if layout.nearest is None or build.path(layout.nearest) is not None:
            return build.toolchain
    return declaring(layout, copied, context)
