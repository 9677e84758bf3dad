import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blu.db.cached_by_cost import pages
from contacts import segments
from contacts.models import Contact, State
from tests.factories import make_business, make_contact, make_segment, make_topic, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def business():
    return make_business()


@pytest.fixture
def topic(business):
    return make_topic(business)


def names(found) -> set[str]:
    return {contact.name for contact in found}


def test_an_audience_holds_only_who_agreed_to_the_topic(business, topic):
    subscribe(make_contact(business, "Sim"), topic)
    subscribe(make_contact(business, "Saiu"), topic, State.REVOKED)
    subscribe(make_contact(business, "Outro assunto"), make_topic(business))
    make_contact(business, "Nada")
    assert names(segments.audience(business=business, topic=topic)) == {"Sim"}
    assert segments.count(business=business, topic=topic) == 1


def test_every_condition_of_a_segment_must_hold(business, topic):
    for name, tags, plan in (
        ("Ana", ["vip", "novo"], "Ouro"),
        ("Bia", ["vip"], "Ouro"),
        ("Cid", ["vip", "novo"], "Prata"),
    ):
        subscribe(make_contact(business, name, tags=tags, attributes={"plano": plan}), topic)
    segment = make_segment(
        business, filter={"tags": ["novo", "vip"], "attributes": {"plano": "Ouro"}}
    )
    found = segments.audience(business=business, topic=topic, segment=segment)
    assert names(found) == {"Ana"}
    assert segments.count(business=business, topic=topic, segment=segment) == 1


def test_a_segment_without_conditions_is_everybody_subscribed(business, topic):
    subscribe(make_contact(business, "Ana"), topic)
    segment = make_segment(business, filter={})
    assert segments.audience(business=business, topic=topic, segment=segment).count() == 1


@pytest.mark.usefixtures("unworn_tables")
def test_everyone_of_a_topic_is_counted_from_its_index_alone(business, topic):
    with CaptureQueriesContext(connection) as asked:
        segments.count(business=business, topic=topic)
    count = next(one["sql"] for one in asked if "contacts_subscription" in one["sql"])
    with connection.cursor() as cursor:
        # Without index scans an index alone would be refused too: a small table was read whole then.
        for way in ("seqscan", "bitmapscan"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {count}")
        assert "Index Only Scan using subscription_granted" in str(cursor.fetchall())


def test_an_audience_never_leaves_its_business(business, topic):
    other = make_business()
    theirs = make_topic(other)
    subscribe(make_contact(other, "De lá"), theirs)
    assert not segments.audience(business=business, topic=theirs).exists()
    assert segments.count(business=business, topic=theirs) == 0
    assert Contact.objects.count() == 1


def test_the_size_of_a_big_audience_is_not_at_hand_until_somebody_counted(
    business, topic, monkeypatch
):
    monkeypatch.setattr(segments, "SMALL", 1)
    subscribe(make_contact(business, attributes={"plano": "Ouro"}), topic)
    assert segments.at_hand(business=business, topic=topic) == 1
    pages.clear()
    subscribe(make_contact(business), topic)
    assert segments.at_hand(business=business, topic=topic) is None
    assert segments.count(business=business, topic=topic) == 2
    assert segments.at_hand(business=business, topic=topic) == 2


def test_the_size_of_a_small_segment_is_at_hand_whatever_the_topic(business, topic, monkeypatch):
    monkeypatch.setattr(segments, "SMALL", 1)
    subscribe(make_contact(business, attributes={"plano": "Ouro"}), topic)
    subscribe(make_contact(business), topic)
    gold = make_segment(business, filter={"attributes": {"plano": "Ouro"}})
    assert segments.at_hand(business=business, topic=topic, segment=gold) == 1
    everybody = make_segment(business, filter={"tags": []})
    assert segments.at_hand(business=business, topic=topic, segment=everybody) is None


def test_a_count_is_kept_under_the_same_name_in_every_process(business, topic):
    gold = make_segment(business, filter={"attributes": {"plano": "Ouro"}, "tags": ["vip"]})
    turned = make_segment(business, filter={"tags": ["vip"], "attributes": {"plano": "Ouro"}})
    name = segments.memory(business, topic, gold)
    assert name == segments.memory(business, topic, turned)
    assert name == (
        f"audience:{business.pk}:{topic.pk}:"
        "6e88f23563001c8fadf52ac259559337b57d023406ea57e68c94245820030947"
    )
