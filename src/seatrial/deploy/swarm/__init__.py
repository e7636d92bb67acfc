"""``seatrial deploy --to swarm``: compose files as a stack on many machines.

::

    compose files ─► config ─► stack ─► steps ─► waves of `docker stack deploy` ─► settled
                       ▲         ▲                                                  │ or not
                 digests, secrets, what runs now                       back ◄───────┘
"""

from __future__ import annotations

from seatrial.deploy.base import Ground, Target
from seatrial.deploy.swarm.target import SwarmTarget


def target(ground: Ground) -> Target:
    """Return what deploys to the Swarm that ``ground``'s engine manages."""
    return SwarmTarget(ground)
