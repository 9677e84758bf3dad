from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    # Replies are kept while the index is made.
    atomic = False

    dependencies = [
        ('campaigns', '0009_texts_and_replies'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='reply',
            index=models.Index(fields=['business', 'phone', '-id'], name='reply_person'),
        ),
    ]
