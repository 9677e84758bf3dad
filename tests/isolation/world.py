"""A business with one of everything; every word in it carries the business's secret."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from blu.accounts.models import Business, Invitation, Membership, Role
from campaigns.models import Campaign, Hold, Notice, Reply
from campaigns.models.ledger_states import Status
from contacts.imports.preview import Tally
from contacts.models import Contact, Import, ImportProblem
from contacts.person_requests.services import ask
from contacts.spreadsheets.header import Header
from sessions.models import Pairing, SessionEvent, State, WhatsAppSession
from tests import factories
from tests.isolation import declared

APPS = ("accounts", "contacts", "campaigns", "wa_sessions")
# Written by looking at a page: no row of anybody's changes with it.
NO_NEWS = "last_login"


@dataclass
class World:
    """One business, its owner, and the key of one row of each kind."""

    membership: Membership
    secret: str
    keys: dict[str, int]

    @property
    def business(self) -> Business:
        """Whose world it is."""
        return self.membership.business

    def address(self, route: str, rows: "World | None" = None) -> str:
        """One of its business's addresses, with the keys of its rows, or of another world's."""
        keys = {name: (rows or self).keys[kind] for name, kind in declared.ROUTES[route].items()}
        if route in declared.OUTSIDE:
            return reverse(route, kwargs=keys)
        return reverse(route, kwargs={"business": self.business.slug, **keys})


def make_world(secret: str) -> World:
    """Everything that a business may have, named after `secret`."""
    membership = factories.make_membership(
        factories.make_business(f"Empresa {secret}"),
        user=factories.make_user(name=f"Dona {secret}"),
    )
    business = membership.business
    contact = factories.make_contact(
        business, f"Contato {secret}", tags=[f"tag-{secret}"], attributes={"plano": f"p-{secret}"}
    )
    topic = factories.make_topic(business, f"Assunto {secret}")
    factories.make_opt_in(factories.make_opt_in_text(topic, f"Aceito {secret}"), name=secret)
    colleague = factories.make_user(name=f"Colega {secret}")
    keys = {
        "member": factories.make_membership(business, Role.VIEWER, colleague).pk,
        "invitation": make_invitation(membership, secret).pk,
        "contact": contact.pk,
        "topic": topic.pk,
        "segment": factories.make_segment(business, f"Público {secret}").pk,
        "template": factories.make_template(business, name=f"Modelo {secret}", body=secret).pk,
        "import": make_import(membership, secret).pk,
        "person_request": ask(business=business, contact=contact, kind="access", note=secret).pk,
    }
    return World(membership, secret, keys | campaign_keys(membership, secret, contact, topic))


def campaign_keys(
    membership: Membership, secret: str, contact: Contact, topic: Any
) -> dict[str, int]:
    """A linked session and one that is being linked, a draft and a campaign under way."""
    business = membership.business
    session = factories.make_session(business, name=f"WhatsApp {secret}")
    pairing = factories.make_session(
        business,
        name=f"Outro {secret}",
        state=State.PAIRING,
        linked_at=None,
        terms_accepted_at=timezone.now(),
    )
    Pairing.objects.create(link=pairing.link, status="showing", code=f"2@{secret}")
    SessionEvent.objects.create(
        session=session,
        link=session.link,
        state=State.RESTING,
        reason="created",
        params={"person": secret},
    )
    shared = {"topic": topic, "session": session, "name": f"Campanha {secret}", "body": secret}
    draft = factories.make_campaign(business, **shared)
    campaign = factories.make_campaign(business, Campaign.Status.RUNNING, recipients=1, **shared)
    delivery = factories.make_delivery(campaign, contact, Status.SENT)
    reply = make_reply(business, session.pk, contact, delivery.pk, secret)
    factories.make_stop(business, f"lid:{secret}")
    return {
        "session": session.pk,
        "pairing": pairing.pk,
        "draft": draft.pk,
        "campaign": campaign.pk,
        "delivery": delivery.pk,
        "reply": reply.pk,
        "hold": Hold.objects.create(business=business, key=f"lid:{secret}", reply=reply).pk,
        "notice": make_notice(membership, session, secret).pk,
    }


def make_invitation(membership: Membership, secret: str) -> Invitation:
    """One that nobody has answered yet."""
    return Invitation.objects.create(
        business=membership.business,
        email=f"{secret}@exemplo.com.br",
        role=Role.RECEPTIONIST,
        invited_by=membership.user,
    )


def make_import(membership: Membership, secret: str) -> Import:
    """A spreadsheet that waits to be checked, with one row to mend."""
    found = Import.objects.create(
        business=membership.business,
        file_name=f"planilha-{secret}.csv",
        stored_as="nenhuma.csv",
        findings=Tally(Header(None, ())).as_dict() | {"yes": 1, "ready": 1},
        created_by=membership.user,
    )
    ImportProblem.objects.create(source=found, row=2, reason="invalid phone", values=[secret])
    return found


def make_reply(
    business: Business, session_id: int, contact: Contact, delivery_id: int, secret: str
) -> Reply:
    """What a person wrote back."""
    return Reply.objects.create(
        business=business,
        session_id=session_id,
        contact=contact,
        delivery_id=delivery_id,
        phone=contact.phone,
        message_id=f"m-{secret}",
        text=f"Resposta {secret}",
        at=timezone.now(),
    )


def make_notice(membership: Membership, session: WhatsAppSession, secret: str) -> Notice:
    """A test that the owner sent to their own number."""
    return factories.make_notice(
        session,
        cause=secret,
        phone=factories.make_proven_number(membership),
        asked_by=membership.user,
        text=secret,
    )


def all_rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of ours as it lies there, to see that nothing changed."""
    models = [model._meta for label in APPS for model in apps.get_app_config(label).get_models()]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{meta.label}', jsonb_agg(to_jsonb(t) - '{NO_NEWS}' ORDER BY t)"
                f" FROM {meta.db_table} t"
                for meta in models
            )
        )
        return dict(cursor.fetchall())
