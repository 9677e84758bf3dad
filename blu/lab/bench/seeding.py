"""Rows for a bench, written by the database itself: businesses, subscribers, sessions, campaigns."""

from django.db import connection
from django.utils import timezone

from blu.accounts.models import Business
from campaigns.lifecycle import move
from campaigns.models import Campaign
from contacts.models import Topic
from sessions.driving.history import set_state
from sessions.models import Chat, Lease, Link, WhatsAppSession
from sessions.states import State

# The third digit is one that no old number had, so the simulator knows each by one form only.
_CONTACTS = """
INSERT INTO contacts_contact (business_id, phone, name, search, attributes, tags, flags, created_at, updated_at)
SELECT %(business)s, '+55' || (ARRAY['11','21','31','41','51','61','71','81'])[1 + n %% 8]
       || '91' || lpad(n::text, 7, '0'),
       'Pessoa ' || n || ' da Silva', '',
       jsonb_build_object('Plano', (ARRAY['Família','Individual','Sênior'])[1 + n %% 3], 'Unidade', 'Centro'),
       ARRAY['bench'], '{}', now(), now()
  FROM generate_series(%(first)s, %(last)s) n
"""

_SUBSCRIPTIONS = """
WITH consent AS (
  INSERT INTO contacts_consent (business_id, contact_id, topic_id, state, source, evidence_kind, evidence_ref)
  SELECT business_id, id, %(topic)s, 'granted', 'paper', '', '' FROM contacts_contact contact
   WHERE business_id = %(business)s AND {new})
INSERT INTO contacts_subscription (business_id, contact_id, topic_id, state, by_contact, since)
SELECT business_id, id, %(topic)s, 'granted', false, now() FROM contacts_contact contact
 WHERE business_id = %(business)s AND {new}
""".format(new="NOT EXISTS (SELECT 1 FROM contacts_subscription s WHERE s.contact_id = contact.id)")


def business(name: str) -> Business:
    """A business of its own."""
    return Business.objects.create(name=name, slug=name.lower())


def subscribers(
    business: Business, topic: Topic, rows: int, *, after: int = 0, settled: bool = True
) -> None:
    """`rows` contacts subscribed to the topic, after so many that the business has; where `settled`, with the
    statistics that a planner has by then.
    """
    with connection.cursor() as cursor:
        values = {
            "business": business.pk,
            "topic": topic.pk,
            "first": after + 1,
            "last": after + rows,
        }
        cursor.execute(_CONTACTS, values)
        cursor.execute(_SUBSCRIPTIONS, values)
        if settled:
            cursor.execute("VACUUM ANALYZE contacts_contact, contacts_subscription")


def session(business: Business, name: str, *, transport: str = "simulated") -> WhatsAppSession:
    """A session in trial pacing that calls itself linked."""
    made = WhatsAppSession.objects.create(business=business, name=name, pacing="trial")
    link = Link.objects.create(
        session=made, home=name.lower(), phone=made.phone, transport=transport, linked_at=timezone.now()
    )  # fmt: skip
    for state in (State.PAIRING, State.RESTING):
        set_state(link.pk, state)
    Lease.objects.create(link=link, session=made)
    made.active_link = link
    made.save()
    return made


def draft(business: Business, topic: Topic, session: WhatsAppSession) -> Campaign:
    """A draft that greets everybody by name and plan."""
    return Campaign.objects.create(
        business=business, name="Bench", topic=topic, session=session,
        body="Olá, {{nome|tudo bem}}! Seu plano {{plano|atual}} tem novidades.",
        footer="Bench · Responda SAIR para não receber mais",
    )  # fmt: skip


def campaign(business: Business, topic: Topic, session: WhatsAppSession) -> Campaign:
    """The same about to be launched."""
    made = draft(business, topic, session)
    launching = Campaign.Status.LAUNCHING
    move(Campaign.objects.filter(pk=made.pk), launching, launched_at=timezone.now())
    made.refresh_from_db()
    return made


def known_chats(session: WhatsAppSession) -> None:
    """WhatsApp's id of every contact of the session's business, as after an earlier campaign."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Chat._meta.db_table} (session_id, phone, wa_id, looked_up_at)"
            " SELECT %s, phone, ltrim(phone, '+'), now() FROM contacts_contact WHERE business_id = %s",
            [session.pk, session.business_id],
        )
        cursor.execute(f"VACUUM ANALYZE {Chat._meta.db_table}")


# Numbers that no contact here has, half of them known to WhatsApp by a LID as well.
_STOPS = """
INSERT INTO contacts_stop (business_id, key, why, source, evidence_kind, evidence_ref)
SELECT business.id, CASE n %% 2 WHEN 0 THEN '+55119' || lpad((70000000 + n)::text, 8, '0') ELSE 'lid:7' || n END,
       'asked', 'whatsapp', '', ''
  FROM accounts_business business, generate_series(1, %s) n
"""


def stops(rows: int) -> None:
    """`rows` stops in each business, of other people; and a LID in each chat, under which a stop might stand."""
    with connection.cursor() as cursor:
        cursor.execute(_STOPS, [rows])
        cursor.execute(f"UPDATE {Chat._meta.db_table} SET lid = '9' || wa_id WHERE lid = ''")
        cursor.execute(f"VACUUM ANALYZE contacts_stop, {Chat._meta.db_table}")
