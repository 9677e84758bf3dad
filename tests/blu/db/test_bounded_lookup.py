import pytest

from blu.db import bounded_lookup as module
from blu.db.bounded_lookup import count_up_to, keys_if_few
from contacts.models import Contact
from tests.factories import make_business, make_contact

pytestmark = pytest.mark.django_db


def test_the_keys_of_few_rows_are_given() -> None:
    business = make_business()
    tagged = [make_contact(business, tags=["rara"]).pk for _ in range(2)]
    make_contact(business)
    assert sorted(keys_if_few(Contact.objects.filter(tags__contains=["rara"]))) == tagged
    assert keys_if_few(Contact.objects.filter(tags__contains=["nenhuma"])) == []
    assert keys_if_few(Contact.objects.filter(pk__in=[])) == []


def test_very_many_are_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MANY", 2)
    business = make_business()
    for _ in range(2):
        make_contact(business)
    assert len(keys_if_few(business.contact_set.all())) == 2
    make_contact(business)
    assert keys_if_few(business.contact_set.all()) is None


def test_another_column_than_the_key_may_be_asked_for() -> None:
    contact = make_contact(make_business())
    assert keys_if_few(Contact.objects.all(), "business_id") == [contact.business_id]


def test_rows_are_counted_up_to_a_limit() -> None:
    business = make_business()
    assert count_up_to(business.contact_set.all(), 1) == 0
    make_contact(business)
    assert count_up_to(business.contact_set.all(), 1) == 1
    make_contact(business)
    assert count_up_to(business.contact_set.all(), 1) is None
    assert count_up_to(Contact.objects.none(), 1) == 0
