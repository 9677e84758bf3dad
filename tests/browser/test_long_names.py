"""Names without a blank, as people give to files, break on a phone: of campaigns, accounts and businesses."""

import pytest

from blu.accounts.models import Membership
from campaigns.models import Campaign
from campaigns.models.ledger_states import Status
from tests.browser.looking import Look, too_wide
from tests.factories import (
    make_campaign,
    make_contact,
    make_delivery,
    make_topic,
    subscribe,
)  # fmt: skip

pytestmark = [pytest.mark.browser]

NAME = "Lembrete_de_consulta_dezembro_2026_clinica_zona_sul_e_norte"
PAGES = (
    "/", "/campanhas/", "/campanhas/{running}/", "/campanhas/{running}/destinatarios/{row}/",
    "/campanhas/{draft}/escrever/", "/campanhas/{draft}/testar/", "/campanhas/{draft}/confirmar/",
    "/whatsapp/", "/whatsapp/{session}/", "/whatsapp/{session}/conectar/", "/whatsapp/{session}/limites/",
    "/respostas/", "/conta/",
)  # fmt: skip


def test_names_longer_than_a_phone_is_wide_are_broken(look: Look, owner: Membership) -> None:
    business = owner.business
    business.name = NAME[:39]
    business.save()
    topic = make_topic(business, NAME)
    subscribe(make_contact(business, NAME), topic)
    running = make_campaign(business, Campaign.Status.RUNNING, name=NAME, topic=topic)
    row = make_delivery(running, make_contact(business, NAME), Status.SENT)
    draft = make_campaign(business, name=NAME, topic=topic, session=running.session)
    assert running.session is not None
    running.session.name = NAME
    running.session.save()
    numbers = {
        "running": running.pk, "row": row.pk, "draft": draft.pk, "session": running.session.pk,
    }  # fmt: skip
    paths = [path.format(**numbers) for path in PAGES]
    found = [
        f"{page.url}: {fault}"
        for page in look.each(paths, owner.user)
        for fault in too_wide(page, 360)
    ]
    assert found == []
