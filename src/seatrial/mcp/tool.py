"""What a tool is: its arguments, what it hands back, and how both are described."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar

from mcp.types import ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from seatrial.errors import SeatrialError, UsageError
from seatrial.mcp.calls import Calls, Ended
from seatrial.render.width import clean

# The most characters that an answer has; what is read is paid for.
MOST = 20_000

Document = TypeVar("Document", bound=BaseModel)
# What begins with a dash would be an option of the verb.
Name = Annotated[str, Field(pattern=r"^[^-\s]\S*$")]
RunId = Annotated[Name, Field(description="id of a run, or last")]
Runtime = Literal["auto", "docker", "process"]


class Arguments(BaseModel):
    """What a tool is called with; a name that is unknown is a mistake."""

    model_config = ConfigDict(extra="forbid", str_max_length=1000, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call hands back, ``failed`` where it could not be carried out.

    Clients show the text or the data, and not both: each of them says all.
    """

    text: str
    data: BaseModel | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """What a tool works with; ``progress`` takes how much is done, of how much, and a sentence."""

    calls: Calls
    progress: Callable[[float, float | None, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool; ``hints`` say what it does to the repository and the world, and are true."""

    name: str
    title: str
    description: str
    arguments: type[Arguments]
    work: Callable[[Desk, Any], Awaitable[Answer]]
    answer: type[BaseModel] | None = None
    hints: ToolAnnotations = field(default_factory=ToolAnnotations)

    def read(self, given: dict[str, Any]) -> Arguments:
        """Return the arguments of a call. Raises ``UsageError``."""
        if "\\u0000" in json.dumps(given):
            raise UsageError(f"{self.name}: no argument can hold a zero byte", mend="leave it out")
        try:
            return self.arguments.model_validate(given)
        except ValidationError as error:
            raise _mistake(self, error) from None


def hints(
    *, reads: bool = False, destroys: bool = False, reaches_out: bool = False
) -> ToolAnnotations:
    """Return the annotations of a tool: called twice, it has done the same as called once."""
    return ToolAnnotations(
        read_only_hint=reads,
        destructive_hint=destroys,
        idempotent_hint=True,
        open_world_hint=reaches_out,
    )


def schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a model, without what says nothing: it is read by those who pay."""
    slim: dict[str, Any] = _slim(model.model_json_schema())
    slim.pop("description", None)
    return slim


def document(ended: Ended, model: type[Document]) -> Document | None:
    """Return what a verb printed as JSON, or ``None`` where it printed none.

    Raises ``SeatrialError`` where it is not what this server knows.
    """
    text = "\n".join(ended.out)
    if not text.startswith("{"):
        return None
    try:
        return model.model_validate(json.loads(text))
    except ValueError as error:
        raise SeatrialError(
            "the verb printed what this server does not know",
            mend="start the server again: seatrial was changed while it ran",
        ) from error


def as_data(model: BaseModel) -> dict[str, Any]:
    """Return a document as plain data, without what is as it always is."""
    plain: dict[str, Any] = model.model_dump(mode="json", exclude_defaults=True)
    return plain


def as_text(model: BaseModel) -> str:
    """Return a document as one line of JSON."""
    return json.dumps(as_data(model), ensure_ascii=False, separators=(",", ":"))


def refused(ended: Ended) -> Answer:
    """Return what a verb said that could not do what it was asked."""
    said = "\n".join((*ended.out, *ended.err))
    return Answer(bounded(said or f"error: seatrial ended with {ended.code}"), failed=True)


def bounded(text: str, most: int = MOST) -> str:
    """Return ``text`` without controls and in at most about ``most`` characters, both ends kept."""
    text = clean(text).strip("\n")
    if len(text) <= most:
        return text
    head, tail = text[: most // 2].rpartition("\n"), text[-(most // 2) :].partition("\n")
    first, last = head[0] or head[2], tail[2] or tail[0]
    return f"{first}\n… {len(text) - len(first) - len(last)} characters left out …\n{last}"


def _slim(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_slim(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    slim = {key: _slim(value) for key, value in schema.items() if not _says_nothing(key, value)}
    for group in ("properties", "$defs"):
        if isinstance(schema.get(group), dict):
            # Here the keys are names of the user's, ``title`` among them.
            slim[group] = {name: _slim(value) for name, value in schema[group].items()}
    kinds = slim.get("anyOf")
    if isinstance(kinds, list) and {"type": "null"} in kinds and len(kinds) == 2:
        del slim["anyOf"]
        slim |= next(kind for kind in kinds if kind != {"type": "null"})
    return slim


def _says_nothing(key: str, value: Any) -> bool:
    if key == "title":
        return isinstance(value, str)
    # What is refused is told by whoever asks for it.
    return key in ("maxLength", "pattern") or (key == "default" and not value)


def _mistake(tool: Tool, error: ValidationError) -> UsageError:
    import difflib

    known = list(tool.arguments.model_fields)
    said = []
    mend = f"its arguments: {', '.join(known)}" if known else "it takes no arguments"
    for one in error.errors(include_url=False):
        place = ".".join(map(str, one["loc"]))
        if one["type"] == "extra_forbidden":
            near = difflib.get_close_matches(place, known, n=1)
            mend = f"did you mean {near[0]!r}? {mend}" if near else mend
            said.append(f"there is no argument {place!r}")
        else:
            said.append(
                f"{place}: {one['msg'][:1].lower()}{one['msg'][1:]}" if place else one["msg"]
            )
    return UsageError(f"{tool.name}: {'; '.join(said)}", mend=mend)
