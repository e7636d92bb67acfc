"""The page as text: the template with the styles and the script beside it, all in one."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

from seatrial.render.html.page import Page


def html(page: Page) -> str:
    """Return the whole document. Every text is escaped, and no script but ours may run in it."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    engine = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    script = _beside("page.js")
    digest = b64encode(sha256(script.encode()).digest()).decode()
    return engine.from_string(_beside("page.html.j2")).render(
        page=page, styles=Markup(_beside("page.css")), script=Markup(script), digest=digest
    )


def _beside(name: str) -> str:
    return files("seatrial.render.html").joinpath(name).read_text(encoding="utf-8")
