"""What each instruction of a Dockerfile does to the stage it stands in."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from seatrial.composefile.model import Healthcheck
from seatrial.errors import Where
from seatrial.runtimes.process.dockerfile.model import Image, Run
from seatrial.runtimes.process.dockerfile.words import (
    dequoted,
    expand,
    form,
    options,
    seconds,
    words,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction: its words, the variables that it sees, and where it stands."""

    value: str
    seen: Mapping[str, str]
    where: Where


def _workdir(image: Image, step: Step) -> Image:
    path = posixpath.normpath(
        posixpath.join(image.workdir, dequoted(expand(step.value, step.seen)))
    )
    return replace(image, workdir=path)


def _env(image: Image, step: Step) -> Image:
    given = words(step.value)
    if given and "=" not in given[0]:
        name, _, text = step.value.partition(" ")
        return replace(image, env={**image.env, name: dequoted(expand(text.strip(), step.seen))})
    pairs = (word.partition("=") for word in given)
    return replace(
        image, env={**image.env, **{n: dequoted(expand(v, step.seen)) for n, _, v in pairs}}
    )


def _entrypoint(image: Image, step: Step) -> Image:
    command, shell = form(step.value, image.shell)
    # A CMD that came from a base is dropped: https://docs.docker.com/reference/dockerfile/
    kept = None if image.cmd_inherited else image.cmd
    return replace(
        image,
        entrypoint=command or None,
        cmd=kept,
        shell_entrypoint=shell,
        command_where=step.where,
    )


def _cmd(image: Image, step: Step) -> Image:
    command, _ = form(step.value, image.shell)
    return replace(image, cmd=command, cmd_inherited=False, command_where=step.where)


def _shell_form(image: Image, step: Step) -> Image:
    return replace(image, shell=form(step.value, ())[0])


def _expose(image: Image, step: Step) -> Image:
    ports = list(image.expose)
    for word in words(expand(step.value, step.seen)):
        number, _, protocol = word.partition("/")
        if number.isdigit() and protocol in ("", "tcp") and int(number) not in ports:
            ports.append(int(number))
    return replace(image, expose=tuple(ports))


def _healthcheck(image: Image, step: Step) -> Image:
    given, rest = options(step.value)
    kind, _, command = rest.partition(" ")
    if kind.upper() == "NONE":
        return replace(image, healthcheck=None)
    test, shell = form(command.strip(), ())
    times = {name.replace("-", "_"): seconds(text) for name, text in given.items()}
    return replace(
        image,
        healthcheck=Healthcheck(
            step.where,
            ("CMD-SHELL" if shell else "CMD", *test),
            interval=times.get("interval"),
            timeout=times.get("timeout"),
            retries=int(given["retries"]) if given.get("retries") else None,
            start_period=times.get("start_period"),
            start_interval=times.get("start_interval"),
        ),
    )


def _user(image: Image, step: Step) -> Image:
    return replace(image, user=expand(step.value.strip(), step.seen))


def _stopsignal(image: Image, step: Step) -> Image:
    return replace(image, stop_signal=expand(step.value.strip(), step.seen))


def _volume(image: Image, step: Step) -> Image:
    paths = form(step.value, ())[0] if step.value.startswith("[") else tuple(step.value.split())
    return replace(image, volumes=(*image.volumes, *paths))


def _run(image: Image, step: Step) -> Image:
    text = options(step.value)[1]
    run = Run(text, step.where, image.workdir, step.seen, len(image.copies))
    return replace(image, runs=(*image.runs, run))


HANDLERS: Mapping[str, Callable[[Image, Step], Image]] = {
    "WORKDIR": _workdir,
    "ENV": _env,
    "ENTRYPOINT": _entrypoint,
    "CMD": _cmd,
    "SHELL": _shell_form,
    "EXPOSE": _expose,
    "HEALTHCHECK": _healthcheck,
    "USER": _user,
    "STOPSIGNAL": _stopsignal,
    "VOLUME": _volume,
    "RUN": _run,
}
