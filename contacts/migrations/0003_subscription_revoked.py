"""Counting those who asked to leave a topic reads them alone."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contacts', '0002_one_business'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='subscription',
            index=models.Index(condition=models.Q(('state', 'revoked')), fields=['topic', 'contact'], name='subscription_revoked'),
        ),
    ]
