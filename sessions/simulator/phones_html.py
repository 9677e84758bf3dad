"""The phones' pages as HTML: a list, and one phone with what arrived on it. Plain Portuguese."""

from __future__ import annotations

import io
import time
from datetime import datetime
from html import escape
from pathlib import Path
from string import Template
from zoneinfo import ZoneInfo

import segno

from sessions.simulator import numbers
from sessions.simulator.entities import Account, Device, Message, Reply
from sessions.simulator.hub import Hub
from sessions.simulator.pairing import Offer

FOLDER = Path(__file__).parent / "phones_page"
ZONE = ZoneInfo("America/Sao_Paulo")
SHOWN = 200
OWN_SHOWN = 30

WORDS = {
    "linked": "Aparelho conectado.",
    "unlinked": "Aparelho desconectado.",
    "said": "Mensagem enviada.",
    "stale_ref": "Este código QR já expirou. Escaneie o código novo.",
    "wrong_code": "Código incorreto. Confira os 8 caracteres e tente outra vez.",
    "not_signed": "O aparelho não confirmou a conexão. Mostre um código novo e tente outra vez.",
    "passkey_required": "Esta conta pede uma chave de acesso, que só um navegador com a chave tem.",
    "too_many_devices": "Esta conta já tem 4 aparelhos conectados. Desconecte um deles antes.",
    "not_on_whatsapp": "Este número não está no WhatsApp.",
    "no_phone": "Não entendi esse número. Escreva o DDD e o telefone.",
}
TICKS = {"sent": "✓", "delivered": "✓✓", "read": "✓✓"}
TICK_WORDS = {"sent": "Enviada", "delivered": "Entregue", "read": "Lida"}


def template(name: str) -> Template:
    """A file of the folder phones_page."""
    return Template((FOLDER / name).read_text("utf-8"))


def frame(title: str, content: str, note: str) -> str:
    """A whole page around some content."""
    said = f'<p class="note" role="status">{escape(note)}</p>' if note else ""
    return template("frame.html").substitute(title=escape(title), note=said, content=content)


def clock(moment: float) -> str:
    """The time of day in São Paulo, with the date when it isn't today's."""
    when, today = datetime.fromtimestamp(moment, ZONE), datetime.now(ZONE).date()
    return when.strftime("%H:%M") if when.date() == today else when.strftime("%d/%m %H:%M")


def ago(moment: float) -> str:
    """How long ago, in words."""
    seconds = int(time.time() - moment)
    if seconds < 60:
        return f"há {max(seconds, 1)} s"
    return f"há {seconds // 60} min" if seconds < 3600 else f"há {seconds // 3600} h"


# The list


def list_page(hub: Hub, note: str) -> str:
    """Accounts with linked devices, and the people they wrote to, newest first."""
    world = hub.world
    owners = [account for account in world.accounts.values() if account.devices]
    rows = "".join(owner_row(account.phone, len(account.linked_devices())) for account in owners)
    people = sorted(
        (key for key in world.received if key not in world.group_chats),
        key=lambda number: world.received[number][-1].at,
        reverse=True,
    )
    inbox = "".join(person_row(number, world.received[number]) for number in people[:SHOWN])
    content = template("list.html").substitute(
        owners=rows or '<li class="empty">Nenhuma conta conectada ainda.</li>',
        people=inbox or '<li class="empty">Nenhuma mensagem chegou ainda.</li>',
        count=len(people),
        waiting=waiting_note(len(hub.pairing.offers)),
    )
    return frame("Telefones", content, note)


def waiting_note(count: int) -> str:
    """How many pages wait for a phone to scan."""
    if not count:
        return ""
    word = "página espera" if count == 1 else "páginas esperam"
    return (
        f'<p class="hint">{count} {word} por um telefone: abra o telefone do dono e escaneie.</p>'
    )


def owner_row(number: str, devices: int) -> str:
    """One account in the list."""
    word = "1 aparelho conectado" if devices == 1 else f"{devices} aparelhos conectados"
    return row(number, word, "")


def person_row(number: str, messages: list[Message]) -> str:
    """One recipient in the list."""
    last = messages[-1]
    count = "1 mensagem" if len(messages) == 1 else f"{len(messages)} mensagens"
    return row(number, last.text.replace("\n", " ")[:90], f"{clock(last.at)} · {count}")


def row(number: str, text: str, side: str) -> str:
    """A line of a list that opens a phone."""
    return (
        f'<li><a class="row" href="/phones/+{number}"><span class="avatar" aria-hidden="true">{number[-2:]}</span>'
        f'<span class="what"><b>{escape(numbers.pretty(number))}</b><span>{escape(text)}</span></span>'
        f'<span class="side">{escape(side)}</span></a></li>'
    )


# One phone


def phone_page(hub: Hub, number: str, note: str) -> str:
    """One phone: conversations on the screen, linking beside it."""
    world = hub.world
    items: list[Message | Reply] = [*world.received.get(number, ()), *world.wrote.get(number, ())]
    items = [item for item in items if not item.in_group]
    partners = sorted({item.account for item in items})
    chats = "".join(conversation(number, partner, items) for partner in partners)
    account = world.account(number)
    content = template("phone.html").substitute(
        pretty=escape(numbers.pretty(number)),
        phone="+" + number,
        registered=registered(hub, number),
        chats=chats or '<p class="empty">Nenhuma mensagem chegou neste telefone.</p>',
        first=first_message(number) if not partners else "",
        own=own_chats(account),
        devices="".join(device_row(number, device) for device in account.linked_devices())
        or '<li class="empty">Nenhum aparelho conectado.</li>',
        offers="".join(
            offer_card(number, offer) for offer in hub.pairing.offers.values() if offer.ref
        )
        or '<p class="empty">Nenhuma página mostra um código QR agora.</p>',
    )
    return frame(numbers.pretty(number), content, note)


def own_chats(account: Account) -> str:
    """With whom the phone's own account talked last; each line opens the other person's phone."""
    last: dict[str, Message | Reply] = {}
    recent: list[Message | Reply] = [
        *list(account.messages.values())[-SHOWN:],
        *account.replies[-SHOWN:],
    ]
    for item in sorted(recent, key=lambda item: item.at):
        if not item.in_group:
            last[item.chat] = item
    newest = sorted(last, key=lambda number: last[number].at, reverse=True)[:OWN_SHOWN]
    rows = "".join(own_row(number, last[number]) for number in newest)
    return (
        f'<h2>Conversas desta conta</h2><ul class="rows" data-live="own">{rows}</ul>'
        if rows
        else ""
    )


def own_row(number: str, item: Message | Reply) -> str:
    """One conversation of the phone's own account."""
    who = "Você: " if isinstance(item, Message) else ""
    return row(number, who + item.text.replace("\n", " ")[:90], clock(item.at))


def registered(hub: Hub, number: str) -> str:
    """How WhatsApp knows the number, where that is worth saying."""
    wa_id = hub.world.wa_id(number)
    if wa_id is None:
        return "Este número não está no WhatsApp."
    return (
        ""
        if wa_id == number
        else f"Conta registrada sem o nono dígito: {escape(numbers.pretty(wa_id))}"
    )


def conversation(number: str, account: str, items: list[Message | Reply]) -> str:
    """All that passed between the phone and one account, with a field to write back."""
    own = sorted((item for item in items if item.account == account), key=lambda item: item.at)[
        -SHOWN:
    ]
    return template("conversation.html").substitute(
        pretty=escape(numbers.pretty(account)),
        account="+" + account,
        phone="+" + number,
        bubbles="".join(bubble(item) for item in own),
    )


def bubble(item: Message | Reply) -> str:
    """One message as the phone shows it: what it received on the left, what it wrote on the right."""
    text = escape(item.text or item.title or f"[{item.kind}]")
    if isinstance(item, Reply):
        return f'<li class="bubble out"><span>{text}</span><small>{clock(item.at)}</small></li>'
    if item.attachment:
        text = f'<em class="file">Anexo: {escape(str(item.attachment.get("name", "")))}</em> {text}'
    state = f'<i class="tick {item.tick}" title="{TICK_WORDS[item.tick]}">{TICKS[item.tick]}</i>'
    return f'<li class="bubble in"><span>{text}</span><small>{clock(item.at)} {state}</small></li>'


def first_message(number: str) -> str:
    """A form to write to any account first."""
    return template("first.html").substitute(phone="+" + number)


def device_row(number: str, device: Device) -> str:
    """One linked device with a button to take it off."""
    return template("device.html").substitute(
        phone="+" + number,
        device=device.id,
        name=escape(label(device.kind, device.name)),
        since=ago(device.linked_at),
    )


def label(kind: str, name: str) -> str:
    """A device or page in a person's words."""
    return name if kind == "page" else f"Sessão {name}"


def offer_card(number: str, offer: Offer) -> str:
    """A QR code that some page shows now, to be scanned by a click."""
    picture = io.BytesIO()
    segno.make(offer.ref, error="l", micro=False).save(
        picture, kind="svg", scale=2, border=2, omitsize=True, xmldecl=False, svgns=True
    )
    return template("offer.html").substitute(
        phone="+" + number,
        ref=escape(offer.ref),
        picture=picture.getvalue().decode(),
        name=escape(label(offer.kind, offer.label)),
        since=ago(offer.opened_at),
    )
