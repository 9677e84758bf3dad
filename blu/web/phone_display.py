"""Phones as people read them: +5511900023180 → (11) 90002-3180."""

import re

import phonenumbers

_BRAZILIAN = re.compile(r"\+55(\d{2})(\d{4,5})(\d{4})")


def readable(phone: str) -> str:
    """An E.164 number in its national form if Brazilian, international otherwise.

    What isn't a number comes back as it is: a page never fails over a strange value.
    """
    if match := _BRAZILIAN.fullmatch(phone):
        return "({}) {}-{}".format(*match.groups())
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return phone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
