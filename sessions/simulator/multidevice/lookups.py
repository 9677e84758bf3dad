"""usync: who is on WhatsApp, under which addresses, with which devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessions.simulator import numbers
from sessions.simulator.multidevice import adv
from sessions.simulator.multidevice.connection import refusal, result
from sessions.simulator.multidevice.jids import LIDS, Jid, jid_of
from sessions.simulator.multidevice.nodes import Attribute, Node

if TYPE_CHECKING:
    from sessions.simulator.multidevice.linked import Linked
    from sessions.simulator.multidevice.server import Multidevice


def answer(linked: Linked, iq: Node) -> Node:
    """The list of users with what was asked of each, in the order asked."""
    asked = iq.child("usync")
    query = asked.child("query") if asked is not None else None
    users = asked.child("list") if asked is not None else None
    if asked is None or query is None or users is None:
        return refusal(iq, 400, "bad-request")
    found = [_user(linked.server, query, user) for user in users.children("user")]
    attrs = {name: asked.text(name) for name in ("sid", "mode", "context")}
    attrs |= {"index": "0", "last": "true"}
    told = Node("result", {}, [Node(one.tag) for one in query.children()])
    return result(iq, Node("usync", attrs, [told, Node("list", {}, found)]))


def _user(server: Multidevice, query: Node, user: Node) -> Node:
    """One user: by an address that is known, or by a number that somebody typed."""
    contact = user.child("contact")
    typed = contact.data().decode(errors="replace") if contact is not None else ""
    jid = user.jid("jid") or Jid(numbers.digits(jid_of(typed).user))
    number = server.key_of(jid)
    by_lid = any(one.text("addressing_mode") == LIDS for one in query.children("contact"))
    attrs: dict[str, Attribute] = {"jid": jid}
    if number and user.jid("jid") is None:
        attrs["jid"] = server.jid_of(number, lid=by_lid)
        if by_lid:
            attrs["pn_jid"] = server.jid_of(number)
    answers = (_protocol(server, one.tag, number, jid, typed) for one in query.children())
    return Node("user", attrs, [one for one in answers if one is not None])


def _protocol(server: Multidevice, protocol: str, number: str, jid: Jid, typed: str) -> Node | None:
    if protocol == "contact":
        return Node("contact", {"type": "in" if number else "out"}, typed.encode() or None)
    if not number:
        return None
    if protocol == "devices":
        return _devices(server, number)
    if protocol == "lid" and jid.server != LIDS:
        return Node("lid", {"val": server.jid_of(number, lid=True)})
    if protocol == "username" and number in server.hub.world.persons:
        name = server.hub.world.persons[number].username
        return Node("username", {}, name.encode()) if name else None
    return None


def _devices(server: Multidevice, number: str) -> Node:
    """The phone and its linked devices, with the phone's signed word for which are valid."""
    linked = [
        keys
        for keys in server.store.of_account(number)
        if server.hub.world.device(keys.device) is not None
    ]
    devices = [Node("device", {"id": "0"})] + [
        Node("device", {"id": str(keys.index), "key-index": str(keys.index)}) for keys in linked
    ]
    since = max((server.hub.world.devices[keys.device].linked_at for keys in linked), default=0)
    valid = adv.key_index_list(
        server.phones.identity(number), [keys.index for keys in linked], int(since)
    )
    content = [Node("device-list", {}, devices)]
    if linked:
        content.append(Node("key-index-list", {"ts": str(int(since))}, valid))
    return Node("devices", {}, content)
