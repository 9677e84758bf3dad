from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0011_obeyed_replies'),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='draft_tab',
            field=models.CharField(blank=True, db_default='', editable=False, max_length=16, verbose_name='página que salvou'),
        ),
    ]
