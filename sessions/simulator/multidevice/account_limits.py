"""What WhatsApp tells a device of the account's limits: the time-lock and the quota of new chats, asked (mex) or not."""

from __future__ import annotations

import json
import time
from typing import Any

from sessions.simulator.multidevice.connection import request_id, result
from sessions.simulator.multidevice.jids import SERVER
from sessions.simulator.multidevice.line import Line
from sessions.simulator.multidevice.nodes import Attributes, Node

Values = dict[str, Any]

TIMELOCK_QUERY, QUOTA_QUERY = "23983697327930364", "24503548349331633"
NO_LIMIT = -1


def answer(line: Line, iq: Node) -> Node:
    """Answer a query for a limit, by the query's number; any other gets no data."""
    query = iq.child("query")
    asked = query.text("query_id") if query is not None else ""
    data: Values = {}
    if asked == TIMELOCK_QUERY:
        data = {"xwa2_fetch_account_reachout_timelock": timelock(line)}
    elif asked == QUOTA_QUERY:
        data = {"xwa2_message_capping_info": quota(line)}
    return result(iq, Node("result", {}, json.dumps({"data": data}).encode()))


def timelock(line: Line) -> Values:
    """Whether new chats are refused, which kind of lock it is, and until when (seconds; left out for no end)."""
    lock = line.faults().get("timelock")
    if lock is None:
        return {"is_active": False}
    ends = {"time_enforcement_ends": str(int(lock["until"]))} if lock["until"] else {}
    return {"is_active": True, "enforcement_type": lock["type"]} | ends


def quota(line: Line) -> Values:
    """How many new chats the cycle allows, and how many began."""
    cap = line.faults().get("cap")
    if cap is None:
        return {"total_quota": NO_LIMIT, "used_quota": 0, "capping_status": "NONE"}
    return {
        "total_quota": cap["total"],
        "used_quota": cap["used"],
        "cycle_start_timestamp": str(int(cap["cycle_start"])),
        "cycle_end_timestamp": str(int(cap["cycle_end"])),
        "server_sent_timestamp": str(int(time.time())),
        "capping_status": cap["status"],
    }


async def tell_changes(line: Line, before: Values) -> Values:
    """Notify the device of limits that changed since `before`. Returns the present ones."""
    now = {"timelock": timelock(line), "cap": quota(line)}
    if now["timelock"] != before.get("timelock", {"is_active": False}):
        data: Values = {"xwa2_notify_account_reachout_timelock": now["timelock"]}
        await _tell(line, "NotificationUserReachoutTimelockUpdate", data)
    if "cap" in before and now["cap"] != before["cap"]:
        data = {"xwa2_notify_new_chat_messages_capping_info_update": now["cap"]}
        await _tell(line, "MessageCappingInfoNotification", data)
    return now


async def _tell(line: Line, name: str, data: Values) -> None:
    update = Node("update", {"op_name": name}, json.dumps({"data": data}).encode())
    attrs: Attributes = {"from": SERVER, "type": "mex", "id": request_id()}
    await line.connection.send(Node("notification", {**attrs, "t": line.shared.now()}, [update]))
