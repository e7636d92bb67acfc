"""What a deployment is asked to be, what it will do and why, and what came of it. Pure.

::

    Order ──Target.plan──► DeployPlan ──shown, warnings first──► Target.carry_out ──► Deployed

Words of a plan are data: each step has an act and a cause, each warning says what it is about.
The sentences belong to the renderers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# Seconds that a service may take to become healthy where nothing else is said, and how long it is
# watched from then on.
TIMEOUT = 120.0
WATCH = 5.0


class To(StrEnum):
    """What carries the containers."""

    COMPOSE = "compose"
    SWARM = "swarm"


@dataclass(frozen=True, slots=True)
class Order:
    """What the user asked for.

    ``version`` and ``registry`` are what the compose files see as ``VERSION`` and ``REGISTRY``,
    empty where their own values count. ``timeout`` and ``watch`` are seconds for each service:
    until it is healthy, and how long it must stay so. ``force`` replaces services with data, too;
    ``take_over`` ends the claim of a deployment that is dead. ``rollback`` asks for the images that
    ran before the last deployment.
    """

    environment: str
    to: To
    services: tuple[str, ...] = ()
    version: str = ""
    registry: str = ""
    timeout: float = TIMEOUT
    watch: float = WATCH
    force: bool = False
    take_over: bool = False
    rollback: bool = False


class Act(StrEnum):
    """What a step does to its subject."""

    PULL = "pull"
    MAKE = "make"
    START = "start"
    MIGRATE = "migrate"
    ROLL = "roll"
    REPLACE = "replace"
    UPDATE = "update"
    LEAVE = "leave"
    REMOVE = "remove"


class Cause(StrEnum):
    """Why a step is taken."""

    FIRST = "first-deployment"
    IMAGE = "image-changed"
    CONFIG = "config-changed"
    BOTH = "image-and-config-changed"
    UNCHANGED = "unchanged"
    NOT_UP = "not-up"
    HALF = "half-deployed"
    NEEDED = "needed"
    HAS_DATA = "has-data"
    NOT_ASKED = "not-asked-for"
    NO_WAY_BACK = "rollback-does-not-migrate"
    CAME_WITH = "came-with-what-is-taken-back"
    BY_HAND = "changed-by-hand-since"
    GONE = "no-longer-in-the-files"
    REPLICAS = "another-number-of-containers"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: ``act`` on ``subject`` (a service, an image, a secret, a network) for ``cause``.

    ``image`` is with its digest where the step is about one; ``replicas`` how many containers
    there are to be; ``detail`` what else is to be known, as data (a name, a path).
    """

    act: Act
    subject: str
    cause: Cause
    image: str = ""
    replicas: int = 0
    detail: str = ""


class Risk(StrEnum):
    """What a target cannot do, said before it starts."""

    GAP_PORT = "gap-for-a-fixed-port"
    GAP_NAME = "gap-for-a-fixed-name"
    GAP_DATA = "gap-for-data"
    GAP_ORDER = "gap-for-the-order-of-its-update"
    NO_CHECK = "no-health-check"
    MIGRATION = "migration-is-not-rolled-back"
    DATA_LEFT = "changed-service-with-data-is-left"
    BROKEN_OFF = "an-earlier-deployment-was-broken-off"
    UNRESOLVED = "image-without-an-answer-of-its-registry"
    NOT_AS_IT_WAS = "way-back-takes-the-settings-of-today"
    SETTINGS = "rollback-takes-the-settings-of-today"
    KEY_DROPPED = "key-dropped"
    KEY_CHANGED = "key-changed"
    NOT_SPREAD = "not-spread-over-nodes"
    NODE_GONE = "node-is-gone"


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that is said before anything is touched; ``detail`` is data (ports, a key)."""

    risk: Risk
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Ran:
    """A service as it runs: ``image`` with its digest where one is known, and how many times."""

    service: str
    image: str
    replicas: int

    @property
    def digest(self) -> str:
        """Return ``sha256:…``, empty where the image was never in a registry."""
        return self.image.partition("@")[2]


@dataclass(frozen=True, slots=True)
class DeployPlan:
    """All that a deployment will do, in order. ``before`` is what runs now.

    ``project`` is the compose project or stack; ``engine`` says which engine it is about.
    """

    to: To
    environment: str
    project: str
    engine: str
    steps: tuple[Step, ...]
    warnings: tuple[Warned, ...] = ()
    before: tuple[Ran, ...] = ()

    @property
    def changes(self) -> tuple[Step, ...]:
        """Return the steps that touch something; none where all is as it should be."""
        return tuple(step for step in self.steps if step.act is not Act.LEAVE)


@dataclass(frozen=True, slots=True)
class Deployed:
    """A deployment that ended well. Times are seconds; ``gaps`` how long a service was not there.

    ``rolls`` is how long each service took from its first new container to its last old one's end.
    """

    plan: DeployPlan
    after: tuple[Ran, ...]
    seconds: float
    gaps: Mapping[str, float] = field(default_factory=dict)
    rolls: Mapping[str, float] = field(default_factory=dict)
