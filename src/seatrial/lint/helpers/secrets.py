"""What is a secret: by the name of its variable, by its look, by a password in a URL."""

from __future__ import annotations

import re

from seatrial.lint.helpers.environment import Variable

_NAME = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASS|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|PRIVATEKEY|APIKEY"
    r"|(?:API|ACCESS|AUTH|PRIVATE|SECRET|SIGNING|ENCRYPTION|MASTER|JWT|SESSION|COOKIE)_KEY)$",
    re.IGNORECASE,
)
# What a bundler writes into pages is there for everybody to read.
_PUBLIC = re.compile(r"^(?:NEXT_PUBLIC|VITE|REACT_APP|NUXT_PUBLIC|PUBLIC|EXPO_PUBLIC)_")
# Options of database images: whether there is to be a password.
_OPTION = re.compile(r"(?:yes|no|true|false|on|off|[01])?", re.IGNORECASE)
_USERINFO = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/@:]*:(?P<password>[^\s/@]+)@", re.IGNORECASE)
_KNOWN_SHAPES = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{40,}"
    r"|\bglpat-[\w-]{20}|\bxox[baprs]-[\w-]{20,}|\b[sr]k_live_[0-9A-Za-z]{20,}"
    r"|\bAIza[\w-]{35}\b|\bnpm_[A-Za-z0-9]{36}\b|\bsk-ant-[\w-]{30,}"
    r"|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"
)


def names_secret(variable: Variable) -> bool:
    """Return whether a variable holds a secret, as its name says.

    One that holds a path or only switches something does not.
    """
    if _PUBLIC.match(variable.name) or not _NAME.search(variable.name):
        return False
    value = variable.value
    if value.startswith(("/run/secrets/", "/")) and "/" in value[1:]:
        return False
    given_elsewhere = variable.raw is None or "$" in variable.raw
    return given_elsewhere or not _OPTION.fullmatch(value)


def url_password(variable: Variable) -> str:
    """Return the password in a URL that a variable holds, as it is written; empty for none."""
    found = _USERINFO.search(variable.raw or "")
    return found["password"] if found else ""


def looks_real(text: str) -> bool:
    """Return whether ``text`` has the shape of a key that some provider gave out."""
    found = _KNOWN_SHAPES.search(text)
    return found is not None and "EXAMPLE" not in found[0]
