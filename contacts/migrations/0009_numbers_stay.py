"""A number never changes under its consents: a corrected one is another contact (docs/decisions/0026)."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    # Rows are written while the index is made.
    atomic = False

    dependencies = [
        ('accounts', '0004_no_unproven_phone'),
        ('contacts', '0008_import_draft'),
    ]

    operations = [
        migrations.AddField(
            model_name='contact',
            name='replaced_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='replaced', to='contacts.contact', verbose_name='número corrigido para'),
        ),
        migrations.RunSQL(
            'ALTER TABLE contacts_contact ADD CONSTRAINT contact_replaced_business'
            ' FOREIGN KEY (replaced_by_id, business_id) REFERENCES contacts_contact (id, business_id)',
            'ALTER TABLE contacts_contact DROP CONSTRAINT contact_replaced_business',
        ),
        migrations.AlterField(
            model_name='consent',
            name='source',
            field=models.CharField(choices=[('paper', 'ficha em papel'), ('form', 'formulário na internet'), ('counter', 'no balcão, por escrito'), ('whatsapp', 'mensagem no WhatsApp'), ('phone', 'ligação gravada'), ('contract', 'contrato ou cadastro'), ('member', 'anotado pela equipe'), ('number', 'número corrigido')], max_length=10, verbose_name='por onde'),
        ),
        migrations.AlterField(
            model_name='import',
            name='source',
            field=models.CharField(blank=True, choices=[('paper', 'ficha em papel'), ('form', 'formulário na internet'), ('counter', 'no balcão, por escrito'), ('whatsapp', 'mensagem no WhatsApp'), ('phone', 'ligação gravada'), ('contract', 'contrato ou cadastro'), ('member', 'anotado pela equipe'), ('number', 'número corrigido')], max_length=10, verbose_name='origem'),
        ),
        AddIndexConcurrently(
            model_name='contact',
            index=models.Index(condition=models.Q(('replaced_by__isnull', False)), fields=['business', 'replaced_by'], name='contact_replaced'),
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
    ]
