"""A chat is found by any of number, WhatsApp's id, LID and username."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    # Chats are written while the index is made.
    atomic = False

    dependencies = [
        ('wa_sessions', '0008_names_in_one_line'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='chat',
            name='chat_once',
        ),
        migrations.RemoveIndex(
            model_name='chat',
            name='chat_by_wa_id',
        ),
        migrations.AddField(
            model_name='chat',
            name='lid',
            field=models.CharField(blank=True, db_default='', default='', max_length=40, verbose_name='LID'),
        ),
        migrations.AddField(
            model_name='chat',
            name='username',
            field=models.CharField(blank=True, db_default='', default='', max_length=64, verbose_name='nome de usuário'),
        ),
        migrations.AlterField(
            model_name='chat',
            name='phone',
            field=models.CharField(blank=True, db_default='', default='', help_text='vazio: uma pessoa sem número', max_length=20, verbose_name='telefone'),
        ),
        migrations.AlterField(
            model_name='chat',
            name='wa_id',
            field=models.CharField(blank=True, db_default='', default='', max_length=40, verbose_name='identidade no WhatsApp'),
        ),
        AddIndexConcurrently(
            model_name='chat',
            index=models.Index(fields=['session', '-id'], name='chat_list'),
        ),
        migrations.AddConstraint(
            model_name='chat',
            constraint=models.UniqueConstraint(condition=models.Q(('phone', ''), _negated=True), fields=('session', 'phone'), name='chat_once_by_phone'),
        ),
        migrations.AddConstraint(
            model_name='chat',
            constraint=models.UniqueConstraint(condition=models.Q(('wa_id', ''), _negated=True), fields=('session', 'wa_id'), name='chat_once_by_wa_id'),
        ),
        migrations.AddConstraint(
            model_name='chat',
            constraint=models.UniqueConstraint(condition=models.Q(('lid', ''), _negated=True), fields=('session', 'lid'), name='chat_once_by_lid'),
        ),
        migrations.AddConstraint(
            model_name='chat',
            constraint=models.UniqueConstraint(condition=models.Q(('username', ''), _negated=True), fields=('session', 'username'), name='chat_once_by_username'),
        ),
        migrations.AddConstraint(
            model_name='chat',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lid', ''), ('phone', ''), ('username', ''), _negated=True), models.Q(('wa_id', ''), models.Q(('phone', ''), _negated=True), _connector='OR')), name='chat_has_a_key'),
        ),
    ]
