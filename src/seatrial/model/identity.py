"""Names for what a run makes: readable, valid wherever they are used, never the same twice.

Every name is a readable beginning and a hash of all it was made of; the beginning may be cut, the
hash tells apart. Pure: what is random or on disk is made in ``host``.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

# A container's host name may have 63 characters, and compose files write their own words around
# TEST_INSTANCE_ID; Compose adds `-<service>-<number>` to a project name.
LONGEST_INSTANCE = 40
LONGEST_PROJECT = 60

_HASH = 8
_KEY = 12
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def slug(text: str, longest: int, otherwise: str = "x") -> str:
    """Return ``text`` in ``[a-z0-9-]``, at most ``longest`` characters, no dash at its ends.

    Accents are dropped; where nothing readable is left it is ``otherwise``.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:longest].strip("-") or otherwise


def worktree_id(branch: str, token: str) -> str:
    """Return a worktree's id: the branch at its making, and ``token``, short and random."""
    return f"{slug(branch, 20, 'work')}-{slug(token, _HASH)}"


def instance_id(worktree: str, slot: int, key: str, given: str | None = None) -> str:
    """Return the TEST_INSTANCE_ID of one environment, at most 40 characters of ``[a-z0-9-]``.

    Unique for each worktree, slot (0 is that of ``up`` and ``down``) and environment ``key``. A
    TEST_INSTANCE_ID ``given`` from outside takes the worktree's place at the beginning.
    """
    readable = LONGEST_INSTANCE - _KEY - _HASH - 2
    start = slug(given, readable) if given else slug(worktree, readable)
    return f"{start}-{slug(key, _KEY)}-{_digest(worktree, str(slot), key, given or '')}"


def project_name(project: str, instance: str) -> str:
    """Return a compose project name, at most 60 characters, unique as ``instance`` is.

    Compose asks for lower-case letters, digits, dashes and underscores, no dash in front.
    """
    return f"{slug(project, LONGEST_PROJECT - LONGEST_INSTANCE - 1, 'repo')}-{instance}"


def _digest(*parts: str) -> str:
    """Return 40 bits of a hash in letters and digits; every part counts for itself."""
    told = "\0".join(f"{len(part)}:{part}" for part in parts)
    number = int.from_bytes(hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()[:5])
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in range(_HASH))
