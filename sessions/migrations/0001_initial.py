"""WhatsApp sessions, their links, and who may drive them."""

import blu.db.encrypted_fields
import blu.web.names
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import sessions.registry
import simple_history.models
import uuid
from django.conf import settings
from django.db import migrations, models

# A session's active link is one of its own.
OWN_LINK = """
ALTER TABLE wa_sessions_whatsappsession ADD CONSTRAINT session_active_link_is_own
    FOREIGN KEY (active_link_id, id) REFERENCES wa_sessions_link (id, session_id) DEFERRABLE INITIALLY DEFERRED
"""
NO_OWN_LINK = "ALTER TABLE wa_sessions_whatsappsession DROP CONSTRAINT session_active_link_is_own"

# Drivers, whose browsers show what strangers write, put evidence in and never read it back.
ONLY_PAGES_OPEN = """
REVOKE SELECT ON wa_sessions_pageevidence FROM blu_jobs, blu_host;
GRANT SELECT (id, link_id, at, kind, screen, build, matched, node) ON wa_sessions_pageevidence TO blu_jobs, blu_host
"""
ALL_OPEN = "GRANT SELECT ON wa_sessions_pageevidence TO blu_jobs, blu_host"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('transport', models.CharField(choices=sessions.registry.choices, default='browser', max_length=12, verbose_name='transporte')),
                ('state', models.CharField(choices=[('unlinked', 'não conectado'), ('pairing', 'conectando'), ('online', 'conectado'), ('offline', 'sem conexão'), ('resting', 'em descanso'), ('restricted', 'restrito'), ('stopped', 'parado por segurança'), ('conflict', 'aberto em outro lugar'), ('logged_out', 'desconectado pelo celular'), ('banned', 'bloqueado pelo WhatsApp'), ('outdated', 'à espera de atualização'), ('needs_passkey', 'precisa de chave de acesso')], default='unlinked', max_length=16, verbose_name='estado')),
                ('state_reason', models.CharField(blank=True, max_length=60, verbose_name='motivo')),
                ('state_params', models.JSONField(blank=True, default=dict, verbose_name='dados do motivo')),
                ('state_until', models.DateTimeField(blank=True, null=True, verbose_name='até')),
                ('keeps_badges', models.BooleanField(editable=False, null=True, verbose_name='devolve o “não lida” no celular')),
                ('is_leaving', models.BooleanField(default=False, editable=False, verbose_name='a sair dos aparelhos conectados')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='telefone')),
                ('home', models.SlugField(editable=False, max_length=40, unique=True, verbose_name='pasta')),
                ('credentials', blu.db.encrypted_fields.EncryptedTextField(blank=True, default='', editable=False, verbose_name='chave')),
                ('node', models.CharField(blank=True, help_text='onde está a pasta', max_length=40, verbose_name='máquina')),
                ('home_fence', models.BigIntegerField(default=0, editable=False, verbose_name='nº do direito de uso da pasta')),
                ('linked_at', models.DateTimeField(blank=True, null=True, verbose_name='conectado em')),
                ('proven_at', models.DateTimeField(blank=True, null=True, verbose_name='última resposta do WhatsApp')),
                ('visited_at', models.DateTimeField(blank=True, null=True, verbose_name='última visita')),
                ('retry_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='tentar de novo em')),
            ],
            options={
                'verbose_name': 'aparelho conectado',
                'verbose_name_plural': 'aparelhos conectados',
                'indexes': [
                    models.Index(condition=models.Q(('is_leaving', True)), fields=['id'], name='link_is_leaving'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('state__in', ['unlinked', 'pairing', 'online', 'offline', 'resting', 'restricted', 'stopped', 'conflict', 'logged_out', 'banned', 'outdated', 'needs_passkey'])), name='link_state_is_known'),
                    models.CheckConstraint(condition=models.Q(('state_until', None), ('state__in', ('restricted', 'stopped', 'outdated')), _connector='OR'), name='link_until_ends_a_state'),
                ],
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
                ('steady_since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='sem falhas desde')),
            ],
            options={
                'verbose_name': 'máquina',
                'verbose_name_plural': 'máquinas',
            },
        ),
        migrations.CreateModel(
            name='Runner',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('node', models.CharField(max_length=40, verbose_name='máquina')),
                ('host', models.CharField(max_length=100, verbose_name='endereço')),
                ('pid', models.IntegerField(verbose_name='nº do processo')),
                ('born', models.FloatField(verbose_name='início do processo')),
                ('heartbeat', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='último sinal')),
                ('capacity', models.IntegerField(blank=True, null=True, verbose_name='aparelhos no máximo')),
            ],
            options={
                'verbose_name': 'processo',
                'verbose_name_plural': 'processos',
            },
        ),
        migrations.CreateModel(
            name='HomeArchive',
            fields=[
                ('link', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to='wa_sessions.link', verbose_name='aparelho')),
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
            name='HistoricalWhatsAppSession',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('name', blu.web.names.NameField(max_length=60, verbose_name='nome')),
                ('pacing', models.CharField(choices=[('real', 'limites reais'), ('trial', 'sem limites (só simulador)')], default='real', max_length=8, verbose_name='ritmo')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='telefone')),
                ('terms_accepted_at', models.DateTimeField(blank=True, null=True, verbose_name='termos aceitos em')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='criada em')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('business', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.business', verbose_name='negócio')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('terms_accepted_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='termos aceitos por')),
                ('active_link', models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='wa_sessions.link', verbose_name='aparelho ativo')),
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
            name='WhatsAppSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', blu.web.names.NameField(max_length=60, verbose_name='nome')),
                ('pacing', models.CharField(choices=[('real', 'limites reais'), ('trial', 'sem limites (só simulador)')], default='real', max_length=8, verbose_name='ritmo')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='telefone')),
                ('fence', models.BigIntegerField(default=0, editable=False, verbose_name='nº do direito de uso')),
                ('terms_accepted_at', models.DateTimeField(blank=True, null=True, verbose_name='termos aceitos em')),
                ('last_sent_at', models.DateTimeField(blank=True, null=True, verbose_name='último envio')),
                ('idle_until', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='parada até')),
                ('new_chats_left', models.PositiveIntegerField(blank=True, editable=False, null=True, verbose_name='novas conversas que o WhatsApp deixa')),
                ('new_chats_until', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='até quando o WhatsApp limita')),
                ('new_chats_told_at', models.DateTimeField(editable=False, null=True, verbose_name='limite do WhatsApp dito em')),
                ('new_chats_reason', models.CharField(blank=True, editable=False, max_length=60, verbose_name='por que o WhatsApp limita')),
                ('new_chats_end_told', models.BooleanField(default=False, editable=False, verbose_name='o WhatsApp disse até quando')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='criada em')),
                ('active_link', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='wa_sessions.link', verbose_name='aparelho ativo')),
                ('business', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.business', verbose_name='negócio')),
                ('terms_accepted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='termos aceitos por')),
            ],
            options={
                'verbose_name': 'conexão de WhatsApp',
                'verbose_name_plural': 'conexões de WhatsApp',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('name__iregex', '[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]|://|www\\.'), _negated=True), name='session_name_in_one_line'),
                    models.UniqueConstraint(fields=('business', 'name'), name='session_name_once'),
                    models.UniqueConstraint(fields=('id', 'business'), name='session_business_key'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SessionEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='quando')),
                ('state', models.CharField(choices=[('unlinked', 'não conectado'), ('pairing', 'conectando'), ('online', 'conectado'), ('offline', 'sem conexão'), ('resting', 'em descanso'), ('restricted', 'restrito'), ('stopped', 'parado por segurança'), ('conflict', 'aberto em outro lugar'), ('logged_out', 'desconectado pelo celular'), ('banned', 'bloqueado pelo WhatsApp'), ('outdated', 'à espera de atualização'), ('needs_passkey', 'precisa de chave de acesso')], max_length=16, verbose_name='estado')),
                ('reason', models.CharField(blank=True, max_length=60, verbose_name='motivo')),
                ('params', models.JSONField(blank=True, default=dict, verbose_name='dados do motivo')),
                ('fence', models.BigIntegerField(blank=True, null=True, verbose_name='nº do direito de uso')),
                ('node', models.CharField(blank=True, max_length=40, verbose_name='máquina')),
                ('link', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='wa_sessions.link', verbose_name='aparelho')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='wa_sessions.whatsappsession', verbose_name='conexão')),
            ],
            options={
                'verbose_name': 'acontecimento',
                'verbose_name_plural': 'acontecimentos',
                'indexes': [
                    models.Index(fields=['session', '-id'], name='session_event_list'),
                ],
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
                'indexes': [
                    models.Index(fields=['session', '-id'], name='chat_list'),
                    models.Index(condition=models.Q(('opened_at__isnull', False)), fields=['session', 'opened_at'], name='chat_opened'),
                    models.Index(condition=models.Q(('warm_at__isnull', False)), fields=['session', 'phone'], name='chat_warm'),
                ],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('phone', ''), _negated=True), fields=('session', 'phone'), name='chat_once_by_phone'),
                    models.UniqueConstraint(condition=models.Q(('wa_id', ''), _negated=True), fields=('session', 'wa_id'), name='chat_once_by_wa_id'),
                    models.UniqueConstraint(condition=models.Q(('lid', ''), _negated=True), fields=('session', 'lid'), name='chat_once_by_lid'),
                    models.UniqueConstraint(condition=models.Q(('username', ''), _negated=True), fields=('session', 'username'), name='chat_once_by_username'),
                    models.CheckConstraint(condition=models.Q(models.Q(('lid', ''), ('phone', ''), ('username', ''), _negated=True), models.Q(('wa_id', ''), models.Q(('phone', ''), _negated=True), _connector='OR')), name='chat_has_a_key'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Lease',
            fields=[
                ('link', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to='wa_sessions.link', verbose_name='aparelho')),
                ('fence', models.BigIntegerField(default=0, verbose_name='nº do direito de uso')),
                ('node', models.CharField(blank=True, max_length=40, verbose_name='máquina')),
                ('acquired_at', models.DateTimeField(blank=True, null=True, verbose_name='tomado em')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='vale até')),
                ('runner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='wa_sessions.runner', verbose_name='processo')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='leases', to='wa_sessions.whatsappsession', verbose_name='conexão')),
            ],
            options={
                'verbose_name': 'direito de uso',
                'verbose_name_plural': 'direitos de uso',
            },
        ),
        migrations.CreateModel(
            name='BrowserLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title_hash', models.CharField(blank=True, help_text='vazio: a lista inteira', max_length=32, verbose_name='resumo do nome')),
                ('looks', models.JSONField(verbose_name='o que se viu')),
                ('seen_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='vista em')),
                ('link', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='wa_sessions.link', verbose_name='aparelho conectado')),
            ],
            options={
                'verbose_name': 'conversa já ouvida',
                'verbose_name_plural': 'conversas já ouvidas',
                'indexes': [
                    models.Index(fields=['seen_at'], name='browser_look_seen'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('link', 'title_hash'), name='browser_look_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Pairing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('waiting', 'abrindo o WhatsApp'), ('showing', 'esperando o celular'), ('linked', 'conectado'), ('expired', 'o tempo acabou'), ('failed', 'não deu certo')], default='waiting', max_length=8, verbose_name='situação')),
                ('phone', models.CharField(blank=True, help_text='vazio: por QR code', max_length=20, verbose_name='telefone')),
                ('code', blu.db.encrypted_fields.EncryptedTextField(blank=True, default='', editable=False, verbose_name='código')),
                ('shown_at', models.DateTimeField(blank=True, null=True, verbose_name='mostrado em')),
                ('reason', models.CharField(blank=True, max_length=60, verbose_name='motivo')),
                ('params', models.JSONField(blank=True, default=dict, verbose_name='dados do motivo')),
                ('requested_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='pedido em')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='terminou em')),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pairings', to='wa_sessions.link', verbose_name='aparelho')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='pedido por')),
            ],
            options={
                'verbose_name': 'conexão em andamento',
                'verbose_name_plural': 'conexões em andamento',
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('status__in', ['waiting', 'showing'])), fields=('link',), name='pairing_one_open'),
                ],
            },
        ),
        migrations.CreateModel(
            name='PageEvidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='quando')),
                ('kind', models.CharField(max_length=40, verbose_name='em que parou')),
                ('screen', models.CharField(max_length=40, verbose_name='tela')),
                ('build', models.CharField(blank=True, max_length=40, verbose_name='versão da página')),
                ('matched', models.JSONField(default=dict, verbose_name='seletores achados')),
                ('node', models.CharField(blank=True, max_length=40, verbose_name='máquina')),
                ('picture', models.BinaryField(default=bytes, verbose_name='imagem lacrada')),
                ('document', models.BinaryField(default=bytes, verbose_name='estrutura lacrada')),
                ('link', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='evidence', to='wa_sessions.link', verbose_name='aparelho conectado')),
            ],
            options={
                'verbose_name': 'tela não entendida',
                'verbose_name_plural': 'telas não entendidas',
                'permissions': [('open_pageevidence', 'Pode abrir telas não entendidas')],
                'indexes': [
                    models.Index(fields=['link', '-id'], name='page_evidence_of_link'),
                    models.Index(fields=['at'], name='page_evidence_at'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('picture'), 700000), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('document'), 700000)), name='page_evidence_is_small'),
                ],
            },
        ),
        migrations.CreateModel(
            name='EvidenceOpening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about', models.CharField(max_length=200, verbose_name='de quem')),
                ('part', models.CharField(choices=[('picture', 'imagem'), ('document', 'estrutura')], max_length=8, verbose_name='parte')),
                ('reason', models.CharField(max_length=200, validators=[django.core.validators.MinLengthValidator(5)], verbose_name='motivo')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='quando')),
                ('who', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='quem abriu')),
                ('evidence', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='openings', to='wa_sessions.pageevidence', verbose_name='tela')),
            ],
            options={
                'verbose_name': 'abertura de tela',
                'verbose_name_plural': 'aberturas de telas',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(django.db.models.lookups.GreaterThanOrEqual(django.db.models.functions.text.Length(django.db.models.functions.text.Trim('reason')), 5)), name='evidence_opening_has_a_reason'),
                ],
            },
        ),
        migrations.AddField(
            model_name='link',
            name='session',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='wa_sessions.whatsappsession', verbose_name='conexão'),
        ),
        migrations.AddConstraint(
            model_name='link',
            constraint=models.UniqueConstraint(fields=('id', 'session'), name='link_session_key'),
        ),
        migrations.CreateModel(
            name='LinkMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('requested_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='pedido em')),
                ('switched_at', models.DateTimeField(blank=True, null=True, verbose_name='trocado em')),
                ('kept_until', models.DateTimeField(blank=True, null=True, verbose_name='guardado até')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='terminou em')),
                ('new', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='wa_sessions.link', verbose_name='aparelho novo')),
                ('old', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='wa_sessions.link', verbose_name='aparelho de antes')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='pedido por')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moves', to='wa_sessions.whatsappsession', verbose_name='conexão')),
            ],
            options={
                'verbose_name': 'mudança de aparelho',
                'verbose_name_plural': 'mudanças de aparelho',
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('session',), name='link_move_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('kept_until', None), ('switched_at', None)), models.Q(('kept_until__isnull', False), ('switched_at__isnull', False)), _connector='OR'), name='link_move_kept_once_switched')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='link',
            trigger=pgtrigger.compiler.Trigger(name='state_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> NEW.state AND OLD.state || ' ' || NEW.state <> ALL ('{unlinked pairing, pairing online, pairing resting, pairing unlinked, pairing needs_passkey, pairing banned, pairing outdated, online online, online offline, online restricted, online stopped, online conflict, online logged_out, online banned, online outdated, online resting, online unlinked, offline online, offline offline, offline restricted, offline stopped, offline conflict, offline logged_out, offline banned, offline outdated, offline unlinked, resting online, resting offline, resting restricted, resting stopped, resting conflict, resting logged_out, resting banned, resting outdated, resting unlinked, restricted online, restricted offline, restricted restricted, restricted stopped, restricted conflict, restricted logged_out, restricted banned, restricted outdated, restricted unlinked, stopped online, stopped offline, stopped restricted, stopped stopped, stopped conflict, stopped logged_out, stopped banned, stopped outdated, stopped unlinked, outdated online, outdated offline, outdated restricted, outdated stopped, outdated conflict, outdated logged_out, outdated banned, outdated outdated, outdated unlinked, conflict pairing, conflict unlinked, logged_out pairing, logged_out unlinked, logged_out offline, banned pairing, banned unlinked, needs_passkey pairing, needs_passkey unlinked}'::text[]))", func="\n            RAISE EXCEPTION 'state % may not become %', OLD.state, NEW.state\n                USING ERRCODE = 'check_violation';\n        ", hash='27f24f70b6f6bec36735921f063f2aae6f84fb46', operation='UPDATE OF "state"', pgid='pgtrigger_state_moves_afa6c', table='wa_sessions_link', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='link',
            trigger=pgtrigger.compiler.Trigger(name='state_births', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.state NOT IN ('unlinked'))", func="\n            RAISE EXCEPTION 'no row begins with state %', NEW.state USING ERRCODE = 'check_violation';\n        ", hash='4b23afb76afa327436b67489d2b31625c0ab52e1', operation='INSERT', pgid='pgtrigger_state_births_582c2', table='wa_sessions_link', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lease',
            trigger=pgtrigger.compiler.Trigger(name='fence_grows', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.fence < OLD.fence)', func="RAISE EXCEPTION 'fence never decreases' USING ERRCODE = 'check_violation';", hash='573fe2d2f79f104a8fb727bd0b0de0f5e97899d6', operation='UPDATE OF "fence"', pgid='pgtrigger_fence_grows_74b36', table='wa_sessions_lease', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='whatsappsession',
            trigger=pgtrigger.compiler.Trigger(name='fence_grows', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.fence < OLD.fence)', func="RAISE EXCEPTION 'fence never decreases' USING ERRCODE = 'check_violation';", hash='581b48908401a29d9dd53e8b056fa159a10cea7e', operation='UPDATE OF "fence"', pgid='pgtrigger_fence_grows_ca44d', table='wa_sessions_whatsappsession', when='BEFORE')),
        ),
        migrations.RunSQL(OWN_LINK, NO_OWN_LINK),
        pgtrigger.migrations.AddTrigger(
            model_name='pageevidence',
            trigger=pgtrigger.compiler.Trigger(name='stays_as_it_is', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='a68839896df236429a1dafbad27c00131ae9c15b', operation='UPDATE', pgid='pgtrigger_stays_as_it_is_523d0', table='wa_sessions_pageevidence', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='evidenceopening',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6a7ea50e4378adbb6c8ebcd3025442b56f5e01f9', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_c52f6', table='wa_sessions_evidenceopening', when='BEFORE')),
        ),
        migrations.RunSQL(ONLY_PAGES_OPEN, ALL_OPEN),
        pgtrigger.migrations.AddTrigger(
            model_name='chat',
            trigger=pgtrigger.compiler.Trigger(name='stop_follows_insert', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN ((NEW.phone <> '')::int + (NEW.lid <> '')::int + (NEW.username <> '')::int > 1)", func="\n    INSERT INTO public.contacts_stop (business_id, key, why, source, evidence_kind, evidence_ref, actor_id, until)\n    SELECT one.business_id, kept.key, one.why, one.source, one.evidence_kind, one.evidence_ref,\n           one.actor_id, one.until\n      FROM (SELECT stop.* FROM public.contacts_stop stop\n              JOIN public.wa_sessions_whatsappsession session ON session.business_id = stop.business_id\n             WHERE session.id = NEW.session_id AND stop.lifted_at IS NULL\n               AND (stop.until IS NULL OR stop.until > statement_timestamp())\n               AND stop.key IN ((CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END), 'lid:' || NEW.lid, '@' || NEW.username)\n             ORDER BY stop.until DESC NULLS FIRST LIMIT 1) one,\n           unnest(ARRAY[(CASE WHEN left(nullif(NEW.phone, ''), 3) = '+55' AND length(nullif(NEW.phone, '')) = 13 AND substr(nullif(NEW.phone, ''), 6, 1) IN ('6', '7', '8', '9') THEN left(nullif(NEW.phone, ''), 5) || '9' || substr(nullif(NEW.phone, ''), 6) ELSE nullif(NEW.phone, '') END), 'lid:' || nullif(NEW.lid, '')]) kept(key)\n     WHERE kept.key IS NOT NULL\n     ORDER BY kept.key\n    ON CONFLICT (business_id, key) WHERE lifted_at IS NULL DO NOTHING;\n    RETURN NULL;\n", hash='a520aa47257e86d510f89303d44230218aa046c5', operation='INSERT', pgid='pgtrigger_stop_follows_insert_f7e5d', table='wa_sessions_chat', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='chat',
            trigger=pgtrigger.compiler.Trigger(name='stop_follows_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (((NEW.phone <> '')::int + (NEW.lid <> '')::int + (NEW.username <> '')::int > 1) AND (OLD.phone, OLD.lid, OLD.username) IS DISTINCT FROM (NEW.phone, NEW.lid, NEW.username))", func="\n    INSERT INTO public.contacts_stop (business_id, key, why, source, evidence_kind, evidence_ref, actor_id, until)\n    SELECT one.business_id, kept.key, one.why, one.source, one.evidence_kind, one.evidence_ref,\n           one.actor_id, one.until\n      FROM (SELECT stop.* FROM public.contacts_stop stop\n              JOIN public.wa_sessions_whatsappsession session ON session.business_id = stop.business_id\n             WHERE session.id = NEW.session_id AND stop.lifted_at IS NULL\n               AND (stop.until IS NULL OR stop.until > statement_timestamp())\n               AND stop.key IN ((CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END), 'lid:' || NEW.lid, '@' || NEW.username)\n             ORDER BY stop.until DESC NULLS FIRST LIMIT 1) one,\n           unnest(ARRAY[(CASE WHEN left(nullif(NEW.phone, ''), 3) = '+55' AND length(nullif(NEW.phone, '')) = 13 AND substr(nullif(NEW.phone, ''), 6, 1) IN ('6', '7', '8', '9') THEN left(nullif(NEW.phone, ''), 5) || '9' || substr(nullif(NEW.phone, ''), 6) ELSE nullif(NEW.phone, '') END), 'lid:' || nullif(NEW.lid, '')]) kept(key)\n     WHERE kept.key IS NOT NULL\n     ORDER BY kept.key\n    ON CONFLICT (business_id, key) WHERE lifted_at IS NULL DO NOTHING;\n    RETURN NULL;\n", hash='250308bfc24f3b2835cbc61367143b2da7d01c53', operation='UPDATE OF "phone", "lid", "username"', pgid='pgtrigger_stop_follows_update_6d06c', table='wa_sessions_chat', when='AFTER')),
        ),
    ]
