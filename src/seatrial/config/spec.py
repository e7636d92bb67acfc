"""The table of keys of ``seatrial.toml``: the one place that says what may stand there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from seatrial.config import kinds
from seatrial.config.kinds import Kind

RUNNERS = ("pytest", "vitest", "jest", "go", "command")
FLAKY = ("pass", "fail")
RUNTIMES = ("auto", "docker", "process")

_RUNNER = kinds.choice(*RUNNERS)


@dataclass(frozen=True, slots=True)
class Key:
    """One key; ``default`` is said in the reference, in words or in TOML."""

    name: str
    kind: Kind
    meaning: str
    default: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of known ``entries``, or of names that the user chooses, each holding ``free``.

    ``free_pattern`` is what such a name must match, said as ``free_words``.
    """

    name: str
    meaning: str
    entries: tuple[Entry, ...] = ()
    free: Entry | None = None
    free_pattern: str = r"\S"
    free_words: str = "a name"

    def entry(self, name: str) -> Entry | None:
        """Return what may stand under ``name``."""
        return self.free or next((e for e in self.entries if e.name == name), None)


Entry: TypeAlias = Key | Table


def _variables(name: str, kind: Kind, meaning: str) -> Table:
    words = "a variable's name (letters, digits and _, not first a digit)"
    key = Key("VARIABLE", kind, meaning)
    return Table(name, meaning, (), key, kinds.VARIABLE_PATTERN, words)


_PATHS = Key(
    "paths", kinds.PATHS, "Test folders or files, in the place of the layout's.", "the layout's"
)
_SUITE_RUNNER = Key("runner", _RUNNER, "Which runner's output the command speaks.", "detected")
_COMMAND = Key(
    "command",
    kinds.COMMAND,
    "Replaces the runner's own command line. A text is split into words as a shell would; no shell "
    'reads it, so pipes and `&&` need `["sh", "-c", "…"]`.',
    "the runner's own",
)
_SKIP = Key("skip", kinds.FLAG, "Leave it out.", "false")
_TIMEOUT = Key("timeout", kinds.DURATION, "Deadline of its tests.", "`run.suite-timeout`")
_ENV = _variables("env", kinds.VALUE, "Environment variables for the runner.")
_PARALLEL = Key(
    "parallel",
    kinds.FLAG,
    "Whether its tests run in several workers of pytest-xdist at once, where that is there.",
    "`run.parallel`",
)

_UNIT = (_SKIP, _PATHS, _SUITE_RUNNER, _COMMAND, _PARALLEL, _TIMEOUT, _ENV)
_WITH_CONTAINERS = (
    _SKIP,
    _PATHS,
    _SUITE_RUNNER,
    _COMMAND,
    _PARALLEL,
    Key(
        "compose",
        kinds.PATHS,
        "Compose files of its environment, later ones over earlier ones; `[]` asks for none.",
        "the layout's",
    ),
    Key(
        "setup",
        kinds.COMMANDS,
        "Commands that run in turn in the fresh environment before the tests, with the tests' "
        "variables: migrate, seed. Each item is a whole command.",
        "none",
    ),
    _TIMEOUT,
    Key("boot-timeout", kinds.DURATION, "Deadline of its environment.", "`run.boot-timeout`"),
    _ENV,
    _variables(
        "exports",
        kinds.EXPORT,
        "More variables made of the environment's addresses: `{SERVICE.host}`, `{SERVICE.port}` "
        "and `{SERVICE.url}`, where SERVICE is the name in the compose file.",
    ),
)

_PROJECT = Table(
    "project",
    "The repository.",
    (Key("name", kinds.TEXT, "What it is called in reports.", "the folder's name"),),
)
_LAYOUT = Table(
    "paths",
    "The layout, for all services at once.",
    (
        Key("services", kinds.PATHS, "Folders whose sub-folders are services.", '"services"'),
        Key("unit", kinds.PATH, "Unit tests, in a service's folder.", '"tests/unit"'),
        Key("service", kinds.PATH, "Service tests, in a service's folder.", '"tests/integration"'),
        Key(
            "service-compose",
            kinds.PATH,
            "The compose file of service tests, in a service's folder.",
            '"deploy/test/docker-compose.yml"',
        ),
        Key("integration", kinds.PATH, "Integration tests.", '"tests/integration"'),
        Key(
            "integration-compose",
            kinds.PATH,
            "The compose file of integration tests.",
            '"deploy/test/docker-compose.yml"',
        ),
        Key(
            "shared",
            kinds.PATHS,
            "Files and folders that all suites read, for `--changed`; most are found without it.",
            "none",
        ),
    ),
)
_SERVICE = Table(
    "NAME",
    "One service, by its folder's name. Paths in its suites are relative to its folder.",
    (
        Key("path", kinds.PATH, "Its folder, relative to the root.", '"services/NAME"'),
        Key("runner", _RUNNER, "The runner of its suites.", "detected"),
        _SKIP,
        Table("unit", "Its unit tests.", _UNIT),
        Table("service", "Its service tests, against its own containers.", _WITH_CONTAINERS),
    ),
)
_RUN = Table(
    "run",
    "Defaults for the options of `seatrial test`.",
    (
        Key("jobs", kinds.COUNT, "Suites and boots at once.", "the processors"),
        Key("timeout", kinds.DURATION, "Deadline of a whole run.", "none"),
        Key("suite-timeout", kinds.DURATION, "Deadline of each suite.", "none"),
        Key("boot-timeout", kinds.DURATION, "Deadline of each environment.", '"2m"'),
        Key("runtime", kinds.choice(*RUNTIMES), "What serves the compose files.", '"auto"'),
        Key(
            "parallel",
            kinds.FLAG,
            "Whether suites of pytest run in several workers at once.",
            "where their past says that it pays",
        ),
        Key("retries", kinds.COUNT, "How often a test that fails runs again.", "0"),
        Key(
            "flaky",
            kinds.choice(*FLAKY),
            "What becomes of a run in which a test passed only when it ran again.",
            '"pass"',
        ),
    ),
)
_SLOW = Table(
    "slow",
    "From when on `seatrial slow` calls a test slow, by its stage, or a line of the collection.",
    (
        Key("unit", kinds.DURATION, "Unit tests.", '"1s"'),
        Key("service", kinds.DURATION, "Service tests.", '"5s"'),
        Key("integration", kinds.DURATION, "Integration tests.", '"5s"'),
        Key("collection", kinds.DURATION, "A line that files of tests are imported by.", '"1s"'),
    ),
)
_PROVIDERS = Table(
    "providers",
    "Commands that stand in for images: the key is an image with `*` and `?`, without its tag "
    "where any will do. `{host}`, `{port}` (`{port_1025}` for one of several) and `{data}` (a "
    "fresh folder) are filled in.",
    (),
    Key("IMAGE", kinds.COMMAND, "The server to start in the image's place."),
    free_words="an image",
)

_RELEASE = Table(
    "release",
    "What `seatrial release` makes of the repository.",
    (
        Key(
            "registry",
            kinds.TEXT,
            "Where images go, as `HOST` or `HOST/PATH`, where neither `--registry` nor the "
            "variable `REGISTRY` nor `deploy/prod/.env` says it.",
            "none",
        ),
        Key(
            "repository",
            kinds.REPOSITORY,
            "What the images of a repository without `deploy/prod` are called, below the registry: "
            "a pattern of `{project}` and `{service}`.",
            '"{project}-{service}"',
        ),
        Key(
            "context",
            kinds.choice("service", "root"),
            "Which folder such an image is built from: the service's, or the root.",
            '"service"',
        ),
        Key(
            "sbom-generator",
            kinds.TEXT,
            "The image that lists what an image holds, for builders that attach such a list.",
            "the builder's own",
        ),
    ),
)

_LINT = Table(
    "lint",
    "The rules of `seatrial lint`. A rule is named by its code (`SEA101`), by the beginning of "
    "codes (`SEA1`) or by its category (`security`); a longer code wins over a shorter one.",
    (
        Key("select", kinds.SELECTORS, "The rules that look.", "all"),
        Key("ignore", kinds.SELECTORS, "Rules that do not look.", "none"),
        Key(
            "baseline",
            kinds.PATH,
            "A file of findings that are known and do not count; "
            "`seatrial lint --write-baseline FILE` writes it.",
            "none",
        ),
        Key(
            "hadolint",
            kinds.FLAG,
            "Whether hadolint looks at Dockerfiles too; its findings have its own codes "
            "(`DL3008`), which may stand wherever ours do.",
            "where it is installed (`seatrial[dockerfile]`)",
        ),
        Table(
            "per-path",
            "Rules that do not look at some files: the key is a path from the root with `*`, `?` "
            "and `**`, or a folder.",
            (),
            Key("PATH", kinds.SELECTORS, "The rules that do not look there."),
            free_words="a path",
        ),
    ),
)

ROOT = Table(
    "",
    "The file.",
    (
        _PROJECT,
        _LAYOUT,
        Table("services", "Services, by name.", (), _SERVICE, free_words="a service's name"),
        Table("integration", "The integration tests of the root.", _WITH_CONTAINERS),
        _RUN,
        _SLOW,
        Table("process", "The process runtime.", (_PROVIDERS,)),
        _LINT,
        _RELEASE,
    ),
)
