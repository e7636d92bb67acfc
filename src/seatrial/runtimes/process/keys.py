"""Every key of a compose file: honoured, ignored (said once) or refused.

``docs/reference/compose-keys.md`` is written from these tables, and a test holds them complete
against the Compose Specification's schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from seatrial.composefile.model import ComposeProject, ComposeService
from seatrial.errors import Refused, Where


class Verdict(StrEnum):
    """What becomes of a key."""

    HONOURED = "honoured"
    IGNORED = "ignored"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Key:
    """What becomes of a key, and why. ``quiet`` ignores what no test could notice."""

    verdict: Verdict
    why: str
    quiet: bool = False


def _honoured(why: str) -> Key:
    return Key(Verdict.HONOURED, why)


def _ignored(why: str, *, quiet: bool = False) -> Key:
    return Key(Verdict.IGNORED, why, quiet)


def _refused(why: str) -> Key:
    return Key(Verdict.REFUSED, why)


_LIMITS = _ignored("processes run without limits of their own")
_CGROUP = _ignored("there is no control group")
_KERNEL = _refused("it sets the kernel of a container, and a process shares the host's")
_LABEL = _ignored("nothing reads it", quiet=True)
_DEVICE = _refused("it hands devices into a container")
_HOOK = _refused("it runs commands inside a container")
_DNS = _ignored("names are resolved by the host")

SERVICE_KEYS: Mapping[str, Key] = {
    "annotations": _LABEL,
    "attach": _LABEL,
    "blkio_config": _LIMITS,
    "build": _honoured("what the Dockerfile's target stage starts runs as a process"),
    "cap_add": _ignored("a process has the rights of who starts it"),
    "cap_drop": _ignored("a process has the rights of who starts it"),
    "cgroup": _CGROUP,
    "cgroup_parent": _CGROUP,
    "command": _honoured("as in Compose; a provider takes the flags of its server"),
    "configs": _honoured("their container paths in variables and commands become host paths"),
    "container_name": _honoured("a name that siblings may use"),
    "cpu_count": _LIMITS,
    "cpu_percent": _LIMITS,
    "cpu_period": _LIMITS,
    "cpu_quota": _LIMITS,
    "cpu_rt_period": _LIMITS,
    "cpu_rt_runtime": _LIMITS,
    "cpu_shares": _LIMITS,
    "cpus": _LIMITS,
    "cpuset": _LIMITS,
    "credential_spec": _refused("it belongs to Windows containers"),
    "depends_on": _honoured("all three conditions; a plain one waits for a listening port"),
    "deploy": _ignored("one process a service; limits and placement belong to an engine"),
    "develop": _ignored("the source folder itself runs", quiet=True),
    "device_cgroup_rules": _DEVICE,
    "devices": _DEVICE,
    "dns": _DNS,
    "dns_opt": _DNS,
    "dns_search": _DNS,
    "domainname": _DNS,
    "entrypoint": _honoured("it drops the image's CMD, as in Compose"),
    "env_file": _honoured("read before the service starts"),
    "environment": _honoured("references to siblings are translated, see the plan"),
    "expose": _honoured("a port that siblings reach, and that readiness waits for"),
    "extends": _honoured("resolved while the file is read"),
    "external_links": _refused("it reaches into another environment"),
    "extra_hosts": _refused("a process reads the host's own /etc/hosts"),
    "gpus": _DEVICE,
    "group_add": _ignored("a process has the groups of who starts it"),
    "healthcheck": _honoured("run on this machine; asked more often until it first passes"),
    "hostname": _honoured("a name that siblings may use"),
    "image": _honoured("where a provider serves it, or another service of the file builds it"),
    "init": _ignored("zombies go to the host's own init", quiet=True),
    "ipc": _ignored("all processes share the host's"),
    "isolation": _LABEL,
    "label_file": _LABEL,
    "labels": _LABEL,
    "links": _honoured("order and names; an alias is a name that this environment knows"),
    "logging": _ignored("output goes to a file of this environment"),
    "mac_address": _ignored("all services share the loopback device"),
    "mem_limit": _LIMITS,
    "mem_reservation": _LIMITS,
    "mem_swappiness": _LIMITS,
    "memswap_limit": _LIMITS,
    "models": _refused("it needs an engine's model runner"),
    "network_mode": _honoured("bridge and none; host, service: and container: are refused"),
    "networks": _honoured("their aliases are names; all services share one network"),
    "oom_kill_disable": _LIMITS,
    "oom_score_adj": _LIMITS,
    "pid": _refused("it shares the process table of the host or of another container"),
    "pids_limit": _LIMITS,
    "platform": _ignored("processes run on this machine's platform"),
    "ports": _honoured(
        "each target port is reached at the service's own address, in an environment that stands "
        "at its host port"
    ),
    "post_start": _HOOK,
    "pre_start": _HOOK,
    "pre_stop": _HOOK,
    "privileged": _refused("it gives a container the host's kernel"),
    "profiles": _honoured("services of profiles that are not active are left out"),
    "provider": _refused("it hands the service to a plug-in of Compose"),
    "pull_policy": _ignored("nothing is pulled", quiet=True),
    "pull_refresh_after": _ignored("nothing is pulled", quiet=True),
    "read_only": _ignored("a process sees the host's files"),
    "restart": _honoured("while the environment boots; nobody looks after a process later"),
    "runtime": _refused("it names a container runtime"),
    "scale": _ignored("one process a service"),
    "secrets": _honoured("their container paths in variables and commands become host paths"),
    "security_opt": _ignored("a process has the rights of who starts it"),
    "shm_size": _ignored("the host's /dev/shm is used"),
    "stdin_open": _ignored("standard input is empty"),
    "stop_grace_period": _honoured(
        "in an environment that stands; in tests a service has 2 s, its data is thrown away"
    ),
    "stop_signal": _honoured("sent to the whole process group; providers take their fastest"),
    "storage_opt": _LABEL,
    "sysctls": _KERNEL,
    "tmpfs": _honoured("a provider's data is on tmpfs always; elsewhere where its path is named"),
    "tty": _ignored("output is no terminal"),
    "ulimits": _LIMITS,
    "umask": _ignored("a process has the umask of who starts it"),
    "use_api_socket": _refused("it needs the engine's socket"),
    "user": _ignored("a process runs as who starts it; providers never run as root"),
    "userns_mode": _ignored("there is no user namespace"),
    "uts": _ignored("there is no namespace for the host name"),
    "volumes": _honoured("where the plan can say which host path a container path is"),
    "volumes_from": _refused("it shares container paths between services"),
    "working_dir": _honoured("mapped to the folder that was copied there"),
}

TOP_LEVEL_KEYS: Mapping[str, Key] = {
    "configs": _honoured("file, environment and content"),
    "include": _honoured("resolved while the file is read"),
    "jobs": _refused("scheduled jobs need an engine"),
    "models": _refused("it needs an engine's model runner"),
    "name": _honoured("a part of the environment's name"),
    "networks": _honoured("aliases only; external ones are taken as internal"),
    "secrets": _honoured("file and environment"),
    "services": _honoured("one process each"),
    "version": _ignored("Compose itself ignores it", quiet=True),
    "volumes": _honoured(
        "a fresh folder, removed with the environment; kept for an environment that stands"
    ),
}

# Keys whose value may say the harmless thing: asked of the service, true means refuse.
_ONLY_IF: Mapping[str, Callable[[ComposeService], bool]] = {
    "privileged": lambda service: service.privileged,
    "extra_hosts": lambda service: bool(service.extra_hosts),
}
_HARMLESS_NETWORK_MODES = ("bridge", "none", "default")


def refuse(service: ComposeService) -> None:
    """Raise ``Refused`` for the first key that needs a container, with file and line."""
    for name, where in service.keys.items():
        key = SERVICE_KEYS.get(name)
        if key is None or key.verdict is not Verdict.REFUSED:
            continue
        if name not in _ONLY_IF or _ONLY_IF[name](service):
            raise refusal(service, f"{name}: {key.why}", where)
    mode = service.network_mode
    if mode is not None and mode not in _HARMLESS_NETWORK_MODES:
        where = service.keys.get("network_mode", service.where)
        raise refusal(service, f"network_mode: {mode} joins another network namespace", where)


def refusal(service: ComposeService, what: str, where: Where, *, also: str = "") -> Refused:
    """Return the one kind of error for what a process cannot do."""
    image = service.image or service.name
    mends = [also] if also else []
    mends.append("use --runtime docker")
    mends.append(f'give a command for it in seatrial.toml: [process.providers] "{image}" = "…"')
    return Refused(f"service {service.name}: {what}", where=where, mend=", or ".join(mends))


def ignored(project: ComposeProject) -> tuple[tuple[str, str], ...]:
    """Return (``service.key``, why) for each key that is worth saying; once for each reason."""
    said: dict[str, tuple[list[str], str]] = {}
    for service in project.services.values():
        for name in service.keys:
            key = SERVICE_KEYS.get(name)
            if key is not None and key.verdict is Verdict.IGNORED and not key.quiet:
                said.setdefault(name, ([], key.why))[0].append(service.name)
    return tuple((f"{name} ({', '.join(services)})", why) for name, (services, why) in said.items())


def markdown() -> str:
    """Return ``docs/reference/compose-keys.md``."""
    return "\n".join(
        [
            "# Compose keys under the process runtime",
            "",
            "What becomes of each key where no Docker engine is used. *Honoured*: it does what it",
            "does in Compose, as far as the note says. *Ignored*: said once, where a test could",
            "notice. *Refused*: one error with the file and line, naming what would do it.",
            "",
            "This page is written from `seatrial/runtimes/process/keys.py`.",
            "",
            "## Service keys",
            "",
            *_table(SERVICE_KEYS),
            "",
            "## Top-level keys",
            "",
            *_table(TOP_LEVEL_KEYS),
            "",
        ]
    )


def _table(keys: Mapping[str, Key]) -> list[str]:
    rows = [f"| `{name}` | {key.verdict} | {key.why} |" for name, key in sorted(keys.items())]
    return ["| key | | note |", "| --- | --- | --- |", *rows]
