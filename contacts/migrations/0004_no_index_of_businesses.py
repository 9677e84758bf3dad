"""One index less for each contact, and no trap for the checks of composite keys."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('contacts', '0003_subscription_revoked'),
    ]

    operations = [
        migrations.AlterField(
            model_name='contact',
            name='business',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='accounts.business', verbose_name='negócio'),
        ),
    ]
