"""Under which keys a business knows whoever has a number, in SQL: asked by every gate."""

from contacts.models.stops import number_key


def short_form(phone: str) -> str:
    """A number without its ninth digit, or as it is."""
    long = f"left({phone}, 3) = '+55' AND length({phone}) = 14 AND substr({phone}, 6, 1) = '9'"
    return f"(CASE WHEN {long} THEN left({phone}, 5) || substr({phone}, 7) ELSE {phone} END)"


def number_forms(phone: str) -> str:
    """A number and its other form, as blu.text.phone.forms: a chat may stand under the one, a row have the other."""
    return f"ARRAY[{phone}, {short_form(phone)}, {number_key(phone)}]"


def keys_of(business: str, phone: str) -> str:
    """Every key of a number's holder, as any session of the business knows them: an array in SQL, the number's first.

    One probe of the chats' keys a session: a business has a few.
    """
    return f"""ARRAY[{number_key(phone)}] || ARRAY(
        SELECT known.key FROM public.wa_sessions_whatsappsession session
          JOIN public.wa_sessions_chat chat ON chat.session_id = session.id,
               unnest(ARRAY['lid:' || nullif(chat.lid, ''), '@' || nullif(chat.username, '')]) known(key)
         WHERE session.business_id = {business} AND chat.phone = ANY({number_forms(phone)})
           AND chat.phone <> '' AND known.key IS NOT NULL)"""
