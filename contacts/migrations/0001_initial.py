"""Contacts, topics, consents and imports."""

import blu.web.names
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# Rows that belong together are of one business: a consent, its contact and its topic.
KEYS = [
    ("contacts_consent", "consent_contact_business", "contact_id", "contacts_contact"),
    ("contacts_consent", "consent_topic_business", "topic_id", "contacts_topic"),
    ("contacts_subscription", "subscription_contact_business", "contact_id", "contacts_contact"),
    ("contacts_subscription", "subscription_topic_business", "topic_id", "contacts_topic"),
    ("contacts_import", "import_topic_business", "topic_id", "contacts_topic"),
    ("contacts_contact", "contact_replaced_business", "replaced_by_id", "contacts_contact"),
]

# The planner must know that a business has about a hundred contacts, also before there are many. While
# nearly every contact it has seen has a business of its own, it takes the business for a key, and checks
# the composite keys of an import by reading the whole business for each row: 8 s instead of 0.2 s for
# 20,000 people, until the table is analysed again.
SHARED_BUSINESSES = "ALTER TABLE contacts_contact ALTER COLUMN business_id SET (n_distinct = -0.01)"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ConsentWording',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(verbose_name='texto mostrado')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='guardado em')),
                ('business', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.business', verbose_name='negócio')),
            ],
            options={
                'verbose_name': 'texto de consentimento',
                'verbose_name_plural': 'textos de consentimento',
                'constraints': [
                    models.UniqueConstraint(fields=('business', 'text'), name='wording_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phone', models.CharField(help_text='com +55 e DDD', max_length=20, verbose_name='telefone')),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='nome')),
                ('search', django.contrib.postgres.search.SearchVectorField(default='', editable=False, verbose_name='palavras para busca')),
                ('birth_date', models.DateField(blank=True, null=True, verbose_name='nascimento')),
                ('attributes', models.JSONField(blank=True, default=dict, verbose_name='outros dados')),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), blank=True, default=list, size=None, verbose_name='etiquetas')),
                ('flags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, editable=False, size=None, verbose_name='observações do telefone')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='criado em')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='mudou em')),
                ('business', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='accounts.business', verbose_name='negócio')),
                ('replaced_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='replaced', to='contacts.contact', verbose_name='número corrigido para')),
            ],
            options={
                'verbose_name': 'contato',
                'verbose_name_plural': 'contatos',
                'indexes': [
                    models.Index(fields=['business', '-id'], name='contact_list'),
                    django.contrib.postgres.indexes.GinIndex(fields=['search'], name='contact_search'),
                    models.Index(condition=models.Q(('replaced_by__isnull', False)), fields=['business', 'replaced_by'], name='contact_replaced'),
                    django.contrib.postgres.indexes.GinIndex(fields=['tags'], name='contact_tags'),
                    django.contrib.postgres.indexes.GinIndex(fields=['attributes'], name='contact_attributes', opclasses=['jsonb_path_ops']),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('business', 'phone'), name='contact_phone_once'),
                    models.UniqueConstraint(fields=('id', 'business'), name='contact_business_key'),
                    models.CheckConstraint(condition=models.Q(('phone__regex', '^\\+[1-9][0-9]{6,14}$')), name='contact_phone_e164'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Segment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', blu.web.names.NameField(max_length=60, verbose_name='nome')),
                ('filter', models.JSONField(default=dict, verbose_name='filtro')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='criado em')),
                ('business', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.business', verbose_name='negócio')),
            ],
            options={
                'verbose_name': 'público',
                'verbose_name_plural': 'públicos',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('name__iregex', '[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]|://|www\\.'), _negated=True), name='segment_name_in_one_line'),
                    models.UniqueConstraint(models.F('business'), django.db.models.functions.text.Upper('name'), name='segment_name_once'),
                    models.UniqueConstraint(fields=('id', 'business'), name='segment_business_key'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', blu.web.names.NameField(max_length=60, verbose_name='nome')),
                ('description', models.CharField(blank=True, help_text='Em uma frase, com a frequência.', max_length=200, verbose_name='o que a pessoa recebe')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='criado em')),
                ('business', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.business', verbose_name='negócio')),
                ('kind', models.CharField(choices=[('news', 'novidades e promoções'), ('appointment', 'consultas e lembretes')], default='news', max_length=12, verbose_name='tipo')),
            ],
            options={
                'verbose_name': 'assunto',
                'verbose_name_plural': 'assuntos',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('name__iregex', '[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]|://|www\\.'), _negated=True), name='topic_name_in_one_line'),
                    models.UniqueConstraint(models.F('business'), django.db.models.functions.text.Upper('name'), name='topic_name_once'),
                    models.UniqueConstraint(fields=('id', 'business'), name='topic_business_key'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=200, verbose_name='arquivo')),
                ('stored_as', models.CharField(editable=False, help_text='dentro da pasta de arquivos enviados', max_length=200, verbose_name='guardada como')),
                ('status', models.CharField(choices=[('reading', 'lendo'), ('uploaded', 'aguardando conferência'), ('queued', 'na fila'), ('running', 'importando'), ('done', 'pronta'), ('refused', 'recusada'), ('failed', 'parou'), ('discarded', 'descartada')], default='uploaded', max_length=10, verbose_name='situação')),
                ('refusal', models.CharField(blank=True, choices=[('empty', 'A planilha está vazia. Confira se é o arquivo certo e envie de novo.'), ('too_big', 'O arquivo passa de 150 MB. Apague as colunas e imagens que não precisa, ou divida a planilha em partes.'), ('too_many_rows', 'A planilha passa de 2 milhões de linhas. Divida em partes e envie uma de cada vez.'), ('bomb', 'Descompactada, a planilha fica grande demais para abrir com segurança. Salve só a aba de contatos, como CSV, e envie de novo.'), ('password', 'A planilha está protegida por senha. Tire a senha no Excel e envie de novo.'), ('html', 'Este arquivo é uma página da internet com nome de planilha. Abra no Excel, salve como .xlsx e envie de novo.'), ('vcard', 'Este arquivo é de contatos do celular (vCard), que o blü não lê. Exporte os contatos como CSV, por exemplo no Contatos do Google, e envie de novo.'), ('damaged', 'A planilha não abriu: o arquivo está danificado ou incompleto. Abra no Excel, salve de novo como .xlsx e envie de novo.'), ('not_a_sheet', 'Este arquivo não é uma planilha. O blü lê .xlsx, .xls, .ods e .csv.'), ('open_quote', 'O arquivo tem uma aspa que abre e nunca fecha, e as linhas depois dela se misturam. Corrija a aspa, ou salve como .xlsx, e envie de novo.'), ('long_cell', 'Uma célula do arquivo é grande demais para ser lida. Confira as aspas e envie de novo.'), ('no_phone_column', 'Não achamos a coluna de telefone. Dê a ela um título como “Telefone”, “Celular” ou “WhatsApp”.'), ('many_waiting', 'Há planilhas demais esperando por você. Importe ou descarte alguma em Importações e envie de novo.'), ('much_waiting', 'As planilhas que esperam por você já ocupam muito espaço. Importe ou descarte alguma em Importações e envie de novo.'), ('no_room', 'Agora não há espaço para guardar a planilha. Tente de novo daqui a pouco.'), ('no_such_sheet', 'A planilha não tem mais essa aba.'), ('file_gone', 'O arquivo não está mais aqui.')], max_length=20, verbose_name='motivo')),
                ('sheet', models.CharField(blank=True, max_length=120, verbose_name='aba')),
                ('header_row', models.PositiveIntegerField(blank=True, null=True, verbose_name='linha do cabeçalho')),
                ('columns', models.JSONField(blank=True, default=dict, verbose_name='colunas')),
                ('area_code', models.CharField(blank=True, help_text='vazio: o do negócio', max_length=2, verbose_name='DDD de quem veio sem')),
                ('findings', models.JSONField(blank=True, default=dict, editable=False, verbose_name='o que foi encontrado')),
                ('draft', models.JSONField(blank=True, db_default={}, default=dict, editable=False, verbose_name='rascunho')),
                ('source', models.CharField(blank=True, choices=[('paper', 'ficha em papel'), ('form', 'formulário na internet'), ('counter', 'no balcão, por escrito'), ('whatsapp', 'mensagem no WhatsApp'), ('phone', 'ligação gravada'), ('contract', 'contrato ou cadastro'), ('member', 'anotado pela equipe'), ('number', 'número corrigido')], max_length=10, verbose_name='origem')),
                ('tag', models.CharField(blank=True, max_length=40, verbose_name='etiqueta')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='enviada em')),
                ('enqueued_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='chamada em')),
                ('started_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='começou em')),
                ('finished_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='terminou em')),
                ('rows_total', models.PositiveIntegerField(blank=True, null=True, verbose_name='linhas')),
                ('rows_done', models.PositiveIntegerField(default=0, verbose_name='linhas lidas')),
                ('imported', models.PositiveIntegerField(default=0, verbose_name='novos')),
                ('updated', models.PositiveIntegerField(default=0, verbose_name='atualizados')),
                ('unchanged', models.PositiveIntegerField(default=0, verbose_name='iguais')),
                ('duplicates', models.PositiveIntegerField(default=0, verbose_name='repetidas')),
                ('errors', models.PositiveIntegerField(default=0, verbose_name='com problema')),
                ('granted', models.PositiveIntegerField(default=0, verbose_name='aceites gravados')),
                ('business', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.business', verbose_name='negócio')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='quem enviou')),
                ('wording', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='contacts.consentwording', verbose_name='texto mostrado')),
                ('topic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='contacts.topic', verbose_name='assunto')),
            ],
            options={
                'verbose_name': 'importação',
                'verbose_name_plural': 'importações',
                'indexes': [
                    models.Index(fields=['business', '-id'], name='import_list'),
                    models.Index(condition=models.Q(('status__in', ['reading', 'queued', 'running'])), fields=['enqueued_at'], name='import_under_way'),
                    models.Index(condition=models.Q(('status', 'uploaded')), fields=['enqueued_at'], name='import_waiting'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ImportProblem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row', models.PositiveIntegerField(verbose_name='linha')),
                ('field', models.CharField(blank=True, help_text='vazio: a linha inteira ficou de fora', max_length=20, verbose_name='campo')),
                ('reason', models.CharField(max_length=40, verbose_name='motivo')),
                ('values', models.JSONField(default=list, verbose_name='valores')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='problems', to='contacts.import', verbose_name='importação')),
            ],
            options={
                'verbose_name': 'linha com problema',
                'verbose_name_plural': 'linhas com problema',
                'constraints': [
                    models.UniqueConstraint(fields=('source', 'row', 'field'), name='problem_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('granted', 'aceitou'), ('revoked', 'pediu para sair')], max_length=8, verbose_name='situação')),
                ('by_contact', models.BooleanField(default=False, verbose_name='pela própria pessoa')),
                ('since', models.DateTimeField(default=django.utils.timezone.now, verbose_name='desde')),
                ('business', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='accounts.business', verbose_name='negócio')),
                ('contact', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='subscriptions', to='contacts.contact', verbose_name='contato')),
                ('topic', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='subscriptions', to='contacts.topic', verbose_name='assunto')),
            ],
            options={
                'verbose_name': 'inscrição',
                'verbose_name_plural': 'inscrições',
                'indexes': [
                    models.Index(condition=models.Q(('state', 'granted')), fields=['topic', 'contact'], name='subscription_granted'),
                    models.Index(condition=models.Q(('state', 'revoked')), fields=['topic', 'contact'], name='subscription_revoked'),
                ],
                'constraints': [
                    models.UniqueConstraint(fields=('contact', 'topic'), name='subscription_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('granted', 'aceitou'), ('revoked', 'pediu para sair')], max_length=8, verbose_name='o quê')),
                ('source', models.CharField(choices=[('paper', 'ficha em papel'), ('form', 'formulário na internet'), ('counter', 'no balcão, por escrito'), ('whatsapp', 'mensagem no WhatsApp'), ('phone', 'ligação gravada'), ('contract', 'contrato ou cadastro'), ('member', 'anotado pela equipe'), ('number', 'número corrigido')], max_length=10, verbose_name='por onde')),
                ('evidence_kind', models.CharField(blank=True, choices=[('', ''), ('note', 'anotação da equipe'), ('import', 'linha de uma planilha'), ('message', 'mensagem da pessoa'), ('number', 'número corrigido')], default='', max_length=8, verbose_name='tipo de prova')),
                ('evidence_ref', models.CharField(blank=True, max_length=300, verbose_name='onde está a prova')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='quando')),
                ('actor', models.ForeignKey(blank=True, db_index=False, help_text='vazio: a própria pessoa', null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='quem registrou')),
                ('business', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='accounts.business', verbose_name='negócio')),
                ('wording', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='contacts.consentwording', verbose_name='texto mostrado')),
                ('contact', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='contacts.contact', verbose_name='contato')),
                ('source_import', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='contacts.import', verbose_name='importação')),
                ('topic', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, to='contacts.topic', verbose_name='assunto')),
            ],
            options={
                'verbose_name': 'consentimento',
                'verbose_name_plural': 'consentimentos',
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('evidence_kind__in', ['', 'note', 'import', 'message', 'number']), models.Q(('evidence_ref', ''), models.Q(('evidence_kind', ''), _negated=True), _connector='OR')), name='consent_evidence_kind'),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contact',
            trigger=pgtrigger.compiler.Trigger(name='number_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.phone IS DISTINCT FROM NEW.phone)', func="\n            RAISE EXCEPTION 'a contact''s number never changes: a corrected one is another contact'\n                USING ERRCODE = 'check_violation';\n        ", hash='8e68f49135bc74d8a24e13b7a0e7c495adb4fae6', operation='UPDATE OF "phone"', pgid='pgtrigger_number_stays_9d743', table='contacts_contact', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contact',
            trigger=pgtrigger.compiler.Trigger(name='replaced_without_consent', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.replaced_by_id IS NOT NULL)', func="\n            PERFORM 1 FROM public.contacts_subscription s\n              WHERE s.contact_id = NEW.id AND s.state = 'granted';\n            IF FOUND THEN\n                RAISE EXCEPTION 'a consent still stands for this number'\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ", hash='f32ba2e8a8da23b4150dbd95920b62b4255702a8', operation='UPDATE OF "replaced_by_id"', pgid='pgtrigger_replaced_without_consent_d0be5', table='contacts_contact', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='subscription',
            trigger=pgtrigger.compiler.Trigger(name='nothing_granted_to_replaced', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.state = 'granted')", func="\n            PERFORM 1 FROM public.contacts_contact c\n              WHERE c.id = NEW.contact_id AND c.replaced_by_id IS NULL FOR KEY SHARE;\n            IF NOT FOUND THEN\n                RAISE EXCEPTION 'the number of this contact was corrected'\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n        ", hash='e691616a85d88516449070a701c9add53d7b82f0', operation='INSERT OR UPDATE', pgid='pgtrigger_nothing_granted_to_replaced_a88a5', table='contacts_subscription', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='2666fecf7a28e606b029904eb049e152f1f585c6', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_dc03a', table='contacts_consent', when='BEFORE')),
        ),
        migrations.CreateModel(
            name='Stop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=100, verbose_name='número ou identidade')),
                ('why', models.CharField(choices=[('asked', 'pediu para não receber'), ('other_person', 'número de outra pessoa')], default='asked', max_length=12, verbose_name='por quê')),
                ('source', models.CharField(choices=[('paper', 'ficha em papel'), ('form', 'formulário na internet'), ('counter', 'no balcão, por escrito'), ('whatsapp', 'mensagem no WhatsApp'), ('phone', 'ligação gravada'), ('contract', 'contrato ou cadastro'), ('member', 'anotado pela equipe'), ('number', 'número corrigido')], max_length=10, verbose_name='por onde')),
                ('evidence_kind', models.CharField(blank=True, choices=[('', ''), ('note', 'anotação da equipe'), ('import', 'linha de uma planilha'), ('message', 'mensagem da pessoa'), ('number', 'número corrigido')], default='', max_length=8, verbose_name='tipo de prova')),
                ('evidence_ref', models.CharField(blank=True, max_length=300, verbose_name='onde está a prova')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='quando')),
                ('until', models.DateTimeField(blank=True, help_text='vazio: até a pessoa voltar', null=True, verbose_name='até')),
                ('lifted_at', models.DateTimeField(blank=True, null=True, verbose_name='a pessoa voltou em')),
                ('lifted_ref', models.CharField(blank=True, db_default='', default='', max_length=300, verbose_name='mensagem em que voltou')),
                ('actor', models.ForeignKey(blank=True, db_index=False, help_text='vazio: a própria pessoa', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='quem registrou')),
                ('business', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='accounts.business', verbose_name='negócio')),
            ],
            options={
                'verbose_name': 'pedido para não receber',
                'verbose_name_plural': 'pedidos para não receber',
                'indexes': [
                    models.Index(fields=['key', '-id'], name='stop_history'),
                    models.Index(condition=models.Q(('lifted_at', None), ('why', 'erased')), fields=['business'], name='stop_of_erased'),
                ],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('business', 'key'), name='stop_once'),
                    models.CheckConstraint(condition=models.Q(('key__regex', '^(\\+[0-9]{1,19}|lid:.+|@.+)$'), models.Q(('key__regex', '^\\+55[0-9]{2}[6-9][0-9]{7}$'), _negated=True)), name='stop_key'),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='subscription',
            trigger=pgtrigger.compiler.Trigger(name='granted_by_consent_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                PERFORM 1 FROM written s\n                  WHERE s.state = 'granted' AND 'granted' IS DISTINCT FROM (\n                      SELECT consent.state FROM public.contacts_consent consent\n                       WHERE consent.contact_id = s.contact_id AND consent.topic_id = s.topic_id\n                       ORDER BY consent.id DESC LIMIT 1);\n                IF FOUND THEN\n                    RAISE EXCEPTION 'nothing is granted without a consent'\n                        USING ERRCODE = 'check_violation';\n                END IF;\n                RETURN NULL;\n            ", hash='4e6839d487a6b9a1372ebad70f7f72aa69627628', level='STATEMENT', operation='INSERT', pgid='pgtrigger_granted_by_consent_insert_8f793', referencing='REFERENCING NEW TABLE AS written ', table='contacts_subscription', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='subscription',
            trigger=pgtrigger.compiler.Trigger(name='granted_by_consent_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                PERFORM 1 FROM written s\n                  WHERE s.state = 'granted' AND 'granted' IS DISTINCT FROM (\n                      SELECT consent.state FROM public.contacts_consent consent\n                       WHERE consent.contact_id = s.contact_id AND consent.topic_id = s.topic_id\n                       ORDER BY consent.id DESC LIMIT 1);\n                IF FOUND THEN\n                    RAISE EXCEPTION 'nothing is granted without a consent'\n                        USING ERRCODE = 'check_violation';\n                END IF;\n                RETURN NULL;\n            ", hash='50a1eadf33ce76cb88de4ca55f7a17374c9f750b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_granted_by_consent_update_c6149', referencing='REFERENCING NEW TABLE AS written ', table='contacts_subscription', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stop',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='25af9ebb5ab80d9d6c91dd214aa8d7c656ac6b05', operation='DELETE', pgid='pgtrigger_never_deleted_cd13b', table='contacts_stop', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stop',
            trigger=pgtrigger.compiler.Trigger(name='stop_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.lifted_at IS NOT NULL OR (NEW.lifted_at IS NULL) <> (NEW.lifted_ref = '') OR NEW.until IS NOT NULL AND (OLD.until IS NULL OR NEW.until < OLD.until) OR (OLD.business_id, OLD.key, OLD.why, OLD.source, OLD.evidence_kind, OLD.evidence_ref, OLD.actor_id, OLD.at) IS DISTINCT FROM (NEW.business_id, NEW.key, NEW.why, NEW.source, NEW.evidence_kind, NEW.evidence_ref, NEW.actor_id, NEW.at))", func="RAISE EXCEPTION 'a stop stays as it is' USING ERRCODE = 'check_violation';", hash='bc084b717dc0d5c637b0d86ccf5552f851e71fe3', operation='UPDATE', pgid='pgtrigger_stop_stays_9d74e', table='contacts_stop', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stop',
            trigger=pgtrigger.compiler.Trigger(name='stop_before_claims', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    PERFORM pg_advisory_xact_lock(1398034256, hashtext(NEW.business_id || ':' || NEW.key) & 1023);\n                    IF NEW.lifted_at IS NOT NULL OR NEW.lifted_ref <> '' THEN\n                        RAISE EXCEPTION 'a stop begins as one' USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ", hash='1e1d2a0175668078598f8c94d6b939acc2160adc', operation='INSERT', pgid='pgtrigger_stop_before_claims_f0c75', table='contacts_stop', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stop',
            trigger=pgtrigger.compiler.Trigger(name='lifted_by_the_person', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.lifted_at IS NULL AND NEW.lifted_at IS NOT NULL)', func="\n    PERFORM 1 FROM public.campaigns_reply reply\n     WHERE reply.business_id = NEW.business_id AND reply.message_id = NEW.lifted_ref AND reply.kind = 'return'\n       AND (NEW.key = (CASE WHEN left(reply.person, 3) = '+55' AND length(reply.person) = 13 AND substr(reply.person, 6, 1) IN ('6', '7', '8', '9') THEN left(reply.person, 5) || '9' || substr(reply.person, 6) ELSE reply.person END) OR EXISTS (\n           SELECT 1 FROM public.wa_sessions_chat chat\n             JOIN public.wa_sessions_whatsappsession session ON session.id = chat.session_id\n            WHERE session.business_id = NEW.business_id\n              AND (chat.phone <> '' AND chat.phone = ANY(ARRAY[reply.phone, (CASE WHEN left(reply.phone, 3) = '+55' AND length(reply.phone) = 14 AND substr(reply.phone, 6, 1) = '9' THEN left(reply.phone, 5) || substr(reply.phone, 7) ELSE reply.phone END), (CASE WHEN left(reply.phone, 3) = '+55' AND length(reply.phone) = 13 AND substr(reply.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(reply.phone, 5) || '9' || substr(reply.phone, 6) ELSE reply.phone END)])\n                OR chat.lid <> '' AND reply.called = 'lid:' || chat.lid\n                OR chat.username <> '' AND reply.called = '@' || chat.username)\n              AND NEW.key IN ((CASE WHEN left(chat.phone, 3) = '+55' AND length(chat.phone) = 13 AND substr(chat.phone, 6, 1) IN ('6', '7', '8', '9') THEN left(chat.phone, 5) || '9' || substr(chat.phone, 6) ELSE chat.phone END), 'lid:' || chat.lid, '@' || chat.username)));\n    IF NOT FOUND THEN\n        RAISE EXCEPTION 'only the person lifts a stop' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;\n", hash='e39e5672df7977e796a1d30b08d2d5d648ef8d7e', operation='UPDATE', pgid='pgtrigger_lifted_by_the_person_a7b03', table='contacts_stop', when='BEFORE')),
        ),
    ] + [
        migrations.RunSQL(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, business_id)"
            f" REFERENCES {target} (id, business_id)",
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        )
        for table, name, column, target in KEYS
    ] + [migrations.RunSQL(SHARED_BUSINESSES, migrations.RunSQL.noop)]
