"""An outbox that lives for months: early receipts are rows, replies keep what they said before."""

import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

# As campaigns.0003_no_way_round_triggers: a migration with a trigger writes the function anew.
NOBODY = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS 'SELECT false'
"""


class Migration(migrations.Migration):

    # Replies are kept while the index is made.
    atomic = False

    dependencies = [
        ('accounts', '0004_no_unproven_phone'),
        ('campaigns', '0016_phone_of_who_agreed'),
        ('contacts', '0009_numbers_stay'),
        ('wa_sessions', '0009_chats_by_any_key'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
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
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_rule_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_rule_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='numberproof',
            name='proof_by_evidence',
        ),
        migrations.RemoveIndex(
            model_name='reply',
            name='reply_person',
        ),
        migrations.AddField(
            model_name='reply',
            name='called',
            field=models.CharField(blank=True, db_default='', default='', max_length=100, verbose_name='sem número, conhecida por'),
        ),
        migrations.AddField(
            model_name='reply',
            name='earlier',
            field=models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list, verbose_name='o que dizia antes'),
        ),
        migrations.AddField(
            model_name='reply',
            name='edited_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='editada em'),
        ),
        migrations.AlterField(
            model_name='reply',
            name='phone',
            field=models.CharField(blank=True, help_text='vazio: uma pessoa sem número', max_length=20, verbose_name='telefone'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='delivery',
            trigger=pgtrigger.compiler.Trigger(name='early_receipts', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.message_id <> '' AND NEW.message_id IS DISTINCT FROM OLD.message_id AND NEW.status IN ('uncertain', 'sent', 'delivered'))", declare='DECLARE early record; steps text[];', func="\n    steps := ARRAY['uncertain', 'sent', 'delivered', 'read'];\n    PERFORM pg_advisory_xact_lock(hashtextextended('receipt:' || NEW.session_id || ':' || NEW.message_id, 0));\n    FOR early IN\n        DELETE FROM public.campaigns_earlyreceipt e\n         WHERE e.session_id = NEW.session_id AND e.message_id = NEW.message_id\n     RETURNING e.tick, e.at\n    LOOP\n        IF array_position(steps, early.tick::text) > array_position(steps, NEW.status::text) THEN\n            NEW.status := early.tick;\n        END IF;\n        NEW.reason := '';\n        NEW.ended_at := NULL;\n        NEW.sent_at := coalesce(NEW.sent_at, early.at);\n        IF early.tick IN ('delivered', 'read') THEN\n            NEW.delivered_at := least(NEW.delivered_at, early.at);\n        END IF;\n        IF early.tick = 'read' THEN\n            NEW.read_at := least(NEW.read_at, early.at);\n        END IF;\n    END LOOP;\n    RETURN NEW;\n        ", hash='1639637bd12427ec4fe07658200e42e838feb7ac', operation='UPDATE OF "message_id"', pgid='pgtrigger_early_receipts_d6b50', table='campaigns_delivery', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='early_receipts', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.message_id <> '' AND NEW.message_id IS DISTINCT FROM OLD.message_id AND NEW.status IN ('uncertain', 'sent', 'delivered'))", declare='DECLARE early record; steps text[];', func="\n    steps := ARRAY['uncertain', 'sent', 'delivered', 'read'];\n    PERFORM pg_advisory_xact_lock(hashtextextended('receipt:' || NEW.session_id || ':' || NEW.message_id, 0));\n    FOR early IN\n        DELETE FROM public.campaigns_earlyreceipt e\n         WHERE e.session_id = NEW.session_id AND e.message_id = NEW.message_id\n     RETURNING e.tick, e.at\n    LOOP\n        IF array_position(steps, early.tick::text) > array_position(steps, NEW.status::text) THEN\n            NEW.status := early.tick;\n        END IF;\n        NEW.reason := '';\n        NEW.ended_at := NULL;\n        NEW.sent_at := coalesce(NEW.sent_at, early.at);\n        IF early.tick IN ('delivered', 'read') THEN\n            NEW.delivered_at := least(NEW.delivered_at, early.at);\n        END IF;\n        IF early.tick = 'read' THEN\n            NEW.read_at := least(NEW.read_at, early.at);\n        END IF;\n    END LOOP;\n    RETURN NEW;\n        ", hash='3adc8070c71a45fec49cab2b883447c0d9bdb668', operation='UPDATE OF "message_id"', pgid='pgtrigger_early_receipts_7ba4e', table='campaigns_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='numberproof',
            trigger=pgtrigger.compiler.Trigger(name='proof_by_evidence', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.proven_at IS NOT NULL)', func="\n            IF NOT EXISTS (\n                SELECT 1 FROM public.accounts_membership member\n                  JOIN public.wa_sessions_whatsappsession session ON session.business_id = member.business_id\n                 WHERE member.id = NEW.membership_id AND session.id = NEW.session_id)\n            OR NOT (CASE NEW.how\n                WHEN 'code' THEN NEW.asked_at > statement_timestamp() - interval '10 minutes' AND EXISTS (\n                    SELECT 1 FROM public.campaigns_notice n\n                     WHERE n.kind = 'number_code' AND n.cause = NEW.id::text AND n.phone = NEW.phone\n                       AND n.session_id = NEW.session_id AND n.pressed_at IS NOT NULL)\n                ELSE EXISTS (\n                    SELECT 1 FROM public.wa_sessions_chat chat\n                     WHERE chat.session_id = NEW.session_id AND chat.phone = NEW.phone AND chat.phone <> ''\n                       AND chat.warm_at IS NOT NULL)\n                END) THEN\n                RAISE EXCEPTION 'nothing proves this number' USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;\n", hash='76c76d9ef3f6df87ecc7351ccf07909f0d36c06f', operation='UPDATE', pgid='pgtrigger_proof_by_evidence_18f37', table='campaigns_numberproof', when='BEFORE')),
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
        migrations.AddField(
            model_name='reply',
            name='person',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(models.Q(('phone', ''), _negated=True), then='phone'), default='called'), output_field=models.CharField(max_length=100), verbose_name='pessoa'),
        ),
        AddIndexConcurrently(
            model_name='reply',
            index=models.Index(fields=['business', 'person', '-id'], name='reply_by_person'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_rule_insert', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE today timestamptz;', func="\n            NEW.queued_at := statement_timestamp();\n            today := date_trunc('day', statement_timestamp(), 'America/Sao_Paulo');\n            \n            IF NOT (CASE NEW.kind WHEN 'stop_confirmation' THEN EXISTS (\n        SELECT 1 FROM public.campaigns_reply reply\n         WHERE reply.session_id = NEW.session_id AND reply.message_id = NEW.cause\n           AND reply.phone = NEW.phone AND reply.kind = 'stop'\n           AND reply.at > statement_timestamp() - interval '8 days') WHEN 'return_confirmation' THEN EXISTS (\n        SELECT 1 FROM public.campaigns_reply reply\n         WHERE reply.session_id = NEW.session_id AND reply.message_id = NEW.cause\n           AND reply.phone = NEW.phone AND reply.kind = 'return'\n           AND reply.at > statement_timestamp() - interval '8 days') WHEN 'self_test' THEN EXISTS (\n        SELECT 1 FROM public.campaigns_numberproof proof\n          JOIN public.accounts_membership member ON member.id = proof.membership_id\n         WHERE member.user_id = NEW.asked_by_id AND member.business_id = NEW.business_id\n           AND proof.phone = NEW.phone AND proof.proven_at IS NOT NULL) WHEN 'number_code' THEN (EXISTS (\n        SELECT 1 FROM public.campaigns_numberproof proof\n          JOIN public.accounts_membership member ON member.id = proof.membership_id\n         WHERE proof.id::text = NEW.cause AND proof.how = 'code' AND proof.phone = NEW.phone\n           AND proof.session_id = NEW.session_id AND proof.proven_at IS NULL\n           AND proof.asked_at > statement_timestamp() - interval '10 minutes'\n           AND member.user_id = NEW.asked_by_id AND member.business_id = NEW.business_id)\n    AND NOT (EXISTS (\n        SELECT 1 FROM public.contacts_contact contact\n          JOIN public.contacts_subscription subscription ON subscription.contact_id = contact.id\n         WHERE contact.business_id = NEW.business_id AND contact.phone = NEW.phone\n           AND subscription.state = 'revoked')\n    OR EXISTS (\n        SELECT 1 FROM public.campaigns_reply reply\n         WHERE reply.business_id = NEW.business_id AND reply.kind = 'stop'\n           AND reply.person IN (NEW.phone, left(NEW.phone, 5) || substr(NEW.phone, 7))\n           AND NOT EXISTS (\n               SELECT 1 FROM public.campaigns_reply later\n                WHERE later.business_id = reply.business_id AND later.person = reply.person\n                  AND later.kind = 'return' AND later.id > reply.id)))) ELSE false END) THEN\n                RAISE EXCEPTION 'no % may go to this number now', NEW.kind\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            IF NEW.kind = 'self_test' THEN\n                PERFORM pg_advisory_xact_lock(hashtextextended('self_test:asked_by_id:' || NEW.asked_by_id::text, 0));\n                IF (SELECT count(*) FROM public.campaigns_notice n\n                     WHERE n.kind = 'self_test' AND n.asked_by_id = NEW.asked_by_id AND n.queued_at >= today) >= 10 THEN\n                    RAISE EXCEPTION 'no more than 10 % a day by asked_by_id', NEW.kind\n                        USING ERRCODE = 'check_violation';\n                END IF;\n            END IF;\n            IF NEW.kind = 'number_code' THEN\n                PERFORM pg_advisory_xact_lock(hashtextextended('number_code:asked_by_id:' || NEW.asked_by_id::text, 0));\n                IF (SELECT count(*) FROM public.campaigns_notice n\n                     WHERE n.kind = 'number_code' AND n.asked_by_id = NEW.asked_by_id AND n.queued_at >= today) >= 3 THEN\n                    RAISE EXCEPTION 'no more than 3 % a day by asked_by_id', NEW.kind\n                        USING ERRCODE = 'check_violation';\n                END IF;\n            END IF;\n            IF NEW.kind = 'number_code' THEN\n                PERFORM pg_advisory_xact_lock(hashtextextended('number_code:phone:' || NEW.phone::text, 0));\n                IF (SELECT count(*) FROM public.campaigns_notice n\n                     WHERE n.kind = 'number_code' AND n.phone = NEW.phone AND n.queued_at >= today) >= 1 THEN\n                    RAISE EXCEPTION 'no more than 1 % a day by phone', NEW.kind\n                        USING ERRCODE = 'check_violation';\n                END IF;\n            END IF;\n            IF NEW.kind = 'number_code' THEN\n                PERFORM pg_advisory_xact_lock(hashtextextended('number_code:session_id:' || NEW.session_id::text, 0));\n                IF (SELECT count(*) FROM public.campaigns_notice n\n                     WHERE n.kind = 'number_code' AND n.session_id = NEW.session_id AND n.queued_at >= today) >= 10 THEN\n                    RAISE EXCEPTION 'no more than 10 % a day by session_id', NEW.kind\n                        USING ERRCODE = 'check_violation';\n                END IF;\n            END IF;\n            RETURN NEW;\n        ", hash='3ea12c951f553d2604d907b57d786eb4c9ccb1b3', operation='INSERT', pgid='pgtrigger_notice_rule_insert_fa3e1', table='campaigns_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_rule_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.status = 'sending' AND OLD.status <> 'sending')", func="\n            IF NOT (CASE NEW.kind WHEN 'stop_confirmation' THEN EXISTS (\n        SELECT 1 FROM public.campaigns_reply reply\n         WHERE reply.session_id = NEW.session_id AND reply.message_id = NEW.cause\n           AND reply.phone = NEW.phone AND reply.kind = 'stop'\n           AND reply.at > statement_timestamp() - interval '8 days') WHEN 'return_confirmation' THEN EXISTS (\n        SELECT 1 FROM public.campaigns_reply reply\n         WHERE reply.session_id = NEW.session_id AND reply.message_id = NEW.cause\n           AND reply.phone = NEW.phone AND reply.kind = 'return'\n           AND reply.at > statement_timestamp() - interval '8 days') WHEN 'self_test' THEN EXISTS (\n        SELECT 1 FROM public.campaigns_numberproof proof\n          JOIN public.accounts_membership member ON member.id = proof.membership_id\n         WHERE member.user_id = NEW.asked_by_id AND member.business_id = NEW.business_id\n           AND proof.phone = NEW.phone AND proof.proven_at IS NOT NULL) WHEN 'number_code' THEN (EXISTS (\n        SELECT 1 FROM public.campaigns_numberproof proof\n          JOIN public.accounts_membership member ON member.id = proof.membership_id\n         WHERE proof.id::text = NEW.cause AND proof.how = 'code' AND proof.phone = NEW.phone\n           AND proof.session_id = NEW.session_id AND proof.proven_at IS NULL\n           AND proof.asked_at > statement_timestamp() - interval '10 minutes'\n           AND member.user_id = NEW.asked_by_id AND member.business_id = NEW.business_id)\n    AND NOT (EXISTS (\n        SELECT 1 FROM public.contacts_contact contact\n          JOIN public.contacts_subscription subscription ON subscription.contact_id = contact.id\n         WHERE contact.business_id = NEW.business_id AND contact.phone = NEW.phone\n           AND subscription.state = 'revoked')\n    OR EXISTS (\n        SELECT 1 FROM public.campaigns_reply reply\n         WHERE reply.business_id = NEW.business_id AND reply.kind = 'stop'\n           AND reply.person IN (NEW.phone, left(NEW.phone, 5) || substr(NEW.phone, 7))\n           AND NOT EXISTS (\n               SELECT 1 FROM public.campaigns_reply later\n                WHERE later.business_id = reply.business_id AND later.person = reply.person\n                  AND later.kind = 'return' AND later.id > reply.id)))) ELSE false END) THEN\n                RAISE EXCEPTION 'no % may go to this number now', NEW.kind\n                    USING ERRCODE = 'check_violation';\n            END IF;\n            RETURN NEW;", hash='210bb59025afaffce7652054809f847e3fba3151', operation='UPDATE', pgid='pgtrigger_notice_rule_update_31402', table='campaigns_notice', when='BEFORE')),
        ),
        migrations.RunSQL(NOBODY, migrations.RunSQL.noop),
    ]
