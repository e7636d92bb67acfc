"""One service of a derived compose file, key by key."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from seatrial.composefile.canonical import is_remote, scalar_text
from seatrial.composefile.model import Mount
from seatrial.composefile.tree import MapNode, Node, ScalarNode, is_null
from seatrial.scaffold.adopt import commands, keys
from seatrial.scaffold.adopt.checks import check_of_service, is_checked
from seatrial.scaffold.adopt.environment import env_file_value, environment_value
from seatrial.scaffold.adopt.model import Difference
from seatrial.scaffold.adopt.mounts import image_holds, sort_out
from seatrial.scaffold.adopt.selection import Selection
from seatrial.scaffold.adopt.stack import Stack
from seatrial.scaffold.adopt.variables import composed, with_defaults
from seatrial.scaffold.adopt.yamltext import Line, Noted, Value


class Container:
    """Writes one service; ``differences`` and ``volumes`` are known after :meth:`written`."""

    def __init__(
        self,
        stack: Stack,
        selection: Selection,
        folder: Path,
        env_files: Mapping[Path, Path | None],
        name: str,
    ) -> None:
        self._stack = stack
        self._selection = selection
        self._folder = folder
        self._env_files = env_files
        self._node = stack.node(name)
        self._service = stack.services[name]
        self._backing = selection.backings.get(name)
        self.differences: list[Difference] = []
        self.volumes: set[str] = set()

    def written(self) -> dict[str, Value]:
        """Return the service's keys in our order."""
        made: dict[str, Value] = {}
        for key, node in self._node.items.items():
            if is_null(node) or key in _HANDLED or key.startswith("x-"):
                continue
            if key in keys.DROPPED or key in keys.SILENT:
                self._drop(key, node)
                continue
            made[key] = keys.generic(node)
        for key in ("secrets", "configs"):
            if key in made:
                made[key] = keys.grants(made[key])
        for key, handle in _HANDLED.items():
            value = handle(self)
            if value is not None:
                made[key] = value
        rank = {key: number for number, key in enumerate(keys.ORDER)}
        return dict(sorted(made.items(), key=lambda item: rank.get(item[0], 5)))

    def _tell(self, what: str, cause: str) -> None:
        self.differences.append(Difference(self._service.name, what, cause))

    def _drop(self, key: str, node: Node) -> None:
        if key in keys.SILENT:
            return
        shown = scalar_text(node) if isinstance(node, ScalarNode) else ""
        self._tell(f"no {key}{f' {shown}' if shown else ''}", keys.DROPPED[key])

    def _image(self) -> Value:
        node = self._node.get("image")
        if node is None:
            return None
        if self._service.build is not None:
            self._tell("no image name", "the image that is built here is not the one of dev")
            return None
        assert isinstance(node, ScalarNode)
        if "$" in node.text:
            return with_defaults(node.text, self._stack.values)
        return composed(scalar_text(node))

    def _build(self) -> Value:
        build, node = self._service.build, self._node.get("build")
        if build is None or not isinstance(node, MapNode):
            return None
        context = build.remote or self._relative(build.context)
        made: dict[str, Value] = {"context": composed(context)}
        for key, item in node.items.items():
            if key in ("context", "cache_from", "cache_to", "tags", "labels") or is_null(item):
                continue
            if key == "dockerfile":
                path = Path(scalar_text(item))
                shown = os.path.relpath(path, build.context) if path.is_absolute() else str(path)
                if shown != "Dockerfile":
                    made[key] = composed(shown)
            elif key == "additional_contexts" and isinstance(item, MapNode):
                made[key] = {k: composed(self._context(v)) for k, v in item.items.items()}
            else:
                made[key] = keys.generic(item)
        return made

    def _context(self, node: Node) -> str:
        text = scalar_text(node)
        if is_remote(text) or ":" in text:
            return text
        return self._relative(self._stack.folder / text)

    def _environment(self) -> Value:
        return environment_value(
            self._node, self._stack.values, self._env_files, self._backing, self._tell
        )

    def _env_file(self) -> Value:
        return env_file_value(self._node, self._env_files, self._relative, self._tell)

    def _command(self) -> Value:
        return self._stripped("command")

    def _entrypoint(self) -> Value:
        return self._stripped("entrypoint")

    def _stripped(self, key: str) -> Value:
        node = self._node.get(key)
        if node is None:
            if key == "command" and self._backing and self._backing.kind == "postgres":
                return self._tuned()
            return None
        words = commands.of(node)
        changed = commands.without_reload(words)
        if changed != words:
            self._tell(f"{key} without reloading", "sources do not change while tests run")
        if isinstance(changed, str):
            return composed(changed)
        listed = [composed(word) for word in changed]
        return Line(listed) if sum(map(len, listed)) + 4 * len(listed) < 80 else listed

    def _tuned(self) -> Value:
        if self._service.build is not None:
            return None
        self._tell("PostgreSQL waits for no disk", "what is lost with the container may be lost")
        return Noted(
            "No waiting for a disk that is not there.",
            Line(commands.TUNED_POSTGRES),
        )

    def _volumes(self) -> Value:
        sorted_out = sort_out(
            self._service, self._backing, self._shared(), image_holds(self._service)
        )
        self.differences += sorted_out.differences
        entries: list[Value] = []
        for mount in sorted_out.kept:
            if mount.kind == "volume" and mount.source:
                self.volumes.add(mount.source)
            entries.append(self._mount(mount))
        return entries or None

    def _shared(self) -> set[str]:
        seen: dict[str, int] = {}
        for name in self._selection.names:
            for mount in self._stack.services[name].volumes:
                if mount.kind == "volume" and mount.source:
                    seen[mount.source] = seen.get(mount.source, 0) + 1
        return {source for source, number in seen.items() if number > 1}

    def _mount(self, mount: Mount) -> Value:
        source = mount.source
        if mount.kind == "bind" and source:
            source = self._relative(Path(source))
            source = source if source.startswith((".", "/")) else f"./{source}"
        if mount.kind not in ("bind", "volume"):
            return {"type": mount.kind, "target": composed(mount.target)}
        text = f"{source}:{mount.target}" if source else mount.target
        return composed(f"{text}:ro" if mount.read_only and source else text)

    def _tmpfs(self) -> Value:
        memory = list(self._backing.data) if self._backing else []
        entries: list[Value] = [composed(text) for text in self._service.tmpfs]
        given = {text.partition(":")[0] for text in self._service.tmpfs}
        fresh = [path for path in memory if path not in given]
        if fresh:
            return Noted("In memory: fast, and gone with the container.", [*fresh, *entries])
        return entries or None

    def _ports(self) -> Value:
        ports = self._service.ports
        entries: dict[str, None] = {}
        fixed: list[str] = []
        for port in ports:
            if port.target in keys.DEBUGGERS and self._backing is None and len(ports) > 1:
                what = f"no port {port.target}"
                self._tell(what, f"{keys.DEBUGGERS[port.target]}'s debugger listens there")
                continue
            shown = f"{port.target}/{port.protocol}" if port.protocol != "tcp" else str(port.target)
            if port.published:
                address = f"{port.host_ip}:" if port.host_ip else ""
                fixed.append(f"{address}{port.published}:{shown}")
            entries[shown] = None
        if fixed:
            what = f"port{'s' * (len(fixed) > 1)} {', '.join(fixed)} at any port of the host"
            self._tell(what, "two runs would want the same one")
        if self._backing is None:
            return list(entries) or None
        own = str(self._backing.port)
        if own not in entries:
            self._tell(f"port {own} published", "tests talk to it from the host")
        # The first port is the one that its address is made of; a console's comes after it.
        return list(dict.fromkeys((own, *entries)))

    def _healthcheck(self) -> Value:
        return check_of_service(self._stack, self._service, self._backing, self._tell)

    def _depends_on(self) -> Value:
        made: dict[str, Value] = {}
        raised = []
        for name, dependency in self._service.depends_on.items():
            if name not in self._selection.names:
                self._tell(f"does not wait for {name}", "that one is left out")
                continue
            condition = dependency.condition
            other = self._stack.services[name]
            if condition == "service_started" and is_checked(other, self._selection):
                condition = "service_healthy"
                raised.append(name)
            made[name] = {"condition": condition}
        for name in sorted(self._selection.named[self._service.name]):
            named = name in self._selection.backings and name not in made
            if named and is_checked(self._stack.services[name], self._selection):
                made[name] = {"condition": "service_healthy"}
                self._tell(f"waits for {name}", "its environment names it")
        if raised:
            cause = "started is not ready"
            self._tell(f"waits until {', '.join(raised)} can be used", cause)
        return made or None

    def _networks(self) -> Value:
        aliases = list(dict.fromkeys(a for names in self._service.networks.values() for a in names))
        mode = self._service.network_mode or ""
        if mode == "host":
            self._tell(
                "a network of its own in place of the host's", "ports of the host would clash"
            )
        if aliases and not mode:
            return {"default": {"aliases": [composed(alias) for alias in aliases]}}
        return None

    def _network_mode(self) -> Value:
        mode = self._service.network_mode
        return mode if mode and mode.startswith(("service:", "none")) else None

    def _links(self) -> Value:
        # A link without another name says no more than depends_on.
        named = [link for link in self._service.links if ":" in link]
        return [composed(link) for link in named] or None

    def _relative(self, path: Path) -> str:
        return os.path.relpath(path, self._folder)


_HANDLED: Mapping[str, Callable[[Container], Value]] = {
    "image": Container._image,
    "build": Container._build,
    "environment": Container._environment,
    "env_file": Container._env_file,
    "entrypoint": Container._entrypoint,
    "command": Container._command,
    "volumes": Container._volumes,
    "tmpfs": Container._tmpfs,
    "ports": Container._ports,
    "healthcheck": Container._healthcheck,
    "depends_on": Container._depends_on,
    "networks": Container._networks,
    "network_mode": Container._network_mode,
    "links": Container._links,
}
