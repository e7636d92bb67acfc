"""A CI system on this machine: runs the jobs of a workflow file as a runner of GitHub's or Gitea's.

Scripts are run by bash as the runner calls it, with its files for outputs, variables and PATH. What
an action would give is given: a clone of the ref at the depth that was asked for, a cache, a store
of artifacts. What an action would install is there.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.support.expressions import Expressions, Function, shown
from tests.support.program import until
from tests.support.scaffold import docker

_INSTALLED = ("astral-sh/setup-uv", "actions/setup-node", "docker/setup-buildx-action")
_PATIENCE = 300
# What a runner's machine has besides; nothing of the test's own environment gets in.
_MACHINE = (
    *("LANG", "DOCKER_HOST", "UV_CACHE_DIR", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX"),
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("PIP_CONFIG_FILE", "UV_CONFIG_FILE", "BUILDX_CONFIG"),
)


@dataclass(frozen=True)
class Event:
    """What started the workflow: ``ref`` and ``sha`` of the repository, and what more it says."""

    name: str
    ref: str
    sha: str
    before: str = ""
    base: str = ""
    head: str = ""

    @property
    def ref_name(self) -> str:
        return self.ref.split("/", 2)[2]


@dataclass
class Step:
    """A step that ran: its ``name``, what it printed, and how it ended."""

    job: str
    name: str
    result: str
    said: str = ""
    script: str = ""


@dataclass
class Job:
    """A job that ran, once for each entry of its matrix."""

    id: str
    name: str
    result: str = "success"
    outputs: dict[str, Any] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


@dataclass
class Run:
    """A whole run of a workflow."""

    jobs: list[Job]

    def results(self) -> dict[str, str]:
        return {job.name: job.result for job in self.jobs}

    def step(self, job: str, name: str) -> Step:
        steps = [step for one in self.jobs if one.name == job for step in one.steps]
        found = [step for step in steps if step.name == name]
        assert found, f"no step {name!r} in {[(s.job, s.name) for s in steps]}"
        return found[0]

    def scripts(self) -> list[Step]:
        return [step for job in self.jobs for step in job.steps if step.script]

    def told(self) -> str:
        """Return all that failed, for the message of an assertion."""
        failed = [s for job in self.jobs for s in job.steps if s.result == "failure"]
        return "\n".join(f"{s.job} / {s.name}:\n{s.said}" for s in failed) or str(self.results())


@dataclass
class Forge:
    """A server: ``origin`` is the repository, ``place`` holds caches, artifacts and machines."""

    origin: Path
    place: Path
    kind: str = "github"
    secrets: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    machine: dict[str, str] = field(default_factory=dict)
    runs: int = 0

    def run(self, workflow: str, event: Event) -> Run:
        """Run ``.<kind>/workflows/<workflow>`` as it is in the commit of the event."""
        self.runs += 1
        path = f".{self.kind}/workflows/{workflow}"
        text = git(self.origin, "show", f"{event.sha}:{path}")
        document = YAML(typ="safe").load(text)
        return _Running(self, document, event).run()


def git(folder: Path, *words: str) -> str:
    """Return what git prints."""
    return subprocess.run(
        ["git", *words], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


class _Running:
    def __init__(self, forge: Forge, document: dict[str, Any], event: Event) -> None:
        self.forge = forge
        self.document = document
        self.event = event
        self.number = forge.runs
        self.place = forge.place / f"run-{self.number}"
        self.place.mkdir(parents=True)
        self.jobs: dict[str, list[Job]] = {}
        (self.place / "event.json").write_text(json.dumps(self._payload()))

    def run(self) -> Run:
        wanted = dict(self.document["jobs"])
        while wanted:
            ready = [name for name in wanted if not set(_needs(wanted[name])) & wanted.keys()]
            assert ready, f"jobs wait for each other: {list(wanted)}"
            for name in ready:
                self.jobs[name] = list(self._job(name, wanted.pop(name)))
        return Run([job for jobs in self.jobs.values() for job in jobs])

    def _payload(self) -> dict[str, Any]:
        return {"before": self.event.before, "after": self.event.sha, "ref": self.event.ref}

    def github(self) -> dict[str, Any]:
        event = self.event
        return {
            "event_name": event.name,
            "ref": event.ref,
            "ref_name": event.ref_name,
            "ref_type": "tag" if event.ref.startswith("refs/tags/") else "branch",
            "sha": event.sha,
            "base_ref": event.base,
            "head_ref": event.head,
            "run_id": str(1000 + self.number),
            "run_number": str(self.number),
            "run_attempt": "1",
            "repository": "Owner/shop",
            "repository_owner": "Owner",
            "server_url": f"https://{self.forge.kind}.example",
            "actor": "somebody",
            "event": self._payload(),
        }

    def _job(self, id: str, node: dict[str, Any]) -> Iterator[Job]:
        needs = {name: self._need(name) for name in _needs(node)}
        # A skipped job counts for all behind it, near and far, unless they ask otherwise.
        functions: dict[str, Function] = {
            "always": lambda: True,
            "cancelled": lambda: False,
            "failure": lambda: "failure" in self._before(node),
            "success": lambda: self._before(node) <= {"success"},
        }
        contexts: dict[str, Any] = {
            "github": self.github(),
            "needs": needs,
            "vars": self.forge.variables,
        }
        asked = Expressions(contexts, functions)
        if not asked.condition(str(node.get("if", "success()"))):
            yield Job(id, id, "skipped")
            return
        strategy = asked.filled(node.get("strategy", {}).get("matrix", {}))
        entries = list(_entries(strategy))
        assert entries, f"{id}: a matrix must have a job"
        for number, entry in enumerate(entries):
            own = Expressions({**contexts, "matrix": entry}, functions)
            job = Job(id, own.filled(node.get("name", id)))
            yield _Machine(self, job, node, {**contexts, "matrix": entry}, number).run()

    def _before(self, node: dict[str, Any]) -> set[str]:
        """Return the results of all jobs that this one waits for, near and far."""
        found: set[str] = set()
        for name in _needs(node):
            found |= {job.result for job in self.jobs[name]}
            found |= self._before(self.document["jobs"][name])
        return found

    def _need(self, name: str) -> dict[str, Any]:
        jobs = self.jobs[name]
        results = {job.result for job in jobs}
        result = next((word for word in ("failure", "success") if word in results), "skipped")
        outputs = {key: value for job in jobs for key, value in job.outputs.items()}
        return {"result": result, "outputs": outputs}


class _Machine:
    """A fresh machine for one job."""

    def __init__(
        self,
        running: _Running,
        job: Job,
        node: dict[str, Any],
        contexts: dict[str, Any],
        number: int,
    ) -> None:
        self.running = running
        self.forge = running.forge
        self.job = job
        self.node = node
        self.contexts = contexts
        self.place = running.place / f"{job.id}-{number}"
        self.work = self.place / "work"
        self.work.mkdir(parents=True)
        (self.place / "temp").mkdir()
        (self.place / "home/.docker").mkdir(parents=True)
        plugins = Path(os.environ.get("DOCKER_CONFIG", "/nonexistent")) / "cli-plugins"
        if plugins.is_dir():
            (self.place / "home/.docker/cli-plugins").symlink_to(plugins)
        self.steps: dict[str, dict[str, Any]] = {}
        self.added: dict[str, str] = {}
        self.path: list[str] = [str(self.place / "bin")]
        (self.place / "bin").mkdir()
        for program in ("uv", "uvx"):
            (self.place / "bin" / program).symlink_to(str(shutil.which(program)))
        self.failed = False

    def run(self) -> Job:
        with _services(self.node.get("services", {})) as services:
            self.contexts = {**self.contexts, "job": {"services": services}}
            for number, step in enumerate(self.node["steps"]):
                self._step(number, step)
        outputs = Expressions({**self.contexts, "steps": self.steps}, {})
        self.job.outputs = outputs.filled(self.node.get("outputs", {}))
        self.job.result = "failure" if self.failed else "success"
        return self.job

    def _step(self, number: int, step: dict[str, Any]) -> None:
        functions: dict[str, Function] = {
            "always": lambda: True,
            "cancelled": lambda: False,
            "failure": lambda: self.failed,
            "success": lambda: not self.failed,
            "hashFiles": self._hash_files,
        }
        plain = Expressions({**self._all(), "env": {}}, functions)
        env = {key: plain.filled(value) for key, value in self._env(step).items()}
        asked = Expressions({**self._all(), "env": env}, functions)
        uses = step.get("uses", "").partition("@")[0]
        done = Step(self.job.name, asked.filled(step.get("name", uses)), "skipped")
        self.job.steps.append(done)
        if not asked.condition(str(step.get("if", "success()"))):
            return
        outputs: dict[str, str] = {}
        if "run" in step:
            done.script = asked.filled(step["run"])
            code, done.said, outputs = self._script(number, done.script, env)
        else:
            given = {key: shown(value) for key, value in asked.filled(step.get("with", {})).items()}
            code, done.said, outputs = self._action(uses, given)
        done.result = "failure" if code else "success"
        self.failed = self.failed or bool(code)
        if "id" in step:
            self.steps[step["id"]] = {"outputs": outputs, "outcome": done.result}

    def _all(self) -> dict[str, Any]:
        runner = {"temp": str(self.place / "temp")}
        secrets = self.forge.secrets
        return {**self.contexts, "steps": self.steps, "secrets": secrets, "runner": runner}

    def _env(self, step: Mapping[str, Any]) -> dict[str, Any]:
        layers = (self.running.document, self.node, step)
        return {key: value for layer in layers for key, value in layer.get("env", {}).items()}

    def _hash_files(self, *patterns: str) -> str:
        return "0a1b" if any(any(self.work.glob(pattern)) for pattern in patterns) else ""

    def _script(
        self, number: int, script: str, env: Mapping[str, Any]
    ) -> tuple[int, str, dict[str, str]]:
        file = self.place / "temp" / f"{number}.sh"
        file.write_text(script)
        names = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
        files = {name: self.place / "temp" / f"{number}.{name}" for name in names}
        for path in files.values():
            path.touch()
        variables = {
            **self._machine(),
            **{key: shown(value) for key, value in env.items()},
            **{name: str(path) for name, path in files.items()},
        }
        answer = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(file)],
            cwd=self.work,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        self.added |= dict(_pairs(files["GITHUB_ENV"]))
        self.path = [*files["GITHUB_PATH"].read_text().split("\n")[:-1], *self.path]
        return answer.returncode, answer.stdout, dict(_pairs(files["GITHUB_OUTPUT"]))

    def _machine(self) -> dict[str, str]:
        github = self.running.github()
        names = (
            *("event_name", "ref", "ref_name", "ref_type", "sha", "base_ref", "head_ref"),
            *("run_id", "repository", "repository_owner", "server_url", "actor"),
        )
        home = self.place / "home"
        return {
            **{name: os.environ[name] for name in _MACHINE if name in os.environ},
            "HOME": str(home),
            "USER": "runner",
            "DOCKER_CONFIG": str(home / ".docker"),
            "UV_TOOL_DIR": str(home / "tools"),
            "UV_TOOL_BIN_DIR": str(self.place / "bin"),
            "UV_PYTHON": sys.executable,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            **({"GITEA_ACTIONS": "true"} if self.forge.kind == "gitea" else {}),
            **{f"GITHUB_{name.upper()}": shown(github[name]) for name in names},
            "GITHUB_WORKSPACE": str(self.work),
            "GITHUB_EVENT_PATH": str(self.running.place / "event.json"),
            "RUNNER_TEMP": str(self.place / "temp"),
            **self.forge.machine,
            **self.added,
            "PATH": ":".join([*self.path, *_without_seatrial(os.environ["PATH"])]),
        }

    def _action(self, uses: str, given: Mapping[str, str]) -> tuple[int, str, dict[str, str]]:
        match uses:
            case "actions/checkout":
                self._checkout(int(given.get("fetch-depth", "1")))
            case "actions/cache/restore":
                return self._restore(given)
            case "actions/cache/save":
                _copy(self.work / given["path"], self.forge.place / "caches" / given["key"])
            case "actions/upload-artifact":
                for path in given["path"].split():
                    target = Path(path).name if path.startswith("/") else path
                    _copy(self.work / path, self._artifacts / given["name"] / target)
            case "actions/download-artifact":
                for one in sorted(self._artifacts.glob("*")):
                    if fnmatchcase(one.name, given["pattern"]):
                        _copy(one, self.work)
            case _:
                assert uses in _INSTALLED, f"nobody knows what {uses} gives"
        return 0, "", {}

    @property
    def _artifacts(self) -> Path:
        return self.running.place / "artifacts"

    def _checkout(self, depth: int) -> None:
        event, work = self.running.event, self.work
        git(work, "init", "-q", "-b", "main")
        git(work, "remote", "add", "origin", f"file://{self.forge.origin}")
        if depth == 0:
            branches = "+refs/heads/*:refs/remotes/origin/*"
            git(work, "fetch", "-q", "origin", branches, "+refs/tags/*:refs/tags/*")
        kind, _, name = event.ref.removeprefix("refs/").partition("/")
        there = {"heads": f"refs/remotes/origin/{name}", "tags": event.ref}
        local = there.get(kind, f"refs/remotes/{kind}/{name}")
        few = ["--no-tags", f"--depth={depth}"] if depth else []
        git(work, "fetch", "-q", *few, "origin", f"+{event.sha}:{local}")
        if kind == "heads":
            git(work, "checkout", "-q", "-B", name, local)
        else:
            git(work, "checkout", "-q", "--detach", local)

    def _restore(self, given: Mapping[str, str]) -> tuple[int, str, dict[str, str]]:
        caches = sorted((self.forge.place / "caches").glob("*"), reverse=True)
        prefixes = given.get("restore-keys", "").split()
        exact = [one for one in caches if one.name == given["key"]]
        near = [one for prefix in prefixes for one in caches if one.name.startswith(prefix)]
        if found := next(iter([*exact, *near]), None):
            _copy(found, self.work / given["path"])
            return 0, f"restored {found.name}", {"cache-matched-key": found.name}
        missing = given.get("fail-on-cache-miss") == "true"
        return int(missing), "no such cache", {"cache-matched-key": ""}


@contextmanager
def _services(wanted: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Run the service containers of a job, until they are healthy; yield what is known of them."""
    known: dict[str, Any] = {}
    ids: list[str] = []
    try:
        for name, node in wanted.items():
            env = [word for key, value in node["env"].items() for word in ("-e", f"{key}={value}")]
            ports = [word for port in node["ports"] for word in ("-p", f"127.0.0.1::{port}")]
            words = ["run", "-d", *env, *ports, *shlex.split(node.get("options", ""))]
            ids.append(docker(*words, node["image"]).strip())
            until(partial(_is_healthy, ids[-1]), name)
            published = {
                port: docker("port", ids[-1], port).strip().rpartition(":")[2]
                for port in node["ports"]
            }
            known[name] = {"id": ids[-1], "ports": published}
        yield known
    finally:
        for one in ids:
            docker("rm", "-f", "-v", one)


def _is_healthy(container: str) -> bool:
    return docker("inspect", "-f", "{{.State.Health.Status}}", container).strip() == "healthy"


def _without_seatrial(path: str) -> list[str]:
    """Return the folders of PATH that a machine has on which nobody has installed seatrial."""
    return [one for one in path.split(":") if not (Path(one) / "seatrial").exists()]


def _needs(node: dict[str, Any]) -> list[str]:
    needs = node.get("needs", [])
    return [needs] if isinstance(needs, str) else needs


def _entries(matrix: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the jobs of a matrix: of its one list, or those that it includes."""
    lists = {key: values for key, values in matrix.items() if key != "include"}
    assert len(lists) < 2, "several lists are multiplied, which nobody here needs"
    for key, values in lists.items():
        yield from ({key: value} for value in values)
    yield from matrix.get("include", () if matrix else ({},))


def _pairs(file: Path) -> Iterator[tuple[str, str]]:
    for line in file.read_text().splitlines():
        name, sign, value = line.partition("=")
        assert sign, f"{file.name}: {line!r} is no NAME=VALUE"
        yield name, value


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
