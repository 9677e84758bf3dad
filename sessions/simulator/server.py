"""Puts the parts together and serves them until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import errno
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from sessions.simulator import control, folder, page_files, page_socket, phones, seed, wire
from sessions.simulator.delivery import Silence
from sessions.simulator.hub import HUB, Hub
from sessions.simulator.multidevice import routes as multidevice_routes
from sessions.simulator.multidevice.server import Multidevice
from sessions.simulator.state import Refused

MAX_BODY = 32 * 1024 * 1024
FILES = Path(__file__).parent / "phones_page"


class CannotServe(Exception):
    """The simulator can't start; the text says why in one line."""


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What WhatsApp refuses becomes {"error": reason} with its status; Silence ends the connection."""
    try:
        return await handler(request)
    except Silence:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=504)
    except Refused as refusal:
        return web.json_response(refusal.as_json(), status=refusal.status)
    except web.HTTPBadRequest as error:
        return web.json_response({"error": error.text}, status=400)


async def phone_file(request: web.Request) -> web.StreamResponse:
    """The style sheet or script of the phones' pages."""
    path = FILES / request.match_info["name"]
    if path.suffix not in (".js", ".css") or not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={"Cache-Control": "no-cache"})


def application(hub: Hub, multidevice: Multidevice) -> web.Application:
    """The whole HTTP application over the given parts."""
    app = web.Application(middlewares=[refusals], client_max_size=MAX_BODY)
    app[HUB] = hub
    for module in (control, wire, phones, page_files, page_socket):
        app.add_routes(module.routes())
    multidevice_routes.join(app, multidevice)
    app.router.add_get("/phones-files/{name:[a-z]+\\.[a-z]+}", phone_file)
    return app


async def serve(
    hub: Hub, multidevice: Multidevice, host: str, port: int, ready: Callable[[int], None]
) -> None:
    """Serve until told to stop; CannotServe when the port is taken. `ready` gets the port."""
    runner = web.AppRunner(
        application(hub, multidevice), access_log=None, shutdown_timeout=0.2, handle_signals=False
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        why = "is taken" if error.errno == errno.EADDRINUSE else f"can't be used: {error.strerror}"
        raise CannotServe(f"port {port} on {host} {why}") from error
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    hub.recipients.resume()
    ready(int(runner.addresses[0][1]))
    await stop.wait()
    for page in list(hub.pages):
        await page.part()
    await runner.cleanup()
    hub.world.record.close()


def run(
    *,
    data: Path,
    host: str,
    port: int,
    scale: float,
    seeded: bool,
    ready: Callable[[int], None] = lambda port: None,
) -> None:
    """Hold the data folder, rebuild the world from it and serve; CannotServe in one line otherwise."""
    try:
        lock = folder.hold(data)
    except folder.FolderRefused as error:
        raise CannotServe(str(error)) from error
    with lock:
        hub = Hub(data, scale)
        multidevice = Multidevice(hub, data)
        hub.world.rebuild()

        async def main() -> None:
            if seeded:
                seed.plant(hub.world)
            await serve(hub, multidevice, host, port, ready)

        asyncio.run(main())
