"""The addresses of the multi-device server: its socket, and the key that its clients must know it by."""

from __future__ import annotations

import asyncio

from aiohttp import web

from sessions.simulator.multidevice.client_copy import NotTheLibrary, installed_copy
from sessions.simulator.multidevice.connection import Connection
from sessions.simulator.multidevice.frames import MAX_FRAME
from sessions.simulator.multidevice.server import Multidevice

MULTIDEVICE = web.AppKey("multidevice", Multidevice)


def multidevice(request: web.Request) -> Multidevice:
    """The server behind a request."""
    return request.app[MULTIDEVICE]


async def chat_socket(request: web.Request) -> web.WebSocketResponse:
    """GET /ws/chat, with anything behind it."""
    server = multidevice(request)
    # All that passes is sealed, and sealed bytes grow no smaller: to press them would only take time of both ends.
    socket = web.WebSocketResponse(max_msg_size=MAX_FRAME, compress=False)
    await socket.prepare(request)
    connection = Connection(socket, server.keys, request.transport)
    server.connections.add(connection)
    try:
        await server.serve(connection)
    finally:
        server.connections.discard(connection)
    return socket


async def root_key(request: web.Request) -> web.Response:
    """The public key that stands in place of WhatsApp's own root in a client of tests and benchmarks."""
    return web.json_response({"root": multidevice(request).keys.root.public.hex()})


async def logins(request: web.Request) -> web.Response:
    """When a device of which account came, be it turned away, and whether it displaced its own open connection, oldest first:
    [[seconds since 1970, digits, true or false], …].
    """
    return web.json_response({"logins": list(multidevice(request).logins)})


async def client_copy(request: web.Request) -> web.Response:
    """The folder of a copy of the installed neonize that talks to this simulator, made when it is first asked for."""
    server, port = multidevice(request), request.url.port or 80
    async with server.copying:
        try:
            package = await asyncio.to_thread(
                installed_copy, server.folder, port, server.keys.root.public
            )
        except NotTheLibrary as error:
            raise web.HTTPNotFound(text=str(error)) from error
    return web.json_response({"package": str(package)})


def join(app: web.Application, server: Multidevice) -> None:
    """Let the application serve it, with its host of media, from its start until it goes down."""
    app[MULTIDEVICE] = server
    app.add_routes(
        [
            web.get("/ws/root", root_key),
            web.get("/ws/copy", client_copy),
            web.get("/ws/logins", logins),
            web.get("/ws/chat{rest:.*}", chat_socket),
        ],
    )
    app.on_startup.append(lambda _app: server.media.start())
    app.on_shutdown.append(lambda _app: server.part())
