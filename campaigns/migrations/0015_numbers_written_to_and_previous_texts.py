"""Whom a number was written to, for replies; and the text that a template took the place of."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    # Rows are written while the index is made.
    atomic = False

    dependencies = [
        ('campaigns', '0014_proven_numbers'),
        ('contacts', '0009_numbers_stay'),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='previous_body',
            field=models.TextField(blank=True, db_default='', default='', editable=False, verbose_name='texto de antes do modelo'),
        ),
        AddIndexConcurrently(
            model_name='delivery',
            index=models.Index(condition=models.Q(('sending_at__isnull', False)), fields=['business_id', 'phone'], name='delivery_written'),
        ),
    ]
