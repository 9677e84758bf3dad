"""Phones: the calls by which they scan, type codes, write and unlink, and the pages a person clicks.

POST /phones/<phone>/scan {ref} · /code {code} · /paste {typed} (either) · /say {to, text} · /write {to, text} · /unlink {device} ·
/chats/<chat> {read, archived, …} · /messages/<id>/edit {text}, delete, arrive, react {emoji}. A call with
a JSON body answers JSON; a form goes back to the phone's page.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from aiohttp import web

from sessions.simulator import identity, messages, numbers, owner_actions
from sessions.simulator.entities import Device, iso
from sessions.simulator.hub import body, hub_of, text_of
from sessions.simulator.multidevice.routes import multidevice
from sessions.simulator.phones_html import WORDS, list_page, phone_page
from sessions.simulator.state import Refused, World

Values = dict[str, Any]


def phone_of(request: web.Request) -> str:
    """The canonical digits of the phone in the address; 404 when it can't be a phone."""
    number = numbers.canonical(request.match_info["phone"])
    if not number or not numbers.is_possible(number):
        raise web.HTTPNotFound(text="Este número de telefone não existe.")
    return number


def from_form(request: web.Request) -> bool:
    """Whether a person's form sent this, rather than a program."""
    return request.content_type == "application/x-www-form-urlencoded"


def answer(request: web.Request, values: dict[str, Any], note: str) -> web.Response:
    """JSON for a program; for a person, back to the phone with a note."""
    if not from_form(request):
        return web.json_response(values)
    number = request.match_info["phone"]
    raise web.HTTPSeeOther(f"/phones/{quote(number)}?note={note}")


def linked(device: Device) -> dict[str, Any]:
    """A device as the calls answer it."""
    return {
        "device": device.id,
        "account": f"+{device.account}",
        "name": device.name,
        "linked_at": iso(device.linked_at),
    }


async def scan(request: web.Request) -> web.Response:
    """The phone's camera sees a QR code."""
    return await link_by(request, by_qr, text_of(await body(request), "ref"))


async def code(request: web.Request) -> web.Response:
    """The phone's owner types the eight characters that the page shows."""
    return await link_by(request, by_code, text_of(await body(request), "code"))


async def paste(request: web.Request) -> web.Response:
    """The text of a QR code, or eight characters: what a person put into the one field for both."""
    typed = text_of(await body(request), "typed")
    return await link_by(request, by_qr if "," in typed else by_code, typed)


async def link_by(
    request: web.Request,
    way: Callable[[web.Request, str, str], Awaitable[Device]],
    shown: str,
) -> web.Response:
    """Link what shows this code; a form's refusal is shown on the phone's page."""
    try:
        device = await way(request, phone_of(request), shown)
    except Refused as refusal:
        if from_form(request):
            return answer(request, {}, refusal.reason)
        raise
    return answer(request, linked(device), "linked")


async def by_qr(request: web.Request, number: str, ref: str) -> Device:
    """What shows this QR code: a multi-device client, else a page."""
    clients = multidevice(request)
    shown = clients.shows(ref)
    if shown is not None:
        return await clients.scan(number, shown)
    return await hub_of(request).pairing.scan(number, ref)


async def by_code(request: web.Request, number: str, typed: str) -> Device:
    """The page that shows these characters, else the multi-device client that shows some for this number."""
    try:
        return await hub_of(request).pairing.enter_code(number, typed)
    except Refused:
        client = multidevice(request).waits_for(number)
        if client is None:
            raise
        return await multidevice(request).enter_code(number, client, typed)


async def say(request: web.Request) -> web.Response:
    """The phone's owner writes to an account, or into a group chat ("group") that the account is in."""
    world, values = hub_of(request).world, await body(request)
    content = checked(messages.content_of, values)
    reply = await world.say(
        phone_of(request),
        text_of(values, "to"),
        words_of(values, content),
        group=group_of(world, values),
        content=content,
        at=moment_of(values),
    )
    return answer(request, reply.truth(), "said")


async def write(request: web.Request) -> web.Response:
    """The account's owner writes to a person from the phone; with "at", at an earlier time."""
    values = await body(request)
    content = checked(messages.content_of, values)
    message = await hub_of(request).world.write(
        phone_of(request),
        text_of(values, "to"),
        words_of(values, content),
        at=moment_of(values),
        content=content,
    )
    return answer(request, message.truth(), "said")


def checked(reading: Callable[[Values], Values], values: Values) -> Values:
    """The values that `reading` makes of a body; 400 with its sentence when it can't."""
    try:
        return reading(values)
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from error


def words_of(values: Values, content: Values) -> str:
    """The text or caption; only what isn't a plain text may go without."""
    return text_of(values, "text") if "kind" not in content else str(values.get("text", ""))


def group_of(world: World, values: Values) -> str:
    """The group or channel that is written into, or ""; Refused for an unknown one."""
    group = str(values.get("group", ""))
    if group and group not in world.group_chats:
        raise Refused("unknown_chat", 404)
    return group


def moment_of(values: Values) -> float | None:
    """When it was written, in seconds, or None for now."""
    at = values.get("at")
    return float(at) if isinstance(at, int | float) else None


async def change(request: web.Request) -> web.Response:
    """POST …/messages/<id>/<what>: edit {text}, delete, arrive, react {emoji}, in the chats of this account."""
    world, number, values = hub_of(request).world, phone_of(request), await body(request)
    message_id, what = request.match_info["id"], request.match_info["what"]
    if what == "edit":
        await messages.edit(world, number, message_id, text_of(values, "text"))
    elif what == "react":
        await messages.react(world, number, message_id, str(values.get("emoji", "")))
    else:
        deed = messages.delete if what == "delete" else messages.arrive
        await deed(world, number, message_id)
    return web.json_response(messages.found(world, number, message_id).truth())


async def put(request: web.Request) -> web.Response:
    """POST …/chats/<chat>: {"read": true} opens it on the phone; else the fields of `owner_actions.STATES`."""
    world, number, values = hub_of(request).world, phone_of(request), await body(request)
    key = identity.key_of(world, request.match_info["chat"])
    if not key:
        raise Refused("unknown_chat", 404)
    if values.pop("read", False):
        world.seen(number, key)
        await world.settled()
    if values:
        try:
            await owner_actions.put(world, number, key, values)
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
    return web.json_response(chat_on(world, number, key))


def chat_on(world: World, number: str, key: str) -> dict[str, Any]:
    """A chat as the account's phone shows it: who it is, and its badge."""
    return identity.who(world, number, key) | world.account(number).threads[key].state()


async def unlink(request: web.Request) -> web.Response:
    """The phone's owner takes a linked device off; without "device", all of them."""
    world, number = hub_of(request).world, phone_of(request)
    wanted = (await body(request)).get("device")
    devices = [one for one in world.account(number).linked_devices() if wanted in (None, one.id)]
    if wanted is not None and not devices:
        raise Refused("unknown_device", 404)
    for device in devices:
        await world.unlink(device)
    return answer(request, {"unlinked": [device.id for device in devices]}, "unlinked")


async def show(request: web.Request) -> web.Response:
    """What is on this phone: conversations, linked devices, and codes it could scan."""
    hub, number = hub_of(request), phone_of(request)
    if request.query.get("format") == "json":
        account = hub.world.account(number)
        return web.json_response(
            {
                "phone": f"+{number}",
                # What a device has yet to take of all that it must hear of is `behind`.
                "devices": [
                    linked(device) | {"behind": len(account.log) - device.cursor}
                    for device in account.linked_devices()
                ],
                "received": [message.truth() for message in hub.world.received.get(number, ())],
                "wrote": [reply.truth() for reply in hub.world.wrote.get(number, ())],
                "chats": [chat_on(hub.world, number, key) for key in list(account.threads)],
            }
        )
    note = WORDS.get(request.query.get("note", ""), "")
    return page(phone_page(hub, number, note))


async def index(request: web.Request) -> web.Response:
    """The page that lists the phones."""
    wanted = request.query.get("numero", "")
    number = numbers.canonical(wanted)
    if wanted and not number.startswith(numbers.BRAZIL) and len(numbers.digits(wanted)) in (10, 11):
        number = numbers.canonical(numbers.BRAZIL + number)
    if number and numbers.is_possible(number):
        raise web.HTTPSeeOther(f"/phones/{quote('+' + number)}")
    return page(list_page(hub_of(request), WORDS["no_phone"] if wanted else ""))


def page(text: str) -> web.Response:
    """An HTML page that may only load what is ours."""
    headers = {
        "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'",
        "Cache-Control": "no-store",
    }
    return web.Response(text=text, content_type="text/html", headers=headers)


def routes() -> list[web.RouteDef]:
    """The routes of this file."""
    return [
        web.get("/phones", index),
        web.get("/phones/", index),
        web.get("/phones/{phone}", show),
        web.get("/phones/{phone}/", show),
        web.post("/phones/{phone}/scan", scan),
        web.post("/phones/{phone}/code", code),
        web.post("/phones/{phone}/paste", paste),
        web.post("/phones/{phone}/say", say),
        web.post("/phones/{phone}/write", write),
        web.post("/phones/{phone}/unlink", unlink),
        web.post("/phones/{phone}/chats/{chat}", put),
        web.post("/phones/{phone}/messages/{id}/{what:edit|delete|arrive|react}", change),
    ]
