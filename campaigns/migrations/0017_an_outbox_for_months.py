"""An outbox that lives for months: early receipts are rows."""

import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# As campaigns.0003_no_way_round_triggers: a migration with a trigger writes the function anew.
NOBODY = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS 'SELECT false'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0016_phone_of_who_agreed'),
    ]

    operations = [
        migrations.CreateModel(
            name='EarlyReceipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('session_id', models.BigIntegerField(verbose_name='conexão')),
                ('message_id', models.CharField(max_length=80, verbose_name='id no WhatsApp')),
                ('tick', models.CharField(choices=[('sent', 'enviado'), ('delivered', 'entregue'), ('read', 'lido')], max_length=9, verbose_name='situação')),
                ('at', models.DateTimeField(verbose_name='quando')),
                ('kept_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='guardado em')),
            ],
            options={
                'verbose_name': 'confirmação adiantada',
                'verbose_name_plural': 'confirmações adiantadas',
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='early_receipts', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.message_id <> '' AND NEW.message_id IS DISTINCT FROM OLD.message_id AND NEW.status IN ('uncertain', 'sent', 'delivered'))", declare='DECLARE early record; steps text[];', func="\n    steps := ARRAY['uncertain', 'sent', 'delivered', 'read'];\n    PERFORM pg_advisory_xact_lock(hashtextextended('receipt:' || NEW.session_id || ':' || NEW.message_id, 0));\n    FOR early IN\n        DELETE FROM public.campaigns_earlyreceipt e\n         WHERE e.session_id = NEW.session_id AND e.message_id = NEW.message_id\n     RETURNING e.tick, e.at\n    LOOP\n        IF array_position(steps, early.tick::text) > array_position(steps, NEW.status::text) THEN\n            NEW.status := early.tick;\n        END IF;\n        NEW.reason := '';\n        NEW.ended_at := NULL;\n        NEW.sent_at := coalesce(NEW.sent_at, early.at);\n        IF early.tick IN ('delivered', 'read') THEN\n            NEW.delivered_at := least(NEW.delivered_at, early.at);\n        END IF;\n        IF early.tick = 'read' THEN\n            NEW.read_at := least(NEW.read_at, early.at);\n        END IF;\n    END LOOP;\n    RETURN NEW;\n        ", hash='1639637bd12427ec4fe07658200e42e838feb7ac', operation='UPDATE OF "message_id"', pgid='pgtrigger_early_receipts_d6b50', table='campaigns_delivery', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='early_receipts', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.message_id <> '' AND NEW.message_id IS DISTINCT FROM OLD.message_id AND NEW.status IN ('uncertain', 'sent', 'delivered'))", declare='DECLARE early record; steps text[];', func="\n    steps := ARRAY['uncertain', 'sent', 'delivered', 'read'];\n    PERFORM pg_advisory_xact_lock(hashtextextended('receipt:' || NEW.session_id || ':' || NEW.message_id, 0));\n    FOR early IN\n        DELETE FROM public.campaigns_earlyreceipt e\n         WHERE e.session_id = NEW.session_id AND e.message_id = NEW.message_id\n     RETURNING e.tick, e.at\n    LOOP\n        IF array_position(steps, early.tick::text) > array_position(steps, NEW.status::text) THEN\n            NEW.status := early.tick;\n        END IF;\n        NEW.reason := '';\n        NEW.ended_at := NULL;\n        NEW.sent_at := coalesce(NEW.sent_at, early.at);\n        IF early.tick IN ('delivered', 'read') THEN\n            NEW.delivered_at := least(NEW.delivered_at, early.at);\n        END IF;\n        IF early.tick = 'read' THEN\n            NEW.read_at := least(NEW.read_at, early.at);\n        END IF;\n    END LOOP;\n    RETURN NEW;\n        ", hash='3adc8070c71a45fec49cab2b883447c0d9bdb668', operation='UPDATE OF "message_id"', pgid='pgtrigger_early_receipts_7ba4e', table='campaigns_notice', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='earlyreceipt',
            index=models.Index(fields=['kept_at'], name='early_receipt_kept'),
        ),
        migrations.AddConstraint(
            model_name='earlyreceipt',
            constraint=models.UniqueConstraint(fields=('session_id', 'message_id', 'tick'), name='early_receipt_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='earlyreceipt',
            trigger=pgtrigger.compiler.Trigger(name='applied_or_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    PERFORM pg_advisory_xact_lock(hashtextextended('receipt:' || NEW.session_id || ':' || NEW.message_id, 0));\n    UPDATE public.campaigns_delivery t\n       SET status = NEW.tick, reason = '', ended_at = NULL,\n           sent_at = coalesce(t.sent_at, NEW.at),\n           delivered_at = CASE WHEN NEW.tick IN ('delivered', 'read')\n                          THEN coalesce(t.delivered_at, NEW.at) ELSE t.delivered_at END,\n           read_at = CASE WHEN NEW.tick = 'read' THEN coalesce(t.read_at, NEW.at) ELSE t.read_at END\n     WHERE t.session_id = NEW.session_id AND t.message_id = NEW.message_id AND t.message_id <> ''\n       AND t.status IN ('uncertain', 'sent', 'delivered')\n       AND array_position(ARRAY['uncertain', 'sent', 'delivered', 'read'], t.status::text)\n         < array_position(ARRAY['uncertain', 'sent', 'delivered', 'read'], NEW.tick::text);\n    UPDATE public.campaigns_notice t\n       SET status = NEW.tick, reason = '', ended_at = NULL,\n           sent_at = coalesce(t.sent_at, NEW.at),\n           delivered_at = CASE WHEN NEW.tick IN ('delivered', 'read')\n                          THEN coalesce(t.delivered_at, NEW.at) ELSE t.delivered_at END,\n           read_at = CASE WHEN NEW.tick = 'read' THEN coalesce(t.read_at, NEW.at) ELSE t.read_at END\n     WHERE t.session_id = NEW.session_id AND t.message_id = NEW.message_id AND t.message_id <> ''\n       AND t.status IN ('uncertain', 'sent', 'delivered')\n       AND array_position(ARRAY['uncertain', 'sent', 'delivered', 'read'], t.status::text)\n         < array_position(ARRAY['uncertain', 'sent', 'delivered', 'read'], NEW.tick::text);\n    IF NEW.message_id = '' OR EXISTS (SELECT 1 FROM public.campaigns_delivery t\n             WHERE t.session_id = NEW.session_id AND t.message_id = NEW.message_id\n               AND t.message_id <> '') OR EXISTS (SELECT 1 FROM public.campaigns_notice t\n             WHERE t.session_id = NEW.session_id AND t.message_id = NEW.message_id\n               AND t.message_id <> '') THEN\n        RETURN NULL;\n    END IF;\n    IF NOT (EXISTS (SELECT 1 FROM public.campaigns_delivery t\n             WHERE t.session_id = NEW.session_id AND t.status IN ('sending', 'uncertain')\n               AND t.pressed_at > statement_timestamp() - interval '1 day') OR EXISTS (SELECT 1 FROM public.campaigns_notice t\n             WHERE t.session_id = NEW.session_id AND t.status IN ('sending', 'uncertain')\n               AND t.pressed_at > statement_timestamp() - interval '1 day')) THEN\n        RETURN NULL;\n    END IF;\n    DELETE FROM public.campaigns_earlyreceipt WHERE id IN (\n        SELECT id FROM public.campaigns_earlyreceipt\n         WHERE kept_at < statement_timestamp() - interval '1 day'\n         ORDER BY kept_at LIMIT 10 FOR UPDATE SKIP LOCKED);\n    RETURN NEW;\n        ", hash='d90c327d2bf66b93e99ca42eba30cfb5280dbde4', operation='INSERT', pgid='pgtrigger_applied_or_kept_81b8d', table='campaigns_earlyreceipt', when='BEFORE')),
        ),
        migrations.RunSQL(NOBODY, migrations.RunSQL.noop),
    ]
