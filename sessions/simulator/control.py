"""What tests and the demo read and set: /health, /truth and /control/."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from aiohttp import web

from sessions.simulator import builds, delivery, identity, numbers, owner_actions, timing
from sessions.simulator.entities import Message, Reply
from sessions.simulator.faults import ended, started
from sessions.simulator.hub import body, hub_of, text_of
from sessions.simulator.page_files import PROFILES

CHUNK = 500
ROUNDING = 6e-7  # what an ISO time of ours may lie beyond its moment, in seconds


async def health(request: web.Request) -> web.Response:
    """It serves; with a few counts."""
    world = hub_of(request).world
    devices = sum(device.linked for device in world.devices.values())
    return web.json_response(
        {
            "ok": True,
            "messages": len(world.messages),
            "replies": len(world.replies),
            "devices": devices,
        }
    )


async def truth(request: web.Request) -> web.StreamResponse:
    """{"messages": […], "replies": […]} as the recipients saw them; ?since= (ISO or seconds), ?to=, ?account=."""
    world = hub_of(request).world
    since, to, account = filters(request)
    messages = world.received.get(to, []) if to else world.messages
    replies = world.wrote.get(to, []) if to else world.replies
    if to in world.group_chats:
        replies = [one for one in world.replies if one.chat == to]
    response = web.StreamResponse(headers={"Content-Type": "application/json; charset=utf-8"})
    await response.prepare(request)
    await response.write(b'{"messages": [')
    await stream(
        response, [one for one in messages if one.at >= since and account in ("", one.account)]
    )
    await response.write(b'], "replies": [')
    await stream(
        response, [one for one in replies if one.at >= since and account in ("", one.account)]
    )
    await response.write(b"]}")
    await response.write_eof()
    return response


def filters(request: web.Request) -> tuple[float, str, str]:
    """since (seconds), to (canonical digits, or a group chat's id) and account of a request for the truth."""
    since = request.query.get("since", "0")
    try:
        moment = float(since)
    except ValueError:
        try:
            moment = datetime.fromisoformat(since.replace(" ", "+")).timestamp() - ROUNDING
        except ValueError as error:
            raise web.HTTPBadRequest(text="since must be ISO 8601 or seconds since 1970") from error
    to = identity.key_of(hub_of(request).world, request.query.get("to", ""))
    return moment, to, numbers.canonical(request.query.get("account", ""))


async def stream(response: web.StreamResponse, items: Sequence[Message | Reply]) -> None:
    """Write items as JSON in chunks, so that a hundred thousand of them don't block other requests."""
    rest, first = iter(items), True
    while chunk := list(islice(rest, CHUNK)):
        text = ", ".join(json.dumps(item.truth(), ensure_ascii=False) for item in chunk)
        await response.write((text if first else ", " + text).encode())
        first = False
        await asyncio.sleep(0)


async def behaviour(request: web.Request) -> web.Response:
    """Change what recipients do: any field of Behaviour; with "phone", for that one only."""
    values = await body(request)
    phone = values.pop("phone", None)
    try:
        changed = hub_of(request).recipients.change(values, phone)
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    return web.json_response(dataclasses.asdict(changed))


async def page(request: web.Request) -> web.Response:
    """Change the waits of the WhatsApp Web page, or its DOM profile, for pages opened from now on.

    With "account" the profile is that account's only. Profiles are kept in the record, waits are not.
    """
    hub, values = hub_of(request), await body(request)
    account = numbers.canonical(str(values.pop("account", "")))
    profile = values.pop("profile", hub.profile_of(account))
    if profile not in PROFILES:
        raise web.HTTPBadRequest(text=f"unknown profile {profile}; known: {', '.join(PROFILES)}")
    changed = dataclasses.replace(hub.timing)
    try:
        timing.change(changed, values)
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    hub.timing = changed
    if profile != hub.profile_of(account):
        hub.world.commit({"kind": "profile", "account": account, "profile": profile})
        await hub.world.settled()
    return web.json_response(dataclasses.asdict(changed) | {"profile": profile})


async def faults(request: web.Request) -> web.Response:
    """{account, fault, …parameters} starts a fault; {account[, fault], "clear": true} ends it."""
    hub, values = hub_of(request), await body(request)
    account = numbers.canonical(text_of(values, "account"))
    values.pop("account")
    fault, clear = values.pop("fault", None), values.pop("clear", False)
    try:
        event = ended(account, fault) if clear else started(account, str(fault), values)
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    hub.world.commit(event)
    await hub.world.settled()
    await delivery.settle(hub, account)
    return web.json_response(hub.world.faults.of(account))


async def numbers_known(request: web.Request) -> web.Response:
    """{phone, absent: bool} and {phone, short: bool}: who is on WhatsApp, and under which form."""
    world, values = hub_of(request).world, await body(request)
    phone = numbers.canonical(text_of(values, "phone"))
    if isinstance(values.get("absent"), bool):
        world.commit({"kind": "absent", "phone": phone, "absent": values["absent"]})
    if isinstance(values.get("short"), bool):
        world.commit({"kind": "short", "phone": phone, "short": values["short"]})
    await world.settled()
    return web.json_response({"phone": f"+{phone}", "wa_id": world.wa_id(phone)})


async def person(request: web.Request) -> web.Response:
    """{phone, pushname, username, verified, presence, hidden, masked, photo}: what WhatsApp shows of a person."""
    hub, values = hub_of(request), await body(request)
    phone = text_of(values, "phone")
    values.pop("phone")
    try:
        described = await owner_actions.describe(hub.world, phone, values)
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    return web.json_response(
        dataclasses.asdict(described)
        | {"chat": identity.chat_id(hub.world, numbers.canonical(phone))}
    )


async def group_chat(request: web.Request) -> web.Response:
    """{account, kind, name, members, followers, photo[, id]}: a group, community or channel of the account."""
    hub, values = hub_of(request), await body(request)
    account = numbers.canonical(text_of(values, "account"))
    kind, name = text_of(values, "kind"), text_of(values, "name")
    members = [str(member) for member in values.pop("members", [])]
    rest = {key: values[key] for key in ("id", "followers", "photo") if key in values}
    try:
        made = await owner_actions.make_group_chat(hub.world, account, kind, name, members, **rest)
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    return web.json_response(dataclasses.asdict(made))


async def setting(request: web.Request) -> web.Response:
    """{[account,] language, hour12, modules, line, links}: the phone's language and clock, and what its page does."""
    hub, values = hub_of(request), await body(request)
    account = numbers.canonical(str(values.pop("account", "")))
    try:
        await owner_actions.set_up(hub.world, account, values)
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    return web.json_response(hub.world.setting(account))


async def linking(request: web.Request) -> web.Response:
    """Set what pages that wait to be linked show: the fields of `timing.Linking`."""
    hub, values = hub_of(request), await body(request)
    try:
        hub.linking = timing.linking(values)
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    return web.json_response(dataclasses.asdict(hub.linking))


async def build(request: web.Request) -> web.Response:
    """{names: […]}: ids and attributes that are called otherwise in pages opened from now on."""
    hub, values = hub_of(request), await body(request)
    try:
        hub.renamed = builds.names(values.get("names"))
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    return web.json_response({"names": sorted(hub.renamed), "suffix": builds.SUFFIX})


async def saved_contact(request: web.Request) -> web.Response:
    """{account, phone, name}: a contact saved on the account's phone; its chats show the name."""
    world, values = hub_of(request).world, await body(request)
    event: dict[str, Any] = {"kind": "named", "name": text_of(values, "name")}
    event["account"] = numbers.canonical(text_of(values, "account"))
    event["phone"] = numbers.canonical(text_of(values, "phone"))
    world.commit(event)
    await world.settled()
    return web.json_response({})


def routes() -> list[web.RouteDef]:
    """The routes of this file."""
    return [
        web.get("/health", health),
        web.get("/truth", truth),
        web.post("/control/behaviour", behaviour),
        web.post("/control/page", page),
        web.post("/control/faults", faults),
        web.post("/control/numbers", numbers_known),
        web.post("/control/contacts", saved_contact),
        web.post("/control/people", person),
        web.post("/control/group-chats", group_chat),
        web.post("/control/settings", setting),
        web.post("/control/linking", linking),
        web.post("/control/build", build),
    ]
