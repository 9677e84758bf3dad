"""Contacts that were there before are found by the last four digits of their number, as new ones are (blu.text.fold)."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

AT_ONCE = 10_000
ADD = """
UPDATE public.contacts_contact
   SET search = search || array_to_tsvector(ARRAY[business_id || ':' || right(phone, 4)])
 WHERE id > %s AND id <= %s
"""


def add(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A few thousand rows at a time, each in a transaction of its own: whoever writes one of them waits for a moment."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM public.contacts_contact")
        (last,) = cursor.fetchone()
        for first in range(0, last, AT_ONCE):
            cursor.execute(ADD, [first, first + AT_ONCE])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ('contacts', '0008_data_lie_uncompressed'),
    ]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
