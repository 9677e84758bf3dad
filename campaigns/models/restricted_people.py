"""Whose account WhatsApp restricted: its people hear nothing from the business's other accounts meanwhile.

Anything else would be a way around the restriction. Its people are who has a row in its queue, or
a chat that either side opened. Of an account that was banned for good support lets them go, in writing. Who unlinks
it lets nobody go: the restriction is the session's (sessions.models.sessions), until the end that WhatsApp told, or support's word.
"""

# When a row whose person waits for this is looked at again.
AGAIN = "interval '1 hour'"


def belongs_elsewhere(business: str, session: str, contact: str, phones: str) -> str:
    """The condition, in SQL, that somebody is of a restricted account of the business, other than `session`.

    `phones`: the forms of their number, as a list of SQL.
    """
    return f"""EXISTS (
        SELECT 1 FROM public.wa_sessions_whatsappsession other
          JOIN public.wa_sessions_link link ON link.id = other.active_link_id
         WHERE other.business_id = {business} AND other.id <> {session} AND other.restriction <> ''
           AND (other.restriction = 'restricted' AND link.linked_at IS NOT NULL
             OR other.released_because = '' AND (other.restricted_until > statement_timestamp()) IS NOT FALSE)
           AND (EXISTS (
                SELECT 1 FROM public.wa_sessions_chat chat
                 WHERE chat.session_id = other.id AND chat.phone IN ({phones}) AND chat.phone <> ''
                   AND (chat.opened_at IS NOT NULL OR chat.warm_at IS NOT NULL))
             OR EXISTS (
                SELECT 1 FROM public.campaigns_delivery row
                 WHERE row.contact_id = {contact} AND row.session_id = other.id AND row.status = 'queued')))"""
