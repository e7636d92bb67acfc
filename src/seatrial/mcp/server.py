"""The server: lists the tools, calls them, ends with its client. Standard output is its own."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from mcp import types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from seatrial import __version__
from seatrial.errors import SeatrialError
from seatrial.host.processes import Processes, children_without_threads
from seatrial.mcp import looking, standing, testing
from seatrial.mcp.calls import Calls
from seatrial.mcp.tool import Answer, Desk, Tool, as_data, schema
from seatrial.model.result import Problem
from seatrial.render.text import problem_lines

TOOLS = {tool.name: tool for tool in (*testing.TOOLS, *looking.TOOLS, *standing.TOOLS)}
_INSTRUCTIONS = (
    "Tests and environments of the repository of services in this folder. After a change: `test` "
    "with one service and stage, then with changed; `report` with failure where the answer was "
    "too short; `doctor` where an environment could not be had."
)
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def serve(
    program: Sequence[str], root: Path, processes: Processes, leave: Callable[[int], None]
) -> None:
    """Serve one client over standard input and output, until it closes them or a signal comes.

    ``program`` is the argv of the command line that tools call, in ``root`` and nowhere else. All
    that is under way has ended when this returns. ``leave`` ends the process where a signal came.
    """
    asyncio.run(_serve(Calls(program, root, processes), leave))


async def _serve(calls: Calls, leave: Callable[[int], None]) -> None:
    server = _server(calls)
    loop = asyncio.get_running_loop()
    ending: set[asyncio.Task[None]] = set()

    async def end(number: int) -> None:
        await calls.close()
        # A thread of the transport's waits for the client's next line, which may never come.
        leave(128 + number)

    def came(number: int) -> None:
        if ending:
            # What is under way takes the end of its input for a second signal, too.
            leave(128 + number)
        ending.add(loop.create_task(end(number)))

    for number in _ENDING:
        loop.add_signal_handler(number, came, number)
    with children_without_threads():
        try:
            with suppress(BrokenPipeError):
                await _talk(server)
        finally:
            await calls.close()


async def _talk(server: Server[Any]) -> None:
    """Serve until the client is gone. Raises ``BrokenPipeError`` where it reads no more."""
    try:
        async with stdio_server() as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())
    except* BrokenPipeError as group:
        raise BrokenPipeError from group


def _server(calls: Calls) -> Server[Any]:
    async def list_tools(
        _context: ServerRequestContext[Any], _params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in TOOLS.values()])

    async def call_tool(
        context: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        tool = TOOLS.get(params.name)
        if tool is None:
            said = f"no tool is called {params.name!r}; there are: {', '.join(TOOLS)}"
            raise MCPError(code=types.INVALID_PARAMS, message=said)
        desk = Desk(calls, context.session.report_progress)
        return _result(await _answer(tool, desk, params.arguments or {}))

    return Server(
        "seatrial",
        version=__version__,
        title="seatrial",
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def _answer(tool: Tool, desk: Desk, given: dict[str, Any]) -> Answer:
    try:
        return await tool.work(desk, tool.read(given))
    except SeatrialError as error:
        return Answer("\n".join(problem_lines(Problem.of(error))), failed=True)
    except Exception as error:
        # The client is told what it can act on; the rest is for the server's log.
        logging.getLogger(__name__).exception("the tool %s failed", tool.name)
        said = f"error: seatrial itself failed: {type(error).__name__}: {error}"
        return Answer(f"{said}\n  help: please report it with the log of this server", failed=True)


def _result(answer: Answer) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=answer.text)],
        structured_content=None if answer.data is None else as_data(answer.data),
        is_error=answer.failed,
    )


def _described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=schema(tool.arguments),
        output_schema=None if tool.answer is None else schema(tool.answer),
        annotations=tool.hints,
    )
