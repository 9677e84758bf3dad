"""neonize in a process of its own, told what to do by JSON lines and telling what it hears by JSON lines.

python neonize_client.py <store>, with the copy of the library first on PYTHONPATH. Never import this in a test.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any
from unittest.mock import MagicMock

# The library's own log goes to the standard output, whatever Python does.
_out = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)

# It imports them for previews of links, for files from the web and for kinds of files that nobody named: no test asks for
# that, and they are not installed.
for _name in ("httpx", "linkpreview", "magic", "requests", "requests.exceptions", "tqdm"):
    sys.modules[_name] = MagicMock()

import neonize  # noqa: E402
from neonize import events  # noqa: E402
from neonize.client import NewClient  # noqa: E402
from neonize.exc import NeonizeError  # noqa: E402

if "copy" not in neonize.__file__:
    sys.exit("only the copy may run here: the wheel itself would ask WhatsApp")

client = NewClient(sys.argv[1])
_telling = threading.Lock()


def tell(**said: Any) -> None:
    """One line."""
    with _telling:
        _out.write(json.dumps(said) + "\n")
        _out.flush()


@client.qr
def on_qr(_client: Any, code: bytes) -> None:
    """The QR code to show."""
    tell(qr=code.decode())


@client.event(events.ConnectedEv)
def on_connected(_client: Any, _event: Any) -> None:
    """Logged in."""
    tell(open=True)


@client.event(events.MessageEv)
def on_message(_client: Any, event: Any) -> None:
    """Somebody wrote."""
    source, message = event.Info.MessageSource, event.Message
    text = message.conversation or message.extendedTextMessage.text
    chat = f"{source.Chat.User}@{source.Chat.Server}"
    if message.HasField("imageMessage"):
        picture = client.download_any(message)
        tell(picture=len(picture), caption=message.imageMessage.caption, chat=chat)
    if text:
        tell(text=text, id=event.Info.ID, chat=chat, mine=source.IsFromMe)


@client.event(events.ReceiptEv)
def on_receipt(_client: Any, event: Any) -> None:
    """How far a message came."""
    for message_id in event.MessageIDs:
        tell(receipt=str(event.Type), id=message_id)


def _named(kind: Any) -> None:
    @client.event(kind)
    def on_event(_client: Any, event: Any) -> None:
        tell(event=kind.DESCRIPTOR.name, said=str(event))


for _kind in (
    events.LoggedOutEv,
    events.StreamReplacedEv,
    events.TemporaryBanEv,
    events.ConnectFailureEv,
    events.ClientOutdatedEv,
    events.DisconnectedEv,
    events.StreamErrorEv,
    events.KeepAliveTimeoutEv,
):
    _named(_kind)


def content(asked: dict[str, str]) -> Any:
    """A text, or a document of these words with the text as its caption."""
    if "document" not in asked:
        return asked["text"]
    return client.build_document_message(
        asked["document"].encode(),
        caption=asked["text"],
        filename="doc.txt",
        mimetype="text/plain",
    )


def work() -> None:
    """Do what each line asks."""
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            if "code" in asked:
                tell(code=client.PairPhone(asked["code"], True))
            if "to" in asked:
                (found,) = client.is_on_whatsapp(asked["to"].lstrip("+"))
                tell(looked_up=f"{found.JID.User}@{found.JID.Server}", known=found.IsIn)
                if found.IsIn:
                    tell(sent=client.send_message(found.JID, content(asked)).ID)
        except NeonizeError as error:
            tell(error=str(error))
    os._exit(0)


threading.Thread(target=work, daemon=True).start()
client.connect()
