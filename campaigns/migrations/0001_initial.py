"""Campaigns, the ledger, replies, and the rules of both."""

import blu.db.encrypted_fields
import blu.web.names
import datetime
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import simple_history.models
from django.conf import settings
from django.db import migrations, models

# Rows that belong together are of one business: a campaign, its topic, segment and session, a delivery and its contact.
KEYS = [
    ("campaigns_campaign", "campaign_topic_business", "topic_id", "contacts_topic"),
    ("campaigns_campaign", "campaign_segment_business", "segment_id", "contacts_segment"),
    ("campaigns_campaign", "campaign_session_business", "session_id", "wa_sessions_whatsappsession"),
    ("campaigns_delivery", "delivery_campaign_business", "campaign_id", "campaigns_campaign"),
    ("campaigns_delivery", "delivery_contact_business", "contact_id", "contacts_contact"),
    ("campaigns_notice", "notice_session_business", "session_id", "wa_sessions_whatsappsession"),
]

# No role switches the triggers off by a session variable: django-pgtrigger's triggers ask this function
# whether `pgtrigger.ignore` names them, and anybody may set that variable. It also opened a
# subtransaction each time, which every claim would pay for. A migration with a trigger of its own writes
# the function anew: repeat this one after it (a test tells).
NOBODY = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS 'SELECT false'
"""

# Ledger, histories and audit are deleted by no role; what people agreed to under isn't changed either. A page keeps stops
# and may make one last longer, but lifts none. Here because this migration is the last of ours.
NEVER_DELETED = """
REVOKE DELETE ON campaigns_delivery, campaigns_notice, campaigns_decision, campaigns_hold, campaigns_historicalsessionlimits,
                 contacts_consent, contacts_subscription, contacts_stop, contacts_consentwording,
                 accounts_historicalbusiness, accounts_historicalinvitation, accounts_historicalmembership,
                 wa_sessions_historicalwhatsappsession, wa_sessions_sessionevent, wa_sessions_evidenceopening,
                 django_admin_log FROM blu_web, blu_jobs, blu_host;
REVOKE UPDATE ON contacts_consent, contacts_consentwording, campaigns_decision, django_admin_log
           FROM blu_web, blu_jobs, blu_host;
REVOKE DELETE ON campaigns_reply FROM blu_web;
REVOKE UPDATE ON contacts_stop FROM blu_web;
GRANT UPDATE (until) ON contacts_stop TO blu_web;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('admin', '0003_logentry_add_action_flag_choices'),
        ('contacts', '0001_initial'),
        ('wa_sessions', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalSessionLimits',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('interval_seconds', models.PositiveIntegerField(default=20, validators=[django.core.validators.MinValueValidator(1)], verbose_name='segundos entre mensagens')),
                ('opens', models.TimeField(default=datetime.time(8, 0), verbose_name='começa às')),
                ('closes', models.TimeField(default=datetime.time(20, 0), verbose_name='para às')),
                ('sundays', models.BooleanField(default=False, verbose_name='também aos domingos')),
                ('daily', models.PositiveIntegerField(blank=True, null=True, verbose_name='mensagens por dia')),
                ('new_chats', models.PositiveIntegerField(blank=True, help_text='vazio: conforme a idade da conexão', null=True, verbose_name='conversas novas por dia')),
                ('raised_reason', models.CharField(blank=True, max_length=300, verbose_name='por que foi aumentado')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('raised_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='aumentado por')),
                ('session', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='wa_sessions.whatsappsession', verbose_name='conexão')),
            ],
            options={
                'verbose_name': 'historical limites de envio',
                'verbose_name_plural': 'historical limites de envio',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone', models.CharField(max_length=20, verbose_name='telefone')),
                ('status', models.CharField(choices=[('queued', 'na fila'), ('sending', 'enviando'), ('sent', 'enviado'), ('delivered', 'entregue'), ('read', 'lido'), ('skipped', 'pulado'), ('failed', 'falhou'), ('uncertain', 'incerto'), ('cancelled', 'cancelado')], default='queued', max_length=10, verbose_name='situação')),
                ('reason', models.CharField(blank=True, choices=[('', ''), ('no_consent', 'sem consentimento'), ('stop', 'pediu para não receber'), ('held', 'resposta a decidir'), ('not_on_whatsapp', 'o número não tem WhatsApp'), ('link_lost', 'a conexão caiu no meio do envio'), ('no_tick', 'o WhatsApp não confirmou o envio a tempo'), ('crash', 'o envio foi interrompido'), ('refused', 'o WhatsApp recusou'), ('text', 'o WhatsApp não aceitou este texto em três tentativas'), ('contact_blocked', 'o contato está bloqueado neste WhatsApp'), ('retry', 'não saiu, vai de novo'), ('unasked', 'o pedido não vale mais'), ('person', 'decidido por uma pessoa'), ('undelivered', 'o WhatsApp avisou que não entregou')], default='', max_length=16, verbose_name='motivo')),
                ('session_id', models.BigIntegerField(verbose_name='conexão')),
                ('fence', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='nº do direito de uso')),
                ('message_id', models.CharField(blank=True, max_length=80, verbose_name='id no WhatsApp')),
                ('not_before', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='não antes de')),
                ('attempts', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='tentativas')),
                ('text_tries', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='vezes que o texto não foi aceito')),
                ('text_tried_at', models.DateTimeField(blank=True, null=True, verbose_name='texto não aceito em')),
                ('queued_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='na fila desde')),
                ('sending_at', models.DateTimeField(blank=True, null=True, verbose_name='saindo em')),
                ('pressed_at', models.DateTimeField(blank=True, null=True, verbose_name='digitado em')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='enviado em')),
                ('delivered_at', models.DateTimeField(blank=True, null=True, verbose_name='entregue em')),
                ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='lido em')),
                ('ended_at', models.DateTimeField(blank=True, help_text='pulado, falhou, incerto ou cancelado', null=True, verbose_name='encerrado em')),
                ('kind', models.CharField(choices=[('stop_confirmation', 'confirmação de saída'), ('return_confirmation', 'confirmação de volta'), ('self_test', 'teste para mim'), ('number_code', 'código para confirmar um número')], max_length=20, verbose_name='tipo')),
                ('cause', models.CharField(help_text='o que respondeu: um aviso por acontecimento', max_length=120, verbose_name='causa')),
                ('text', models.TextField(verbose_name='texto')),
                ('asked_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='pedido por')),
                ('business', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.business', verbose_name='negócio')),
            ],
            options={
                'verbose_name': 'aviso',
                'verbose_name_plural': 'avisos',
                'abstract': False,
                'indexes': [
                    models.Index(condition=models.Q(('status', 'queued')), fields=['session_id', 'not_before', 'id'], name='notice_claim'),
                    models.Index(condition=models.Q(('sent_at__isnull', False)), fields=['session_id', '-sent_at'], name='notice_sent'),
                    models.Index(condition=models.Q(('asked_by__isnull', False)), fields=['asked_by', 'kind', 'queued_at'], name='notice_asked'),
                    models.Index(condition=models.Q(('kind', 'number_code')), fields=['phone', 'queued_at'], name='notice_code_to'),
                    models.Index(condition=models.Q(('kind', 'number_code')), fields=['session_id', 'queued_at'], name='notice_code_through'),
                    models.Index(condition=models.Q(('message_id', ''), _negated=True), fields=['session_id', 'message_id'], name='notice_message'),
                    models.Index(condition=models.Q(('status__in', ['sending', 'uncertain'])), fields=['session_id', 'id'], name='notice_in_doubt'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('kind', 'self_test'), django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('text'), 300), _connector='OR'), name='notice_text_is_short'),
                    models.CheckConstraint(condition=models.Q(models.Q(('kind', 'number_code'), _negated=True), models.Q(('text__regex', '[[:cntrl:]/@]|\\.[a-zA-Z]'), _negated=True), _connector='OR'), name='notice_code_is_plain'),
                    models.UniqueConstraint(fields=('session_id', 'kind', 'cause'), name='notice_once'),
                    models.CheckConstraint(condition=models.Q(('status__in', ['queued', 'sending', 'sent', 'delivered', 'read', 'skipped', 'failed', 'uncertain', 'cancelled'])), name='notice_status'),
                ],
            },
        ),
        migrations.CreateModel(
            name='NumberProof',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('how', models.CharField(choices=[('code', 'digitou o código enviado ao número'), ('wrote', 'escreveu do número')], max_length=5, verbose_name='como')),
                ('phone', models.CharField(blank=True, help_text='vazio até a pessoa escrever', max_length=20, verbose_name='telefone')),
                ('code', blu.db.encrypted_fields.EncryptedTextField(editable=False, validators=[django.core.validators.MinLengthValidator(1)], verbose_name='código')),
                ('tries', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='tentativas')),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='pedido em')),
                ('proven_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmado em')),
                ('membership', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='number_proofs', to='accounts.membership', verbose_name='participação')),
                ('session', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='wa_sessions.whatsappsession', verbose_name='conexão')),
            ],
            options={
                'verbose_name': 'número próprio',
                'verbose_name_plural': 'números próprios',
                'indexes': [
                    models.Index(fields=['membership', '-id'], name='proof_of_member'),
                    models.Index(fields=['session', 'asked_at'], name='proof_awaited'),
                    models.Index(condition=models.Q(('proven_at__isnull', False)), fields=['phone'], name='proof_number'),
                ],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('proven_at__isnull', False)), fields=('membership',), name='proof_one_number'),
                    models.CheckConstraint(condition=models.Q(models.Q(('how', 'wrote'), ('proven_at__isnull', True)), models.Q(('phone', ''), _negated=True), _connector='OR'), name='proof_has_a_number'),
                    models.CheckConstraint(condition=models.Q(('tries__lte', 5)), name='proof_few_tries'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SessionAlert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('away', 'sem conexão com mensagens na fila'), ('phone', 'abrir o WhatsApp no celular')], max_length=5, verbose_name='tipo')),
                ('since', models.DateTimeField(verbose_name='desde')),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='avisado em')),
                ('enqueued_at', models.DateTimeField(blank=True, null=True, verbose_name='e-mail pedido em')),
                ('mailed_at', models.DateTimeField(blank=True, null=True, verbose_name='e-mail enviado em')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='terminou em')),
                ('session', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='wa_sessions.whatsappsession', verbose_name='conexão')),
            ],
            options={
                'verbose_name': 'aviso ao responsável',
                'verbose_name_plural': 'avisos aos responsáveis',
                'indexes': [
                    models.Index(fields=['session', '-id'], name='session_alert_list'),
                ],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('session', 'kind'), name='session_alert_one_open'),
                    models.UniqueConstraint(condition=models.Q(('kind', 'phone')), fields=('session', 'since'), name='session_alert_asked_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SessionLimits',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('interval_seconds', models.PositiveIntegerField(default=20, validators=[django.core.validators.MinValueValidator(1)], verbose_name='segundos entre mensagens')),
                ('opens', models.TimeField(default=datetime.time(8, 0), verbose_name='começa às')),
                ('closes', models.TimeField(default=datetime.time(20, 0), verbose_name='para às')),
                ('sundays', models.BooleanField(default=False, verbose_name='também aos domingos')),
                ('daily', models.PositiveIntegerField(blank=True, null=True, verbose_name='mensagens por dia')),
                ('new_chats', models.PositiveIntegerField(blank=True, help_text='vazio: conforme a idade da conexão', null=True, verbose_name='conversas novas por dia')),
                ('raised_reason', models.CharField(blank=True, max_length=300, verbose_name='por que foi aumentado')),
                ('raised_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), default=django.utils.timezone.now, editable=False, verbose_name='aumentado em')),
                ('raised_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='aumentado por')),
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='limits', to='wa_sessions.whatsappsession', verbose_name='conexão')),
            ],
            options={
                'verbose_name': 'limites de envio',
                'verbose_name_plural': 'limites de envio',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(models.Q(('raised_reason', ''), _negated=True), models.Q(('interval_seconds__gte', 20), ('sundays', False), ('closes__lte', datetime.time(20, 0)), ('opens__gte', datetime.time(8, 0)), models.Q(('new_chats__isnull', True), ('new_chats__lte', 200), _connector='OR')), _connector='OR'), name='limits_below_the_ceiling', violation_error_message='Acima dos limites padrão só o suporte vai, com um motivo escrito.'),
                    models.CheckConstraint(condition=models.Q(('interval_seconds__gte', 1), ('opens__lt', models.F('closes'))), name='limits_open_before_close', violation_error_message='O horário de começar vem antes do de parar.'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Template',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', blu.web.names.NameField(max_length=60, verbose_name='nome')),
                ('body', models.TextField(max_length=4096, verbose_name='texto')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='criado em')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='mudou em')),
                ('business', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.business', verbose_name='negócio')),
            ],
            options={
                'verbose_name': 'modelo',
                'verbose_name_plural': 'modelos',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('name__iregex', '[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]|://|www\\.'), _negated=True), name='template_name_in_one_line'),
                    models.UniqueConstraint(models.F('business'), django.db.models.functions.text.Upper('name'), name='template_name_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', blu.web.names.NameField(max_length=80, verbose_name='nome')),
                ('body', models.TextField(blank=True, max_length=4096, verbose_name='mensagem')),
                ('previous_body', models.TextField(blank=True, db_default='', default='', editable=False, verbose_name='texto de antes do modelo')),
                ('footer', models.CharField(blank=True, editable=False, help_text='fica fixa ao lançar', max_length=200, verbose_name='assinatura')),
                ('status', models.CharField(choices=[('draft', 'rascunho'), ('scheduled', 'agendada'), ('launching', 'preparando'), ('running', 'enviando'), ('paused', 'pausada'), ('done', 'concluída'), ('cancelled', 'cancelada')], default='draft', max_length=10, verbose_name='situação')),
                ('pause_reason', models.CharField(blank=True, choices=[('', ''), ('time_lock', 'O WhatsApp restringiu a conta: por enquanto ela não pode começar conversas novas. Continuar como antes pode levar ao bloqueio: reveja o público e o ritmo antes de retomar.'), ('too_many_left', '%(part)s das últimas %(last)s pessoas pediram para sair (%(share)s; o limite é %(limit)s). Continuar assim incomoda pessoas e põe a conta em risco.'), ('too_many_invalid', '%(part)s dos últimos %(last)s números não têm WhatsApp (%(share)s; o limite é %(limit)s). Continuar assim põe a conta em risco: confira a planilha de onde vieram.')], default='', max_length=20, verbose_name='motivo da pausa')),
                ('pause_counts', models.JSONField(blank=True, default=dict, verbose_name='números da pausa')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='criada em')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='mudou em')),
                ('version', models.PositiveIntegerField(db_default=0, default=0, editable=False, verbose_name='versão')),
                ('saved_as', models.CharField(db_default='', default='', editable=False, max_length=32, verbose_name='gravação')),
                ('launched_at', models.DateTimeField(blank=True, null=True, verbose_name='lançada em')),
                ('paused_at', models.DateTimeField(blank=True, null=True, verbose_name='pausada em')),
                ('resumed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='retomada em')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='terminou em')),
                ('recipients', models.PositiveIntegerField(default=0, verbose_name='pessoas ao lançar')),
                ('business', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.business', verbose_name='negócio')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='criada por')),
                ('launched_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='lançada por')),
                ('paused_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='pausada por')),
                ('segment', models.ForeignKey(blank=True, help_text='vazio: todos que aceitaram', null=True, on_delete=django.db.models.deletion.PROTECT, to='contacts.segment', verbose_name='público')),
                ('session', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='wa_sessions.whatsappsession', verbose_name='por qual WhatsApp')),
                ('topic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='contacts.topic', verbose_name='assunto')),
            ],
            options={
                'verbose_name': 'campanha',
                'verbose_name_plural': 'campanhas',
                'indexes': [
                    models.Index(fields=['business', '-id'], name='campaign_list'),
                    models.Index(condition=models.Q(('status', 'running')), fields=['session', 'id'], name='campaign_running'),
                ],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('name__iregex', '[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]|://|www\\.'), _negated=True), name='campaign_name_in_one_line'),
                    models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'cancelled']), models.Q(('topic__isnull', False), ('session__isnull', False), models.Q(('body', ''), _negated=True), models.Q(('status', 'scheduled'), ('launched_at__isnull', False), _connector='OR')), _connector='OR'), name='campaign_complete_when_launched'),
                    models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'scheduled', 'launching', 'running', 'paused', 'done', 'cancelled'])), name='campaign_status'),
                    models.CheckConstraint(condition=models.Q(('pause_reason', ''), ('status', 'paused'), _connector='OR'), name='campaign_reason_of_a_pause'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone', models.CharField(max_length=20, verbose_name='telefone')),
                ('status', models.CharField(choices=[('queued', 'na fila'), ('sending', 'enviando'), ('sent', 'enviado'), ('delivered', 'entregue'), ('read', 'lido'), ('skipped', 'pulado'), ('failed', 'falhou'), ('uncertain', 'incerto'), ('cancelled', 'cancelado')], default='queued', max_length=10, verbose_name='situação')),
                ('reason', models.CharField(blank=True, choices=[('', ''), ('no_consent', 'sem consentimento'), ('stop', 'pediu para não receber'), ('held', 'resposta a decidir'), ('not_on_whatsapp', 'o número não tem WhatsApp'), ('link_lost', 'a conexão caiu no meio do envio'), ('no_tick', 'o WhatsApp não confirmou o envio a tempo'), ('crash', 'o envio foi interrompido'), ('refused', 'o WhatsApp recusou'), ('text', 'o WhatsApp não aceitou este texto em três tentativas'), ('contact_blocked', 'o contato está bloqueado neste WhatsApp'), ('retry', 'não saiu, vai de novo'), ('unasked', 'o pedido não vale mais'), ('person', 'decidido por uma pessoa'), ('undelivered', 'o WhatsApp avisou que não entregou')], default='', max_length=16, verbose_name='motivo')),
                ('session_id', models.BigIntegerField(verbose_name='conexão')),
                ('fence', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='nº do direito de uso')),
                ('message_id', models.CharField(blank=True, max_length=80, verbose_name='id no WhatsApp')),
                ('not_before', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='não antes de')),
                ('attempts', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='tentativas')),
                ('text_tries', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='vezes que o texto não foi aceito')),
                ('text_tried_at', models.DateTimeField(blank=True, null=True, verbose_name='texto não aceito em')),
                ('queued_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='na fila desde')),
                ('sending_at', models.DateTimeField(blank=True, null=True, verbose_name='saindo em')),
                ('pressed_at', models.DateTimeField(blank=True, null=True, verbose_name='digitado em')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='enviado em')),
                ('delivered_at', models.DateTimeField(blank=True, null=True, verbose_name='entregue em')),
                ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='lido em')),
                ('ended_at', models.DateTimeField(blank=True, help_text='pulado, falhou, incerto ou cancelado', null=True, verbose_name='encerrado em')),
                ('business_id', models.BigIntegerField(verbose_name='negócio')),
                ('variables', models.JSONField(default=dict, verbose_name='dados usados')),
                ('warm', models.BooleanField(db_default=False, default=False, verbose_name='já escreveu para nós')),
                ('replied_at', models.DateTimeField(blank=True, null=True, verbose_name='respondeu em')),
                ('decision_id', models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='decisão de uma pessoa')),
                ('campaign', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='campaigns.campaign', verbose_name='campanha')),
                ('contact', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='contacts.contact', verbose_name='contato')),
            ],
            options={
                'verbose_name': 'envio',
                'verbose_name_plural': 'envios',
                'abstract': False,
                'indexes': [
                    models.Index(models.F('campaign'), models.F('session_id'), models.OrderBy(models.F('warm'), descending=True), models.F('not_before'), models.F('id'), condition=models.Q(('status', 'queued')), name='delivery_claim'),
                    models.Index(condition=models.Q(('message_id', ''), _negated=True), fields=['session_id', 'message_id'], name='delivery_message'),
                    models.Index(condition=models.Q(('sent_at__isnull', False)), fields=['session_id', '-sent_at'], name='delivery_sent'),
                    models.Index(condition=models.Q(('sending_at__isnull', False)), fields=['business_id', 'phone'], name='delivery_written'),
                    models.Index(condition=models.Q(('reason', 'not_on_whatsapp'), ('status', 'failed')), fields=['campaign', '-ended_at'], name='delivery_no_whatsapp'),
                    models.Index(condition=models.Q(('status__in', ['sending', 'uncertain'])), fields=['session_id', 'id'], name='delivery_in_doubt'),
                    models.Index(condition=models.Q(('status__in', ['skipped', 'failed', 'uncertain'])), fields=['campaign', 'status', 'id'], name='delivery_ended'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('campaign', 'contact'), name='delivery_once'),
                    models.CheckConstraint(condition=models.Q(('status__in', ['queued', 'sending', 'sent', 'delivered', 'read', 'skipped', 'failed', 'uncertain', 'cancelled'])), name='delivery_status'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Reply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(max_length=80, verbose_name='id no WhatsApp')),
                ('phone', models.CharField(blank=True, help_text='vazio: uma pessoa sem número', max_length=20, verbose_name='telefone')),
                ('called', models.CharField(blank=True, db_default='', default='', max_length=100, verbose_name='sem número, conhecida por')),
                ('person', models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('phone', ''), _negated=True), then='phone'), default='called'), output_field=models.CharField(max_length=100), verbose_name='pessoa')),
                ('kind', models.CharField(choices=[('message', 'mensagem'), ('stop', 'pediu para sair'), ('return', 'pediu para voltar'), ('hold', 'a decidir')], default='message', max_length=8, verbose_name='tipo')),
                ('text', models.TextField(verbose_name='texto')),
                ('at', models.DateTimeField(verbose_name='quando')),
                ('earlier', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, verbose_name='o que dizia antes')),
                ('edited_at', models.DateTimeField(blank=True, null=True, verbose_name='editada em')),
                ('handled_at', models.DateTimeField(blank=True, null=True, verbose_name='resolvida em')),
                ('business', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='accounts.business', verbose_name='negócio')),
                ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replies', to='contacts.contact', verbose_name='contato')),
                ('delivery', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replies', to='campaigns.delivery', verbose_name='em resposta a')),
                ('handled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='resolvida por')),
                ('session', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='wa_sessions.whatsappsession', verbose_name='conexão')),
                ('reason', models.CharField(blank=True, db_default='', default='', max_length=20, verbose_name='por quê')),
            ],
            options={
                'verbose_name': 'resposta',
                'verbose_name_plural': 'respostas',
                'indexes': [
                    models.Index(fields=['business', '-id'], name='reply_list'),
                    models.Index(fields=['business', 'person', '-id'], name='reply_by_person'),
                    models.Index(condition=models.Q(('contact', None), ('phone', ''), models.Q(('text', ''), _negated=True)), fields=['at'], name='reply_unknown'),
                    models.Index(condition=models.Q(('handled_at__isnull', True)), fields=['business', '-id'], name='reply_open'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('session', 'message_id'), name='reply_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('arrived', models.BooleanField(verbose_name='chegou')),
                ('reason', models.CharField(max_length=200, verbose_name='o que viu')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='quando')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='quem decidiu')),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='campaigns.delivery', verbose_name='envio')),
            ],
            options={
                'verbose_name': 'decisão',
                'verbose_name_plural': 'decisões',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='decision_has_a_reason'),
                ],
            },
        ),
        migrations.CreateModel(
            name='EarlyReceipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('session_id', models.BigIntegerField(verbose_name='conexão')),
                ('message_id', models.CharField(max_length=80, verbose_name='id no WhatsApp')),
                ('step', models.CharField(choices=[('sent', 'enviado'), ('failed', 'falhou'), ('delivered', 'entregue'), ('read', 'lido')], max_length=9, verbose_name='situação')),
                ('reason', models.CharField(blank=True, choices=[('', ''), ('no_consent', 'sem consentimento'), ('stop', 'pediu para não receber'), ('held', 'resposta a decidir'), ('not_on_whatsapp', 'o número não tem WhatsApp'), ('link_lost', 'a conexão caiu no meio do envio'), ('no_tick', 'o WhatsApp não confirmou o envio a tempo'), ('crash', 'o envio foi interrompido'), ('refused', 'o WhatsApp recusou'), ('text', 'o WhatsApp não aceitou este texto em três tentativas'), ('contact_blocked', 'o contato está bloqueado neste WhatsApp'), ('retry', 'não saiu, vai de novo'), ('unasked', 'o pedido não vale mais'), ('person', 'decidido por uma pessoa'), ('undelivered', 'o WhatsApp avisou que não entregou')], default='', max_length=16, verbose_name='motivo')),
                ('at', models.DateTimeField(verbose_name='quando')),
                ('kept_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='guardado em')),
            ],
            options={
                'verbose_name': 'confirmação adiantada',
                'verbose_name_plural': 'confirmações adiantadas',
                'indexes': [
                    models.Index(fields=['kept_at'], name='early_receipt_kept'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('session_id', 'message_id', 'step'), name='early_receipt_once'),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='earlyreceipt',
            trigger=pgtrigger.compiler.Trigger(name='applied_or_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    PERFORM pg_advisory_xact_lock(hashtextextended('receipt:' || NEW.session_id || ':' || NEW.message_id, 0));\n    UPDATE public.campaigns_delivery t\n       SET status = NEW.step, reason = NEW.reason,\n           ended_at = CASE WHEN NEW.step = 'failed' THEN NEW.at END,\n           sent_at = coalesce(t.sent_at, NEW.at),\n           delivered_at = CASE WHEN NEW.step IN ('delivered', 'read')\n                          THEN coalesce(t.delivered_at, NEW.at) ELSE t.delivered_at END,\n           read_at = CASE WHEN NEW.step = 'read' THEN coalesce(t.read_at, NEW.at) ELSE t.read_at END\n     WHERE t.session_id = NEW.session_id AND t.message_id = NEW.message_id AND t.message_id <> ''\n       AND (t.status <> 'failed' OR t.sent_at IS NOT NULL)\n       AND array_position(ARRAY['uncertain', 'sent', 'failed', 'delivered', 'read'], t.status::text) < array_position(ARRAY['uncertain', 'sent', 'failed', 'delivered', 'read'], NEW.step::text);\n    UPDATE public.campaigns_notice t\n       SET status = NEW.step, reason = NEW.reason,\n           ended_at = CASE WHEN NEW.step = 'failed' THEN NEW.at END,\n           sent_at = coalesce(t.sent_at, NEW.at),\n           delivered_at = CASE WHEN NEW.step IN ('delivered', 'read')\n                          THEN coalesce(t.delivered_at, NEW.at) ELSE t.delivered_at END,\n           read_at = CASE WHEN NEW.step = 'read' THEN coalesce(t.read_at, NEW.at) ELSE t.read_at END\n     WHERE t.session_id = NEW.session_id AND t.message_id = NEW.message_id AND t.message_id <> ''\n       AND (t.status <> 'failed' OR t.sent_at IS NOT NULL)\n       AND array_position(ARRAY['uncertain', 'sent', 'failed', 'delivered', 'read'], t.status::text) < array_position(ARRAY['uncertain', 'sent', 'failed', 'delivered', 'read'], NEW.step::text);\n    IF NEW.message_id = '' OR EXISTS (SELECT 1 FROM public.campaigns_delivery t\n             WHERE t.session_id = NEW.session_id AND t.message_id = NEW.message_id\n               AND t.message_id <> '' AND t.status <> 'sending') OR EXISTS (SELECT 1 FROM public.campaigns_notice t\n             WHERE t.session_id = NEW.session_id AND t.message_id = NEW.message_id\n               AND t.message_id <> '' AND t.status <> 'sending') THEN\n        RETURN NULL;\n    END IF;\n    IF NOT (EXISTS (SELECT 1 FROM public.campaigns_delivery t\n             WHERE t.session_id = NEW.session_id AND t.status IN ('sending', 'uncertain')\n               AND t.pressed_at > statement_timestamp() - interval '1 day') OR EXISTS (SELECT 1 FROM public.campaigns_notice t\n             WHERE t.session_id = NEW.session_id AND t.status IN ('sending', 'uncertain')\n               AND t.pressed_at > statement_timestamp() - interval '1 day')) THEN\n        RETURN NULL;\n    END IF;\n    DELETE FROM public.campaigns_earlyreceipt WHERE id IN (\n        SELECT id FROM public.campaigns_earlyreceipt\n         WHERE kept_at < statement_timestamp() - interval '1 day'\n         ORDER BY kept_at LIMIT 10 FOR UPDATE SKIP LOCKED);\n    RETURN NEW;\n        ", hash='fedb6de4531ee409344fecd624052b3b16cfafbb', operation='INSERT', pgid='pgtrigger_applied_or_kept_81b8d', table='campaigns_earlyreceipt', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.UniqueConstraint(fields=('id', 'business'), name='campaign_business_key'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='campaign',
            trigger=pgtrigger.compiler.Trigger(name='status_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.status <> NEW.status AND OLD.status || ' ' || NEW.status <> ALL ('{draft scheduled, draft launching, draft cancelled, scheduled draft, scheduled launching, scheduled cancelled, launching running, launching cancelled, running paused, running done, running cancelled, paused running, paused cancelled, done running}'::text[]))", func="\n            RAISE EXCEPTION 'status % may not become %', OLD.status, NEW.status\n                USING ERRCODE = 'check_violation';\n        ", hash='529fcfac533085038256603e16b5d258d64b4a44', operation='UPDATE OF "status"', pgid='pgtrigger_status_moves_7e7f1', table='campaigns_campaign', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='campaign',
            trigger=pgtrigger.compiler.Trigger(name='status_births', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.status NOT IN ('draft'))", func="\n            RAISE EXCEPTION 'no row begins with status %', NEW.status USING ERRCODE = 'check_violation';\n        ", hash='575f50105fc901f9cc8ea38ceb8111c5aca8ac49', operation='INSERT', pgid='pgtrigger_status_births_9666a', table='campaigns_campaign', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='early_receipts', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.message_id <> '' AND (NEW.message_id <> OLD.message_id OR OLD.status = 'sending') AND NEW.status IN ('uncertain', 'sent', 'delivered'))", declare='DECLARE early record; steps text[];', func="\n    steps := ARRAY['uncertain', 'sent', 'failed', 'delivered', 'read'];\n    PERFORM pg_advisory_xact_lock(hashtextextended('receipt:' || NEW.session_id || ':' || NEW.message_id, 0));\n    FOR early IN\n        DELETE FROM public.campaigns_earlyreceipt e\n         WHERE e.session_id = NEW.session_id AND e.message_id = NEW.message_id\n     RETURNING e.step, e.reason, e.at\n    LOOP\n        IF array_position(steps, early.step::text) > array_position(steps, NEW.status::text) THEN\n            NEW.status := early.step;\n            NEW.reason := early.reason;\n            NEW.ended_at := CASE WHEN early.step = 'failed' THEN early.at END;\n        END IF;\n        NEW.sent_at := coalesce(NEW.sent_at, early.at);\n        IF early.step IN ('delivered', 'read') THEN\n            NEW.delivered_at := least(NEW.delivered_at, early.at);\n        END IF;\n        IF early.step = 'read' THEN\n            NEW.read_at := least(NEW.read_at, early.at);\n        END IF;\n    END LOOP;\n    RETURN NEW;\n        ", hash='de67688d786cd0ef3d955c6ba1f929b8c82f9e7a', operation='UPDATE OF "status", "message_id"', pgid='pgtrigger_early_receipts_d6b50', table='campaigns_delivery', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='status_births', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.status NOT IN ('queued'))", func="\n            RAISE EXCEPTION 'no row begins with status %', NEW.status USING ERRCODE = 'check_violation';\n        ", hash='ab3b1a65133c50dba147000437bdc375e70de9c3', operation='INSERT', pgid='pgtrigger_status_births_64ab7', table='campaigns_delivery', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='status_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.status <> NEW.status AND OLD.status || ' ' || NEW.status <> ALL ('{queued sending, queued skipped, queued cancelled, sending queued, sending sent, sending delivered, sending read, sending failed, sending uncertain, sent delivered, sent read, sent failed, delivered read, failed delivered, failed read, uncertain sent, uncertain delivered, uncertain read, uncertain queued, uncertain failed}'::text[]))", func="\n            RAISE EXCEPTION 'status % may not become %', OLD.status, NEW.status\n                USING ERRCODE = 'check_violation';\n        ", hash='978815768546ee286864d8133e696b6f239f131d', operation='UPDATE OF "status"', pgid='pgtrigger_status_moves_d805e', table='campaigns_delivery', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='status_of_pressed', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.status = 'sending' AND NEW.status IN ('queued', 'failed') AND NEW.pressed_at IS NOT NULL AND NOT (NEW.status = 'failed' AND NEW.message_id <> '' AND NEW.sent_at IS NOT NULL AND NEW.reason <> ''))", func="RAISE EXCEPTION 'pressed at %: it may be on the wire', NEW.pressed_at USING ERRCODE = 'check_violation';", hash='1310c390b08e99c0bbd24fdaf3d0478d87fe4747', operation='UPDATE OF "status"', pgid='pgtrigger_status_of_pressed_43ae9', table='campaigns_delivery', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='status_of_told', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.status = 'sent' AND NEW.status = 'failed' AND NOT (NEW.status = 'failed' AND NEW.message_id <> '' AND NEW.sent_at IS NOT NULL AND NEW.reason <> '') OR OLD.status = 'failed' AND NEW.status <> 'failed' AND (OLD.sent_at IS NULL OR OLD.message_id = ''))", func="RAISE EXCEPTION 'only what WhatsApp says of a message it had taken moves it to % from %', NEW.status, OLD.status USING ERRCODE = 'check_violation';", hash='0697491665c574ba466f18db4301f4af575b1480', operation='UPDATE OF "status"', pgid='pgtrigger_status_of_told_66a0d', table='campaigns_delivery', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='status_out_of_doubt', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.status = 'uncertain' AND NEW.status <> 'uncertain')", func="\n            IF NEW.status IN ('queued', 'failed') AND NOT (NEW.decision_id IS DISTINCT FROM OLD.decision_id AND EXISTS (\n                    SELECT 1 FROM public.campaigns_decision d\n                     WHERE d.id = NEW.decision_id AND d.delivery_id = NEW.id\n                       AND d.arrived = (NEW.status = 'sent'))) AND NOT (NEW.status = 'failed' AND NEW.message_id <> '' AND NEW.sent_at IS NOT NULL AND NEW.reason <> '') THEN\n                RAISE EXCEPTION 'only a person moves an uncertain row, with a reason'\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            IF NEW.status IN ('sent', 'delivered', 'read') AND NEW.message_id = ''\n               AND (NEW.status <> 'sent' OR NOT (NEW.decision_id IS DISTINCT FROM OLD.decision_id AND EXISTS (\n                    SELECT 1 FROM public.campaigns_decision d\n                     WHERE d.id = NEW.decision_id AND d.delivery_id = NEW.id\n                       AND d.arrived = (NEW.status = 'sent')))) THEN\n                RAISE EXCEPTION 'neither a proof nor a decision that it was sent'\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ", hash='9ef7aecfc2643bf2620904d781a9d381d7dfaf07', operation='UPDATE OF "status"', pgid='pgtrigger_status_out_of_doubt_fc51e', table='campaigns_delivery', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='early_receipts', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.message_id <> '' AND (NEW.message_id <> OLD.message_id OR OLD.status = 'sending') AND NEW.status IN ('uncertain', 'sent', 'delivered'))", declare='DECLARE early record; steps text[];', func="\n    steps := ARRAY['uncertain', 'sent', 'failed', 'delivered', 'read'];\n    PERFORM pg_advisory_xact_lock(hashtextextended('receipt:' || NEW.session_id || ':' || NEW.message_id, 0));\n    FOR early IN\n        DELETE FROM public.campaigns_earlyreceipt e\n         WHERE e.session_id = NEW.session_id AND e.message_id = NEW.message_id\n     RETURNING e.step, e.reason, e.at\n    LOOP\n        IF array_position(steps, early.step::text) > array_position(steps, NEW.status::text) THEN\n            NEW.status := early.step;\n            NEW.reason := early.reason;\n            NEW.ended_at := CASE WHEN early.step = 'failed' THEN early.at END;\n        END IF;\n        NEW.sent_at := coalesce(NEW.sent_at, early.at);\n        IF early.step IN ('delivered', 'read') THEN\n            NEW.delivered_at := least(NEW.delivered_at, early.at);\n        END IF;\n        IF early.step = 'read' THEN\n            NEW.read_at := least(NEW.read_at, early.at);\n        END IF;\n    END LOOP;\n    RETURN NEW;\n        ", hash='a2f38a400336de868a83d67b0f5be10c21f1d364', operation='UPDATE OF "status", "message_id"', pgid='pgtrigger_early_receipts_7ba4e', table='campaigns_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD.kind, OLD.cause, OLD.business_id, OLD.session_id, OLD.phone, OLD.text, OLD.queued_at) IS DISTINCT FROM (NEW.kind, NEW.cause, NEW.business_id, NEW.session_id, NEW.phone, NEW.text, NEW.queued_at))', func="RAISE EXCEPTION 'what was asked for stays' USING ERRCODE = 'check_violation';", hash='6affd8751f43f10e24ac31a9a073110063ab9d1b', operation='UPDATE', pgid='pgtrigger_notice_frozen_9230e', table='campaigns_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_asker_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.asked_by_id IS NOT NULL AND NEW.asked_by_id IS DISTINCT FROM OLD.asked_by_id)', func="RAISE EXCEPTION 'who asked stays' USING ERRCODE = 'check_violation';", hash='d7cb3c65cd7125a74478fc29b7245effd2c3c78e', operation='UPDATE', pgid='pgtrigger_notice_asker_frozen_ab7c8', table='campaigns_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='status_births', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.status NOT IN ('queued'))", func="\n            RAISE EXCEPTION 'no row begins with status %', NEW.status USING ERRCODE = 'check_violation';\n        ", hash='5a73c5d7f3515de532897121d73594b8ba1d7b99', operation='INSERT', pgid='pgtrigger_status_births_a3d75', table='campaigns_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='status_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.status <> NEW.status AND OLD.status || ' ' || NEW.status <> ALL ('{queued sending, queued skipped, queued cancelled, sending queued, sending sent, sending delivered, sending read, sending failed, sending uncertain, sent delivered, sent read, sent failed, delivered read, failed delivered, failed read, uncertain sent, uncertain delivered, uncertain read, uncertain queued, uncertain failed}'::text[]))", func="\n            RAISE EXCEPTION 'status % may not become %', OLD.status, NEW.status\n                USING ERRCODE = 'check_violation';\n        ", hash='049afd7dedac0bfbda4c2c9f64cb5b6d977fed1c', operation='UPDATE OF "status"', pgid='pgtrigger_status_moves_9055d', table='campaigns_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='status_of_pressed', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.status = 'sending' AND NEW.status IN ('queued', 'failed') AND NEW.pressed_at IS NOT NULL AND NOT (NEW.status = 'failed' AND NEW.message_id <> '' AND NEW.sent_at IS NOT NULL AND NEW.reason <> ''))", func="RAISE EXCEPTION 'pressed at %: it may be on the wire', NEW.pressed_at USING ERRCODE = 'check_violation';", hash='552d3dc9645ca8def440415ecfdfe4b531b4b754', operation='UPDATE OF "status"', pgid='pgtrigger_status_of_pressed_f8267', table='campaigns_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='status_of_told', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.status = 'sent' AND NEW.status = 'failed' AND NOT (NEW.status = 'failed' AND NEW.message_id <> '' AND NEW.sent_at IS NOT NULL AND NEW.reason <> '') OR OLD.status = 'failed' AND NEW.status <> 'failed' AND (OLD.sent_at IS NULL OR OLD.message_id = ''))", func="RAISE EXCEPTION 'only what WhatsApp says of a message it had taken moves it to % from %', NEW.status, OLD.status USING ERRCODE = 'check_violation';", hash='c8ba56bddb13ff40da4089d33edff713a3824d52', operation='UPDATE OF "status"', pgid='pgtrigger_status_of_told_8fbbd', table='campaigns_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='status_out_of_doubt', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.status = 'uncertain' AND NEW.status <> 'uncertain')", func="\n            IF NEW.status IN ('queued', 'failed') AND NOT (false) AND NOT (NEW.status = 'failed' AND NEW.message_id <> '' AND NEW.sent_at IS NOT NULL AND NEW.reason <> '') THEN\n                RAISE EXCEPTION 'only a person moves an uncertain row, with a reason'\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            IF NEW.status IN ('sent', 'delivered', 'read') AND NEW.message_id = ''\n               AND (NEW.status <> 'sent' OR NOT (false)) THEN\n                RAISE EXCEPTION 'neither a proof nor a decision that it was sent'\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ", hash='eb6fc0d985a6efa13aa7ecc26b35ebd2719d4451', operation='UPDATE OF "status"', pgid='pgtrigger_status_out_of_doubt_309a0', table='campaigns_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='numberproof',
            trigger=pgtrigger.compiler.Trigger(name='proof_begins_unproven', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF NEW.proven_at IS NOT NULL OR NEW.tries <> 0 THEN\n                RAISE EXCEPTION 'nothing proves this number' USING ERRCODE = 'check_violation';\n            END IF;\n            NEW.asked_at := statement_timestamp();\n            RETURN NEW;\n        ", hash='63a0b13f5d74ff4d80d1f85d7d53a0f469335d7d', operation='INSERT', pgid='pgtrigger_proof_begins_unproven_3069d', table='campaigns_numberproof', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='numberproof',
            trigger=pgtrigger.compiler.Trigger(name='proof_by_evidence', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.proven_at IS NOT NULL)', func="\n            IF NOT EXISTS (\n                SELECT 1 FROM public.accounts_membership member\n                  JOIN public.wa_sessions_whatsappsession session ON session.business_id = member.business_id\n                 WHERE member.id = NEW.membership_id AND session.id = NEW.session_id)\n            OR NOT (CASE NEW.how\n                WHEN 'code' THEN NEW.asked_at > statement_timestamp() - interval '10 minutes' AND EXISTS (\n                    SELECT 1 FROM public.campaigns_notice n\n                     WHERE n.kind = 'number_code' AND n.cause = NEW.id::text AND n.phone = NEW.phone\n                       AND n.session_id = NEW.session_id AND n.pressed_at IS NOT NULL)\n                ELSE EXISTS (\n                    SELECT 1 FROM public.wa_sessions_chat chat\n                     WHERE chat.session_id = NEW.session_id AND chat.phone = NEW.phone AND chat.phone <> ''\n                       AND chat.warm_at IS NOT NULL)\n                END) THEN\n                RAISE EXCEPTION 'nothing proves this number' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n", hash='76c76d9ef3f6df87ecc7351ccf07909f0d36c06f', operation='UPDATE', pgid='pgtrigger_proof_by_evidence_18f37', table='campaigns_numberproof', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='numberproof',
            trigger=pgtrigger.compiler.Trigger(name='proof_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD.membership_id, OLD.session_id, OLD.how, OLD.code, OLD.asked_at) IS DISTINCT FROM (NEW.membership_id, NEW.session_id, NEW.how, NEW.code, NEW.asked_at))', func="RAISE EXCEPTION 'what was asked for stays' USING ERRCODE = 'check_violation';", hash='a6d72e5df0207b6a9258c7328acb13b2ea74acca', operation='UPDATE', pgid='pgtrigger_proof_frozen_b1516', table='campaigns_numberproof', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='numberproof',
            trigger=pgtrigger.compiler.Trigger(name='proof_forward_only', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.proven_at IS NOT NULL OR NEW.tries < OLD.tries OR OLD.phone <> '' AND NEW.phone <> OLD.phone)", func="RAISE EXCEPTION 'a proof stays as it is' USING ERRCODE = 'check_violation';", hash='5dac41a9acf102e881ac24205450d7cd5458c9a5', operation='UPDATE', pgid='pgtrigger_proof_forward_only_7408b', table='campaigns_numberproof', when='BEFORE')),
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=100, verbose_name='número ou identidade')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='desde')),
                ('decision', models.CharField(blank=True, choices=[('stop', 'pediu para sair'), ('go_on', 'pode continuar'), ('other_person', 'número de outra pessoa')], max_length=12, verbose_name='decisão')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decidido em')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='valeu em')),
                ('business', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='accounts.business', verbose_name='negócio')),
                ('decided_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decidido por')),
                ('reply', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holds', to='campaigns.reply', verbose_name='resposta')),
            ],
            options={
                'verbose_name': 'resposta a decidir',
                'verbose_name_plural': 'respostas a decidir',
                'indexes': [models.Index(condition=models.Q(('done_at__isnull', True)), fields=['business', '-id'], name='hold_open')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('done_at', None)), fields=('business', 'key'), name='hold_once'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decision', ''), ('done_at', None)), models.Q(('decided_at__isnull', False), models.Q(('decision', ''), _negated=True)), _connector='OR'), name='hold_ends_by_a_decision')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='hold',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='08b4e38e282611b8a5c32b7e4ba086cfe5cc30a9', operation='DELETE', pgid='pgtrigger_never_deleted_87361', table='campaigns_hold', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='hold',
            trigger=pgtrigger.compiler.Trigger(name='hold_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.done_at IS NOT NULL OR (OLD.business_id, OLD.key, OLD.at) IS DISTINCT FROM (NEW.business_id, NEW.key, NEW.at))', func="RAISE EXCEPTION 'a hold stays as it is' USING ERRCODE = 'check_violation';", hash='660faa2656624ed452388c74f01aa2963f86813e', operation='UPDATE', pgid='pgtrigger_hold_stays_91753', table='campaigns_hold', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='hold',
            trigger=pgtrigger.compiler.Trigger(name='hold_before_claims', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    PERFORM pg_advisory_xact_lock(1398034256, hashtext(NEW.business_id || ':' || NEW.key) & 1023);\n                    RETURN NEW;\n                ", hash='7a98ed3ff673fd6f5e42ccb2946053be87506b54', operation='INSERT', pgid='pgtrigger_hold_before_claims_66a13', table='campaigns_hold', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='consent_now', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.status = 'sending' AND (OLD.status <> 'sending' OR OLD.campaign_id <> NEW.campaign_id OR OLD.contact_id <> NEW.contact_id OR OLD.phone <> NEW.phone OR OLD.business_id <> NEW.business_id OR OLD.session_id <> NEW.session_id))", declare='DECLARE number text; short text; stopped boolean; since timestamptz;', func="\n    PERFORM 1 FROM public.contacts_subscription s\n      JOIN public.campaigns_campaign c ON c.topic_id = s.topic_id\n      JOIN public.contacts_contact contact ON contact.id = s.contact_id AND contact.phone = NEW.phone\n     WHERE c.id = NEW.campaign_id AND s.contact_id = NEW.contact_id AND s.state = 'granted'\n       FOR SHARE OF s;\n    IF NOT FOUND THEN\n        RAISE EXCEPTION 'no granted subscription to the campaign''s topic now, of who has this number'\n            USING ERRCODE = 'check_violation';\n    END IF;\n\n    number := (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END);\n    short := (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 14 AND substr(NEW.phone, 6, 1) = '9' THEN left(NEW.phone, 5) || substr(NEW.phone, 7) ELSE NEW.phone END);\n    PERFORM pg_advisory_xact_lock_shared(1398034256, hashtext(NEW.business_id || ':' || number) & 1023);\n    SELECT EXISTS (\n        SELECT 1 FROM public.contacts_stop stop\n         WHERE stop.business_id = NEW.business_id AND stop.key = ANY(person.keys) AND stop.lifted_at IS NULL\n           AND (stop.until IS NULL OR stop.until > statement_timestamp())), (\n        SELECT min(hold.at) FROM public.campaigns_hold hold\n         WHERE hold.business_id = NEW.business_id AND hold.key = ANY(person.keys) AND hold.done_at IS NULL)\n      INTO stopped, since\n      FROM (SELECT number || array_agg('lid:' || chat.lid) || array_agg('@' || chat.username) AS keys\n              FROM public.wa_sessions_whatsappsession session\n              JOIN public.wa_sessions_chat chat ON chat.session_id = session.id\n             WHERE session.business_id = NEW.business_id AND chat.phone IN (number, short) AND chat.phone <> ''\n            OFFSET 0) person;\n    IF stopped OR since < statement_timestamp() - interval '7 days' THEN\n        NEW.status := 'skipped';\n        NEW.reason := CASE WHEN stopped THEN 'stop' ELSE 'held' END;\n        NEW.ended_at := statement_timestamp();\n        NEW.sending_at := NULL;\n    ELSIF since IS NOT NULL THEN\n        NEW := OLD;\n        NEW.reason := 'held';\n        NEW.not_before := '9000-01-01T00:00:00+00:00';\n    END IF;\n    RETURN NEW;\n", hash='eafde1d57a7d1a26954c4294e3d40cbcb590583c', operation='UPDATE', pgid='pgtrigger_consent_now_89b32', table='campaigns_delivery', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_rule_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE today timestamptz;', func="\n            NEW.queued_at := statement_timestamp();\n            today := date_trunc('day', statement_timestamp(), 'America/Sao_Paulo');\n            \n            IF NOT (CASE NEW.kind WHEN 'stop_confirmation' THEN (EXISTS (\n        SELECT 1 FROM public.campaigns_reply reply\n         WHERE reply.session_id = NEW.session_id AND reply.message_id = NEW.cause\n           AND reply.phone = NEW.phone AND reply.kind = 'stop'\n           AND reply.at > statement_timestamp() - interval '8 days') AND EXISTS (\n        SELECT 1 FROM public.contacts_stop stop\n         WHERE stop.business_id = NEW.business_id AND stop.key = ANY(ARRAY[(CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)] || ARRAY(\n        SELECT known.key FROM public.wa_sessions_whatsappsession session\n          JOIN public.wa_sessions_chat chat ON chat.session_id = session.id,\n               unnest(ARRAY['lid:' || nullif(chat.lid, ''), '@' || nullif(chat.username, '')]) known(key)\n         WHERE session.business_id = NEW.business_id AND chat.phone = ANY(ARRAY[NEW.phone, (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 14 AND substr(NEW.phone, 6, 1) = '9' THEN left(NEW.phone, 5) || substr(NEW.phone, 7) ELSE NEW.phone END), (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)])\n           AND chat.phone <> '' AND known.key IS NOT NULL)) AND stop.lifted_at IS NULL\n           AND (stop.until IS NULL OR stop.until > statement_timestamp()) AND stop.evidence_kind = 'message' AND stop.evidence_ref = NEW.cause)) WHEN 'return_confirmation' THEN (EXISTS (\n        SELECT 1 FROM public.campaigns_reply reply\n         WHERE reply.session_id = NEW.session_id AND reply.message_id = NEW.cause\n           AND reply.phone = NEW.phone AND reply.kind = 'return'\n           AND reply.at > statement_timestamp() - interval '8 days') AND NOT EXISTS (\n        SELECT 1 FROM public.contacts_stop stop\n         WHERE stop.business_id = NEW.business_id AND stop.key = ANY(ARRAY[(CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)] || ARRAY(\n        SELECT known.key FROM public.wa_sessions_whatsappsession session\n          JOIN public.wa_sessions_chat chat ON chat.session_id = session.id,\n               unnest(ARRAY['lid:' || nullif(chat.lid, ''), '@' || nullif(chat.username, '')]) known(key)\n         WHERE session.business_id = NEW.business_id AND chat.phone = ANY(ARRAY[NEW.phone, (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 14 AND substr(NEW.phone, 6, 1) = '9' THEN left(NEW.phone, 5) || substr(NEW.phone, 7) ELSE NEW.phone END), (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)])\n           AND chat.phone <> '' AND known.key IS NOT NULL)) AND stop.lifted_at IS NULL\n           AND (stop.until IS NULL OR stop.until > statement_timestamp())) AND NOT EXISTS (\n        SELECT 1 FROM public.campaigns_hold hold\n         WHERE hold.business_id = NEW.business_id AND hold.key = ANY(ARRAY[(CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)] || ARRAY(\n        SELECT known.key FROM public.wa_sessions_whatsappsession session\n          JOIN public.wa_sessions_chat chat ON chat.session_id = session.id,\n               unnest(ARRAY['lid:' || nullif(chat.lid, ''), '@' || nullif(chat.username, '')]) known(key)\n         WHERE session.business_id = NEW.business_id AND chat.phone = ANY(ARRAY[NEW.phone, (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 14 AND substr(NEW.phone, 6, 1) = '9' THEN left(NEW.phone, 5) || substr(NEW.phone, 7) ELSE NEW.phone END), (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)])\n           AND chat.phone <> '' AND known.key IS NOT NULL)) AND hold.done_at IS NULL)) WHEN 'self_test' THEN EXISTS (\n        SELECT 1 FROM public.campaigns_numberproof proof\n          JOIN public.accounts_membership member ON member.id = proof.membership_id\n         WHERE member.user_id = NEW.asked_by_id AND member.business_id = NEW.business_id\n           AND proof.phone = NEW.phone AND proof.proven_at IS NOT NULL\n           AND NOT EXISTS (\n        SELECT 1 FROM public.contacts_stop stop\n         WHERE stop.business_id = NEW.business_id AND stop.key = ANY(ARRAY[(CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)] || ARRAY(\n        SELECT known.key FROM public.wa_sessions_whatsappsession session\n          JOIN public.wa_sessions_chat chat ON chat.session_id = session.id,\n               unnest(ARRAY['lid:' || nullif(chat.lid, ''), '@' || nullif(chat.username, '')]) known(key)\n         WHERE session.business_id = NEW.business_id AND chat.phone = ANY(ARRAY[NEW.phone, (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 14 AND substr(NEW.phone, 6, 1) = '9' THEN left(NEW.phone, 5) || substr(NEW.phone, 7) ELSE NEW.phone END), (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)])\n           AND chat.phone <> '' AND known.key IS NOT NULL)) AND stop.lifted_at IS NULL\n           AND (stop.until IS NULL OR stop.until > statement_timestamp()) AND stop.at >= proof.proven_at)\n           AND NOT EXISTS (\n        SELECT 1 FROM public.campaigns_hold hold\n         WHERE hold.business_id = NEW.business_id AND hold.key = ANY(ARRAY[(CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)] || ARRAY(\n        SELECT known.key FROM public.wa_sessions_whatsappsession session\n          JOIN public.wa_sessions_chat chat ON chat.session_id = session.id,\n               unnest(ARRAY['lid:' || nullif(chat.lid, ''), '@' || nullif(chat.username, '')]) known(key)\n         WHERE session.business_id = NEW.business_id AND chat.phone = ANY(ARRAY[NEW.phone, (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 14 AND substr(NEW.phone, 6, 1) = '9' THEN left(NEW.phone, 5) || substr(NEW.phone, 7) ELSE NEW.phone END), (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)])\n           AND chat.phone <> '' AND known.key IS NOT NULL)) AND hold.done_at IS NULL AND hold.at >= proof.proven_at)) WHEN 'number_code' THEN (EXISTS (\n        SELECT 1 FROM public.campaigns_numberproof proof\n          JOIN public.accounts_membership member ON member.id = proof.membership_id\n         WHERE proof.id::text = NEW.cause AND proof.how = 'code' AND proof.phone = NEW.phone\n           AND proof.session_id = NEW.session_id AND proof.proven_at IS NULL\n           AND proof.asked_at > statement_timestamp() - interval '10 minutes'\n           AND member.user_id = NEW.asked_by_id AND member.business_id = NEW.business_id)\n    AND NOT (EXISTS (\n        SELECT 1 FROM public.contacts_stop stop\n         WHERE stop.business_id = NEW.business_id AND stop.key = ANY(ARRAY[(CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)] || ARRAY(\n        SELECT known.key FROM public.wa_sessions_whatsappsession session\n          JOIN public.wa_sessions_chat chat ON chat.session_id = session.id,\n               unnest(ARRAY['lid:' || nullif(chat.lid, ''), '@' || nullif(chat.username, '')]) known(key)\n         WHERE session.business_id = NEW.business_id AND chat.phone = ANY(ARRAY[NEW.phone, (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 14 AND substr(NEW.phone, 6, 1) = '9' THEN left(NEW.phone, 5) || substr(NEW.phone, 7) ELSE NEW.phone END), (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)])\n           AND chat.phone <> '' AND known.key IS NOT NULL)) AND stop.lifted_at IS NULL\n           AND (stop.until IS NULL OR stop.until > statement_timestamp())) OR EXISTS (\n        SELECT 1 FROM public.campaigns_hold hold\n         WHERE hold.business_id = NEW.business_id AND hold.key = ANY(ARRAY[(CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)] || ARRAY(\n        SELECT known.key FROM public.wa_sessions_whatsappsession session\n          JOIN public.wa_sessions_chat chat ON chat.session_id = session.id,\n               unnest(ARRAY['lid:' || nullif(chat.lid, ''), '@' || nullif(chat.username, '')]) known(key)\n         WHERE session.business_id = NEW.business_id AND chat.phone = ANY(ARRAY[NEW.phone, (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 14 AND substr(NEW.phone, 6, 1) = '9' THEN left(NEW.phone, 5) || substr(NEW.phone, 7) ELSE NEW.phone END), (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)])\n           AND chat.phone <> '' AND known.key IS NOT NULL)) AND hold.done_at IS NULL) OR EXISTS (\n        SELECT 1 FROM public.contacts_contact contact\n          JOIN public.contacts_subscription subscription ON subscription.contact_id = contact.id\n         WHERE contact.business_id = NEW.business_id AND contact.phone = NEW.phone\n           AND subscription.state = 'revoked'))) ELSE false END) THEN\n                RAISE EXCEPTION 'no % may go to this number now', NEW.kind\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            IF NEW.kind = 'self_test' THEN\n                PERFORM pg_advisory_xact_lock(hashtextextended('self_test:asked_by_id:' || NEW.asked_by_id::text, 0));\n                IF (SELECT count(*) FROM public.campaigns_notice n\n                     WHERE n.kind = 'self_test' AND n.asked_by_id = NEW.asked_by_id AND n.queued_at >= today) >= 10 THEN\n                    RAISE EXCEPTION 'no more than 10 % a day by asked_by_id', NEW.kind\n                        USING ERRCODE = 'check_violation';\n                END IF;\n            END IF;\n            IF NEW.kind = 'number_code' THEN\n                PERFORM pg_advisory_xact_lock(hashtextextended('number_code:asked_by_id:' || NEW.asked_by_id::text, 0));\n                IF (SELECT count(*) FROM public.campaigns_notice n\n                     WHERE n.kind = 'number_code' AND n.asked_by_id = NEW.asked_by_id AND n.queued_at >= today) >= 3 THEN\n                    RAISE EXCEPTION 'no more than 3 % a day by asked_by_id', NEW.kind\n                        USING ERRCODE = 'check_violation';\n                END IF;\n            END IF;\n            IF NEW.kind = 'number_code' THEN\n                PERFORM pg_advisory_xact_lock(hashtextextended('number_code:phone:' || NEW.phone::text, 0));\n                IF (SELECT count(*) FROM public.campaigns_notice n\n                     WHERE n.kind = 'number_code' AND n.phone = NEW.phone AND n.queued_at >= today) >= 1 THEN\n                    RAISE EXCEPTION 'no more than 1 % a day by phone', NEW.kind\n                        USING ERRCODE = 'check_violation';\n                END IF;\n            END IF;\n            IF NEW.kind = 'number_code' THEN\n                PERFORM pg_advisory_xact_lock(hashtextextended('number_code:session_id:' || NEW.session_id::text, 0));\n                IF (SELECT count(*) FROM public.campaigns_notice n\n                     WHERE n.kind = 'number_code' AND n.session_id = NEW.session_id AND n.queued_at >= today) >= 10 THEN\n                    RAISE EXCEPTION 'no more than 10 % a day by session_id', NEW.kind\n                        USING ERRCODE = 'check_violation';\n                END IF;\n            END IF;\n            RETURN NEW;\n        ", hash='6031845969417aebe9fc8f9ef72297cf7f0333fa', operation='INSERT', pgid='pgtrigger_notice_rule_insert_fa3e1', table='campaigns_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_rule_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.status = 'sending' AND OLD.status <> 'sending')", func="\n            IF NOT (CASE NEW.kind WHEN 'stop_confirmation' THEN (EXISTS (\n        SELECT 1 FROM public.campaigns_reply reply\n         WHERE reply.session_id = NEW.session_id AND reply.message_id = NEW.cause\n           AND reply.phone = NEW.phone AND reply.kind = 'stop'\n           AND reply.at > statement_timestamp() - interval '8 days') AND EXISTS (\n        SELECT 1 FROM public.contacts_stop stop\n         WHERE stop.business_id = NEW.business_id AND stop.key = ANY(ARRAY[(CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)] || ARRAY(\n        SELECT known.key FROM public.wa_sessions_whatsappsession session\n          JOIN public.wa_sessions_chat chat ON chat.session_id = session.id,\n               unnest(ARRAY['lid:' || nullif(chat.lid, ''), '@' || nullif(chat.username, '')]) known(key)\n         WHERE session.business_id = NEW.business_id AND chat.phone = ANY(ARRAY[NEW.phone, (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 14 AND substr(NEW.phone, 6, 1) = '9' THEN left(NEW.phone, 5) || substr(NEW.phone, 7) ELSE NEW.phone END), (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)])\n           AND chat.phone <> '' AND known.key IS NOT NULL)) AND stop.lifted_at IS NULL\n           AND (stop.until IS NULL OR stop.until > statement_timestamp()) AND stop.evidence_kind = 'message' AND stop.evidence_ref = NEW.cause)) WHEN 'return_confirmation' THEN (EXISTS (\n        SELECT 1 FROM public.campaigns_reply reply\n         WHERE reply.session_id = NEW.session_id AND reply.message_id = NEW.cause\n           AND reply.phone = NEW.phone AND reply.kind = 'return'\n           AND reply.at > statement_timestamp() - interval '8 days') AND NOT EXISTS (\n        SELECT 1 FROM public.contacts_stop stop\n         WHERE stop.business_id = NEW.business_id AND stop.key = ANY(ARRAY[(CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)] || ARRAY(\n        SELECT known.key FROM public.wa_sessions_whatsappsession session\n          JOIN public.wa_sessions_chat chat ON chat.session_id = session.id,\n               unnest(ARRAY['lid:' || nullif(chat.lid, ''), '@' || nullif(chat.username, '')]) known(key)\n         WHERE session.business_id = NEW.business_id AND chat.phone = ANY(ARRAY[NEW.phone, (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 14 AND substr(NEW.phone, 6, 1) = '9' THEN left(NEW.phone, 5) || substr(NEW.phone, 7) ELSE NEW.phone END), (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)])\n           AND chat.phone <> '' AND known.key IS NOT NULL)) AND stop.lifted_at IS NULL\n           AND (stop.until IS NULL OR stop.until > statement_timestamp())) AND NOT EXISTS (\n        SELECT 1 FROM public.campaigns_hold hold\n         WHERE hold.business_id = NEW.business_id AND hold.key = ANY(ARRAY[(CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)] || ARRAY(\n        SELECT known.key FROM public.wa_sessions_whatsappsession session\n          JOIN public.wa_sessions_chat chat ON chat.session_id = session.id,\n               unnest(ARRAY['lid:' || nullif(chat.lid, ''), '@' || nullif(chat.username, '')]) known(key)\n         WHERE session.business_id = NEW.business_id AND chat.phone = ANY(ARRAY[NEW.phone, (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 14 AND substr(NEW.phone, 6, 1) = '9' THEN left(NEW.phone, 5) || substr(NEW.phone, 7) ELSE NEW.phone END), (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)])\n           AND chat.phone <> '' AND known.key IS NOT NULL)) AND hold.done_at IS NULL)) WHEN 'self_test' THEN EXISTS (\n        SELECT 1 FROM public.campaigns_numberproof proof\n          JOIN public.accounts_membership member ON member.id = proof.membership_id\n         WHERE member.user_id = NEW.asked_by_id AND member.business_id = NEW.business_id\n           AND proof.phone = NEW.phone AND proof.proven_at IS NOT NULL\n           AND NOT EXISTS (\n        SELECT 1 FROM public.contacts_stop stop\n         WHERE stop.business_id = NEW.business_id AND stop.key = ANY(ARRAY[(CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)] || ARRAY(\n        SELECT known.key FROM public.wa_sessions_whatsappsession session\n          JOIN public.wa_sessions_chat chat ON chat.session_id = session.id,\n               unnest(ARRAY['lid:' || nullif(chat.lid, ''), '@' || nullif(chat.username, '')]) known(key)\n         WHERE session.business_id = NEW.business_id AND chat.phone = ANY(ARRAY[NEW.phone, (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 14 AND substr(NEW.phone, 6, 1) = '9' THEN left(NEW.phone, 5) || substr(NEW.phone, 7) ELSE NEW.phone END), (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)])\n           AND chat.phone <> '' AND known.key IS NOT NULL)) AND stop.lifted_at IS NULL\n           AND (stop.until IS NULL OR stop.until > statement_timestamp()) AND stop.at >= proof.proven_at)\n           AND NOT EXISTS (\n        SELECT 1 FROM public.campaigns_hold hold\n         WHERE hold.business_id = NEW.business_id AND hold.key = ANY(ARRAY[(CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)] || ARRAY(\n        SELECT known.key FROM public.wa_sessions_whatsappsession session\n          JOIN public.wa_sessions_chat chat ON chat.session_id = session.id,\n               unnest(ARRAY['lid:' || nullif(chat.lid, ''), '@' || nullif(chat.username, '')]) known(key)\n         WHERE session.business_id = NEW.business_id AND chat.phone = ANY(ARRAY[NEW.phone, (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 14 AND substr(NEW.phone, 6, 1) = '9' THEN left(NEW.phone, 5) || substr(NEW.phone, 7) ELSE NEW.phone END), (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)])\n           AND chat.phone <> '' AND known.key IS NOT NULL)) AND hold.done_at IS NULL AND hold.at >= proof.proven_at)) WHEN 'number_code' THEN (EXISTS (\n        SELECT 1 FROM public.campaigns_numberproof proof\n          JOIN public.accounts_membership member ON member.id = proof.membership_id\n         WHERE proof.id::text = NEW.cause AND proof.how = 'code' AND proof.phone = NEW.phone\n           AND proof.session_id = NEW.session_id AND proof.proven_at IS NULL\n           AND proof.asked_at > statement_timestamp() - interval '10 minutes'\n           AND member.user_id = NEW.asked_by_id AND member.business_id = NEW.business_id)\n    AND NOT (EXISTS (\n        SELECT 1 FROM public.contacts_stop stop\n         WHERE stop.business_id = NEW.business_id AND stop.key = ANY(ARRAY[(CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)] || ARRAY(\n        SELECT known.key FROM public.wa_sessions_whatsappsession session\n          JOIN public.wa_sessions_chat chat ON chat.session_id = session.id,\n               unnest(ARRAY['lid:' || nullif(chat.lid, ''), '@' || nullif(chat.username, '')]) known(key)\n         WHERE session.business_id = NEW.business_id AND chat.phone = ANY(ARRAY[NEW.phone, (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 14 AND substr(NEW.phone, 6, 1) = '9' THEN left(NEW.phone, 5) || substr(NEW.phone, 7) ELSE NEW.phone END), (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)])\n           AND chat.phone <> '' AND known.key IS NOT NULL)) AND stop.lifted_at IS NULL\n           AND (stop.until IS NULL OR stop.until > statement_timestamp())) OR EXISTS (\n        SELECT 1 FROM public.campaigns_hold hold\n         WHERE hold.business_id = NEW.business_id AND hold.key = ANY(ARRAY[(CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)] || ARRAY(\n        SELECT known.key FROM public.wa_sessions_whatsappsession session\n          JOIN public.wa_sessions_chat chat ON chat.session_id = session.id,\n               unnest(ARRAY['lid:' || nullif(chat.lid, ''), '@' || nullif(chat.username, '')]) known(key)\n         WHERE session.business_id = NEW.business_id AND chat.phone = ANY(ARRAY[NEW.phone, (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 14 AND substr(NEW.phone, 6, 1) = '9' THEN left(NEW.phone, 5) || substr(NEW.phone, 7) ELSE NEW.phone END), (CASE WHEN left(NEW.phone, 3) = '+55' AND length(NEW.phone) = 13 AND substr(NEW.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(NEW.phone, 5) || '9' || substr(NEW.phone, 6) ELSE NEW.phone END)])\n           AND chat.phone <> '' AND known.key IS NOT NULL)) AND hold.done_at IS NULL) OR EXISTS (\n        SELECT 1 FROM public.contacts_contact contact\n          JOIN public.contacts_subscription subscription ON subscription.contact_id = contact.id\n         WHERE contact.business_id = NEW.business_id AND contact.phone = NEW.phone\n           AND subscription.state = 'revoked'))) ELSE false END) THEN\n                RAISE EXCEPTION 'no % may go to this number now', NEW.kind\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;", hash='05d16870dbbe5e508b7329d5014a6c23d42d430b', operation='UPDATE', pgid='pgtrigger_notice_rule_update_31402', table='campaigns_notice', when='BEFORE')),
        ),
    ] + [
        migrations.RunSQL(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, business_id)"
            f" REFERENCES {target} (id, business_id)",
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        )
        for table, name, column, target in KEYS
    ] + [
        migrations.RunSQL(NOBODY, migrations.RunSQL.noop),
        migrations.RunSQL(NEVER_DELETED, migrations.RunSQL.noop),
    ]
