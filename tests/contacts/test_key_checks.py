"""What the database checks for each row of an import stays a look-up by key, whatever it has seen."""

import pytest
from django.db import connection

from tests.factories import make_business, make_contact

# As PostgreSQL asks for a composite foreign key, with a plan that it keeps.
CHECK = """
PREPARE key_check (bigint, bigint) AS
SELECT 1 FROM ONLY contacts_contact x WHERE id = $1 AND business_id = $2 FOR KEY SHARE OF x
"""


@pytest.mark.django_db
def test_a_contacts_key_is_found_by_its_id_also_when_every_contact_had_its_own_business() -> None:
    """Planned by the business alone, an import of 20,000 people took 8 s instead of 0.2 s."""
    for _ in range(3):
        make_contact(make_business())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contacts_contact")
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(CHECK)
        cursor.execute("EXPLAIN EXECUTE key_check (1, 1)")
        plan = " ".join(line for (line,) in cursor.fetchall())
        cursor.execute("DEALLOCATE key_check")
    assert "Index Cond: ((id = $1) AND (business_id = $2))" in plan
