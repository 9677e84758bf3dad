"""What a page reads of many contacts is bounded by the length of their data, and each is read once."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.compose import audience
from contacts import pages, sampling
from contacts.models import Contact
from tests.factories import make_business, make_contact, make_topic, subscribe

pytestmark = pytest.mark.django_db

WIDE = {"nota": "a" * 5_000}
KEYS = "SELECT id, among FROM contacts_contact ORDER BY id"


@pytest.fixture
def business(monkeypatch):
    """Of which two people may be read, and of the third the beginning."""
    monkeypatch.setattr(sampling, "BYTES", 12_000)
    return make_business()


def of(business):
    return Contact.objects.filter(business=business)


def test_data_outside_their_row_count_by_their_whole_length(business):
    person = make_contact(business, attributes=WIDE)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_column_size(attributes) FROM contacts_contact WHERE id = %s", [person.pk]
        )
        assert cursor.fetchone() > (5_000,)


def test_people_are_read_until_their_data_are_too_long_and_one_at_least(business):
    wide = [make_contact(business, attributes=WIDE).pk for _ in range(5)]
    few = [make_contact(business).pk for _ in range(2)]
    assert sampling.fetch(of(business), 6, KEYS) == [(key, 6) for key in wide[:3]]
    newest = sampling.fetch(of(business), 6, KEYS, newest=True)
    assert newest == [(key, 6) for key in [*wide[2:], *few]]
    huge = make_contact(business, attributes={"nota": "a" * 20_000}).pk
    assert sampling.fetch(of(business), 6, KEYS, newest=True) == [(huge, 6)]


def test_a_sample_of_nobody_has_no_rows(business):
    assert sampling.fetch(of(business), 6, KEYS) == []


def test_the_data_of_a_person_are_taken_from_where_they_lie_once(business):
    """Planned otherwise, each of 30 data of a text takes all 200 of a person from there."""
    topic = make_topic(business)
    subscribe(make_contact(business, attributes={"a": "1", "b": "2", "c": "3"}), topic)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        audience.worst(business, topic, None, "{{a}} {{b}} {{c}}")
        audience.fallbacks(business, topic, None, "{{a}} {{b}} {{c}}")
        pages.known_attributes(business)
    sampled = [one["sql"] for one in asked if "WITH contacts_contact" in one["sql"]]
    assert len(sampled) >= 3
    for query in sampled:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (VERBOSE) " + query.replace("%", "%%"))
            plan = "\n".join(line for (line,) in cursor.fetchall())
        [read] = re.findall(r"Subquery Scan on near .*\n +Output: (.*)", plan)
        assert read.count("attributes || ") == 1, plan


def test_who_was_not_read_is_told_as_not_looked_at(business):
    topic = make_topic(business)
    for _ in range(5):
        subscribe(make_contact(business, attributes=WIDE), topic)
    [fallback] = audience.fallbacks(business, topic, None, "{{nota}}")
    assert (fallback.missing, fallback.of) == (0, 3)
