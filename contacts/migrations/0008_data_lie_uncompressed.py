"""Data too long for their row lie uncompressed, so that pg_column_size tells without reading them how long they are."""

from django.db import migrations

UNCOMPRESSED = "ALTER TABLE public.contacts_contact ALTER COLUMN attributes SET STORAGE EXTERNAL"
COMPRESSED = "ALTER TABLE public.contacts_contact ALTER COLUMN attributes SET STORAGE EXTENDED"


class Migration(migrations.Migration):
    dependencies = [
        ('contacts', '0007_ended_imports_keep_no_choices'),
    ]
    operations = [migrations.RunSQL(UNCOMPRESSED, COMPRESSED)]
