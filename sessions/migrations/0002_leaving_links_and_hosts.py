from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('wa_sessions', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='link',
            name='is_leaving',
            field=models.BooleanField(default=False, editable=False, verbose_name='a sair dos aparelhos conectados'),
        ),
        migrations.AddField(
            model_name='runner',
            name='is_host',
            field=models.BooleanField(default=False, verbose_name='host'),
        ),
        migrations.AddIndex(
            model_name='link',
            index=models.Index(condition=models.Q(('is_leaving', True)), fields=['id'], name='link_is_leaving'),
        ),
    ]
