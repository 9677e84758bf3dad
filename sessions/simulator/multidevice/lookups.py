"""usync: who is on WhatsApp, under which addresses, with which devices."""

from __future__ import annotations

from sessions.simulator import numbers
from sessions.simulator.multidevice import adv
from sessions.simulator.multidevice.connection import refusal, result
from sessions.simulator.multidevice.jids import LIDS, Jid, jid_of
from sessions.simulator.multidevice.line import Line
from sessions.simulator.multidevice.nodes import Attribute, Node
from sessions.simulator.multidevice.switchboard import Switchboard


def answer(line: Line, iq: Node) -> Node:
    """The list of users with what was asked of each, in the order asked."""
    asked = iq.child("usync")
    query = asked.child("query") if asked is not None else None
    users = asked.child("list") if asked is not None else None
    if asked is None or query is None or users is None:
        return refusal(iq, 400, "bad-request")
    found = [_user(line.shared, query, user) for user in users.children("user")]
    attrs = {name: asked.text(name) for name in ("sid", "mode", "context")}
    attrs |= {"index": "0", "last": "true"}
    told = Node("result", {}, [Node(one.tag) for one in query.children()])
    return result(iq, Node("usync", attrs, [told, Node("list", {}, found)]))


def _user(board: Switchboard, query: Node, user: Node) -> Node:
    """One user: by a known address, or by a typed number."""
    contact = user.child("contact")
    typed = contact.data().decode(errors="replace") if contact is not None else ""
    jid = user.jid("jid") or Jid(numbers.digits(jid_of(typed).user))
    number = board.key_of(jid)
    by_lid = any(one.text("addressing_mode") == LIDS for one in query.children("contact"))
    attrs: dict[str, Attribute] = {"jid": jid}
    if number and user.jid("jid") is None:
        attrs["jid"] = board.jid_of(number, lid=by_lid)
        if by_lid:
            attrs["pn_jid"] = board.jid_of(number)
    answers = (_protocol(board, one.tag, number, jid, typed) for one in query.children())
    return Node("user", attrs, [one for one in answers if one is not None])


def _protocol(board: Switchboard, protocol: str, number: str, jid: Jid, typed: str) -> Node | None:
    if protocol == "contact":
        return Node("contact", {"type": "in" if number else "out"}, typed.encode() or None)
    if not number:
        return None
    if protocol == "devices":
        return _devices(board, number)
    if protocol == "lid" and jid.server != LIDS:
        return Node("lid", {"val": board.jid_of(number, lid=True)})
    if protocol == "username" and number in board.hub.world.persons:
        name = board.hub.world.persons[number].username
        return Node("username", {}, name.encode()) if name else None
    return None


def _devices(board: Switchboard, number: str) -> Node:
    """The phone and its linked devices, with the phone's signed word for which are valid."""
    linked = [
        keys
        for keys in board.store.of_account(number)
        if board.hub.world.device(keys.device) is not None
    ]
    devices = [Node("device", {"id": "0"})] + [
        Node("device", {"id": str(keys.index), "key-index": str(keys.index)}) for keys in linked
    ]
    since = max((board.hub.world.devices[keys.device].linked_at for keys in linked), default=0)
    valid = adv.key_index_list(
        board.phones.identity(number), [keys.index for keys in linked], int(since)
    )
    content = [Node("device-list", {}, devices)]
    if linked:
        content.append(Node("key-index-list", {"ts": str(int(since))}, valid))
    return Node("devices", {}, content)
