"""A message that agrees to receive something: it holds the code of a public page, or of one person's request there.

It is kept as the person's own word that brings them back, so it lifts their stop. Of somebody whose number WhatsApp
hides it waits until the number is known by a lookup; for that the code that we send looks it up.
"""

from contextlib import suppress

from django.utils import timezone

from blu.accounts.refused import Refused
from campaigns.models import Reply
from campaigns.models.proof import VALID
from campaigns.notices.opt_in_codes import OptInMessenger
from campaigns.replies import identity
from campaigns.replies.reasons import Reason
from contacts import stops
from contacts.models import Contact, OptIn
from contacts.optin import confirming
from contacts.optin.confirming import Awaited
from sessions.events import Address, Incoming
from sessions.models import Chat, WhatsAppSession


def of(
    session: WhatsAppSession, incoming: Incoming, address: Address, known: Chat | None
) -> Awaited | None:
    """What a new message agrees to; None for any other message, and for a code of another number's request.

    None too from who was erased after they had said it: messages may be heard in any order.
    """
    awaited = confirming.awaited_in(session.business_id, incoming.content.body, incoming.at)
    if awaited is None or _is_known(session, incoming):
        return None
    number = address.number or identity.number_of(known)
    people = (number, f"lid:{address.lid}", f"@{address.username}")
    if stops.erased(session.business_id, filter(None, people), since=incoming.at):
        return None
    if number and awaited.request and not awaited.is_of(number):
        confirming.note_other_number(awaited.request)
        return None
    return awaited


def again(reply: Reply) -> Awaited | None:
    """The same of a reply that was kept, now that its writer's number is known."""
    awaited = confirming.awaited_in(reply.business_id, reply.text, reply.at)
    if awaited and awaited.request and not awaited.is_of(reply.phone):
        confirming.note_other_number(awaited.request)
        return None
    return awaited


def look_number_up(request: OptIn | None) -> None:
    """The number that was typed is looked up as a code goes to it, while its request is of just now."""
    if request is None:
        return
    confirming.note_hidden(request)
    if timezone.now() - request.asked_at < VALID:
        with suppress(Refused):  # the page offers it again, or says why not
            OptInMessenger().send_code(request)


def contacts_of(session: WhatsAppSession, chat: Chat) -> list[Contact]:
    """Everybody behind a number that is known just now: made where its holder had agreed before."""
    found = identity.contacts_of(session, chat)
    if found:
        return found
    for reply in identity.untied(session.business_id, chat.phone).filter(reason=Reason.OPT_IN):
        if awaited := again(reply):
            name = awaited.request.name if awaited.request else ""
            confirming.contact_of(session.business, chat.phone, name)
    return identity.contacts_of(session, chat)


def _is_known(session: WhatsAppSession, incoming: Incoming) -> bool:
    return Reply.objects.filter(session=session, message_id=incoming.message_id).exists()
