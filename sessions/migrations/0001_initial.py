"""WhatsApp sessions, their links, and who may drive them."""

import blu.lib.encryption
import blu.lib.names
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='WhatsAppSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', blu.lib.names.NameField(max_length=60, verbose_name='nome')),
                ('transport', models.CharField(choices=[('browser', 'navegador'), ('simulated', 'simulado (só em testes)'), ('inprocess', 'dentro do processo (só em testes)')], default='browser', max_length=12, verbose_name='transporte')),
                ('pacing', models.CharField(choices=[('real', 'limites reais'), ('trial', 'sem limites (só simulador)')], default='real', max_length=8, verbose_name='ritmo')),
                ('state', models.CharField(choices=[('unlinked', 'não conectado'), ('pairing', 'conectando'), ('online', 'conectado'), ('offline', 'sem conexão'), ('resting', 'em descanso'), ('restricted', 'restrito'), ('stopped', 'parado por segurança'), ('conflict', 'aberto em outro lugar'), ('logged_out', 'desconectado pelo celular'), ('banned', 'bloqueado pelo WhatsApp'), ('outdated', 'à espera de atualização'), ('needs_passkey', 'precisa de chave de acesso')], default='unlinked', max_length=16, verbose_name='estado')),
                ('state_reason', models.CharField(blank=True, max_length=20, verbose_name='motivo')),
                ('state_params', models.JSONField(blank=True, default=dict, verbose_name='dados do motivo')),
                ('state_until', models.DateTimeField(blank=True, null=True, verbose_name='até')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='telefone')),
                ('home', models.SlugField(editable=False, max_length=40, unique=True, verbose_name='pasta')),
                ('node', models.CharField(blank=True, help_text='onde está a pasta', max_length=40, verbose_name='máquina')),
                ('home_fence', models.BigIntegerField(default=0, editable=False, verbose_name='nº do direito de uso da pasta')),
                ('terms_accepted_at', models.DateTimeField(blank=True, null=True, verbose_name='termos aceitos em')),
                ('linked_at', models.DateTimeField(blank=True, null=True, verbose_name='conectado em')),
                ('proven_at', models.DateTimeField(blank=True, null=True, verbose_name='última resposta do WhatsApp')),
                ('visited_at', models.DateTimeField(blank=True, null=True, verbose_name='última visita')),
                ('last_sent_at', models.DateTimeField(blank=True, null=True, verbose_name='último envio')),
                ('rung_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='chamada em')),
                ('idle_until', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='parada até')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='criada em')),
                ('business', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.business', verbose_name='negócio')),
                ('terms_accepted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='termos aceitos por')),
            ],
            options={
                'verbose_name': 'conexão de WhatsApp',
                'verbose_name_plural': 'conexões de WhatsApp',
            },
        ),
        migrations.CreateModel(
            name='Node',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='máquina')),
                ('slots', models.PositiveSmallIntegerField(default=0, verbose_name='vagas')),
                ('host', models.CharField(blank=True, max_length=100, verbose_name='endereço')),
                ('token', models.UUIDField(editable=False, verbose_name='instância')),
                ('stopped', models.BooleanField(default=False, verbose_name='parada de propósito')),
                ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='desde')),
                ('seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='último sinal')),
            ],
            options={
                'verbose_name': 'máquina',
                'verbose_name_plural': 'máquinas',
            },
        ),
        migrations.CreateModel(
            name='HistoricalWhatsAppSession',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('name', blu.lib.names.NameField(max_length=60, verbose_name='nome')),
                ('transport', models.CharField(choices=[('browser', 'navegador'), ('simulated', 'simulado (só em testes)'), ('inprocess', 'dentro do processo (só em testes)')], default='browser', max_length=12, verbose_name='transporte')),
                ('pacing', models.CharField(choices=[('real', 'limites reais'), ('trial', 'sem limites (só simulador)')], default='real', max_length=8, verbose_name='ritmo')),
                ('state', models.CharField(choices=[('unlinked', 'não conectado'), ('pairing', 'conectando'), ('online', 'conectado'), ('offline', 'sem conexão'), ('resting', 'em descanso'), ('restricted', 'restrito'), ('stopped', 'parado por segurança'), ('conflict', 'aberto em outro lugar'), ('logged_out', 'desconectado pelo celular'), ('banned', 'bloqueado pelo WhatsApp'), ('outdated', 'à espera de atualização'), ('needs_passkey', 'precisa de chave de acesso')], default='unlinked', max_length=16, verbose_name='estado')),
                ('state_reason', models.CharField(blank=True, max_length=20, verbose_name='motivo')),
                ('state_params', models.JSONField(blank=True, default=dict, verbose_name='dados do motivo')),
                ('state_until', models.DateTimeField(blank=True, null=True, verbose_name='até')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='telefone')),
                ('home', models.SlugField(editable=False, max_length=40, verbose_name='pasta')),
                ('node', models.CharField(blank=True, help_text='onde está a pasta', max_length=40, verbose_name='máquina')),
                ('terms_accepted_at', models.DateTimeField(blank=True, null=True, verbose_name='termos aceitos em')),
                ('linked_at', models.DateTimeField(blank=True, null=True, verbose_name='conectado em')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='criada em')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('business', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.business', verbose_name='negócio')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('terms_accepted_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='termos aceitos por')),
            ],
            options={
                'verbose_name': 'historical conexão de WhatsApp',
                'verbose_name_plural': 'historical conexões de WhatsApp',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HomeArchive',
            fields=[
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to='wa_sessions.whatsappsession', verbose_name='conexão')),
                ('name', models.CharField(max_length=200, verbose_name='arquivo')),
                ('fence', models.BigIntegerField(verbose_name='nº do direito de uso')),
                ('size', models.BigIntegerField(verbose_name='tamanho em bytes')),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='guardado em')),
            ],
            options={
                'verbose_name': 'cópia da conexão',
                'verbose_name_plural': 'cópias das conexões',
            },
        ),
        migrations.CreateModel(
            name='Lease',
            fields=[
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to='wa_sessions.whatsappsession', verbose_name='conexão')),
                ('fence', models.BigIntegerField(default=0, verbose_name='nº do direito de uso')),
                ('holder', models.CharField(blank=True, max_length=120, verbose_name='quem')),
                ('node', models.CharField(blank=True, max_length=40, verbose_name='máquina')),
                ('pids', models.JSONField(default=list, help_text='processos a encerrar antes de assumir', verbose_name='processos')),
                ('acquired_at', models.DateTimeField(blank=True, null=True, verbose_name='tomado em')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='vale até')),
            ],
            options={
                'verbose_name': 'direito de uso',
                'verbose_name_plural': 'direitos de uso',
            },
        ),
        migrations.CreateModel(
            name='Chat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone', models.CharField(blank=True, db_default='', default='', help_text='vazio: uma pessoa sem número', max_length=20, verbose_name='telefone')),
                ('wa_id', models.CharField(blank=True, db_default='', default='', max_length=40, verbose_name='identidade no WhatsApp')),
                ('lid', models.CharField(blank=True, db_default='', default='', max_length=40, verbose_name='LID')),
                ('username', models.CharField(blank=True, db_default='', default='', max_length=64, verbose_name='nome de usuário')),
                ('looked_up_at', models.DateTimeField(blank=True, null=True, verbose_name='procurado em')),
                ('opened_at', models.DateTimeField(blank=True, null=True, verbose_name='conversa aberta por nós em')),
                ('warm_at', models.DateTimeField(blank=True, null=True, verbose_name='a pessoa escreveu em')),
                ('session', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='chats', to='wa_sessions.whatsappsession', verbose_name='conexão')),
            ],
            options={
                'verbose_name': 'conversa',
                'verbose_name_plural': 'conversas',
            },
        ),
        migrations.CreateModel(
            name='BrowserLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title_hash', models.CharField(blank=True, help_text='vazio: a lista inteira', max_length=32, verbose_name='resumo do nome')),
                ('looks', models.JSONField(verbose_name='o que se viu')),
                ('seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='vista em')),
                ('session', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='wa_sessions.whatsappsession', verbose_name='conexão')),
            ],
            options={
                'verbose_name': 'conversa já ouvida',
                'verbose_name_plural': 'conversas já ouvidas',
            },
        ),
        migrations.CreateModel(
            name='Pairing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('waiting', 'abrindo o WhatsApp'), ('showing', 'esperando o celular'), ('linked', 'conectado'), ('expired', 'o tempo acabou'), ('failed', 'não deu certo')], default='waiting', max_length=8, verbose_name='situação')),
                ('phone', models.CharField(blank=True, help_text='vazio: por QR code', max_length=20, verbose_name='telefone')),
                ('code', blu.lib.encryption.EncryptedTextField(blank=True, default='', editable=False, verbose_name='código')),
                ('shown_at', models.DateTimeField(blank=True, null=True, verbose_name='mostrado em')),
                ('reason', models.CharField(blank=True, max_length=20, verbose_name='motivo')),
                ('params', models.JSONField(blank=True, default=dict, verbose_name='dados do motivo')),
                ('requested_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='pedido em')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='terminou em')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='pedido por')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pairings', to='wa_sessions.whatsappsession', verbose_name='conexão')),
            ],
            options={
                'verbose_name': 'conexão em andamento',
                'verbose_name_plural': 'conexões em andamento',
            },
        ),
        migrations.CreateModel(
            name='SessionEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='quando')),
                ('state', models.CharField(choices=[('unlinked', 'não conectado'), ('pairing', 'conectando'), ('online', 'conectado'), ('offline', 'sem conexão'), ('resting', 'em descanso'), ('restricted', 'restrito'), ('stopped', 'parado por segurança'), ('conflict', 'aberto em outro lugar'), ('logged_out', 'desconectado pelo celular'), ('banned', 'bloqueado pelo WhatsApp'), ('outdated', 'à espera de atualização'), ('needs_passkey', 'precisa de chave de acesso')], max_length=16, verbose_name='estado')),
                ('reason', models.CharField(blank=True, max_length=20, verbose_name='motivo')),
                ('params', models.JSONField(blank=True, default=dict, verbose_name='dados do motivo')),
                ('fence', models.BigIntegerField(blank=True, null=True, verbose_name='nº do direito de uso')),
                ('node', models.CharField(blank=True, max_length=40, verbose_name='máquina')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='wa_sessions.whatsappsession', verbose_name='conexão')),
            ],
            options={
                'verbose_name': 'acontecimento',
                'verbose_name_plural': 'acontecimentos',
            },
        ),
        migrations.AddConstraint(
            model_name='whatsappsession',
            constraint=models.CheckConstraint(condition=models.Q(('name__iregex', '[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]|://|www\\.'), _negated=True), name='session_name_in_one_line'),
        ),
        migrations.AddConstraint(
            model_name='whatsappsession',
            constraint=models.UniqueConstraint(fields=('business', 'name'), name='session_name_once'),
        ),
        migrations.AddConstraint(
            model_name='whatsappsession',
            constraint=models.UniqueConstraint(fields=('id', 'business'), name='session_business_key'),
        ),
        migrations.AddConstraint(
            model_name='whatsappsession',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['unlinked', 'pairing', 'online', 'offline', 'resting', 'restricted', 'stopped', 'conflict', 'logged_out', 'banned', 'outdated', 'needs_passkey'])), name='session_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='whatsappsession',
            constraint=models.CheckConstraint(condition=models.Q(('state_until', None), ('state__in', ('restricted', 'stopped', 'outdated')), _connector='OR'), name='session_until_ends_a_state'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='whatsappsession',
            trigger=pgtrigger.compiler.Trigger(name='state_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.state IS DISTINCT FROM NEW.state)', func="\n            IF NOT ((OLD.state = 'unlinked' AND NEW.state IN ('pairing')) OR (OLD.state = 'pairing' AND NEW.state IN ('online', 'resting', 'unlinked', 'needs_passkey', 'banned', 'outdated')) OR (OLD.state = 'online' AND NEW.state IN ('online', 'offline', 'restricted', 'stopped', 'conflict', 'logged_out', 'banned', 'outdated', 'resting', 'unlinked')) OR (OLD.state = 'offline' AND NEW.state IN ('online', 'offline', 'restricted', 'stopped', 'conflict', 'logged_out', 'banned', 'outdated', 'unlinked')) OR (OLD.state = 'resting' AND NEW.state IN ('online', 'offline', 'restricted', 'stopped', 'conflict', 'logged_out', 'banned', 'outdated', 'unlinked')) OR (OLD.state = 'restricted' AND NEW.state IN ('online', 'offline', 'restricted', 'stopped', 'conflict', 'logged_out', 'banned', 'outdated', 'unlinked')) OR (OLD.state = 'stopped' AND NEW.state IN ('online', 'offline', 'restricted', 'stopped', 'conflict', 'logged_out', 'banned', 'outdated', 'unlinked')) OR (OLD.state = 'outdated' AND NEW.state IN ('online', 'offline', 'restricted', 'stopped', 'conflict', 'logged_out', 'banned', 'outdated', 'unlinked')) OR (OLD.state = 'conflict' AND NEW.state IN ('pairing', 'unlinked')) OR (OLD.state = 'logged_out' AND NEW.state IN ('pairing', 'unlinked', 'offline')) OR (OLD.state = 'banned' AND NEW.state IN ('pairing', 'unlinked')) OR (OLD.state = 'needs_passkey' AND NEW.state IN ('pairing', 'unlinked'))) THEN\n                RAISE EXCEPTION 'state % may not become %', OLD.state, NEW.state\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ", hash='a27d529a5895766981154f8276dda5d537774f1e', operation='UPDATE OF "state"', pgid='pgtrigger_state_moves_c6421', table='wa_sessions_whatsappsession', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='chat',
            index=models.Index(fields=['session', '-id'], name='chat_list'),
        ),
        migrations.AddIndex(
            model_name='chat',
            index=models.Index(condition=models.Q(('opened_at__isnull', False)), fields=['session', 'opened_at'], name='chat_opened'),
        ),
        migrations.AddIndex(
            model_name='chat',
            index=models.Index(condition=models.Q(('warm_at__isnull', False)), fields=['session', 'phone'], name='chat_warm'),
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
        migrations.AddIndex(
            model_name='browserlook',
            index=models.Index(fields=['seen_at'], name='browser_look_seen'),
        ),
        migrations.AddConstraint(
            model_name='browserlook',
            constraint=models.UniqueConstraint(fields=('session', 'title_hash'), name='browser_look_once'),
        ),
        migrations.AddConstraint(
            model_name='pairing',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['waiting', 'showing'])), fields=('session',), name='pairing_one_open'),
        ),
        migrations.AddIndex(
            model_name='sessionevent',
            index=models.Index(fields=['session', '-id'], name='session_event_list'),
        ),
    ]
