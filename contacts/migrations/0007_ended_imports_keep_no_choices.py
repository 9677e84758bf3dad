"""Imports that have ended keep no numbers that were chosen while they were checked."""

from django.db import migrations

FORGET = """
UPDATE public.contacts_import SET columns = columns - 'choices'
 WHERE finished_at IS NOT NULL AND columns ? 'choices'
"""


class Migration(migrations.Migration):
    dependencies = [
        ('contacts', '0006_preferences'),
    ]
    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
