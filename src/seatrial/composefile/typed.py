"""One service or resource of the merged tree as the model's dataclasses."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from seatrial.composefile.canonical import is_remote, scalar_text
from seatrial.composefile.fields import Fields
from seatrial.composefile.model import (
    Build,
    ComposeService,
    Dependency,
    FileGrant,
    Healthcheck,
    Mount,
    Port,
    Resource,
)
from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.composefile.values import check_address
from seatrial.errors import ConfigError

_CONDITIONS = ("service_started", "service_healthy", "service_completed_successfully")


def service(name: str, node: MapNode, folder: Path) -> ComposeService:
    """Return a service; its environment holds only what ``environment:`` itself says."""
    read = Fields(node, f"services.{name}")
    deploy = read.inner("deploy")
    replicas = deploy.integer("replicas") if deploy else None
    scale = read.integer("scale")
    return ComposeService(
        name=name,
        where=node.where,
        keys={key: node.where_of(key) for key in node.items},
        image=read.text("image") or None,
        build=_build(node.get("build"), folder),
        command=read.words("command"),
        entrypoint=read.words("entrypoint"),
        environment=read.optional_texts("environment"),
        ports=tuple(_port(item, read.path) for item in read.items("ports")),
        expose=tuple(port for item in read.items("expose") for port in _expose(item)),
        depends_on=_depends_on(read),
        healthcheck=_healthcheck(node.get("healthcheck"), read.path),
        volumes=tuple(_mount(item, read.path) for item in read.items("volumes")),
        tmpfs=read.texts("tmpfs"),
        secrets=tuple(_grant(item) for item in read.items("secrets")),
        configs=tuple(_grant(item) for item in read.items("configs")),
        networks=_networks(node.get("networks")),
        network_mode=read.text("network_mode"),
        privileged=read.boolean("privileged") or False,
        profiles=read.texts("profiles"),
        working_dir=read.text("working_dir"),
        user=read.text("user"),
        hostname=read.text("hostname"),
        container_name=read.text("container_name"),
        restart=read.text("restart"),
        init=read.boolean("init"),
        stop_signal=read.text("stop_signal"),
        stop_grace_period=read.seconds("stop_grace_period"),
        replicas=next((number for number in (scale, replicas) if number is not None), 1),
        labels={key: value or "" for key, value in read.optional_texts("labels").items()},
        extra_hosts={k: v or "" for k, v in read.optional_texts("extra_hosts", "sl").items()},
        links=read.texts("links"),
    )


def resource(section: str, key: str, node: Node) -> Resource:
    """Return a top-level network, volume, secret or config."""
    if not isinstance(node, MapNode):
        return Resource(key, node.where)
    read = Fields(node, f"{section}.{key}")
    external = node.get("external")
    name = read.text("name")
    if isinstance(external, MapNode):
        name = Fields(external, f"{section}.{key}.external").text("name") or name
    file = read.text("file")
    return Resource(
        key=key,
        where=node.where_of(key) if key in node.items else node.where,
        name=name,
        external=isinstance(external, MapNode) or bool(read.boolean("external")),
        file=Path(file) if file else None,
        environment=read.text("environment"),
        content=read.text("content"),
    )


def _build(node: Node | None, folder: Path) -> Build | None:
    if not isinstance(node, MapNode):
        return None
    read = Fields(node, "build")
    given = read.text("context") or str(folder)
    remote = given if is_remote(given) else None
    context = folder if remote else Path(given)
    return Build(
        context=context,
        remote=remote,
        dockerfile=context / (read.text("dockerfile") or "Dockerfile"),
        where=node.where,
        inline=read.text("dockerfile_inline"),
        target=read.text("target"),
        args=read.optional_texts("args"),
        other_keys=tuple(key for key in node.items if key not in _BUILD_KEYS),
    )


_BUILD_KEYS = ("context", "dockerfile", "dockerfile_inline", "target", "args")


def _port(node: Node, path: str) -> Port:
    assert isinstance(node, MapNode)
    read = Fields(node, f"{path}.ports")
    target = read.integer("target")
    if target is None:
        raise ConfigError(
            f"{path}.ports: a port has no target", where=node.where, mend="add target:"
        )
    host_ip = read.text("host_ip")
    if host_ip:
        check_address(host_ip, node.where)
    return Port(
        target=target,
        where=node.where,
        published=read.text("published"),
        host_ip=host_ip,
        protocol=read.text("protocol") or "tcp",
    )


def _expose(node: Node) -> range:
    match = re.fullmatch(r"(\d+)(?:-(\d+))?(?:/\w+)?", scalar_text(node))
    if match is None:
        raise ConfigError(
            f"expose: {scalar_text(node)!r} is not a port", where=node.where, mend="write a number"
        )
    return range(int(match[1]), int(match[2] or match[1]) + 1)


def _depends_on(read: Fields) -> dict[str, Dependency]:
    found: dict[str, Dependency] = {}
    node = read.node.get("depends_on")
    for name, item in node.items.items() if isinstance(node, MapNode) else ():
        assert isinstance(item, MapNode)
        entry = Fields(item, f"{read.path}.depends_on.{name}")
        condition = entry.text("condition") or ""
        if condition not in _CONDITIONS:
            raise ConfigError(
                f"{entry.path}: unknown condition {condition!r}",
                where=item.where_of("condition"),
                mend=f"write one of {', '.join(_CONDITIONS)}",
            )
        required = entry.boolean("required")
        found[name] = Dependency(
            name, condition, required is not False, bool(entry.boolean("restart"))
        )
    for name in _shared(read):
        found.setdefault(name, Dependency(name, restart=True))
    for name in _mounted(read):
        found.setdefault(name, Dependency(name))
    return found


def _shared(read: Fields) -> list[str]:
    """Return the services that links and shared namespaces make this one depend on."""
    names = [link.partition(":")[0] for link in read.texts("links")]
    for key in ("network_mode", "ipc", "pid", "uts", "cgroup"):
        value = read.text(key) or ""
        if value.startswith("service:"):
            names.append(value.removeprefix("service:"))
    return names


def _mounted(read: Fields) -> list[str]:
    sources = read.texts("volumes_from")
    return [text.partition(":")[0] for text in sources if not text.startswith("container:")]


def _healthcheck(node: Node | None, path: str) -> Healthcheck | None:
    if not isinstance(node, MapNode):
        return None
    read = Fields(node, f"{path}.healthcheck")
    test = node.get("test")
    words: tuple[str, ...] = ()
    if isinstance(test, ListNode):
        words = read.texts("test")
    elif isinstance(test, ScalarNode):
        words = ("CMD-SHELL", scalar_text(test))
    if words and words[0] not in ("CMD", "CMD-SHELL", "NONE"):
        raise ConfigError(
            f"{read.path}.test must begin with CMD, CMD-SHELL or NONE",
            where=node.where_of("test"),
            mend='write ["CMD", "program", "argument"]',
        )
    return Healthcheck(
        where=node.where,
        test=words,
        disable=bool(read.boolean("disable")) or words[:1] == ("NONE",),
        interval=read.seconds("interval"),
        timeout=read.seconds("timeout"),
        retries=read.integer("retries"),
        start_period=read.seconds("start_period"),
        start_interval=read.seconds("start_interval"),
    )


def _mount(node: Node, path: str) -> Mount:
    assert isinstance(node, MapNode)
    read = Fields(node, f"{path}.volumes")
    target = read.text("target")
    if not target:
        raise ConfigError(
            f"{path}.volumes: a mount has no target", where=node.where, mend="add target:"
        )
    return Mount(
        kind=read.text("type") or "volume",
        target=posixpath.normpath(target),
        where=node.where,
        source=read.text("source"),
        read_only=bool(read.boolean("read_only")),
    )


def _grant(node: Node) -> FileGrant:
    assert isinstance(node, MapNode)
    read = Fields(node, "secret or config")
    source = read.text("source")
    if not source:
        raise ConfigError("an entry has no source", where=node.where, mend="add source:")
    return FileGrant(source, node.where, read.text("target"))


def _networks(node: Node | None) -> dict[str, tuple[str, ...]]:
    if not isinstance(node, MapNode):
        return {}
    return {
        name: Fields(item, f"networks.{name}").texts("aliases") if isinstance(item, MapNode) else ()
        for name, item in node.items.items()
    }
