"""Plain functions that make rows for tests; each takes what the test cares about."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from blu.accounts.models import Business, Membership, Role, User
from blu.db.state_machine import BORN, Moves
from campaigns.models import (
    Campaign,
    Decision,
    Delivery,
    Notice,
    NumberProof,
    Reply,
    Status,
    Template,
    campaign_states,
)
from campaigns.models.ledger_states import ARROWS
from contacts import evidence, stops
from contacts.models import (
    Consent,
    ConsentWording,
    Contact,
    OptIn,
    OptInText,
    Segment,
    Source,
    State,
    Stop,
    Subscription,
    Topic,
)
from contacts.models.opt_ins import new_code, new_token
from sessions import models as sessions
from sessions.evidence import captured, store
from sessions.states import MOVES

_serial = count(1)
PASSWORD = "uma senha bem comprida"


def make_user(email: str = "", **fields: Any) -> User:
    """A user with PASSWORD."""
    return User.objects.create_user(
        email or f"pessoa{next(_serial)}@exemplo.com.br", PASSWORD, **fields
    )


def confirm(user: User) -> User:
    """The same user, whose address is proven."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"primary": True, "verified": True}
    )
    return user


def make_business(name: str = "Clínica Horizonte", **fields: Any) -> Business:
    """A business of its own slug."""
    fields.setdefault("slug", f"empresa-{next(_serial)}")
    return Business.objects.create(name=name, **fields)


def make_membership(
    business: Business | None = None, role: str = Role.OWNER, user: User | None = None
) -> Membership:
    """A member of a business, both new unless given."""
    return Membership.objects.create(
        business=business or make_business(), user=user or make_user(), role=role
    )


def make_phone() -> str:
    """A fresh Brazilian mobile in E.164."""
    return f"+551198{next(_serial):07d}"


def make_contact(business: Business, name: str = "Lúcia Prado", **fields: Any) -> Contact:
    """A contact with a fresh number."""
    fields.setdefault("phone", make_phone())
    return Contact.objects.create(business=business, name=name, **fields)


def make_topic(business: Business, name: str = "", **fields: Any) -> Topic:
    """A topic with a fresh name."""
    return Topic.objects.create(business=business, name=name or f"Avisos {next(_serial)}", **fields)


def make_segment(business: Business, name: str = "", **fields: Any) -> Segment:
    """A segment; everybody unless `filter` says otherwise."""
    return Segment.objects.create(
        business=business, name=name or f"Público {next(_serial)}", **fields
    )


def subscribe(contact: Contact, topic: Topic, state: str = State.GRANTED) -> Subscription:
    """The evidence and the state it leads to."""
    Consent.objects.create(
        business=contact.business, contact=contact, topic=topic, state=state, source=Source.PAPER
    )
    known = Subscription.objects.filter(contact=contact, topic=topic).first()
    subscription = known or Subscription(business=contact.business, contact=contact, topic=topic)
    subscription.state = state
    subscription.save()
    return subscription


def make_stop(business: Business, key: str, message_id: str = "") -> Stop:
    """The stop of a number (E.164), or of another key, by a message of the person's."""
    message = evidence.message(message_id or f"parada-{next(_serial)}")
    key = stops.key_of(key) if key.startswith("+") else key
    stops.keep(business_id=business.pk, keys=[key], source=Source.WHATSAPP, evidence=message)
    return stops.standing(business.pk, [key]).get()


def make_opt_in_text(topic: Topic, words: str = "Aceito receber avisos.") -> OptInText:
    """The open page of a topic."""
    wording, _created = ConsentWording.objects.get_or_create(business=topic.business, text=words)
    return OptInText.objects.create(business=topic.business, topic=topic, wording=wording)


def make_opt_in(text: OptInText, phone: str = "", name: str = "Lúcia", **fields: Any) -> OptIn:
    """A request on it."""
    return OptIn.objects.create(
        business=text.business, text=text, phone=phone or make_phone(), name=name,
        **({"token": new_token(), "code": new_code(), "origin": "x"} | fields),
    )  # fmt: skip


def age_opt_in(request: OptIn, **age: float) -> None:
    """It was asked for so long ago: the owner of the table may say so, and nobody else."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE contacts_optin DISABLE TRIGGER USER")
        OptIn.objects.filter(pk=request.pk).update(asked_at=timezone.now() - timedelta(**age))
        cursor.execute("ALTER TABLE contacts_optin ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def age_notices(**age: float) -> None:
    """All of them were asked for so long ago; by the owner of the table too."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE campaigns_notice DISABLE TRIGGER USER")
        Notice.objects.update(queued_at=timezone.now() - timedelta(**age))
        cursor.execute("ALTER TABLE campaigns_notice ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def subscribe_all(contacts: Sequence[Contact], topic: Topic) -> None:
    """The same for many at once."""
    said = {"business": topic.business, "topic": topic, "state": State.GRANTED}
    Consent.objects.bulk_create(
        Consent(contact=contact, source=Source.PAPER, **said) for contact in contacts
    )
    Subscription.objects.bulk_create(Subscription(contact=contact, **said) for contact in contacts)


LINK_FIELDS = {field.name for field in sessions.Link._meta.fields} - {"id", "session", "phone"}


def make_session(business: Business, **fields: Any) -> sessions.WhatsAppSession:
    """A session in trial pacing with a resting simulated link, which has its lease row; the fields are of either."""
    of_link = {name: fields.pop(name) for name in LINK_FIELDS & fields.keys()}
    defaults = {
        "name": f"Recepção {next(_serial)}",
        "pacing": "trial",
        "phone": make_phone(),
    }
    session = sessions.WhatsAppSession.objects.create(business=business, **(defaults | fields))
    session.active_link = make_link(session, **of_link)
    session.save(update_fields=["active_link"])
    return session


def make_evidence(link: sessions.Link, **fields: Any) -> sessions.PageEvidence:
    """A page that the link's driver didn't know, kept as drivers keep it."""
    found = {
        "kind": "unknown-icon",
        "screen": "chats",
        "build": "2.3000.1",
        "picture": b"\xff\xd8\xff",
    }
    given = {"document": captured.pack("body\n div[role=list]")}
    store.keep(link.pk, captured.Evidence(**(found | given | fields)))
    return link.evidence.plain().latest("pk")


def make_link(session: sessions.WhatsAppSession, **fields: Any) -> sessions.Link:
    """A resting memory link of a session, with its lease row."""
    defaults = {
        "home": f"casa-{next(_serial)}",
        "phone": session.phone,
        "transport": "simulated",
        "state": sessions.State.RESTING,
        "linked_at": timezone.now(),
        "proven_at": timezone.now(),
    }
    values: dict[str, Any] = defaults | fields
    state, until = values.pop("state"), values.pop("state_until", None)
    link = sessions.Link.objects.create(session=session, **values)
    _move(link, "state", _way(MOVES, BORN, state)[1:])
    if until:
        link.state_until = until
        link.save(update_fields=["state_until"])
    sessions.Lease.objects.create(link=link, session=session)
    return link


def _way(moves: Moves, old: str, new: str) -> list[str]:
    """The states on the shortest way from one to another, by their table."""
    ways: list[list[str]] = [[old]]
    while ways[0][-1] != new:
        way = ways.pop(0)
        ways += [[*way, state] for state in moves.get(way[-1], ()) if state not in way]
    return ways[0][1:]


def _move(row: Model, column: str, states: Sequence[str]) -> None:
    """Lead a row through states, all in one round trip."""
    if not states:
        return
    table = row._meta.db_table
    moves = [f"UPDATE {table} SET {column} = '{state}' WHERE id = {row.pk}" for state in states]
    with connection.cursor() as cursor:
        cursor.execute("; ".join(moves))
    setattr(row, column, states[-1])


def rest_all(links: Sequence[sessions.Link]) -> None:
    """Lead links that were just made in bulk to rest, by their moves."""
    for state in _way(MOVES, BORN, sessions.State.RESTING)[1:]:
        sessions.Link.objects.filter(pk__in=[link.pk for link in links]).update(state=state)


def run_all(campaigns: Sequence[Campaign]) -> None:
    """The same for campaigns: they run."""
    for status in _way(campaign_states.MOVES, BORN, Campaign.Status.RUNNING)[1:]:
        Campaign.objects.filter(pk__in=[one.pk for one in campaigns]).update(status=status)


def lead(session: sessions.WhatsAppSession, state: str) -> None:
    """Lead a session's active link to a state by its moves, the shortest way and without events."""
    session.refresh_from_db()
    if session.link.state_until:
        sessions.Link.objects.filter(pk=session.link.pk).update(state_until=None)
    _move(session.link, "state", _way(MOVES, session.state, state))
    session.refresh_from_db()


def change_session(session: sessions.WhatsAppSession, **values: Any) -> None:
    """Set fields of a session or of its active link in the database, by any moves."""
    if "state" in values:
        lead(session, values["state"])
    of_link = {name: values.pop(name) for name in LINK_FIELDS & values.keys()}
    sessions.Link.objects.filter(pk=session.link.pk).update(**of_link)
    if values:
        sessions.WhatsAppSession.objects.filter(pk=session.pk).update(**values)


def make_template(business: Business, **fields: Any) -> Template:
    """A reusable text."""
    fields.setdefault("name", f"Modelo {next(_serial)}")
    return Template.objects.create(
        business=business, **({"body": "Olá, {{nome|tudo bem}}!"} | fields)
    )


def make_campaign(
    business: Business, status: str = Campaign.Status.DRAFT, **fields: Any
) -> Campaign:
    """A complete campaign in the given status."""
    if "topic" not in fields:
        fields["topic"] = make_topic(business)
    if "session" not in fields:
        fields["session"] = make_session(business)
    if status != Campaign.Status.DRAFT:
        fields.setdefault("launched_at", timezone.now())
    paused = {name: fields.pop(name) for name in ("pause_reason",) if name in fields}
    campaign = Campaign.objects.create(
        business=business,
        **({"name": "Agenda de dezembro", "body": "Olá, {{nome|tudo bem}}!"} | fields),
    )
    _move(campaign, "status", _way(campaign_states.MOVES, BORN, status)[1:])
    if paused:
        Campaign.objects.filter(pk=campaign.pk).update(**paused)
        campaign.refresh_from_db()
    return campaign


# The way from queued to each status, by the arrows.
_WAY: dict[str, tuple[str, ...]] = {
    Status.SENT: (Status.SENDING, Status.SENT),
    Status.DELIVERED: (Status.SENDING, Status.SENT, Status.DELIVERED),
    Status.READ: (Status.SENDING, Status.SENT, Status.DELIVERED, Status.READ),
    Status.UNCERTAIN: (Status.SENDING, Status.UNCERTAIN),
    Status.FAILED: (Status.SENDING, Status.FAILED),
}

_MOVING = (Status.SENDING, Status.SENT, Status.DELIVERED, Status.READ)


def make_delivery(
    campaign: Campaign,
    contact: Contact | None = None,
    status: str = Status.QUEUED,
    *,
    phone: str = "",
    **fields: Any,
) -> Delivery:
    """A ledger row led to `status` by the arrows; subscribes the contact where needed.

    Under another `phone` than the contact's it is written last: no row is claimed for such a number.
    """
    is_new = contact is None
    contact = contact or make_contact(campaign.business)
    assert campaign.topic is not None
    if is_new or not contact.subscriptions.filter(topic=campaign.topic).exists():
        subscribe(contact, campaign.topic)
    defaults: dict[str, Any] = {
        "business_id": campaign.business_id,
        "phone": contact.phone,
        "session_id": campaign.session_id,
        "variables": {"nome": contact.name},
    }
    delivery = Delivery.objects.create(campaign=campaign, contact=contact, **(defaults | fields))
    for step in _WAY.get(status, (status,) if status != Status.QUEUED else ()):
        stamp = f"{step}_at" if step in _MOVING else "ended_at"
        moment = {stamp: timezone.now()}
        Delivery.objects.filter(pk=delivery.pk).update(status=step, **moment)
    if phone:
        Delivery.objects.filter(pk=delivery.pk).update(phone=phone)
    delivery.refresh_from_db()
    return delivery


def decide(delivery_id: int, *, arrived: bool) -> int:
    """A person's decision about a delivery in doubt; its id, for the row that moves under it."""
    return Decision.objects.create(
        delivery_id=delivery_id, arrived=arrived, reason="Perguntou à pessoa"
    ).pk


def make_proven_number(membership: Membership, phone: str = "") -> str:
    """A number that the member has proven to hold: it wrote to a session of its own."""
    phone = phone or make_phone()
    session = make_session(membership.business, state=sessions.State.UNLINKED, linked_at=None)
    sessions.Chat.objects.create(
        session=session, phone=phone, wa_id=phone.lstrip("+"), warm_at=timezone.now()
    )
    proof = NumberProof.objects.create(
        membership=membership, session=session, how=NumberProof.How.WROTE, code="4821"
    )
    NumberProof.objects.filter(pk=proof.pk).update(phone=phone, proven_at=timezone.now())
    return phone


def make_notice(
    session: sessions.WhatsAppSession, kind: str = Notice.Kind.SELF_TEST, **fields: Any
) -> Notice:
    """A notice with what its kind asks for: a new member's proven number, or the reply it confirms."""
    fields.setdefault("cause", f"causa-{next(_serial)}")
    fields.setdefault("text", "Oi")
    if kind == Notice.Kind.SELF_TEST and "asked_by" not in fields:
        membership = make_membership(session.business)
        fields["asked_by"] = membership.user
        fields["phone"] = make_proven_number(membership, fields.get("phone", ""))
    if kind in (Notice.Kind.STOP_CONFIRMATION, Notice.Kind.RETURN_CONFIRMATION):
        fields.setdefault("phone", make_phone())
        Reply.objects.create(
            business=session.business, session=session, message_id=fields["cause"],
            phone=fields["phone"], kind=kind.removesuffix("_confirmation"), text="SAIR",
            at=timezone.now(), handled_at=timezone.now(),
        )  # fmt: skip
    if kind == Notice.Kind.STOP_CONFIRMATION:
        make_stop(session.business, fields["phone"], message_id=fields["cause"])
    status = fields.pop("status", Status.QUEUED)
    notice = Notice.objects.create(
        business=session.business, session_id=session.pk, kind=kind, **fields
    )
    _move(notice, "status", _way(ARROWS, BORN, status)[1:])
    return notice
