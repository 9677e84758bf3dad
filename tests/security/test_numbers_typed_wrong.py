"""Every form that takes a number of a person reads it by blu.text.phone, which refuses slips of the hand."""

import inspect
from importlib import import_module
from pathlib import Path

import pytest
from django.forms import BaseForm

from blu.text import phone
from blu.text.phone import PhoneError, read_phone

ROOT = Path(__file__).resolve().parents[2]
APPS = ("blu", "campaigns", "contacts", "sessions")
SLIPS = (
    "(11) 99887-123", "99887-123", "11 99887-123", "+55 11 99887-123", "l1 99887-1234", "11 9988O-1234",
    "(11) 99887-l234", "11 99887-123S", "11 9988B-1234", "1I 99887-1234",
)  # fmt: skip


def forms_of_the_house():
    """Every form class that the apps define."""
    for app in APPS:
        for path in (ROOT / app).rglob("*forms*.py"):
            module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            for _name, found in inspect.getmembers(module, inspect.isclass):
                if issubclass(found, BaseForm) and found.__module__ == module.__name__:
                    yield found


def takes_a_number(form) -> bool:
    """Told by what a phone's keyboard is told."""
    fields = form.declared_fields.values()
    return any(field.widget.attrs.get("inputmode") == "tel" for field in fields)


def asks_the_reader(form) -> bool:
    return any(
        "read_phone(" in inspect.getsource(kind)
        for kind in form.__mro__
        if kind.__module__.split(".")[0] in APPS
    )


def test_every_form_with_a_number_asks_the_one_reader():
    taking = [form for form in forms_of_the_house() if takes_a_number(form)]
    assert len(taking) >= 3
    assert [form for form in taking if not asks_the_reader(form)] == []


def test_no_other_code_makes_numbers_of_digits_that_were_typed():
    """`+55` in front of something is the mark of a number put together by hand."""
    known = {"blu/text/phone.py", "blu/web/phone_display.py"}
    putting = [
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if ('f"+55' in path.read_text() or '"+55" +' in path.read_text())
        and not {"simulator", "lab"} & set(path.parts)
    ]
    assert [path for path in putting if path not in known] == []


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_of_the_hand_is_refused(slip):
    with pytest.raises(PhoneError) as refused:
        read_phone(slip, "11")
    assert refused.value.reason == phone.LOST_DIGITS


def test_ten_digits_without_groups_stay_as_they_are_with_a_flag():
    assert read_phone("1199887766") == ("+5511999887766", (phone.NINTH_DIGIT_ADDED,))
