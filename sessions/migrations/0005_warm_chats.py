"""Whom of an audience a session already talks with, counted by an index of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('wa_sessions', '0004_database_clock'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='chat',
            index=models.Index(condition=models.Q(('warm_at__isnull', False)), fields=['session', 'phone'], name='chat_warm'),
        ),
    ]
